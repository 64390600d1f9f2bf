"""The processes of one PostgreSQL, found by its data folder, and their sudden end."""

import os
import signal
import time


def processes(data):
    """(the postmaster, [(process, title)] of what it started)"""
    with open(os.path.join(data, "postmaster.pid"), encoding="ascii") as file:
        first = int(file.readline())
    children = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as file:
                    parent = int(file.read().rpartition(")")[2].split()[1])
                with open(f"/proc/{name}/cmdline", "rb") as file:
                    if parent == first:
                        children.append((int(name), file.read().decode(errors="replace")))
            except OSError:
                continue
    return first, children


def kill(data):
    """As a machine falls: all of it at once, the postmaster first, so that it starts nothing anew. Returns when all are dead."""
    first, children = processes(data)
    numbers = [first, *(number for number, _ in children)]
    for number in numbers:
        try:
            os.kill(number, signal.SIGKILL)
        except ProcessLookupError:
            pass
    until = time.monotonic() + 30
    # Where nobody buries the dead they keep their numbers, but no program.
    while time.monotonic() < until and any(os.path.exists(f"/proc/{number}/exe") for number in numbers):
        time.sleep(0.01)
    # Their numbers still look like a postmaster's to the next start.
    os.unlink(os.path.join(data, "postmaster.pid"))
