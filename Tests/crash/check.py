"""What is found after a fall, read from the engine itself, and what must hold of it whatever anybody was told."""

import contextlib
import csv
import io
import json
import os
import re
import sqlite3
import subprocess
import sys

from served import ROOT

MARK = re.compile(r"Q[0-9a-hjkmnp-tv-z]{13}")
PIECE = 384 << 10  # bytes of a file in one row
# What a record of a kind names, each of which has a link.
REFERENCES = {
    "post": ("employer",), "declaration": ("employer",), "dose": ("radiation_worker",), "radiation_worker": ("worker", "employer")}


class SQLite:
    def __init__(self, path):
        self.path = path

    def read(self, *queries):
        """The rows of several queries in one snapshot."""
        with contextlib.closing(sqlite3.connect(f"file:{self.path}?mode=ro", uri=True, timeout=30)) as db:
            db.execute("BEGIN")
            return [db.execute(query).fetchall() for query in queries]

    def flaws(self):
        found = self.read("PRAGMA integrity_check")[0]
        return [] if found == [("ok",)] else [f"integrity_check: {row[0]}" for row in found[:5]]


class Postgres:
    def __init__(self, url):
        self.url = url

    def read(self, *queries):
        mark = "~end of a query~"
        text = "".join(f"{query};\n\\echo '{mark}'\n" for query in queries)
        script = "\\set ON_ERROR_STOP 1\nBEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;\n" + text
        done = subprocess.run(["psql", "--no-psqlrc", "--quiet", "--csv", "--tuples-only", self.url], input=script, capture_output=True, text=True, timeout=120)
        if done.returncode:
            raise AssertionError(f"psql: {done.stderr[-400:]}")
        csv.field_size_limit(sys.maxsize)
        parts = done.stdout.split(mark + "\n")[:-1]
        return [[tuple(int(cell) if cell.isdigit() and len(cell) < 16 else cell for cell in row) for row in csv.reader(io.StringIO(part, newline=""))] for part in parts]

    def flaws(self):
        return []


class Found:
    """One snapshot of everything."""

    def __init__(self, store, opens=lambda cookie: 200):
        self.opens = opens
        versions, self.records, links, audit, files, chunks, keys, drafts, directory = store.read(
            "SELECT id, version, kind, live, state, body FROM record_version", "SELECT id, version, kind, live, state FROM record",
            "SELECT id, field, target FROM link", "SELECT subject, detail FROM audit", "SELECT id, record, size, digest FROM attachment",
            "SELECT attachment, count(*), max(sequence) FROM attachment_chunk GROUP BY attachment", "SELECT account, key FROM idempotency",
            "SELECT cells FROM draft", "SELECT DISTINCT id FROM directory")
        self.versions, self.by_mark = {}, {}
        for id, version, kind, live, state, body in versions:
            self.versions[id, version] = {"kind": kind, "live": bool(live), "state": state, "body": json.loads(body)}
            for mark in MARK.findall(body):
                self.by_mark.setdefault(mark, set()).add(id)
        self.links = {(id, field): target for id, field, target in links}
        self.audit, self.keys = audit, {(account, str(key)) for account, key in keys}
        self.files = [{"id": id, "record": record, "size": size, "digest": str(digest)} for id, record, size, digest in files]
        self.chunks = {attachment: (count, last) for attachment, count, last in chunks}
        self.directory = {row[0] for row in directory}
        self.texts = {"draft": [row[0] for row in drafts], "audit": [detail for _, detail in audit]}

    def flaws(self):
        """What is half-written: a record without its versions, its line in the audit, its links; a file without its parts."""
        lines = {}
        for subject, detail in self.audit:
            words = detail.split(" ")
            if len(words) > 2 and re.fullmatch(r"v\d+", words[1]) and words[2] != "unmasked:":
                lines[subject, int(words[1][1:])] = lines.get((subject, int(words[1][1:])), 0) + 1
        for key in self.versions:
            if lines.pop(key, 0) != 1:
                yield f"{key}: not one line in the audit"
        for key in lines:
            yield f"{key}: a line in the audit and no version"
        latest = {}
        for id, version in self.versions:
            latest.setdefault(id, []).append(version)
        live = set()
        for id, version, kind, is_live, state in self.records:
            if sorted(latest.pop(id, [])) != list(range(1, version + 1)):
                yield f"{kind} {id}: version {version}, and not all before it"
                continue
            row = self.versions[id, version]
            if (row["kind"], row["live"], row["state"]) != (kind, bool(is_live), state):
                yield f"{kind} {id}: differs from its last version"
            if is_live:
                live.add(id)
                for field in REFERENCES.get(kind, ()):
                    if self.links.get((id, field)) != row["body"][field]:
                        yield f"{kind} {id}: no link for {field}"
        for id in latest:
            yield f"{id}: versions without a record"
        for id in {id for id, _ in self.links} - live:
            yield f"{id}: links of nothing that lives"
        for id in self.directory - live:
            yield f"{id}: in the directory and not there"
        for file in self.files:
            count = -(-file["size"] // PIECE)
            if self.chunks.pop(file["id"], None) != (count, count - 1):
                yield f"file {file['id']}: not all of its {count} parts"
            if sum(file["id"] in detail and file["digest"] in detail for subject, detail in self.audit if subject == file["record"]) != 1:
                yield f"file {file['id']}: not one line in the audit"
        for id in self.chunks:
            yield f"{id}: parts of no file"


def audit_flaws(store, heads):
    """What the second checker of the audit says, which shares no code with the program."""
    command = [sys.executable, os.path.join(ROOT, "Tests/audit/check.py"), "--heads", heads]
    if isinstance(store, SQLite):
        done = subprocess.run([*command, store.path], capture_output=True, text=True)
    else:
        rows = subprocess.run(
            ["psql", "--no-psqlrc", "--csv", "-c", "SELECT home, sequence, moment, person, door, subject, detail, hash FROM audit", store.url],
            capture_output=True, text=True, check=True).stdout
        done = subprocess.run([*command, "-"], input=rows, capture_output=True, text=True)
    return [] if done.returncode == 0 else [f"Tests/audit/check.py: {(done.stdout + done.stderr)[-400:]}"]
