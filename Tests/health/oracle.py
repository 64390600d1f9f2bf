"""Hearing and dose worked out a second time, from the standards and docs/hearing-dose.md and not from the Swift.

    python oracle.py jobs.json answers.json

Figures are typed here again on purpose: a slip in Data/standards shows as a difference. Hearing is done in exact fractions (GBZ 49-2014,
GBZ 188-2025, the formulas of GB/T 7582-2004 and ISO 7029:2017 in numpy), doses day by day over arrays of days.
"""

import json
import sys
from fractions import Fraction

import numpy as np

# Hearing ------------------------------------------------------------------------------------------------------------------------------

FREQUENCIES = [500, 1000, 2000, 3000, 4000, 6000]

# GBZ 49-2014 table A.1, read by columns: one frequency and sex, ages 20, 30, 40, 50, 60, 70 and over.
TABLE_A1 = {
    "male": {500: [0, 1, 2, 4, 6, 9], 1000: [0, 1, 2, 4, 7, 11], 2000: [0, 1, 3, 7, 12, 19],
             3000: [0, 2, 6, 12, 20, 31], 4000: [0, 2, 8, 16, 28, 43], 6000: [0, 3, 9, 18, 32, 49]},
    "female": {500: [0, 1, 2, 4, 6, 9], 1000: [0, 1, 2, 4, 7, 11], 2000: [0, 1, 3, 6, 11, 16],
               3000: [0, 1, 4, 8, 13, 20], 4000: [0, 1, 4, 9, 16, 24], 6000: [0, 2, 6, 12, 21, 32]},
}
# GB/T 7582-2004 table 1, in 10^-4 dB per year squared.
ALPHA = {"male": [35, 40, 70, 115, 160, 180], "female": [35, 40, 60, 75, 90, 120]}
# ISO 7029:2017 table 1.
POWER = {
    "male": ([4.59e-4, 7.02e-4, 1.56e-3, 2.54e-3, 3.40e-3, 4.53e-3], [2.537, 2.494, 2.404, 2.350, 2.325, 2.315]),
    "female": ([2.61e-4, 2.21e-4, 3.12e-4, 4.88e-4, 7.37e-4, 1.47e-3], [2.708, 2.805, 2.792, 2.728, 2.660, 2.539]),
}


def half_up(value):
    """A half goes away from zero, as 四舍五入 has it."""
    sign = -1 if value < 0 else 1
    return sign * int(abs(value) + Fraction(1, 2))


