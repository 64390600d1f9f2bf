"""The disk that forgets: compiles unsynced.c, and undoes what was not synced when a process was killed.

Run by itself it tests the shim: what was written without a sync is lost, what was synced is kept, also through SQLite's library.
"""

import os
import random
import shutil
import sqlite3
import struct
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
FULL, READ_ONLY, SYNC_FAILS, SLOW = 1, 2, 4, 8
PIECE = 512  # what a disk writes whole


def compiled(folder):
    """The shim as a library in a folder."""
    library = os.path.join(folder, "unsynced.so")
    subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-o", library, os.path.join(HERE, "unsynced.c"), "-ldl", "-lpthread"], check=True)
    return library


class Disk:
    """A folder whose unsynced changes can be taken back."""

    def __init__(self, library, folder, journals, ignores=False):
        self.library, self.folder, self.journals, self.ignores = library, os.path.realpath(folder), os.path.realpath(journals), ignores
        os.makedirs(self.journals, exist_ok=True)
        self.control = os.path.join(self.journals, "faults")
        self.set_faults(0)

    def environment(self):
        more = {
            "LD_PRELOAD": self.library, "UNSYNCED_FOLDER": self.folder, "UNSYNCED_JOURNALS": self.journals, "UNSYNCED_FAULTS": self.control}
        return more | ({"UNSYNCED_IGNORE": "1"} if self.ignores else {})

    def set_faults(self, what, room=0, milliseconds=0):
        """From now on the disk is full (`room` bytes are left), read-only, slow …"""
        mode = "r+b" if os.path.exists(self.control) else "w+b"
        with open(self.control, mode) as file:
            file.write(struct.pack("=iiq", what, milliseconds, room) + (b"" if mode == "r+b" else b"\0" * 8))

    def met(self):
        """How often a fault was met."""
        with open(self.control, "rb") as file:
            return struct.unpack("=iiqq", file.read(24))[3]

    def forget(self, rng=None):
        """Undoes what was not synced: all of it, or with a generator what it chooses, in pieces of a sector, as a disk may have written them
        in any order. How many bytes of changes were undone."""
        lost = self._forget_names(rng)
        for entry in list(os.scandir(self.folder)):
            journal = os.path.join(self.journals, f"{entry.inode()}.undo")
            if entry.is_file() and os.path.exists(journal):
                lost += self._forget_writes(entry.path, journal, rng)
        for name in os.listdir(self.folder):
            if name.endswith("-shm"):
                os.unlink(os.path.join(self.folder, name))
        for name in os.listdir(self.journals):
            if name != "faults":
                os.unlink(os.path.join(self.journals, name))
        return lost

    def _forget_names(self, rng):
        log = os.path.join(self.journals, "folder.log")
        if not os.path.exists(log):
            return 0
        with open(log, encoding="utf-8") as file:
            lines = [line.rstrip("\n").split(" ") for line in file if line.endswith("\n")]
        # Changes of names reach the disk in their order: some of the last are undone.
        keep = rng.randrange(len(lines) + 1) if rng else 0

        def at(name, inode):
            path = os.path.join(self.folder, name)
            return path if os.path.exists(path) and os.stat(path).st_ino == int(inode) else None

        for what, inode, *rest in reversed(lines[keep:]):
            if what == "create" and (path := at(rest[0], inode)):
                os.unlink(path)
            elif what == "unlink" and not os.path.exists(os.path.join(self.folder, rest[0])) and rest[1] != "-":
                os.rename(rest[1], os.path.join(self.folder, rest[0]))
            elif what == "rename" and (path := at(rest[1], inode)):
                os.rename(path, os.path.join(self.folder, rest[0]))
                if rest[2] != "-":
                    os.rename(rest[2], path)
        return len(lines) - keep

    def _forget_writes(self, path, journal, rng):
        with open(journal, "rb") as file:
            text = file.read()
        end = struct.unpack("=Q", text[:8])[0] if len(text) >= 8 else 8
        records, place = [], 8
        while place < end:
            magic, kind, offset, length, saved, size = struct.unpack("=IIQQQQ", text[place:place + 40])
            assert magic == 0x756E646F, f"{journal}: no record at {place}"
            records.append((kind, offset, length, text[place + 40:place + 40 + saved], size))
            place += 40 + saved
        with open(path, "r+b") as file:
            redo = []
            for kind, offset, length, before, size in reversed(records):
                if kind == 1:
                    file.seek(offset)
                    redo.append((offset, file.read(length)))
                else:
                    redo.append((offset, None))
                file.truncate(size)
                file.seek(offset)
                file.write(before)
            for offset, after in reversed(redo) if rng else ():
                if after is None:
                    if rng.random() < 0.5:
                        file.truncate(offset)
                    continue
                step = rng.choice((PIECE, 4096, len(after) or 1))
                for start in range(0, len(after), step):
                    if rng.random() < 0.5:
                        file.seek(offset + start)
                        file.write(after[start:start + step])
        return sum(length for _, _, length, _, _ in records)


