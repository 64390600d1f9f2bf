"""What every benchmark here is measured with: rounds in turn, processes watched, ratios with an interval, goals, one table.

A benchmark is a function that takes `Asked` and returns a `Section`. It runs ours and its peers in turn (A B C A B C …), checks that their
answers are equal, and hands back what each round measured. Nothing here knows what is measured.
"""
import dataclasses
import json
import math
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TICKS = os.sysconf("SC_CLK_TCK")


def say(text):
    print("bench: " + text, file=sys.stderr, flush=True)


def fail(text):
    sys.exit("bench: " + text)


# --- What a process and its children take -----------------------------------------------------------------------------------------


def tree(root):
    """The process and everything that it started, by id."""
    parents = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", "rb") as file:
                    parents[int(name)] = int(file.read().rpartition(b")")[2].split()[1])
            except (OSError, IndexError):
                pass
    found, grew = {root}, True
    while grew:
        more = {pid for pid, parent in parents.items() if parent in found} - found
        grew = bool(more)
        found |= more
    return found


def cpu_seconds(pids):
    """User and system time, with that of children that ended and were waited for."""
    total = 0
    for pid in pids:
        try:
            with open(f"/proc/{pid}/stat", "rb") as file:
                parts = file.read().rpartition(b")")[2].split()
            total += sum(int(parts[place]) for place in (11, 12, 13, 14))
        except (OSError, IndexError):
            pass
    return total / TICKS


def memory_mb(pids):
    """Resident megabytes. A page that several of the processes share counts once (Pss), which is in favour of whoever forks."""
    total = 0
    for pid in pids:
        try:
            with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
                total += next((int(line.split()[1]) for line in file if line.startswith("Pss:")), 0)
        except OSError:
            pass
    return total / 1024


def stolen_seconds():
    """Time in which the machine wanted to run and its host ran something else, in seconds of its processors; 0 where no host tells."""
    try:
        with open("/proc/stat", encoding="ascii") as file:
            return int(file.readline().split()[8]) / TICKS
    except (OSError, IndexError):
        return 0.0


class Watch:
    """Watches a process and its children for the length of a `with`: CPU seconds, wall seconds, peak memory by samples five times a second,
    and the share of the processors that the host of the machine took meanwhile."""

    def __init__(self, pid):
        self.pid, self.peak_mb, self.cpu_seconds, self.seconds, self.stolen = pid, 0.0, 0.0, 0.0, 0.0
        self._stop = threading.Event()

    def __enter__(self):
        self._before, self._stolen = cpu_seconds(tree(self.pid)), stolen_seconds()
        self._start = time.perf_counter()
        self._thread = threading.Thread(target=self._sample, daemon=True)
        self._thread.start()
        return self

    def _sample(self):
        while True:
            self.peak_mb = max(self.peak_mb, memory_mb(tree(self.pid)))
            if self._stop.wait(0.2):
                return

    def __exit__(self, *_):
        self.seconds = time.perf_counter() - self._start
        self._stop.set()
        self._thread.join()
        self.cpu_seconds = cpu_seconds(tree(self.pid)) - self._before
        self.stolen = (stolen_seconds() - self._stolen) / self.seconds / (os.cpu_count() or 1)


def run(command, quiet=False, environment=None, folder=None):
    """Runs a program to its end: the last line of its output as JSON, with wall seconds, CPU seconds and peak memory of the process."""
    start = time.perf_counter()
    with tempfile.TemporaryFile("w+", encoding="utf-8") as out, tempfile.TemporaryFile("w+", encoding="utf-8") as wrong:
        process = subprocess.Popen(
            command, stdout=out, stderr=wrong, stdin=subprocess.DEVNULL, env=os.environ | (environment or {}), cwd=folder)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0), wrong.seek(0)
        lines = [line for line in out.read().splitlines() if line.strip()]
        errors = wrong.read().splitlines()
    if process.returncode:
        fail(f"ended with {process.returncode}: {' '.join(command)}\n" + "\n".join((lines + errors)[-12:]))
    answer = {} if quiet else json.loads(lines[-1])
    return {"process_seconds": seconds, "process_cpu_seconds": usage.ru_utime + usage.ru_stime, "peak_mb": usage.ru_maxrss / 1024} | answer


