"""The peer of `zhifang bench import`: what a good Python programmer would write with orjson, pydantic and sqlite3.

    python bench/peers/cards.py FOLDER --database FILE [--standards Data/standards]

Reads FOLDER/exam.ndjson into a fresh SQLite file that already holds FOLDER's register (that part is not timed), with the same
checks: required fields, days that exist and do not lie ahead, code tables, references to something that exists, numbers used twice.
A card is created, unchanged (its number is taken by the very same content) or refused. WAL, synchronous=FULL, 1,000 cards a
transaction. It keeps no versions, no duties, no figures and no audit. Prints one JSON line.
"""
import argparse
import csv
import datetime
import json
import os
import resource
import sqlite3
import time
from typing import Annotated

import orjson
import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

BATCH = 1_000
SCHEMA = """
CREATE TABLE employer (id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, name TEXT NOT NULL, credit_code TEXT UNIQUE, division TEXT NOT NULL) STRICT;
CREATE TABLE institution (id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, name TEXT NOT NULL, division TEXT NOT NULL) STRICT;
CREATE TABLE worker (id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, name TEXT NOT NULL, identity TEXT, sex TEXT, birth TEXT) STRICT;
CREATE TABLE exam (
    id INTEGER PRIMARY KEY, code TEXT UNIQUE, worker INTEGER NOT NULL REFERENCES worker, employer INTEGER NOT NULL REFERENCES employer,
    institution INTEGER REFERENCES institution, day TEXT NOT NULL, stage TEXT NOT NULL, factors TEXT, conclusion TEXT) STRICT;
CREATE INDEX exam_by_worker ON exam (worker, day);
CREATE INDEX exam_by_employer ON exam (employer, day);
CREATE INDEX exam_by_institution ON exam (institution, day);
"""


def tables(standards):
    with open(os.path.join(standards, "codes.yaml"), encoding="utf-8") as file:
        small = yaml.safe_load(file)["tables"]
    with open(os.path.join(standards, "factors.csv"), encoding="utf-8-sig", newline="") as file:
        factors = {row["code"] for row in csv.DictReader(file)}
    return set(small["exam_stage"]["codes"]), set(small["exam_conclusion"]["codes"]), factors


def card_model(standards):
    stages, conclusions, factors = tables(standards)
    today = datetime.date.today()

    def known(table):
        def check(code):
            if code not in table:
                raise ValueError("unknown code")
            return code
        return AfterValidator(check)

    def all_known(codes):
        if any(code not in factors for code in codes):
            raise ValueError("unknown factor")
        return sorted(set(codes))

    def not_ahead(day):
        if day > today or day.year < 1900:
            raise ValueError("day out of range")
        return day

    class Card(BaseModel):
        model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)
        code: Annotated[str, Field(max_length=64)] | None = None
        worker: str
        employer: str
        institution: str | None = None
        day: Annotated[datetime.date, AfterValidator(not_ahead)]
        stage: Annotated[str, known(stages)]
        factors: Annotated[list[str], AfterValidator(all_known)] = []
        conclusion: Annotated[str, known(conclusions)] | None = None
    return Card


def register(database, folder):
    def rows(name, *columns):
        with open(os.path.join(folder, name + ".csv"), encoding="utf-8-sig", newline="") as file:
            return [[row[column] or None for column in columns] for row in csv.DictReader(file)]
    with database:
        database.executemany(
            "INSERT INTO employer (code, name, credit_code, division) VALUES (?, ?, ?, ?)", rows("employer", "code", "name", "credit_code", "division"))
        database.executemany("INSERT INTO institution (code, name, division) VALUES (?, ?, ?)", rows("institution", "code", "name", "division"))
        database.executemany(
            "INSERT INTO worker (code, name, identity, sex, birth) VALUES (?, ?, ?, ?, ?)", rows("worker", "code", "name", "identity", "sex", "birth"))


def read(path, database, Card):
    ids = {kind: dict(database.execute(f"SELECT code, id FROM {kind}")) for kind in ("worker", "employer", "institution")}
    created = unchanged = refused = 0
    cards = 0
    insert = "INSERT INTO exam (code, worker, employer, institution, day, stage, factors, conclusion) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
    waiting, numbers = [], {}

    def flush():
        with database:
            database.execute("BEGIN IMMEDIATE")
            database.executemany(insert, waiting)
        waiting.clear()
        numbers.clear()

    with open(path, "rb") as file:
        for line in file:
            cards += 1
            try:
                card = Card.model_validate(orjson.loads(line))
            except (ValidationError, orjson.JSONDecodeError):
                refused += 1
                continue
            worker, employer = ids["worker"].get(card.worker), ids["employer"].get(card.employer)
            institution = ids["institution"].get(card.institution) if card.institution else None
            if worker is None or employer is None or (card.institution and institution is None):
                refused += 1
                continue
            row = (card.code, worker, employer, institution, card.day.isoformat(), card.stage, ";".join(card.factors) or None, card.conclusion)
            if card.code:
                before = numbers.get(card.code) or database.execute(
                    "SELECT code, worker, employer, institution, day, stage, factors, conclusion FROM exam WHERE code = ?", (card.code,)).fetchone()
                if before is not None:
                    if before == row:
                        unchanged += 1
                    else:
                        refused += 1
                    continue
                numbers[card.code] = row
            created += 1
            waiting.append(row)
            if len(waiting) == BATCH:
                flush()
    flush()
    return {"cards": cards, "created": created, "unchanged": unchanged, "refused": refused}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--database", required=True)
    parser.add_argument("--standards", default="Data/standards")
    arguments = parser.parse_args()
    database = sqlite3.connect(arguments.database, isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute("PRAGMA foreign_keys = ON")
    database.execute("PRAGMA cache_size = -64000")
    database.executescript(SCHEMA)
    database.execute("BEGIN")
    register(database, arguments.folder)
    Card = card_model(arguments.standards)
    start, worked = time.perf_counter(), time.process_time()
    counts = read(os.path.join(arguments.folder, "exam.ndjson"), database, Card)
    seconds, worked = time.perf_counter() - start, time.process_time() - worked
    stored = database.execute("SELECT count(*) FROM exam").fetchone()[0]
    assert stored == counts["created"], (stored, counts)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(counts | {
        "seconds": round(seconds, 4), "cpu_seconds": round(worked, 4), "cards_per_second": round(counts["cards"] / seconds, 1), "peak_rss_mb": round(peak, 1)}))


if __name__ == "__main__":
    main()