def main():
    with tempfile.TemporaryDirectory() as work:
        library = compiled(work)

        def play(program, ignores=False, rng=None):
            """Runs a program in an empty folder, kills it where it waits, and tells what the disk holds then."""
            folder, journals = tempfile.mkdtemp(dir=work), tempfile.mkdtemp(dir=work)
            disk = Disk(library, folder, journals, ignores)
            process = subprocess.Popen(
                [sys.executable, "-c", "import os, sqlite3, sys, time\nos.chdir(sys.argv[1])\nhere = sys.argv[1]\n" + program + "\nprint('now', flush=True)\ntime.sleep(60)", disk.folder],
                env=os.environ | disk.environment(), stdout=subprocess.PIPE, text=True)
            assert process.stdout.readline() == "now\n", "the program ended too early"
            process.kill()
            process.wait()
            disk.forget(rng)
            found = {}
            for name in sorted(os.listdir(folder)):
                with open(os.path.join(folder, name), "rb") as file:
                    found[name] = file.read()
            return found, folder

        def sync(what):
            return f"d = os.open(here, os.O_RDONLY); {what}; os.fsync(d)"

        write = "f = os.open(here + '/a', os.O_RDWR | os.O_CREAT); os.write(f, b'first'); os.fsync(f); d = os.open(here, os.O_RDONLY); os.fsync(d)\n"
        assert play("f = os.open(here + '/a', os.O_RDWR | os.O_CREAT); os.write(f, b'first'); os.fsync(f)")[0] == {}, "a name that was not synced"
        assert play(write)[0] == {"a": b"first"}, "what was synced is kept"
        assert play(write + "os.pwrite(f, b'XXX', 1); os.write(f, b' more'); os.ftruncate(f, 2)")[0] == {"a": b"first"}, "what was not is lost"
        assert play(write + "os.pwrite(f, b'XXX', 1); os.fdatasync(f); os.write(f, b' more')")[0] == {"a": b"fXXXt"}, "the last sync counts"
        assert play(write + "os.unlink(here + '/a')")[0] == {"a": b"first"}, "a name taken away comes back"
        assert play(write + "os.rename(here + '/a', here + '/b')")[0] == {"a": b"first"}, "a move is undone"
        assert play(write + "os.rename(here + '/a', here + '/b'); os.fsync(d)")[0] == {"b": b"first"}, "a move that was synced stays"
        assert play(write, ignores=True)[0] == {}, "a disk that ignores syncs keeps nothing"
        torn = {play(write + "os.pwrite(f, b'y' * 4096, 0)", rng=random.Random(seed))[0].get("a", b"")[:1] for seed in range(12)}
        assert torn == {b"f", b"y"}, f"some reach the disk and some do not: {torn}"

        database = (
            "db = sqlite3.connect(here + '/db', isolation_level=None); db.execute('PRAGMA journal_mode = WAL'); db.execute('PRAGMA synchronous = {0}')\n"
            "db.execute('CREATE TABLE t (n)')\nfor n in range(50): db.execute('INSERT INTO t VALUES (?)', (n,))")
        for level, ignores, expected in (("FULL", False, 50), ("FULL", True, 0), ("NORMAL", False, 0)):
            folder = play(database.format(level), ignores)[1]
            with sqlite3.connect(os.path.join(folder, "db")) as db:
                there = db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] and db.execute("SELECT count(*) FROM t").fetchone()[0]
            assert there == expected, f"SQLite, synchronous={level}, ignores={ignores}: {there} of {expected}"
            shutil.rmtree(folder)
    print("disk: what is not synced is lost, what is synced is kept, 12 ways")


if __name__ == "__main__":
    main()
