"""Examination cards over HTTP, in batches of NDJSON: ours beside FastAPI with orjson, pydantic and sqlite3."""
import http.client
import json
import os
import queue
import shutil
import sqlite3
import subprocess
import sys
import threading
import time

from harness import HERE, Goal, Section, fail, in_turn, load, paired, run, say, table
from servers import PEERS, PASSWORD, Ours, Server

sys.path.append(PEERS)
import cards  # noqa: E402

REGISTER = ["employer", "institution", "qualification", "worker", "employment", "exposure"]
PEER = "FastAPI, orjson, pydantic, sqlite3"
MORE = """
CREATE TABLE version (id INTEGER NOT NULL, version INTEGER NOT NULL, body TEXT NOT NULL, recorded_at TEXT NOT NULL, recorded_by TEXT NOT NULL, PRIMARY KEY (id, version)) STRICT, WITHOUT ROWID;
CREATE TABLE audit (home TEXT NOT NULL, sequence INTEGER NOT NULL, moment TEXT NOT NULL, person TEXT NOT NULL, subject INTEGER NOT NULL, hash TEXT NOT NULL, PRIMARY KEY (home, sequence)) STRICT, WITHOUT ROWID;
CREATE INDEX audit_by_moment ON audit (moment);
CREATE INDEX audit_by_subject ON audit (subject, moment);
CREATE TABLE head (home TEXT PRIMARY KEY, sequence INTEGER NOT NULL, hash TEXT NOT NULL) STRICT, WITHOUT ROWID;
"""


def made(asked, count):
    """A folder of cards and the register that they refer to, and how many must be created, unchanged and refused."""
    folder = os.path.join(asked.folder, f"cards{count}")
    if not os.path.exists(os.path.join(folder, "expected.json")):
        run([sys.executable, os.path.join(HERE, "cards_made.py"), "--out", folder, "--cards", str(count)], quiet=True)
    with open(os.path.join(folder, "expected.json"), encoding="utf-8") as file:
        return folder, json.load(file)


def register(asked, folder):
    """Our database with the register, the plan of 330400, and an officer of that prefecture."""
    base = os.path.join(folder, "register.sqlite")
    if not os.path.exists(base):
        for kind in REGISTER:
            start = time.perf_counter()
            asked.ours("import", kind, os.path.join(folder, kind + ".csv"), database=base, quiet=True)
            say(f"the register that the cards refer to: {kind}, {time.perf_counter() - start:.1f} s")
        asked.ours("plan", "add", os.path.join(asked.data, "plans", "330400.yaml"), database=base, quiet=True)
        subprocess.run(
            [asked.binary, "user", "add", "officer330400", "--role", "officer", "--division", "330400", "--functions", "health", "--database", base, "--data", asked.data],
            input=PASSWORD + "\n", text=True, check=True, stdout=subprocess.DEVNULL)
        asked.ours("remind", database=base, quiet=True)
    return base


def fresh(base, to):
    """A copy of a database, to be written to."""
    for end in ("", "-wal", "-shm", ".keys", ".heads"):
        if os.path.exists(to + end):
            os.remove(to + end)
        if end != "-shm" and os.path.exists(base + end):
            shutil.copyfile(base + end, to + end)
    return to


def theirs(folder):
    """The peer's database with the register."""
    path = os.path.join(folder, "peer.sqlite")
    if not os.path.exists(path):
        database = sqlite3.connect(path, isolation_level=None)
        database.execute("PRAGMA journal_mode = WAL")
        database.executescript(cards.SCHEMA + MORE)
        database.execute("BEGIN")
        cards.register(database, folder)
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.close()
    return path


