"""Hand-worked cases for the oracle. Each states records, a question and the answer worked out on paper."""
import csv, datetime, json, os, random, re, subprocess, sys, tempfile, unittest

import yaml

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import measures
import oracle
from world import FIELDS, KINDS, Divisions, Standards, versions

STANDARDS = {
    "factors.csv": [("code", "name", "category"), ("A001", "矽尘", "dust"), ("A002", "煤尘", "dust"), ("B001", "铅", "chemical"),
                    ("C001", "噪声", "physical"), ("C002", "高温", "physical"), ("D001", "X射线", "radiation")],
    "diseases.csv": [("code", "name", "group", "edition", "from", "until"), ("P1", "矽肺", "pneumoconiosis", "2013", "", ""),
                     ("H1", "噪声聋", "ent", "2013", "", ""), ("T1", "铅及其化合物中毒", "poisoning", "2013", "", ""),
                     ("R1", "外照射急性放射病", "radiation", "2013", "", ""), ("I1", "布鲁氏菌病", "biological", "2013", "", ""),
                     ("X1", "旧目录", "other", "2013", "", "2025-08-01"), ("X1", "新目录", "biological", "2024", "2025-08-01", "")],
    "divisions.csv": [("code", "name", "parent", "from", "until", "successor"), ("330000", "浙江省", "", "", "", ""),
                      ("330400", "嘉兴市", "330000", "", "", ""), ("330401", "市辖区", "330400", "", "", ""),
                      ("330402", "南湖区", "330400", "", "", ""), ("330411", "秀洲区", "330400", "", "", ""),
                      ("330421", "嘉善县", "330400", "", "", ""), ("330500", "湖州市", "330000", "", "", ""),
                      ("330502", "吴兴区", "330500", "", "", ""), ("330499", "旧县", "330400", "", "2010-01-01", "330402"),
                      ("330498", "废县", "330400", "", "2010-01-01", "")],
}
CODES = {"tables": {
    "archive_part": {"codes": {"basic": {"zh": "基本情况"}, "exam": {"zh": "体检"}}},
    "surveillance_part": {"codes": ["history", "exposure"]}, "payer": {"codes": [{"code": "injury"}, {"code": "medical"}]}}}
PARAMETERS = {"declaration.change_days": {"values": [{"value": 15}]},
              "report.days": {"values": [{"value": 15, "from": "2000-01-01", "until": "2030-01-01"}, {"value": 7, "from": "2030-01-01"}]}}


# Every metric with its units and switches, for the tests that are about all of them.
EVERY_METRIC = [{"measure": name, "scope": "some", "with": {"group": "dust"} if name == "post_pass_rate" else {"rehab.threshold": 1}
                 if name == "rehab_township_coverage" else {}} for name in sorted(measures.NAMES)]
EVERY_METRIC += [{"measure": name, "unit": unit} for name, unit in (
    ("periodic_testing_rate", "post"), ("periodic_testing_rate", "post-factor"), ("testing_pass_rate", "point"), ("testing_pass_rate", "employer"),
    ("in_service_exam_rate", "worker-employer"), ("diagnosis_reporting_rate", "institution"))]
EVERY_METRIC += [{"measure": name, "with": given} for name, given in (
    ("injury_insurance_coverage", {"everyone": True}), ("supervision_coverage", {"institutions": True}), ("dust_under5_share", {"all_diseases": True}),
    ("post_pass_rate", {"group": "noise", "everyone": True}), ("awareness_rate", {"method": "respondents"}),
    ("declaration_rate", {"declaration.valid_months": 12}))]
EVERY_METRIC = [{"id": f"i{number}", **each} for number, each in enumerate(EVERY_METRIC)]
POOLS = {
    "division": ["330402", "330411", "330502"], "township": ["330402001", "330411001"], "unit": ["330400", "330402"], "successor": ["330411"],
    "industry": ["B06", "C13", "C20", "Q84"], "severity": ["severe", "general"], "sector": ["medical", "enterprise", "other"],
    "factor": ["A001", "B001", "C001", "D001"], "category": ["dust", "chemical", "physical"], "part": ["basic", "exam"],
    "parts": ["history", "exposure"], "factors": ["A001", "B001", "C001"], "role": ["principal", "oh_manager"], "stage": ["in_service", "pre_employment"],
    "disease": ["P1", "H1", "T1", "R1", "I1"], "verdict": ["pass", "exceed"], "assessment": ["pass", "exceed", "unknown"], "level": ["major", "general"], "payer": ["injury", "medical"],
    "outcome": ["paid", "refused"], "item": ["a", "b"], "scheme": ["s"], "plan": ["plan"], "name": ["n"], "size": ["small"], "ownership": ["1"]}
TYPES = {"notice": ["contract", "bulletin", "test_result"], "declaration": ["initial", "change", "cancel"], "test_report": ["periodic", "evaluation"],
         "title": ["healthy", "demonstration"], "qualification": ["testing", "exam", "diagnosis", "institute"],
         "capacity": ["testing", "exam", "diagnosis"], "publicity": ["week", "other"]}


