"""Runs our programs and their peers in turn, checks that the answers agree, and prints medians and ratios.

    python bench/run.py [import] [board] [--binary .build/release/zhifang] [--rounds 5] [--cards 200000] [--division 330400] [--year 2019]
                        [--demo-scale 1] [--out FILE.md]

A ratio is peer ÷ ours for seconds and memory, ours ÷ peer for cards a second: above 1 is in our favour. It is taken round by round,
between runs that followed each other, and given as its median with the least and the greatest. See bench/README.md.
"""
import argparse
import csv
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))


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
        sys.exit(f"bench: failed with {process.returncode}: {' '.join(command)}")
    answer = {} if quiet else json.loads(lines[-1])
    return answer | {"process_seconds": seconds, "peak_rss_mb": usage.ru_maxrss / 1024}


def say(text):
    print(text, file=sys.stderr, flush=True)


def spread(values, digits):
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}–{max(values):.{digits}f})"


def table(title, notes, rows, columns, ratios):
    """rows: name → its rounds. `columns`: (key, heading, digits). `ratios`: (key, heading, whether more is better)."""
    lines = [f"### {title}", "", *notes, ""]
    lines.append("| program | " + " | ".join(heading for _, heading, _ in columns) + " | " + " | ".join(heading for _, heading, _ in ratios) + " |")
    lines.append("|---|" + "---:|" * (len(columns) + len(ratios)))
    ours = rows["zhifang"]
    for name, rounds in rows.items():
        cells = [spread([each[key] for each in rounds], digits) if key in rounds[0] else "" for key, _, digits in columns]
        for key, _, more in ratios:
            if name == "zhifang":
                cells.append("1")
            else:
                cells.append(spread([a[key] / b[key] if more else b[key] / a[key] for a, b in zip(ours, rounds)], 2))
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def import_bench(arguments, folder):
    given = os.path.join(folder, "cards")
    run([sys.executable, os.path.join(HERE, "generate.py"), "--out", given, "--cards", str(arguments.cards)], quiet=True)
    with open(os.path.join(given, "expected.json"), encoding="utf-8") as file:
        expected = json.load(file)
    base = os.path.join(folder, "register.sqlite")
    say("bench: the register that the cards refer to")
    for kind in ("employer", "institution", "qualification", "worker"):
        run([arguments.binary, "import", kind, os.path.join(given, kind + ".csv"), "--database", base], quiet=True)
    rows = {"zhifang": [], "python (orjson, pydantic, sqlite3)": []}
    for number in range(arguments.rounds):
        for name, rounds in rows.items():
            database = os.path.join(folder, "round.sqlite")
            for path in (database, database + "-wal", database + "-shm"):
                if os.path.exists(path):
                    os.remove(path)
            if name == "zhifang":
                for end in ("", "-wal"):
                    if os.path.exists(base + end):
                        shutil.copyfile(base + end, database + end)
                command = [arguments.binary, "bench", "import", os.path.join(given, "exam.ndjson"), "--database", database]
            else:
                command = [sys.executable, os.path.join(HERE, "import_exams.py"), given, "--database", database, "--standards", arguments.standards]
            os.sync()
            answer = run(command)
            for key, count in expected.items():
                if answer[key] != count:
                    sys.exit(f"bench: {name} says {key} = {answer[key]}, the input was made with {count}")
            answer["cards_per_second"] = answer["cards"] / answer["seconds"]
            rounds.append(answer)
            say(f"bench: import, round {number + 1}, {name}: {answer['seconds']:.2f} s")
    return table(
        "Import of examination cards",
        [f"{expected['cards']:,} cards of one NDJSON file into SQLite (WAL, synchronous=FULL, 1,000 cards a transaction): {expected['created']:,} created, "
         f"{expected['unchanged']:,} unchanged, {expected['refused']:,} refused by both. {arguments.rounds} rounds in turn; median (least–greatest)."],
        rows, [("seconds", "seconds", 2), ("cards_per_second", "cards/s", 0), ("peak_rss_mb", "peak MB", 0)],
        [("cards_per_second", "ours ÷ peer, cards/s", True), ("peak_rss_mb", "peer ÷ ours, MB", False)])


