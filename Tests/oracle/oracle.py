"""An independent count of the 49 metrics: docs/measures.md in Python and SQL. See README.md beside this file."""
import argparse, datetime, fractions, json, os, sys, tempfile

import duckdb
import yaml

import measures
from world import FIELDS, KINDS, PLACES, Divisions, Standards, day_text, known, prefix, write_table

# Parameters: name → (SQL type, the definition's own value). A list's default may be a code table, named `@table`.
PARAMETERS = {
    "declaration.change_days": ("BIGINT", 15), "declaration.initial_days": ("BIGINT", 30), "declaration.valid_months": ("BIGINT", None),
    "testing.cycle_severe_months": ("BIGINT", 12), "testing.cycle_general_months": ("BIGINT", 36), "training.valid_months": ("BIGINT", 12),
    "archive.parts": ("VARCHAR[]", "@archive_part"), "notice.types": ("VARCHAR[]", ["contract", "bulletin", "test_result"]),
    "sign.categories": ("VARCHAR[]", ["dust", "chemical", "physical", "radiation", "biological"]), "newcase.delay_days": ("BIGINT", 90),
    "campaign.min_headcount": ("BIGINT", 10), "campaign.lookback_months": ("BIGINT", 36), "grade.scheme": ("VARCHAR", None),
    "exam.cycle_months": ("BIGINT", 12), "dose.cycle_months": ("BIGINT", 3), "dose.report_days": ("BIGINT", 30), "report.days": ("BIGINT", 15),
    "officer.hours": ("DOUBLE", 8), "case.days": ("BIGINT", 90), "rehab.threshold": ("BIGINT", 100), "rehab.service_months": ("BIGINT", 12),
    "awareness.pass": ("DOUBLE", 0.8), "services": ("VARCHAR[]", ["testing", "exam", "diagnosis"]), "payers": ("VARCHAR[]", "@payer"),
    "surveillance.parts": ("VARCHAR[]", "@surveillance_part"), "unit": ("VARCHAR", None), "group": ("VARCHAR", None), "method": ("VARCHAR", None),
    "institutions": ("BOOLEAN", False), "everyone": ("BOOLEAN", False), "all_diseases": ("BOOLEAN", False),
}
ONLY_FOR = {"archive.parts": "employer_archive_rate", "payers": "payer_linkage", "surveillance.parts": "worker_file_rate"}
COLUMN = {name: {"group": "factor_group"}.get(name, name.replace(".", "_")) for name in PARAMETERS}
UNIT_LEVEL = {"key_disease_monitoring_coverage": "county", "city_institute_exists": "prefecture", "city_public_diagnosis": "prefecture",
              "county_public_exam": "county"}


class Plan:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            body = yaml.safe_load(file)
        self.id, self.jurisdiction = str(body["id"]), str(body["jurisdiction"]["code"])
        self.scopes = {str(name): scope["where"] for name, scope in (body.get("scopes") or {}).items()}
        self.indicators = body["indicators"]
        for indicator in self.indicators:
            if indicator["measure"] not in measures.NAMES:
                raise ValueError(f"{path}: {indicator['id']}: no measure {indicator['measure']}")

    def scope(self, indicator):
        name = indicator.get("scope")
        return None if name in (None, "all") else self.scopes[str(name)]


def overrides(indicator):
    """What an indicator says under `with:`, nested or dotted, and its unit."""
    said = {}

    def note(body, outer):
        for key, value in body.items():
            if isinstance(value, dict):
                note(value, f"{outer}{key}.")
            else:
                said[f"{outer}{key}"] = value
    note(indicator.get("with") or {}, "")
    if indicator.get("unit") is not None:
        said["unit"] = indicator["unit"]
    return said


def target(indicator):
    """The number that a unit's count is held against."""
    body = indicator.get("with", {}).get("target") if isinstance(indicator.get("with"), dict) else None
    body = indicator.get("target") if body is None else body
    while isinstance(body, dict):
        body = next((body[key] for key in ("value", "min", "gte", "eq", "target") if key in body), None)
    return float(body) if isinstance(body, (int, float)) and not isinstance(body, bool) else None


