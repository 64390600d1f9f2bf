"""What the demonstration lacks for its pages to have something on them, made through the pages themselves: a draft, an import, a complaint,
a draw, a frozen evaluation, an invitation, a registration, a declaration begun. Shared by accessible.py, both.py and pictures.py."""

import datetime
import os
import tempfile

from reader import Reader, check

PLAN = "JX-2018-2020"


def prepare(base):
    for name, work in (("officer330402", county), ("officer330400", city), ("workshop", employer), (None, public)):
        reader = Reader(base, 1440, 1000, name or "public")
        try:
            if name:
                reader.sign_in(name)
            work(reader)
        finally:
            reader.driver.quit()


def county(reader):
    # A draft.
    reader.go("/records/employer/new?lang=zh")
    reader.fill("form.sheet", name="还没写完的单位")
    reader.press("button[name=draft]")
    # An import that refuses a row.
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "employers.csv")
        with open(path, "w", encoding="utf-8") as file:
            file.write("编号,单位名称,县区代码,存在职业病危害,开业日期,行业（GB/T 4754）\nLOOK-1,导入的工厂,330402,是,2015-01-01,C3071\nLOOK-2,坏行,999999,是,2015-01-01,C3071\n")
        reader.go("/import")
        reader.fill("form.sheet", kind="employer")
        reader.one("input[type=file]").send_keys(path)
        reader.press("form.sheet button.main")
    # A draw of inspections, lists and rules sealed.
    reader.go("/public/draws")
    if not reader.all("#draws a"):
        reader.go("/draws/new")
        soon, later = ((datetime.date.today() + datetime.timedelta(days=days)).isoformat() for days in (30, 90))
        form = "#draw-commit"
        quotas = {field.get_attribute("name").replace(".", "__"): str(min(3, int(field.get_attribute("max")))) for field in reader.all("input[name^='quota.']")}
        check(quotas, "the registry has what can be drawn")
        reader.fill(
            form, title="南湖区一季度双随机抽查", due=later, source="福利彩票双色球当期开奖号码", url="https://www.cwl.gov.cn/", expected_day=soon,
            expected_time="21:30", **quotas)
        reader.press(form + " button[name=go]", "!draw")
        check("/draws/" in reader.driver.current_url, f"the draw is sealed: {reader.text()[-900:]}")


def city(reader):
    reader.go(f"/plans/{PLAN}/evaluations?lang=zh")
    form = "form[action$='/evaluations']"
    if not reader.all("table.records a"):
        reader.fill(form, name="2020年中期评估", day="2020-06-30")
        reader.press(form + " button.main")


def employer(reader):
    reader.go("/declare?lang=zh")
    begin = reader.all("form[action='/declare/drafts'] button")
    if begin:
        reader.press("form[action='/declare/drafts'] button")


def public(reader):
    # A complaint, and somebody who registers an employer.
    reader.go("/public/complaints/new?lang=zh")
    form = "#form-complaint form"
    reader.fill(form, division="330402", topics=["hazard"], against="南湖区某家具厂", text="打磨车间没有吸尘装置，粉尘很大，没有发口罩。")
    reader.press(form + " button.main")
    check(reader.all(".keep"), "the complaint is taken: " + reader.text()[:600])
    reader.go("/register")
    password = "werkstatt-am-see-7"
    reader.fill(
        "#form-register", credit_code="91330402MA2WA1K15E", name="南湖区新登记木器厂", division="330402", contact="王登记", phone="13800005555",
        password=password, again=password)
    # Whoever asked before is told so.
    reader.press("#form-register button.main", "!registered")