def post(server, bodies, headers, connections):
    """All bodies by some connections; seconds, answers, and the milliseconds of each request."""
    waiting, answers, times = queue.SimpleQueue(), [None] * len(bodies), []
    for each in enumerate(bodies):
        waiting.put(each)

    def work():
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=600)
        while True:
            try:
                place, body = waiting.get_nowait()
            except queue.Empty:
                return
            start = time.perf_counter()
            connection.request("POST", "/api/records/exam", body, {"Content-Type": "application/x-ndjson", **headers})
            response = connection.getresponse()
            answers[place] = (response.status, response.read())
            times.append((time.perf_counter() - start) * 1000)
    start = time.perf_counter()
    threads = [threading.Thread(target=work) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - start, answers, sorted(times)


def fates(answers):
    """How many cards of all answers were created, unchanged and refused."""
    found = {"created": 0, "unchanged": 0, "refused": 0}
    for status, body in answers:
        if status != 200:
            fail(f"a batch was answered {status}: {body[:300]}")
        for item in json.loads(body)["items"]:
            found[item["fate"]] += 1
    return found


def ingest(asked):
    count, batch, connections = asked.size("cards", 60_000, 3_000), asked.size("batch", 1_000, 500), asked.size("connections", 4, 4)
    folder, expected = made(asked, count)
    base, peer = register(asked, folder), theirs(folder)
    with open(os.path.join(folder, "exam.ndjson"), "rb") as file:
        lines = [b'{"values":' + line.strip() + b"}" for line in file]
    bodies = [b"\n".join(lines[start:start + batch]) for start in range(0, len(lines), batch)]
    rows = {"zhifang": [], PEER: []}
    for turn, name in in_turn(asked.rounds, rows):
        database = fresh(base if name == "zhifang" else peer, os.path.join(folder, "round.sqlite"))
        log = os.path.join(folder, "server.log")
        server = Ours(asked, database, log) if name == "zhifang" else Server(
            [sys.executable, "-m", "uvicorn", "ingest_fastapi:app", "--host", "127.0.0.1", "--port", "{port}", "--workers", str(os.cpu_count()), "--loop", "uvloop",
             "--http", "httptools", "--no-access-log", "--log-level", "error"], "/ready",
            {"PEER_DATABASE": database, "PEER_STANDARDS": os.path.join(asked.data, "standards")}, PEERS, log)
        with server:
            headers = server.bearer("officer330400") if name == "zhifang" else {}
            server.settle()
            with server.watch() as watch:
                seconds, answers, times = post(server, bodies, headers, connections)
        counted = fates(answers)
        if counted != {key: expected[key] for key in counted}:
            fail(f"{name} found {counted}, the cards were made with {expected}")
        kept = sqlite3.connect(database)
        held = kept.execute("SELECT count(*) FROM record WHERE kind = 'exam'" if name == "zhifang" else "SELECT count(*) FROM exam").fetchone()[0]
        kept.close()
        if held != expected["created"]:
            fail(f"{name} acknowledged {expected['created']} cards and holds {held}")
        if name == "zhifang" and turn == 0:
            asked.ours("verify", database=database, quiet=True)
        rows[name].append({
            "seconds": seconds, "per_second": count / seconds, "cpu_seconds": watch.cpu_seconds, "cpu_us": watch.cpu_seconds * 1e6 / count, "peak_mb": watch.peak_mb,
            "p50": times[len(times) // 2], "p99": times[min(len(times) - 1, len(times) * 99 // 100)], "size_mb": os.path.getsize(database) / 1e6})
        say(f"ingest, round {turn + 1}, {name}: {count / seconds:,.0f} cards/s, {rows[name][-1]['cpu_us']:.0f} CPU µs each, load {load()}")
    notes = [
        f"{count:,} cards in NDJSON batches of {batch:,} over {connections} connections: {expected['created']:,} created, {expected['unchanged']:,} unchanged, {expected['refused']:,} refused by both, "
        "each line answered, a batch durable when it is answered (SQLite, WAL, `synchronous=FULL`). Both validate every field against the code tables, look the references up, find numbers used twice, "
        "and keep the row with its indexes, a version and a line of the county's hash chain. After the first round `zhifang verify` found ours clean.",
        "Not the same: ours also decides for each card whether the sender may write there, seals the medical fields (AES-256-GCM), works every duty of the worker's file out anew, moves the tallies of "
        "all indicators in force, and keeps titles and digests to search by. The peer looks references up in dictionaries that each of its workers read at the start."]
    columns = [("per_second", "cards/s"), ("cpu_us", "CPU µs a card"), ("p50", "batch p50 ms"), ("p99", "batch p99 ms"), ("peak_mb", "memory MB"), ("size_mb", "database MB")]
    goals = [
        Goal("ingest", "examination cards over HTTP", PEER, "≥ 5 cards/s", paired(rows["zhifang"], rows[PEER], "per_second", True), least=5),
        Goal("ingest.rate", "examination cards over HTTP", "", "≥ 20,000 cards/s", [each["per_second"] for each in rows["zhifang"]], "cards/s", least=20_000)]
    return Section("Examination cards over HTTP", notes, [table(rows, columns, [("per_second", "cards/s, ours ÷ peer", True), ("cpu_us", "CPU, peer ÷ ours", False), ("peak_mb", "memory, peer ÷ ours", False)])], goals)
