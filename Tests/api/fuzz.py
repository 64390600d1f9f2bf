"""The OpenAPI document, fuzzed with schemathesis as an officer of a county, as an employer, each with a machine's token that may write, and as
nobody: whatever is sent, nothing answers with a fault of the server.

Environment: ZHIFANG_BINARY (the program), ZHIFANG_DATABASE (a demonstration database that may be changed), ZHIFANG_FUZZ_EXAMPLES (cases an
operation; 4 unless told), ZHIFANG_FUZZ_SEED, ZHIFANG_FUZZ_SECONDS (for each of the three; 40 unless told).
"""

import http.cookiejar
import json
import os
import re
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "browser"))
from reader import PASSWORD, Served  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))


def token(base, name):
    """A token for machines that may write, made as a person makes it: on the page of the account."""
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    opener.open(base + "/sign-in", urllib.parse.urlencode({"name": name, "password": PASSWORD}).encode()).read()
    page = opener.open(base + "/account/tokens").read().decode()
    form = {"csrf": re.search(r'name="csrf" value="([^"]+)"', page).group(1), "name": "fuzz", "days": "1", "may_write": "1"}
    page = opener.open(base + "/account/tokens", urllib.parse.urlencode(form).encode()).read().decode()
    return re.search(r"zf_[A-Za-z0-9_-]+", page).group(0)


def asked(base, path, bearer):
    request = urllib.request.Request(base + path, headers={"Authorization": "Bearer " + bearer, "Accept": "application/json"})
    return json.load(urllib.request.urlopen(request))


def known(base, bearer):
    """Addresses that exist: a record of each kind that the person sees, so that not every operation ends at “no such record”."""
    ids = {}
    for path in asked(base, "/api/openapi.json", bearer)["paths"]:
        match = re.fullmatch(r"/api/records/([a-z_]+)", path)
        if match:
            try:
                text = json.dumps(asked(base, path + "?limit=1", bearer))
            except urllib.error.HTTPError:
                continue
            found = re.search(r'"id": "([^"]+)"', text)
            if found:
                ids[match.group(1)] = found.group(1)
    return ids


def fuzz(base, who, bearer, ids):
    """One run. Whether it found no fault, and what the operations answered."""
    scripts = os.path.dirname(sys.executable)
    with tempfile.TemporaryDirectory() as folder:
        answers = os.path.join(folder, "answers")
        command = [
            os.path.join(scripts, "schemathesis"), "run", base + "/api/openapi.json", "--checks", "not_a_server_error",
            "--max-examples", os.environ.get("ZHIFANG_FUZZ_EXAMPLES", "4"), "--phases", "fuzzing", "--seed", os.environ.get("ZHIFANG_FUZZ_SEED", "20261121"),
            "--generation-with-security-parameters", "false", "--max-time", os.environ.get("ZHIFANG_FUZZ_SECONDS", "40"), "--no-color", "--workers", "2",
            "--warnings", "off", "--suppress-health-check", "all",
        ]
        environment = dict(
            os.environ, SCHEMATHESIS_HOOKS="fuzz_hooks", PYTHONPATH=HERE, FUZZ_BEARER=bearer, FUZZ_ANSWERS=answers, FUZZ_IDS=json.dumps(ids))
        result = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment)
        met = {}
        if os.path.exists(answers):
            with open(answers, encoding="utf-8") as file:
                for line in file:
                    operation, status = line.rstrip("\n").rsplit("\t", 1)
                    met.setdefault(operation, []).append(int(status))
    classes = {digit: sum(any(status // 100 == digit for status in all_) for all_ in met.values()) for digit in (2, 4, 5)}
    calls = sum(map(len, met.values()))
    print(f"fuzz as {who}: {len(met)} operations, {calls} calls; operations that met 2xx: {classes[2]}, 4xx: {classes[4]}, 5xx: {classes[5]}")
    refused = sum(status in (401, 403) for all_ in met.values() for status in all_)
    ok = classes[5] == 0 and calls > 0 and "ERRORS" not in result.stdout
    if bearer and classes[2] == 0:
        print("  not one operation was let in: the token does not work")
        ok = False
    if bearer:
        print(f"  refused at the door (401, 403): {refused}")
    if not ok:
        print("\n".join(result.stdout.splitlines()[-60:]), result.stderr[-2000:])
        for operation, all_ in met.items():
            if any(status >= 500 for status in all_):
                print("  a fault of the server:", operation)
    return ok


def main():
    ok = True
    with Served(os.environ["ZHIFANG_BINARY"], os.environ["ZHIFANG_DATABASE"]) as served:
        for who, name in (("an officer", "officer330402"), ("an employer", "workshop"), ("nobody", None)):
            bearer = token(served.base, name) if name else ""
            ok = fuzz(served.base, who, bearer, known(served.base, bearer) if bearer else {}) and ok
            if served.process.poll() is not None:
                print("fuzz: the server is gone")
                return 1
        ok = urllib.request.urlopen(served.base + "/sign-in").status == 200 and ok
    print("fuzz: no fault of the server" if ok else "fuzz: FAILED")
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
