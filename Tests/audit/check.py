#!/usr/bin/env python3
"""Checks the audit of a Zhifang database against its published heads. Written apart from Zhifang; shares no code with it.

    check.py --heads FILE [--public-key HEX ...] DATABASE.sqlite
    psql --csv -c 'SELECT home, sequence, moment, person, door, subject, detail, hash FROM audit' URL | check.py --heads FILE -

The audit is one chain of lines for each home (county): numbers 1, 2, 3 ..., and a hash over the hash before it, home, number, moment
(microseconds since 1970), person, door, subject and detail, each written as LENGTH:TEXT in UTF-8 bytes and joined by commas.
A head is a JSON line with the last line of every chain, signed with Ed25519; it names the digest of the head before it.
Give --public-key whenever you have the key from elsewhere: without it the heads are believed to be signed by the key they name.
Ends with status 1 and says which home, which line and what, if anything is wrong. Needs Python 3.9 and the package `cryptography`.
"""
import argparse
import csv
import hashlib
import json
import sqlite3
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

COLUMNS = "home, sequence, moment, person, door, subject, detail, hash"
OVERLAP = 3_600_000_000  # a line may be older by this much than a head and come behind it: its moment is that of its transaction's begin


def chain_hash(previous, home, sequence, moment, person, door, subject, detail):
    digest = hashlib.sha256()
    lead = b""
    for part in (previous, home, str(sequence), str(moment), person, door, subject, detail):
        raw = part.encode()
        digest.update(b"%s%d:%s" % (lead, len(raw), raw))
        lead = b","
    return digest.hexdigest()


def head_text(head):
    lines = ["zhifang audit head 1", f"number {head['number']}", f"moment {head['moment']}", f"previous {head['previous']}",
             f"note {head['note']}"]
    for home in sorted(head["homes"], key=lambda name: name.encode()):
        lines.append(f"{home} {head['homes'][home]['sequence']} {head['homes'][home]['hash']}")
    return "".join(line + "\n" for line in lines).encode()


def check_heads(heads, keys):
    """What is wrong with the heads among themselves."""
    before = None
    for head in heads:
        text = head_text(head)
        if keys and head["key"] not in keys:
            yield f"head {head['number']}: signed by another key, {head['key']}"
        try:
            Ed25519PublicKey.from_public_bytes(bytes.fromhex(head["key"])).verify(bytes.fromhex(head["signature"]), text)
        except (InvalidSignature, ValueError):
            yield f"head {head['number']}: the signature is not true"
        if before is not None:
            if head["previous"] != hashlib.sha256(head_text(before)).hexdigest() or head["number"] != before["number"] + 1:
                yield f"head {head['number']}: does not follow from head {before['number']}"
            if head["moment"] < before["moment"]:
                yield f"head {head['number']}: older than the one before"
            for home, end in before["homes"].items():
                if not head["note"] and head["homes"].get(home, {"sequence": 0})["sequence"] < end["sequence"]:
                    yield f"head {head['number']}: the chain of {home} grew shorter"
        before = head


def binding(heads):
    """The heads from the last that says why those before it bind no longer (a restored backup)."""
    start = max((index for index, head in enumerate(heads) if head["note"]), default=0)
    return heads[start:]


def check_lines(rows, heads):
    """What is wrong with the chains, by themselves and against the heads. Rows may come in any order."""
    chains = {}
    for home, sequence, *rest in rows:
        chains.setdefault(home, []).append((sequence, *rest))
    heads = binding(heads)
    named = {}  # home -> number -> (hash, head)
    for head in heads:
        for home, end in head["homes"].items():
            named.setdefault(home, {})[end["sequence"]] = (end["hash"], head["number"])
    for home in sorted(set(named) - set(chains)):
        yield f"{home}: every line is missing, head {max(number for _, number in named[home].values())} names some"
    for home, lines in sorted(chains.items()):
        flaw = check_chain(home, sorted(lines), named.get(home, {}), heads[-1] if heads else None)
        if flaw:
            yield f"{home} {flaw}"


def check_chain(home, lines, named, last):
    """The first flaw of one chain, or nothing."""
    expected, previous = 1, ""
    until = last["homes"].get(home, {"sequence": 0})["sequence"] if last else 0
    for sequence, moment, person, door, subject, detail, kept in lines:
        if sequence != expected:
            return f"line {expected}: missing, {sequence} stands in its place" if sequence > expected else f"line {sequence}: there twice"
        if chain_hash(previous, home, sequence, moment, person, door, subject, detail) != kept:
            return f"line {sequence}: does not follow from the line before it; one of the two was changed"
        if sequence in named and named[sequence][0] != kept:
            return f"line {sequence}: not the line that head {named[sequence][1]} names; the chain was made anew"
        if last and sequence > until and moment < last["moment"] - OVERLAP:
            return f"line {sequence}: older than head {last['number']}, which does not know it"
        expected, previous = expected + 1, kept
    furthest = max(named, default=0)
    if furthest >= expected:
        return f"line {expected}: cut off, head {named[furthest][1]} names line {furthest}"
    return None


def rows_of_sqlite(connection):
    return connection.execute(f"SELECT {COLUMNS} FROM audit").fetchall()


def rows_of_csv(stream):
    csv.field_size_limit(sys.maxsize)
    reader = csv.reader(stream)
    names = next(reader)
    order = [names.index(name) for name in COLUMNS.split(", ")]
    for row in reader:
        home, sequence, moment, *rest = (row[index] for index in order)
        yield (home, int(sequence), int(moment), *rest)


def read_heads(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("database", help="an SQLite file, or - for CSV of psql on standard input")
    parser.add_argument("--heads", required=True, help="the published heads, one JSON object a line; the last one alone will do")
    parser.add_argument("--public-key", action="append", default=[], help="in hexadecimal; several where the key was changed")
    options = parser.parse_args()
    heads = read_heads(options.heads)
    if options.database == "-":
        rows = list(rows_of_csv(sys.stdin))
    else:
        rows = rows_of_sqlite(sqlite3.connect(f"file:{options.database}?mode=ro", uri=True))
    flaws = list(check_heads(heads, options.public_key)) + list(check_lines(rows, heads))
    for flaw in flaws:
        print(flaw)
    if not heads:
        print("no head: what is missing from the ends of the chains cannot be told", file=sys.stderr)
    for head in binding(heads)[:1]:
        if head["note"]:
            print(f"heads before {head['number']} bind no longer: {head['note']}", file=sys.stderr)
    homes = len({row[0] for row in rows})
    print(f"{len(rows)} lines in {homes} homes, {len(heads)} heads: " + (f"{len(flaws)} flaws" if flaws else "whole"))
    return 1 if flaws else 0


if __name__ == "__main__":
    sys.exit(main())
