#!/usr/bin/env python3
"""Plants faults and sees whether the tests find them: `make faults`.

All faults go into one scratch copy, each asleep until ZHIFANG_FAULT names it, so that they cost one build and not thirty. A fault is
caught by the tests made by hand, or else by a few random databases beside the oracle; both stop at the first failure.

    run.py [--out docs/faults.md] [--only 3,17] [--scratch DIR] [--databases N] [--jobs N]
"""
import argparse, concurrent.futures, os, pathlib, re, shutil, subprocess, sys, tempfile, time

import yaml

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PARTS = ["Package.swift", "Package.resolved", "Sources", "Tests", "Data"]
HAND = "MeasuresTests|KernelTests|TimeTests"
SLEEPER = '''import Foundation

/// Whether a planted fault is awake (Tests/faults); in no other copy of the program.
public func planted(_ number: Int) -> Bool { number == awake }
private let awake = Int(ProcessInfo.processInfo.environment["ZHIFANG_FAULT"] ?? "") ?? 0
'''


def copy(scratch, changed):
    """The sources as they stand, with the changed ones in place; a file that is the same keeps its day, so that builds stay short."""
    wanted = {}
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", *PARTS], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file():
            wanted[name] = (ROOT / name).read_bytes()
    wanted |= {name: text.encode() for name, text in changed.items()}
    for name, body in wanted.items():
        path = scratch / name
        if not path.exists() or path.read_bytes() != body:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(body)
    for part in ("Sources", "Tests"):
        for path in (scratch / part).rglob("*"):
            if path.is_file() and str(path.relative_to(scratch)) not in wanted:
                path.unlink()


def plant(faults):
    """The text of every file that holds a fault, old and new side by side."""
    changed = {"Sources/Kernel/Planted.swift": SLEEPER}
    for number, fault in enumerate(faults, 1):
        name = "Sources/" + fault["file"]
        text = changed.get(name) or (ROOT / name).read_text()
        before, old, after = re.fullmatch(r"(.*)⟦(.*)⟧(.*)", fault["old"], re.DOTALL).groups()
        if text.count(before + old + after) != 1:
            sys.exit(f"fault {number}: {name} holds {text.count(before + old + after)} times: {before + old + after}")
        if not re.search(r"^import Kernel$", text, re.MULTILINE) and not name.startswith("Sources/Kernel/"):
            text = "import Kernel\n" + text
        changed[name] = text.replace(before + old + after, f"{before}(planted({number}) ? {fault['new']} : {old}){after}")
    return changed


def test(scratch, number, databases, tests=None):
    """Who finds a fault: ('hand' or 'oracle' or None, seconds, what is said first). Tests that are named need no oracle."""
    start = time.monotonic()
    binary = scratch / ".build/debug/zhifangPackageTests.xctest"
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"ZHIFANG_PYTHON": sys.executable, "ZHIFANG_FAULT": str(number), "ZHIFANG_DATABASES": str(databases), "TMPDIR": folder}
        environment.pop("ZHIFANG_TEST_LONG", None)
        for who, which in [("hand", tests)] if tests else [("hand", HAND), ("oracle", "OracleTests")]:
            done = subprocess.run(
                [binary, "--testing-library", "swift-testing", "--filter", which], cwd=scratch, env=environment, text=True, errors="replace",
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            if done.returncode:
                said = [line for line in done.stdout.splitlines() if re.search(r"recorded an issue|^↳|Fatal|error:", line)]
                return who, time.monotonic() - start, " ".join(said[:2])[:160], done.stdout
    return None, time.monotonic() - start, "", ""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=pathlib.Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--scratch", type=pathlib.Path, default=pathlib.Path(tempfile.gettempdir()) / "zhifang-faults")
    parser.add_argument("--databases", type=int, default=4)
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    faults = yaml.safe_load((HERE / "faults.yaml").read_text())
    scratch = arguments.scratch
    copy(scratch, plant(faults))
    if not (scratch / ".build/checkouts").exists() and (ROOT / ".build/checkouts").exists():
        for part in ("checkouts", "repositories", "workspace-state.json", "artifacts"):
            source = ROOT / ".build" / part
            (shutil.copytree if source.is_dir() else shutil.copy)(source, scratch / ".build" / part) if source.exists() else None
    print("building with every fault asleep", flush=True)
    subprocess.run(["swift", "build", "--build-tests"], cwd=scratch, check=True, stdout=subprocess.DEVNULL)
    who, seconds, said, output = test(scratch, 0, arguments.databases)
    if who:
        print(output[-4000:])
        sys.exit(f"without any fault the tests fail already ({who}): {said}")
    print(f"no fault: everything passes in {seconds:.0f} s", flush=True)
    numbers = [int(each) for each in arguments.only.split(",") if each] or list(range(1, len(faults) + 1))
    found = {}
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        runs = {pool.submit(test, scratch, number, arguments.databases, faults[number - 1].get("tests")): number for number in numbers}
        for run in concurrent.futures.as_completed(runs):
            number = runs[run]
            found[number] = run.result()
            who, seconds, said, _ = found[number]
            print(f"{number:2} {who or 'NOT CAUGHT':10} {seconds:4.0f} s  {faults[number - 1]['breaks']}  {said}", flush=True)
    caught = sum(1 for who, *_ in found.values() if who)
    print(f"{caught} of {len(found)} caught")
    if arguments.out:
        lines = [
            "# Planted faults", "",
            f"`make faults` plants each of these in a scratch copy and runs the tests made by hand and, where they find nothing, {arguments.databases} random",
            f"databases beside the oracle. {caught} of {len(found)} are caught.", "", "| | breaks | in | caught by |", "|---|---|---|---|",
        ]
        names = {"hand": "hand-made tests", "oracle": "random databases and the oracle", None: "**nothing**"}
        lines += [f"| {n} | {faults[n - 1]['breaks']} | `{faults[n - 1]['file']}` | {names[found[n][0]]} |" for n in sorted(found)]
        arguments.out.write_text("\n".join(lines) + "\n")
    sys.exit(caught != len(found))


if __name__ == "__main__":
    main()
