"""The peers of `zhifang bench board`: DuckDB and polars over the exported records, by the definitions of docs/measures.md.

    python bench/board.py duckdb|polars RECORDS --division 330400 --year 2019 [--format csv|parquet] [--answers FILE.csv] [--standards Data/standards]
    python bench/board.py parquet RECORDS        # writes each CSV that is read once more as Parquet, all columns text

Computes for each of the twelve month-ends of a year, by county of the jurisdiction and without a scope: declaration_rate,
in_service_exam_rate, supervision_coverage, pneumoconiosis_cases and chemical_poisoning_cases. RECORDS holds one CSV a kind with the
fields' names as headings, beside `id`, `version` and `withdrawn`, as `zhifang bench records FOLDER` writes it; the last version of a record
counts, and the last two columns may be missing. Prints one JSON line: `load_seconds` for reading, typing and merging, `seconds` for the
figures of the board alone, `again_seconds` for the same once more over what was loaded. The answers are rows of measure, division, day,
met, unmet, unknown.
"""
import argparse
import calendar
import csv
import datetime
import json
import os
import resource
import time

import yaml

# kind → fields that are read; a type follows a colon, text else.
KINDS = {
    "employer": "division township hazards:flag since:day until:day",
    "employer_change": "employer day:day division township hazards:flag closed:flag",
    "employer_hazard": "employer from:day until:day",
    "declaration": "employer type submitted:day accepted:day",
    "inspection": "employer day:day",
    "worker": "",
    "employment": "worker employer from:day until:day",
    "exposure": "worker employer factors from:day until:day",
    "exam": "worker institution day:day stage factors",
    "institution": "",
    "qualification": "institution type from:day until:day",
    "diagnosis": "worker division day:day disease confirmed:flag",
}
FIELDS = {kind: [tuple((field + ":text").split(":")[:2]) for field in text.split()] for kind, text in KINDS.items()}
MEASURES = ["declaration_rate", "in_service_exam_rate", "supervision_coverage", "pneumoconiosis_cases", "chemical_poisoning_cases"]
FILING = ["initial", "change", "yearly"]
CHANGE_DAYS, INITIAL_DAYS, EXAM_MONTHS = "declaration.change_days", "declaration.initial_days", "exam.cycle_months"
ALWAYS = datetime.date(1, 1, 1)


def month_ends(year):
    return [datetime.date(year, month, calendar.monthrange(year, month)[1]) for month in range(1, 13)]


def rows_of(folder, kind):
    path = os.path.join(folder, kind + ".csv")
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8-sig", newline="") as file:
        last = {}
        for row in csv.DictReader(file):
            if row["id"] not in last or int(row.get("version") or 1) > int(last[row["id"]].get("version") or 1):
                last[row["id"]] = row
    return [row for row in last.values() if row.get("withdrawn") not in ("1", "true")]


def merged(folder):
    """kind → dropped id → the id that counts for it."""
    found = {"employer": {}, "worker": {}}
    for row in sorted(rows_of(folder, "merge"), key=lambda row: row["id"]):
        for kind, onto in found.items():
            kept, dropped = row.get(kind + "_kept"), row.get(kind + "_dropped")
            if kept and dropped and kept != dropped:
                onto[dropped] = kept

    def follow(onto, id):
        seen = [id]
        while seen[-1] in onto:
            if onto[seen[-1]] in seen:
                return min(seen[seen.index(onto[seen[-1]]):])
            seen.append(onto[seen[-1]])
        return seen[-1]
    return {kind: {id: follow(onto, id) for id in onto if follow(onto, id) != id} for kind, onto in found.items()}


def successors(folder, standards, days, used):
    """Rows of (day, code, county): where codes in use count that have ended by a day. Without a successor they count nowhere (None)."""
    entries = {}
    for name in ("divisions.csv", "townships.csv"):
        path = os.path.join(standards, name)
        if os.path.exists(path):
            with open(path, encoding="utf-8-sig", newline="") as file:
                entries |= {row["code"]: (row["until"], row["successor"]) for row in csv.DictReader(file)}
    entries |= {row["division"]: (row.get("until"), row.get("successor")) for row in rows_of(folder, "division")}
    found = []
    for day in days:
        dead = {code: after or None for code, (until, after) in entries.items() if until and until <= day.isoformat()}
        for code in used - {None}:
            target, seen = code, set()
            while target and target not in seen and (target in dead or target[:6] in dead):
                seen.add(target)
                target = dead[target] if target in dead else dead[target[:6]]
            target = target[:6] if target else None
            if target != code[:6]:
                found.append((day, code, target))
    return found