def table_a1(age, sex):
    """None below 18: GB/T 7582, which the table is made from, begins there. Until 29 it says nought."""
    if age < 18:
        return None
    row = min(max(age // 10 - 2, 0), 5)
    return [Fraction(TABLE_A1[sex][hz][row]) for hz in FREQUENCIES]


def square_law(age, sex):
    if not 18 <= age <= 70:
        return None
    return [Fraction(a, 10_000) * (age - 18) ** 2 for a in ALPHA[sex]]


def power_law(age, sex):
    if not 18 <= age <= 80:
        return None
    a, b = (np.array(part) for part in POWER[sex])
    return [float(x) for x in a * np.power(float(age - 18), b)]


def age_on(birth, day):
    """ISO texts; completed years."""
    return int(day[:4]) - int(birth[:4]) - (day[5:] < birth[5:])


def averages(left, right):
    speech = {ear: sum(levels[:3]) / 3 for ear, levels in (("left", left), ("right", right))}
    weighted = {
        "left": half_up(speech["left"] * Fraction(9, 10) + left[4] * Fraction(1, 10)),
        "right": half_up(speech["right"] * Fraction(9, 10) + right[4] * Fraction(1, 10)),
    }
    return {
        "binaural_high": half_up(sum(left[3:] + right[3:]) / 6),
        "left_weighted": weighted["left"],
        "right_weighted": weighted["right"],
        "better": min(weighted.values()),
        "left_speech": half_up(speech["left"]),
        "right_speech": half_up(speech["right"]),
        "both_speech": half_up((speech["left"] + speech["right"]) / 2),
    }


def deafness(left, right):
    """Rank by GBZ 49-2014 clause 4 with A.8: 0 none, 1 mild, 2 moderate, 3 severe."""
    found = averages(left, right)
    if found["binaural_high"] < 40:
        return 0
    rank = sum(found["better"] >= level for level in (26, 41, 56))
    # Of two ears alike, one that loses more at high frequencies is enough.
    graded = [ear for name, ear in (("left", left), ("right", right)) if found[f"{name}_weighted"] == found["better"]]
    return rank if any(sum(ear[:3]) < sum(ear[3:]) for ear in graded) else 0


def shift(now, then, aging, places, mean):
    worst = []
    for ear in ("left", "right"):
        moved = [Fraction(now[ear][p]) - Fraction(then[ear][p]) - Fraction(aging[p]) for p in places]
        worst.append(sum(moved) / len(moved) if mean else max(moved))
    return max(worst)


def hearing(job):
    sex, age = job["sex"], age_on(job["birth"], job["day"])
    left, right = ([Fraction(str(x)) for x in job[ear]] for ear in ("left", "right"))
    answer = {"age": age}
    schemes = {"gbz49-2014": table_a1, "gbt7582-2004": square_law, "iso7029-2017": power_law}
    for name, law in schemes.items():
        medians = law(age, sex)
        answer[name] = None if medians is None else [float(m) for m in medians]
    medians = table_a1(age, sex)
    if medians is not None:
        fixed = [[x - m for x, m in zip(levels, medians)] for levels in (left, right)]
        answer["averages"] = averages(*fixed)
        answer["rank"] = deafness(*fixed)
        # GBZ 188-2025 7.1.1.1 a, b, c with losses as given.
        found = averages(*fixed)
        per_ear = [
            (job["loss"][ear], max(half_up(x) for x in levels[:3]), found[f"{ear}_speech"])
            for ear, levels in zip(("left", "right"), fixed)
        ]
        answer["findings"] = {
            "noise.speech": any(loss == "sensorineural" and worst > 25 for loss, worst, _ in per_ear),
            "noise.high-weighted": found["binaural_high"] >= 40 and found["better"] >= 26,
            "noise.conductive": any(loss == "conductive" and mean >= 41 for loss, _, mean in per_ear),
        }
    before = job["baseline"]
    answer["osha"] = float(shift(job, before, [0] * 6, [2, 3, 4], True))
    answer["niosh"] = float(shift(job, before, [0] * 6, range(6), False))
    then, now = square_law(age_on(job["birth"], before["day"]), sex), square_law(age, sex)
    if then is not None and now is not None:
        answer["osha_aged"] = float(shift(job, before, [n - t for n, t in zip(now, then)], [2, 3, 4], True))
    return answer


# Dose ---------------------------------------------------------------------------------------------------------------------------------

def number(text):
    return int(np.datetime64(text, "D").astype(int))


def outcome(period):
    """What a period adds, at least and at most; infinity for no bound."""
    kind, value = period["kind"], period.get("value")
    if kind == "measured" or (kind == "nominal" and value is not None and period.get("approved") is True):
        return value, value
    if kind == "below":
        if period.get("mdl") is not None:
            return (period["mdl"] / 2,) * 2 if period["until"] > "2016-11-01" else (0.0, period["mdl"])
        if value is not None:
            return value, value
    return 0.0, np.inf


def most_apart(spans):
    """The greatest sum over spans of which no two share a day: take the first or leave it."""
    if not spans:
        return 0.0
    a, b, value = spans[0]
    later = spans[1:]
    apart = [span for span in later if span[0] >= b]
    taken = value + most_apart(apart)
    return taken if len(apart) == len(later) else max(taken, most_apart(later))


def total(posts, first, last):
    """Bounds over the days first <= day < last; without any post in them nothing is known."""
    low = high = 0.0
    if not any(number(post["from"]) < last and number(post["until"]) > first for post in posts):
        high = np.inf
    for post in posts:
        start, end = number(post["from"]), number(post["until"])
        spans = [(number(p["from"]), number(p["until"]), p) for p in post["periods"]]
        origin = min([start] + [a for a, _, _ in spans])
        size = max([end] + [b for _, b, _ in spans]) - origin
        covered = np.zeros(size, bool)
        for a, b, _ in spans:
            covered[a - origin:b - origin] = True
        # Days in post without a dosemeter, in runs of more than a day.
        bare = ~covered
        bare[:start - origin] = False
        bare[end - origin:] = False
        edges = np.flatnonzero(np.diff(np.concatenate(([0], bare.astype(int), [0]))))
        for a, b in zip(edges[::2], edges[1::2]):
            if b - a > 1 and a + origin < last and b + origin > first:
                high = np.inf
        # Of periods that share days one may repeat another: at least what some that lie apart come to, at most all.
        touching = []
        for a, b, period in spans:
            if a < last and b > first:
                least, most = outcome(period)
                touching.append((a, b, least if first <= a and b <= last else 0.0))
                high += most
        low += most_apart(sorted(touching))
    return low, high


def verdict(low, high, limit):
    if low > limit * (1 + 1e-12):
        return "exceed"
    return "pass" if high <= limit * (1 + 1e-12) else "unknown"


def dose(job):
    answer = {"years": {}, "five": {}}
    for year in job["years"]:
        low, high = total(job["posts"], number(f"{year}-01-01"), number(f"{year + 1}-01-01"))
        answer["years"][str(year)] = {"low": low, "high": None if np.isinf(high) else high, "verdict": verdict(low, high, 50)}
    first = job["years"][0]
    low, high = total(job["posts"], number(f"{first}-01-01"), number(f"{first + 5}-01-01"))
    answer["five"] = {"low": low, "high": None if np.isinf(high) else high, "verdict": verdict(low / 5, high / 5, 20)}
    return answer


if __name__ == "__main__":
    source, target = sys.argv[1:]
    with open(source, encoding="utf-8") as file:
        jobs = json.load(file)
    answers = {"hearing": [hearing(job) for job in jobs["hearing"]], "dose": [dose(job) for job in jobs["dose"]]}
    with open(target, "w", encoding="utf-8") as file:
        json.dump(answers, file)
