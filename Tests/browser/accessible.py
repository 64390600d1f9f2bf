"""Every page that somebody can come to, held against the rules of an accessibility checker (axe) at both widths; what can be done with a
mouse is done with the keyboard. The pages are found by walking the links (crawl.py): each route once, for the first who reaches it, and the
pages that differ from person to person for everybody.

Environment: ZHIFANG_BINARY, ZHIFANG_DATABASE (a demonstration database; best after chain.py, which leaves a case and its papers).
"""

import os
import time

from axe_core_python.selenium import Axe
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

import crawl
import reader as readers
from prepare import prepare
from reader import Reader, Served, check

ROLES = [
    None, "officer330402", "officer330400", "workshop", "tester", "employer", "workshop-worker", "citizen", "security", "audit", "admin",
    "head330402", "department330402",
]
# Pages that are another's for everybody.
EACH = {"/", "/account", "/records", "/duties", "/accounts"}
# Pages that are the same for everybody.
PUBLIC = ("/lookup", "/calculate", "/catalog", "/public/plans", "/register")
# GET routes with a page to which no link leads, and why.
NO_LINK = {
    "/setup": "only before there are administrators",
    "/sign-in/code": "between the password and the code of a second factor",
    "/invitation/:token": "by a link handed over",
    "/register/:token": "by a link handed over",
    "/messages/confirm/:token": "by a link in a mail",
    "/verify/:id/:document/:code": "by the QR code on paper",
}


# Pages of papers that a case leaves behind: looked at where the database has them, named in the output where it has none.
PAPERS = {"/cases/:id/proposal", "/credit-notices/:id", "/decisions/:id", "/listings/:id", "/orders/:id", "/public/decisions/:id"}
# Beginnings that only somebody in the middle of something comes to.
STARTS = {"workshop": ["/declare/summary"]}


def faults(axe, reader):
    """The serious and critical faults that the checker finds on the page, its folded parts open."""
    # A folded part has a place in the layout but is not painted: the checker would compare its words with what is painted there.
    reader.driver.execute_script("document.querySelectorAll('details').forEach((part) => { part.open = true; })")
    found = axe.run(reader.driver, options={"resultTypes": ["violations"]})["violations"]
    return [f"{fault['id']}: {node['html'][:200]} {node.get('any') and node['any'][0].get('message', '') or ''}" for fault in found if fault["impact"] in ("serious", "critical") for node in fault["nodes"]]


def plan(base):
    """For each role the pages that are looked at as that role, and what no link came to."""
    taken, plans, broken = set(), [], []
    for role in ROLES:
        walker = crawl.Walker(base, role)
        pages, wrong = crawl.crawl(walker, ["/"] + STARTS.get(role, []), PUBLIC) if role else crawl.crawl(walker, ("/public", "/sign-in", "/lookup"))
        mine = []
        for own, path in pages.items():
            if path and (own not in taken or own[0] in EACH):
                mine.append((own[0], path))
            taken.add(own)
        plans.append((role, mine))
        broken += [f"{role}: {path} ({why})" for path, why in wrong]
    return plans, {own[0] for own in taken}, broken


def can_fail(axe, base):
    """The checker finds what is put in on purpose."""
    reader = Reader(base, 1440, 1000, "public")
    try:
        reader.go("/sign-in?lang=zh")
        check(not faults(axe, reader), "the sign-in page is without fault")
        reader.driver.execute_script("document.querySelector('main').insertAdjacentHTML('beforeend', '<p class=pale>pale</p><input name=nameless>'); document.querySelector('.pale').style.color = '#ddd'")
        found = " ".join(faults(axe, reader))
        check("color-contrast" in found and "label" in found, f"a pale word and a field without a name are found: {found}")
    finally:
        reader.driver.quit()


def pages(base):
    axe = Axe()
    can_fail(axe, base)
    plans, reached, broken = plan(base)
    check(not broken, f"links that lead to a closed door: {broken[:12]}")
    missing = [path for path in crawl.routes() if path not in reached and path not in NO_LINK and not crawl.is_file(path)]
    lacking = [path for path in missing if path in PAPERS]
    if lacking:
        print(f"accessible: not looked at for want of records: {', '.join(lacking)}")
    missing = [path for path in missing if path not in PAPERS]
    check(not missing, f"pages to which no link leads: {missing}")
    wrong, count = [], 0
    for width, height in ((1440, 1000), (390, 844)):
        for role, mine in plans:
            reader = Reader(base, width, height, role or "public")
            try:
                if role:
                    reader.sign_in(role)
                # Chinese at a desk and English on a phone: every page in both.
                language = "en" if width == 390 else "zh"
                for route, path in mine:
                    try:
                        reader.go(path + ("&" if "?" in path else "?") + "lang=" + language)
                    except AssertionError as failure:
                        wrong.append(str(failure))
                        continue
                    count += 1
                    # Forms made from the same parts are checked by the checker once, all of them for their width.
                    if route in crawl.OWN_PAGE_EACH and width == 1440:
                        continue
                    wrong += [f"{path} as {role} at {width} px: {fault}" for fault in faults(axe, reader)]
            finally:
                reader.driver.quit()
    check(not wrong, f"{len(wrong)} faults:\n  " + "\n  ".join(wrong))
    return count


# Without a mouse


