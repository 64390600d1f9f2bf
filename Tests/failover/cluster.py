"""PostgreSQL servers on the loopback with real durability, that can be copied, killed outright, promoted and restored."""

import glob
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "crash"))
import postmaster  # noqa: E402
from served import free_port  # noqa: E402

BIN = os.path.dirname(sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))[-1])
DURABLE = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 100
max_locks_per_transaction = 256
shared_buffers = '64MB'
fsync = on
full_page_writes = on
synchronous_commit = on
wal_level = replica
max_wal_senders = 8
hot_standby = on
log_min_messages = warning
timezone = 'UTC'
"""


def as_owner(*command, **more):
    """PostgreSQL refuses to run as root."""
    prefix = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    return subprocess.run([*prefix, *command], cwd="/", check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, **more)


def owned(path):
    os.makedirs(path, exist_ok=True)
    if os.getuid() == 0:
        shutil.chown(path, "postgres")
    return path


class Node:
    """One server: its folder, its port, and what it is told beyond `DURABLE`."""

    def __init__(self, folder, secret, port=None):
        self.folder, self.secret, self.port = folder, secret, port or free_port()
        self.data, self.log = os.path.join(folder, "data"), os.path.join(folder, "server.log")
        owned(folder)

    @staticmethod
    def new(folder, settings=""):
        node = Node(folder, secrets.token_hex(16))
        words = os.path.join(folder, "secret")
        with open(words, "w", encoding="utf-8") as file:
            file.write(node.secret + "\n")
        if os.getuid() == 0:
            shutil.chown(words, "postgres")
        as_owner(
            f"{BIN}/initdb", "--pgdata", node.data, "--username=zhifang", f"--pwfile={words}", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C",
            "--no-sync", "--no-instructions")
        with open(os.path.join(node.data, "pg_hba.conf"), "a", encoding="utf-8") as file:
            file.write("host replication zhifang 127.0.0.1/32 scram-sha-256\n")
        node.tell(settings)
        return node

    def tell(self, settings):
        with open(os.path.join(self.data, "postgresql.conf"), "a", encoding="utf-8") as file:
            file.write(f"{DURABLE}\nport = {self.port}\n{settings}\n")

    def url(self, *others):
        """The address of this server, and of others beside it."""
        hosts = ",".join(f"127.0.0.1:{node.port}" for node in (self, *others))
        return f"postgresql://zhifang:{self.secret}@{hosts}/postgres"

    def start(self, seconds=60):
        as_owner(f"{BIN}/pg_ctl", "start", "--pgdata", self.data, "--log", self.log, "--wait", f"--timeout={seconds}", "--silent")

    def stop(self):
        if os.path.exists(os.path.join(self.data, "postmaster.pid")):
            try:
                as_owner(f"{BIN}/pg_ctl", "stop", "--pgdata", self.data, "--mode=fast", "--wait", "--timeout=60", "--silent")
            except subprocess.CalledProcessError:
                self.kill()

    def kill(self):
        postmaster.kill(self.data)

    def ask(self, sql, database="postgres"):
        """The rows of a query, as lists of texts."""
        done = subprocess.run(
            [f"{BIN}/psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--field-separator=\t", "-v", "ON_ERROR_STOP=1",
             f"postgresql://zhifang:{self.secret}@127.0.0.1:{self.port}/{database}"],
            input=sql, capture_output=True, text=True, timeout=60, check=False)
        if done.returncode:
            raise AssertionError(f"{sql[:80]}: {done.stderr[-400:]}")
        return [line.split("\t") for line in done.stdout.splitlines() if line]

    def standby(self, folder, settings=""):
        """A new server that follows this one, started."""
        node = Node(folder, self.secret)
        self.copy(node, "--write-recovery-conf")
        node.tell(settings)
        node.start()
        return node

    def copy(self, node, *more):
        """A base backup of this server as the data of another."""
        shutil.rmtree(node.data, ignore_errors=True)
        as_owner(
            f"{BIN}/pg_basebackup", "--pgdata", node.data, "--checkpoint=fast", "--wal-method=stream",
            "--dbname", f"postgresql://zhifang:{self.secret}@127.0.0.1:{self.port}/postgres?application_name=standby", *more)

    def be_followed(self, isStrict=True):
        """From now on a commit waits for the standby, or for nobody."""
        names = "'standby'" if isStrict else "''"
        self.ask(f"ALTER SYSTEM SET synchronous_standby_names = {names}")
        self.ask("SELECT pg_reload_conf()")
        until = time.monotonic() + 30
        while isStrict and time.monotonic() < until:
            if self.ask("SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'"):
                return
            time.sleep(0.05)
        if isStrict:
            raise AssertionError("the standby does not become synchronous")

    def receiver(self):
        """The process of a standby that takes the log in."""
        rows = self.ask("SELECT pid FROM pg_stat_wal_receiver")
        return int(rows[0][0])

    def promote(self):
        as_owner(f"{BIN}/pg_ctl", "promote", "--pgdata", self.data, "--wait", "--timeout=60", "--silent")
