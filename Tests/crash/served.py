"""The program as a process that can be killed at any instant, and a client that speaks to it and knows when it got no answer."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import time
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
PASSWORD = "werkstatt-am-see-7"


class NoAnswer(Exception):
    """The request was sent, or may have been; nobody knows what became of it."""


class TurnedAway(Exception):
    """The server said that it could not do it now: nothing of it is there."""


def _words():
    with open(os.path.join(ROOT, "Sources/Web/Words/zh.yaml"), encoding="utf-8") as zh, open(os.path.join(ROOT, "Sources/Web/Words/en.yaml"), encoding="utf-8") as en:
        lines = [line for file in (zh, en) for line in file]
    found = [re.match(r'refusal\.((?:database|disk|commit)\.[a-z-]+): "?([^"\n]+)', line) for line in lines]
    return {match.group(2): match.group(1) for match in found if match}


WORDS = _words()


def told(status, text):
    """What an answer of 503 or 507 says that stopped it, by its code and in words; any other fault of the server is one."""
    text = text.decode(errors="replace")
    codes = {code for words, code in WORDS.items() if words in text}
    named = re.search(r"urn:zhifang:refusal:([a-z.-]+)", text)
    if status not in (503, 507) or len(codes) != 1 or (named and named.group(1) not in codes):
        raise AssertionError(f"the server answered {status}: {text[:200]}")
    if codes == {"commit.unknown"}:
        raise NoAnswer("commit.unknown")
    raise TurnedAway(codes.pop())


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def clean_environment(more=None):
    """The environment without the developer's own configuration."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ZHIFANG_")}
    return kept | (more or {})


class Program:
    """`zhifang` over one database."""

    def __init__(self, binary, place, environment=None, log=None):
        """`place` is the options that say where database, keys and heads are; `environment` e.g. loads the shim."""
        self.binary, self.place, self.environment, self.log = binary, place, environment or {}, log
        self.process, self.port = None, None

    def begin(self, *command, stdin=None):
        """Starts a command; its output goes to the log."""
        out = open(self.log, "ab") if self.log else subprocess.DEVNULL
        settings, options = self.place
        process = subprocess.Popen(
            [self.binary, *command, *options], cwd=ROOT, env=clean_environment(settings | self.environment), stdin=stdin, stdout=out, stderr=out)
        if self.log:
            out.close()
        return process

    def run(self, *command, given="", shim=True):
        """Runs a command to its end: (status, what it printed)."""
        settings, options = self.place
        done = subprocess.run(
            [self.binary, *command, *options], cwd=ROOT, env=clean_environment(settings | (self.environment if shim else {})), input=given, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300)
        return done.returncode, done.stdout

    def start(self):
        """Starts the server without waiting for it."""
        self.port = free_port()
        self.process = self.begin("serve", "--port", str(self.port))

    def ready(self, seconds=120):
        """Waits until the server answers. False where it ended instead."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self.process.poll() is not None:
                return False
            try:
                client = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
                client.request("GET", "/sign-in")
                client.getresponse().read()
                client.close()
                return True
            except OSError:
                time.sleep(0.005)
            except http.client.HTTPException:
                time.sleep(0.005)
        return False

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        """As an operator stops it: requests under way are finished."""
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self.kill()


class Client:
    """One connection; a lost one is `NoAnswer`."""

    def __init__(self, port, bearer=None, session=None, csrf=None, source=None, timeout=90):
        self.port, self.bearer, self.session, self.csrf, self.source, self.timeout = port, bearer, session, csrf, source, timeout
        self.connection = None

    def ask(self, method, path, body=None, headers=None):
        """(status, headers, text of the answer)"""
        headers = dict(headers or {})
        if self.bearer:
            headers["Authorization"] = "Bearer " + self.bearer
        if self.session:
            headers["Cookie"] = "session=" + self.session
        if self.source:
            headers["X-Forwarded-For"] = self.source
            headers["Accept-Language"] = "en" if sum(self.source.encode()) % 2 else "zh-CN"
        try:
            if self.connection is None:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
            self.connection.request(method, path, body, headers)
            answer = self.connection.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise NoAnswer(f"{method} {path}: {error!r}") from None
        if answer.status >= 500:
            if "Retry-After" not in answer.headers:
                raise AssertionError(f"{answer.status} for {method} {path} does not say when to come back")
            told(answer.status, text)
        return answer.status, answer.headers, text

    def close(self):
        if self.connection:
            self.connection.close()
            self.connection = None

    def json(self, method, path, value=None, headers=None):
        body = None if value is None else json.dumps(value, ensure_ascii=False).encode()
        status, heads, text = self.ask(method, path, body, {"Content-Type": "application/json", "Accept": "application/json"} | (headers or {}))
        return status, heads, json.loads(text) if text else None

    def form(self, path, fields, headers=None):
        fields = fields | ({"csrf": self.csrf} if self.csrf else {})
        return self.ask("POST", path, urllib.parse.urlencode(fields).encode(), {"Content-Type": "application/x-www-form-urlencoded"} | (headers or {}))

    def upload(self, path, fields, name, content, headers=None):
        """A form with a file, as a browser sends it."""
        edge = "zf" + os.urandom(12).hex()
        parts = [f'--{edge}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode() for key, value in (fields | {"csrf": self.csrf}).items()]
        parts.append(f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: application/octet-stream\r\n\r\n'.encode())
        return self.ask("POST", path, b"".join(parts) + content + f"\r\n--{edge}--\r\n".encode(), {"Content-Type": f"multipart/form-data; boundary={edge}"} | (headers or {}))

    def sign_in(self, name):
        status, headers, _ = self.form("/sign-in", {"name": name, "password": PASSWORD})
        if status != 303:
            raise AssertionError(f"{name} cannot sign in: {status}")
        self.session = re.search(r"session=([^;]+)", " ".join(headers.get_all("Set-Cookie"))).group(1)
        self.csrf = re.search(r'name="csrf" value="([^"]+)"', self.ask("GET", "/account/tokens")[2].decode()).group(1)
        return self

    def token(self):
        """A token for a machine that may write."""
        page = self.form("/account/tokens", {"name": "crash", "days": "2", "may_write": "1"})[2].decode()
        return re.search(r"zf_[A-Za-z0-9_-]+", page).group(0)

