#!/usr/bin/env python3
"""Recomputes a published double-random draw 双随机抽取 from its page or file (docs/draws.md) and shares no code with Zhifang.

    draw-verify.py FILE            the file draw.txt, or the page saved as HTML; - reads standard input
    draw-verify.py FILE COMMITMENT the 64 digits that were published before the draw, which you wrote down then

Ends with 0 and the list of who was drawn, or with 1 and what is wrong. Needs nothing but Python 3.8.
"""
import hashlib
import html
import re
import sys

ID = re.compile(r"[A-Za-z0-9._-]{1,64}\Z")
NUMBER = re.compile(r"(0|[1-9][0-9]{0,8})\Z")
DIGEST = re.compile(r"[0-9a-f]{64}\Z")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00\Z", re.ASCII)
PLAIN = re.compile("[^\x00-\x1f\x7f-\x9f\u2028\u2029]{1,500}\\Z")


class Refused(Exception):
    pass


def sha(text):
    return hashlib.sha256(text if isinstance(text, bytes) else text.encode()).hexdigest()


def need(condition, why):
    if not condition:
        raise Refused(why)


class Lines:
    def __init__(self, data):
        need(data.endswith(b"\n"), "the file breaks off")
        self.data, self.at, self.row = data, 0, 0

    def peek(self):
        end = self.data.find(b"\n", self.at)
        return None if end < 0 else self.data[self.at:end].decode().split("\t")

    def take(self, word, *forms):
        fields = self.peek()
        self.row += 1
        need(fields and fields[0] == word and len(fields) == len(forms) + 1, f"line {self.row}: {word} is missing")
        for text, form in zip(fields[1:], forms):
            need(form.match(text), f"line {self.row}: {word} is not written as it must be")
        self.before, self.at = self.at, self.data.index(b"\n", self.at) + 1
        return fields[1:] if len(forms) > 1 else fields[1]

    def all(self, word, *forms):
        rows = []
        while (fields := self.peek()) and fields[0] == word:
            rows.append(self.take(word, *forms))
        keys = [row if isinstance(row, str) else tuple(row[:2]) if word == "recusal" else row[0] for row in rows]
        need(keys == sorted(set(keys)), f"{word}: not in order, or one twice")
        return rows

    def digest(self, word):
        """A line that holds the SHA-256 of every byte before it."""
        stated = self.take(word, DIGEST)
        need(stated == sha(self.data[:self.before]), f"line {self.row}: the bytes before do not give this {word}")
        return stated


def verify(data, commitment=None):
    """Who was drawn: (rank, stratum, object's name, [inspectors' names]) in order."""
    if not data.startswith(b"zhifang-draw\t"):
        found = re.search(rb'<pre id="draw-file">(.*?)</pre>', data, re.DOTALL)
        need(found, "no draw on this page")
        data = html.unescape(found[1].decode()).encode()
    lines = Lines(data)
    need(lines.take("zhifang-draw", NUMBER) == "1", "another version of the format")
    lines.take("draw", ID)
    lines.take("jurisdiction", ID, PLAIN)
    lines.take("title", PLAIN)
    lines.take("weights", PLAIN)
    each, limit = int(lines.take("each", NUMBER)), int(lines.take("load", NUMBER))
    joint = lines.all("joint", ID)
    quotas = lines.all("quota", ID, NUMBER)
    objects = {row[0]: row for row in lines.all("object", ID, PLAIN, ID, NUMBER)}
    inspectors = {row[0]: row for row in lines.all("inspector", ID, PLAIN, ID)}
    recusals = {(inspector, what) for inspector, what in lines.all("recusal", ID, ID)}
    need(all(row[2] in dict(quotas) and 1 <= int(row[3]) <= 100 for row in objects.values()), "an object without quota or weight")
    need(all(i in inspectors and o in objects for i, o in recusals), "a recusal of nobody")
    lines.digest("inputs")
    _, _, expected = lines.take("source", PLAIN, PLAIN, MOMENT)
    secret = lines.take("secret", DIGEST)
    committed = lines.take("committed", MOMENT)
    stated = lines.digest("commitment")
    need(commitment in (None, stated), "this is not the commitment that was published before")
    need(committed < expected, "committed when the source was already known")
    entered = lines.take("entered", MOMENT)
    need(entered >= expected, "drawn before the source could be known")
    lines.take("evidence", PLAIN)
    value = lines.take("value", PLAIN)
    nonce = lines.take("nonce", DIGEST)
    need(sha(nonce) == secret, "not the nonce that was committed to")
    seed = lines.take("seed", DIGEST)
    need(seed == sha(f"zhifang-draw 1\nseed\n{stated}\n{nonce}\n{value}\n"), "not the seed of this commitment, nonce and source")

    result, load = [], {}
    for stratum, count in quotas:
        ranked = sorted(
            min((sha(f"{seed}|object|{key}|{k}"), key, k) for k in range(1, int(row[3]) + 1))
            for key, row in objects.items() if row[2] == stratum)
        need(int(count) <= len(ranked), "a quota above its stratum")
        for rank, (ticket, key, number) in enumerate(ranked[:int(count)], 1):
            need(lines.take("drawn", ID, NUMBER, ID, NUMBER, DIGEST) == [stratum, str(rank), key, str(number), ticket],
                 f"line {lines.row}: another one was drawn")
            free = [i for i in inspectors if (i, key) not in recusals and (not limit or load.get(i, 0) < limit)]
            missing, sent = set(joint), []
            for ticket, one in sorted((sha(f"{seed}|inspector|{key}|{i}"), i) for i in free):
                department = inspectors[one][2]
                if len(sent) == each or (department not in missing and each - len(sent) <= len(missing)):
                    continue
                missing.discard(department)
                sent.append(one)
                load[one] = load.get(one, 0) + 1
                need(lines.take("sent", ID, ID, DIGEST) == [key, one, ticket], f"line {lines.row}: another inspector was drawn")
            need(len(sent) == each, "an object without its inspectors")
            result.append((rank, stratum, objects[key][1], [inspectors[i][1] for i in sent]))
    lines.digest("file")
    need(lines.at == len(data), "something follows the file")
    return stated, result


def main(arguments):
    if len(arguments) not in (1, 2):
        sys.exit(__doc__)
    data = sys.stdin.buffer.read() if arguments[0] == "-" else open(arguments[0], "rb").read()
    try:
        commitment, result = verify(data, *arguments[1:])
    except (Refused, UnicodeError) as why:
        sys.exit(f"REFUSED 不符: {why}")
    print(f"commitment 承诺 {commitment}")
    for rank, stratum, name, sent in result:
        print(f"{stratum}\t{rank}\t{name}\t{', '.join(sent)}")
    print(f"OK 一致: {len(result)}")


if __name__ == "__main__":
    main(sys.argv[1:])
