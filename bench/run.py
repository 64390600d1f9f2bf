"""Runs benchmarks, keeps what they found in bench/results, and writes bench/RESULTS.md and the table of the README.

    python bench/run.py [reads] [writes] [ingest] [edit] [xlsx] [start] [size] [import] [board] [rules] [soak]
                        [--binary .build/release/zhifang] [--rounds 7] [--seconds 5] [--quick] [--set NAME=VALUE …] [--keep FOLDER] [--dry]

All but `soak` if none is named. `--quick` takes small sizes and short rounds, to see that everything runs; what it found is not kept.
`--set` gives a size of a benchmark, as `--set facts=5000000`. See bench/README.md.
"""
import argparse
import importlib
import os
import tempfile
import time

import report
from harness import Asked, load, say, stolen_seconds

# Name → the module and the function that measures.
BENCHES = {
    "reads": "web.reads", "writes": "web.writes", "xlsx": "sheets.xlsx", "start": "start.start", "ingest": "ingest.ingest", "edit": "edit.edit", "size": "size.size", "soak": "soak.soak", "import": "programs.imports", "board": "programs.board", "rules": "rules.rules",
}
NOT_BY_DEFAULT = {"soak"}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("benches", nargs="*")
    parser.add_argument("--binary", default=".build/release/zhifang")
    parser.add_argument("--data", default="Data")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--seconds", type=float, help="of one round of requests")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--dry", action="store_true", help="print what was found and keep nothing")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--keep", help="a folder for the databases and files, kept afterwards")
    arguments = parser.parse_args()
    names = arguments.benches or [name for name in BENCHES if name not in NOT_BY_DEFAULT]
    if unknown := set(names) - set(BENCHES):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}; there are {', '.join(BENCHES)}")
    binary = os.path.abspath(arguments.binary)
    if not os.access(binary, os.X_OK):
        parser.error(f"no program at {arguments.binary}: make build")
    if any("=" not in each for each in arguments.set):
        parser.error("--set wants NAME=VALUE")
    options = dict(each.split("=", 1) for each in arguments.set)
    rounds = arguments.rounds or (1 if arguments.quick else 7)
    seconds = arguments.seconds or (2 if arguments.quick else 5)
    with tempfile.TemporaryDirectory(prefix="zhifang-bench.") as scratch:
        folder = os.path.abspath(arguments.keep) if arguments.keep else scratch
        os.makedirs(folder, exist_ok=True)
        for name in names:
            module, function = BENCHES[name].split(".")
            say(f"=== {name}, {rounds} rounds, load {load()}")
            before, began, stolen = load(), time.time(), stolen_seconds()
            asked = Asked(binary, os.path.abspath(arguments.data), rounds, arguments.quick, seconds, folder, options)
            section = getattr(importlib.import_module(module), function)(asked)
            seconds_taken = time.time() - began
            taken = (stolen_seconds() - stolen) / seconds_taken / (os.cpu_count() or 1)
            found = report.found(name, section, rounds=rounds, load=(before, load()), stolen=taken, minutes=seconds_taken / 60, command=shown(name, arguments))
            print(report.text(found))
            if not (arguments.quick or arguments.dry):
                report.keep(found)
                report.write()


def shown(name, arguments):
    """The command that repeats one benchmark."""
    more = [name]
    if arguments.rounds:
        more.append(f"--rounds {arguments.rounds}")
    if arguments.seconds:
        more.append(f"--seconds {arguments.seconds:g}")
    more += [f"--set {each}" for each in arguments.set]
    return f'make bench BENCH="{" ".join(more)}"'


if __name__ == "__main__":
    main()
