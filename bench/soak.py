"""Half an hour at half of the measured peak: reads and writes mixed, at a steady rate. Does memory grow, do answers get slower?

    make soak            or: python bench/run.py soak --set minutes=30
"""
import json
import os
import struct
import subprocess
import sys
import time

from harness import HERE, Goal, Section, fail, memory_mb, say, stolen_seconds, tree
from servers import Ours, raw, wrk
from steady import percentile
from web import OFFICER, Export, Questions, copied, demonstration

WARM = 0.1
LINES = 25_000
# With less than this share of the processors given to others, a machine is quiet.
QUIET = 0.02


def mixed(questions, export, bearer, changes):
    """Of a hundred requests: 60 records, 20 lists, 14 boards, 6 writes. The writes are new inspections or changes of some that are there.

    A soak changes: what stands keeps its size then, and answers that get slower tell of the server's age and not of longer files."""
    lists, boards, records = (questions.ours(name) for name in ("list", "board", "record"))
    employers, inspections = sorted(export.items["employer"]), sorted(export.items["inspection"])
    requests, written = [], 0
    if changes and len(inspections) < LINES * 6 // 100:
        fail(f"{len(inspections)} inspections are too few to change")
    for n in range(LINES):
        place = n * 37 % 100
        if place < 60:
            requests.append(records[n % len(records)])
        elif place < 80:
            requests.append(lists[n % len(lists)])
        elif place < 94:
            requests.append(boards[n % len(boards)])
        elif changes:
            # Each stands here once, so that its version is one more each time the whole list was sent.
            item = export.items["inspection"][inspections[written]]
            tag = {"If-Match": f'"\3{item["version"]}\3"'}
            requests.append(raw("PATCH", f"/api/record/{item['id']}", bearer | tag, {"values": {"findings": f"复查 {n} @@@@"}}))
            written += 1
        else:
            body = {"values": {"employer": employers[written % len(employers)], "day": f"2019-{1 + n % 12:02}-{1 + n % 28:02}", "mode": "special", "findings": f"未见异常 {n}"}}
            requests.append(raw("POST", "/api/records/inspection", bearer, body))
            written += 1
    return requests


def ready(asked, folder, name):
    """The demonstration served, and what may be asked of it."""
    database = copied(demonstration(asked), os.path.join(folder, name + ".sqlite"))
    return database, Ours(asked, database, os.path.join(folder, name + ".log"))


def asked_of(server, changes):
    server.settle()
    bearer = server.bearer(OFFICER)
    export = Export(server, bearer, [OFFICER])
    return mixed(Questions(export, bearer), export, bearer, changes)