def predicate(body):
    """A scope's predicate in SQL, whose own three values are the definition's."""
    def quoted(text):
        return "'" + str(text).replace("'", "''") + "'"
    terms = []
    for key, value in body.items():
        values = value if isinstance(value, list) else [value]
        if key == "all":
            terms.append(" AND ".join(map(predicate, values)) or "true")
        elif key == "any":
            terms.append(" OR ".join(map(predicate, values)) or "false")
        elif key == "not":
            terms.append(f"NOT {predicate(value)}")
        elif key == "always":
            terms.append("true" if value else "false")
        elif key == "industry":
            terms.append(" OR ".join(f"starts_with(industry, {quoted(each)})" for each in values) or "industry <> industry")
        elif key in ("size", "ownership", "severity", "sector"):
            terms.append(f"{key} IN ({', '.join(map(quoted, values))})" if values else f"{key} <> {key}")
        elif key == "headcount":
            bounds = [f"headcount {sign} {float(value[bound])}" for bound, sign in (("min", ">="), ("max", "<=")) if value.get(bound) is not None]
            terms.append(" AND ".join(bounds) or "headcount = headcount")
        else:
            raise ValueError(f"unknown condition {key}")
    return "(" + " AND ".join(f"({term})" for term in terms) + ")"


def whole(number):
    """A number of SQL as JSON writes it best; sums of fractions to nine places, whatever their order was."""
    number = round(number, 9) if isinstance(number, float) else number
    if isinstance(number, float) and number.is_integer() and abs(number) < 2**53:
        return int(number)
    return number