def groups(standards):
    """(disease, group, from, until) in the order of the table."""
    with open(os.path.join(standards, "diseases.csv"), encoding="utf-8-sig", newline="") as file:
        return [(row["code"], row["group"], row["from"] or None, row["until"] or None) for row in csv.DictReader(file)]


def parameters(standards, days):
    """The parameters of each day, by the edition in force."""
    with open(os.path.join(standards, "parameters.yaml"), encoding="utf-8") as file:
        body = yaml.safe_load(file)

    def value(name, day):
        editions = [(str(e.get("from") or "0001-01-01"), str(e.get("until") or "9999-12-31"), e["value"]) for e in body[name]["values"]]
        fitting = [edition for edition in editions if edition[0] <= day.isoformat() < edition[1]]
        return int((fitting[-1] if fitting else editions[0])[2])
    return [(day, value(CHANGE_DAYS, day), value(INITIAL_DAYS, day), value(EXAM_MONTHS, day)) for day in days]


# --- DuckDB -----------------------------------------------------------------------------------------------------------------------

STATE = """
WITH p AS ({points}),
c AS (
  SELECT p.e, p.t, {last}, max(c.day) FILTER (c.closed IS NOT NULL) AS closed_day
  FROM p JOIN employer_change c ON c.employer = p.e AND c.day <= p.t GROUP BY ALL),
f AS (SELECT DISTINCT p.e, p.t FROM p JOIN employer_hazard h ON h.employer = p.e AND (h."from" IS NULL OR h."from" <= p.t) AND (h."until" IS NULL OR p.t < h."until")),
s AS (
  SELECT p.e, p.t, coalesce(c.division, e.division) AS division, coalesce(c.township, e.township) AS township,
    coalesce(c.hazards, e.hazards) AS hazards, f.e IS NOT NULL AS by_factor,
    (e.since IS NULL OR e.since <= p.t) AND CASE WHEN c.closed THEN false WHEN e."until" IS NULL OR p.t < e."until" THEN true
      ELSE coalesce(NOT c.closed AND c.closed_day >= e."until", false) END AS operating
  FROM p JOIN employer e ON e.id = p.e LEFT JOIN c ON c.e = p.e AND c.t = p.t LEFT JOIN f ON f.e = p.e AND f.t = p.t)
SELECT *, CASE WHEN NOT operating THEN 'out' WHEN by_factor OR hazards THEN 'yes' WHEN hazards IS NULL THEN 'unknown' ELSE 'no' END AS presence FROM s
"""


def state(points):
    latest = "arg_max(c.{0}, c.day::VARCHAR || c.id) FILTER (c.{0} IS NOT NULL) AS {0}"
    return STATE.format(points=points, last=", ".join(latest.format(name) for name in ("division", "township", "hazards", "closed")))