def answers(path):
    with open(path, encoding="utf-8", newline="") as file:
        return {tuple(row[key] for key in ("measure", "division", "day")): tuple(int(row[key]) for key in ("met", "unmet", "unknown"))
                for row in csv.DictReader(file) if (row["met"], row["unmet"], row["unknown"]) != ("0", "0", "0")}


def board_bench(arguments, folder):
    database, records = os.path.join(folder, "demo.sqlite"), os.path.join(folder, "records")
    say("bench: demonstration data")
    run([arguments.binary, "demo", "--database", database, "--scale", str(arguments.demo_scale)], quiet=True)
    run([arguments.binary, "bench", "records", records, "--database", database], quiet=True)
    asked = ["--division", arguments.division, "--year", str(arguments.year)]
    rows = {"zhifang": [], "duckdb": [], "polars": []}
    for number in range(arguments.rounds):
        given = {}
        for name, rounds in rows.items():
            path = os.path.join(folder, name + ".csv")
            if name == "zhifang":
                command = [arguments.binary, "bench", "board", "--database", database, *asked, "--answers", path]
            else:
                command = [sys.executable, os.path.join(HERE, "board.py"), name, records, *asked, "--answers", path, "--standards", arguments.standards]
            answer = run(command)
            given[name] = answers(path)
            rounds.append(answer)
            say(f"bench: board, round {number + 1}, {name}: {answer['seconds']:.4f} s")
        for name in ("duckdb", "polars"):
            wrong = sorted(key for key in given[name].keys() | given["zhifang"].keys() if given[name].get(key) != given["zhifang"].get(key))
            if wrong:
                key = wrong[0]
                sys.exit(f"bench: {len(wrong)} figures differ from {name}'s, first {key}: {given['zhifang'].get(key)} and {given[name].get(key)}")
    size = {kind: sum(1 for _ in open(os.path.join(records, kind + ".csv"), encoding="utf-8")) - 1 for kind in ("employer", "exposure", "exam")}
    return table(
        "The indicator board",
        [f"Five measures × 12 month-ends of {arguments.year} × counties of {arguments.division} over {size['employer']:,} employers, {size['exposure']:,} "
         f"exposures and {size['exam']:,} examinations; all {len(given['zhifang'])} figures equal. `seconds` is the figures alone, `with loading` what an "
         f"answer costs from the start of the program. {arguments.rounds} rounds in turn; median (least–greatest)."],
        rows, [("seconds", "seconds", 4), ("process_seconds", "with loading", 3), ("peak_rss_mb", "peak MB", 0)],
        [("seconds", "peer ÷ ours, seconds", False), ("process_seconds", "peer ÷ ours, with loading", False)])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("benches", nargs="*", help="import, board; both if none is named")
    parser.add_argument("--binary", default=".build/release/zhifang")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--cards", type=int, default=200_000)
    parser.add_argument("--division", default="330400")
    parser.add_argument("--year", type=int, default=2019)
    parser.add_argument("--demo-scale", type=float, default=1)
    parser.add_argument("--standards", default="Data/standards")
    parser.add_argument("--out")
    arguments = parser.parse_args()
    programs = {"import": import_bench, "board": board_bench}
    names = arguments.benches or list(programs)
    if unknown := set(names) - set(programs):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    arguments.binary = os.path.abspath(arguments.binary)
    if not os.access(arguments.binary, os.X_OK):
        parser.error(f"no program at {arguments.binary}: make build")
    pages = [f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {time.strftime('%Y-%m-%d')}.\n"]
    for name in names:
        with tempfile.TemporaryDirectory(prefix="zhifang-bench.") as folder:
            pages.append(programs[name](arguments, folder))
    text = "\n".join(pages)
    print(text, end="")
    if arguments.out:
        with open(arguments.out, "w", encoding="utf-8") as file:
            file.write(text)


if __name__ == "__main__":
    main()
