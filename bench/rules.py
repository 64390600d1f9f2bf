"""Verdicts from raw samples beside pandas, and fits of censored groups beside SciPy. Both sides begin with their samples in memory."""
import math
import os
import sys
import time

import numpy as np

from harness import Goal, Section, fail, paired, run, say, table
from servers import PEERS

sys.path.append(PEERS)
import fits  # noqa: E402
import pandas as pd  # noqa: E402
import verdicts  # noqa: E402

ALL_THREADS = f"zhifang, {os.cpu_count()} threads"


def rules(asked):
    judged, notes, goal = verdicts_bench(asked)
    fitted, more, goals = fits_bench(asked)
    return Section("Verdicts and fits", notes + more, [judged, fitted], [goal] + goals)


def verdicts_bench(asked):
    samples = verdicts.generate(asked.size("samples", 1_000_000, 80_000), 1)
    paths = [os.path.join(asked.folder, name) for name in ("samples.bin", "limits.csv", "verdicts.csv")]
    with open(paths[0], "wb") as file:
        for name in ("group", "limit", "kind", "start", "minutes", "concentration"):
            file.write(samples[name].to_numpy(dtype="<f8").tobytes())
    with open(paths[1], "w", encoding="utf-8") as file:
        for limit in verdicts.LIMITS:
            file.write(",".join("" if value != value else f"{value:g}" for value in limit) + "\n")
    command = [asked.binary, "bench", "verdicts", paths[0], paths[1], "--rounds", "5", "--answers", paths[2]]
    rows = {"zhifang": [], ALL_THREADS: [], "pandas": []}
    for turn in range(asked.rounds):
        rows["zhifang"].append({"seconds": run(command)["seconds"]})
        rows[ALL_THREADS].append({"seconds": run(command + ["--workers", str(os.cpu_count())])["seconds"]})
        began = time.perf_counter()
        verdict, average, findings = verdicts.judge(samples)
        rows["pandas"].append({"seconds": time.perf_counter() - began})
        say(f"verdicts, round {turn + 1}: ours {rows['zhifang'][-1]['seconds']:.4f} s, pandas {rows['pandas'][-1]['seconds']:.4f} s")
        mine = pd.read_csv(paths[2])
        known = sum(verdicts.BITS.values())
        wrong = (mine["verdict"].to_numpy() != verdict) | ((mine["findings"].to_numpy() & known) != findings)
        wrong |= np.abs(mine["twa"].to_numpy() - average) > 1e-9 * np.maximum(average, 1)
        if wrong.any():
            first = int(np.flatnonzero(wrong)[0])
            fail(f"{int(wrong.sum())} verdicts differ, the first of group {first}: {mine.iloc[first].to_dict()}, {verdict[first]} {average[first]} {findings[first]}")
    for each in [each for rounds in rows.values() for each in rounds]:
        each["per_second"] = len(verdict) / each["seconds"]
    notes = [f"{len(samples):,} samples in {len(verdict):,} groups: {', '.join(f'{name} {int((verdict == name).sum()):,}' for name in ('pass', 'exceed', 'unknown'))}; every verdict, finding and average equal."]
    goal = Goal("verdicts", "verdicts from raw samples, one thread", "pandas", "reported", paired(rows["zhifang"], rows["pandas"], "seconds"))
    return table(rows, [("seconds", "seconds"), ("per_second", "verdicts/s")], [("seconds", "peer ÷ ours, one thread", False)]), notes, goal


def fits_bench(asked):
    cases = fits.groups(asked.size("groups", 2000, 200), 12, 0.25)
    file, answers = os.path.join(asked.folder, "groups.txt"), os.path.join(asked.folder, "fits.csv")
    with open(file, "w", encoding="utf-8") as out:
        for values, below in cases:
            out.write(" ".join(("<" if is_below else "") + repr(float(value)) for value, is_below in zip(values, below)) + "\n")
    rows = {"zhifang": []} | {name: [] for name, *_ in fits.PEERS}
    for turn in range(asked.rounds):
        rows["zhifang"].append({"seconds": run([asked.binary, "bench", "fits", file, "--answers", answers])["seconds"]})
        ours = np.loadtxt(answers, delimiter=",")
        for name, fit, tolerance, _ in fits.PEERS:
            start = time.process_time()
            found = fit(cases)
            rows[name].append({"seconds": time.process_time() - start})
            off = np.abs(found - ours[:, :2]).max()
            if off > tolerance:
                fail(f"{name} differs by {off:.1e}, more than {tolerance:.0e}")
            # Whoever differs must be the one that is lower on the hill.
            for (mu, sigma), (values, below), best in zip(found, cases, ours[:, 2]):
                logs = np.log(values)
                value = -fits.loss((mu, math.log(sigma)), logs[~below], logs[below])[0]
                if value > best + 1e-10:
                    fail(f"{name} found a better maximum: {value} > {best}")
        say(f"fits, round {turn + 1}: ours {rows['zhifang'][-1]['seconds']:.5f} s")
    for each in [each for rounds in rows.values() for each in rounds]:
        each["per_second"] = len(cases) / each["seconds"]
    notes = [f"{len(cases):,} groups of 12 results with about a quarter below limits of quantification, in seconds of the processor; answers within "
             f"{', '.join(f'{tolerance:.0e} ({name})' for name, _, tolerance, _ in fits.PEERS)}. What the rows are: [fits.md](peers/fits.md)."]
    goals = [Goal("fits", "fits of censored groups", name, "reported", paired(rows["zhifang"], rows[name], "seconds"))
             for name in (min((name for name, _, _, isSciPy in fits.PEERS if isSciPy), key=lambda name: min(each["seconds"] for each in rows[name])), fits.PEERS[-1][0])]
    return table(rows, [("seconds", "CPU seconds"), ("per_second", "fits/s")], [("seconds", "peer ÷ ours", False)]), notes, goals