def soak(asked):
    minutes = asked.size("minutes", 30.0, 1.0)
    folder = os.path.join(asked.folder, "soak")
    os.makedirs(folder, exist_ok=True)
    # What can be had for a minute, and not what the first seconds on a rested machine give.
    _, at_peak = ready(asked, folder, "peak")
    with at_peak as server:
        peak = wrk(server, asked_of(server, False), 32, asked.size("peak_seconds", 60, 5), folder)["per_second"]
    rate = peak * asked.size("share", 0.5, 0.5)
    say(f"soak: peak {peak:,.0f} requests/s, {minutes:g} minutes at {rate:,.0f}/s")
    database, at_half = ready(asked, folder, "ours")
    with at_half as server:
        listed = os.path.join(folder, "requests.txt")
        with open(listed, "wb") as file:
            file.write(b"\n".join(asked_of(server, True)) + b"\n")
        times = os.path.join(folder, "times.bin")
        steady = subprocess.Popen(
            [sys.executable, os.path.join(HERE, "steady.py"), "--port", str(server.port), "--requests", listed, "--rate", f"{rate:.3f}", "--seconds", f"{minutes * 60:.0f}", "--out", times],
            stdout=subprocess.PIPE, text=True)
        memory, taken, began = [], [], time.time()
        with server.watch() as watch:
            while steady.poll() is None:
                memory.append((time.time() - began, memory_mb(tree(server.process.pid))))
                taken.append((time.time() - began, stolen_seconds()))
                time.sleep(5 if minutes >= 5 else 1)
        told = json.loads(steady.stdout.read().splitlines()[-1])
    if told["wrong"]:
        fail(f"{told['wrong']} wrong answers")
    asked.ours("verify", database=database, quiet=True)
    warm = [each for at, each in memory if at >= minutes * 60 * WARM]
    part = max(1, len(warm) // 5)
    first, last = sum(warm[:part]) / part, sum(warm[-part:]) / part
    growth = (last / first - 1) * 100
    drift = (told["last"]["p99"] / told["first"]["p99"] - 1) * 100

    def stolen(begin, end):
        """The host's share of the processors between two moments, in percent."""
        within = [(at, seconds) for at, seconds in taken if begin <= at <= end]
        if len(within) < 2:
            return None
        return (within[-1][1] - within[0][1]) / (within[-1][0] - within[0][0]) / (os.cpu_count() or 1) * 100
    window, seconds = told["window"], minutes * 60
    host = [stolen(seconds * WARM, seconds * WARM + window), stolen(seconds - window, seconds)]

    def undisturbed(begin, end):
        """p99 in ms and the number of the answers that were due while the host took less than `QUIET` of the processors."""
        slices = [(at, later) for (at, was), (later, became) in zip(taken, taken[1:]) if became - was < QUIET * (later - at) * (os.cpu_count() or 1)]
        with open(times, "rb") as file:
            due = sorted(struct.iter_unpack("<dd", file.read()))
        found, place = [], 0
        for at, answer in due:
            while place < len(slices) and slices[place][1] <= at:
                place += 1
            if begin <= at < end and place < len(slices) and slices[place][0] <= at:
                found.append(answer)
        return percentile(found, 0.99), len(found)
    notes = [
        f"{minutes:g} minutes at {rate:,.0f} requests a second, half of the {peak:,.0f} that 32 connections got from the same mixture: 60 records, 20 lists of fifty, 14 boards and 6 writes in a hundred, on the "
        f"demonstration database; {told['requests']:,} answers, none wrong. The writes change what is there, each a new version with its audit line and its duties. Requests are sent when they are due, whether "
        f"those before were answered or not, and timed from when they were due. "
        f"Memory is compared between the first and the last fifth after the first tenth of the time, p99 between {window:g} seconds after that tenth and the last {window:g}. "
        f"Server: {watch.cpu_seconds / watch.seconds * 100:.0f} % of a core, peak {watch.peak_mb:.0f} MB. `zhifang verify` was clean afterwards."]
    lines = ["| | first | last | change |", "|---|---:|---:|---:|", f"| memory, MB | {first:.1f} | {last:.1f} | {growth:+.1f} % |"]
    for key in ("p50", "p99"):
        change = (told["last"][key] / told["first"][key] - 1) * 100
        lines.append(f"| {key}, ms | {told['first'][key]:.2f} | {told['last'][key]:.2f} | {change:+.1f} % |")
    if None not in host:
        quiet = [undisturbed(seconds * WARM, seconds * WARM + window), undisturbed(seconds - window, seconds)]
        if min(number for _, number in quiet) >= 1000:
            change = (quiet[1][0] / quiet[0][0] - 1) * 100
            lines.append(f"| p99 while the host took less than {QUIET:.0%}, ms ({quiet[0][1]:,} and {quiet[1][1]:,} answers) | {quiet[0][0]:.2f} | {quiet[1][0]:.2f} | {change:+.1f} % |")
        lines.append(f"| of the processors, to others by the host | {host[0]:.0f} % | {host[1]:.0f} % | |")
    goals = [
        Goal("soak.memory", f"{minutes:g} minutes at half load, growth of memory", "", "≤ 2 %", [growth], "%", most=2),
        Goal("soak.p99", f"{minutes:g} minutes at half load, drift of p99", "", "≤ 10 %", [drift], "%", most=10)]
    return Section("Half an hour at half load", notes, ["\n".join(lines)], goals)
