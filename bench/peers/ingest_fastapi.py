"""The peer of the bulk door: FastAPI, orjson, pydantic, the checks of peers/cards.py, sqlite3 in one transaction a request.

As ours it answers each line, and keeps for each card a row with indexes, a version, and a line of a hash chain of the county. PEER_DATABASE holds the
register already; PEER_STANDARDS is the folder of code tables. References are looked up in dictionaries read at the start.
"""
import datetime
import hashlib
import os
import sqlite3

import orjson
from fastapi import FastAPI, Request, Response
from pydantic import ValidationError

import cards
import store

database = sqlite3.connect(os.environ["PEER_DATABASE"], isolation_level=None, timeout=60, cached_statements=256)
for setting in store.SETTINGS:
    database.execute(setting)
Card = cards.card_model(os.environ["PEER_STANDARDS"])
IDS = {kind: dict(database.execute(f"SELECT code, id FROM {kind}")) for kind in ("worker", "employer", "institution")}
HOMES = dict(database.execute("SELECT id, division FROM employer"))
CONTENT = "code, worker, employer, institution, day, stage, factors, conclusion"
app = FastAPI(openapi_url=None)


def refused(row, code, field):
    return {"row": row, "fate": "refused", "errors": [{"code": code, "field": field}]}


def checked(lines):
    """The rows of a body, each a tuple of content or a refusal."""
    for number, line in enumerate(lines, 1):
        try:
            card = Card.model_validate(orjson.loads(line)["values"])
        except ValidationError as error:
            yield number, None, {"row": number, "fate": "refused", "errors": [{"code": each["type"], "field": each["loc"][0]} for each in error.errors(include_input=False, include_url=False)]}
            continue
        except (orjson.JSONDecodeError, KeyError, TypeError):
            yield number, None, refused(number, "json.format", None)
            continue
        worker, employer = IDS["worker"].get(card.worker), IDS["employer"].get(card.employer)
        institution = IDS["institution"].get(card.institution) if card.institution else None
        if worker is None or employer is None or (card.institution and institution is None):
            yield number, None, refused(number, "reference.missing", "worker" if worker is None else "employer" if employer is None else "institution")
            continue
        yield number, (card.code, worker, employer, institution, card.day.isoformat(), card.stage, ";".join(card.factors) or None, card.conclusion), line


@app.get("/ready")
async def ready():
    return Response(b"{}", media_type="application/json")


@app.post("/api/records/exam")
async def ingest(request: Request):
    body = await request.body()
    items, rows, versions, audit, numbers = [], [], [], [], {}
    ready_rows = list(checked(body.splitlines()))
    moment = datetime.datetime.now(datetime.timezone.utc).isoformat()
    database.execute("BEGIN IMMEDIATE")
    try:
        next_id = (database.execute("SELECT max(id) FROM exam").fetchone()[0] or 0) + 1
        heads = dict((home, (sequence, digest)) for home, sequence, digest in database.execute("SELECT home, sequence, hash FROM head"))
        for number, content, line in ready_rows:
            if content is None:
                items.append(line)
                continue
            if content[0]:
                before = numbers.get(content[0]) or database.execute(f"SELECT {CONTENT} FROM exam WHERE code = ?", (content[0],)).fetchone()
                if before is not None:
                    items.append({"row": number, "fate": "unchanged"} if before == content else refused(number, "key.exists", "code"))
                    continue
                numbers[content[0]] = content
            id, home = next_id, HOMES[content[2]]
            next_id += 1
            rows.append((id, *content))
            versions.append((id, 1, line.decode(), moment, "bench"))
            sequence, digest = heads.get(home, (0, ""))
            sequence += 1
            digest = hashlib.sha256(f"{digest}\n{sequence} {moment} bench {id} {hashlib.sha256(line).hexdigest()}".encode()).hexdigest()
            heads[home] = (sequence, digest)
            audit.append((home, sequence, moment, "bench", id, digest))
            items.append({"row": number, "fate": "created", "id": id, "version": 1})
        database.executemany(f"INSERT INTO exam (id, {CONTENT}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
        database.executemany("INSERT INTO version VALUES (?, ?, ?, ?, ?)", versions)
        database.executemany("INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?)", audit)
        database.executemany(
            "INSERT INTO head VALUES (?, ?, ?) ON CONFLICT (home) DO UPDATE SET sequence = excluded.sequence, hash = excluded.hash",
            [(home, *head) for home, head in heads.items()])
        database.execute("COMMIT")
    except BaseException:
        database.execute("ROLLBACK")
        raise
    return Response(orjson.dumps({"items": items, "taken": len(rows)}), media_type="application/json")
