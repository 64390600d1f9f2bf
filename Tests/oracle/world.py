"""What the oracle knows: records as known at a moment, merged, and the standards beside them, as DuckDB tables.

A *world* is one directory of records as known at one moment. Several jobs (plans, days) may ask about one world; all tables
below carry its number `w`, so that one statement answers for every world of a batch.
"""
import csv, datetime, functools, os

import yaml

# The fields that some measure reads. `name` text, `name:day|int|real|flag|list`, `name:@kind` a reference,
# `name:@kind!` a reference that makes the record part of the other's file and must be filled.
KINDS = {
    "division": "division name from:day until:day successor",
    "employer": "division township industry size ownership severity sector headcount:int hazards:flag since:day until:day",
    "employer_change": "employer:@employer! day:day division township industry size ownership severity sector headcount:int "
                       "hazards:flag closed:flag",
    "post": "employer:@employer! from:day until:day",
    "employer_hazard": "employer:@employer! post:@post factor from:day until:day",
    "person_role": "employer:@employer! role from:day until:day",
    "notice": "employer:@employer! post:@post type day:day until:day",
    "warning_sign": "employer:@employer! post:@post category installed:day removed:day",
    "archive_part": "employer:@employer! part day:day until:day",
    "worker": "",
    "employment": "worker:@worker! employer:@employer from:day until:day",
    "exposure": "worker:@worker! employer:@employer factors:list from:day until:day",
    "insured": "worker:@worker! employer:@employer from:day until:day",
    "insured_total": "division year:int persons:int",
    "surveillance_file": "worker:@worker! employer:@employer day:day parts:list",
    "declaration": "employer:@employer! type submitted:day accepted:day",
    "test_report": "employer:@employer! institution:@institution type sampled:day",
    "test_result": "report:@test_report! post:@post factor value:real limit:real verdict assessment",
    "exam": "worker:@worker! institution:@institution day:day stage factors:list",
    "diagnosis": "worker:@worker! employer:@employer institution:@institution division day:day disease confirmed:flag "
                 "acute:flag dust_years:real",
    "report_card": "diagnosis:@diagnosis! reported:day complete:flag accurate:flag",
    "inspection": "employer:@employer institution:@institution day:day",
    "violation_case": "division found:day severity decided:day outcome",
    "grade": "employer:@employer! scheme from:day until:day",
    "incident": "division day:day level",
    "campaign_selection": "division year:int item",
    "campaign_entry": "employer:@employer! from:day until:day",
    "healthy_application": "employer:@employer! day:day",
    "title": "employer:@employer! type unit from:day until:day",
    "institution": "division public:flag since:day until:day",
    "qualification": "institution:@institution! type from:day until:day",
    "capacity": "institution:@institution! type year:int amount:int",
    "officer": "division from:day until:day",
    "officer_training": "officer:@officer! day:day hours:real",
    "training": "person:@person_role! day:day until:day",
    "survey": "division day:day",
    "survey_response": "survey:@survey! items:int correct:int weight:real valid:flag",
    "publicity": "division type day:day",
    "radiation_worker": "worker:@worker! employer:@employer from:day until:day",
    "dose": "radiation_worker:@radiation_worker! from:day until:day dose:real nominal:flag approved:flag",
    "patient": "worker:@worker! division pneumoconiosis:flag registered:day died:day",
    "rehab_station": "division from:day until:day",
    "rehab_service": "station:@rehab_station! day:day",
    "payer_entry": "patient:@patient! payer day:day outcome",
    "monitoring_assignment": "division year:int completed:day",
    "judgement": "plan indicator day:day verdict",
    "budget_line": "division year:int spent:int",
    "merge": "employer_kept:@employer employer_dropped:@employer worker_kept:@worker worker_dropped:@worker",
    "penalty_decision": "case:@violation_case! decided:day",
}
# Words that SQL keeps for itself.
RENAMED = {"from": "fr", "until": "un", "limit": "lim", "public": "pub", "case": "file"}
SQL_TYPES = {"text": "VARCHAR", "day": "DATE", "int": "BIGINT", "real": "DOUBLE", "flag": "BOOLEAN", "list": "VARCHAR"}


class Part:
    """One field of a kind, as `KINDS` spells it."""

    def __init__(self, text):
        self.name, _, rest = text.partition(":")
        self.target = rest[1:].rstrip("!") if rest.startswith("@") else None
        self.owner = rest.endswith("!")
        self.type = SQL_TYPES["text" if self.target or not rest else rest]
        self.column = RENAMED.get(self.name, self.name)


