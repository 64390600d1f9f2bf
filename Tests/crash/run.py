"""Kills the server at random instants while clients submit over every door, starts it again on what the disk holds, and checks that everything that was
acknowledged is there once, nothing is half-written, and figures and audit verify. README.md beside this file says how to repeat a seed.

    run.py --kills 1000                   on SQLite, half of the series on a disk that forgets what was not synced
    run.py --seed 17 --kills 6            one series again
    run.py --plant unsynced|early         a server that acknowledges too early: losses must be found, and the status is 0 only then
"""

import argparse
import collections
import os
import shutil
import sys
import tempfile
import time

import disk
import world
from early import Early
from series import ENDS, Series
from served import ROOT, Program

DOORS = ("desk", "machine", "editor", "files", "device", "command")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default=os.environ.get("ZHIFANG_BINARY", os.path.join(ROOT, ".build/release/zhifang")))
    parser.add_argument("--kills", type=int, default=100, help="in all")
    parser.add_argument("--seed", type=int, default=1, help="of the first series; the next has the next")
    parser.add_argument("--per", type=int, default=6, help="kills in a series, on one growing database")
    parser.add_argument("--disk", choices=("plain", "forgets", "mixed"), default="mixed", help="mixed: series with an even seed forget")
    parser.add_argument("--end", choices=sorted(set(ENDS)), help="every life ends so")
    parser.add_argument("--doors", default=",".join(DOORS), help="which clients submit")
    parser.add_argument("--seconds", type=float, default=0.9, help="a life lasts at most about so long")
    parser.add_argument("--plant", choices=("unsynced", "early"))
    parser.add_argument("--quiet", action="store_true", help="tell of every tenth kill only")
    return parser.parse_args()


def run(options, work):
    """Plays the series. (kills, failed series)"""
    began, kills, failed, counts = time.monotonic(), 0, [], collections.Counter()
    options.doors = options.doors.split(",")
    options.ends = ENDS
    library = disk.compiled(work)
    base = os.path.join(work, "base")
    os.makedirs(base)
    program = Program(options.binary, ({}, ["--database", os.path.join(base, "house.sqlite")]), {"TMPDIR": work}, os.path.join(work, "log"))
    options.world = world.make(program)
    before = time.monotonic()
    program.start()
    program.ready()
    options.start_seconds = time.monotonic() - before
    program.stop()

    def say(series, end):
        nonlocal kills
        kills += 1
        for act in series.acts:
            counts[act.fate] += 0
        if not options.quiet or kills % 10 == 0 or series.flaws:
            fates = collections.Counter(act.fate for act in series.acts)
            print(
                f"kill {kills}, series {series.seed}.{series.kills} {end}, disk {'forgets' if series.disk else 'plain'}: {fates['taken']} taken, "
                f"{fates['refused']} refused, {fates['absent']} unknown and absent, {len(series.flaws)} flaws, {time.monotonic() - began:.0f} s", flush=True)

    seed = options.seed
    while kills < options.kills:
        forgets = options.disk == "forgets" or (options.disk == "mixed" and seed % 2 == 0)
        options.library = library if forgets else None
        folder = os.path.join(work, f"series-{seed}")
        series = (Early if options.plant == "early" else Series)(seed, folder, base, options)
        flaws = series.play(min(options.per, options.kills - kills), say)
        counts["acknowledged"] += sum(act.fate == "taken" for act in series.acts)
        if flaws:
            failed.append(seed)
            for flaw in flaws[:12]:
                print("  " + flaw)
            if not options.plant:
                kept = os.path.join(tempfile.gettempdir(), f"zhifang-crash-{seed}-{os.getpid()}")
                shutil.move(folder, kept)
                print(f"  files: {kept}\n  again: .venv/bin/python Tests/crash/run.py --seed {seed} --kills {series.kills} --per {options.per} --disk {'forgets' if forgets else 'plain'}")
        shutil.rmtree(folder, ignore_errors=True)
        seed += 1
        if options.plant and failed:
            break
    return kills, failed, counts["acknowledged"], time.monotonic() - began


def main():
    options = arguments()
    with tempfile.TemporaryDirectory(prefix="zhifang-crash.") as work:
        if options.plant == "unsynced":
            options.disk = "forgets"
        if options.plant == "early":
            options.disk, options.doors = "plain", "machine"
        kills, failed, acknowledged, seconds = run(options, work)
    if options.plant:
        print(f"crash: {options.plant}: " + ("losses found, as they must be" if failed else f"NOT found in {kills} kills"))
        return 0 if failed else 1
    print(
        f"crash: {kills} kills, {acknowledged} acknowledged, seeds {options.seed} and on, {len(failed)} series with flaws"
        + (f": {failed}" if failed else "") + f", {seconds:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
