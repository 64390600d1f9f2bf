"""The site in a real browser: from the board to a name, in both languages, at desk and at phone width, and an import by page.

Environment: ZHIFANG_BINARY (the program), ZHIFANG_DATABASE (a demonstration database that may be changed),
ZHIFANG_SCREENSHOTS (a folder for pictures; none if unset). Starts the server itself on a free port.
"""

import os
import subprocess
import tempfile
import time

from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

import reader as readers
from reader import Reader, Served, check

BINARY = os.environ["ZHIFANG_BINARY"]
DATABASE = os.environ["ZHIFANG_DATABASE"]


def walk(base):
    for width, height in ((1440, 1000), (390, 844)):
        reader = Reader(base, width, height)
        try:
            reader.go("/plans")
            check("/sign-in" in reader.driver.current_url, "a stranger sees no plans")
            reader.picture("sign-in")
            reader.sign_in("officer330400")
            reader.go("/")
            check("本单位待办" in reader.text() and "逾期最多的单位" in reader.text(), "an officer begins with what the office owes")
            reader.picture("home-officer")
            reader.go("/messages")
            reader.picture("messages")
            reader.go("/messages/settings")
            reader.picture("message-settings")
            reader.go("/plans")
            reader.picture("plans")
            for plan in ("JX-2018-2020", "LN-2021-2025"):
                reader.go(f"/plans/{plan}")
                reader.picture(f"board-{plan[:2]}")
            # From the board to a name.
            reader.go("/plans/JX-2018-2020?as_of=2020-12-31")
            check("JX-IND-01" in reader.text() and "JX-IND-23" in reader.text(), "the board shows every indicator")
            link = reader.driver.find_element(By.CSS_SELECTOR, 'a[href*="/JX-IND-01"]')
            reader.driver.get(link.get_attribute("href"))
            reader.whole("indicator")
            check("as_of=2020-12-31" in reader.driver.current_url, "the day goes along")
            reader.picture("indicator")
            name = reader.driver.find_element(By.CSS_SELECTOR, 'a[href^="/employers/"]')
            title = name.text
            reader.driver.get(name.get_attribute("href"))
            reader.whole("employer")
            check(title in reader.text(), "the employer's file is of the one that the list named")
            reader.picture("employer")
            for path, picture in (
                ("/plans/JX-2018-2020/document", "plan"), ("/plans/JX-2018-2020/evaluations", "evaluations"), ("/duties", "duties"), ("/records", "records"),
                ("/records/employer", "employers"), ("/records/employer/new", "form"), ("/import", "import"), ("/plans/JX-2018-2020/chase", "chase"),
                ("/plans/JX-2018-2020/report?as_of=2020-12-31", "report"),
            ):
                reader.go(path)
                reader.picture(picture)
            reader.go("/records/worker")
            worker = reader.driver.find_elements(By.CSS_SELECTOR, 'a[href^="/workers/"], a[href^="/record/"]')
            check(worker, "workers are listed")
            reader.driver.get(worker[0].get_attribute("href").replace("/record/", "/workers/"))
            reader.whole("worker")
            reader.picture("worker")
            # Another language, the same page.
            reader.go("/plans/JX-2018-2020?as_of=2020-12-31&lang=en")
            check("Hazard-project declaration rate" in reader.text(), "the board speaks English")
            reader.picture("board-en")
            reader.driver.get(base + "/plans/JX-2018-2020/NO-SUCH")
            reader.whole("!missing")
            check("404" in reader.text() or "indicator" in reader.text().lower(), "a missing indicator is said to be missing")
            reader.picture("missing")
            reader.go("/plans?lang=zh")
        finally:
            reader.driver.quit()


