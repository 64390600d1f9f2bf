"""The OpenAPI document, fuzzed with schemathesis as an officer of a county: whatever is sent, nothing answers with a fault of the server.

Environment: ZHIFANG_BINARY (the program), ZHIFANG_DATABASE (a demonstration database that may be changed), ZHIFANG_FUZZ_EXAMPLES (cases an
operation; 4 unless told), ZHIFANG_FUZZ_SEED.
"""

import http.cookiejar
import os
import re
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "browser"))
from reader import PASSWORD, Served  # noqa: E402


def sign_in(base, name):
    """The session's cookie and the token of its forms."""
    jar = http.cookiejar.CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    form = urllib.parse.urlencode({"name": name, "password": PASSWORD}).encode()
    opener.open(base + "/sign-in", form).read()
    page = opener.open(base + "/records/employer/new").read().decode()
    token = re.search(r'name="csrf" value="([^"]+)"', page).group(1)
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar), token


def main():
    with Served(os.environ["ZHIFANG_BINARY"], os.environ["ZHIFANG_DATABASE"]) as served:
        cookie, token = sign_in(served.base, "officer450204")
        scripts = os.path.dirname(sys.executable)
        command = [
            os.path.join(scripts, "schemathesis"), "run", served.base + "/api/openapi.json", "--header", f"Cookie: {cookie}", "--header", f"X-CSRF-Token: {token}",
            "--checks", "not_a_server_error", "--max-examples", os.environ.get("ZHIFANG_FUZZ_EXAMPLES", "4"), "--phases", "fuzzing",
            "--seed", os.environ.get("ZHIFANG_FUZZ_SEED", "20261121"), "--no-color", "--workers", "2",
        ]
        with tempfile.TemporaryDirectory() as folder:
            result = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        lines = result.stdout.splitlines()
        print("\n".join(lines[-30:]))
        if served.process.poll() is not None:
            print("fuzz: the server is gone")
            return 1
        health = urllib.request.urlopen(served.base + "/sign-in").status
        if result.returncode != 0 or health != 200:
            print(result.stderr[-2000:])
            return 1
    print("fuzz: no fault of the server")
    return 0


if __name__ == "__main__":
    sys.exit(main())
