"""A series on PostgreSQL that syncs what it acknowledges: killed are the server, all of PostgreSQL, or one of its processes that works for us."""

import os
import signal
import subprocess
import tempfile
import time

import found as finding
import postmaster
from served import ROOT, Program
from series import Series

# How a life ends; `engine` and `backend` leave the server alone, which must go on by itself.
ENDS = ("moment",) * 4 + ("answer",) * 3 + ("import",) * 2 + ("start",) * 2 + ("engine",) * 3 + ("both",) * 2 + ("backend",) * 3


class Cluster:
    """One private PostgreSQL; each series has a database of its own, copied from the small house."""

    def __init__(self):
        self.home = tempfile.mkdtemp(prefix="zhifang-postgres.", dir="/tmp")
        os.chmod(self.home, 0o755)
        self.url = self.start()

    def script(self, *words):
        return subprocess.run([os.path.join(ROOT, "Scripts/postgres"), *words, self.home], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()

    def start(self):
        return self.script("durable")

    def database(self, name):
        return self.url.rsplit("/", 1)[0] + "/" + name

    def run(self, sql):
        """Waits while the server recovers: psql ends with 2 where it gets no connection."""
        until = time.monotonic() + 60
        while True:
            done = subprocess.run(["psql", "--no-psqlrc", "--quiet", "-c", sql, self.url], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            if done.returncode == 0:
                return
            if done.returncode != 2 or time.monotonic() > until:
                raise AssertionError(f"{sql}: {done.stderr.strip()}")
            time.sleep(0.2)

    @property
    def data(self):
        return os.path.join(self.home, "data")

    def kill(self):
        postmaster.kill(self.data)

    def kill_backend(self, database, rng):
        """One process that works for our server. PostgreSQL then ends all others and recovers."""
        ours = [number for number, title in postmaster.processes(self.data)[1] if f" {database} " in title]
        if ours:
            os.kill(rng.choice(ours), signal.SIGKILL)

    def discard(self):
        self.script("discard")


class PostgresSeries(Series):
    def set_up(self, base):
        cluster = self.options.cluster
        self.name = f"series{self.seed}_{os.getpid()}"
        cluster.run(f"CREATE DATABASE {self.name} TEMPLATE house")
        self.disk = None
        for suffix in ("keys", "heads"):
            with open(os.path.join(base, f"house.{suffix}"), "rb") as old, open(os.path.join(self.folder, f"house.{suffix}"), "wb") as new:
                new.write(old.read())
        self.store, self.heads = finding.Postgres(cluster.database(self.name)), os.path.join(self.folder, "house.heads")
        self.program = over(self.options.binary, cluster.database(self.name), self.folder)

    def meet(self, end):
        """What happens while the clients write, for an end that is of PostgreSQL alone."""
        cluster = self.options.cluster
        self.is_troubled = True
        if end == "backend":
            cluster.kill_backend(self.name, self.rng)
        else:
            cluster.kill()
            if end == "both":
                return
            time.sleep(self.rng.random())
            cluster.start()
        answered, until = self.answered, time.monotonic() + 60
        while self.answered < answered + 5 and time.monotonic() < until:
            time.sleep(0.01)
        if self.answered < answered + 5:
            self.flaws.append(f"{end}: the server does not go on when PostgreSQL does")

    def fall(self, threads):
        super().fall(threads)
        if not os.path.exists(os.path.join(self.options.cluster.data, "postmaster.pid")):
            self.options.cluster.start()
        # What the server asked for last may still be under way.
        self.options.cluster.run(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{self.name}'")

    def end(self):
        self.options.cluster.run(f"DROP DATABASE {self.name} WITH (FORCE)")


def over(binary, url, folder):
    places = {"ZHIFANG_HEADS": os.path.join(folder, "house.heads"), "ZHIFANG_KEYS": os.path.join(folder, "house.keys"), "TMPDIR": folder}
    return Program(binary, (places, ["--database", url, "--log-level", "warning"]), {}, os.path.join(folder, "log"))
