"""The command line beside Python programs: the import of cards from a file, and the board of the demonstration data from records."""
import csv
import os
import sqlite3
import sys

from harness import HERE, Goal, Section, fail, in_turn, load, paired, run, say, table
from ingest import fresh, made, register

PEER_CARDS, PEER_BOARD = (os.path.join(HERE, "peers", name) for name in ("cards.py", "board.py"))
PYTHON = "Python (orjson, pydantic, sqlite3)"
MEASURES = ["declaration_rate", "in_service_exam_rate", "supervision_coverage", "pneumoconiosis_cases", "chemical_poisoning_cases"]
DIVISION, YEAR = "330400", 2019


def rows_of(database):
    """How much each table of a database holds."""
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")]
    counts = {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}
    connection.close()
    return counts


def imports(asked):
    folder, expected = made(asked, asked.size("cards", 60_000, 3_000))
    base = register(asked, folder)
    before = rows_of(base)
    database = os.path.join(folder, "import.sqlite")
    rows, held = {"zhifang": [], PYTHON: []}, {}
    for turn, name in in_turn(asked.rounds, rows):
        fresh(base if name == "zhifang" else "", database)
        command = (
            [asked.binary, "bench", "import", os.path.join(folder, "exam.ndjson"), "--database", database, "--data", asked.data] if name == "zhifang" else
            [sys.executable, PEER_CARDS, folder, "--database", database, "--standards", os.path.join(asked.data, "standards")])
        os.sync()
        answer = run(command)
        for key, count in expected.items():
            if answer[key] != count:
                fail(f"{name} says {key} = {answer[key]}, the cards were made with {count}")
        rows[name].append(answer | {"per_second": answer["cards"] / answer["seconds"]})
        held[name] = (rows_of(database), os.path.getsize(database) / 1e6)
        if name == "zhifang" and turn == 0:
            asked.ours("verify", database=database, quiet=True)
        say(f"import, round {turn + 1}, {name}: {rows[name][-1]['per_second']:,.0f} cards/s, load {load()}")
    counts, size = held["zhifang"]
    grown = ", ".join(f"{counts[name] - before.get(name, 0):,} {name}" for name in sorted(counts) if counts[name] != before.get(name, 0))
    notes = [
        f"{expected['cards']:,} cards of one NDJSON file into SQLite (WAL, `synchronous=FULL`, 1,000 cards a transaction, both): {expected['created']:,} created, {expected['unchanged']:,} unchanged, "
        f"{expected['refused']:,} refused by both. It leaves the peer {held[PYTHON][0]['exam']:,} rows of one table; ours, beside the register, {grown} rows ({size:.0f} MB; peer {held[PYTHON][1]:.0f} MB). After the first round "
        "`zhifang verify` was clean. The peer keeps no versions, no duties, no figures, no audit and no words to search by; its references stand in dictionaries and it does not say why it refuses. The like for like is *ingest*."]
    columns = [("per_second", "cards/s"), ("seconds", "seconds"), ("cpu_seconds", "CPU seconds"), ("peak_mb", "peak MB")]
    goals = [Goal("import", "import of cards from a file, everything kept", PYTHON + ", one row a card", "reported", paired(rows["zhifang"], rows[PYTHON], "seconds"))]
    return Section("Import of examination cards from a file", notes, [table(rows, columns, [("seconds", "seconds, peer ÷ ours", False), ("cpu_seconds", "CPU, peer ÷ ours", False)])], goals)


def plan_text():
    """A plan of the five measures without scopes, so that both sides count the same subjects."""
    lines = ["format: 1", "id: BENCH", "name: {zh: 基准}", f"jurisdiction: {{code: '{DIVISION}', level: prefecture, name: {{zh: 基准}}}}",
             f"period: {{start: {YEAR}, end: {YEAR}}}", "indicators:"]
    return "\n".join(lines + [f"  - {{id: B{n}, measure: {name}, name: {{zh: B{n}}}, target: {{operator: gte, value: 0}}}}" for n, name in enumerate(MEASURES)]) + "\n"


def answers(path):
    with open(path, encoding="utf-8", newline="") as file:
        return {tuple(row[key] for key in ("measure", "division", "day")): tuple(int(row[key]) for key in ("met", "unmet", "unknown"))
                for row in csv.DictReader(file) if (row["met"], row["unmet"], row["unknown"]) != ("0", "0", "0")}


def board(asked):
    folder = os.path.join(asked.folder, "board")
    os.makedirs(folder, exist_ok=True)
    database, records, plan = os.path.join(folder, "demo.sqlite"), os.path.join(folder, "records"), os.path.join(folder, "plan.yaml")
    if not os.path.exists(database):
        say("demonstration data")
        asked.ours("demo", "--scale", str(asked.size("demo_scale", 1.0, 0.2)), database=database, quiet=True)
        with open(plan, "w", encoding="utf-8") as file:
            file.write(plan_text())
        asked.ours("plan", "add", plan, database=database, quiet=True)
    asked.ours("bench", "records", records, database=database, quiet=True)
    run([sys.executable, PEER_BOARD, "parquet", records], quiet=True)
    rows = {"zhifang": [], "DuckDB, CSV": [], "DuckDB, Parquet": [], "polars, CSV": [], "polars, Parquet": []}
    path = os.path.join(folder, "answers.csv")
    for turn, name in in_turn(asked.rounds, rows):
        if name == "zhifang":
            command = [asked.binary, "bench", "board", "--database", database, "--data", asked.data, "--year", str(YEAR), "--answers", path]
        else:
            engine, form = name.lower().split(", ")
            command = [sys.executable, PEER_BOARD, engine, records, "--format", form, "--division", DIVISION, "--year", str(YEAR), "--answers", path,
                       "--standards", os.path.join(asked.data, "standards")]
        each = run(command)
        given = answers(path)
        if name == "zhifang":
            right = given
        elif given != right:
            wrong = sorted(key for key in given.keys() | right.keys() if given.get(key) != right.get(key))
            fail(f"{len(wrong)} of {len(right)} figures differ from {name}'s, as {wrong[0]}: ours {right.get(wrong[0])}, theirs {given.get(wrong[0])}")
        # Where a program answers twice, the second answer is told apart.
        rows[name].append(each | {"process_seconds": each["process_seconds"] - each["again_seconds"]})
        say(f"board, round {turn + 1}, {name}: {each['seconds']:.4f} s, again {each['again_seconds']:.4f} s, load {load()}")
    notes = [
        f"Five measures × 12 month-ends of {YEAR} × counties of {DIVISION} on the demonstration data; all {len(right)} figures that are not zero are equal. The peers compute from the records by the definitions of "
        "`docs/measures.md` (typed and merged in *reading*), ours answers from tallies kept while records came in: `figures` is the answer alone, `again` the same question once more, `in all` the program from its start to its end with one answer."]
    columns = [("seconds", "figures, s"), ("again_seconds", "again, s"), ("load_seconds", "reading, s"), ("process_seconds", "in all, s"), ("peak_mb", "peak MB")]
    ratios = [("seconds", "figures, peer ÷ ours", False), ("again_seconds", "again, peer ÷ ours", False), ("process_seconds", "in all, peer ÷ ours", False)]
    goals = [Goal(f"board.{name}", "board of the demonstration, figures again", name, "reported", paired(rows["zhifang"], rows[name], "again_seconds")) for name in ("DuckDB, Parquet", "polars, Parquet")]
    return Section("The indicator board from records", notes, [table(rows, columns, ratios)], goals)