class Keyboard:
    """A reader who has only a keyboard."""

    def __init__(self, reader):
        self.reader, self.driver = reader, reader.driver

    def active(self):
        return self.driver.switch_to.active_element

    def press(self, *keys):
        self.active().send_keys(*keys)

    def tab_to(self, wanted, most=400):
        """Goes on with the tab key until the focus is on what is wanted; where it stands must always show."""
        for _ in range(most):
            self.press(Keys.TAB)
            at = self.active()
            if at.tag_name not in ("body", "html"):
                shows = self.driver.execute_script(
                    "const e = arguments[0], s = getComputedStyle(e), b = e.getBoundingClientRect();"
                    "return (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0 || s.boxShadow !== 'none') && b.width > 0 && b.bottom > 0 && b.top < innerHeight", at)
                check(shows, f"nothing shows where the keyboard stands: {at.get_attribute('outerHTML')[:200]} on {self.driver.current_url}")
            if wanted(at):
                return at
        raise AssertionError(f"not reached with the keyboard on {self.driver.current_url}")

    def to_name(self, name):
        return self.tab_to(lambda at: at.get_attribute("name") == name)

    def wait(self, condition):
        WebDriverWait(self.driver, 15).until(condition)


def by_keyboard(base, width, height):
    """Signs in, passes over the frame, finds the first duty, fills in and sends a form, keeps a file, without a mouse."""
    reader = Reader(base, width, height, "keyboard")
    keys, driver = Keyboard(reader), reader.driver
    try:
        reader.go("/sign-in?lang=zh")
        keys.to_name("name").send_keys("officer330402")
        keys.to_name("password").send_keys(readers.PASSWORD, Keys.ENTER)
        keys.wait(lambda _: "/sign-in" not in driver.current_url)
        # The first stop of every page leads over the frame to its matter.
        reader.go("/")
        keys.press(Keys.TAB)
        check("skip" in (keys.active().get_attribute("class") or "") and keys.active().is_displayed(), "the first stop is the way over the frame")
        keys.press(Keys.ENTER)
        keys.press(Keys.TAB)
        check(driver.execute_script("return document.querySelector('main').contains(document.activeElement)"), "behind it one stands in the page")
        # Every way of the first page can be reached, and the first duty opened.
        wanted = {link.get_attribute("href") for link in reader.all("main a[href]") if link.is_displayed()}
        reader.go("/")
        reached = set()

        def gathers(at):
            if at.tag_name == "a":
                reached.add(at.get_attribute("href"))
            return wanted <= reached

        keys.tab_to(gathers)
        reader.go("/")
        duty = keys.tab_to(lambda at: "/duty?" in (at.get_attribute("href") or ""))
        address = duty.get_attribute("href")
        duty.send_keys(Keys.ENTER)
        keys.wait(lambda _: driver.current_url == address)
        # A form of every sort of field, filled in and sent; what is wrong is said where the keyboard then stands.
        reader.go("/records/complaint/new?lang=zh")
        keys.tab_to(lambda at: at.tag_name == "button" and "main" in (at.get_attribute("class") or ""))
        keys.press(Keys.ENTER)
        keys.wait(lambda _: reader.all(".notice.bad"))
        check(driver.execute_script("return document.activeElement.matches('.notice.bad')"), "what is wrong is where the keyboard stands")
        reader.whole("!a form without anything")
        reader.go("/public/complaints/new?lang=zh")
        fields = driver.execute_script("return [...document.querySelectorAll('#form-complaint [name]')].filter((e) => e.required || e.getAttribute('aria-required')).map((e) => [e.name, e.tagName, e.type])")
        check(fields, "the complaint form says what it must have")
        keys.to_name("division").send_keys(Keys.ARROW_DOWN)
        keys.to_name("topics").send_keys(Keys.SPACE)
        fields = [each for each in fields if each[0] not in ("division", "topics")]
        for name, tag, kind in fields:
            at = keys.to_name(name)
            if tag == "SELECT":
                at.send_keys(Keys.ARROW_DOWN)
            elif kind == "date":
                at.send_keys("20260101")
            elif kind in ("checkbox", "radio"):
                at.send_keys(Keys.SPACE)
            else:
                at.send_keys("只用键盘写的投诉内容，车间没有通风。")
        keys.tab_to(lambda at: at.get_attribute("id") == "do-complaint")
        keys.press(Keys.ENTER)
        keys.wait(lambda _: driver.find_elements("css selector", ".keep, .notice.bad"))
        check(reader.all(".keep"), "the complaint is taken: " + reader.text()[:600])
        # A file is chosen by the field that the keyboard stands on.
        reader.go("/import?lang=zh")
        check(keys.to_name("file").get_attribute("type") == "file", "the file field has a stop")
        # What unfolds, unfolds.
        reader.go("/calculate/shift")
        folded = keys.tab_to(lambda at: at.tag_name == "summary")
        folded.send_keys(Keys.ENTER)
        check(folded.find_element("xpath", "..").get_attribute("open"), "a folded part opens")
        folded.send_keys(Keys.ENTER)
        check(not folded.find_element("xpath", "..").get_attribute("open"), "and shuts")
        # Out again.
        button = keys.tab_to(lambda at: at.tag_name == "button" and "/sign-out" in (at.find_element("xpath", "..").get_attribute("action") or ""))
        button.send_keys(Keys.ENTER)
        keys.wait(lambda _: not reader.all(".person"))
    finally:
        driver.quit()


def main():
    with Served(os.environ["ZHIFANG_BINARY"], os.environ["ZHIFANG_DATABASE"]) as served:
        start = time.time()
        prepare(served.base)
        count = pages(served.base)
        by_keyboard(served.base, 1440, 1000)
        by_keyboard(served.base, 390, 844)
        check(served.process.poll() is None, "the server is still up")
    return f"{count} pages, {time.time() - start:.0f} s"


if __name__ == "__main__":
    readers.told("accessible", main)
