"""The peers of `zhifang bench sheets`: openpyxl writes (write_only) and reads (read_only), calamine reads.

    python sheets.py write FILE [--rows N]
    python sheets.py openpyxl|calamine FILE

The cells are those of Sources/zhifang/BenchSheets.swift. Prints one line of JSON.
"""
import argparse
import datetime
import hashlib
import json
import time

COLUMNS, BLOCK, SAMPLED = 20, 10_000, 1009
TEXTS = ["某县某工业区", "木质家具制造", "在岗期间", "目前未见异常", "三氯乙烯;噪声", "市疾病预防控制中心", "合格"]
EPOCH = datetime.date(1970, 1, 1)


def chance(row, column, limit):
    return ((row * 2_654_435_761 + column * 40_503_117) & 0xFFFFFFFF) // 128 % limit


def cells(row):
    found = [f"R{row}", f"基准企业{chance(row, 1, 100_000)}有限公司"]
    found += [TEXTS[column - 2] + str(chance(row, column, 40)) for column in range(2, 9)]
    found += [chance(row, column, 100_000) for column in range(9, 15)]
    found += [chance(row, column, 1_000_000) / 100 for column in range(15, 18)]
    return found + [EPOCH + datetime.timedelta(days=16_000 + chance(row, column, 3000)) for column in (18, 19)]


def memory(name):
    with open("/proc/self/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith(name)) / 1024


def write(path, rows):
    import openpyxl
    block = [cells(row) for row in range(BLOCK)]
    base = memory("VmRSS:")
    start = time.perf_counter()
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("bench")
    sheet.append([f"c{column}" for column in range(COLUMNS)])
    for row in range(rows):
        values = block[row % BLOCK]
        values[0] = f"R{row}"
        sheet.append(values)
    book.save(path)
    return {"seconds": time.perf_counter() - start, "base_mb": base}


def plain(row):
    texts = []
    for place, value in enumerate(row):
        if 15 <= place < 18:
            hundredths = round(value * 100)
            texts.append(f"{hundredths // 100}.{hundredths % 100:02}")
        elif isinstance(value, (datetime.date, datetime.datetime)):
            texts.append(value.strftime("%Y-%m-%d"))
        else:
            texts.append(str(int(value)) if isinstance(value, float) else str(value))
    return "|".join(texts)


def read(rows):
    count = filled = total = 0
    digest = hashlib.sha256(b"").hexdigest()
    for row in rows:
        filled += sum(value is not None and value != "" for value in row)
        total += int(row[9])
        if count % SAMPLED == 0:
            digest = hashlib.sha256((digest + plain(row)).encode()).hexdigest()
        count += 1
    return {"rows": count, "cells": filled, "total": total, "digest": digest}


def by_openpyxl(path):
    import openpyxl
    base, start = memory("VmRSS:"), time.perf_counter()
    book = openpyxl.load_workbook(path, read_only=True)
    found = read(book.worksheets[0].iter_rows(min_row=2, values_only=True))
    return found | {"seconds": time.perf_counter() - start, "base_mb": base}


def by_calamine(path):
    import python_calamine
    base, start = memory("VmRSS:"), time.perf_counter()
    sheet = python_calamine.CalamineWorkbook.from_path(path).get_sheet_by_index(0)
    rows = sheet.iter_rows()
    next(rows)
    found = read(rows)
    return found | {"seconds": time.perf_counter() - start, "base_mb": base}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["write", "openpyxl", "calamine"])
    parser.add_argument("file")
    parser.add_argument("--rows", type=int, default=1_000_000)
    arguments = parser.parse_args()
    found = write(arguments.file, arguments.rows) if arguments.what == "write" else {"openpyxl": by_openpyxl, "calamine": by_calamine}[arguments.what](arguments.file)
    print(json.dumps(found | {"peak_mb": memory("VmHWM:")}))


if __name__ == "__main__":
    main()
