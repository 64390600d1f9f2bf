"""The board at size: twenty indicators by 110 counties at twelve month-ends over millions of facts. Ours beside DuckDB, polars and PostgreSQL."""
import csv
import os
import subprocess
import sys

from harness import HERE, Goal, Section, fail, in_turn, load, paired, run, say, table

PEER = os.path.join(HERE, "peers", "size.py")
YEAR = 2019
NAMES = {"DuckDB": "duckdb", "polars": "polars", "PostgreSQL": "postgres"}
LEAST = {"DuckDB": 10, "polars": 5, "PostgreSQL": 100}


class Postgres:
    """A private server on the loopback with buffers that hold the facts, for the length of a `with`."""

    script = os.path.join(HERE, "..", "Scripts", "postgres")

    def __enter__(self):
        if subprocess.run([self.script, "url"], capture_output=True, check=False).returncode == 0:
            fail("a PostgreSQL of Scripts/postgres runs already: Scripts/postgres stop")
        done = subprocess.run([self.script, "start"], capture_output=True, text=True, check=False, env=os.environ | {"ZHIFANG_POSTGRES_BUFFERS": "2GB"})
        if done.returncode:
            fail(f"no PostgreSQL: {done.stderr.strip()}")
        self.url = done.stdout.split()[-1]
        return self

    def __exit__(self, *_):
        subprocess.run([self.script, "stop"], capture_output=True, check=False)


def answers(path):
    with open(path, encoding="utf-8", newline="") as file:
        return {
            (row["indicator"], row["division"], row["day"]): (*(int(row[key]) for key in ("met", "unmet", "unknown", "pending")), float(row["value"]) if row["value"] else None)
            for row in csv.DictReader(file) if any(row[key] != "0" for key in ("met", "unmet", "unknown", "pending"))}


def size(asked):
    tables, goals = [], []
    for facts in [int(each) for each in str(asked.size("facts", "5000000,20000000", "100000")).split(",")]:
        folder = os.path.join(asked.folder, f"facts{facts}")
        if not os.path.exists(os.path.join(folder, "facts.parquet")):
            run([sys.executable, os.path.join(HERE, "facts.py"), folder, "--facts", str(facts), "--data", asked.data], quiet=True)
        database = os.path.join(folder, "ours.sqlite")
        made = {"tallies": None}
        if not os.path.exists(database):
            made = asked.ours("bench", "facts", folder, database=database)
            say(f"{facts:,} facts are {made['tallies']:,} tallies, {made['seconds']:.0f} s")
        again, rounds = asked.size("again", 5, 2), asked.rounds
        rows = {name: [] for name in ["zhifang", *NAMES]}
        with Postgres() as postgres:
            for turn, name in in_turn(rounds, rows):
                path = os.path.join(folder, "answers.csv")
                asking = ["--year", str(YEAR), "--again", str(again), "--answers", path]
                if name == "zhifang":
                    each = run([asked.binary, "bench", "board", "--plan", "SIZE", "--database", database, "--data", asked.data, *asking])
                    right = answers(path)
                else:
                    each = run([sys.executable, PEER, NAMES[name], folder, *asking, "--url", postgres.url])
                    given = answers(path)
                    if given != right:
                        wrong = sorted(key for key in given.keys() | right.keys() if given.get(key) != right.get(key))
                        fail(f"{len(wrong)} of {len(right)} figures differ, as {wrong[0]}: ours {right.get(wrong[0])}, {name} {given.get(wrong[0])}")
                each["cold"] = each["load_seconds"] + each["seconds"]
                rows[name].append(each)
                say(f"size {facts:,}, round {turn + 1}, {name}: warm {each['again_seconds']:.4f} s, first {each['seconds']:.3f} s, load {load()}")
        for name, least in LEAST.items():
            goals.append(Goal(f"size.{name}.{facts}", f"board over {facts / 1e6:g} million facts, warm", name, f"≥ {least}", paired(rows["zhifang"], rows[name], "again_seconds"), least=least))
        tables.append(f"**{facts:,} facts ({len(right):,} figures not empty; ours {os.path.getsize(database) / 1e6:.0f} MB{tallies(made)})**\n\n" + table(
            rows, [("again_seconds", "warm, s"), ("seconds", "first answer, s"), ("load_seconds", "before it, s"), ("cold", "cold, s"), ("peak_mb", "peak MB")],
            [("again_seconds", "warm, peer ÷ ours", False), ("seconds", "first answer, peer ÷ ours", False), ("cold", "cold, peer ÷ ours", False)]))
    notes = [
        f"Twenty indicators × 110 counties × the twelve month-ends of {YEAR}: met, unmet, unknown, pending and the rate, all equal to the last digit. A fact is a stretch: indicator, county, days from and until, "
        "verdict, made from a seed by `facts.py`. The peers have the facts as typed columns, already in memory (DuckDB, polars) or in an analysed table in the buffers (PostgreSQL, parallel "
        "workers), and count in one scan. Ours has what it keeps while records come in: a fact counts on its first day and is taken off on the day behind its last (`zhifang bench facts`); the price of keeping it is in "
        "*ingest*. *before it* is opening the database or loading the facts (PostgreSQL: only connecting, after the first round); *cold* is both; *warm* the median of further answers in the same process. Peak memory of PostgreSQL is its "
        "client's."]
    return Section("The board at size", notes, tables, goals)


def tallies(made):
    return f", {made['tallies']:,} tallies" if made["tallies"] else ""
