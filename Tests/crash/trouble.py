"""A disk that is read-only or full when the program starts: it ends with a refusal in the reader's language, and starts when the disk is well again."""

import os
import shutil
import sqlite3

from disk import FULL, READ_ONLY, Disk
from served import WORDS, Program


def at_start(binary, bench):
    """Whether every start was refused as it must be."""
    ok = True
    for name, what in (("read-only", READ_ONLY), ("full", FULL)):
        folder = os.path.join(bench.work, f"start-{name}")
        shutil.copytree(bench.base, os.path.join(folder, "data"))
        # A server that was told to stop leaves its log now and then. With one it starts and reads, as it should; without one it must make one.
        house = sqlite3.connect(os.path.join(folder, "data", "house.sqlite"))
        house.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        house.close()
        disk = Disk(bench.library, os.path.join(folder, "data"), os.path.join(folder, "journals"))
        database = os.path.join(disk.folder, "house.sqlite")
        program = Program(binary, ({}, ["--database", database]), {"TMPDIR": folder} | disk.environment(), os.path.join(folder, "log"))
        for language in ("zh", "en"):
            disk.set_faults(what)
            status, text = program.run("serve", "--port", "1", "--language", language)
            told = {code for words, code in WORDS.items() if words in text and all(ord(sign) < 128 for sign in words) == (language == "en")}
            if status != 1 or not told:
                print(f"crash: start on a disk that is {name}, {language}: status {status}, said {text[-300:]}")
                ok = False
        disk.set_faults(0)
        program.start()
        if not program.ready():
            print(f"crash: does not start when a disk that was {name} is well again")
            ok = False
        program.kill()
        shutil.rmtree(folder)
    print(f"crash: start on a full or read-only disk: {'refused in words, both languages' if ok else 'FAILED'}", flush=True)
    return ok