BOARD = [
    f"CREATE OR REPLACE TABLE status0 AS {state('SELECT e.id AS e, asked.d AS t FROM asked, employer e')}",
    """CREATE OR REPLACE TABLE status AS
       SELECT s.* EXCLUDE (t), s.t AS d, CASE WHEN x.code IS NOT NULL THEN x.target ELSE left(s.division, 6) END AS place
       FROM (SELECT *, CASE WHEN left(township, 6) = left(division, 6) THEN township ELSE division END AS code FROM status0) s
       LEFT JOIN successor x ON x.d = s.t AND x.code = s.code""",
    f"""CREATE OR REPLACE TABLE event AS {state('''
        SELECT id AS e, DATE '0001-01-01' AS t FROM employer UNION SELECT id, since FROM employer WHERE since IS NOT NULL
        UNION SELECT id, "until" FROM employer WHERE "until" IS NOT NULL UNION SELECT employer, day FROM employer_change
        UNION SELECT employer, "from" FROM employer_hazard WHERE "from" IS NOT NULL
        UNION SELECT employer, "until" FROM employer_hazard WHERE "until" IS NOT NULL''')}""",
    """CREATE OR REPLACE TABLE stretch AS
       WITH bad AS (SELECT asked.d, event.e, max(event.t) FILTER (event.presence <> 'yes') AS t FROM asked JOIN event ON event.t <= asked.d GROUP BY ALL)
       SELECT bad.d, bad.e, nullif(min(event.t), DATE '0001-01-01') AS start
       FROM bad JOIN event ON event.e = bad.e AND event.t <= bad.d AND (bad.t IS NULL OR event.t > bad.t) GROUP BY ALL""",
    "CREATE OR REPLACE TABLE here AS SELECT status.*, change_days, initial_days, exam_months FROM status JOIN asked USING (d) WHERE starts_with(place, getvariable('prefix'))",
    "CREATE OR REPLACE TABLE verdict (measure VARCHAR, place VARCHAR, d DATE, verdict VARCHAR)",
    """INSERT INTO verdict
       WITH h AS (SELECT * FROM here WHERE presence = 'yes'),
       acc AS (
         SELECT h.d, h.e, max(f.accepted) AS latest, min(f.accepted) AS first
         FROM h JOIN declaration f ON f.employer = h.e AND f.type IN ('initial', 'change', 'yearly') AND f.accepted <= h.d GROUP BY ALL),
       cancelled AS (
         SELECT DISTINCT acc.d, acc.e FROM acc JOIN declaration f ON f.employer = acc.e AND f.type LIKE 'cancel%' AND f.accepted BETWEEN acc.latest AND acc.d),
       stale AS (
         SELECT DISTINCT h.d, h.e FROM h JOIN acc USING (d, e) JOIN employer_hazard z ON z.employer = h.e AND acc.first <= z."from" AND h.d >= z."from" + h.change_days
         WHERE NOT EXISTS (SELECT 1 FROM declaration f WHERE f.employer = h.e AND f.type IN ('initial', 'change', 'yearly')
           AND f.submitted >= z."from" AND f.accepted <= h.d)),
       v AS (SELECT h.*, acc.latest IS NOT NULL AND cancelled.e IS NULL AND stale.e IS NULL AS met
         FROM h LEFT JOIN acc USING (d, e) LEFT JOIN cancelled USING (d, e) LEFT JOIN stale USING (d, e))
       SELECT 'declaration_rate', v.place, v.d, CASE WHEN met THEN 'm' WHEN v.d < stretch.start + v.initial_days THEN 'o' ELSE 'u' END
       FROM v LEFT JOIN stretch USING (d, e)
       UNION ALL SELECT 'declaration_rate', place, d, 'k' FROM here WHERE presence = 'unknown'""",
    """INSERT INTO verdict
       WITH seen AS (SELECT DISTINCT h.d, h.e FROM here h JOIN inspection i ON i.employer = h.e AND i.day BETWEEN date_trunc('year', h.d) AND h.d)
       SELECT 'supervision_coverage', h.place, h.d, CASE WHEN seen.e IS NOT NULL THEN 'm' WHEN h.presence = 'yes' THEN 'u' ELSE 'k' END
       FROM here h LEFT JOIN seen USING (d, e) WHERE h.presence IN ('yes', 'unknown')""",
    """CREATE OR REPLACE TABLE exposed AS
       SELECT s.d, x.worker, x.employer AS e, x.factors, x."from" AS fr
       FROM status s JOIN exposure x ON x.employer = s.e AND s.operating AND (x."from" IS NULL OR x."from" <= s.d) AND (x."until" IS NULL OR s.d < x."until")
       WHERE EXISTS (SELECT 1 FROM employment m WHERE m.worker = x.worker AND m.employer = s.e AND (m."from" IS NULL OR m."from" <= s.d) AND (m."until" IS NULL OR s.d < m."until"))""",
    """INSERT INTO verdict
       WITH duty AS (
         SELECT d, worker, e, factor, CASE WHEN bool_or(fr IS NULL) THEN NULL ELSE min(fr) END AS fr
         FROM (SELECT d, worker, e, fr, unnest(CASE WHEN factors IS NULL THEN [NULL] ELSE string_split(factors, ';') END) AS factor FROM exposed) GROUP BY ALL),
       home AS (SELECT d, worker, max(e) AS e FROM exposed GROUP BY ALL),
       part AS (SELECT h.place, h.d, u.worker, u.e, u.factor, u.fr, h.exam_months::INTEGER AS months
         FROM here h JOIN home o ON o.d = h.d AND o.e = h.e JOIN duty u ON u.d = h.d AND u.worker = o.worker),
       sight AS (
         SELECT x.worker, x.day, x.stage, string_split(x.factors, ';') AS factors, CASE WHEN x.institution IS NULL THEN NULL ELSE EXISTS (
           SELECT 1 FROM qualification q WHERE q.institution = x.institution AND q.type = 'exam' AND q."from" <= x.day AND (q."until" IS NULL OR x.day < q."until")) END AS qualified
         FROM exam x WHERE x.stage IN ('in_service', 'pre_employment')),
       judged AS (
         SELECT p.place, p.d, p.worker, CASE WHEN p.factor IS NULL THEN 'k' WHEN bool_or(x.qualified AND list_contains(x.factors, p.factor)) THEN 'm'
           WHEN bool_or(x.day IS NOT NULL AND (x.qualified AND list_contains(x.factors, p.factor)) IS NULL) THEN 'k'
           WHEN p.d < p.fr + to_months(p.months) THEN 'o' ELSE 'u' END AS verdict
         FROM part p LEFT JOIN sight x ON x.worker = p.worker AND x.day <= p.d AND p.d < x.day + to_months(p.months)
           AND (x.stage = 'in_service' OR p.d < p.fr + to_months(p.months))
         GROUP BY p.place, p.d, p.worker, p.e, p.factor, p.fr, p.months)
       SELECT 'in_service_exam_rate', place, d, CASE WHEN bool_or(verdict = 'u') THEN 'u' WHEN bool_or(verdict = 'k') THEN 'k' WHEN bool_or(verdict = 'm') THEN 'm' ELSE 'o' END
       FROM judged GROUP BY place, d, worker""",
    """INSERT INTO verdict
       WITH sick AS (
         SELECT g.id, g.day, g.division, s."group" FROM diagnosis g JOIN disease s ON s.code = g.disease WHERE g.confirmed
         QUALIFY row_number() OVER (PARTITION BY g.id ORDER BY (s.fr IS NULL OR s.fr <= g.day) AND (s.un IS NULL OR g.day < s.un) DESC, s.n) = 1)
       SELECT CASE "group" WHEN 'poisoning' THEN 'chemical_poisoning_cases' ELSE 'pneumoconiosis_cases' END,
         CASE WHEN x.code IS NOT NULL THEN x.target ELSE left(sick.division, 6) END AS place, asked.d, 'm'
       FROM sick JOIN asked ON sick.day BETWEEN date_trunc('year', asked.d) AND asked.d LEFT JOIN successor x ON x.d = asked.d AND x.code = sick.division
       WHERE "group" IN ('poisoning', 'pneumoconiosis') AND starts_with(place, getvariable('prefix'))""",
]
SQL_TYPES = {"text": "VARCHAR", "day": "DATE", "flag": "BOOLEAN"}