def public(base):
    """Look-up, calculators and the data check, as a stranger sees them; a result by its address; the same on the command line."""
    for width, height in ((1440, 1000), (390, 844)):
        reader = Reader(base, width, height)
        try:
            reader.go("/lookup?lang=zh")
            reader.picture("lookup")
            field = reader.driver.find_element(By.CSS_SELECTOR, 'input[name="q"]')
            field.send_keys("jiaquan")
            reader.driver.find_element(By.CSS_SELECTOR, "form.seek button").click()
            WebDriverWait(reader.driver, 10).until(lambda driver: "q=jiaquan" in driver.current_url)
            reader.whole("search by pinyin")
            check("甲醛" in reader.text(), "pinyin finds formaldehyde")
            reader.driver.find_element(By.LINK_TEXT, "甲醛").click()
            WebDriverWait(reader.driver, 10).until(lambda driver: "/lookup/limit/149" in driver.current_url)
            reader.whole("a limit")
            check("0.5" in reader.text() and "50-00-0" in reader.text(), "the limit of formaldehyde")
            for path, picture in (
                ("/lookup/limit/12", "limit"), ("/lookup/factor/B028", "factor"), ("/lookup/disease/D001", "disease"),
                ("/lookup/examination/2025/5.1", "examination"), ("/lookup?kind=factor", "factors"), ("/lookup?kind=examination&lang=en", "examinations-en"),
                ("/lookup?q=benzene&lang=en", "lookup-en"), ("/catalog/check?lang=zh", "data-check"),
            ):
                reader.go(path)
                reader.picture(picture)
            reader.driver.get(base + "/lookup?q=71-43-3")
            reader.whole("!wrong check digit")
            check("71-43-3" in reader.text() and "校验位" in reader.text(), "a wrong check digit is said beside the field")
            # Every calculator answers its own example, and its address alone gives the same again.
            reader.go("/calculate/shift")
            addresses = [link.get_attribute("href") for link in reader.driver.find_elements(By.CSS_SELECTOR, ".calcs a")]
            check(len(addresses) >= 30, "the calculators are listed")
            for address in addresses:
                name = address.rsplit("/", 1)[1].split("?")[0]
                reader.driver.get(address)
                reader.whole(name)
                reader.driver.find_element(By.CSS_SELECTOR, '.titlebar .tools a').click()
                WebDriverWait(reader.driver, 10).until(lambda driver: driver.find_elements(By.CSS_SELECTOR, ".outcome"))
                reader.whole(name + " answered")
                check(reader.driver.find_elements(By.CSS_SELECTOR, ".outcome .working li"), f"{name} shows its working")
                if name in ("shift", "statistics", "grade-chemical", "dose", "biological", "employer-class", "class-label"):
                    reader.picture("calculate-" + name)
            # 甲 is the lowest risk in one scheme and the highest hazard in the other, and the page says both.
            reader.go("/calculate/class-label?go=1&class=甲&lang=zh")
            figures = [figure.text for figure in reader.driver.find_elements(By.CSS_SELECTOR, ".figures dt")]
            check(len(figures) == 2 and figures[0].endswith("风险最低") and figures[1].endswith("高危"), "甲 by scheme: " + "; ".join(figures))
            reader.driver.get(base + "/calculate/shift?go=1&factor=foo&minutes=-3&concentration=x")
            reader.whole("!a bad calculation")
            check(len(reader.driver.find_elements(By.CSS_SELECTOR, ".calc .error")) == 3, "each flaw stands beside its field")
            reader.picture("calculate-bad")
        finally:
            reader.driver.quit()
    shown = subprocess.run([BINARY, "limit", "苯"], capture_output=True, text=True)
    check(shown.returncode == 0 and "71-43-2" in shown.stdout and "PC-TWA 3" in shown.stdout, "the command line knows benzene")
    meant = subprocess.run([BINARY, "limit", "甲全"], capture_output=True, text=True)
    check(meant.returncode == 1 and "甲醛" in meant.stderr, "the command line suggests what was meant")


def upload(base):
    """Ten employers with hazards and six declarations through the page: four names stay."""
    reader = Reader(base, 1440, 1000)
    try:
        reader.sign_in("officer450204")
        with tempfile.TemporaryDirectory() as folder:
            employers = os.path.join(folder, "employers.csv")
            with open(employers, "w", encoding="utf-8") as file:
                file.write("编号,单位名称,县区代码,存在职业病危害,开业日期,行业（GB/T 4754）\n")
                for number in range(10):
                    file.write(f"WALK-{number},走查工厂{number},450204,是,2015-01-01,C3071\n")
                file.write("WALK-X,坏行,999999,是,2015-01-01,C3071\n")
            reader.go("/import")
            select = reader.driver.find_element(By.NAME, "kind")
            for option in select.find_elements(By.TAG_NAME, "option"):
                if option.get_attribute("value") == "employer":
                    option.click()
            dry = reader.driver.find_elements(By.NAME, "dryRun")
            if dry and dry[0].is_selected():
                dry[0].click()
            reader.driver.find_element(By.NAME, "file").send_keys(employers)
            reader.driver.find_element(By.CSS_SELECTOR, "main form button").click()
            WebDriverWait(reader.driver, 20).until(lambda driver: "走查工厂" in driver.page_source or "999999" in driver.page_source or "receipt" in driver.page_source)
            time.sleep(1.5)
            reader.driver.refresh()
            reader.whole("receipt")
            check("999999" in reader.text(), "the bad row is named with its value")
            reader.picture("receipt")
        reader.go("/records/employer?q=走查工厂")
        check(reader.text().count("走查工厂") >= 10, "the ten good rows are stored")
        check("坏行" not in reader.text(), "the bad row is not")
    finally:
        reader.driver.quit()


def main():
    with Served(BINARY, DATABASE) as served:
        walk(served.base)
        public(served.base)
        upload(served.base)
        check(served.process.poll() is None, "the server is still up")


if __name__ == "__main__":
    readers.told("browser", main)
