"""Reads, single writes and the sensitive view over HTTP: ours with access control, versions, duties, figures and audit; FastAPI and Django without.

The peers get what ours answers, field by field, in tables of their own (peers/store.py). Before anything is measured, each peer's answer to
every request is compared with ours after parsing.
"""
import contextlib
import json
import os
import random
import shutil
import sqlite3
import sys

from harness import Goal, Section, fail, in_turn, load, paired, say, table
from servers import PEERS, Ours, django, fastapi, raw, wrk

sys.path.append(PEERS)
import store  # noqa: E402

OFFICER, SCOPE, PLAN, YEAR = "officer330400", "3304", "JX-2018-2020", 2019
KINDS = ["employer", "inspection", "test_report", "worker"]
OPEN, SEALED = "test_report", "worker"
NAMES = ["FastAPI, uvicorn", "Django, gunicorn"]


def demonstration(asked):
    """A demonstration database, made once a run."""
    path = os.path.join(asked.folder, "demo.sqlite")
    if not os.path.exists(path):
        say("demonstration data")
        asked.ours("demo", "--scale", str(asked.size("demo_scale", 1.0, 1.0)), database=path, quiet=True)
        # The first reminders of a database with years of duties are work of minutes that a server else does behind its first requests.
        asked.ours("remind", database=path, quiet=True)
    return path


def copied(path, to):
    """A database with its key ring, as files of another name."""
    for end in ("", "-wal", ".keys", ".heads"):
        if os.path.exists(path + end):
            shutil.copyfile(path + end, to + end)
        elif os.path.exists(to + end):
            os.remove(to + end)
    return to


def month_ends(year):
    return [f"{year}-{month:02}-{last}" for month, last in enumerate((31, 28 + (year % 4 == 0), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31), 1)]


class Export:
    """What ours answers about some kinds and a plan, and the peers' database made of it."""

    def __init__(self, ours, bearer, officers):
        self.items = {kind: {} for kind in KINDS}
        for kind in KINDS:
            after = ""
            while after is not None:
                page = ours.answer(f"/api/records/{kind}?limit=500" + (f"&after={after}" if after else ""), headers=bearer)
                self.items[kind] |= {item["id"]: item for item in page["items"]}
                after = page["next"]
        self.boards = {day: ours.answer(f"/api/plans/{PLAN}?as_of={day}", headers=bearer) for day in month_ends(YEAR)}

    def fields(self, kind):
        """(name, type, masked) of every field that any record has."""
        found = {}
        for item in self.items[kind].values():
            for name, value in item["values"].items():
                type = "flag" if isinstance(value, bool) else "list" if isinstance(value, list) else "text" if isinstance(value, str) else "number"
                found[name] = (name, type, name in item["masked"])
        return list(found.values())

    def write(self, path):
        if os.path.exists(path):
            os.remove(path)
        database = sqlite3.connect(path)
        for setting in store.SETTINGS:
            database.execute(setting)
        kinds = {kind: self.fields(kind) for kind in KINDS}
        # What is written by the benchmark has columns even where no record has it yet.
        for name in ("mode", "findings", "employer", "day"):
            if name not in [field[0] for field in kinds["inspection"]]:
                kinds["inspection"].append((name, "text", False))
        for statement in store.tables(kinds):
            database.execute(statement)
        for kind, fields in kinds.items():
            database.executemany("INSERT INTO field VALUES (?, ?, ?, ?, ?)", [(kind, n, *field) for n, field in enumerate(fields)])
            columns = store.BASE + [name for name, _, _ in fields]
            quoted = ", ".join(f'"{name}"' for name in columns)
            database.executemany(
                f'INSERT INTO "{kind}" ({quoted}) VALUES ({", ".join("?" * len(columns))})',
                [[item[name] for name in store.BASE] + [cell(item["values"].get(name)) for name, _, _ in fields] for item in self.items[kind].values()])
        for day, board in self.boards.items():
            database.executemany(
                f"INSERT INTO figure VALUES ({', '.join('?' * 19)})",
                [[PLAN, day, place, *(item[name] for name in store.FIGURE_COLUMNS[:10]), item["target"]["operator"], item["target"]["value"],
                  item["target"]["upper"], item["target"]["unit"], item["target"]["due"], item["outcome"]] for place, item in enumerate(board["items"])])
        board = next(iter(self.boards.values()))
        database.execute("INSERT INTO plan VALUES (?, ?, ?, ?)", (PLAN, board["edition"], board["digest"], board["division"]))
        database.execute("ANALYZE")
        database.commit()
        database.close()
        return path


