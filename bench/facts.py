"""Facts from a seed: stretches of subjects by indicator and county, with days from and until and a verdict.

    python bench/facts.py FOLDER --facts 5000000 [--seed 1]

Each subject of an indicator has a run of stretches that follow each other, as duties do: pending until it is due, then met, unmet or unknown. Days are any
days of five years; one stretch in five has no end. Writes the columns that `zhifang bench facts` reads, the same as facts.parquet for the peers, and a plan
with the indicators. The same seed gives the same bytes.
"""
import argparse
import csv
import os

import numpy as np

YEARS, INDICATORS, COUNTIES = (2016, 2020), 20, 110
OPEN_END = 10_000_000
PROVINCE = "450000"


def counties(data):
    """The first counties of a province in the table of divisions that are in force."""
    with open(os.path.join(data, "standards", "divisions.csv"), encoding="utf-8-sig", newline="") as file:
        codes = [row["code"] for row in csv.DictReader(file)
                 if row["code"][:2] == PROVINCE[:2] and not row["code"].endswith("00") and row["status"] == "current" and not row["until"]]
    return sorted(codes)[:COUNTIES]


def plan():
    lines = ["format: 1", "id: SIZE", "name: {zh: 基准}", f"jurisdiction: {{code: '{PROVINCE}', level: province, name: {{zh: 基准}}}}",
             f"period: {{start: {YEARS[0]}, end: {YEARS[1]}}}", "indicators:"]
    return "\n".join(lines + [f"  - {{id: S{n:02}, measure: declaration_rate, name: {{zh: S{n:02}}}, target: {{operator: gte, value: 80}}}}" for n in range(INDICATORS)]) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--facts", type=int, default=5_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--data", default="Data")
    arguments = parser.parse_args()
    random, count = np.random.default_rng(arguments.seed), arguments.facts
    os.makedirs(arguments.folder, exist_ok=True)
    codes = counties(arguments.data)
    first = (np.datetime64(f"{YEARS[0]}-01-01") - np.datetime64("1970-01-01")).astype(int)
    days = (np.datetime64(f"{YEARS[1]}-12-31") - np.datetime64("1970-01-01")).astype(int) - first
    start = first + random.integers(0, days, count)
    length = random.integers(20, 400, count)
    columns = {
        "indicator": random.integers(0, INDICATORS, count).astype("<u1"),
        # Counties are of unequal size.
        "county": (random.random(count) ** 1.5 * len(codes)).astype("<u1"),
        "verdict": random.choice(4, count, p=[0.62, 0.2, 0.06, 0.12]).astype("<u1"),
        "from": start.astype("<i4"), "until": np.where(random.random(count) < 0.2, OPEN_END, start + length).astype("<i4")}
    for name, values in columns.items():
        values.tofile(os.path.join(arguments.folder, f"{name}.{'u8' if values.dtype.itemsize == 1 else 'i32'}"))
    for name, text in (("counties.txt", "\n".join(codes) + "\n"), ("indicators.txt", "".join(f"S{n:02}\n" for n in range(INDICATORS))), ("plan.yaml", plan())):
        with open(os.path.join(arguments.folder, name), "w", encoding="utf-8") as file:
            file.write(text)
    import pyarrow
    import pyarrow.parquet
    pyarrow.parquet.write_table(pyarrow.table({
        "indicator": columns["indicator"], "county": columns["county"], "verdict": columns["verdict"], "start": columns["from"], "until": columns["until"]}),
        os.path.join(arguments.folder, "facts.parquet"))


if __name__ == "__main__":
    main()