class Batch:
    """Several jobs answered in one database. Each job: records, plan, as_of (list), known_at, subjects."""

    def __init__(self, standards, jobs):
        self.standards, self.jobs = standards, jobs
        self.worlds, self.days, self.scopes, self.asks = {}, {}, {}, []
        plans = {}
        for job in jobs:
            plan = plans[job["plan"]] = plans.get(job["plan"]) or Plan(job["plan"])
            world = self.worlds.setdefault((os.path.realpath(job["records"]), job["known_at"]), len(self.worlds))
            for day in job["as_of"]:
                self.days.setdefault(world, set()).add(day)
                for indicator in plan.indicators:
                    self.asks.append((job, world, day, plan, indicator))

    def run(self):
        """The answers, a list of lines per job."""
        with tempfile.TemporaryDirectory() as folder, duckdb.connect(config={"threads": 2}) as self.connection:
            self.folder = folder
            self.load()
            self.question()
            for statement in measures.BASE:
                self.connection.execute(statement)
            self.judge_scopes()
            for statement in measures.AFTER_SCOPE:
                self.connection.execute(statement)
            self.count()
            return self.answers()

    def write(self, name, columns, rows):
        write_table(self.connection, self.folder, name, columns, rows)

    def load(self):
        rows = {kind: [] for kind in KINDS}
        self.divisions, places = {}, []
        for (directory, moment), world in self.worlds.items():
            records = known(directory, moment)
            self.divisions[world] = Divisions(self.standards.divisions, records["division"])
            for kind, fields in FIELDS.items():
                rows[kind] += [[world, id] + [row.get(field.name) for field in fields] for id, row in records[kind].items()]
            codes = {row.get(field) for kind, names in PLACES.items() for row in records[kind].values() for field in names} - {"", None}
            for day in self.days.get(world, ()):
                places += [(world, day, code, self.divisions[world].counting(code, day)) for code in codes]
        for kind, fields in FIELDS.items():
            if kind not in ("division", "merge"):
                self.write(kind, [("w", "INTEGER"), ("id", "VARCHAR")] + [(field.column, field.type) for field in fields], rows[kind])
        self.write("dm", [("w", "INTEGER"), ("d", "DATE"), ("code", "VARCHAR"), ("eff", "VARCHAR")], places)
        self.write("jd", [("w", "INTEGER"), ("d", "DATE")], [(world, day) for world, days in self.days.items() for day in sorted(days)])
        self.write("fac", [("code", "VARCHAR"), ("category", "VARCHAR")], self.standards.factors.items())
        self.write("dis", [("n", "INTEGER"), ("code", "VARCHAR"), ("name", "VARCHAR"), ("grp", "VARCHAR"), ("fr", "DATE"), ("un", "DATE")],
                   [(number, *row) for number, row in enumerate(self.standards.diseases)])

    def question(self):
        """The tables `ask` and `units`."""
        rows, units = [], []
        for number, (job, world, day, plan, indicator) in enumerate(self.asks):
            said, measure = overrides(indicator), indicator["measure"]
            where = plan.scope(indicator)
            key = None if where is None else json.dumps(where, sort_keys=True, ensure_ascii=False)
            scope = self.scopes.setdefault(key, (len(self.scopes), where, set()))
            scope[2].add(world)
            row = [number, world, day, day[:4], day[:4] + "-01-01", measure, plan.id, str(indicator["id"]), plan.jurisdiction,
                   prefix(plan.jurisdiction), scope[0], target(indicator)]
            for name, (kind, default) in PARAMETERS.items():
                value = said.pop(name) if name in said else self.standards.parameter(name, day, default)
                if isinstance(value, str) and value.startswith("@"):
                    value = self.standards.codes(value[1:]) if ONLY_FOR[name] == measure else None
                if kind.endswith("[]") and value is not None:
                    value = ";".join(dict.fromkeys(map(str, value if isinstance(value, list) else str(value).split(";"))))
                row.append(int(value) if isinstance(value, bool) else value)
            weights = said.pop("quality.weights", None) or self.standards.parameter("quality.weights", day, [1, 1, 1])
            row += [float(each) for each in (weights.split(":") if isinstance(weights, str) else weights)]
            wanted = said.pop("level", None)
            said.pop("target", None)
            if said:
                raise ValueError(f"{job['plan']}: {indicator['id']}: unknown under with: {', '.join(sorted(said))}")
            rows.append(row)
            if measure in UNIT_LEVEL:
                found = self.divisions[world].units(plan.jurisdiction, wanted or UNIT_LEVEL[measure], day)
                units += [(number, unit, prefix(unit)) for unit in found]
            elif measure == "demo_enterprises":
                found = {plan.jurisdiction, *self.divisions[world].units(plan.jurisdiction, "county", day)}
                units += [(number, unit, prefix(unit)) for unit in sorted(found)]
        columns = [("a", "INTEGER"), ("w", "INTEGER"), ("d", "DATE"), ("y", "INTEGER"), ("y0", "DATE"), ("measure", "VARCHAR"), ("plan", "VARCHAR"),
                   ("ind", "VARCHAR"), ("jur", "VARCHAR"), ("pfx", "VARCHAR"), ("scope", "INTEGER"), ("target", "DOUBLE")]
        columns += [(COLUMN[name], kind.removesuffix("[]")) for name, (kind, _) in PARAMETERS.items()]
        columns += [("w1", "DOUBLE"), ("w2", "DOUBLE"), ("w3", "DOUBLE")]
        self.write("asked", columns, rows)
        lists = [COLUMN[name] for name, (kind, _) in PARAMETERS.items() if kind.endswith("[]")]
        self.connection.execute(f"CREATE TABLE ask AS SELECT * REPLACE ({', '.join(f'''string_split({name}, ';') AS {name}''' for name in lists)}) FROM asked")
        self.write("units", [("a", "INTEGER"), ("code", "VARCHAR"), ("pfx", "VARCHAR")], units)

    def judge_scopes(self):
        self.connection.execute("CREATE TABLE sc (w INTEGER, d DATE, e VARCHAR, scope INTEGER, truth BOOLEAN)")
        for number, where, worlds in self.scopes.values():
            truth = "true" if where is None else predicate(where)
            self.connection.execute(
                f"INSERT INTO sc SELECT w, d, e, {number}, {truth} FROM status WHERE w IN ({', '.join(map(str, worlds))})")

    def count(self):
        self.connection.execute("CREATE TABLE v (a INTEGER, s VARCHAR, subject VARCHAR, verdict VARCHAR, grp VARCHAR)")
        asked = {indicator["measure"] for *_, indicator in self.asks}
        for statement in [measures.UNKNOWN_PRESENCE, *dict.fromkeys(measures.ALL[name] for name in sorted(asked & set(measures.ALL)))]:
            self.connection.execute(f"INSERT INTO v {statement}")
        self.tally = {row[0]: row[1:] for row in self.connection.execute(
            "SELECT a, " + ", ".join(f"count(*) FILTER (s = '{s}' AND verdict = '{v}')" for s in "yk" for v in "muk") + " FROM v GROUP BY a").fetchall()}
        self.groups = {}
        for a, group, *counts in self.connection.execute(
                "SELECT a, grp, " + ", ".join(f"count(*) FILTER (verdict = '{v}')" for v in "muk")
                + " FROM v WHERE grp IS NOT NULL GROUP BY ALL ORDER BY ALL").fetchall():
            self.groups.setdefault(a, {})[group] = counts
        fetch = lambda name, sql: self.connection.execute(sql).fetchall() if name in asked else []
        self.figures = dict(fetch("injury_insured_headcount", measures.INSURED)) | dict(fetch("budget_growth", measures.BUDGET)) \
            | dict(fetch("milestone", measures.MILESTONE))
        self.shares = {a: shares for a, *shares in fetch("report_quality_index", measures.QUALITY) + fetch("awareness_rate", measures.AWARENESS)}
        self.capacity, self.demonstration = {}, {}
        for a, service, *figures in fetch("capacity_adequacy", measures.CAPACITY):
            self.capacity.setdefault(a, {})[service] = figures
        for a, unit, held, aim in fetch("demo_enterprises", measures.DEMONSTRATION):
            self.demonstration.setdefault(a, {})[unit] = (held, aim)
        self.subjects = {}
        wanting = [number for number, (job, *_) in enumerate(self.asks) if job.get("subjects")]
        if wanting:
            for a, s, verdict, subjects in self.connection.execute(
                    "SELECT a, s, verdict, list(subject ORDER BY subject) FROM v WHERE verdict <> 'o' GROUP BY ALL").fetchall():
                self.subjects.setdefault(a, {})[s + verdict] = subjects

    def answers(self):
        lines = {id(job): [] for job in self.jobs}
        for a, (job, world, day, plan, indicator) in enumerate(self.asks):
            line = {"as_of": day, "indicator": str(indicator["id"]), "measure": indicator["measure"]}
            line |= self.answer(a, indicator["measure"])
            if job.get("subjects") and (indicator["measure"] in measures.ALL or indicator["measure"] == "demo_enterprises"):
                held = self.subjects.get(a, {})
                if indicator["measure"] == "demo_enterprises":
                    met = {unit: aim is None or count >= aim for unit, (count, aim) in self.demonstration[a].items()}
                    held = {"ym": sorted(u for u in met if met[u]), "yu": sorted(u for u in met if not met[u])}
                line |= {"met": held.get("ym", []), "unmet": held.get("yu", []), "unknown": held.get("yk", [])}
                for verdict, name in (("m", "scope_met"), ("u", "scope_unmet"), ("k", "scope_unknown")):
                    if held.get("k" + verdict):
                        line[name] = held["k" + verdict]
            lines[id(job)].append(line)
        return [lines[id(job)] for job in self.jobs]

    def answer(self, a, measure):
        m, u, k, sm, su, sk = self.tally.get(a, (0,) * 6)
        if measure in measures.RATES:
            answer = {"m": m, "u": u, "k": k, "sm": sm, "su": su, "sk": sk}
            return answer | ({"groups": self.groups.get(a, {})} if measure == "institution_inspection_coverage" else {})
        if measure in measures.COUNTS:
            return {"num": m, "k": k, "sm": sm, "sk": sk}
        if measure == "demo_enterprises":
            counts = self.demonstration.get(a, {}).values()
            met = sum(aim is None or count >= aim for count, aim in counts)
            return {"m": met, "u": len(counts) - met, "num": min((count for count, _ in counts), default=0)}
        if measure in ("injury_insured_headcount", "budget_growth"):
            return {"num": whole(self.figures.get(a))}
        if measure == "milestone":
            return {"judgement": self.figures.get(a)}
        if measure == "capacity_adequacy":
            groups = {service: [whole(each) for each in figures] for service, figures in sorted(self.capacity.get(a, {}).items())}
            due = [(fractions.Fraction(num) / fractions.Fraction(den), num, den) for num, den, _ in groups.values() if den]
            _, num, den = min(due, key=lambda each: each[0], default=(None, 0, 0))
            return {"num": num, "den": den, "k": sum(figures[2] for figures in groups.values()), "groups": groups}
        num, den, k = self.shares.get(a, (0, 0, 0))
        return {"num": whole(num), "den": whole(den), "k": k}