def run_watched(command, environment=None):
    """As `run`, for a program that starts others: memory is that of all of them."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True, env=os.environ | (environment or {}))
    with Watch(process.pid) as watch:
        text = process.communicate()[0]
    if process.returncode:
        fail(f"ended with {process.returncode}: {' '.join(command)}")
    return json.loads(text.splitlines()[-1]) | {"peak_mb": watch.peak_mb, "process_seconds": watch.seconds}


# --- Rounds and ratios ------------------------------------------------------------------------------------------------------------


def in_turn(rounds, programs):
    """A B C A B C …: (round, name), so that each round's ratio is of runs that followed each other."""
    for turn in range(rounds):
        for name in programs:
            yield turn, name


def interval(values):
    """Of the median: the narrowest pair of order statistics that holds it with 95 %, and how sure that is. With fewer than six values no
    pair does: least and greatest then, with what they hold."""
    ordered, count = sorted(values), len(values)

    def holds(k):
        return 1 - 2 * sum(math.comb(count, i) for i in range(k)) / 2 ** count
    k = max([k for k in range(1, count // 2 + 1) if holds(k) >= 0.95], default=1)
    return ordered[k - 1], ordered[-k], max(0.0, holds(k)) if count > 1 else 0.0


def number(value):
    if value is None:
        return "—"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def median(values):
    values = [value for value in values if value is not None]
    return statistics.median(values) if values else None


def spread(values):
    """Median and interval."""
    values = [value for value in values if value is not None]
    if not values:
        return "—"
    if len(values) == 1:
        return number(values[0])
    low, high, _ = interval(values)
    return f"{number(statistics.median(values))} ({number(low)}–{number(high)})"


def paired(ours, theirs, key, larger_is_better=False):
    """Round by round how many times better ours is."""
    pairs = [(a[key], b[key]) for a, b in zip(ours, theirs) if a.get(key) and b.get(key)]
    return [a / b if larger_is_better else b / a for a, b in pairs]


@dataclasses.dataclass
class Goal:
    """One aim of the platform, and what was measured for it. `values` are the rounds."""
    name: str
    work: str
    against: str
    aim: str
    values: list
    unit: str = "×"
    least: float | None = None
    most: float | None = None

    def told(self):
        middle = median(self.values)
        isMet = None if middle is None or (self.least is None and self.most is None) else (
            (self.least is None or middle >= self.least) and (self.most is None or middle <= self.most))
        return {"name": self.name, "work": self.work, "against": self.against, "aim": self.aim, "unit": self.unit,
                "measured": f"{spread(self.values)} {self.unit}".strip(), "rounds": len(self.values), "met": isMet}


@dataclasses.dataclass
class Section:
    """What a benchmark found: words, tables, goals."""
    title: str
    notes: list
    tables: list
    goals: list = dataclasses.field(default_factory=list)


def table(rows, columns, ratios=(), ours="zhifang"):
    """rows: name → its rounds, ours first. `columns`: (key, heading). `ratios`: (key, heading, larger is better), how many times better
    ours is than the row's program."""
    lines = ["| program | " + " | ".join([heading for _, heading in columns] + [heading for _, heading, _ in ratios]) + " |"]
    lines.append("|---|" + "---:|" * (len(columns) + len(ratios)))
    for name, rounds in rows.items():
        cells = [spread([each.get(key) for each in rounds]) for key, _ in columns]
        cells += ["" if name == ours else spread(paired(rows[ours], rounds, key, larger)) for key, _, larger in ratios]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


@dataclasses.dataclass
class Asked:
    """How the benchmarks are run."""
    binary: str
    data: str
    rounds: int
    quick: bool
    seconds: float
    folder: str
    options: dict

    def size(self, name, full, quick):
        """A size by its option, else the full or the quick one."""
        given = self.options.get(name)
        return type(full)(given) if given is not None else quick if self.quick else full

    def ours(self, *command, database=None, quiet=False):
        place = ["--database", database] if database else []
        return run([self.binary, *command, *place, "--data", self.data], quiet=quiet)


# --- The machine ------------------------------------------------------------------------------------------------------------------


def processor():
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            return next((line.split(":")[1].strip() for line in file if line.startswith("model name")), platform.machine())
    except OSError:
        return platform.machine()


def load():
    return f"{os.getloadavg()[0]:.1f}"
