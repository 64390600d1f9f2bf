"""The peers of the board at size: DuckDB, polars and PostgreSQL over facts as columns (bench/facts.py).

    python size.py duckdb|polars|postgres FOLDER --year 2019 [--again 7] [--answers FILE.csv] [--url postgresql://…]

Each is asked for met, unmet, unknown and pending by indicator and county at twelve month-ends: one scan with a condition a day, which is the fastest
of the ways tried (a join with the days makes twelve times the rows). `seconds` is the first answer with the facts loaded, `load_seconds` what comes before.
"""
import argparse
import csv
import json
import os
import statistics
import time

import numpy as np

MET, UNMET, UNKNOWN, PENDING = range(4)


def month_ends(year):
    return [int((np.datetime64(f"{year + month // 12}-{month % 12 + 1:02}-01") - np.timedelta64(1, "D") - np.datetime64("1970-01-01")).astype(int)) for month in range(1, 13)]


def sql(days, table):
    """Counts of each day and verdict by cell."""
    columns = ", ".join(
        f'count(*) FILTER (WHERE verdict = {verdict} AND "start" <= {day} AND "until" > {day}) AS c{place}_{verdict}' for place, day in enumerate(days) for verdict in range(4))
    return f"SELECT indicator, county, {columns} FROM {table} GROUP BY indicator, county"


def with_values(rows):
    """Rows of a cell to rows of a cell and a day, with the rate."""
    found = []
    for row in rows:
        for place in range(12):
            met, unmet, unknown, pending = row[2 + place * 4:6 + place * 4]
            found.append((row[0], row[1], place, met, unmet, unknown, pending, met / (met + unmet) * 100 if met + unmet else None))
    return found


class DuckDB:
    def __init__(self, folder, url):
        import duckdb
        self.database = duckdb.connect()
        self.database.execute(f"CREATE TABLE facts AS SELECT * FROM read_parquet('{folder}/facts.parquet')")

    def ask(self, days):
        return with_values(self.database.execute(sql(days, "facts")).fetchall())


class Polars:
    def __init__(self, folder, url):
        import polars
        self.pl, self.frame = polars, polars.read_parquet(os.path.join(folder, "facts.parquet"))

    def ask(self, days):
        pl = self.pl
        counts = []
        for place, day in enumerate(days):
            isThen = (pl.col("start") <= day) & (pl.col("until") > day)
            counts += [(isThen & (pl.col("verdict") == verdict)).sum().alias(f"c{place}_{verdict}") for verdict in range(4)]
        return with_values(self.frame.lazy().group_by("indicator", "county").agg(counts).collect().rows())


class PostgreSQL:
    """A table with the facts, analysed, all of it in the server's buffers or the system's; parallel workers for every core."""

    def __init__(self, folder, url):
        import duckdb
        import psycopg
        self.database = psycopg.connect(url, autocommit=True)
        isThere = self.database.execute("SELECT to_regclass('facts')").fetchone()[0]
        if not isThere:
            self.database.execute('CREATE TABLE facts (indicator smallint, county smallint, verdict smallint, "start" int, "until" int)')
            path = os.path.join(folder, "facts.csv")
            duckdb.sql(f"COPY (SELECT * FROM read_parquet('{folder}/facts.parquet')) TO '{path}' (HEADER false)")
            with self.database.cursor().copy("COPY facts FROM STDIN (FORMAT csv)") as copy, open(path, "rb") as file:
                while part := file.read(1 << 20):
                    copy.write(part)
            os.remove(path)
            self.database.execute("VACUUM (ANALYZE, FREEZE) facts")
        for setting in (f"max_parallel_workers_per_gather = {os.cpu_count()}", "work_mem = '256MB'", "parallel_setup_cost = 0", "jit = on"):
            self.database.execute("SET " + setting)

    def ask(self, days):
        return with_values(self.database.execute(sql(days, "facts")).fetchall())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("engine", choices=["duckdb", "polars", "postgres"])
    parser.add_argument("folder")
    parser.add_argument("--year", type=int, default=2019)
    parser.add_argument("--again", type=int, default=7)
    parser.add_argument("--answers")
    parser.add_argument("--url")
    arguments = parser.parse_args()
    start = time.perf_counter()
    engine = {"duckdb": DuckDB, "polars": Polars, "postgres": PostgreSQL}[arguments.engine](arguments.folder, arguments.url)
    loaded = time.perf_counter() - start
    days = month_ends(arguments.year)

    def ask():
        start = time.perf_counter()
        return engine.ask(days), time.perf_counter() - start
    rows, seconds = ask()
    again = [ask()[1] for _ in range(arguments.again)]
    if arguments.answers:
        with open(os.path.join(arguments.folder, "counties.txt"), encoding="utf-8") as file:
            counties = file.read().split()
        with open(arguments.answers, "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["indicator", "division", "day", "met", "unmet", "unknown", "pending", "value"])
            for indicator, county, place, met, unmet, unknown, pending, value in rows:
                day = str(np.datetime64("1970-01-01") + np.timedelta64(days[place], "D"))
                writer.writerow([f"S{indicator:02}", counties[county], day, met, unmet, unknown, pending, "" if value is None else repr(value)])
    print(json.dumps({"load_seconds": loaded, "seconds": seconds, "again_seconds": statistics.median(again), "again": again}))


if __name__ == "__main__":
    main()