def scatter(chance, folder, size=4):
    """A directory of random records: each kind of `FIELDS` with some versions, blanks, withdrawals and merges."""
    os.makedirs(folder)
    ids = {kind: [f"{kind}-{number}" for number in range(size * (4 if FIELDS[kind] and FIELDS[kind][0].owner else 1))] for kind in FIELDS}
    ids["merge"], ids["division"] = ["merge-0", "merge-1"], ["division-0"]

    def value(kind, field):
        if field.target:
            return chance.choice(ids[field.target]) if field.owner or chance.random() < 0.8 else ""
        if chance.random() < (0.5 if field.name in ("until", "removed", "died", "since") else 0.15) and field.name not in ("division", "factor", "type"):
            return ""
        if field.type == "DATE":
            early = field.name in ("from", "since", "submitted", "registered") or kind == "employer_change"
            return (datetime.date(2017 if early else 2019, 1, 1) + datetime.timedelta(chance.randrange(900 if early else 500))).isoformat()
        if field.type == "BIGINT":
            return chance.choice([2018, 2019]) if field.name == "year" else chance.randrange(1, 30)
        if field.type == "DOUBLE":
            return chance.choice([0.5, 1, 4, 8])
        if field.type == "BOOLEAN":
            return chance.choice([0, 1, 1])
        if field.name == "indicator":
            return chance.choice([each["id"] for each in EVERY_METRIC if each["measure"] == "milestone"])
        town = field.name == "division" and kind in ("patient", "rehab_station")
        pool = TYPES[kind] if field.name == "type" else POOLS["township" if town else field.name]
        return ";".join(chance.sample(pool, 2)) if field.name in ("factors", "parts") else chance.choice(pool)

    for kind, fields in FIELDS.items():
        with open(os.path.join(folder, kind + ".csv"), "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["id", "home", "version", "recorded_at", "withdrawn", "code"] + [field.name for field in fields])
            for id in ids[kind]:
                for version in range(1, chance.choice([2, 2, 2, 3])):
                    row = [value(kind, field) for field in fields]
                    if kind == "merge":
                        row[2:] = ["", ""]
                    writer.writerow([id, "330402", version, chance.randrange(400) * version, int(chance.random() < 0.05), ""] + row)


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.records, self.versions = {}, []
        os.mkdir(self.at("standards"))
        for name, rows in STANDARDS.items():
            with open(self.at("standards", name), "w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows(rows)
        for name, body in (("codes.yaml", CODES), ("parameters.yaml", PARAMETERS)):
            with open(self.at("standards", name), "w", encoding="utf-8") as file:
                yaml.safe_dump(body, file, allow_unicode=True)

    def at(self, *names):
        return os.path.join(self.folder.name, *names)

    def add(self, kind, id, version=1, recorded_at=0, withdrawn=0, **fields):
        fields = {name.rstrip("_"): value for name, value in fields.items()}
        self.records.setdefault(kind, []).append(
            {"id": id, "home": "330402", "version": version, "recorded_at": recorded_at, "withdrawn": withdrawn, "code": "", **fields})
        return id

    def employer(self, id, hazard="A001", **fields):
        self.add("employer", id, **({"division": "330402", "severity": "severe"} | fields))
        if hazard:
            self.add("employer_hazard", id + "h", employer=id, factor=hazard)
        return id

    def save(self, indicators, jurisdiction="330400", scopes=None):
        os.makedirs(self.at("records"), exist_ok=True)
        for kind, rows in self.records.items():
            names = list(dict.fromkeys(name for row in rows for name in row))
            with open(self.at("records", kind + ".csv"), "w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, names)
                writer.writeheader()
                writer.writerows(rows)
        with open(self.at("plan.yaml"), "w", encoding="utf-8") as file:
            yaml.safe_dump({"id": "plan", "jurisdiction": {"code": jurisdiction, "level": "prefecture"}, "scopes": scopes or {},
                            "indicators": [{"id": f"i{number}", **each} for number, each in enumerate(indicators)]}, file)

    def ask(self, measure, day="2019-12-31", known_at=None, jurisdiction="330400", scopes=None, **indicator):
        self.save([{"measure": measure, **indicator}], jurisdiction, scopes)
        job = {"records": self.at("records"), "plan": self.at("plan.yaml"), "as_of": [day], "known_at": known_at, "subjects": True}
        versions.cache_clear()
        return oracle.Batch(Standards(self.at("standards")), [job]).run()[0][0]

    def muk(self, *arguments, **named):
        answer = self.ask(*arguments, **named)
        return tuple(answer[key] for key in "muk")


class Employers(Case):
    def test_ten_employers_six_declarations(self):
        for number in range(10):
            self.employer(f"e{number}")
            if number < 6:
                self.add("declaration", f"f{number}", employer=f"e{number}", type="initial", submitted="2018-03-01", accepted="2018-03-02")
        answer = self.ask("declaration_rate")
        self.assertEqual((answer["m"], answer["u"], answer["k"]), (6, 4, 0))
        self.assertEqual(answer["unmet"], ["e6", "e7", "e8", "e9"])
        self.assertEqual(self.muk("declaration_rate", day="2018-03-01"), (0, 10, 0))

    def test_declaration_goes_stale_after_a_new_hazard(self):
        self.employer("e")
        self.add("employer_hazard", "h2", employer="e", factor="B001", from_="2019-06-01")
        self.add("declaration", "f", employer="e", type="initial", submitted="2018-03-01", accepted="2018-03-02")
        self.assertEqual(self.muk("declaration_rate", day="2019-06-15"), (1, 0, 0))
        self.assertEqual(self.muk("declaration_rate", day="2019-06-16"), (0, 1, 0))
        self.add("declaration", "g", employer="e", type="change", submitted="2019-06-20", accepted="2019-06-25")
        self.assertEqual(self.muk("declaration_rate", day="2019-06-24"), (0, 1, 0))
        self.assertEqual(self.muk("declaration_rate", day="2019-06-25"), (1, 0, 0))
        self.add("declaration", "c", employer="e", type="cancel", submitted="2019-06-25", accepted="2019-06-25")
        self.assertEqual(self.muk("declaration_rate"), (0, 1, 0))

    def test_declaration_grace_counts_from_the_current_stretch(self):
        self.employer("e", None, since="2010-01-01", hazards="0")
        self.add("employer_change", "c1", employer="e", day="2012-01-01", hazards="1")
        self.add("employer_change", "c2", employer="e", day="2013-01-01", closed="1")
        self.add("employer_change", "c3", employer="e", day="2019-12-15", closed="0")
        self.assertEqual(self.muk("declaration_rate", day="2011-01-01"), (0, 0, 0))
        self.assertEqual(self.muk("declaration_rate", day="2012-01-30"), (0, 0, 0))
        self.assertEqual(self.muk("declaration_rate", day="2012-01-31"), (0, 1, 0))
        self.assertEqual(self.muk("declaration_rate", day="2013-01-01"), (0, 0, 0))
        self.assertEqual(self.muk("declaration_rate", day="2020-01-13"), (0, 0, 0))
        self.assertEqual(self.muk("declaration_rate", day="2020-01-14"), (0, 1, 0))

    def test_valid_months_and_unknown_presence(self):
        self.employer("e")
        self.employer("x", None)
        self.add("declaration", "f", employer="e", type="yearly", submitted="2018-01-31", accepted="2018-01-31")
        given = {"with": {"declaration.valid_months": 13}}
        self.assertEqual(self.muk("declaration_rate", day="2019-02-27", **given), (1, 0, 1))
        self.assertEqual(self.muk("declaration_rate", day="2019-02-28", **given), (0, 1, 1))

    def test_versions_and_moves(self):
        self.employer("e")
        self.add("declaration", "f", recorded_at=100, employer="e", type="initial", submitted="2018-03-01", accepted="2018-03-02")
        self.add("declaration", "f", version=2, recorded_at=200, withdrawn=1, employer="e", type="initial", submitted="2018-03-01",
                 accepted="2018-03-02")
        self.assertEqual(self.muk("declaration_rate", known_at=99), (0, 1, 0))
        self.assertEqual(self.muk("declaration_rate", known_at=100), (1, 0, 0))
        self.assertEqual(self.muk("declaration_rate"), (0, 1, 0))
        self.add("employer_change", "c", employer="e", day="2019-05-01", division="330502")
        self.assertEqual(self.muk("declaration_rate", day="2019-04-30"), (0, 1, 0))
        self.assertEqual(self.muk("declaration_rate", day="2019-05-01"), (0, 0, 0))
        self.assertEqual(self.muk("declaration_rate", day="2019-05-01", jurisdiction="330500"), (0, 1, 0))

    def test_merge_joins_and_parts(self):
        self.employer("a")
        self.employer("b")
        self.add("declaration", "f", employer="b", type="initial", submitted="2018-03-01", accepted="2018-03-02")
        self.assertEqual(self.muk("declaration_rate"), (1, 1, 0))
        self.add("merge", "m", recorded_at=5, employer_kept="a", employer_dropped="b")
        self.add("merge", "m", version=2, recorded_at=9, withdrawn=1, employer_kept="a", employer_dropped="b")
        self.assertEqual(self.muk("declaration_rate", known_at=5), (1, 0, 0))
        self.assertEqual(self.muk("declaration_rate"), (1, 1, 0))

    def test_scope_is_three_valued(self):
        self.employer("in", industry="B0610", headcount="5")
        self.employer("out", industry="C1310", headcount="5")
        self.employer("blank", headcount="5")
        scopes = {"mines": {"where": {"all": [{"industry": ["B"]}, {"headcount": {"min": 1}}]}}}
        answer = self.ask("declaration_rate", scopes=scopes, scope="mines")
        self.assertEqual([answer[key] for key in ("m", "u", "k", "sm", "su", "sk")], [0, 1, 0, 0, 1, 0])
        scopes = {"mines": {"where": {"any": [{"not": {"industry": ["B"]}}, {"headcount": {"max": 4}}]}}}
        answer = self.ask("declaration_rate", scopes=scopes, scope="mines")
        self.assertEqual([answer[key] for key in ("m", "u", "k", "sm", "su", "sk")], [0, 1, 0, 0, 1, 0])
        self.assertEqual(answer["unmet"], ["out"])

    def test_periodic_testing(self):
        self.add("institution", "i", division="330402")
        self.add("qualification", "q", institution="i", type="testing", from_="2018-01-01", until="2019-01-01")
        self.employer("s", "A001")
        self.add("post", "p1", employer="s")
        self.add("employer_hazard", "h2", employer="s", post="p1", factor="C001")
        self.add("test_report", "t", employer="s", institution="i", type="periodic", sampled="2018-12-31")
        self.add("test_result", "r1", report="t", factor="A001", post="p1")
        self.assertEqual(self.muk("periodic_testing_rate", day="2019-12-30"), (0, 1, 0))
        self.add("test_result", "r2", report="t", factor="C001")
        self.assertEqual(self.muk("periodic_testing_rate", day="2019-12-30"), (1, 0, 0))
        self.assertEqual(self.muk("periodic_testing_rate", day="2019-12-31"), (0, 1, 0))
        self.assertEqual(self.ask("periodic_testing_rate", day="2019-12-30", unit="post-factor")["met"], ["p1|C001", "s|A001"])
        # Blank severity: the cycles of 12 and 36 months differ from 2019-12-31 on.
        self.add("employer", "s", version=2, division="330402")
        self.assertEqual(self.muk("periodic_testing_rate", day="2019-12-30"), (1, 0, 0))
        self.assertEqual(self.muk("periodic_testing_rate", day="2019-12-31"), (0, 0, 1))
        self.assertEqual(self.muk("periodic_testing_rate", day="2021-12-31"), (0, 1, 0))

    def test_periodic_testing_without_institution_or_factors(self):
        self.employer("a", "A001")
        self.add("test_report", "t", employer="a", type="evaluation", sampled="2019-05-01")
        self.add("test_result", "r", report="t", factor="A001")
        self.employer("b", None, hazards="1")
        self.employer("c", None)
        self.employer("d", None, hazards="0")
        self.assertEqual(self.ask("periodic_testing_rate")["unknown"], ["a", "b", "c"])

    def test_offices(self):
        self.employer("e")
        self.assertEqual(self.ask("manager_training_rate")["unmet"], ["e"])
        self.add("person_role", "r1", employer="e", role="principal", from_="2018-01-01")
        self.add("person_role", "r2", employer="e", role="principal", from_="2019-01-01")
        self.add("training", "t1", person="r1", day="2019-06-01")
        self.assertEqual(self.muk("principal_training_rate"), (0, 1, 0))
        self.add("training", "t2", person="r2", day="2018-06-01", until="2020-01-01")
        self.assertEqual(self.muk("principal_training_rate"), (1, 0, 0))
        self.assertEqual(self.muk("principal_training_rate", day="2020-01-01"), (0, 1, 0))
        self.add("person_role", "m1", employer="e", role="oh_manager", from_="2018-01-01")
        self.add("person_role", "m2", employer="e", role="oh_manager", from_="2018-01-01")
        self.add("training", "t3", person="m1", day="2019-06-01")
        self.assertEqual(self.muk("manager_training_rate", day="2020-05-31"), (1, 1, 0))
        self.assertEqual(self.muk("manager_training_rate", day="2020-06-01"), (0, 2, 0))

    def test_posts(self):
        self.employer("e", None)
        self.add("post", "p", employer="e")
        self.add("post", "gone", employer="e", until="2019-01-01")
        for number, (post, factor) in enumerate([("p", "A001"), ("p", "A002"), ("p", "C001"), ("gone", "A001"), ("", "B001")]):
            self.add("employer_hazard", f"h{number}", employer="e", post=post, factor=factor)
        for number, type in enumerate(["contract", "bulletin"]):
            self.add("notice", f"n{number}", employer="e", post="p", type=type, day="2018-01-01")
        self.assertEqual(self.ask("notification_rate")["unmet"], ["p"])
        self.add("notice", "n9", employer="e", post="p", type="test_result", day="2019-12-31")
        self.assertEqual(self.muk("notification_rate"), (1, 0, 0))
        self.assertEqual(self.muk("notification_rate", day="2019-12-30"), (0, 1, 0))
        self.add("warning_sign", "w", employer="e", post="p", category="dust", installed="2018-01-01")
        answer = self.ask("warning_sign_rate")
        self.assertEqual((answer["met"], answer["unmet"]), (["p|dust"], ["p|physical"]))
        self.employer("f")
        self.assertEqual(self.ask("warning_sign_rate")["unknown"], ["f"])

    def test_archive_and_grade(self):
        self.employer("e")
        self.add("archive_part", "a1", employer="e", part="basic", day="2018-01-01")
        self.assertEqual(self.muk("employer_archive_rate"), (0, 1, 0))
        self.assertEqual(self.muk("employer_archive_rate", **{"with": {"archive.parts": ["basic"]}}), (1, 0, 0))
        self.add("grade", "g", employer="e", scheme="甲", from_="2018-01-01")
        self.assertEqual(self.muk("grading_coverage"), (1, 0, 0))
        self.assertEqual(self.muk("grading_coverage", **{"with": {"grade.scheme": "乙"}}), (0, 1, 0))

    def test_supervision(self):
        self.employer("a")
        self.employer("b", None)
        self.employer("c", None)
        self.add("inspection", "i1", employer="b", day="2019-01-01")
        self.add("inspection", "i2", employer="a", day="2018-12-31")
        self.assertEqual(self.muk("supervision_coverage"), (1, 1, 1))
        self.add("institution", "i", division="330411")
        self.assertEqual(self.muk("enforcement_coverage_trend", **{"with": {"institutions": True}}), (1, 2, 1))

    def test_new_cases_and_campaign(self):
        self.employer("e", headcount="9", industry="C1")
        self.add("worker", "w")
        self.add("diagnosis", "d", worker="w", employer="e", division="330402", day="2019-10-01", disease="P1", confirmed="1")
        self.assertEqual(self.muk("newcase_employer_enforcement", day="2019-12-30"), (0, 0, 0))
        self.assertEqual(self.muk("newcase_employer_enforcement"), (0, 1, 0))
        self.add("inspection", "i", employer="e", day="2019-12-30")
        self.assertEqual(self.muk("newcase_employer_enforcement"), (1, 0, 0))
        self.add("test_report", "t", employer="e", type="supervision", sampled="2017-01-01")
        self.add("test_result", "r", report="t", factor="A001", value="1.2", limit="1")
        self.assertEqual(self.muk("campaign_scope_coverage"), (0, 0, 0))
        self.add("employer_change", "c", employer="e", day="2019-01-01", headcount="10")
        self.assertEqual(self.muk("campaign_scope_coverage"), (0, 1, 0))
        self.assertEqual(self.muk("campaign_scope_coverage", day="2020-01-01"), (0, 0, 0))
        self.add("campaign_entry", "n", employer="e", from_="2019-05-01")
        self.assertEqual(self.muk("campaign_scope_coverage"), (1, 0, 0))
        self.employer("blank", headcount="50")
        self.add("test_report", "t2", employer="blank", type="periodic", sampled="2019-01-01")
        self.add("test_result", "r2", report="t2", factor="C001", verdict="exceed")
        self.assertEqual(self.muk("campaign_scope_coverage"), (1, 0, 1))

    def test_reopened_after_until(self):
        self.employer("e", until="2018-01-01")
        self.assertEqual(self.muk("declaration_rate"), (0, 0, 0))
        self.add("employer_change", "c", employer="e", day="2019-01-01", closed="0")
        self.assertEqual(self.muk("declaration_rate"), (0, 1, 0))
        self.assertEqual(self.muk("declaration_rate", day="2018-12-31"), (0, 0, 0))


class Results(Case):
    def test_latest_day_of_the_year(self):
        self.employer("e", None)
        self.add("test_report", "t1", employer="e", type="periodic", sampled="2019-03-01")
        self.add("test_report", "t2", employer="e", type="periodic", sampled="2019-09-01")
        self.add("post", "p", employer="e")
        self.add("test_result", "a", report="t1", post="p", factor="A001", verdict="exceed")
        self.add("test_result", "b", report="t2", post="p", factor="A001", value="1", limit="1")
        self.add("test_result", "c", report="t2", post="p", factor="A001", value="1")
        self.add("test_result", "x", report="t1", post="p", factor="C001", verdict="pass")
        self.assertEqual(self.ask("testing_pass_rate")["unknown"], ["p|A001"])
        self.assertEqual(self.muk("testing_pass_rate"), (1, 0, 1))
        self.assertEqual(self.muk("testing_pass_rate", unit="point"), (2, 0, 1))
        self.assertEqual(self.muk("testing_pass_rate", unit="employer"), (0, 0, 1))
        self.assertEqual(self.muk("testing_pass_rate", day="2019-08-31"), (1, 1, 0))
        self.assertEqual(self.muk("post_pass_rate", **{"with": {"group": "dust"}}), (0, 0, 0))
        self.assertEqual(self.muk("post_pass_rate", **{"with": {"group": "dust", "everyone": True}}), (0, 0, 1))
        self.add("campaign_entry", "n", employer="e", from_="2019-05-01")
        self.assertEqual(self.ask("post_pass_rate", **{"with": {"group": "noise"}})["met"], ["p"])


class Workers(Case):
    def worker(self, id, employer, factors="A001", **fields):
        self.add("worker", id)
        self.add("employment", id + employer + "j", worker=id, employer=employer, from_="2010-01-01")
        self.add("exposure", id + employer + "x", worker=id, employer=employer, factors=factors, **fields)

    def test_exams(self):
        self.employer("e")
        self.employer("f", division="330502")
        self.add("institution", "i", division="330402")
        self.add("qualification", "q", institution="i", type="exam", from_="2015-01-01")
        self.worker("w1", "e", "A001;C001")
        self.worker("w2", "e", "")
        self.worker("w3", "e", from_="2019-01-01")
        self.worker("w4", "e")
        self.add("exam", "x1", worker="w1", employer="f", institution="i", day="2019-01-01", stage="in_service", factors="A001")
        self.add("exam", "x2", worker="w1", employer="f", institution="i", day="2019-06-01", stage="in_service", factors="C001;B001")
        self.add("exam", "x4", worker="w4", employer="e", day="2019-06-01", stage="in_service", factors="A001")
        # Before employment counts for the first cycle of an exposure and no longer.
        self.worker("w5", "e")
        self.add("exam", "x5", worker="w5", employer="e", institution="i", day="2019-06-01", stage="pre_employment", factors="A001")
        answer = self.ask("in_service_exam_rate")
        self.assertEqual((answer["met"], answer["unmet"], answer["unknown"]), (["w1"], ["w5"], ["w2", "w4"]))
        answer = self.ask("in_service_exam_rate", day="2020-01-01")
        self.assertEqual((answer["met"], answer["unmet"], answer["unknown"]), ([], ["w1", "w3", "w5"], ["w2", "w4"]))
        # A second job outside: the greater id decides the place; pairs have each their own.
        self.worker("w1", "f")
        self.assertEqual(self.ask("in_service_exam_rate", jurisdiction="330500")["met"], ["w1"])
        self.assertEqual(self.ask("in_service_exam_rate", unit="worker-employer")["met"], ["w1|e"])

    def test_files_and_insurance(self):
        self.employer("e")
        self.employer("g", None)
        self.employer("z", None, hazards="0")
        for worker, employer in (("w1", "e"), ("w2", "e"), ("w3", "e"), ("w4", "g"), ("w5", "z"), ("w6", "g")):
            self.worker(worker, employer)
        self.worker("w6", "z")
        self.add("surveillance_file", "s1", worker="w1", employer="e", day="2019-01-01", parts="exposure;history;other")
        self.add("surveillance_file", "s2", worker="w2", employer="e", day="2019-01-01")
        answer = self.ask("worker_file_rate")
        self.assertEqual((answer["met"], answer["unknown"]), (["w1|e"], ["w2|e"]))
        self.assertIn("w3|e", answer["unmet"])
        self.add("insured", "n", worker="w1", from_="2018-01-01", until="2020-01-01")
        answer = self.ask("injury_insurance_coverage")
        self.assertEqual((answer["met"], answer["unmet"], answer["unknown"]), (["w1"], ["w2", "w3"], ["w4", "w6"]))
        self.assertEqual(self.muk("injury_insurance_coverage", **{"with": {"everyone": True}}), (1, 5, 0))

    def test_doses(self):
        self.employer("h", sector="medical")
        self.add("worker", "w")
        self.add("radiation_worker", "r", worker="w", employer="h", from_="2019-01-01")
        self.assertEqual(self.muk("medical_dose_rate", day="2019-04-29"), (0, 0, 0))
        self.assertEqual(self.muk("medical_dose_rate", day="2019-04-30"), (0, 1, 0))
        # Half of the first quarter's 90 days is 45: from 2019-02-15 on exactly 45, one day more is enough.
        self.add("dose", "d1", radiation_worker="r", from_="2019-02-15", until="2019-04-01", dose="0.1")
        self.assertEqual(self.muk("medical_dose_rate", day="2019-04-30"), (0, 1, 0))
        self.add("dose", "d2", radiation_worker="r", from_="2019-02-14", until="2019-04-01", nominal="1")
        self.assertEqual(self.muk("medical_dose_rate", day="2019-04-30"), (0, 0, 1))
        self.add("dose", "d3", radiation_worker="r", from_="2019-02-14", until="2019-04-01", nominal="1", approved="1")
        self.assertEqual(self.muk("medical_dose_rate", day="2019-04-30"), (1, 0, 0))
        self.assertEqual(self.muk("nonmedical_dose_rate", day="2019-04-30"), (0, 0, 0))

    def diagnosis(self, id="g", worker="w", day="2019-03-01", **fields):
        self.add("diagnosis", id, **({"worker": worker, "division": "330402", "day": day, "disease": "P1", "confirmed": "1"} | fields))

    def test_reporting(self):
        self.add("worker", "w")
        self.diagnosis()
        self.assertEqual(self.muk("diagnosis_reporting_rate", day="2019-03-16"), (0, 0, 0))
        self.assertEqual(self.muk("diagnosis_reporting_rate", day="2019-03-17"), (0, 1, 0))
        self.add("report_card", "c", diagnosis="g", reported="2019-03-16")
        self.assertEqual(self.muk("diagnosis_reporting_rate"), (0, 0, 1))
        self.add("report_card", "c2", diagnosis="g", reported="2019-03-10", complete="1")
        self.assertEqual(self.muk("diagnosis_reporting_rate"), (1, 0, 0))
        self.assertEqual(self.ask("report_quality_index")["k"], 2)
        self.add("report_card", "c3", diagnosis="g", reported="2019-04-10", complete="1", accurate="1")
        answer = self.ask("report_quality_index", **{"with": {"quality.weights": [2, 1, 1]}})
        self.assertEqual((answer["num"], answer["den"], answer["k"]), (0.5, 1, 2))

    def test_dust_of_two_and_two_years(self):
        self.add("worker", "w")
        self.diagnosis()
        self.add("report_card", "c", diagnosis="g", reported="2019-04-01")
        self.assertEqual(self.muk("dust_under5_share"), (0, 0, 1))
        self.add("exposure", "x1", worker="w", employer="e", factors="A001", from_="2010-01-01", until="2012-01-01")
        self.add("exposure", "x2", worker="w", employer="f", factors="A002;C001", from_="2014-01-01", until="2016-01-01")
        self.add("exposure", "x3", worker="w", employer="f", factors="A002", from_="2014-06-01", until="2015-01-01")
        self.add("exposure", "x4", worker="w", employer="f", factors="C001", from_="2000-01-01", until="2009-01-01")
        self.assertEqual(self.muk("dust_under5_share"), (1, 0, 0))
        self.assertEqual(self.muk("dust_under5_share", day="2019-03-31"), (0, 0, 0))
        self.assertEqual(self.muk("dust_under5_share", day="2020-12-31"), (0, 0, 0))
        # 730 + 730 days so far; 365 more are 1825, one day more is five years.
        self.add("exposure", "x5", worker="w", employer="f", factors="A002", from_="2017-01-01", until="2018-01-01")
        self.assertEqual(self.muk("dust_under5_share"), (1, 0, 0))
        self.add("exposure", "x6", worker="w", employer="f", factors="", from_="2018-06-01")
        self.assertEqual(self.muk("dust_under5_share"), (0, 0, 1))
        self.add("exposure", "x7", worker="w", employer="f", factors="A002", from_="2019-02-28")
        self.assertEqual(self.muk("dust_under5_share"), (0, 1, 0))

    def test_dust_years_stated(self):
        self.add("worker", "w")
        self.diagnosis("g1", dust_years="4.9")
        self.diagnosis("g2", dust_years="5")
        self.diagnosis("g3", disease="T1")
        for id in ("g1", "g2", "g3"):
            self.add("report_card", "c" + id, diagnosis=id, reported="2019-04-01")
        self.assertEqual(self.muk("dust_under5_share"), (1, 1, 0))
        self.assertEqual(self.muk("dust_under5_share", **{"with": {"all_diseases": True}}), (1, 2, 0))

    def test_counts(self):
        self.add("worker", "w")
        for number, (disease, acute, confirmed) in enumerate([
                ("T1", "0", 1), ("T1", "1", 1), ("T1", "", 1), ("R1", "1", 1), ("R1", "", 1), ("I1", "", 1), ("P1", "", 1), ("H1", "", 1),
                ("P1", "", 0), ("X1", "", 1)]):
            self.diagnosis(f"g{number}", disease=disease, acute=acute, confirmed=confirmed)
        expected = {"chronic_poisoning_cases": (1, 1), "chemical_poisoning_cases": (3, 0), "acute_radiation_cases": (1, 1),
                    "biological_cases": (1, 0), "pneumoconiosis_cases": (1, 0), "noise_deafness_cases": (1, 0)}
        for measure, counts in expected.items():
            answer = self.ask(measure)
            self.assertEqual((answer["num"], answer["k"]), counts, measure)
        self.diagnosis("g99", disease="X1", day="2025-09-01")
        self.assertEqual(self.ask("biological_cases", day="2025-12-31")["num"], 1)

    def test_payers(self):
        self.add("worker", "w")
        self.add("patient", "p", worker="w", division="330402001", pneumoconiosis="1", registered="2019-01-01", died="2020-01-01")
        self.add("payer_entry", "y1", patient="p", payer="injury", day="2019-02-01", outcome="refused")
        self.assertEqual(self.muk("payer_linkage"), (0, 1, 0))
        self.add("payer_entry", "y2", patient="p", payer="medical", day="2019-03-01", outcome="paid")
        self.assertEqual(self.muk("payer_linkage"), (1, 0, 0))
        self.add("payer_entry", "y3", patient="p", payer="medical", day="2019-04-01", outcome="pending")
        self.assertEqual(self.muk("payer_linkage"), (0, 1, 0))
        self.assertEqual(self.muk("payer_linkage", day="2020-01-01"), (0, 0, 0))


class Others(Case):
    def test_officers(self):
        self.add("officer", "o1", division="330402", from_="2018-01-01")
        self.add("officer", "o2", division="330402", from_="2018-01-01", until="2019-01-01")
        self.add("officer", "o3", division="330402", from_="2018-01-01", until="2019-01-02")
        self.add("officer", "o4", division="330402", from_="2019-06-01", until="2019-06-01")  # a term without a day
        self.add("officer_training", "t1", officer="o1", day="2019-02-01", hours="7.5")
        self.add("officer_training", "t2", officer="o1", day="2019-03-01", hours="0.5")
        self.add("officer_training", "t3", officer="o3", day="2019-03-01")
        self.assertEqual(self.muk("officer_training_rate"), (1, 0, 1))

    def test_cases(self):
        self.add("violation_case", "a", division="330402", found="2019-10-01", severity="severe")
        self.add("violation_case", "b", division="330402", found="2018-10-03", decided="2018-12-31", outcome="fine")
        self.add("violation_case", "c", division="330402", found="2019-12-01", decided="2019-12-31", outcome="fine")
        self.add("violation_case", "d", division="330402", found="2019-12-01", severity="general")
        answer = self.ask("severe_case_handling_rate", day="2019-12-30")
        self.assertEqual([answer[key] for key in ("m", "u", "k", "sm", "su", "sk")], [0, 1, 0, 0, 0, 0])
        answer = self.ask("severe_case_handling_rate")
        self.assertEqual([answer[key] for key in ("m", "u", "k", "sm", "su", "sk")], [0, 1, 0, 1, 0, 0])
        self.assertEqual(self.muk("violation_case_handling_rate"), (1, 1, 0))
        self.assertEqual(self.muk("violation_case_handling_rate", day="2018-12-31"), (1, 0, 0))

    def test_institutions_and_units(self):
        self.add("institution", "i", division="330402", public="1")
        self.add("institution", "j", division="330411")
        self.add("institution", "old", division="330421", public="1", until="2019-01-01")
        for institution in ("i", "j", "old"):
            for type in ("exam", "diagnosis", "institute"):
                self.add("qualification", institution + type, institution=institution, type=type, from_="2018-01-01")
        self.add("inspection", "n", institution="j", day="2019-02-02")
        answer = self.ask("institution_inspection_coverage")
        self.assertEqual((answer["met"], answer["unmet"]), (["j|diagnosis", "j|exam"], ["i|diagnosis", "i|exam"]))
        self.assertEqual(answer["groups"], {"diagnosis": [1, 1, 0], "exam": [1, 1, 0]})
        self.assertEqual(self.muk("city_institute_exists", jurisdiction="330000"), (1, 1, 0))
        self.assertEqual(self.muk("city_public_diagnosis"), (1, 0, 0))
        answer = self.ask("county_public_exam")
        self.assertEqual((answer["met"], answer["unmet"], answer["unknown"]), (["330402"], ["330421"], ["330411"]))
        self.assertEqual(self.muk("county_public_exam", jurisdiction="330402"), (1, 0, 0))

    def test_monitoring(self):
        self.add("monitoring_assignment", "m1", division="330402", year="2019", completed="2019-11-01")
        self.add("monitoring_assignment", "m2", division="330402001", year="2019", completed="2019-12-01")
        self.add("monitoring_assignment", "m3", division="330411", year="2019")
        self.add("monitoring_assignment", "m4", division="330421", year="2018", completed="2018-12-01")
        self.assertEqual(self.muk("key_disease_monitoring_coverage"), (1, 1, 1))
        self.assertEqual(self.muk("key_disease_monitoring_coverage", day="2019-11-30"), (0, 2, 1))

    def test_rehabilitation(self):
        self.add("worker", "w")
        for town in ("330402001", "330402002"):
            for number in range(3):
                self.add("patient", f"{town}-{number}", worker="w", division=town, pneumoconiosis="1", registered="2018-01-01",
                         died="2019-06-01" if number == 2 and town == "330402002" else "")
        given = {"with": {"rehab.threshold": 3}}
        self.assertEqual(self.muk("rehab_township_coverage", day="2019-01-01", **given), (0, 2, 0))
        self.assertEqual(self.ask("rehab_township_coverage", **given)["unmet"], ["330402001"])
        self.add("rehab_station", "s", division="330402001", from_="2018-01-01")
        self.add("rehab_service", "v", station="s", day="2019-01-01")
        self.assertEqual(self.muk("rehab_township_coverage", **given), (1, 0, 0))
        self.assertEqual(self.muk("rehab_township_coverage", day="2020-01-01", **given), (0, 1, 0))

    def test_titles(self):
        self.employer("a")
        self.employer("b", division="330411")
        self.add("title", "t1", employer="a", type="demonstration", from_="2019-01-01")
        self.add("title", "t2", employer="b", type="demonstration", unit="330400", from_="2019-01-01")
        self.add("title", "t3", employer="b", type="healthy", from_="2019-01-01")
        self.add("title", "t4", employer="b", type="healthy", from_="2019-02-01")
        answer = self.ask("demo_enterprises", target=1)
        self.assertEqual((answer["m"], answer["u"], answer["num"]), (2, 2, 0))
        self.assertEqual(answer["met"], ["330400", "330402"])
        self.assertEqual(self.ask("healthy_total")["num"], 1)
        self.add("healthy_application", "h", employer="a", day="2019-01-01")
        self.assertEqual(self.ask("healthy_applications")["num"], 1)

    def test_figures(self):
        for number, (division, year, persons) in enumerate([("330402", 2018, 5), ("330402001", 2018, 2), ("330411", 2018, 7), ("330502", 2018, 9)]):
            self.add("insured_total", f"t{number}", division=division, year=year, persons=persons)
        self.assertEqual(self.ask("injury_insured_headcount", day="2019-12-30")["num"], 12)
        self.assertIsNone(self.ask("injury_insured_headcount")["num"])
        self.add("insured_total", "own", division="330400", year=2018, persons=100)
        self.assertEqual(self.ask("injury_insured_headcount", day="2018-12-31")["num"], 100)
        self.add("budget_line", "b1", division="330400", year=2018, spent=10)
        self.add("budget_line", "b2", division="330402", year=2018, spent=5)
        self.assertEqual(self.ask("budget_growth", day="2019-06-01")["num"], 15)
        self.add("budget_line", "b3", division="330402", year=2018)
        self.assertIsNone(self.ask("budget_growth", day="2019-06-01")["num"])
        self.add("campaign_selection", "c1", division="330400", year=2019, item="石材")
        self.add("campaign_selection", "c2", division="330402", year=2019, item="石材")
        self.assertEqual(self.ask("campaign_selections", day="2019-01-01")["num"], 1)
        self.add("publicity", "p", division="330402", type="week", day="2019-05-01")
        self.assertEqual(self.ask("publicity_week")["num"], 1)
        self.add("incident", "x1", division="330402", day="2019-05-01", level="major")
        self.add("incident", "x2", division="330402", day="2019-05-01")
        self.add("incident", "x3", division="330402", day="2019-05-01", level="general")
        answer = self.ask("major_acute_incidents")
        self.assertEqual((answer["num"], answer["k"]), (1, 1))
        self.add("judgement", "j1", plan="plan", indicator="i0", day="2019-05-01", verdict="achieved")
        self.add("judgement", "j2", plan="plan", indicator="i0", day="2020-05-01")
        self.assertEqual(self.ask("milestone")["judgement"], "achieved")
        self.assertIsNone(self.ask("milestone", day="2020-12-31")["judgement"])

    def test_capacity(self):
        self.employer("a")
        self.employer("b", severity="general")
        self.employer("c", severity="")
        self.employer("d", None)
        self.add("worker", "w")
        self.add("employment", "m", worker="w", employer="a", from_="2018-01-01")
        self.add("exposure", "x", worker="w", employer="a", factors="A001")
        self.add("diagnosis", "g", worker="w", division="330402", day="2019-03-01", disease="P1", confirmed="0")
        self.add("institution", "i", division="330402")
        for type, amount in (("testing", 1), ("exam", 3), ("diagnosis", 0)):
            self.add("qualification", type, institution="i", type=type, from_="2018-01-01")
            self.add("capacity", "c" + type, institution="i", type=type, year=2019, amount=amount)
        answer = self.ask("capacity_adequacy")
        self.assertEqual(answer["groups"]["exam"], [3, 1, 0])
        self.assertEqual(answer["groups"]["diagnosis"], [0, 1, 0])
        self.assertAlmostEqual(answer["groups"]["testing"][1], 1 + 2 / 3)
        self.assertEqual(answer["groups"]["testing"][2], 2)
        self.assertEqual((answer["num"], answer["den"], answer["k"]), (0, 1, 2))

    def test_awareness(self):
        self.add("survey", "s1", division="330402", day="2018-05-01")
        self.add("survey", "s2", division="330400", day="2019-05-01")
        for number, (items, correct, weight, valid) in enumerate([(10, 8, "", ""), (10, 4, 2, 1), (10, "", 1, ""), (10, 10, 1, 0)]):
            self.add("survey_response", f"r{number}", survey="s2", group="a", items=items, correct=correct, weight=weight, valid=valid)
        answer = self.ask("awareness_rate")
        self.assertEqual((answer["num"], answer["den"], answer["k"]), (16, 30, 1))
        answer = self.ask("awareness_rate", **{"with": {"method": "respondents"}})
        self.assertEqual((answer["num"], answer["den"], answer["k"]), (1, 3, 1))
        self.assertEqual(self.ask("awareness_rate", day="2019-01-01")["den"], 0)


class Foundations(Case):
    def test_divisions(self):
        divisions = Divisions(Standards(self.at("standards")).divisions, {
            "a": {"division": "330402001", "name": "一镇", "until": "2015-01-01", "successor": "330402002"},
            "b": {"division": "330421", "name": "嘉善县", "until": "2015-01-01", "successor": "330411"},
            "c": {"division": "330402003", "name": "三镇", "until": "2015-01-01"}})
        on = lambda code, day: divisions.counting(code, day)
        self.assertEqual(on("330402001", "2014-12-31"), "330402001")
        self.assertEqual(on("330402001", "2015-01-01"), "330402002")
        self.assertEqual(on("330421001", "2015-01-01"), "330411")
        self.assertEqual(on("330402003", "2015-01-01"), "330402")
        self.assertEqual(on("330499", "2015-01-01"), "330402")
        self.assertEqual(on("330498", "2015-01-01"), "330400")
        self.assertEqual(divisions.units("330400", "county", "2014-01-01"), ["330402", "330411", "330421"])
        self.assertEqual(divisions.units("330400", "county", "2015-01-01"), ["330402", "330411"])
        self.assertEqual(divisions.units("330402", "prefecture", "2015-01-01"), ["330402"])

    def test_orphans_and_merged_rings(self):
        self.employer("a")
        self.employer("b")
        self.add("merge", "m1", employer_kept="a", employer_dropped="b")
        self.add("merge", "m2", employer_kept="b", employer_dropped="a")
        self.assertEqual(self.ask("declaration_rate")["unmet"], ["a"])
        self.add("employer", "a", version=2, withdrawn=1, division="330402")
        self.assertEqual(self.muk("declaration_rate"), (0, 0, 0))

    def test_parameters_have_dates(self):
        standards = Standards(self.at("standards"))
        self.assertEqual(standards.parameter("report.days", "2019-01-01", 0), 15)
        self.assertEqual(standards.parameter("report.days", "2030-01-01", 0), 7)

    def test_every_metric_answers_from_nothing(self):
        self.save([{"measure": name, "with": {"group": "dust"} if name == "post_pass_rate" else {}} for name in sorted(measures.NAMES)])
        self.assertEqual(len(measures.NAMES), 49)
        os.makedirs(self.at("records"), exist_ok=True)
        with open(self.at("batch.json"), "w") as file:
            json.dump([{"records": self.at("records"), "plan": self.at("plan.yaml"), "as_of": ["2019-12-31", "2020-06-30"], "known_at": known,
                        "out": self.at(f"{known}.jsonl")} for known in (None, 5)], file)
        command = [sys.executable, os.path.join(HERE, "oracle.py"), "--standards", self.at("standards"), "--batch", self.at("batch.json")]
        subprocess.run(command, check=True)
        with open(self.at("5.jsonl"), encoding="utf-8") as file:
            self.assertEqual(len(file.readlines()), 98)

    def test_a_batch_answers_as_each_job_alone(self):
        self.save(EVERY_METRIC, scopes={"some": {"where": {"any": [{"industry": ["B", "C1"]}, {"severity": ["severe"]}]}}})
        standards, jobs = Standards(self.at("standards")), []
        for seed in range(10):
            scatter(random.Random(seed), self.at(str(seed)))
            jobs += [{"records": self.at(str(seed)), "plan": self.at("plan.yaml"), "as_of": ["2019-12-31", "2020-02-29"], "known_at": known,
                      "subjects": True} for known in (None, 500)]
        together = oracle.Batch(standards, jobs).run()
        for job, lines in zip(jobs, together):
            self.assertEqual(oracle.Batch(standards, [job]).run()[0], lines)
        for line in (line for lines in together for line in lines if "met" in line and "m" in line):
            self.assertEqual([len(line["met"]), len(line["unmet"])], [line["m"], line["u"]])
            subjects = sum((line.get(name, []) for name in ("met", "unmet", "unknown", "scope_met", "scope_unmet", "scope_unknown")), [])
            self.assertEqual(len(subjects), len(set(subjects)), line["measure"])
        silent = {line["measure"] for line in together[0]} - {
            line["measure"] for lines in together for line in lines if any(value for key, value in line.items() if key not in ("as_of", "indicator", "measure"))}
        self.assertEqual(silent, set())

    def test_the_document_names_the_same_metrics(self):
        with open(os.path.join(HERE, "..", "..", "docs", "measures.md"), encoding="utf-8") as file:
            rows = [line.split("|")[1] for line in file if line.startswith("|")]
        with open(os.path.join(HERE, "..", "..", "docs", "measures.md"), encoding="utf-8") as file:
            paragraph = file.read().split("## Counts of cases")[1].split("## Other measures")[0]
        named = {name for row in rows + re.findall(r"`\w+_cases`", paragraph) for name in re.findall(r"`(\w+)`", row) if len(name) > 8}
        self.assertEqual(measures.NAMES - named, set())

    def test_the_kinds_have_the_fields(self):
        sources = os.path.join(HERE, "..", "..", "Sources")
        kinds = {}
        for folder, _, files in os.walk(sources):
            if os.path.basename(folder) in ("Ledger", "Kernel"):
                continue
            for name in files:
                if name.endswith(".swift") and "Measure" not in name:
                    with open(os.path.join(folder, name), encoding="utf-8") as file:
                        names = []
                        for found in re.finditer(r'Field\.(\w+)\(\s*"(\w+)"|Kind\(\s*"(\w+)"', file.read()):
                            if found[3]:
                                kinds[found[3]] = set(names)
                                names = []
                            else:
                                names.append(found[2])
        for kind, fields in KINDS.items():
            self.assertIn(kind, kinds)
            self.assertEqual({field.partition(":")[0] for field in fields.split()} - kinds[kind], set(), kind)


if __name__ == "__main__":
    unittest.main()
