"""Exposure verdicts from raw samples: the peer of `zhifang bench verdicts`, whole columns at a time in pandas.

The rules are those of GBZ 2.1-2019, chapter 6 and Appendix A, as docs/exposure.md has them: time-weighted average (and its least value where
results lie below the limit of quantification), short-term value, ceiling, excursions between PC-TWA and PC-STEL, the peak rule of what has a
PC-TWA only, comparison of the rounded result (GBZ 331-2024, Appendix G). Both get the samples as columns in memory; reading them is not timed.
"""

import numpy as np
import pandas as pd

SEGMENT, SHORT, CEILING, BELOW = 0, 1, 2, 128
LIMITS = [  # mac, twa, stel; nan where there is none
    (np.nan, 200, 300), (np.nan, 3, 6), (np.nan, 1, np.nan), (np.nan, 0.7, np.nan), (0.5, np.nan, np.nan), (np.nan, 0.05, 0.1),
    (np.nan, 4, np.nan), (1, np.nan, np.nan), (np.nan, 20, 30),
]
BITS = {name: 1 << place for place, name in {
    0: "twaExceeds", 1: "stelExceeds", 2: "macExceeds", 3: "peakExceeds", 4: "excursionTooLong", 5: "excursionsTooMany",
    6: "excursionsTooClose", 8: "twaHangsOnLOQ", 9: "shortHangsOnLOQ", 10: "lacksShortTerm", 11: "lacksCeiling", 12: "lacksPeak",
    13: "lacksTimes", 14: "lacksSegments", 15: "tooShortForTWA"}.items()}
OPEN = sum(BITS[name] for name in BITS if BITS[name] >= BITS["twaHangsOnLOQ"])


def decimals(limit):
    """Of a printed limit."""
    text = f"{limit:g}"
    return len(text.partition(".")[2])


def generate(rows, seed):
    """Groups of a shift: four segments of unequal length end to end, short samples inside the shift with their times, ceilings."""
    random = np.random.default_rng(seed)
    groups = rows // 8
    limit = random.integers(0, len(LIMITS), groups)
    mac, twa, stel = (np.array([row[place] for row in LIMITS])[limit] for place in range(3))
    level = np.where(np.isnan(twa), mac, twa) * random.lognormal(-0.6, 0.8, groups)
    kind = np.empty((groups, 8))
    kind[:, :4] = SEGMENT
    kind[:, 4:] = np.where(np.isnan(twa), CEILING, SHORT)[:, None]
    cuts = (np.sort(random.integers(1, 30, (groups, 3)), axis=1) + np.arange(3)) * 15
    edges = np.concatenate([np.zeros((groups, 1)), cuts, np.full((groups, 1), 480)], axis=1)
    start = np.empty((groups, 8))
    minutes = np.empty((groups, 8))
    start[:, :4] = 480 + edges[:, :4]
    minutes[:, :4] = np.diff(edges, axis=1)
    start[:, 4:] = 480 + np.array([10, 130, 250, 370]) + random.integers(0, 100, (groups, 4))
    minutes[:, 4:] = 15
    concentration = level[:, None] * random.lognormal(0, 0.5, (groups, 8))
    concentration[:, 4:] *= 1.3
    below = random.random((groups, 8)) < 0.05
    concentration = np.maximum(np.round(concentration, 4), 0.0001)
    kind = kind + np.where(below, BELOW, 0)
    group = np.repeat(np.arange(groups), 8)
    return pd.DataFrame({
        "group": group, "limit": np.repeat(limit, 8), "kind": kind.ravel().astype(np.int64), "start": start.ravel(),
        "minutes": minutes.ravel(), "concentration": concentration.ravel()})


def half_even(value, places):
    """GB/T 8170: a half, as far as decimal digits tell, goes to the even digit."""
    scaled = value * 10.0 ** places
    floor = np.floor(scaled)
    rest = scaled - floor - 0.5
    is_half = np.abs(rest) <= np.maximum(np.abs(scaled), 1) * 1e-12
    return np.where(is_half, floor + floor % 2, np.where(rest < 0, floor, floor + 1)) / 10.0 ** places


def exceeds(value, limit, places):
    return (value > limit) & (half_even(value, places) > limit)


