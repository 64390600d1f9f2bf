"""A series: one database, several lives of the server over it, each ended by SIGKILL; after each everything is checked."""

import glob
import os
import random
import shutil
import sqlite3
import threading
import time

import check
from disk import Disk
from doors import Clients, Doors
from served import Client, NoAnswer, Program

# How a life ends, each as often as it stands here.
ENDS = ("moment",) * 4 + ("answer",) * 3 + ("import",) * 3 + ("start",) * 2 + ("backup",) * 2 + ("copy",)


class Series:
    def __init__(self, seed, folder, base, options):
        """`base` is the folder of the small house made by world.py; `options` of run.py."""
        self.seed, self.folder, self.options, self.rng = seed, folder, options, random.Random(seed)
        self.world, self.acts, self.lock = options.world, [], threading.Lock()
        self.files, self.others, self.flaws, self.answered, self.kills = 0, [], [], 0, 0
        self.importing, self.stopping = threading.Event(), threading.Event()
        self.ends_after, self.reached = 0, threading.Event()
        os.makedirs(os.path.join(folder, "tmp"))
        self.set_up(base)

    def set_up(self, base):
        """A copy of the small house, and the disk under it."""
        self.data = os.path.join(self.folder, "data")
        shutil.copytree(base, self.data)
        self.database = os.path.join(self.data, "house.sqlite")
        self.store, self.heads = check.SQLite(self.database), self.database + ".heads"
        self.disk = None
        if self.options.library:
            self.disk = Disk(self.options.library, self.data, os.path.join(self.folder, "journals"), ignores=self.options.plant == "unsynced")
        self.program = self.over(self.database, self.disk)

    def over(self, database, disk):
        environment = {"TMPDIR": os.path.join(self.folder, "tmp")} | (disk.environment() if disk else {})
        return Program(self.options.binary, ({}, ["--database", database, "--log-level", "warning"]), environment, os.path.join(self.folder, "log"))

    @property
    def port(self):
        return self.program.port

    # Told by the doors

    def begin(self, act):
        with self.lock:
            self.acts.append(act)

    def told(self, act):
        with self.lock:
            act.at = time.monotonic()
            self.answered += 1
            if self.answered == self.ends_after:
                self.reached.set()

    # One life

    def work(self, doors, name):
        try:
            while not self.stopping.is_set():
                self.rng_of(doors).choice(doors.threads()[name])()
        except NoAnswer:
            pass
        except Exception as error:  # whatever a client met that it should not
            self.flaws.append(f"{name}: {error!r}")
        finally:
            doors.clients.close()

    @staticmethod
    def rng_of(doors):
        return doors.rng

    def live(self):
        """Lets clients submit until the life ends as the seed says. What was undone of the disk."""
        rng = self.rng
        end = self.options.end or rng.choice(self.options.ends)
        self.importing.clear(), self.stopping.clear(), self.reached.clear()
        self.others, self.answered = [], 0
        self.ends_after = rng.randrange(1, 60) if end == "answer" else 0
        names = [name for name in Doors(self, rng, 0).threads() if name in self.options.doors]
        threads = [
            threading.Thread(target=self.work, args=(Doors(self, random.Random(f"{self.seed} {self.kills} {name}"), number), name), daemon=True)
            for number, name in enumerate(names)]
        for thread in threads:
            thread.start()
        wait = rng.random()
        copy = None
        if end in ("moment", "start"):
            time.sleep(0.02 + wait * self.options.seconds)
        elif end == "answer":
            self.reached.wait(10)
        elif end == "import":
            self.importing.wait(3)
            time.sleep(wait * self.options.seconds / 2)
        else:
            time.sleep(0.05 + self.rng.random() * self.options.seconds / 2)
            copy = self.back_up(end, wait)
        self.fall(threads)
        if end == "start":
            # Once more while it comes up.
            self.program.start()
            time.sleep(rng.random() * self.options.start_seconds)
            self.fall([])
        return end, copy

    def back_up(self, end, wait):
        """A backup while everybody writes: let go on to its end, or not. (file, what had been acknowledged before, its process)"""
        file = os.path.join(self.data, f"copy-{self.kills}.zhifang")
        with self.lock:
            before = [act for act in self.acts if act.fate == "taken"]
        process = self.program.begin("backup", file)
        self.others.append(process)
        if end == "backup":
            time.sleep(wait * self.options.start_seconds * 2)
        elif process.wait():
            self.flaws.append(f"backup ended with {process.returncode}")
        return file, before, process

    def fall(self, threads):
        """The machine stops: every process of ours at once, and of the disk what was not synced."""
        for process in [self.program.process, *self.others]:
            process.kill()
        for process in [self.program.process, *self.others]:
            process.wait()
        self.stopping.set()
        for thread in threads:
            thread.join(60)
            if thread.is_alive():
                raise AssertionError("a client hangs")
        if self.disk:
            self.disk.forget(random.Random(f"{self.seed} {self.kills} disk") if self.rng.random() < 0.6 else None)

    # What must hold

    def look(self):
        client = Client(self.port)

        def opens(cookie):
            client.session = cookie
            return client.ask("GET", "/account")[0]
        found = check.Found(self.store, opens)
        flaws = [flaw for act in self.acts for flaw in act.check(found)]
        client.close()
        return flaws + list(found.flaws())

    def check(self, copy):
        """Everything that must hold, with the server up again."""
        if not self.program.ready():
            return [f"the server does not start again: status {self.program.process.poll()}"]
        flaws = self.look()
        flaws += self.repeat()
        flaws += self.look()
        flaws += self.store.flaws()
        flaws += self.verified(self.program)
        flaws += check.audit_flaws(self.store, self.heads)
        if copy:
            flaws += self.check_copy(*copy)
        return list(dict.fromkeys(flaws))

    @staticmethod
    def verified(program, *more):
        status, text = program.run("verify", *more)
        return [] if status == 0 else [f"verify: {text[-600:]}"]

    def repeat(self):
        """The same requests again, as a client does that got no answer, and some that did: nothing may be there twice then."""
        flaws, clients = [], Clients(self, "10.9.9.9")
        fit = [act for act in self.acts if act.repeats]
        unsure = [act for act in fit[-60:] if act.fate in ("absent", "unknown")]
        for act in unsure[-8:] + self.rng.sample(fit, min(3, len(fit))):
            if act.door in ("csv", "xlsx", "command") and len(act.wants) > 100 and act.fate == "taken":
                continue
            try:
                is_taken, id = act.send(clients)
            except NoAnswer as error:
                flaws.append(f"{act.name()} sent again: {error}")
                continue
            except AssertionError as error:
                flaws.append(f"{act.name()} sent again: {error}")
                continue
            if is_taken != (act.fate != "refused"):
                flaws.append(f"{act.name()} sent again: taken is {is_taken}, was {act.fate}")
            if is_taken:
                act.taken(id)
        clients.close()
        return flaws

    def check_copy(self, file, before, process):
        """A backup holds what was acknowledged before it began; one that was killed is not there under its name."""
        if not os.path.exists(file):
            return [] if process.returncode else [f"{file}: not there"]
        copied = os.path.join(self.folder, "restored.sqlite")
        for path in glob.glob(copied + "*"):
            os.unlink(path)
        program = self.over(copied, None)
        keys = ("--keys", self.database + ".keys")
        status, text = program.run("restore", file, *keys)
        if status:
            return [f"restore: {text[-400:]}"]
        found = check.Found(check.SQLite(copied))
        flaws = [f"backup: {flaw}" for flaw in found.flaws()]
        for act in before:
            fate = act.fate
            flaws += [f"backup: {flaw}" for flaw in act.check(found) if "LOST" in flaw or "HALF" in flaw]
            act.fate = fate
        os.unlink(file)
        return flaws + [f"backup: {flaw}" for flaw in self.verified(program, *keys)]

    def play(self, count, say):
        """`count` lives. The flaws of the first that has any; none otherwise."""
        self.program.start()
        if not self.program.ready():
            return ["the server does not start"]
        for self.kills in range(1, count + 1):
            end, copy = self.live()
            self.program.start()
            try:
                self.flaws += self.check(copy)
            except (NoAnswer, sqlite3.Error, AssertionError, OSError) as error:
                self.flaws.append(f"the check itself: {error!r}")
            say(self, end)
            if self.flaws:
                break
        if self.program.process.poll() is None:
            self.program.kill()
        return self.flaws
