"""What a client did, what it was told, and what must therefore be found.

An act is `taken` where the client was told so, `refused` where it was told that, `unknown` where it got no answer. What was taken is there once, with its
content; what was refused is not there; what is unknown is there whole or not at all, and is once known from then on.
"""

import dataclasses
import hashlib
import typing


@dataclasses.dataclass
class Want:
    """A version of a record that an act is to make: by its id, or by a mark in one of its texts."""
    kind: str
    cells: dict
    mark: str = ""
    id: str = ""
    version: int = 1
    state: str | None = None
    live: bool = True

    def rows(self, found):
        """What is there of it: versions with their content; more than one is one too many."""
        ids = {self.id} if self.id else found.by_mark.get(self.mark, set())
        return [found.versions[id, self.version] | {"id": id} for id in sorted(ids) if (id, self.version) in found.versions]

    def flaw(self, row):
        if row["kind"] != self.kind or row["live"] != self.live or (self.state and row["state"] != self.state):
            return f"is {row['kind']} live={row['live']} {row['state']}"
        wrong = {name: row["body"].get(name) for name, value in self.cells.items() if row["body"].get(name) != value}
        return f"holds {wrong} instead of {self.cells}" if wrong else None


@dataclasses.dataclass
class Act:
    door: str
    send: typing.Callable  # with the run: (whether it was taken, id or None); called again to repeat the very same request
    fate: str = "unknown"
    at: float = 0.0  # when it was acknowledged
    repeats: bool = True  # whether the same request may be sent again

    def name(self):
        return self.door

    def taken(self, id):
        self.fate = "taken"

    def check(self, found):
        """What is wrong with it; settles the fate where it was unknown."""
        raise NotImplementedError

    def settle(self, is_there):
        if self.fate == "unknown":
            self.fate = "taken" if is_there else "absent"


@dataclasses.dataclass
class Records(Act):
    """One or more versions of records, all in one transaction; `chunk` where a file is taken in several, in the order of its rows."""
    wants: list = dataclasses.field(default_factory=list)
    chunk: int = 0
    key: tuple = ()  # account and idempotency key

    def name(self):
        want = self.wants[0]
        return f"{self.door} {want.kind} {want.mark or want.id} v{want.version}" + (f" +{len(self.wants) - 1}" if len(self.wants) > 1 else "")

    def taken(self, id):
        self.fate = "taken"
        if id and len(self.wants) == 1 and not self.wants[0].id:
            self.wants[0].id = id

    def check(self, found):
        there = []
        for want in self.wants:
            rows = want.rows(found)
            if len(rows) > 1 or len(found.by_mark.get(want.mark, ())) > 1:
                yield f"{self.name()}: {want.mark} is there {max(len(rows), len(found.by_mark.get(want.mark, ())))} times"
            for row in rows:
                if flaw := want.flaw(row):
                    yield f"{self.name()}: {want.mark or want.id} {flaw}"
            there.append(bool(rows))
        count = sum(there)
        if self.fate == "taken" and count < len(there):
            yield f"{self.name()}: LOST, acknowledged and {count} of {len(there)} there"
        elif self.fate in ("refused", "absent") and count:
            yield f"{self.name()}: was {self.fate} and {count} of {len(there)} are there"
        elif self.fate == "unknown" and count not in (0, len(there)):
            is_prefix = all(there[:count])
            if not self.chunk or not is_prefix or count % self.chunk:
                yield f"{self.name()}: HALF, {count} of {len(there)} there" + ("" if is_prefix else ", not the first ones")
        if self.key:
            noted = self.key in found.keys
            if noted != (count > 0) and self.fate != "refused":
                yield f"{self.name()}: HALF, {count} records, its key was {'kept' if noted else 'not kept'}"
        if not self.chunk or count in (0, len(there)):
            self.settle(count == len(there))


@dataclasses.dataclass
class File(Act):
    """A file with a record."""
    record: str = ""
    content: bytes = b""
    id: str = ""

    def taken(self, id):
        self.fate, self.id = "taken", id

    def check(self, found):
        digest = hashlib.sha256(self.content).hexdigest()
        rows = [row for row in found.files if row["digest"] == digest]
        if len(rows) > 1:
            yield f"{self.door}: {digest[:12]} is there {len(rows)} times"
        for row in rows:
            if row["record"] != self.record or (self.id and row["id"] != self.id) or row["size"] != len(self.content):
                yield f"{self.door}: {row} is not what was sent"
        if self.fate == "taken" and not rows:
            yield f"{self.door}: LOST, {len(self.content)} bytes acknowledged as {self.id}"
        self.settle(bool(rows))


@dataclasses.dataclass
class Text(Act):
    """Something that a mark shows in a table: a draft's cells, a line of the audit."""
    table: str = ""  # of `found.texts`
    mark: str = ""
    once: bool = True

    def check(self, found):
        count = sum(self.mark in text for text in found.texts[self.table])
        if self.fate == "taken" and not count:
            yield f"{self.door}: LOST, {self.mark} was acknowledged and is not in {self.table}"
        if self.once and count > 1:
            yield f"{self.door}: {self.mark} is in {self.table} {count} times"
        self.settle(count > 0)


@dataclasses.dataclass
class Session(Act):
    """Somebody signed in: the cookie opens the page after the fall too."""
    cookie: str = ""
    repeats: bool = False

    def taken(self, id):
        self.fate, self.cookie = "taken", id

    def check(self, found):
        if self.fate == "taken" and found.opens(self.cookie) != 200:
            yield f"{self.door}: LOST, a session that was opened is not there"
        self.settle(False)
