"""Examination cards from a seed, and the register that they refer to.

    python bench/cards_made.py --out FOLDER [--cards 60000] [--seed 1] [--flawed 0.02]

Writes employer.csv, institution.csv, qualification.csv, worker.csv, employment.csv and exposure.csv (for `zhifang import`, in this
order) and exam.ndjson, one card a line with the fields of the kind `exam`; references are the submitters' own numbers. Every worker is
employed and exposed, so that each card moves a duty. A share of the cards is flawed on purpose; expected.json says how many must be
created, unchanged and refused. The same seed gives the same bytes.
"""
import argparse
import csv
import datetime
import json
import os
import random

COUNTIES = ["330402", "330411", "330421", "330424", "330481", "330482", "330483"]
FACTORS = ["A001", "A002", "A003", "A005", "B001", "B002", "B004", "B008", "B010", "C001", "C002", "C003"]
STAGES = ["pre_employment", "in_service", "in_service", "in_service", "in_service", "in_service", "leaving"]
CONCLUSIONS = ["normal"] * 17 + ["recheck", "contraindication", "suspected"]
SURNAMES, GIVEN = "王李张刘陈杨黄赵周吴徐孙朱马胡郭何高林罗", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华"
CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CREDIT_WEIGHTS = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28]
IDENTITY_WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]


def credit_code(head):
    total = sum(weight * CREDIT.index(character) for weight, character in zip(CREDIT_WEIGHTS, head))
    return head + CREDIT[-total % 31]


def identity(head):
    return head + "10X98765432"[sum(weight * int(digit) for weight, digit in zip(IDENTITY_WEIGHTS, head)) % 11]


# One flaw a card, each with the rule that it breaks.
def flaw(card, kind, number):
    if kind == "missing":
        del card["stage"]
    elif kind == "day":
        card["day"] = "2021-02-30"
    elif kind == "future":
        card["day"] = "2099-01-01"
    elif kind == "code":
        card["stage"] = "at_lunch"
    elif kind == "factor":
        card["factors"] = card["factors"] + ["Z999"]
    elif kind == "worker":
        card["worker"] = f"W-nobody-{number}"
    elif kind == "employer":
        card["employer"] = f"E-nobody-{number}"
    return card


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", required=True)
    parser.add_argument("--cards", type=int, default=60_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--flawed", type=float, default=0.02)
    arguments = parser.parse_args()
    chance, out = random.Random(arguments.seed), arguments.out
    employers, institutions, workers = max(20, arguments.cards // 200), max(3, arguments.cards // 10_000), max(50, arguments.cards // 3)
    os.makedirs(out, exist_ok=True)

    def table(name, header, rows):
        with open(os.path.join(out, name), "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(header)
            writer.writerows(rows)

    table("employer.csv", ["code", "name", "credit_code", "division", "hazards", "since"], (
        [f"E{n:06}", f"基准企业{n:06}有限公司", credit_code(f"91{COUNTIES[n % 7]}MA{n:07}"), COUNTIES[n % 7], "1", "2010-01-01"] for n in range(employers)))
    table("institution.csv", ["code", "name", "division", "public"], (
        [f"I{n:04}", f"基准检查机构{n:04}", COUNTIES[n % 7], "1"] for n in range(institutions)))
    table("qualification.csv", ["institution", "type", "from"], ([f"I{n:04}", "exam", "2010-01-01"] for n in range(institutions)))

    def people():
        for n in range(workers):
            birth = datetime.date(1960, 1, 1) + datetime.timedelta(days=chance.randrange(15_000))
            name = chance.choice(SURNAMES) + "".join(chance.choices(GIVEN, k=chance.choice([1, 2])))
            yield [f"W{n:07}", name, identity(f"{COUNTIES[n % 7]}{birth:%Y%m%d}{n % 1000:03}"), chance.choice(["male", "female"]), birth.isoformat()]
    table("worker.csv", ["code", "name", "identity", "sex", "birth"], people())
    exposed = [sorted(chance.sample(FACTORS, chance.choice([1, 1, 2]))) for _ in range(workers)]
    table("employment.csv", ["worker", "employer", "from"], ([f"W{n:07}", f"E{n % employers:06}", "2014-01-01"] for n in range(workers)))
    table("exposure.csv", ["worker", "employer", "factors", "from"], (
        [f"W{n:07}", f"E{n % employers:06}", ";".join(exposed[n]), f"{2014 + n % 4}-03-01"] for n in range(workers)))

    first, created, unchanged, refused = datetime.date(2016, 1, 1), 0, 0, 0
    held = None
    with open(os.path.join(out, "exam.ndjson"), "w", encoding="utf-8") as file:
        for number in range(arguments.cards):
            who = chance.randrange(workers)
            # Nine in ten cards cover what the worker is exposed to.
            factors = exposed[who] if chance.random() < 0.9 else chance.sample(FACTORS, chance.choice([1, 1, 2, 3]))
            card = {
                "code": f"X{number:08}", "worker": f"W{who:07}", "employer": f"E{who % employers:06}",
                "institution": f"I{chance.randrange(institutions):04}", "day": (first + datetime.timedelta(days=chance.randrange(1800))).isoformat(),
                "stage": chance.choice(STAGES), "factors": sorted(factors),
                "conclusion": chance.choice(CONCLUSIONS)}
            if chance.random() < arguments.flawed:
                kind = chance.choice(["missing", "day", "future", "code", "factor", "worker", "employer", "same", "other"])
                if kind in ("same", "other") and held is not None:
                    # The card before once more: word for word, or with another day under the same number.
                    card = dict(held)
                    if kind == "other":
                        card["day"] = (datetime.date.fromisoformat(card["day"]) + datetime.timedelta(days=1)).isoformat()
                        refused += 1
                    else:
                        unchanged += 1
                elif kind in ("same", "other"):
                    held, created = card, created + 1
                else:
                    card, refused = flaw(card, kind, number), refused + 1
            else:
                held, created = card, created + 1
            file.write(json.dumps(card, ensure_ascii=False, separators=(",", ":")) + "\n")
    with open(os.path.join(out, "expected.json"), "w", encoding="utf-8") as file:
        json.dump({"cards": arguments.cards, "created": created, "unchanged": unchanged, "refused": refused}, file)
        file.write("\n")


if __name__ == "__main__":
    main()
