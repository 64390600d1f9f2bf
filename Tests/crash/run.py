"""Kills the server at random instants while clients submit over every door, starts it again on what the disk holds, and checks that everything that was
acknowledged is there once, nothing is half-written, and figures and audit verify. README.md beside this file says how to repeat a seed.

    run.py --kills 1000                   on SQLite, half of the series on a disk that forgets what was not synced
    run.py --kills 500 --engine postgres  on a private PostgreSQL that syncs, which is killed too
    run.py --trouble                      the disk is full, read-only, broken or slow for a while before each kill
    run.py --device 1000 --kills 6        one device sends 1,000 messages 10 ms apart, whatever falls
    run.py --seed 17 --kills 6            one series again
    run.py --plant unsynced|early         a server that acknowledges too early: losses must be found, and the status is 0 only then
    run.py --smoke                        a little of all of it, as `make test` does
    run.py --all --quiet                  10,000 kills, as `make crash` does
"""

import argparse
import collections
import copy
import os
import shutil
import sys
import tempfile
import time

import cluster
import disk
import trouble
import world
from device import Device
from early import Early
from series import ENDS, TROUBLES, Series
from served import ROOT, Program

DOORS = ("desk", "machine", "editor", "files", "device", "command")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default=os.environ.get("ZHIFANG_BINARY", os.path.join(ROOT, ".build/release/zhifang")))
    parser.add_argument("--kills", type=int, default=100, help="in all")
    parser.add_argument("--engine", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--seed", type=int, default=1, help="of the first series; the next has the next")
    parser.add_argument("--per", type=int, default=6, help="kills in a series, on one growing database")
    parser.add_argument("--disk", choices=("plain", "forgets", "mixed"), default="mixed", help="mixed: series with an even seed forget")
    parser.add_argument("--end", choices=sorted({*ENDS, *TROUBLES, *cluster.ENDS}), help="every life ends so")
    parser.add_argument("--trouble", action="store_true")
    parser.add_argument("--doors", default=",".join(DOORS), help="which clients submit")
    parser.add_argument("--seconds", type=float, default=0.9, help="a life lasts at most about so long")
    parser.add_argument("--plant", choices=("unsynced", "early"))
    parser.add_argument("--device", type=int, default=0, help="one device sends so many messages, 10 ms apart, in each series, and nobody else anything")
    parser.add_argument("--smoke", action="store_true")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--quiet", action="store_true", help="tell of every tenth kill only")
    options = parser.parse_args()
    options.doors = options.doors.split(",")
    return options


class Bench:
    """The small house, made once, and the series over copies of it."""

    def __init__(self, options, work):
        self.work, self.began, self.postgres = work, time.monotonic(), None
        self.library = disk.compiled(work)
        self.base = os.path.join(work, "base")
        try:
            self.make(options)
        except BaseException:
            self.__exit__()
            raise

    def make(self, options):
        shutil.rmtree(self.base, ignore_errors=True)
        os.makedirs(self.base)
        if options.engine == "postgres":
            self.postgres = self.postgres or cluster.Cluster()
            self.postgres.run("DROP DATABASE IF EXISTS house")
            self.postgres.run("CREATE DATABASE house TEMPLATE template0 ENCODING 'UTF8'")
            program = cluster.over(options.binary, self.postgres.database("house"), self.base)
        else:
            program = Program(
                options.binary, ({}, ["--database", os.path.join(self.base, "house.sqlite")]), {"TMPDIR": self.work}, os.path.join(self.work, "log"))
        self.world = world.make(program)
        before = time.monotonic()
        program.start()
        program.ready()
        self.start_seconds = time.monotonic() - before
        program.stop()
        self.made = time.monotonic()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.postgres:
            self.postgres.discard()

    def play(self, options):
        """Series until there were as many kills as asked for. (kills, acts acknowledged, acts turned away, seeds of series with flaws)"""
        options = copy.copy(options)
        options.world, options.start_seconds, options.cluster = self.world, self.start_seconds, self.postgres
        options.ends = cluster.ENDS if self.postgres else tuple(TROUBLES) if options.trouble else ENDS
        if self.postgres or options.plant == "early":
            options.disk = "plain"
        if options.trouble or options.end in TROUBLES or options.plant == "unsynced":
            options.disk = "forgets"
        if options.plant == "early":
            options.doors = ["single"]
        kind = cluster.PostgresSeries if self.postgres else Early if options.plant == "early" else Device if options.device else Series
        kills, acknowledged, turned_away, failed, seed = 0, 0, 0, [], options.seed
        while kills < options.kills and not (options.plant and failed):
            # Its sessions end when nobody used them for an hour.
            if time.monotonic() - self.made > 40 * 60:
                self.make(options)
                options.world, options.start_seconds = self.world, self.start_seconds
            forgets = options.disk == "forgets" or (options.disk == "mixed" and seed % 2 == 0)
            options.library = self.library if forgets else None
            folder = os.path.join(self.work, f"series-{seed}")
            series = kind(seed, folder, self.base, options)
            flaws = series.play(min(options.per, options.kills - kills), lambda series, end, before=kills: self.say(series, end, before, options))
            kills += series.kills
            acknowledged += sum(act.fate == "taken" for act in series.acts)
            turned_away += series.turned_away
            if options.plant:
                flaws = [flaw for flaw in flaws if "LOST" in flaw]
            if flaws:
                failed.append(seed)
                for flaw in flaws[:12]:
                    print("  " + flaw[:500])
                if not options.plant:
                    kept = os.path.join(tempfile.gettempdir(), f"zhifang-crash-kept-{seed}-{os.getpid()}")
                    shutil.move(folder, kept)
                    print(
                        f"  files: {kept}\n  again: .venv/bin/python Tests/crash/run.py --engine {options.engine} --seed {seed} --kills {series.kills} "
                        f"--per {options.per} --disk {'forgets' if forgets else 'plain'}{' --trouble' if options.trouble else ''}{' --end ' + options.end if options.end else ''}"
                        + (f" --device {options.device}" if options.device else ""), flush=True)
            shutil.rmtree(folder, ignore_errors=True)
            seed += 1
        return kills, acknowledged, turned_away, failed

    def say(self, series, end, before, options):
        kills = before + series.kills
        if options.quiet and kills % 10 and not series.flaws:
            return
        fates = collections.Counter(act.fate for act in series.acts)
        print(
            f"kill {kills}, series {series.seed}.{series.kills} {end}, {'disk forgets' if series.disk else 'disk plain'}: {fates['taken']} taken, "
            f"{fates['refused']} refused, {fates['absent']} absent ({series.turned_away} turned away), {len(series.flaws)} flaws, "
            f"{time.monotonic() - self.began:.0f} s", flush=True)


def planted(bench, options):
    """Whether a server that acknowledges too early is found out."""
    kills, _, _, failed = bench.play(options)
    print(f"crash: {options.plant}: " + ("losses found, as they must be" if failed else f"NOT found in {kills} kills"), flush=True)
    return bool(failed)


def summary(options, kills, acknowledged, turned_away, failed, began):
    print(
        f"crash: {options.engine}{' with trouble' if options.trouble else ''}: {kills} kills, {acknowledged} acknowledged, {turned_away} turned away, seeds {options.seed} and on, "
        f"{len(failed)} series with flaws" + (f": {failed}" if failed else "") + f", {time.monotonic() - began:.0f} s", flush=True)
    return not failed


def smoke(options):
    """A little of everything, with seeds that are always the same."""
    def with_(**more):
        changed = copy.copy(options)
        for name, value in more.items():
            setattr(changed, name, value)
        return changed

    disk.main()
    failed, began = [], time.monotonic()

    def done(name, is_well):
        if not is_well:
            failed.append(name)
    with tempfile.TemporaryDirectory(prefix="zhifang-crash.") as work, Bench(options, work) as bench:
        done("start", trouble.at_start(options.binary, bench))
        for name, part in {
            "disk that forgets": with_(kills=3, seed=2, per=3), "disk": with_(kills=2, seed=3, per=2), "full": with_(kills=1, seed=4, end="full"),
            "read-only": with_(kills=1, seed=5, end="read-only"), "device": with_(kills=2, seed=6, per=2, device=120),
        }.items():
            done(name, summary(part, *bench.play(part), began))
        for plant in ("unsynced", "early"):
            done(plant, planted(bench, with_(plant=plant, kills=4, seed=2)))
    there = with_(engine="postgres")
    with tempfile.TemporaryDirectory(prefix="zhifang-crash.") as work, Bench(there, work) as bench:
        for end in ("moment", "engine"):
            part = with_(engine="postgres", per=1, kills=1, seed=1, end=end)
            done(f"postgres, {end}", summary(part, *bench.play(part), began))
    # Behind many lines the last one says what the first ones said.
    print("crash: smoke: " + (f"FLAWS in {', '.join(failed)}" if failed else "no flaws"), flush=True)
    return not failed


# All of `make crash`: 10,000 kills.
ALL = (
    {"kills": 7_300}, {"kills": 2_000, "engine": "postgres"}, {"kills": 500, "trouble": True, "seed": 100_001},
    {"kills": 200, "per": 10, "device": 1_000, "seed": 200_001})


def all_of_it(options):
    ok = True
    for part in ALL:
        changed = copy.copy(options)
        for name, value in part.items():
            setattr(changed, name, value)
        began = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="zhifang-crash.") as work, Bench(changed, work) as bench:
            ok = summary(changed, *bench.play(changed), began) and ok
    return ok


def main():
    options = arguments()
    if options.smoke or options.all:
        return 0 if (smoke if options.smoke else all_of_it)(options) else 1
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="zhifang-crash.") as work, Bench(options, work) as bench:
        ok = planted(bench, options) if options.plant else summary(options, *bench.play(options), began)
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
