"""The primary killed under load, its synchronous standby promoted, and a restore to a moment: no acknowledged write may be missing.

    .venv/bin/python Tests/failover/run.py --binary .build/release/zhifang [--rounds 5] [--seed 1] [--keep]

Prints the seed of each round; `--seed N --rounds 1` repeats one. Ends with 1 where anything acknowledged is missing or double, a figure or the audit does not
verify, the server does not answer again by itself, or the test fails to catch a loss that it made itself.
"""

import argparse
import os
import random
import shutil
import signal
import sys
import tempfile
import time

from cluster import Node, as_owner, owned
from load import Load, flaws
from served import ROOT, Program
from world import COUNTY, make

PATIENCE = 60  # seconds until a promoted server must have taken a write


def say(text):
    print(text, flush=True)


def house(binary, folder, url):
    """The program over a database, its files in a folder."""
    files = {"ZHIFANG_DATABASE": url, "ZHIFANG_KEYS": os.path.join(folder, "keys"), "ZHIFANG_HEADS": os.path.join(folder, "heads"),
             "ZHIFANG_LANGUAGE": "en", "ZHIFANG_DATABASE_WAIT": "5"}
    return Program(binary, (files, ["--data", os.path.join(ROOT, "Data")]), log=os.path.join(folder, "zhifang.log"))


def verified(program):
    """What `verify` and `audit verify` complain of."""
    said = []
    for command in (("verify",), ("audit", "verify", "--records")):
        status, text = program.run(*command)
        if status:
            said.append(f"{' '.join(command)}: {text[-600:]}")
    return said


def judged(node, load, program):
    lost, double, strange = flaws(node, load)
    said = [f"{name}: {len(marks)}, e.g. {marks[0]}" for name, marks in (("lost", lost), ("double", double), ("strange", strange)) if marks]
    return said + verified(program)


def fall(primary, standby, dice, isStalled, kill=True):
    """The primary goes down for good; the standby has had nothing new for a moment where it `isStalled`."""
    if isStalled:
        receiver = standby.receiver()
        os.kill(receiver, signal.SIGSTOP)
        time.sleep(dice.uniform(0.3, 1.0))
    if kill:
        primary.kill()
    if isStalled:
        # What lay in its socket is gone with it, as on a machine that the network had left.
        os.kill(receiver, signal.SIGKILL)
        time.sleep(0.5)


def promoted(standby):
    until = time.monotonic() + 30
    while True:
        try:
            standby.promote()
            return
        except Exception:  # it is still coming up again
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


def round_of(seed, primary, folder, binary, standby_folder, isLocal=False):
    """One fall. (what is wrong, the new primary)"""
    dice = random.Random(seed)
    standby = primary.standby(standby_folder)
    primary.be_followed()
    if isLocal:
        primary.ask("ALTER SYSTEM SET synchronous_commit = 'local'")
        primary.ask("SELECT pg_reload_conf()")
    program = house(binary, folder, primary.url(standby))
    program.start()
    if not program.ready():
        raise AssertionError("the server does not start")
    load = None
    try:
        load = Load(program.port, token_of(folder), COUNTY, f"{seed}{'L' if isLocal else ''}")
        time.sleep(dice.uniform(1.0, 3.0))
        isStalled = isLocal or dice.random() < 0.5
        fall(primary, standby, dice, isStalled)
        before, fallen = load.count(), time.monotonic()
        time.sleep(dice.uniform(0, 0.5))
        promoted(standby)
        open_for_writes = time.monotonic()
        if isLocal:
            # What is lost makes the audit contradict its heads as well; here only the count of losses is asked for.
            load.end()
            lost, _, _ = flaws(standby, load)
            say(f"  seed {seed}, synchronous_commit = local: {load.count()} acknowledged, {len(lost)} of them lost and found out")
            return [] if lost else ["the loss that was made on purpose was not found"], standby
        while load.count() <= before + 5 and time.monotonic() < open_for_writes + PATIENCE:
            time.sleep(0.02)
        again = time.monotonic()
        time.sleep(dice.uniform(0.3, 1.0))
        load.end()
        said = [] if load.count() > before + 5 else ["the server did not answer again by itself"]
        said += judged(standby, load, program)
        say(f"  seed {seed}{', standby stalled' if isStalled else ''}: {load.count()} acknowledged ({before} before the fall), {len(load.open)} unknown, "
            f"answers {dict(sorted(load.answers.items()))}; promoted after {open_for_writes - fallen:.1f} s, writes again {again - open_for_writes:.1f} s later"
            + ("" if not said else "\n    " + "\n    ".join(said)))
        return said, standby
    finally:
        if load:
            load.over.set()
        program.stop()