def by_duckdb(folder, standards, prefix, days, format):
    import duckdb
    start = time.perf_counter()
    database = duckdb.connect()
    onto = merged(folder)
    for kind in onto:
        database.execute(f"CREATE TABLE {kind}_merged (dropped VARCHAR, kept VARCHAR)")
        if onto[kind]:
            database.executemany(f"INSERT INTO {kind}_merged VALUES (?, ?)", list(onto[kind].items()))
    for kind, fields in FIELDS.items():
        path = os.path.join(folder, f"{kind}.{format}")
        columns = ['"id" VARCHAR'] + [f'"{name}" {SQL_TYPES[type]}' for name, type in fields]
        database.execute(f"CREATE TABLE {kind} ({', '.join(columns)})")
        if not os.path.exists(path):
            continue
        source = f"read_parquet('{path}')" if format == "parquet" else f"read_csv('{path}', header=true, all_varchar=true, nullstr='')"
        held = [row[0] for row in database.execute(f"SELECT column_name FROM (DESCRIBE SELECT * FROM {source})").fetchall()]
        if "version" in held:
            source = f"(FROM {source} QUALIFY row_number() OVER (PARTITION BY id ORDER BY version::INTEGER DESC) = 1)"
        chosen, joins = ["r.id"], ""
        for name, type in fields:
            if name not in held:
                chosen.append("NULL")
            elif name in onto:
                chosen.append(f"coalesce({name}_merged.kept, r.{name})")
                joins += f" LEFT JOIN {name}_merged ON {name}_merged.dropped = r.{name}"
            else:
                chosen.append(f"""TRY_CAST(nullif(r."{name}", '') AS {SQL_TYPES[type]})""")
        kept = [f"r.id NOT IN (SELECT dropped FROM {kind}_merged)"] if kind in onto else []
        kept += ["r.withdrawn NOT IN ('1', 'true')"] if "withdrawn" in held else []
        database.execute(
            f"INSERT INTO {kind} SELECT {', '.join(chosen)} FROM {source} r{joins}"
            + (f" WHERE {' AND '.join(kept)}" if kept else ""))
    for kind, owner in (("exposure", "worker"), ("employment", "worker"), ("qualification", "institution"), ("diagnosis", "worker")):
        database.execute(f"DELETE FROM {kind} WHERE {owner} NOT IN (SELECT id FROM {owner})")
    database.execute("CREATE TABLE successor (d DATE, code VARCHAR, target VARCHAR)")
    database.execute("CREATE TABLE disease (n INTEGER, code VARCHAR, \"group\" VARCHAR, fr DATE, un DATE)")
    database.execute("CREATE TABLE asked (d DATE, change_days INTEGER, initial_days INTEGER, exam_months INTEGER)")
    used = {row[0] for row in database.execute(
        "SELECT division FROM employer UNION SELECT township FROM employer UNION SELECT division FROM employer_change "
        "UNION SELECT township FROM employer_change UNION SELECT division FROM diagnosis").fetchall()}
    dead = successors(folder, standards, days, used)
    if dead:
        database.executemany("INSERT INTO successor VALUES (?, ?, ?)", dead)
    database.executemany("INSERT INTO disease VALUES (?, ?, ?, ?, ?)", [(number, *row) for number, row in enumerate(groups(standards))])
    database.executemany("INSERT INTO asked VALUES (?, ?, ?, ?)", parameters(standards, days))
    database.execute(f"SET VARIABLE prefix = '{prefix}'")
    loaded = time.perf_counter()

    def figures():
        for statement in BOARD:
            database.execute(statement)
        return database.execute(
            "SELECT measure, place, d, count(*) FILTER (verdict = 'm'), count(*) FILTER (verdict = 'u'), count(*) FILTER (verdict = 'k') "
            "FROM verdict WHERE verdict <> 'o' GROUP BY ALL").fetchall()
    return loaded - start, figures