def tidy(job, arguments):
    """A job as `Batch` wants it, with what it leaves unsaid taken from the command line."""
    days = job.get("as_of") or arguments.as_of
    days = [days] if isinstance(days, (str, datetime.date)) else days
    known_at = job.get("known_at", arguments.known_at)
    return job | {"as_of": [datetime.date.fromisoformat(day_text(day)).isoformat() for day in days],
                  "known_at": None if known_at is None else int(known_at), "subjects": job.get("subjects", arguments.subjects),
                  "plan": job.get("plan") or arguments.plan}


def write(job, lines):
    os.makedirs(os.path.dirname(os.path.abspath(job["out"])), exist_ok=True)
    with open(job["out"], "w", encoding="utf-8") as file:
        file.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def main():
    parser = argparse.ArgumentParser(description="The 49 metrics, counted from the definitions alone.")
    parser.add_argument("--records", help="directory of <kind>.csv")
    parser.add_argument("--standards", required=True)
    parser.add_argument("--plan")
    parser.add_argument("--as-of", action="append", default=[])
    parser.add_argument("--known-at", type=int, help="microseconds since 1970-01-01 UTC; default: everything")
    parser.add_argument("--subjects", action="store_true")
    parser.add_argument("--out")
    parser.add_argument("--batch", help="JSON list of {records, plan, as_of, known_at, out, subjects}")
    parser.add_argument("--chunk", type=int, default=100, help="jobs per database in a batch")
    arguments = parser.parse_args()
    if arguments.batch:
        with open(arguments.batch, encoding="utf-8") as file:
            jobs = json.load(file)
    else:
        if not (arguments.records and arguments.plan and arguments.as_of and arguments.out):
            parser.error("either --batch, or --records, --plan, --as-of and --out")
        jobs = [{"records": arguments.records, "out": arguments.out}]
    jobs = [tidy(job, arguments) for job in jobs]
    standards, failed = Standards(arguments.standards), 0
    for start in range(0, len(jobs), arguments.chunk):
        chunk = jobs[start:start + arguments.chunk]
        try:
            for job, lines in zip(chunk, Batch(standards, chunk).run()):
                write(job, lines)
        except Exception as error:
            if len(chunk) == 1:
                failed += 1
                print(f"{chunk[0]['records']}: {error}", file=sys.stderr)
                continue
            for job in chunk:  # one bad job must not silence the others
                try:
                    write(job, Batch(standards, [job]).run()[0])
                except Exception as alone:
                    failed += 1
                    print(f"{job['records']}: {alone}", file=sys.stderr)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