FIELDS = {kind: [Part(text) for text in fields.split()] for kind, fields in KINDS.items()}
# Fields that hold a division's code.
PLACES = {"employer": ("division", "township"), "employer_change": ("division", "township"), "title": ("unit",)} | {
    kind: ("division",) for kind, fields in FIELDS.items()
    if kind not in ("division", "employer", "employer_change") and any(field.name == "division" for field in fields)}


@functools.lru_cache(maxsize=64)
def versions(directory):
    """All versions of all records of a directory: kind → rows."""
    if not os.path.isdir(directory):
        raise FileNotFoundError(f"no directory of records: {directory}")
    found = {}
    for kind in KINDS:
        path = os.path.join(directory, kind + ".csv")
        if os.path.exists(path):
            with open(path, encoding="utf-8-sig", newline="") as file:
                found[kind] = list(csv.DictReader(file))
    return found


def known(directory, moment):
    """Records as known at a moment: kind → id → row, without withdrawn ones, merged, and without the parts of what is gone."""
    records = {}
    for kind in KINDS:
        last = {}
        for row in versions(directory).get(kind, ()):
            if moment is not None and int(row["recorded_at"]) > moment:
                continue
            held = last.get(row["id"])
            if held is None or int(row["version"]) > int(held["version"]):
                last[row["id"]] = row
        records[kind] = {id: dict(row) for id, row in last.items() if row["withdrawn"] not in ("1", "true")}
    merge(records, "employer")
    merge(records, "worker")
    gone = True
    while gone:
        gone = False
        for kind, fields in FIELDS.items():
            for field in fields:
                if field.owner:
                    owners = records[field.target]
                    orphans = [id for id, row in records[kind].items() if (row.get(field.name) or "") not in owners]
                    for id in orphans:
                        del records[kind][id]
                    gone = gone or bool(orphans)
    return records


def merge(records, kind):
    """Replaces references to dropped records of a kind by references to the kept ones, and removes the dropped ones."""
    onto = {}
    for id in sorted(records["merge"]):  # of several merges that drop one record, the one with the greatest id
        row = records["merge"][id]
        kept, dropped = row.get(kind + "_kept"), row.get(kind + "_dropped")
        if kept and dropped and kept != dropped:
            onto[dropped] = kept
    ends = {}
    for start in onto:
        path, at = [start], start
        while at in onto and onto[at] not in path:
            at = onto[at]
            path.append(at)
        # In a ring nothing is kept by the merges alone: the smallest id of the ring stands for it.
        ends[start] = at if at not in onto else min(path[path.index(onto[at]):])
    for other, fields in FIELDS.items():
        if other == "merge":
            continue
        for field in fields:
            if field.target == kind:
                for row in records[other].values():
                    if row.get(field.name) in ends:
                        row[field.name] = ends[row[field.name]]
    for dropped, end in ends.items():
        if dropped != end:
            records[kind].pop(dropped, None)


# --- divisions -------------------------------------------------------------------------------------------------------------

def prefix(code):
    """The digits that every division inside shares."""
    if len(code) != 6:
        return code
    return code[:2] if code.endswith("0000") else code[:4] if code.endswith("00") else code


def level(code):
    if len(code) > 6:
        return "township" if len(code) == 9 else "village"
    return {2: "province", 4: "prefecture", 6: "county"}[len(prefix(code))]


LEVELS = ["province", "prefecture", "county", "township", "village"]
# Lines of the national table that head a list and are no divisions.
HEADINGS = {"市辖区", "市区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"}


def above(code):
    """The next division outside, or None."""
    if len(code) > 6:
        return code[:9] if len(code) == 12 else code[:6]
    return {6: code[:4] + "00", 4: code[:2] + "0000"}.get(len(prefix(code)))