def cell(value):
    return int(value) if isinstance(value, bool) else ";".join(value) if isinstance(value, list) else value


class Questions:
    """The same questions for ours and for the peers, in the same order."""

    def __init__(self, export, bearer, seed=1):
        chance = random.Random(seed)
        employers = sorted(export.items["employer"], reverse=True)
        pages = [f"/api/records/employer?limit=50&after={after}" for after in chance.sample(employers[:-60], min(200, len(employers) - 60))]

        def records(kind, count):
            ids = sorted(export.items[kind])
            return chance.sample(ids, min(count, len(ids)))
        self.paths = {
            "list": [(page, page) for page in pages],
            "board": [(path, path) for path in (f"/api/plans/{PLAN}?as_of={day}" for day in export.boards)],
            "record": [(f"/api/record/{id}", f"/api/record/{OPEN}/{id}") for id in records(OPEN, 1000)],
            "sealed": [(f"/api/record/{id}", f"/api/record/{SEALED}/{id}") for id in records(SEALED, 5000)],
        }
        self.bearer = bearer

    def ours(self, name, anew=False):
        """Anew: as a client asks that takes no kept answer."""
        return [raw("GET", path, self.bearer | ({"Cache-Control": "no-cache"} if anew else {})) for path, _ in self.paths[name]]

    def theirs(self, name):
        return [raw("GET", path) for _, path in self.paths[name]]

    def compare(self, name, ours, peers, most=100):
        """Ends the benchmark where a peer answers something else than ours."""
        for mine, other in self.paths[name][:most]:
            right = ours.answer(mine, headers=self.bearer)
            for peer, server in peers.items():
                given = server.answer(other)
                if given != right:
                    fail(f"{peer} answers {other} otherwise than ours: {json.dumps(given, ensure_ascii=False)[:600]} for {json.dumps(right, ensure_ascii=False)[:600]}")
        return f"{min(most, len(self.paths[name])):,}"


class Contest:
    """Ours and the two peers over the same demonstration data, running for the length of a `with`."""

    def __init__(self, asked):
        self.asked = asked
        self.folder = os.path.join(asked.folder, "web")
        os.makedirs(self.folder, exist_ok=True)

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            self._start(stack)
            self._stack = stack.pop_all()
        return self

    def _start(self, stack):
        asked = self.asked
        self.database = copied(demonstration(asked), os.path.join(self.folder, "ours.sqlite"))
        self.ours = stack.enter_context(Ours(asked, self.database, os.path.join(self.folder, "ours.log")))
        self.bearer = self.ours.bearer(OFFICER)
        say("the peers' database from what ours answers")
        self.export = Export(self.ours, self.bearer, [OFFICER])
        self.questions = Questions(self.export, self.bearer)
        self.peers = {}
        for name, start in zip(NAMES, (fastapi, django)):
            path = self.export.write(os.path.join(self.folder, start.__name__ + ".sqlite"))
            self.peers[name] = stack.enter_context(start(path, {"PEER_SCOPE": SCOPE}, os.path.join(self.folder, start.__name__ + ".log")))
        self.servers = {"zhifang": self.ours} | self.peers
        for server in self.servers.values():
            server.settle()

    def __exit__(self, *error):
        self._stack.__exit__(*error)

    def ask(self, rounds, ours, theirs, connections):
        """Rounds in turn of requests that are ours and theirs."""
        rows = {name: [] for name in self.servers}
        for name, server in self.servers.items():
            wrk(server, ours if name == "zhifang" else theirs, connections, 1, self.folder)
        for turn, name in in_turn(rounds, self.servers):
            rows[name].append(wrk(self.servers[name], ours if name == "zhifang" else theirs, connections, self.asked.seconds, self.folder))
            each = rows[name][-1]
            say(f"round {turn + 1}, {connections} connections, {name}: {each['per_second']:,.0f}/s, p99 {each['p99']:.1f} ms, {each['cpu_ms']:.3f} CPU ms each, load {load()}")
        return rows


