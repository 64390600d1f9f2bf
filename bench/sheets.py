"""Workbooks of twenty columns, written and read: ours beside openpyxl and calamine. peers/sheets.py makes and checks the same cells."""
import os
import sys

from harness import Goal, Section, fail, in_turn, load, paired, run, say, table

PEER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "peers", "sheets.py")


def xlsx(asked):
    tables, goals = [], []
    sizes = [(asked.size("rows", 50_000, 5_000), asked.rounds)]
    full = asked.size("full_rows", 1_000_000, 20_000)
    if full > sizes[0][0]:
        sizes.append((full, asked.size("full_rounds", 1, 1)))
    for rows, rounds in sizes:
        isFull = rows == sizes[-1][0]
        ours, theirs = (os.path.join(asked.folder, name + ".xlsx") for name in ("ours", "openpyxl"))
        writers = {
            "zhifang": [asked.binary, "bench", "sheets", "write", ours, "--rows", str(rows)],
            "openpyxl, write_only": [sys.executable, PEER, "write", theirs, "--rows", str(rows)]}
        measured = {name: [] for name in writers}
        for turn, name in in_turn(rounds, writers):
            measured[name].append(run(writers[name]))
            tell(rows, turn, name, measured)
        tables.append(f"**Written: {rows:,} rows, {count(rounds)}**\n\n" + sheet_table(measured))
        if isFull:
            goals.append(Goal("xlsx.write", f"XLSX written, {rows:,} rows × 20 columns", "openpyxl (write_only)", "≥ 20", paired(measured["zhifang"], measured["openpyxl, write_only"], "seconds"), least=20))
            goals.append(Goal("xlsx.write.memory", "memory over the base while it is written", "", "< 64 MB", [each["over_mb"] for each in measured["zhifang"]], "MB", most=64))
        # Excel and openpyxl keep texts in one table of the workbook; ours writes them where they stand. Both are read.
        for kind, path in (("with a table of texts, as Excel and openpyxl write it", theirs), ("with texts in their cells, as ours writes it", ours)):
            readers = {
                "zhifang": [asked.binary, "bench", "sheets", "read", path], "openpyxl, read_only": [sys.executable, PEER, "openpyxl", path],
                "calamine": [sys.executable, PEER, "calamine", path]}
            measured = {name: [] for name in readers}
            for turn, name in in_turn(rounds, readers):
                measured[name].append(run(readers[name]))
                tell(rows, turn, name, measured)
            found = {tuple(each[key] for key in ("rows", "cells", "total", "digest")) for rounds_ in measured.values() for each in rounds_}
            if len(found) != 1 or next(iter(found))[0] != rows:
                fail(f"what was read differs: {found}")
            tables.append(f"**Read: {rows:,} rows, {kind}, {count(rounds)}**\n\n" + sheet_table(measured))
            if isFull and path == theirs:
                goals.append(Goal("xlsx.read.openpyxl", f"XLSX read, {rows:,} rows × 20 columns", "openpyxl (read_only)", "≥ 20", paired(measured["zhifang"], measured["openpyxl, read_only"], "seconds"), least=20))
                goals.append(Goal("xlsx.read.calamine", f"XLSX read, {rows:,} rows × 20 columns", "calamine", "≥ 3", paired(measured["zhifang"], measured["calamine"], "seconds"), least=3))
                goals.append(Goal("xlsx.read.memory", "memory over the base while it is read", "", "< 64 MB", [each["over_mb"] for each in measured["zhifang"]], "MB", most=64))
    notes = [
        "Nine columns of text, six of whole numbers, three of numbers with two places, two of days; the first column is another in each row, the others come again after 10,000 "
        "rows. Rows are made before the clock starts. After reading, the number of rows and cells, the sum of a column, and a digest over every 1,009th row are equal. "
        "openpyxl is given Python's own numbers and dates (write_only) and gives them back (read_only, values only); ours takes texts and decides itself what is a number or a "
        "day. calamine (python-calamine, Rust) reads the whole sheet into memory first. *over base* is the peak of resident memory less what the program held before "
        "its first row."]
    return Section("Workbooks (XLSX)", notes, tables, goals)


def count(rounds):
    return "one round" if rounds == 1 else f"{rounds} rounds in turn"


def tell(rows, turn, name, measured):
    each = measured[name][-1]
    each["over_mb"] = each["peak_mb"] - each["base_mb"]
    say(f"xlsx, {rows:,} rows, round {turn + 1}, {name}: {each['seconds']:.2f} s, {each['over_mb']:.0f} MB over base, load {load()}")


def sheet_table(rows):
    return table(
        rows, [("seconds", "seconds"), ("process_cpu_seconds", "CPU seconds of the program"), ("peak_mb", "peak MB"), ("over_mb", "over base MB")],
        [("seconds", "seconds, peer ÷ ours", False), ("process_cpu_seconds", "CPU, peer ÷ ours", False)])
