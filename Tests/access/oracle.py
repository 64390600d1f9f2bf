"""The decision of access a second time, from Tests/access/rules.txt and not from the Swift.

    python oracle.py [--without N] asked.json answered.json

Asked: persons, places, actions, and the decisions as numbers of the three, parted by blanks. Answered: one character for each, 1 allowed.
`--without` leaves out the N-th rule: a test that does not notice it would notice no fault either.
"""

import json
import os
import sys

LEVELS = ["province", "prefecture", "county", "township", "village"]


def path(code):
    """A division as the chain of its levels: 330402001 is 33, 04, 02, 001; a trailing 00 of six digits says that the chain ends before."""
    steps = [code[0:2], code[2:4], code[4:6]]
    while len(code) == 6 and len(steps) > 1 and steps[-1] == "00":
        steps.pop()
    if len(code) > 6:
        steps.append(code[6:9])
    if len(code) > 9:
        steps.append(code[9:12])
    return steps


def is_under(own, other):
    mine, theirs = path(own), path(other)
    return len(theirs) >= len(mine) and all(a == b for a, b in zip(mine, theirs))


class Rules:
    def __init__(self, text, without):
        self.groups, self.entering, self.rows = {}, [], []
        number = 0
        for line in text.splitlines():
            line = line.split("#")[0].strip()
            words = line.split()
            if not words:
                continue
            if words[0] == "group":
                self.groups[words[1]] = set(words[2:])
            elif words[0] == "enter":
                kinds = {w for w in words[1:] if w == "*" or w in self.kinds()}
                self.entering.append((set(words[1:]) - kinds, kinds))
            else:
                cells = [cell.strip() for cell in line.split("|")] + ["", ""]
                if number != without:
                    self.rows.append((cells[0], set(cells[1].split()), cells[2], cells[3].split(), cells[4].split()))
                number += 1
        self.count = number
        self.by = {}
        for role, actions, kinds, where, more in self.rows:
            for action in actions:
                self.by.setdefault((role, action), []).append((kinds, where, more))

    @staticmethod
    def kinds():
        return {
            "insured", "insured_total", "payer_entry", "patient", "rehab_station", "rehab_service", "budget_line", "publicity", "survey",
            "survey_response",
        }

    def enters(self, functions, kind):
        return any(held & functions and ("*" in kinds or kind in kinds) for held, kinds in self.entering)

    def fits(self, kinds, kind):
        if kinds == "any":
            return True
        if kinds == "thing":
            return kind == ""
        if kinds == "plain":
            return kind not in self.groups["confided"]
        if kinds == "ordinary":
            return kind not in self.groups["secret"]
        return kind in self.groups[kinds]

    def holds(self, word, person, place):
        kind, division = place["kind"], person["division"]
        if word == "published":
            return not (place["divisions"] or place["organisations"] or place["workers"] or place["people"] or kind)
        if word == "below":
            return bool(division) and any(is_under(division, other) for other in place["divisions"])
        if word == "unit":
            return bool(division) and place["divisions"] == [division]
        if word == "file":
            return bool(person["organisation"]) and person["organisation"] in place["organisations"]
        if word == "author":
            return bool(person["organisation"]) and person["organisation"] in place["authors"]
        if word == "receiver":
            return bool(person["organisation"]) and person["organisation"] in place["receivers"]
        if word == "self":
            return bool(person["worker"]) and person["worker"] in place["workers"]
        if word == "post":
            return bool(set(person["posts"]) & set(place["posts"]))
        if word == "spoke":
            return bool(person["name"]) and person["name"] in place["people"]
        held, addressed = set(person["functions"]), bool(set(person["functions"]) & set(place["functions"]))
        if word == "opened":
            return kind not in self.groups["sealed"] or bool(held & {"health", "work_safety"}) or addressed
        if word == "reads":
            return addressed or self.enters(held, kind)
        if word == "enters":
            if kind in self.groups["addressed"]:
                return addressed
            return kind == "" or addressed or self.enters(held, kind)
        if word == "rank":
            if place["receivers"]:
                return False
            if not place["level"]:
                return True
            return len(path(division)) - 1 <= LEVELS.index(place["level"])
        if word == "manager":
            return person["manager"]
        raise ValueError(word)

    def allows(self, person, action, place):
        for kinds, where, more in self.by.get((person["role"], action), ()):
            if self.fits(kinds, place["kind"]) and all(self.holds(word, person, place) for word in where + more):
                return True
        return False

    def decide(self, person, action, place):
        if self.allows(person, action, place):
            return True
        for grant in person["grants"]:
            giver = {"name": grant["name"], "role": "officer", "functions": grant["functions"], "division": grant["division"],
                     "organisation": "", "worker": "", "posts": [], "manager": False, "grants": []}
            if self.allows(giver, action, place):
                return True
        return False


def main():
    arguments = sys.argv[1:]
    without = None
    if arguments[0] == "--without":
        without = int(arguments[1])
        arguments = arguments[2:]
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "rules.txt"), encoding="utf-8") as file:
        rules = Rules(file.read(), without)
    with open(arguments[0], encoding="utf-8") as file:
        asked = json.load(file)
    persons, places, actions = asked["persons"], asked["places"], asked["actions"]
    numbers = list(map(int, asked["decisions"].split()))
    answers = []
    for index in range(0, len(numbers), 3):
        person, action, place = persons[numbers[index]], actions[numbers[index + 1]], places[numbers[index + 2]]
        answers.append("1" if rules.decide(person, action, place) else "0")
    with open(arguments[1], "w", encoding="utf-8") as file:
        json.dump({"answers": "".join(answers), "rules": rules.count}, file)


main()
