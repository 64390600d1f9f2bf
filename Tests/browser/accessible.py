"""Every page held against the rules of an accessibility checker (axe), as each role and at both widths; what can be done with a mouse is
reached with the keyboard; both languages are complete.

Environment: ZHIFANG_BINARY, ZHIFANG_DATABASE (a demonstration database), ZHIFANG_SCREENSHOTS.
"""

import os
import re
import sys

from axe_core_python.selenium import Axe
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

import reader as readers
from reader import Reader, Served, check

# Roles and the pages that each of them works with; `*` stands for the first link of that beginning on the page before.
PAGES = {
    None: ["/sign-in", "/public", "/public/draws", "/public/decisions", "/public/blacklist", "/public/complaints/new", "/public/complaints/query", "/audit/heads", "/register", "/lookup", "/calculate/shift"],
    "officer330402": ["/", "/duties", "/plans", "/records", "/records/declaration", "/records/declaration?state=submitted", "/records/employer/new", "/inspect", "/inspect/new", "/cases", "/complaints", "/draws/new", "/messages", "/messages/settings", "/drafts", "/account", "/import", "/claims"],
    "officer330400": ["/", "/plans/JX-2018-2020", "/plans/JX-2018-2020/evaluations", "/plans/JX-2018-2020/chase"],
    "workshop": ["/", "/declare", "/duties", "/messages", "/records/test_commission/new", "/account"],
    "tester": ["/", "/records/test_report/new", "/records/test_commission"],
    "worker": ["/", "/account"],
    "security": ["/", "/accounts", "/accounts/invite"],
    "audit": ["/audit"],
    "admin": ["/", "/plans"],
}


def serious(axe, reader, path):
    """The serious and critical faults that the checker finds on the page."""
    # What sticks to the edge of the window covers, until one scrolls, what lies below it: not a matter of colours.
    reader.driver.execute_script("document.querySelectorAll('*').forEach((e) => { if (['sticky', 'fixed'].includes(getComputedStyle(e).position)) e.style.setProperty('position', 'static', 'important'); })")
    found = axe.run(reader.driver, options={"resultTypes": ["violations"]})["violations"]
    faults = [f"{fault['id']}: {node['html'][:160]}" for fault in found if fault["impact"] in ("serious", "critical") for node in fault["nodes"]]
    check(not faults, f"{path} at {reader.width} px: {len(faults)} faults:\n  " + "\n  ".join(faults[:6]))


def by_keyboard(reader):
    """Signs in and finds the first duty without a mouse."""
    reader.go("/sign-in?lang=zh")
    for _ in range(40):
        if reader.driver.switch_to.active_element.get_attribute("name") == "name":
            break
        reader.driver.switch_to.active_element.send_keys(Keys.TAB)
    reader.driver.switch_to.active_element.send_keys("workshop", Keys.TAB)
    for _ in range(5):
        if reader.driver.switch_to.active_element.get_attribute("name") == "password":
            break
        reader.driver.switch_to.active_element.send_keys(Keys.TAB)
    reader.driver.switch_to.active_element.send_keys(readers.PASSWORD, Keys.ENTER)
    WebDriverWait(reader.driver, 10).until(lambda driver: "/sign-in" not in driver.current_url)
    reader.go("/")
    reached, wanted = set(), {link.get_attribute("href") for link in reader.all("main a[href]") if link.is_displayed()}
    for _ in range(400):
        reader.driver.switch_to.active_element.send_keys(Keys.TAB)
        active = reader.driver.switch_to.active_element
        if active.tag_name == "a":
            reached.add(active.get_attribute("href"))
            outline = reader.driver.execute_script("const s = getComputedStyle(arguments[0]); return s.outlineStyle + ' ' + s.boxShadow + ' ' + s.textDecorationLine", active)
            check(outline != "none none none", f"nothing shows where the keyboard stands: {active.get_attribute('href')}")
        if wanted <= reached:
            break
    check(wanted <= reached, f"not reached with the keyboard: {sorted(wanted - reached)[:5]}")


def main():
    axe = Axe()
    with Served(os.environ["ZHIFANG_BINARY"], os.environ["ZHIFANG_DATABASE"]) as served:
        for name, paths in PAGES.items():
            for width, height in ((1440, 1000), (390, 844)):
                reader = Reader(served.base, width, height, name or "public")
                try:
                    if name:
                        reader.sign_in(name)
                    for path in paths:
                        reader.go(path + ("&" if "?" in path else "?") + "lang=zh")
                        serious(axe, reader, path)
                        reader.picture(f"{name or 'public'}{re.sub('[^a-z0-9]+', '-', path)}")
                finally:
                    reader.driver.quit()
        reader = Reader(served.base, 1440, 1000, "workshop")
        try:
            by_keyboard(reader)
        finally:
            reader.driver.quit()
        check(served.process.poll() is None, "the server is still up")
    print(f"accessible: {readers.passed} passed, 0 failed")


if __name__ == "__main__":
    try:
        main()
    except AssertionError as failure:
        print(f"accessible: {readers.passed} passed, 1 failed: {failure}")
        sys.exit(1)