# --- polars -----------------------------------------------------------------------------------------------------------------------

def by_polars(folder, standards, prefix, days, format):
    import polars as pl
    start = time.perf_counter()
    col, lit = pl.col, pl.lit
    onto = merged(folder)
    types = {"text": pl.String, "day": pl.Date, "flag": pl.Boolean}

    def typed(name, type):
        if type == "day":
            return col(name).str.to_date("%Y-%m-%d", strict=False)
        return col(name).replace_strict({"1": True, "0": False, "true": True, "false": False}, default=None, return_dtype=pl.Boolean) if type == "flag" else col(name)

    def read(kind):
        path, fields = os.path.join(folder, f"{kind}.{format}"), FIELDS[kind]
        if not os.path.exists(path):
            return pl.DataFrame(schema={"id": pl.String} | {name: types[type] for name, type in fields})
        frame = pl.read_parquet(path) if format == "parquet" else pl.read_csv(path, infer_schema=False)
        if "version" in frame.columns:
            frame = frame.with_columns(col("version").cast(pl.Int64)).sort("version").unique("id", keep="last", maintain_order=True)
        if "withdrawn" in frame.columns:
            frame = frame.filter(~col("withdrawn").is_in(["1", "true"]))
        frame = frame.with_columns([lit(None, pl.String).alias(name) for name, _ in fields if name not in frame.columns])
        frame = frame.select("id", *[typed(name, type) for name, type in fields])
        frame = frame.with_columns([col(name).replace(onto[name]) for name, _ in fields if onto.get(name)])
        return frame.filter(~col("id").is_in(list(onto[kind]))) if onto.get(kind) else frame
    kinds = {kind: read(kind) for kind in FIELDS}
    for kind, owner in (("exposure", "worker"), ("employment", "worker"), ("qualification", "institution"), ("diagnosis", "worker")):
        kinds[kind] = kinds[kind].join(kinds[owner].select("id"), left_on=owner, right_on="id", how="semi")
    employer, change, hazard, filing = kinds["employer"], kinds["employer_change"], kinds["employer_hazard"], kinds["declaration"]
    used = set().union(*(kinds[kind][name] for kind, name in (
        ("employer", "division"), ("employer", "township"), ("employer_change", "division"), ("employer_change", "township"), ("diagnosis", "division"))))
    dead = pl.DataFrame(successors(folder, standards, days, used), schema={"d": pl.Date, "code": pl.String, "target": pl.String}, orient="row")
    dead = dead.with_columns(is_dead=lit(True))
    disease = pl.DataFrame(groups(standards), schema={"disease": pl.String, "group": pl.String, "fr": pl.String, "un": pl.String}, orient="row")
    disease = disease.with_row_index("n").with_columns(col("fr", "un").str.to_date("%Y-%m-%d"))
    asked = pl.DataFrame(
        parameters(standards, days), schema={"d": pl.Date, "change_days": pl.Int64, "initial_days": pl.Int64, "exam_months": pl.Int64}, orient="row")
    loaded = time.perf_counter()

    def holds(day="t", first="from", until="until"):
        return (col(first).is_null() | (col(first) <= col(day))) & (col(until).is_null() | (col(day) < col(until)))

    def state(points):
        names = ["division", "township", "hazards", "closed"]
        changes = points.join(change, left_on="e", right_on="employer").filter(col("day") <= col("t")).sort("day", "id").group_by("e", "t").agg(
            *[col(name).drop_nulls().last().alias(name + "_now") for name in names], closed_day=col("day").filter(col("closed").is_not_null()).max())
        factors = points.join(hazard, left_on="e", right_on="employer").filter(holds()).select("e", "t", by_factor=lit(True)).unique()
        frame = points.join(employer, left_on="e", right_on="id").join(changes, on=["e", "t"], how="left").join(factors, on=["e", "t"], how="left")
        reopened = (~col("closed_now") & (col("closed_day") >= col("until"))).fill_null(False)
        operating = (col("since").is_null() | (col("since") <= col("t"))) & (
            pl.when(col("closed_now").fill_null(False)).then(False).when(col("until").is_null() | (col("t") < col("until"))).then(True).otherwise(reopened))
        frame = frame.with_columns(operating=operating, by_factor=col("by_factor").fill_null(False), **{
            name: pl.coalesce(name + "_now", name) for name in names[:3]})
        presence = pl.when(~col("operating")).then(lit("out")).when(col("by_factor") | col("hazards").fill_null(False)).then(lit("yes")).when(
            col("hazards").is_null()).then(lit("unknown")).otherwise(lit("no"))
        return frame.select("e", "t", "division", "township", "operating", presence=presence)

    def placed(frame, code):
        frame = frame.with_columns(code=code).join(dead, on=["d", "code"], how="left")
        place = pl.when(col("is_dead").fill_null(False)).then(col("target")).otherwise(col("code").str.slice(0, 6))
        return frame.with_columns(place=place).drop("code", "target", "is_dead")

    def figures():
        status = state(employer.select(e="id").join(asked.select(t="d"), how="cross")).rename({"t": "d"})
        inside = (col("township").str.slice(0, 6) == col("division").str.slice(0, 6)).fill_null(False)
        status = placed(status, pl.when(inside).then(col("township")).otherwise(col("division")))
        here = status.filter(col("place").str.starts_with(prefix)).join(asked, on="d")
        points = pl.concat([
            employer.select(e="id", t=lit(ALWAYS)), employer.select(e="id", t="since"), employer.select(e="id", t="until"), change.select(e="employer", t="day"),
            hazard.select(e="employer", t="from"), hazard.select(e="employer", t="until")]).drop_nulls().unique()
        event = state(points).select("e", "t", "presence").join(asked.select("d"), how="cross").filter(col("t") <= col("d"))
        bad = event.filter(col("presence") != "yes").group_by("d", "e").agg(bad=col("t").max())
        stretch = event.join(bad, on=["d", "e"], how="left").filter(col("bad").is_null() | (col("t") > col("bad"))).group_by("d", "e").agg(start=col("t").min())
        stretch = stretch.with_columns(start=pl.when(col("start") > ALWAYS).then(col("start")))

        hazardous = here.filter(col("presence") == "yes")
        own = filing.filter(col("type").is_in(FILING)).select(e="employer", submitted="submitted", accepted="accepted")
        accepted = hazardous.select("d", "e").join(own, on="e").filter(col("accepted") <= col("d")).group_by("d", "e").agg(
            latest=col("accepted").max(), first=col("accepted").min())
        cancelled = accepted.join(filing.filter(col("type").str.starts_with("cancel")).select(e="employer", gone="accepted"), on="e").filter(
            col("gone").is_between("latest", "d")).select("d", "e", cancelled=lit(True)).unique()
        late = hazardous.select("d", "e", "change_days").join(accepted, on=["d", "e"]).join(hazard.select(e="employer", since="from", hazard="id"), on="e").filter(
            (col("first") <= col("since")) & (col("d") >= col("since") + pl.duration(days="change_days")))
        told = late.join(own, on="e").filter((col("submitted") >= col("since")) & (col("accepted") <= col("d"))).select("d", "hazard").unique()
        stale = late.join(told, on=["d", "hazard"], how="anti").select("d", "e", stale=lit(True)).unique()
        declared = hazardous.join(accepted, on=["d", "e"], how="left").join(cancelled, on=["d", "e"], how="left").join(stale, on=["d", "e"], how="left").join(
            stretch, on=["d", "e"], how="left").select(
            "place", "d", measure=lit("declaration_rate"), verdict=pl.when(
                col("latest").is_not_null() & col("cancelled").is_null() & col("stale").is_null()).then(lit("m")).when(
                col("d") < col("start") + pl.duration(days="initial_days")).then(lit("o")).otherwise(lit("u")))
        undeclared = here.filter(col("presence") == "unknown").select("place", "d", measure=lit("declaration_rate"), verdict=lit("k"))

        seen = here.select("d", "e").join(kinds["inspection"].select(e="employer", day="day"), on="e").filter(
            col("day").is_between(col("d").dt.truncate("1y"), col("d"))).select("d", "e", seen=lit(True)).unique()
        supervised = here.filter(col("presence").is_in(["yes", "unknown"])).join(seen, on=["d", "e"], how="left").select(
            "place", "d", measure=lit("supervision_coverage"),
            verdict=pl.when(col("seen").is_not_null()).then(lit("m")).when(col("presence") == "yes").then(lit("u")).otherwise(lit("k")))

        exam = kinds["exam"].filter(col("stage").is_in(["in_service", "pre_employment"]))
        qualified = exam.join(kinds["qualification"].filter(col("type") == "exam"), on="institution", suffix="_q").filter(holds("day")).select("id", ok=lit(True)).unique()
        sight = exam.join(qualified, on="id", how="left").select(
            "worker", "day", "stage", list=col("factors").str.split(";"),
            qualified=pl.when(col("institution").is_not_null()).then(col("ok").fill_null(False)))
        counted = []
        for day, _, _, months in asked.iter_rows():
            # One day at a time: all twelve at once would hold every exposure twelve times.
            now = status.filter((col("d") == day) & col("operating")).select("e")
            on = lambda frame: frame.filter((col("from").is_null() | (col("from") <= day)) & (col("until").is_null() | (lit(day) < col("until"))))
            employed = on(kinds["employment"]).select("worker", e="employer").unique()
            exposed = on(kinds["exposure"]).rename({"employer": "e"}).join(now, on="e", how="semi").join(employed, on=["worker", "e"], how="semi")
            home = exposed.group_by("worker").agg(col("e").max()).join(here.filter(col("d") == day).select("e", "place"), on="e").select("worker", "place")
            duty = exposed.with_columns(factor=col("factors").str.split(";")).explode("factor").group_by("worker", "e", "factor").agg(
                fr=pl.when(col("from").is_null().any()).then(None).otherwise(col("from").min()))
            part = duty.join(home, on="worker")
            window = sight.filter((col("day") <= day) & (lit(day) < col("day").dt.offset_by(f"{months}mo")))
            sights = part.select("worker", "e", "factor", "fr").join(window, on="worker").filter(
                (col("stage") == "in_service") | (lit(day) < col("fr").dt.offset_by(f"{months}mo"))).with_columns(
                covers=col("qualified") & col("list").list.contains(col("factor")))
            found = sights.group_by("worker", "e", "factor").agg(met=col("covers").any(), unclear=col("covers").is_null().any())
            judged = part.join(found, on=["worker", "e", "factor"], how="left", nulls_equal=True).select("worker", "place", verdict=(
                pl.when(col("factor").is_null()).then(lit("k")).when(col("met").fill_null(False)).then(lit("m")).when(col("unclear").fill_null(False)).then(lit("k"))
                .when(lit(day) < col("fr").dt.offset_by(f"{months}mo")).then(lit("o")).otherwise(lit("u"))))
            one = judged.group_by("worker", "place").agg(*[(col("verdict") == letter).any().alias(letter) for letter in "umk"])
            counted.append(one.select(
                "place", d=lit(day), measure=lit("in_service_exam_rate"),
                verdict=pl.when(col("u")).then(lit("u")).when(col("k")).then(lit("k")).when(col("m")).then(lit("m")).otherwise(lit("o"))))

        sick = kinds["diagnosis"].filter(col("confirmed")).join(disease, on="disease").with_columns(fits=holds("day", "fr", "un")).sort(
            ["fits", "n"], descending=[True, False]).group_by("id", maintain_order=True).first().filter(col("group").is_in(["poisoning", "pneumoconiosis"]))
        cases = sick.join(asked.select("d"), how="cross").filter(col("day").is_between(col("d").dt.truncate("1y"), col("d")))
        cases = placed(cases, col("division")).filter(col("place").str.starts_with(prefix)).select(
            "place", "d", measure=pl.when(col("group") == "poisoning").then(lit("chemical_poisoning_cases")).otherwise(lit("pneumoconiosis_cases")), verdict=lit("m"))

        return pl.concat([declared, undeclared, supervised, *counted, cases]).filter(col("verdict") != "o").group_by("measure", "place", "d").agg(
            *[(col("verdict") == letter).sum().alias(letter) for letter in "muk"]).rows()
    return loaded - start, figures


