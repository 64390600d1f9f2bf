"""Asks at a steady rate over kept connections and tells the times: an open loop, so that a slow answer does not put off the next question.

    python bench/steady.py --port PORT --requests FILE --rate PER_SECOND --seconds SECONDS [--connections 64] --out FILE

FILE has a request a line as for ask.lua; where a line has a number between two bytes 3, the number is one more each time the line is sent (the
version of a record that the line changes) and @@@@ is how often it was, in four digits. The times go to --out as pairs of doubles: the second at which a request was due, and the milliseconds
until its whole answer. Prints one line of JSON with p50 and p99 of a window after the first tenth of the time and of one at its end.
"""
import argparse
import asyncio
import collections
import json
import re
import struct
import time

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.I)


class Asker(asyncio.Protocol):
    """One connection: one question at a time."""

    def __init__(self, steady):
        self.steady, self.buffer, self.due = steady, b"", None

    def connection_made(self, transport):
        self.transport = transport

    def ask(self, due, request):
        self.due = due
        self.transport.write(request)

    def data_received(self, data):
        self.buffer = self.buffer + data if self.buffer else data
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        length = LENGTH.search(self.buffer, 0, end + 2)
        if len(self.buffer) < end + 4 + (int(length[1]) if length else 0):
            return
        self.steady.answered(self, self.buffer[9:12] < b"400")
        self.buffer = b""

    def connection_lost(self, error):
        self.steady.lost(self)


class Steady:
    def __init__(self, requests, rate, seconds):
        self.requests, self.rate, self.seconds = requests, rate, seconds
        self.free, self.waiting, self.times, self.wrong = [], collections.deque(), [], 0

    def answered(self, asker, isRight):
        now = time.perf_counter() - self.start
        self.times.append((asker.due, (now - asker.due) * 1000))
        self.wrong += not isRight
        asker.due = None
        if self.waiting:
            due, request = self.waiting.popleft()
            asker.ask(due, request)
        else:
            self.free.append(asker)

    def lost(self, asker):
        self.wrong += asker.due is not None
        if asker in self.free:
            self.free.remove(asker)

    def counted(self, sent):
        request = self.requests[sent % len(self.requests)]
        before, mark, rest = request.partition(b"\3")
        if not mark:
            return request
        number, _, after = rest.partition(b"\3")
        times = sent // len(self.requests)
        return before + b"%d" % (int(number) + times) + after.replace(b"@@@@", b"%04d" % times)

    async def run(self, port, connections):
        loop = asyncio.get_running_loop()
        self.free = [(await loop.create_connection(lambda: Asker(self), "127.0.0.1", port))[1] for _ in range(connections)]
        self.start, sent = time.perf_counter(), 0
        total = int(self.seconds * self.rate)
        while sent < total:
            now = time.perf_counter() - self.start
            while sent < total and sent / self.rate <= now:
                due, request = sent / self.rate, self.counted(sent)
                if self.free:
                    self.free.pop().ask(due, request)
                else:
                    self.waiting.append((due, request))
                sent += 1
            await asyncio.sleep(0.001)
        while len(self.times) < sent and time.perf_counter() - self.start < self.seconds + 60:
            await asyncio.sleep(0.05)
        self.wrong += sent - len(self.times)


def percentile(times, share):
    return sorted(times)[min(len(times) - 1, int(len(times) * share))] if times else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--requests", required=True)
    parser.add_argument("--rate", type=float, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--out", required=True)
    arguments = parser.parse_args()
    with open(arguments.requests, "rb") as file:
        requests = [line.replace(b"\1", b"\r\n").replace(b"\2", b"\n") for line in file.read().rstrip(b"\n").split(b"\n")]
    steady = Steady(requests, arguments.rate, arguments.seconds)
    asyncio.run(steady.run(arguments.port, arguments.connections))
    with open(arguments.out, "wb") as file:
        for each in steady.times:
            file.write(struct.pack("<dd", *each))
    seconds, window = arguments.seconds, min(300.0, arguments.seconds * 0.2)

    def part(begin, end):
        times = [took for due, took in steady.times if begin <= due < end]
        return {"p50": percentile(times, 0.5), "p99": percentile(times, 0.99), "requests": len(times)}
    print(json.dumps({
        "requests": len(steady.times), "wrong": steady.wrong, "window": window, "first": part(seconds * 0.1, seconds * 0.1 + window), "last": part(seconds - window, seconds + 1)}))


if __name__ == "__main__":
    main()
