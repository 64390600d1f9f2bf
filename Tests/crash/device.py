"""One device that sends a message every ten milliseconds and keeps each until it was acknowledged, however often the server falls meanwhile."""

import threading
import time

from doors import Clients, Doors
from served import NoAnswer
from series import Series


class Device(Series):
    def play(self, count, say):
        """All messages of the device, with `count` kills among them; then every one is there once."""
        self.program.start()
        if not self.program.ready():
            return ["the server does not start"]
        doors, falls = Doors(self, self.rng, 1), set(self.rng.sample(range(1, self.options.device), count))
        waits, started = [], time.monotonic()
        for number in range(self.options.device):
            if number in falls:
                # Somewhere in the middle of this message or of one of the next.
                threading.Timer(self.rng.random() * 0.05, self.program.process.kill).start()
            began = time.monotonic()
            try:
                doors.device()
            except NoAnswer:
                act = self.acts[-1]
                while act.fate == "unknown":
                    self.program.process.wait()
                    self.kills += 1
                    self.fall([])
                    self.program.start()
                    if not self.program.ready():
                        return ["the server does not start again"]
                    doors.clients = Clients(self, doors.source)
                    try:
                        act.taken(act.send(doors.clients)[1])
                    except NoAnswer:
                        continue
            waits.append(time.monotonic() - began)
        if any(act.fate != "taken" for act in self.acts):
            self.flaws.append(f"not every message was taken: {[act.name() for act in self.acts if act.fate != 'taken'][:5]}")
        self.flaws += self.check(None)
        waits.sort()
        print(
            f"device: {len(self.acts)} messages, {self.kills} kills, {time.monotonic() - started:.1f} s, from one message to the next: median "
            f"{waits[len(waits) // 2] * 1000:.1f} ms, p99 {waits[len(waits) * 99 // 100] * 1000:.1f} ms", flush=True)
        say(self, "device")
        self.program.kill()
        return self.flaws
