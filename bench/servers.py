"""Ours and the peers as servers on the loopback, watched as the process trees that they are; and wrk, which asks them."""
import http.client
import http.cookiejar
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request

from harness import HERE, Watch, cpu_seconds, fail, tree

PASSWORD = "zhifang-demo"
PEERS = os.path.join(HERE, "peers")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A program that listens on a port of its own for the length of a `with`."""

    def __init__(self, command, path, environment=None, folder=None, log=None):
        """`command` has `{port}` where the port belongs; `path` answers with anything below 500 once the program is ready."""
        self.port = free_port()
        self.command = [part.replace("{port}", str(self.port)) for part in command]
        self.path, self.environment, self.folder, self.log = path, environment or {}, folder, log
        self.base = f"http://127.0.0.1:{self.port}"

    def __enter__(self):
        out = open(self.log, "ab") if self.log else subprocess.DEVNULL
        start = time.perf_counter()
        self.process = subprocess.Popen(
            self.command, stdout=out, stderr=out, stdin=subprocess.DEVNULL, env=os.environ | self.environment, cwd=self.folder,
            start_new_session=True)
        while not self._answers():
            if self.process.poll() is not None or time.perf_counter() - start > 60:
                self.__exit__()
                fail(f"did not start: {' '.join(self.command)}" + (f" (see {self.log})" if self.log else ""))
            time.sleep(0.002)
        self.start_seconds = time.perf_counter() - start
        return self

    def _answers(self):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
            connection.request("GET", self.path)
            isReady = connection.getresponse().status < 500
            connection.close()
            return isReady
        except OSError:
            return False

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            for pid in tree(self.process.pid):
                os.kill(pid, signal.SIGKILL)
            self.process.wait()

    def watch(self):
        return Watch(self.process.pid)

    def settle(self, most=120):
        """Waits until the server has done what it does after its start (ours verifies its audit and goes its round of reminders)."""
        end = time.perf_counter() + most
        while time.perf_counter() < end:
            before = cpu_seconds(tree(self.process.pid))
            time.sleep(1)
            if cpu_seconds(tree(self.process.pid)) - before < 0.03:
                return self
        fail(f"not at rest after {most} s: {' '.join(self.command)}")

    def answer(self, path, body=None, headers=None, method=None):
        """The parsed answer to one request."""
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, headers or {}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=120) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            fail(f"{self.base}{path} answered {error.code}: {error.read()[:400].decode('utf-8', 'replace')}")


class Ours(Server):
    """`zhifang serve` over a database, with machine tokens and sessions got as people get them."""

    def __init__(self, asked, database, log=None):
        super().__init__(
            [asked.binary, "serve", "--database", database, "--port", "{port}", "--data", asked.data, "--log-level", "error"], "/sign-in", log=log)

    def sign_in(self, name):
        """An opener with the session, and the session's cookie."""
        jar = http.cookiejar.CookieJar()
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
        opener.open(self.base + "/sign-in", urllib.parse.urlencode({"name": name, "password": PASSWORD}).encode()).read()
        cookie = next((f"session={cookie.value}" for cookie in jar if cookie.name == "session"), None)
        return opener, cookie or fail(f"{name} could not sign in")

    def session(self, name):
        """The cookie and the token of forms of a session."""
        opener, cookie = self.sign_in(name)
        page = opener.open(self.base + "/account/tokens").read().decode()
        return cookie, re.search(r'name="csrf" value="([^"]+)"', page).group(1)

    def bearer(self, name):
        """The header of a machine's token that may write."""
        opener, _ = self.sign_in(name)
        page = opener.open(self.base + "/account/tokens").read().decode()
        form = {"csrf": re.search(r'name="csrf" value="([^"]+)"', page).group(1), "name": "bench", "days": "1", "may_write": "1"}
        page = opener.open(self.base + "/account/tokens", urllib.parse.urlencode(form).encode()).read().decode()
        return {"Authorization": "Bearer " + re.search(r"zf_[A-Za-z0-9_-]+", page).group(0)}


def fastapi(database, environment=None, log=None):
    """FastAPI on uvicorn, a worker per core."""
    return Server(
        [sys.executable, "-m", "uvicorn", "site_fastapi:app", "--host", "127.0.0.1", "--port", "{port}", "--workers", str(os.cpu_count()),
         "--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "error"],
        "/ready", {"PEER_DATABASE": database} | (environment or {}), PEERS, log)


def django(database, environment=None, log=None):
    """Django on gunicorn, a worker per core, threads so that connections are kept."""
    return Server(
        [sys.executable, "-m", "gunicorn", "site_django:application", "--bind", "127.0.0.1:{port}", "--workers", str(os.cpu_count()),
         "--worker-class", "gthread", "--threads", "4", "--keep-alive", "75", "--log-level", "error"],
        "/ready", {"PEER_DATABASE": database} | (environment or {}), PEERS, log)


def raw(method, path, headers=None, body=None):
    """A request on one line, as ask.lua takes it."""
    data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    head = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"] + [f"{name}: {value}" for name, value in (headers or {}).items()]
    if body is not None:
        head += ["Content-Type: application/json", f"Content-Length: {len(data)}"]
    return ("\1".join(head + ["", ""])).encode() + data.replace(b"\n", b"\2")


def wrk(server, requests, connections, seconds, folder, threads=2):
    """Requests a second, p50 and p99 in milliseconds, CPU milliseconds of the server a request, its memory. Requests go round in turn; any
    answer of 400 or more, or none, ends the benchmark."""
    listed = os.path.join(folder, "requests.txt")
    with open(listed, "wb") as file:
        file.write(b"\n".join(requests) + b"\n")
    command = [
        "wrk", f"-t{threads}", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--timeout", "120s", "-s", os.path.join(HERE, "ask.lua"), server.base, "--", listed]
    with server.watch() as watch:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        fail(f"{' '.join(command)}: {done.stdout}{done.stderr}")
    answer = json.loads(done.stdout.splitlines()[-1])
    if answer["wrong"]:
        fail(f"{answer['wrong']} wrong answers of {answer['requests']} from {' '.join(server.command)}")
    if not answer["requests"]:
        # Not one answer in a round: it is asked for longer.
        return wrk(server, requests, connections, seconds * 4, folder, threads)
    return {
        "per_second": answer["requests"] / answer["seconds"], "p50": answer["p50"], "p99": answer["p99"], "requests": answer["requests"],
        "cpu_ms": watch.cpu_seconds * 1000 / answer["requests"], "peak_mb": watch.peak_mb}