def as_parquet(folder):
    import duckdb
    for kind in FIELDS:
        path = os.path.join(folder, kind + ".csv")
        if os.path.exists(path):
            duckdb.execute(f"COPY (FROM read_csv('{path}', header=true, all_varchar=true, nullstr='')) TO '{path[:-4]}.parquet' (FORMAT parquet)")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("engine", choices=["duckdb", "polars", "parquet"])
    parser.add_argument("records")
    parser.add_argument("--division", default="330400")
    parser.add_argument("--year", type=int)
    parser.add_argument("--format", choices=["csv", "parquet"], default="csv")
    parser.add_argument("--answers")
    parser.add_argument("--standards", default="Data/standards")
    arguments = parser.parse_args()
    if arguments.engine == "parquet":
        return as_parquet(arguments.records)
    code = arguments.division
    prefix = code[:2] if code.endswith("0000") else code[:4] if code.endswith("00") else code
    engine = by_duckdb if arguments.engine == "duckdb" else by_polars
    load, figures = engine(arguments.records, arguments.standards, prefix, month_ends(arguments.year), arguments.format)
    times = []
    for _ in range(2):
        start = time.perf_counter()
        answers = figures()
        times.append(time.perf_counter() - start)
    if arguments.answers:
        with open(arguments.answers, "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["measure", "division", "day", "met", "unmet", "unknown"])
            writer.writerows(sorted((measure, place, day.isoformat(), *counts) for measure, place, day, *counts in answers))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"load_seconds": round(load, 4), "seconds": round(times[0], 4), "again_seconds": round(times[1], 4), "answers": len(answers), "peak_rss_mb": round(peak, 1)}))


if __name__ == "__main__":
    main()
