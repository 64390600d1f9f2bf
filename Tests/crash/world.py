"""The small house that every series begins with: accounts, a plan, an employer with posts, radiation workers and declarations. Made once through
the program itself and copied."""

import json
import os

from served import PASSWORD, ROOT, Client

COUNTY = "330402"
ACCOUNTS = (
    ("admin", "system"), ("security", "security"), ("audit", "audit"),
    ("officer", "officer", "--division", COUNTY, "--functions", "health", "--manager"),
    ("head", "officer", "--division", COUNTY, "--functions", "health"),
)


def make(program):
    """Fills an empty database. What the clients need to know of it: ids, sessions, tokens."""
    for name, role, *more in ACCOUNTS:
        must(program.run("user", "add", name, "--role", role, *more, given=PASSWORD + "\n", shim=False))
    must(program.run("plan", "add", os.path.join(ROOT, "Data/plans/330400.yaml"), shim=False))
    program.start()
    if not program.ready():
        raise AssertionError("the server does not start")
    world = {}
    for name in ("officer", "head"):
        client = Client(program.port).sign_in(name)
        world[name] = {"session": client.session, "csrf": client.csrf, "token": client.token()}
    officer = Client(program.port, bearer=world["officer"]["token"])

    def add(kind, **values):
        status, _, answer = officer.json("POST", f"/api/records/{kind}", {"values": values})
        if status != 201:
            raise AssertionError(f"{kind}: {status} {answer}")
        return answer["id"]

    world["employer"] = add(
        "employer", name="断电试验厂", division=COUNTY, industry="C3071", hazards="1", since="2015-01-01", headcount="80")
    world["worker"] = add("worker", name="试验工", phone="13800005555")
    world["dosed"] = []
    for number in range(8):
        worker = add("worker", name=f"放射{number}")
        world["dosed"].append(add("radiation_worker", worker=worker, employer=world["employer"], **{"from": "2016-01-01"}))
    for name, role, more in (("firm", "organisation", ("--organisation", world["employer"])),):
        must(program.run("user", "add", name, "--role", role, *more, given=PASSWORD + "\n", shim=False))
    firm = Client(program.port).sign_in("firm")
    world["firm"] = {"session": firm.session, "csrf": firm.csrf, "token": firm.token()}
    program.stop()
    return world


def must(done):
    status, text = done
    if status != 0:
        raise AssertionError(text)


def save(world, path):
    with open(path, "w", encoding="utf-8") as file:
        json.dump(world, file)


def read(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)