COLUMNS = [("per_second", "requests/s"), ("p50", "p50 ms"), ("p99", "p99 ms"), ("cpu_ms", "CPU ms a request"), ("peak_mb", "memory MB")]
RATIOS = [("per_second", "requests/s, ours ÷ peer", True), ("cpu_ms", "CPU, peer ÷ ours", False), ("p99", "p99, peer ÷ ours", False), ("peak_mb", "memory, peer ÷ ours", False)]


def reads(asked):
    tables, goals = [], []
    with Contest(asked) as contest:
        questions, sizes = contest.questions, {kind: len(items) for kind, items in contest.export.items.items()}
        compared = {name: questions.compare(name, contest.ours, contest.peers) for name in ("list", "board", "record")}
        titles = {
            "list": "List of fifty employers, in the officer's prefecture", "board": "Board of a plan as of a month-end",
            "record": "A record without sensitive fields (test report)"}
        for name, title in titles.items():
            for connections in (32, 128):
                say(f"{title}, {connections} connections")
                rows = contest.ask(asked.rounds, questions.ours(name), questions.theirs(name), connections)
                tables.append(f"**{title}, {connections} connections**\n\n" + table(rows, COLUMNS, RATIOS))
                if connections == 32:
                    for peer, least in zip(NAMES, (4, 8)):
                        ours, theirs = rows["zhifang"], rows[peer]
                        short = peer.split(",")[0]
                        goals.append(Goal(f"{name}.{short}", title + ", 32 connections", peer, f"≥ {least} requests/s", paired(ours, theirs, "per_second", True), least=least))
                        goals.append(Goal(f"{name}.{short}.p99", title + ", p99", peer, "≥ 3 (a third)", paired(ours, theirs, "p99"), least=3))
                        goals.append(Goal(f"{name}.{short}.memory", title + ", memory", peer, "≥ 2 (a half)", paired(ours, theirs, "peak_mb"), least=2))
            say(f"{title}, made anew")
            rows = contest.ask(asked.rounds, questions.ours(name, anew=True), questions.theirs(name), 32)
            tables.append(f"**{title}, each answer made anew, 32 connections**\n\n" + table(rows, COLUMNS, RATIOS))
            for peer in NAMES:
                goals.append(Goal(f"{name}.{peer.split(',')[0]}.anew", title + ", each answer made anew", peer, "reported", paired(rows["zhifang"], rows[peer], "per_second", True)))
        cookie, _ = contest.ours.session(OFFICER)
        pages = {
            "list of fifty": [f"/records/employer?after={path.rpartition('=')[2]}" for path, _ in questions.paths["list"]],
            "board": [f"/plans/{PLAN}?as_of={day}" for day in contest.export.boards],
            "record": [path.replace("/api", "") for path, _ in questions.paths["record"]], "first page": ["/"]}
        rows = {}
        for name, paths in pages.items():
            rows[name] = [wrk(contest.ours, [raw("GET", path, {"Cookie": cookie}) for path in paths], 32, asked.seconds, contest.folder) for _ in range(min(3, asked.rounds))]
        tables.append("**The same as pages (HTML), ours, 32 connections, for information**\n\n" + table(rows, COLUMNS, ours=None))
    notes = [
        f"The demonstration data: of {OFFICER}'s prefecture {', '.join(f'{count:,} {kind}' for kind, count in sizes.items())}. Ours is asked with a machine's token and "
        "decides for each record whether its reader may see it, names what is masked, and computes a board from tallies. Ours gives an answer again to the same token and question "
        "as long as nothing was committed; \"made anew\" asks with `Cache-Control: no-cache`, and a server that takes writes all the time lies between the two. The peers have no access control at all, "
        "hold the same values in typed columns with indexes on the division and the key, and keep a board's figures ready as rows. wrk keeps its connections; requests go "
        f"round over 200 lists, 12 days and 1,000 records, {asked.seconds:g} s a round. After parsing, {compared['list']} lists, {compared['board']} boards and "
        f"{compared['record']} records were equal. Memory is that of all processes of a server, pages that they share counted once."]
    return Section("Reads over HTTP", notes, tables, goals)