def token_of(folder):
    with open(os.path.join(folder, "token"), encoding="utf-8") as file:
        return file.read()


def furnished(binary, folder, node):
    """A house with accounts and a plan in a new database; the officer's token is kept in the folder."""
    os.makedirs(folder, exist_ok=True)
    program = house(binary, folder, node.url())
    world = make(program)
    with open(os.path.join(folder, "token"), "w", encoding="utf-8") as file:
        file.write(world["officer"]["token"])


def restored(binary, folder, seed):
    """A base backup and the archived log brought back to a moment: what was acknowledged before is there, and nothing that came after."""
    dice = random.Random(seed)
    archive = owned(os.path.join(folder, "archive"))
    primary = Node.new(os.path.join(folder, "first"), f"archive_mode = on\narchive_command = 'test ! -f {archive}/%f && cp %p {archive}/%f'\n")
    primary.start()
    mended = Node(os.path.join(folder, "mended"), primary.secret)
    program = None
    try:
        files = os.path.join(folder, "house")
        furnished(binary, files, primary)
        program = house(binary, files, primary.url())
        program.start()
        if not program.ready():
            raise AssertionError("the server does not start")
        load = Load(program.port, token_of(files), COUNTY, f"{seed}P")
        time.sleep(0.5)
        primary.copy(mended)
        time.sleep(dice.uniform(1.0, 2.0))
        load.pause()
        program.run("audit", "publish")
        shutil.copytree(files, os.path.join(folder, "then"))
        before = set(load.acknowledged)
        time.sleep(0.2)
        moment = primary.ask("SELECT clock_timestamp()")[0][0]
        time.sleep(0.2)
        load.pace.set()
        time.sleep(dice.uniform(0.5, 1.5))
        load.end()
        program.stop()
        after = set(load.acknowledged) - before
        primary.ask("SELECT pg_switch_wal()")
        primary.stop()
        mended.tell(
            f"archive_mode = off\nrestore_command = 'cp {archive}/%f %p'\nrecovery_target_time = '{moment}'\nrecovery_target_action = 'promote'\n")
        as_owner("touch", os.path.join(mended.data, "recovery.signal"))
        mended.start()
        until = time.monotonic() + 60
        while mended.ask("SELECT pg_is_in_recovery()") != [["f"]] and time.monotonic() < until:
            time.sleep(0.1)
        kept = {title for title, in mended.ask("SELECT title FROM record WHERE title LIKE '切换%'")}
        said = []
        if before - kept:
            said.append(f"{len(before - kept)} acknowledged before {moment} are missing")
        if kept - before:
            said.append(f"{len(kept - before)} of later are there")
        if not before or not after:
            said.append("the load did not lie on both sides of the moment")
        said += verified(house(binary, os.path.join(folder, "then"), mended.url()))
        say(f"  restored to {moment}: {len(before)} acknowledged before, {len(after)} after; {len(kept)} there" + "".join(f"\n    {text}" for text in said))
        return said
    finally:
        if program and program.process and program.process.poll() is None:
            program.kill()
        primary.stop()
        mended.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", action="store_true", help="leave servers' folders and logs")
    parser.add_argument("--only", choices=["failover", "local", "restore"])
    options = parser.parse_args()
    binary = os.path.abspath(options.binary)
    folder = tempfile.mkdtemp(prefix="zhifang-failover.")
    os.chmod(folder, 0o755)
    nodes, said = [], []
    try:
        files = os.path.join(folder, "house")
        if options.only != "restore":
            nodes.append(Node.new(os.path.join(folder, "node0")))
            nodes[-1].start()
            furnished(binary, files, nodes[-1])
            seeds = range(options.seed, options.seed + (0 if options.only == "local" else options.rounds))
            say(f"failover: {len(seeds)} rounds")
            for seed in seeds:
                wrong, primary = round_of(seed, nodes[-1], files, binary, os.path.join(folder, f"node{seed}"))
                said += wrong
                nodes.append(primary)
                shutil.rmtree(nodes[-2].folder, ignore_errors=True)
            if options.only != "failover":
                wrong, primary = round_of(options.seed, nodes[-1], files, binary, os.path.join(folder, "local"), isLocal=True)
                said += wrong
                nodes.append(primary)
        if options.only in (None, "restore"):
            say("point in time")
            said += restored(binary, os.path.join(folder, "time"), options.seed)
    finally:
        for node in nodes:
            if os.path.exists(node.data):
                node.stop()
        if not options.keep and not said:
            shutil.rmtree(folder, ignore_errors=True)
    if said:
        say(f"FAILED; what was found lies in {folder}")
        sys.exit(1)
    say("no acknowledged write was lost" + (", and a loss that was made was found" if options.only in (None, "local") else ""))


if __name__ == "__main__":
    main()
