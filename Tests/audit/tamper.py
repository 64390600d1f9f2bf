#!/usr/bin/env python3
"""Plays tamperings on a stored audit and asks check.py whether it finds each: tamper.py ASKED ANSWERED (JSON).

Asked: database (an SQLite file), heads (JSON lines), tamperings (lists of SQL), rules (names of functions of check.py to take out, which
proves that the test can fail). Answered: how many were missed, and the first few of them."""
import json
import sqlite3
import sys

import check


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        asked = json.load(file)
    heads = [json.loads(line) for line in asked["heads"]]
    for rule in asked.get("without", []):
        if rule == "hash":
            check.chain_hash = lambda previous, home, sequence, moment, person, door, subject, detail: Anything()
        elif rule == "heads":
            check.binding = lambda heads: []
        else:
            raise SystemExit(f"no rule {rule}")
    stored = sqlite3.connect(f"file:{asked['database']}?mode=ro", uri=True)
    copy = sqlite3.connect(":memory:", isolation_level=None)
    stored.backup(copy)
    untouched = list(check.check_heads(heads, asked["keys"])) + list(check.check_lines(check.rows_of_sqlite(copy), heads))
    missed = []
    for number, tampering in enumerate(asked["tamperings"]):
        copy.execute("BEGIN")
        for sql in tampering["sql"]:
            copy.execute(sql)
        if next(iter(check.check_lines(check.rows_of_sqlite(copy), heads)), None) is None:
            missed.append(f"{number} {tampering['kind']}")
        copy.execute("ROLLBACK")
    again = list(check.check_lines(check.rows_of_sqlite(copy), heads))
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        json.dump({"untouched": untouched + again, "missed": len(missed), "first": missed[:5]}, file)


class Anything:
    """Equal to every hash: a checker that does not check them."""

    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False


if __name__ == "__main__":
    main()
