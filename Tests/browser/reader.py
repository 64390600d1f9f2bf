"""A browser window as a reader uses it, with the checks that hold for every page. Shared by walk.py and chain.py.

Environment: ZHIFANG_SCREENSHOTS (a folder for pictures; none if unset).
"""

import os
import socket
import subprocess
import sys
import time
import urllib.request

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

PICTURES = os.environ.get("ZHIFANG_SCREENSHOTS")
PASSWORD = "zhifang-demo"
passed = 0


def check(condition, words):
    """One statement that must hold; the walk ends at the first that does not."""
    global passed
    if not condition:
        raise AssertionError(words)
    passed += 1


def told(name, play):
    """Runs a program of checks and tells how it ended: as its last line, and by its exit code. `play` may return words of its own."""
    try:
        words = play()
    except AssertionError as failure:
        print(f"{name}: {passed} passed, 1 failed: {failure}")
        sys.exit(1)
    print(f"{name}: {words + ', ' if words else ''}{passed} passed, 0 failed")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Served:
    """The program over a database, on a free port of the loopback, for the length of a `with`."""

    def __init__(self, binary, database, more=(), port=None):
        self.binary, self.database, self.more, self.port = binary, database, list(more), port or free_port()
        self.base = f"http://127.0.0.1:{self.port}"

    def __enter__(self):
        command = [self.binary, "serve", "--database", self.database, "--port", str(self.port)] + self.more
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(600):
            try:
                urllib.request.urlopen(self.base + "/sign-in", timeout=1).read()
                break
            except OSError:
                time.sleep(0.1)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=10)