def writes(asked):
    tables, goals = [], []
    with Contest(asked) as contest:
        questions, export = contest.questions, contest.export
        compared = questions.compare("sealed", contest.ours, contest.peers)
        title = "A record with sealed fields from the database (worker)"
        rows = contest.ask(asked.rounds, questions.ours("sealed", anew=True), questions.theirs("sealed"), 32)
        tables.append(f"**{title}**\n\n" + table(rows, COLUMNS, RATIOS))
        for peer in NAMES:
            goals.append(Goal(f"sealed.{peer.split(',')[0]}", title, peer, "≥ 1.8 requests/s", paired(rows["zhifang"], rows[peer], "per_second", True), least=1.8))

        title = "A sensitive view with its durable audit line (a worker in clear, with a reason)"
        cookie, form = contest.ours.session(OFFICER)
        ids = sorted(export.items[SEALED])[:2000]
        body = f"csrf={form}&reason=bench".encode()
        ours = [raw("POST", f"/record/{id}/unmasking", {"Cookie": cookie, "Content-Length": str(len(body)), "Content-Type": "application/x-www-form-urlencoded"}) + body for id in ids]
        theirs = [raw("POST", f"/api/record/{SEALED}/{id}/clear", body={"reason": "bench"}) for id in ids]
        rows = contest.ask(asked.rounds, ours, theirs, 32)
        tables.append(f"**{title}**\n\nOurs answers with the page, the peers with JSON.\n\n" + table(rows, COLUMNS, RATIOS))
        for peer in NAMES:
            goals.append(Goal(f"clear.{peer.split(',')[0]}", title, peer, "reported", paired(rows["zhifang"], rows[peer], "per_second", True)))

        title = "A write (an inspection, durable when answered)"
        employers = sorted(export.items["employer"])
        bodies = [{"values": {"employer": employers[n * 7 % len(employers)], "day": f"2019-{1 + n % 12:02}-{1 + n % 28:02}", "mode": "special", "findings": f"未见异常 {n}"}}
                  for n in range(2000)]
        ours = [raw("POST", "/api/records/inspection", contest.bearer, body) for body in bodies]
        theirs = [raw("POST", "/api/records/inspection", body=body) for body in bodies]
        before = counts(contest)
        rows = contest.ask(asked.rounds, ours, theirs, 32)
        after = counts(contest)
        for name in contest.servers:
            made = sum(each["requests"] for each in rows[name])
            if not made <= after[name] - before[name]:
                fail(f"{name} acknowledged {made} inspections and holds {after[name] - before[name]}")
        tables.append(f"**{title}**\n\n" + table(rows, COLUMNS, RATIOS))
        for peer in NAMES:
            goals.append(Goal(f"write.{peer.split(',')[0]}", title, peer, "≥ 2 writes/s", paired(rows["zhifang"], rows[peer], "per_second", True), least=2))
    asked.ours("verify", database=contest.database, quiet=True)
    notes = [
        f"32 connections, {asked.seconds:g} s a round, all on SQLite with WAL and `synchronous=FULL`. {compared} workers were equal after parsing; each is read from the database anew. The peers' write: pydantic, the "
        "employer looked up, one transaction with the row and an audit row. Ours in its transaction also: the kind's checks, the right to write there, a version, the "
        "employer's duties worked out anew, the tallies of every indicator that moves, a line of the hash chain; a sensitive field is unsealed (AES-256-GCM) before it is masked. What each "
        "acknowledged was counted in its database afterwards, and `zhifang verify` found ours clean."]
    return Section("A record, a sensitive view and a write over HTTP", notes, tables, goals)


def counts(contest):
    """Inspections that each database holds."""
    found = {}
    for name, path, words in [("zhifang", contest.database, "SELECT count(*) FROM record WHERE kind = 'inspection'")] + [
            (name, os.path.join(contest.folder, start.__name__ + ".sqlite"), "SELECT count(*) FROM inspection") for name, start in zip(NAMES, (fastapi, django))]:
        database = sqlite3.connect(path)
        found[name] = database.execute(words).fetchone()[0]
        database.close()
    return found