class Divisions:
    """The national table with the `division` records of one world over it."""

    def __init__(self, national, records):
        self.rows = dict(national)
        for id in sorted(records):
            row = records[id]
            if row.get("division"):
                self.rows[row["division"]] = tuple(row.get(key) or None for key in ("name", "from", "until", "successor"))
        self.own = {row.get("division") for row in records.values()}

    def ended(self, code, day):
        row = self.rows.get(code)
        return bool(row and row[2] and row[2] <= day)

    def counting(self, code, day):
        """The division that a code counts for on a day; None if none is left."""
        seen = set()
        while code and code not in seen:
            seen.add(code)
            if self.ended(code, day):
                code = self.rows[code][3] or above(code)
                continue
            outer = above(code) if len(code) > 6 else None
            while outer and len(outer) > 6 and not self.ended(outer, day):
                outer = above(outer)
            if outer and self.ended(outer, day):
                code = self.rows[outer][3] or above(outer)
                continue
            return code
        return code

    def units(self, code, wanted, day):
        """The units of a level in a jurisdiction on a day; the jurisdiction itself if it is of that level or lower."""
        if LEVELS.index(level(code)) >= LEVELS.index(wanted):
            return [code]
        inside = prefix(code)
        return sorted(
            unit for unit, (name, since, until, successor) in self.rows.items()
            if unit.startswith(inside) and level(unit) == wanted and (since or "") <= day and (not until or day < until)
            and (unit in self.own or name is not None))


# --- standards -------------------------------------------------------------------------------------------------------------

def table(path):
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


class Standards:
    def __init__(self, directory):
        join = functools.partial(os.path.join, directory)
        self.factors = {}
        for row in table(join("factors.csv")):
            self.factors.setdefault(row["code"], row["category"])
        self.diseases = [(row["code"], row["name"], row["group"], row.get("from") or None, row.get("until") or None)
                         for row in table(join("diseases.csv"))]
        # A heading has no name here. What is historic without a date counts as still there.
        self.divisions = {}
        for name in ("divisions.csv", "townships.csv"):
            for row in table(join(name)) if os.path.exists(join(name)) else ():
                heading = row.get("status") == "heading" or row["name"] in HEADINGS
                self.divisions[row["code"]] = (None if heading else row["name"], *(row.get(key) or None for key in ("from", "until", "successor")))
        with open(join("codes.yaml"), encoding="utf-8") as file:
            self.tables = {name: codes(body["codes"]) for name, body in yaml.safe_load(file)["tables"].items() if "codes" in (body or {})}
        with open(join("parameters.yaml"), encoding="utf-8") as file:
            self.parameters = dict(flatten(yaml.safe_load(file) or {}))

    def codes(self, name):
        if name not in self.tables:
            raise KeyError(f"codes.yaml has no table {name}")
        return self.tables[name]

    def parameter(self, name, day, default):
        """The value in force on a day; the first value if none has dates; the definition's own if there is neither."""
        values = self.parameters.get(name)
        if not values:
            return default
        if not any(value.get("from") or value.get("until") for value in values):
            return values[0].get("value")
        for value in reversed(values):
            if str(value.get("from") or "") <= day and (not value.get("until") or day < str(value["until"])):
                return value.get("value")
        return default


def codes(body):
    """The codes of a table: a mapping by code, a list of codes, or a list of mappings with `code`."""
    return [str(item["code"] if isinstance(item, dict) else item) for item in body]


def flatten(body, name=""):
    """Parameters by dotted name, however deep the file nests them."""
    if isinstance(body, dict) and isinstance(body.get("values"), list):
        yield name, body["values"]
    elif isinstance(body, list) and all(isinstance(item, dict) and "value" in item for item in body):
        yield name, body
    elif isinstance(body, list):
        for item in body:
            if isinstance(item, dict):
                key = item.get("id") or item.get("name") or item.get("code")
                yield from flatten({key: item} if key else item, name)
    elif isinstance(body, dict):
        for key, value in body.items():
            outer = "" if key == "parameters" and not name else f"{name}.{key}" if name else str(key)
            yield from flatten(value, outer)


def write_table(connection, folder, name, columns, rows):
    """A DuckDB table from rows of Python values; None and the empty text are null."""
    path = os.path.join(folder, name + ".csv")
    with open(path, "w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    types = ", ".join(f"'{column}': '{kind}'" for column, kind in columns)
    if os.path.getsize(path):
        connection.execute(
            f"CREATE TABLE {name} AS SELECT * FROM read_csv('{path}', header=false, auto_detect=false, delim=',', quote='\"', "
            f"escape='\"', nullstr='', parallel=false, columns={{{types}}})")
    else:
        connection.execute(f"CREATE TABLE {name} ({', '.join(f'{column} {kind}' for column, kind in columns)})")
    os.remove(path)


def day_text(day):
    return day.isoformat() if isinstance(day, datetime.date) else str(day)
