"""What the benchmarks found, kept one file each in bench/results, and the documents made of all of them.

    python bench/report.py        writes bench/RESULTS.md and the README's table anew from what is kept
"""
import importlib.metadata
import json
import os
import platform
import re
import time

import yaml

from harness import HERE, processor

RESULTS = os.path.join(HERE, "results")
ORDER = ["reads", "writes", "ingest", "edit", "size", "xlsx", "start", "soak", "import", "board", "rules"]
PEERS = ["fastapi", "uvicorn", "uvloop", "httptools", "django", "gunicorn", "orjson", "pydantic", "duckdb", "polars", "openpyxl", "python-calamine", "pandas", "scipy"]
MARKS = ("<!-- bench: written by bench/report.py -->", "<!-- /bench -->")
BRIEF = {"p99": "p99 ", "memory": "memory "}
WORDS = {True: "met", False: "**missed**", None: "reported"}


def versions():
    found = []
    for name in PEERS:
        try:
            found.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            pass
    return ", ".join(found)


def found(name, section, rounds, load, stolen, minutes, command):
    """One benchmark's findings as they are kept."""
    return {
        "bench": name, "title": section.title, "day": time.strftime("%Y-%m-%d"), "command": command, "rounds": rounds, "load": list(load), "stolen": round(stolen, 3),
        "minutes": round(minutes, 1), "notes": section.notes, "tables": section.tables, "goals": [goal.told() for goal in section.goals],
        "machine": f"{processor()}, {os.cpu_count()} cores, {platform.system()} {platform.release()}, Python {platform.python_version()}", "peers": versions()}


def keep(one):
    os.makedirs(RESULTS, exist_ok=True)
    with open(os.path.join(RESULTS, one["bench"] + ".json"), "w", encoding="utf-8") as file:
        json.dump(one, file, ensure_ascii=False, indent=1)
        file.write("\n")


def kept():
    names = [name for name in ORDER if os.path.exists(os.path.join(RESULTS, name + ".json"))]
    return [json.load(open(os.path.join(RESULTS, name + ".json"), encoding="utf-8")) for name in names]


def reasons():
    """Why a goal is missed: written by whoever read the profile, by the goal's name or the beginning of it."""
    with open(os.path.join(HERE, "reasons.yaml"), encoding="utf-8") as file:
        return yaml.safe_load(file) or {}


def reason(name, words):
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        if ".".join(parts[:length]) in words:
            return words[".".join(parts[:length])].strip()
    return None


def goals(all):
    """The whole table, a row a goal."""
    lines = ["| work | against | aim | measured | | |", "|---|---|---|---:|---|---|"]
    for one in all:
        for goal in one["goals"]:
            lines.append(f"| {goal['work']} | {goal['against']} | {goal['aim']} | {goal['measured']} | {WORDS[goal['met']]} | `{one['bench']}`, load {one['load'][0]} |")
    return "\n".join(lines)


def brief(all):
    """The goals alone, one row for each work and peer: what goes with a row (p99, memory) stands behind it."""
    lines = ["| work | against | aim | measured | |", "|---|---|---|---:|---|"]
    for one in all:
        rows = {}
        for goal in one["goals"]:
            if goal["met"] is not None:
                *names, last = goal["name"].split(".")
                rows.setdefault((*names, *([] if len(names) > 1 and last in BRIEF else [last]), goal["against"]), []).append(goal)
        for some in rows.values():
            measured = "; ".join(f"{BRIEF.get(goal['name'].split('.')[-1], '')}{goal['measured']}" for goal in some)
            states = " / ".join(WORDS[goal["met"]] for goal in some)
            lines.append(f"| {some[0]['work']} | {some[0]['against']} | {'; '.join(goal['aim'] for goal in some)} | {measured} | {states} |")
    worst = max(float(each) for one in all for each in one["load"])
    if worst > 2 * (os.cpu_count() or 1):
        lines += ["", f"Some of this was measured while the machine did other work (load up to {worst:g} on {os.cpu_count()} processors): seconds then say little, and ratios less than they should."]
    most = max(all, key=lambda one: one.get("stolen") or 0)
    if (most.get("stolen") or 0) > 0.05:
        lines += ["", f"The host of the machine gave up to {most['stolen']:.0%} of its processors to others (`{most['bench']}`), in bursts far more: each section of the results says how much."]
    return "\n".join(lines)


def stolen(one):
    """What the host of a virtual machine gave to others meanwhile: times behind it say more about the host than about anybody's program."""
    return f"; its host gave {one['stolen']:.0%} of its processors to others" if one.get("stolen", 0) >= 0.02 else ""


def text(one):
    lines = [f"## {one['title']}", "", f"`{one['command']}`: {one['day']}, {one['rounds']} rounds in turn, {one['minutes']:g} minutes, load of the machine before and after {one['load'][0]}, {one['load'][1]}{stolen(one)}.", ""]
    for note in one["notes"]:
        lines += [note, ""]
    for each in one["tables"]:
        lines += [each, ""]
    words = reasons()
    missed = [goal for goal in one["goals"] if goal["met"] is False]
    told = {}
    for goal in missed:
        told.setdefault(reason(goal["name"], words), []).append(goal)
    for why, some in told.items():
        names = "; ".join(f"{goal['work']}{', ' + goal['against'] if goal['against'] else ''} (aim {goal['aim']}, measured {goal['measured']})" for goal in some)
        lines += [f"Missed: {names}. {why or 'No profile was read yet.'}", ""]
    return "\n".join(lines)


def write():
    all = kept()
    if not all:
        return
    head = [
        "# Results", "", "Written by `make bench`; ratios as they came out, also where we lose. What is compared and how: [README](README.md).", "",
        "Numbers are medians with the interval that holds the median with at least 95 % (order statistics; with fewer than six rounds the least and the greatest). A ratio is taken round by round, "
        "between runs that followed each other.", "", f"{all[0]['machine']}; {all[0]['peers']}.", "", "## Goals", "", goals(all), ""]
    with open(os.path.join(HERE, "RESULTS.md"), "w", encoding="utf-8") as file:
        file.write("\n".join(head + [text(one) for one in all]).rstrip() + "\n")
    path = os.path.join(HERE, "..", "README.md")
    with open(path, encoding="utf-8") as file:
        readme = file.read()
    if MARKS[0] in readme:
        short = brief(all)
        readme = re.sub(re.escape(MARKS[0]) + ".*?" + re.escape(MARKS[1]), lambda _: f"{MARKS[0]}\n{short}\n{MARKS[1]}", readme, flags=re.S)
        with open(path, "w", encoding="utf-8") as file:
            file.write(readme)


if __name__ == "__main__":
    write()