def judge(samples):
    """A verdict for each group, by whole columns."""
    table = np.array(LIMITS, dtype=float)
    mac, twa, stel = (samples["limit"].map(dict(enumerate(table[:, place]))).to_numpy() for place in range(3))
    places = [{row: decimals(limit[place]) + 1 if limit[place] == limit[place] else 1 for row, limit in enumerate(LIMITS)} for place in range(3)]
    kind = samples["kind"].to_numpy()
    below = kind >= BELOW
    plain = kind % BELOW
    is_segment, is_short, is_ceiling = plain == SEGMENT, plain == SHORT, plain == CEILING
    c, m = samples["concentration"].to_numpy(), samples["minutes"].to_numpy()
    weighted = c * m
    seen = np.where(below, 0, c)
    hidden = np.where(below, c, 0)
    work = pd.DataFrame({
        "group": samples["group"], "limit": samples["limit"],
        "sum": np.where(is_segment, weighted, 0), "sure": np.where(is_segment & ~below, weighted, 0),
        "exposed": np.where(is_segment & (c > 0), m, 0), "segments": is_segment, "shorts": is_short, "ceilings": is_ceiling,
        "segment": np.where(is_segment, seen, 0), "quarter": np.where(is_segment, seen * np.minimum(m, 15) / 15, 0),
        "short": np.where(is_short, seen, 0), "stel_value": np.where(is_short, seen * m / 15, 0), "ceiling": np.where(is_ceiling, seen, 0),
        "short_below": np.where(is_short, hidden, 0), "stel_below": np.where(is_short, hidden * m / 15, 0),
        "ceiling_below": np.where(is_ceiling, hidden, 0)})
    by = work.groupby("group", sort=False)
    sums = by[["sum", "sure", "exposed", "segments", "shorts", "ceilings"]].sum()
    tops = by[["segment", "quarter", "short", "stel_value", "ceiling", "short_below", "stel_below", "ceiling_below"]].max()
    limit = by["limit"].first()
    mac, twa, stel = (table[limit.to_numpy(), place] for place in range(3))
    mac_places, twa_places, stel_places = (limit.map(place).to_numpy() for place in places)
    average, surely = sums["sum"].to_numpy() / 480, sums["sure"].to_numpy() / 480
    findings = np.zeros(len(limit), dtype=np.int64)

    def put(name, where):
        nonlocal findings
        findings |= np.where(where, BITS[name], 0)

    has_twa, has_stel, has_mac = ~np.isnan(twa), ~np.isnan(stel), ~np.isnan(mac)
    has_peak = has_twa & ~has_stel & ~has_mac
    brief = (sums["exposed"].to_numpy() > 0) & (sums["exposed"].to_numpy() < 60) & has_twa
    put("tooShortForTWA", brief & ~has_stel & ~has_mac)
    over = has_twa & ~brief & exceeds(average, twa, twa_places)
    sure = over & exceeds(surely, twa, twa_places)
    put("twaExceeds", sure)
    put("twaHangsOnLOQ", over & ~sure)
    highest = np.maximum(np.maximum(tops["ceiling"], tops["short"]), tops["segment"]).to_numpy()
    mac_over = has_mac & exceeds(highest, mac, mac_places)
    put("macExceeds", mac_over)
    put("lacksCeiling", has_mac & ~mac_over & (sums["ceilings"].to_numpy() == 0))
    put("shortHangsOnLOQ", has_mac & ~mac_over & exceeds(tops["ceiling_below"].to_numpy(), mac, mac_places))
    shorts = sums["shorts"].to_numpy()
    stel_over = has_stel & exceeds(np.maximum(tops["stel_value"], tops["quarter"]).to_numpy(), stel, stel_places)
    put("stelExceeds", stel_over)
    put("lacksShortTerm", has_stel & ~stel_over & (shorts == 0) & ~sure)
    put("shortHangsOnLOQ", has_stel & ~stel_over & (shorts > 0) & exceeds(tops["stel_below"].to_numpy(), stel, stel_places))
    peak_from, peak_top = half_even(3 * twa, twa_places - 1), half_even(5 * twa, twa_places - 1)
    put("peakExceeds", has_peak & exceeds(np.maximum(tops["short"], tops["segment"]).to_numpy(), peak_top, twa_places))
    put("lacksPeak", has_peak & (shorts == 0) & ~sure)
    put("shortHangsOnLOQ", has_peak & (shorts > 0) & exceeds(tops["short_below"].to_numpy(), peak_from, twa_places))

    # Excursions: short-term samples above PC-TWA (where there is a PC-STEL) or above 3 x PC-TWA, joined where they touch.
    floor = np.where(has_stel & has_twa, twa, np.where(has_peak, peak_from, np.inf))
    number = samples["group"].to_numpy()
    candidates = ~below & is_short & (c > floor[number])
    rows = np.flatnonzero(candidates)
    rows = rows[exceeds(c[rows], floor[number[rows]], twa_places[number[rows]])]
    parts = pd.DataFrame({"group": number[rows], "start": samples["start"].to_numpy()[rows], "minutes": m[rows]})
    parts = parts.sort_values(["group", "start", "minutes"], kind="stable")
    parts["end"] = parts["start"] + parts["minutes"]
    reach = parts.groupby("group", sort=False)["end"].cummax()
    before = reach.shift()
    fresh = (parts["group"] != parts["group"].shift()) | (parts["start"] > before + 1e-6)
    parts["episode"] = fresh.cumsum()
    episodes = parts.groupby("episode", sort=False).agg(group=("group", "first"), start=("start", "first"), end=("end", "max"))
    gap = episodes["start"] - episodes["end"].shift()
    close = (episodes["group"] == episodes["group"].shift()) & (gap < 60 - 1e-6)
    long = parts.groupby("group", sort=False)["minutes"].max() > 15 + 1e-6
    wide = episodes[episodes["end"] - episodes["start"] > 15 + 1e-6]["group"]
    count = episodes["group"].value_counts()
    flag = np.zeros(len(limit), dtype=np.int64)
    flag[long.index[long]] |= BITS["excursionTooLong"]
    flag[wide.to_numpy()] |= BITS["excursionTooLong"]
    flag[count.index[count > 4]] |= BITS["excursionsTooMany"]
    flag[episodes["group"][close].to_numpy()] |= BITS["excursionsTooClose"]
    findings |= flag
    exceeding = sum(BITS[name] for name in BITS if BITS[name] <= BITS["excursionsTooClose"])
    verdict = np.where(findings & exceeding != 0, "exceed", np.where(findings & OPEN != 0, "unknown", "pass"))
    return verdict, average, findings

