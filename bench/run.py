"""Runs our programs and their peers in turn, checks that the answers agree, and prints medians and ratios.

    python bench/run.py [import] [board] [--binary .build/release/zhifang] [--rounds 5] [--cards 60000] [--division 330400] [--year 2019]
                        [--demo-scale 1] [--out bench/RESULTS.md]

A ratio is ours ÷ peer, of seconds: 2 means that we take twice as long. It is taken round by round, between runs that followed each
other, and given as its median with the least and the greatest. See bench/README.md.
"""
import argparse
import csv
import importlib.metadata
import json
import os
import platform
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
MEASURES = ["declaration_rate", "in_service_exam_rate", "supervision_coverage", "pneumoconiosis_cases", "chemical_poisoning_cases"]
REGISTER = ["employer", "institution", "qualification", "worker", "employment", "exposure"]


def run(command, quiet=False):
    """The last line of the output as JSON, with the whole process's seconds and its peak of resident memory."""
    start = time.perf_counter()
    with tempfile.TemporaryFile("w+", encoding="utf-8") as out:
        process = subprocess.Popen(command, stdout=out, stdin=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        lines = [line for line in out.read().splitlines() if line.strip()]
    if process.returncode:
        sys.exit(f"bench: failed with {process.returncode}: {' '.join(command)}\n" + "\n".join(lines[-5:]))
    answer = {} if quiet else json.loads(lines[-1])
    # Where a program answers twice, the second answer is told apart.
    return answer | {"process_seconds": seconds - answer.get("again_seconds", 0), "peak_rss_mb": usage.ru_maxrss / 1024}


def say(text):
    print(text, file=sys.stderr, flush=True)


def number(value):
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def spread(values):
    return f"{number(statistics.median(values))} ({number(min(values))}–{number(max(values))})"


def table(title, notes, rows, columns, ratios):
    """rows: name → its rounds, ours first. `columns`: (key, heading). `ratios`: (key, heading), ours ÷ the row's."""
    lines = [f"## {title}", "", *notes, ""]
    lines.append("| program | " + " | ".join(heading for _, heading in columns) + " | " + " | ".join(heading for _, heading in ratios) + " |")
    lines.append("|---|" + "---:|" * (len(columns) + len(ratios)))
    ours = rows["zhifang"]
    for name, rounds in rows.items():
        cells = [spread([each[key] for each in rounds]) for key, _ in columns]
        cells += ["1" if name == "zhifang" else spread([a[key] / b[key] for a, b in zip(ours, rounds)]) for key, _ in ratios]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def rows_of(database):
    """How much each table of a database holds, and the megabytes of its file."""
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")]
    counts = {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}
    connection.close()
    return counts, os.path.getsize(database) / 1e6


def import_bench(arguments, folder):
    given = os.path.join(folder, "cards")
    run([sys.executable, os.path.join(HERE, "generate.py"), "--out", given, "--cards", str(arguments.cards)], quiet=True)
    with open(os.path.join(given, "expected.json"), encoding="utf-8") as file:
        expected = json.load(file)
    base = os.path.join(folder, "register.sqlite")
    plan = os.path.join(arguments.data, "plans", "330400.yaml")
    for kind in REGISTER:
        start = time.perf_counter()
        run([arguments.binary, "import", kind, os.path.join(given, kind + ".csv"), "--database", base, "--data", arguments.data], quiet=True)
        say(f"bench: the register that the cards refer to: {kind}, {time.perf_counter() - start:.1f} s")
    run([arguments.binary, "plan", "add", plan, "--database", base, "--data", arguments.data], quiet=True)
    before, _ = rows_of(base)
    rows = {"zhifang": [], "Python (orjson, pydantic, sqlite3)": []}
    held = {}
    for turn in range(arguments.rounds):
        for name, rounds in rows.items():
            database = os.path.join(folder, "round.sqlite")
            for path in (database, database + "-wal", database + "-shm", database + ".keys"):
                if os.path.exists(path):
                    os.remove(path)
            if name == "zhifang":
                for end in ("", "-wal", ".keys"):
                    if os.path.exists(base + end):
                        shutil.copyfile(base + end, database + end)
                command = [arguments.binary, "bench", "import", os.path.join(given, "exam.ndjson"), "--database", database, "--data", arguments.data]
            else:
                command = [sys.executable, os.path.join(HERE, "import_exams.py"), given, "--database", database, "--standards", os.path.join(arguments.data, "standards")]
            os.sync()
            answer = run(command)
            for key, count in expected.items():
                if answer[key] != count:
                    sys.exit(f"bench: {name} says {key} = {answer[key]}, the input was made with {count}")
            answer["cards_per_second"] = answer["cards"] / answer["seconds"]
            rounds.append(answer)
            held[name] = rows_of(database)
            if name == "zhifang" and turn == 0:
                # The figures that the import left must be those of a full computation, and the audit chain whole.
                run([arguments.binary, "verify", "--database", database, "--data", arguments.data], quiet=True)
            say(f"bench: import, round {turn + 1}, {name}: {answer['seconds']:.2f} s")
    counts, size = held["zhifang"]
    grown = ", ".join(f"{counts[name] - before.get(name, 0):,} {name}" for name in sorted(counts) if counts[name] != before.get(name, 0))
    theirs = list(held)[1]
    notes = [
        f"{expected['cards']:,} cards of one NDJSON file into SQLite (WAL, `synchronous=FULL`, 1,000 cards a transaction, both): {expected['created']:,} "
        f"created, {expected['unchanged']:,} unchanged, {expected['refused']:,} refused by both. {arguments.rounds} rounds in turn; median (least–greatest).",
        "",
        f"What it leaves: the peer {held[theirs][0]['exam']:,} rows of one table. Ours, beside the register: {grown} rows ({size:.0f} MB; peer {held[theirs][1]:.0f} MB). "
        "After the first round `zhifang verify` found the kept duties and figures equal to a full computation, and the audit chain whole.",
        "",
        "What the peer does not do: no versions and no history, no duties (each card re-runs every rule of its worker's file), no figures kept by day, no "
        "audit chain, no search index, no permissions, no records known as of a moment. It keeps the whole register's numbers in dictionaries "
        "and counts refusals without telling why; ours looks references up in the database and tells every flaw of a card.",
    ]
    return table(
        "Import of examination cards", notes, rows,
        [("seconds", "seconds"), ("cpu_seconds", "CPU seconds"), ("cards_per_second", "cards/s"), ("peak_rss_mb", "peak MB")],
        [("seconds", "seconds, ours ÷ peer"), ("cpu_seconds", "CPU, ours ÷ peer"), ("peak_rss_mb", "memory, ours ÷ peer")])


def plan_text(division, year):
    """A plan of the five measures without scopes, so that both sides count the same subjects."""
    level = "province" if division.endswith("0000") else "prefecture" if division.endswith("00") else "county"
    lines = ["format: 1", "id: BENCH", "name: {zh: 基准}", f"jurisdiction: {{code: '{division}', level: {level}, name: {{zh: 基准}}}}",
             f"period: {{start: {year}, end: {year}}}", "indicators:"]
    return "\n".join(lines + [f"  - {{id: B{n}, measure: {name}, name: {{zh: B{n}}}, target: {{operator: gte, value: 0}}}}" for n, name in enumerate(MEASURES)]) + "\n"


def answers(path):
    with open(path, encoding="utf-8", newline="") as file:
        return {tuple(row[key] for key in ("measure", "division", "day")): tuple(int(row[key]) for key in ("met", "unmet", "unknown"))
                for row in csv.DictReader(file) if (row["met"], row["unmet"], row["unknown"]) != ("0", "0", "0")}


def board_bench(arguments, folder):
    database, records = os.path.join(folder, "demo.sqlite"), os.path.join(folder, "records")
    say("bench: demonstration data")
    run([arguments.binary, "demo", "--database", database, "--scale", str(arguments.demo_scale), "--data", arguments.data], quiet=True)
    plan = os.path.join(folder, "plan.yaml")
    with open(plan, "w", encoding="utf-8") as file:
        file.write(plan_text(arguments.division, arguments.year))
    run([arguments.binary, "plan", "add", plan, "--database", database, "--data", arguments.data], quiet=True)
    run([arguments.binary, "bench", "records", records, "--database", database, "--data", arguments.data], quiet=True)
    run([sys.executable, os.path.join(HERE, "board.py"), "parquet", records], quiet=True)
    asked = ["--year", str(arguments.year)]
    rows = {"zhifang": [], "DuckDB, CSV": [], "DuckDB, Parquet": [], "polars, CSV": [], "polars, Parquet": []}
    for turn in range(arguments.rounds):
        given = {}
        for name, rounds in rows.items():
            path = os.path.join(folder, "answers.csv")
            if name == "zhifang":
                command = [arguments.binary, "bench", "board", "--database", database, "--data", arguments.data, *asked, "--answers", path]
            else:
                engine, form = name.lower().split(", ")
                command = [sys.executable, os.path.join(HERE, "board.py"), engine, records, "--format", form, "--division", arguments.division, *asked,
                           "--answers", path, "--standards", os.path.join(arguments.data, "standards")]
            answer = run(command)
            given[name] = answers(path)
            rounds.append(answer)
            say(f"bench: board, round {turn + 1}, {name}: {answer['seconds']:.4f} s, again {answer['again_seconds']:.4f} s")
        for name in list(rows)[1:]:
            wrong = sorted(key for key in given[name].keys() | given["zhifang"].keys() if given[name].get(key) != given["zhifang"].get(key))
            if wrong:
                for key in wrong[:10]:
                    say(f"  {key}: ours {given['zhifang'].get(key)}, {name} {given[name].get(key)}")
                sys.exit(f"bench: {len(wrong)} of {len(given['zhifang'])} figures differ from {name}'s")
    size = {kind: sum(1 for _ in open(os.path.join(records, kind + ".csv"), encoding="utf-8")) - 1 for kind in ("employer", "worker", "exposure", "exam")}
    bytes = {form: sum(os.path.getsize(os.path.join(records, name)) for name in os.listdir(records) if name.endswith(form)) / 1e6 for form in ("csv", "parquet")}
    notes = [
        f"Five measures × 12 month-ends of {arguments.year} × counties of {arguments.division} over {size['employer']:,} employers, {size['worker']:,} workers, "
        f"{size['exposure']:,} exposures and {size['exam']:,} examinations ({bytes['csv']:.0f} MB as CSV, {bytes['parquet']:.1f} MB of what is read as Parquet, all columns text); all {len(given['zhifang'])} figures "
        f"that are not zero are equal. {arguments.rounds} rounds in turn; median (least–greatest).",
        "",
        "`figures` is the answer alone: ours from tallies in the database, the peers' from records already in memory. `again` is the same question once more in the same "
        "process: ours keeps the tallies in memory while nothing changes. `reading` is what comes before: ours opens the database and reads the code tables, "
        "the peers read, type and merge the records. `in all` is from the program's start to its end, one answer.",
        "",
        "What the peers do not do: these five measures and no others, no scopes, no lists behind the figures, no plans, no past knowledge. What ours does not "
        "pay here: the tallies were kept while records came in; the price is in the import above.",
    ]
    return table(
        "The indicator board", notes, rows,
        [("seconds", "figures, s"), ("again_seconds", "again, s"), ("load_seconds", "reading, s"), ("process_seconds", "in all, s"), ("peak_rss_mb", "peak MB")],
        [("seconds", "figures, ours ÷ peer"), ("again_seconds", "again, ours ÷ peer"), ("process_seconds", "in all, ours ÷ peer")])


def processor():
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            return next((line.split(":")[1].strip() for line in file if line.startswith("model name")), platform.machine())
    except OSError:
        return platform.machine()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("benches", nargs="*", help="import, board; both if none is named")
    parser.add_argument("--binary", default=".build/release/zhifang")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--cards", type=int, default=60_000)
    parser.add_argument("--division", default="330400")
    parser.add_argument("--year", type=int, default=2019)
    parser.add_argument("--demo-scale", type=float, default=1)
    parser.add_argument("--data", default="Data")
    parser.add_argument("--out", help="file to write the tables to")
    arguments = parser.parse_args()
    programs = {"import": import_bench, "board": board_bench}
    names = arguments.benches or list(programs)
    if unknown := set(names) - set(programs):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    arguments.binary, arguments.data = os.path.abspath(arguments.binary), os.path.abspath(arguments.data)
    if not os.access(arguments.binary, os.X_OK):
        parser.error(f"no program at {arguments.binary}: make build")
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("duckdb", "polars", "orjson", "pydantic"))
    start = os.getloadavg()
    tables = []
    for name in names:
        with tempfile.TemporaryDirectory(prefix="zhifang-bench.") as folder:
            tables.append(programs[name](arguments, folder))
    command = "python bench/run.py " + " ".join(sys.argv[1:])
    head = [
        "# Results", "", "Written by `bench/run.py` (`make bench`); the ratios are as they came out. What is compared and what is not: [README](README.md).", "",
        f"{time.strftime('%Y-%m-%d')}, {processor()}, {os.cpu_count()} cores, {platform.system()} {platform.release()}, Python {platform.python_version()}, {versions}. "
        f"Load of the machine before and after (one minute): {start[0]:.1f}, {os.getloadavg()[0]:.1f}.", "", f"Command: `{command}`", ""]
    text = "\n".join(head) + "\n" + "\n".join(tables)
    print(text, end="")
    if arguments.out:
        with open(arguments.out, "w", encoding="utf-8") as file:
            file.write(text)


if __name__ == "__main__":
    main()
