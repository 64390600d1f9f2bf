"""The peer on FastAPI: async handlers that ask SQLite on a connection of the process, rows made into the answer by hand, orjson.

Run by uvicorn with uvloop and httptools, a worker per core. PEER_DATABASE is its database, PEER_SCOPE the divisions whose records its lists
hold (a prefix), PEER_CARDS a folder with the code tables where it takes examination cards.
"""
import datetime
import os
import sqlite3
import uuid

import orjson
from fastapi import FastAPI, Response
from pydantic import BaseModel

import store

database = sqlite3.connect(os.environ["PEER_DATABASE"], isolation_level=None, timeout=30, cached_statements=256)
for setting in store.SETTINGS:
    database.execute(setting)
SCOPE = os.environ.get("PEER_SCOPE", "")
SCOPE_END = SCOPE + ":"
SHAPES, LISTS, ONES = {}, {}, {}
if database.execute("SELECT 1 FROM sqlite_master WHERE name = 'field'").fetchone():
    for (kind,) in database.execute("SELECT DISTINCT kind FROM field").fetchall():
        fields = database.execute("SELECT name, type, masked FROM field WHERE kind = ? ORDER BY place", (kind,)).fetchall()
        SHAPES[kind] = shape = store.Shape(kind, fields)
        columns = ", ".join(f'"{name}"' for name in shape.columns)
        LISTS[kind] = f'SELECT {columns} FROM "{kind}" WHERE home >= ? AND home < ? AND id < ? ORDER BY id DESC LIMIT ?'
        ONES[kind] = f'SELECT {columns} FROM "{kind}" WHERE id = ?'
BOARD = f"SELECT {', '.join(store.FIGURE_COLUMNS)} FROM figure WHERE plan = ? AND day = ? ORDER BY place"

app = FastAPI(openapi_url=None)
JSON = "application/json"


def answer(value, status=200):
    return Response(orjson.dumps(value), status, media_type=JSON)


@app.get("/ready")
async def ready():
    return answer({})


@app.get("/api/records/{kind}")
async def listed(kind: str, after: str = "\x7f", limit: int = 50):
    shape = SHAPES[kind]
    rows = database.execute(LISTS[kind], (SCOPE, SCOPE_END, after, limit + 1)).fetchall()
    isMore = len(rows) > limit
    return answer({"items": [shape.answer(row) for row in rows[:limit]], "next": rows[limit - 1][0] if isMore else None})


@app.get("/api/record/{kind}/{id}")
async def one(kind: str, id: str):
    row = database.execute(ONES[kind], (id,)).fetchone()
    return answer(SHAPES[kind].answer(row)) if row else answer({"code": "record.missing"}, 404)


@app.get("/api/plans/{plan}")
async def board(plan: str, as_of: str):
    rows = database.execute(BOARD, (plan, as_of)).fetchall()
    edition, digest, division = database.execute("SELECT edition, digest, division FROM plan WHERE plan = ?", (plan,)).fetchone()
    return answer({
        "plan": plan, "edition": edition, "digest": digest, "as_of": as_of, "known_at": None, "division": division,
        "items": [store.figure(row) for row in rows]})


def now():
    return datetime.datetime.now(datetime.timezone.utc).isoformat()


def audit(subject, detail):
    database.execute("INSERT INTO audit (moment, person, subject, detail) VALUES (?, 'bench', ?, ?)", (now(), subject, detail))


class Reason(BaseModel):
    reason: str


@app.post("/api/record/{kind}/{id}/clear")
async def clear(kind: str, id: str, given: Reason):
    row = database.execute(ONES[kind], (id,)).fetchone()
    if row is None:
        return answer({"code": "record.missing"}, 404)
    database.execute("BEGIN IMMEDIATE")
    audit(id, "seen in clear: " + given.reason)
    database.execute("COMMIT")
    return answer(SHAPES[kind].answer(row))


@app.post("/api/records/inspection")
async def write(given: store.Written):
    values = given.values
    id = uuid.uuid4().hex
    database.execute("BEGIN IMMEDIATE")
    employer = database.execute("SELECT home FROM employer WHERE id = ?", (values.employer,)).fetchone()
    if employer is None:
        database.execute("ROLLBACK")
        return answer({"code": "reference.missing", "field": "employer"}, 422)
    database.execute(
        "INSERT INTO inspection (id, version, home, recorded_at, title, employer, day, mode, findings) VALUES (?, 1, ?, ?, ?, ?, ?, ?, ?)",
        (id, employer[0], now(), values.day.isoformat(), values.employer, values.day.isoformat(), values.mode, values.findings))
    audit(id, "created")
    database.execute("COMMIT")
    return answer({"row": None, "fate": "created", "id": id, "version": 1}, 201)
