"""Start until the first answered request, and what an idle server holds."""
import os
import time

from harness import Goal, Section, cpu_seconds, in_turn, load, memory_mb, say, table, tree
from servers import Ours, django, fastapi
from web import NAMES, OFFICER, PLAN, SCOPE, Export, copied, demonstration


def start(asked):
    folder = os.path.join(asked.folder, "start")
    os.makedirs(folder, exist_ok=True)
    database = copied(demonstration(asked), os.path.join(folder, "ours.sqlite"))
    with Ours(asked, database) as ours:
        export = Export(ours, ours.bearer(OFFICER), [OFFICER])
        paths = [export.write(os.path.join(folder, name + ".sqlite")) for name in ("fastapi", "django")]
    makers = {
        "zhifang": lambda: Ours(asked, database), NAMES[0]: lambda: fastapi(paths[0], {"PEER_SCOPE": SCOPE}), NAMES[1]: lambda: django(paths[1], {"PEER_SCOPE": SCOPE})}
    rows = {name: [] for name in makers}
    for turn, name in in_turn(asked.rounds, makers):
        with makers[name]() as server:
            worked = cpu_seconds(tree(server.process.pid))
            time.sleep(asked.size("idle", 10.0, 2.0))
            rows[name].append({
                "start": server.start_seconds, "cpu_seconds": worked, "idle_mb": memory_mb(tree(server.process.pid)),
                "idle_cpu": cpu_seconds(tree(server.process.pid)) - worked})
        say(f"start, round {turn + 1}, {name}: {rows[name][-1]['start']:.3f} s, idle {rows[name][-1]['idle_mb']:.0f} MB, load {load()}")
    goals = [
        Goal("start", "start until the first answered request", "", "≤ 0.3 s", [each["start"] for each in rows["zhifang"]], "s", most=0.3),
        Goal("idle", "memory idle", "", "≤ 60 MB", [each["idle_mb"] for each in rows["zhifang"]], "MB", most=60)]
    size = os.path.getsize(database) / 1e6
    notes = [
        f"The demonstration database ({size:.0f} MB); the program is asked for its sign-in page every two milliseconds from the moment it was launched. Ours checks its schema, keys, rules and "
        f"tables of standards before it listens. Idle: after {asked.size('idle', 10.0, 2.0):g} seconds without a request. The peers hold the same records, without plan {PLAN}'s rules."]
    columns = [("start", "start, s"), ("cpu_seconds", "CPU seconds until then"), ("idle_mb", "idle MB"), ("idle_cpu", "CPU seconds while idle")]
    return Section("Start, and memory idle", notes, [table(rows, columns, [("start", "start, peer ÷ ours", False), ("idle_mb", "memory, peer ÷ ours", False)])], goals)