class Reader:
    """One browser window."""

    def __init__(self, base, width, height, name=""):
        options = Options()
        for flag in ("--lang=zh-CN", "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--force-device-scale-factor=1", f"--window-size={width},{height}"):
            options.add_argument(flag)
        if width < 500:
            options.add_experimental_option("mobileEmulation", {"deviceMetrics": {"width": width, "height": height, "pixelRatio": 1.0}})
        options.add_experimental_option("prefs", {"intl.accept_languages": "zh-CN,zh"})
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
        self.base, self.width, self.name = base, width, name

    def go(self, path):
        self.driver.get(path if path.startswith("http") else self.base + path)
        self.whole(path)

    def whole(self, where):
        """What every page must be: no sideways scrolling, no word key left unprinted, no complaint of the browser."""
        body = self.driver.find_element(By.TAG_NAME, "body").text
        check("[[" not in body and "{{" not in body, f"{where}: unprinted words: {body[:200]}")
        for stem in ("reason.", "verdict.", "refusal.", "operator.", "subject.verdict"):
            check(f" {stem}" not in " " + body, f"{where}: a key without words begins with {stem}")
        # Not the window's own width: on a phone that grows with what does not fit.
        wide = self.driver.execute_script("return Math.max(document.documentElement.scrollWidth, window.innerWidth)") - self.width
        check(wide <= 1, f"{where} at {self.width} px scrolls sideways by {wide} px")
        errors = [entry for entry in self.driver.get_log("browser") if entry["level"] == "SEVERE" and "favicon" not in entry["message"]]
        expected = "status of 4" if where.startswith("!") else None
        errors = [entry for entry in errors if not (expected and expected in entry["message"])]
        check(not errors, f"{where}: the browser complains: {errors[:2]}")
        check("演示数据" in body, f"{where}: does not say that it is demonstration data")

    def picture(self, name):
        if not PICTURES:
            return
        os.makedirs(PICTURES, exist_ok=True)
        height = self.driver.execute_script("return document.documentElement.scrollHeight")
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": self.width, "height": min(height, 6000), "deviceScaleFactor": 1, "mobile": self.width < 500})
        self.driver.save_screenshot(os.path.join(PICTURES, f"{name}-{self.width}.png"))
        self.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})

    def text(self):
        return self.driver.find_element(By.TAG_NAME, "body").text

    def main(self):
        """What the page itself says, without what stands on every page."""
        return self.driver.find_element(By.ID, "main").text if self.all("#main") else self.text()

    def sign_in(self, name):
        self.go("/sign-in")
        self.driver.find_element(By.NAME, "name").send_keys(name)
        self.driver.find_element(By.NAME, "password").send_keys(PASSWORD)
        self.driver.find_element(By.CSS_SELECTOR, "form.stack button").click()
        WebDriverWait(self.driver, 10).until(lambda driver: "/sign-in" not in driver.current_url)

    # What a reader does with a page

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector):
        found = self.all(selector)
        check(found, f"{self.name}: nothing at {selector} on {self.driver.current_url}: {self.text()[:600]}")
        return found[0]

    def fill(self, where, **values):
        """Fills fields of the form at a selector by name. A list ticks boxes; names may be given with `.` as `__`."""
        form = self.one(where)
        for name, value in values.items():
            name = name.replace("__", ".")
            fields = form.find_elements(By.NAME, name)
            check(fields, f"{self.name}: {where} on {self.driver.current_url} has no field {name}")
            kind = fields[0].get_attribute("type")
            if kind in ("radio", "checkbox"):
                wanted = value if isinstance(value, list) else [value]
                offered = [field.get_attribute("value") for field in fields]
                check(set(wanted) <= set(offered), f"{self.name}: {name} offers {offered}, not {wanted}")
                for field in fields:
                    if (field.get_attribute("value") in wanted) != field.is_selected() and (kind == "checkbox" or field.get_attribute("value") in wanted):
                        self.driver.execute_script("arguments[0].click()", field)
            elif fields[0].tag_name == "select":
                options = fields[0].find_elements(By.TAG_NAME, "option")
                if isinstance(value, list):
                    found = self.driver.execute_script(
                        "return [...arguments[0].options].filter((each) => (each.selected = arguments[1].includes(each.value))).length", fields[0], value)
                    check(found == len(value), f"{self.name}: {name} does not offer all of {value}")
                    continue
                chosen = [option for option in options if option.get_attribute("value") == value]
                chosen = chosen or [option for option in options if value in option.get_attribute("textContent")]
                check(chosen, f"{self.name}: {name} offers {[option.get_attribute('textContent') for option in options][:30]}, not {value}")
                self.driver.execute_script("arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('change', {bubbles: true}))", fields[0], chosen[0].get_attribute("value"))
            else:
                self.driver.execute_script("arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('input', {bubbles: true}))", fields[0], value)

    def press(self, selector, where=None):
        """Presses a button or follows a link, waits for the page behind it and looks at it."""
        button = self.one(selector)
        page = self.driver.find_element(By.TAG_NAME, "html")
        self.driver.execute_script("for (let at = arguments[0]; at; at = at.parentElement) if (at.tagName === 'DETAILS') at.open = true; arguments[0].click()", button)

        def left(_):
            try:
                page.is_enabled()
                return False
            except StaleElementReferenceException:
                return True

        WebDriverWait(self.driver, 20).until(left)
        WebDriverWait(self.driver, 20).until(lambda driver: driver.execute_script("return document.readyState") == "complete")
        self.whole(where or selector)

    def sees(self, *words):
        text = self.text()
        for word in words:
            check(word in text, f"{self.name}: {self.driver.current_url} does not say “{word}”: {self.main()[:1500]}")

    def sees_not(self, *words):
        text = self.text()
        for word in words:
            check(word not in text, f"{self.name}: {self.driver.current_url} says “{word}”")

    def asks(self, path):
        """What an address answers, without going there: status and where it led."""
        script = "const done = arguments[arguments.length - 1]; fetch(arguments[0]).then((answer) => done([answer.status, answer.url])).catch((error) => done([0, String(error)]));"
        answer = self.driver.execute_async_script(script, path)
        # A refusal is what was asked for, not a complaint of the browser.
        self.driver.get_log("browser")
        return answer

    def fetch(self, path):
        """What the reader's browser gets from an address: status, type and bytes."""
        script = """
            const done = arguments[arguments.length - 1];
            fetch(arguments[0]).then(async (answer) => {
                const bytes = new Uint8Array(await answer.arrayBuffer());
                let text = ''; for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
                done([answer.status, answer.headers.get('content-type') || '', btoa(text)]);
            }).catch((error) => done([0, String(error), '']));
        """
        status, kind, data = self.driver.execute_async_script(script, path)
        import base64

        return status, kind, base64.b64decode(data)
