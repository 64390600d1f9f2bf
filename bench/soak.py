"""Half an hour at half of the measured peak: reads and writes mixed, at a steady rate. Does memory grow, do answers get slower?

    make soak            or: python bench/run.py soak --set minutes=30
"""
import json
import os
import subprocess
import sys
import time

from harness import HERE, Goal, Section, fail, memory_mb, say, tree
from servers import Ours, raw, wrk
from web import OFFICER, Export, Questions, copied, demonstration

WARM = 0.1


def mixed(questions, export, bearer):
    """Of a hundred requests: 60 records, 20 lists, 14 boards, 6 writes."""
    lists, boards, records = (questions.ours(name) for name in ("list", "board", "record"))
    employers = sorted(export.items["employer"])
    requests = []
    for n in range(5000):
        place = n * 37 % 100
        if place < 60:
            requests.append(records[n % len(records)])
        elif place < 80:
            requests.append(lists[n % len(lists)])
        elif place < 94:
            requests.append(boards[n % len(boards)])
        else:
            body = {"values": {"employer": employers[n * 7 % len(employers)], "day": f"2019-{1 + n % 12:02}-{1 + n % 28:02}", "mode": "special", "findings": f"未见异常 {n}"}}
            requests.append(raw("POST", "/api/records/inspection", bearer, body))
    return requests


def soak(asked):
    minutes = asked.size("minutes", 30.0, 1.0)
    folder = os.path.join(asked.folder, "soak")
    os.makedirs(folder, exist_ok=True)
    database = copied(demonstration(asked), os.path.join(folder, "ours.sqlite"))
    with Ours(asked, database, os.path.join(folder, "ours.log")) as server:
        server.settle()
        bearer = server.bearer(OFFICER)
        export = Export(server, bearer, [OFFICER])
        requests = mixed(Questions(export, bearer), export, bearer)
        peak = max(wrk(server, requests, 32, max(3, asked.seconds), folder)["per_second"] for _ in range(3))
        rate = peak * asked.size("share", 0.5, 0.5)
        say(f"soak: peak {peak:,.0f} requests/s, {minutes:g} minutes at {rate:,.0f}/s")
        listed = os.path.join(folder, "requests.txt")
        with open(listed, "wb") as file:
            file.write(b"\n".join(requests) + b"\n")
        times = os.path.join(folder, "times.bin")
        steady = subprocess.Popen(
            [sys.executable, os.path.join(HERE, "steady.py"), "--port", str(server.port), "--requests", listed, "--rate", f"{rate:.3f}", "--seconds", f"{minutes * 60:.0f}", "--out", times],
            stdout=subprocess.PIPE, text=True)
        memory, began = [], time.time()
        with server.watch() as watch:
            while steady.poll() is None:
                memory.append((time.time() - began, memory_mb(tree(server.process.pid))))
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
    notes = [
        f"{minutes:g} minutes at {rate:,.0f} requests a second, half of the {peak:,.0f} that 32 connections got from the same mixture: 60 records, 20 lists of fifty, 14 boards and 6 writes in a hundred, on the "
        f"demonstration database; {told['requests']:,} answers, none wrong. Requests are sent when they are due, whether those before were answered or not, and timed from when they were due. "
        f"Memory is compared between the first and the last fifth after the first tenth of the time, p99 between {told['window']:g} seconds after that tenth and the last {told['window']:g}. "
        f"Server: {watch.cpu_seconds / watch.seconds * 100:.0f} % of a core, peak {watch.peak_mb:.0f} MB. `zhifang verify` was clean afterwards."]
    lines = ["| | first | last | change |", "|---|---:|---:|---:|", f"| memory, MB | {first:.1f} | {last:.1f} | {growth:+.1f} % |"]
    for key in ("p50", "p99"):
        change = (told["last"][key] / told["first"][key] - 1) * 100
        lines.append(f"| {key}, ms | {told['first'][key]:.2f} | {told['last'][key]:.2f} | {change:+.1f} % |")
    goals = [
        Goal("soak.memory", f"{minutes:g} minutes at half load, growth of memory", "", "≤ 2 %", [growth], "%", most=2),
        Goal("soak.p99", f"{minutes:g} minutes at half load, drift of p99", "", "≤ 10 %", [drift], "%", most=10)]
    return Section("Half an hour at half load", notes, ["\n".join(lines)], goals)
