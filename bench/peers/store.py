"""What the web peers share: the shape of their database, the models that check what is written, and the words of SQL.

Their tables hold what ours answers, field by field, in columns of its type, with the indexes that the questions need. They have no access
control, no versions, no duties and no figures of their own: a board's figures lie ready as rows.
"""
import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

BASE = ["id", "version", "state", "home", "recorded_at", "title"]
SETTINGS = ["PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", "PRAGMA cache_size = -65536", "PRAGMA temp_store = MEMORY", "PRAGMA mmap_size = 268435456"]
TYPES = {"text": "TEXT", "flag": "INTEGER", "whole": "INTEGER", "number": "REAL", "list": "TEXT"}
MORE = """
CREATE TABLE field (kind TEXT NOT NULL, place INTEGER NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL, masked INTEGER NOT NULL) STRICT;
CREATE TABLE figure (
    plan TEXT NOT NULL, day TEXT NOT NULL, place INTEGER NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL, measure TEXT NOT NULL, value REAL,
    low REAL, high REAL, met INTEGER NOT NULL, unmet INTEGER NOT NULL, unknown INTEGER NOT NULL, pending INTEGER NOT NULL, operator TEXT NOT NULL,
    target REAL, upper REAL, unit TEXT NOT NULL, due INTEGER NOT NULL, outcome TEXT NOT NULL, PRIMARY KEY (plan, day, place)) STRICT, WITHOUT ROWID;
CREATE TABLE plan (plan TEXT PRIMARY KEY, edition INTEGER NOT NULL, digest TEXT NOT NULL, division TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE audit (sequence INTEGER PRIMARY KEY, moment TEXT NOT NULL, person TEXT NOT NULL, subject TEXT NOT NULL, detail TEXT NOT NULL) STRICT;
CREATE INDEX audit_by_subject ON audit (subject, moment);
"""


def tables(kinds):
    """The statements that make the tables. `kinds`: kind → [(field, type, masked)]."""
    for kind, fields in kinds.items():
        columns = [f'"{name}" {TYPES[kind]}' for name, kind, _ in fields]
        yield (f'CREATE TABLE "{kind}" (id TEXT PRIMARY KEY, version INTEGER NOT NULL, state TEXT, home TEXT NOT NULL, recorded_at TEXT NOT NULL, '
               f'title TEXT NOT NULL, {", ".join(columns)}) STRICT, WITHOUT ROWID')
        yield f'CREATE INDEX "{kind}_by_home" ON "{kind}" (home, id)'
        for name, _, _ in fields:
            if name in ("employer", "worker", "institution"):
                yield f'CREATE INDEX "{kind}_by_{name}" ON "{kind}" ("{name}")'
    yield from (statement for statement in MORE.split(";") if statement.strip())


class Shape:
    """How a row becomes the answer: which fields, which of them are flags or lists, which are named as masked."""

    def __init__(self, kind, fields):
        self.kind = kind
        self.names = [name for name, _, _ in fields]
        self.flags = [place for place, (_, type, _) in enumerate(fields) if type == "flag"]
        self.lists = [place for place, (_, type, _) in enumerate(fields) if type == "list"]
        self.masked = [(name, place) for place, (name, _, masked) in enumerate(fields) if masked]
        self.columns = BASE + self.names

    def answer(self, row):
        values = list(row[6:])
        for place in self.flags:
            if values[place] is not None:
                values[place] = values[place] == 1
        for place in self.lists:
            if values[place] is not None:
                values[place] = values[place].split(";")
        return {
            "id": row[0], "kind": self.kind, "version": row[1], "state": row[2], "home": row[3], "recorded_at": row[4], "title": row[5],
            "values": {name: value for name, value in zip(self.names, values) if value is not None},
            "masked": [name for name, place in self.masked if values[place] is not None]}


def figure(row):
    return {
        "id": row[0], "name": row[1], "measure": row[2], "value": row[3], "low": row[4], "high": row[5], "met": row[6], "unmet": row[7],
        "unknown": row[8], "pending": row[9], "target": {"operator": row[10], "value": row[11], "upper": row[12], "unit": row[13], "due": row[14]},
        "outcome": row[15]}


FIGURE_COLUMNS = ["id", "name", "measure", "value", "low", "high", "met", "unmet", "unknown", "pending", "operator", "target", "upper", "unit", "due", "outcome"]


def not_ahead(day):
    if day > datetime.date.today() or day.year < 1900:
        raise ValueError("day out of range")
    return day


Code = Annotated[str, Field(max_length=64)]


class Inspection(BaseModel):
    """What may be written: a part of the kind that the benchmark uses, with its checks."""
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)
    employer: Code
    day: Annotated[datetime.date, AfterValidator(not_ahead)]
    mode: Literal["special", "joint", "integrated", "random", "offsite", "complaint", "retest"] | None = None
    findings: Annotated[str, Field(max_length=2000)] | None = None


class Written(BaseModel):
    model_config = ConfigDict(extra="forbid")
    values: Inspection
