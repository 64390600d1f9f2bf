"""Clients that write records over the API, each with a mark that is found again, and remember what they were told."""

import random
import threading
import time

from served import Client, NoAnswer, TurnedAway


class Load:
    """Writers in threads. A write that got no answer or a refusal for now is sent again with the same key, as a machine does."""

    def __init__(self, port, token, county, seed, writers=4):
        self.port, self.token, self.county, self.seed = port, token, county, seed
        self.lock, self.pace, self.over = threading.Lock(), threading.Event(), threading.Event()
        self.pace.set()
        self.acknowledged, self.open, self.answers = {}, set(), {}
        self.busy = 0
        self.threads = [threading.Thread(target=self.write, args=(number,), daemon=True) for number in range(writers)]
        for thread in self.threads:
            thread.start()

    def write(self, number):
        dice = random.Random(f"{self.seed} {number}")
        client = Client(self.port, bearer=self.token, timeout=20)
        count = 0
        while not self.over.is_set():
            self.pace.wait()
            count += 1
            mark = f"切换{self.seed}-{number}-{count}-{dice.getrandbits(40):x}"
            with self.lock:
                self.busy += 1
                self.open.add(mark)
            self.send(client, mark)
            with self.lock:
                self.busy -= 1

    def send(self, client, mark):
        values = {"name": mark, "division": self.county, "industry": "C3071", "since": "2015-01-01", "headcount": "9"}
        while not self.over.is_set():
            try:
                status, _, answer = client.json("POST", "/api/records/employer", {"values": values}, {"Idempotency-Key": mark.encode().hex()})
            except NoAnswer:
                status, answer = 0, None
            except TurnedAway:
                status, answer = 503, None
            with self.lock:
                self.answers[status] = self.answers.get(status, 0) + 1
            if status == 201:
                with self.lock:
                    self.acknowledged[mark] = time.monotonic()
                    self.open.discard(mark)
                return
            if status not in (0, 503):
                raise AssertionError(f"{status} {answer}")
            time.sleep(0.1)

    def count(self):
        with self.lock:
            return len(self.acknowledged)

    def pause(self):
        """Nobody writes any more, and nothing is under way."""
        self.pace.clear()
        while True:
            with self.lock:
                if self.busy == 0:
                    return
            time.sleep(0.01)

    def end(self):
        self.over.set()
        self.pace.set()
        for thread in self.threads:
            thread.join(timeout=60)
            if thread.is_alive():
                raise AssertionError("a client hangs")


def flaws(node, load):
    """What was acknowledged and is not there once; what nobody acknowledged and is there twice."""
    kept = {title: int(times) for title, times in node.ask(f"SELECT title, count(*) FROM record WHERE title LIKE '切换{load.seed}-%' GROUP BY title")}
    lost = [mark for mark in load.acknowledged if kept.get(mark, 0) == 0]
    double = [mark for mark, times in kept.items() if times > 1]
    strange = [mark for mark in kept if mark not in load.acknowledged and mark not in load.open]
    return lost, double, strange
