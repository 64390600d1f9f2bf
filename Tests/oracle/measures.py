"""The 49 metrics of docs/measures.md in SQL.

`ask` holds one row per question (indicator and day): a, w (world), d (day), y, y0, measure, pfx and jur (jurisdiction), scope,
and one column per parameter. `ea` joins the questions with the employers of their jurisdiction that are not out of scope;
its `s` is 'y' in scope and 'k' where the scope is unknown. Verdicts are 'm' met, 'u' unmet, 'k' unknown and 'o' out.
"""

# --- employers on a day ------------------------------------------------------------------------------------------------------

# State of employers at points (w, e, t); the place is added for the days asked only.
STATE = """
WITH p AS ({points}),
c AS (
  SELECT p.w, p.e, p.t, {last}, max(c.day) FILTER (c.closed IS NOT NULL) AS closed_day
  FROM p JOIN employer_change c ON c.w = p.w AND c.employer = p.e AND c.day <= p.t GROUP BY ALL),
f AS (
  SELECT DISTINCT p.w, p.e, p.t FROM p JOIN employer_hazard h ON h.w = p.w AND h.employer = p.e
  AND (h.fr IS NULL OR h.fr <= p.t) AND (h.un IS NULL OR p.t < h.un)),
s AS (
  SELECT p.w, p.e, p.t, {values}, f.e IS NOT NULL AS by_factor,
    (e.since IS NULL OR e.since <= p.t) AND CASE
      WHEN c.closed THEN false
      WHEN e.un IS NULL OR p.t < e.un THEN true
      ELSE coalesce(NOT c.closed AND c.closed_day >= e.un, false) END AS operating
  FROM p JOIN employer e ON e.w = p.w AND e.id = p.e LEFT JOIN c ON c.w = p.w AND c.e = p.e AND c.t = p.t
  LEFT JOIN f ON f.w = p.w AND f.e = p.e AND f.t = p.t)
SELECT *, CASE WHEN NOT operating THEN 'out' WHEN by_factor OR hazards THEN 'yes' WHEN hazards IS NULL THEN 'unknown' ELSE 'no' END AS presence
FROM s
"""
_CHANGING = ["division", "township", "industry", "size", "ownership", "severity", "sector", "headcount", "hazards"]


def state(points):
    latest = "arg_max(c.{0}, c.day::VARCHAR || c.id) FILTER (c.{0} IS NOT NULL) AS {0}"
    return STATE.format(
        points=points, last=", ".join(latest.format(name) for name in _CHANGING + ["closed"]),
        values=", ".join(f"coalesce(c.{name}, e.{name}) AS {name}" for name in _CHANGING))


def on(alias, day="d"):
    """Whether a record with a first day `fr` and a day `un` holds on a day."""
    return f"(({alias}.fr IS NULL OR {alias}.fr <= {day}) AND ({alias}.un IS NULL OR {day} < {alias}.un))"


def worst(parts):
    """A group's verdict from its parts'."""
    return (f"CASE WHEN bool_or({parts} = 'u') THEN 'u' WHEN bool_or({parts} = 'k') THEN 'k' "
            f"WHEN bool_or({parts} = 'm') THEN 'm' ELSE 'o' END")


def mu(condition):
    return f"CASE WHEN coalesce({condition}, false) THEN 'm' ELSE 'u' END"


FILING = "('initial', 'change', 'yearly')"

BASE = [
    # Attributes on each day asked, with the place.
    f"CREATE TABLE status0 AS {state('SELECT jd.w, e.id AS e, jd.d AS t FROM jd JOIN employer e ON e.w = jd.w')}",
    """CREATE TABLE status AS
       SELECT s.* EXCLUDE (t), s.t AS d, dm.eff AS place
       FROM status0 s LEFT JOIN dm ON dm.w = s.w AND dm.d = s.t
         AND dm.code = CASE WHEN left(s.township, 6) = left(s.division, 6) THEN s.township ELSE s.division END""",
    # The days on which an employer's state may change, and the state then. 0001-01-01 stands for before everything.
    f"""CREATE TABLE ev AS {state('''
       SELECT w, id AS e, DATE '0001-01-01' AS t FROM employer
       UNION SELECT w, id, since FROM employer WHERE since IS NOT NULL
       UNION SELECT w, id, un FROM employer WHERE un IS NOT NULL
       UNION SELECT w, employer, day FROM employer_change
       UNION SELECT w, employer, fr FROM employer_hazard WHERE fr IS NOT NULL
       UNION SELECT w, employer, un FROM employer_hazard WHERE un IS NOT NULL''')}""",
    # First day of the current stretch of being a hazard employer; null where it has no beginning.
    """CREATE TABLE stretch AS
       WITH bad AS (
         SELECT jd.w, jd.d, ev.e, max(ev.t) FILTER (ev.presence <> 'yes') AS t FROM jd JOIN ev ON ev.w = jd.w AND ev.t <= jd.d GROUP BY ALL)
       SELECT bad.w, bad.d, bad.e, nullif(min(ev.t), DATE '0001-01-01') AS start
       FROM bad JOIN ev ON ev.w = bad.w AND ev.e = bad.e AND ev.t <= bad.d AND (bad.t IS NULL OR ev.t > bad.t) GROUP BY ALL""",
]

AFTER_SCOPE = [
    """CREATE TABLE ea AS
       SELECT ask.*, status.* EXCLUDE (w, d), CASE WHEN sc.truth THEN 'y' ELSE 'k' END AS s
       FROM ask JOIN status ON status.w = ask.w AND status.d = ask.d AND starts_with(status.place, ask.pfx)
       JOIN sc ON sc.w = ask.w AND sc.d = ask.d AND sc.scope = ask.scope AND sc.e = status.e AND sc.truth IS DISTINCT FROM false""",
    "CREATE VIEW hz AS SELECT * FROM ea WHERE presence = 'yes'",
    # Places of what has its own division.
    *[f"""CREATE VIEW {kind}_at AS SELECT ask.*, r.* EXCLUDE (w), dm.eff AS place FROM ask JOIN {kind} r ON r.w = ask.w
          JOIN dm ON dm.w = ask.w AND dm.d = ask.d AND dm.code = r.division AND starts_with(dm.eff, ask.pfx)"""
      for kind in ("diagnosis", "incident", "officer", "violation_case", "institution", "patient", "rehab_station",
                   "monitoring_assignment", "survey", "publicity", "campaign_selection", "insured_total", "budget_line")],
    # Results of tests with their verdicts, reports and factors' categories.
    """CREATE TABLE results AS
       SELECT r.w, r.id, p.employer, p.sampled, p.type, p.institution, r.post, r.factor, fac.category, CASE
         WHEN r.verdict IS NOT NULL THEN r.verdict WHEN r.assessment IN ('pass', 'exceed') THEN r.assessment WHEN r.value IS NULL OR r.lim IS NULL THEN 'unknown'
         WHEN r.value <= r.lim THEN 'pass' ELSE 'exceed' END AS verdict,
         EXISTS (SELECT 1 FROM qualification q WHERE q.w = r.w AND q.institution = p.institution AND q.type = 'testing'
           AND q.fr <= p.sampled AND (q.un IS NULL OR p.sampled < q.un)) AS qualified
       FROM test_result r JOIN test_report p ON p.w = r.w AND p.id = r.report LEFT JOIN fac ON fac.code = r.factor""",
    # Exposures that make a worker exposed at an employer on a day.
    f"""CREATE TABLE exposed AS
       SELECT status.w, status.d, x.worker, x.employer AS e, x.factors, x.fr
       FROM status JOIN exposure x ON x.w = status.w AND x.employer = status.e AND status.operating AND {on('x')}
       WHERE EXISTS (SELECT 1 FROM employment m WHERE m.w = status.w AND m.worker = x.worker AND m.employer = status.e AND {on('m')})""",
    "CREATE VIEW cases AS SELECT * FROM diagnosis_at WHERE confirmed AND day <= d",
    # The group and name of each diagnosis's disease, in the edition in force on its day (the first listed if none is).
    """CREATE TABLE case_disease AS
       SELECT g.w, g.id, dis.grp, dis.name AS disease_name FROM diagnosis g JOIN dis ON dis.code = g.disease
       QUALIFY row_number() OVER (PARTITION BY g.w, g.id
         ORDER BY (dis.fr IS NULL OR dis.fr <= g.day) AND (dis.un IS NULL OR g.day < dis.un) DESC, dis.n) = 1""",
]

# --- rates: each statement yields (a, s, subject, verdict, grp) ------------------------------------------------------------------

RATES = {}


def rate(*names):
    def keep(sql):
        for name in names:
            RATES[name] = sql
        return sql
    return keep


def rates(name, *others):
    return "(" + ", ".join(f"'{each}'" for each in (name, *others)) + ")"


# Employers of whom it is not known whether they have hazards: one subject each in measures about hazard employers.
UNKNOWN_PRESENCE = f"""
SELECT a, s, e, 'k', NULL FROM ea WHERE presence = 'unknown' AND measure IN {rates(
    'declaration_rate', 'periodic_testing_rate', 'principal_training_rate', 'manager_training_rate', 'employer_archive_rate',
    'notification_rate', 'warning_sign_rate', 'grading_coverage')}"""

rate("declaration_rate")(f"""
WITH h AS (SELECT * FROM hz WHERE measure = 'declaration_rate'),
acc AS (
  SELECT h.a, h.e, max(f.accepted) AS latest, min(f.accepted) AS first FROM h
  JOIN declaration f ON f.w = h.w AND f.employer = h.e AND f.type IN {FILING} AND f.accepted <= h.d GROUP BY ALL),
cancelled AS (
  SELECT DISTINCT h.a, h.e FROM h JOIN acc USING (a, e) JOIN declaration f ON f.w = h.w AND f.employer = h.e
  AND f.type LIKE 'cancel%' AND f.accepted BETWEEN acc.latest AND h.d),
stale AS (
  SELECT DISTINCT h.a, h.e FROM h JOIN acc USING (a, e)
  JOIN employer_hazard z ON z.w = h.w AND z.employer = h.e AND acc.first <= z.fr AND h.d >= z.fr + h.declaration_change_days::INTEGER
  WHERE z.fr <= h.d AND NOT EXISTS (SELECT 1 FROM declaration f WHERE f.w = h.w AND f.employer = h.e AND f.type IN {FILING}
    AND f.submitted >= z.fr AND f.accepted <= h.d)),
v AS (
  SELECT h.*, {mu('''acc.latest IS NOT NULL AND cancelled.e IS NULL AND stale.e IS NULL
    AND (h.declaration_valid_months IS NULL OR acc.latest + to_months(h.declaration_valid_months::INTEGER) > h.d)''')} AS verdict
  FROM h LEFT JOIN acc ON acc.a = h.a AND acc.e = h.e LEFT JOIN cancelled ON cancelled.a = h.a AND cancelled.e = h.e
  LEFT JOIN stale ON stale.a = h.a AND stale.e = h.e)
SELECT v.a, v.s, v.e, CASE WHEN verdict = 'u' AND v.d < stretch.start + v.declaration_initial_days::INTEGER THEN 'o' ELSE verdict END, NULL
FROM v LEFT JOIN stretch ON stretch.w = v.w AND stretch.d = v.d AND stretch.e = v.e
""")

rate("periodic_testing_rate")(f"""
WITH h AS (SELECT * FROM hz WHERE measure = 'periodic_testing_rate'),
parts AS (
  SELECT h.a, h.w, h.d, h.s, h.e, h.unit, z.post, z.factor, CASE WHEN bool_or(z.fr IS NULL) THEN NULL ELSE min(z.fr) END AS fr,
    unnest(CASE h.severity WHEN 'severe' THEN [h.testing_cycle_severe_months] ELSE
      CASE WHEN h.severity IS NULL THEN [h.testing_cycle_severe_months, h.testing_cycle_general_months]
      ELSE [h.testing_cycle_general_months] END END)::INTEGER AS cycle
  FROM h JOIN employer_hazard z ON z.w = h.w AND z.employer = h.e AND {on('z')}
  GROUP BY h.a, h.w, h.d, h.s, h.e, h.unit, z.post, z.factor, h.severity, h.testing_cycle_severe_months, h.testing_cycle_general_months),
judged AS (
  SELECT p.a, p.s, p.e, p.unit, p.post, p.factor, CASE
    WHEN bool_or(r.qualified) THEN 'm' WHEN bool_or(r.id IS NOT NULL AND r.institution IS NULL) THEN 'k'
    WHEN p.d < p.fr + to_months(p.cycle) THEN 'o' ELSE 'u' END AS verdict
  FROM parts p LEFT JOIN results r ON r.w = p.w AND r.employer = p.e AND r.type IN ('periodic', 'evaluation') AND r.factor = p.factor
    AND r.sampled <= p.d AND p.d < r.sampled + to_months(p.cycle) AND (r.post IS NULL OR p.post IS NULL OR r.post = p.post)
  GROUP BY p.a, p.s, p.e, p.unit, p.post, p.factor, p.d, p.fr, p.cycle),
part AS (
  SELECT a, s, e, unit, post, factor, CASE WHEN min(verdict) = max(verdict) THEN min(verdict) ELSE 'k' END AS verdict
  FROM judged GROUP BY ALL)
SELECT a, s, CASE coalesce(unit, 'employer') WHEN 'employer' THEN e WHEN 'post' THEN coalesce(post, e)
  WHEN 'post-factor' THEN coalesce(post, e) || '|' || factor ELSE error('unit of periodic_testing_rate: ' || unit) END AS subject,
  {worst('verdict')}, NULL
FROM part GROUP BY a, s, e, subject
UNION ALL
SELECT a, s, e, 'k', NULL FROM h WHERE NOT by_factor
""")

HOLDS_TRAINING = """EXISTS (SELECT 1 FROM training t WHERE t.w = r.w AND t.person = r.id AND t.day <= r.d
  AND r.d < coalesce(t.un, (t.day + to_months(r.training_valid_months::INTEGER))::DATE))"""

rate("principal_training_rate")(f"""
WITH h AS (SELECT * FROM hz WHERE measure = 'principal_training_rate'),
r AS (
  SELECT h.*, p.id FROM h LEFT JOIN person_role p ON p.w = h.w AND p.employer = h.e AND p.role = 'principal' AND {on('p')}
  QUALIFY row_number() OVER (PARTITION BY h.a, h.e ORDER BY p.fr DESC NULLS LAST, p.id DESC) = 1)
SELECT a, s, e, {mu(HOLDS_TRAINING)}, NULL FROM r
""")

rate("manager_training_rate")(f"""
WITH h AS (SELECT * FROM hz WHERE measure = 'manager_training_rate'),
r AS (SELECT h.*, p.id FROM h LEFT JOIN person_role p ON p.w = h.w AND p.employer = h.e AND p.role = 'oh_manager' AND {on('p')})
SELECT a, s, coalesce(id, e), {mu(HOLDS_TRAINING)}, NULL FROM r
""")

rate("employer_archive_rate")(f"""
SELECT h.a, h.s, h.e, {mu('''(SELECT count(DISTINCT p.part) FROM archive_part p WHERE p.w = h.w AND p.employer = h.e
  AND list_contains(h.archive_parts, p.part) AND p.day <= h.d AND (p.un IS NULL OR h.d < p.un)) = len(h.archive_parts)''')}, NULL
FROM hz h WHERE measure = 'employer_archive_rate'
""")

# Hazards present at posts in use, for measures of posts; and employers of whom no such post can be told.
AT_POSTS = f"""
h AS (SELECT * FROM hz WHERE measure = '{{measure}}'),
present AS (SELECT h.*, z.post, z.factor FROM h JOIN employer_hazard z ON z.w = h.w AND z.employer = h.e AND z.post IS NOT NULL AND {on('z')}),
at_posts AS (SELECT n.* FROM present n JOIN post p ON p.w = n.w AND p.id = n.post AND p.employer = n.e AND {on('p')}),
postless AS (SELECT h.a, h.s, h.e, 'k', NULL FROM h WHERE NOT EXISTS (SELECT 1 FROM present n WHERE n.a = h.a AND n.e = h.e))
"""

rate("notification_rate")(f"""
WITH {AT_POSTS.format(measure='notification_rate')},
subject AS (SELECT DISTINCT a, s, w, d, e, post, notice_types FROM at_posts)
SELECT b.a, b.s, b.post, {mu('''(SELECT count(DISTINCT n.type) FROM notice n WHERE n.w = b.w AND n.employer = b.e AND n.post = b.post
  AND list_contains(b.notice_types, n.type) AND n.day <= b.d AND (n.un IS NULL OR b.d < n.un)) = len(b.notice_types)''')}, NULL
FROM subject b UNION ALL SELECT * FROM postless
""")

rate("warning_sign_rate")(f"""
WITH {AT_POSTS.format(measure='warning_sign_rate')},
subject AS (
  SELECT DISTINCT t.a, t.s, t.w, t.d, t.e, t.post, fac.category FROM at_posts t JOIN fac ON fac.code = t.factor
  WHERE list_contains(t.sign_categories, fac.category))
SELECT b.a, b.s, b.post || '|' || b.category, {mu('''EXISTS (SELECT 1 FROM warning_sign n WHERE n.w = b.w AND n.employer = b.e AND n.post = b.post
  AND n.category = b.category AND n.installed <= b.d AND (n.removed IS NULL OR b.d < n.removed))''')}, NULL
FROM subject b UNION ALL SELECT * FROM postless
""")

rate("supervision_coverage", "enforcement_coverage_trend")("""
SELECT h.a, h.s, h.e, CASE WHEN EXISTS (
    SELECT 1 FROM inspection i WHERE i.w = h.w AND i.employer = h.e AND i.day BETWEEN h.y0 AND h.d)
  THEN 'm' WHEN presence = 'unknown' THEN 'k' ELSE 'u' END, NULL
FROM ea h WHERE measure IN ('supervision_coverage', 'enforcement_coverage_trend') AND presence IN ('yes', 'unknown')
UNION ALL
SELECT h.a, 'y', h.id, CASE WHEN EXISTS (
    SELECT 1 FROM inspection i WHERE i.w = h.w AND i.institution = h.id AND i.day BETWEEN h.y0 AND h.d)
  THEN 'm' ELSE 'u' END, NULL
FROM institution_at h WHERE measure IN ('supervision_coverage', 'enforcement_coverage_trend') AND institutions
  AND (h.since IS NULL OR h.since <= h.d) AND (h.un IS NULL OR h.d < h.un)
""")

rate("newcase_employer_enforcement")(f"""
WITH part AS (
  SELECT h.a, h.s, h.e, CASE
    WHEN EXISTS (SELECT 1 FROM inspection i WHERE i.w = h.w AND i.employer = h.e AND i.day >= g.day
      AND i.day <= least(h.d, g.day + h.newcase_delay_days::INTEGER)) THEN 'm'
    WHEN h.d <= g.day + h.newcase_delay_days::INTEGER THEN 'o' ELSE 'u' END AS verdict
  FROM ea h JOIN diagnosis g ON g.w = h.w AND g.employer = h.e AND g.confirmed AND g.day BETWEEN h.y0 AND h.d
  WHERE measure = 'newcase_employer_enforcement')
SELECT a, s, e, {worst('verdict')}, NULL FROM part GROUP BY a, s, e
""")

rate("campaign_scope_coverage")(f"""
WITH h AS (
  SELECT *, headcount >= campaign_min_headcount AND left(industry, 1) IN ('B', 'C', 'D') AS inside FROM ea h
  WHERE measure = 'campaign_scope_coverage' AND operating AND EXISTS (
    SELECT 1 FROM results r WHERE r.w = h.w AND r.employer = h.e AND r.verdict = 'exceed' AND r.sampled <= h.d
    AND r.sampled + to_months(h.campaign_lookback_months::INTEGER) > h.d AND (r.category IN ('dust', 'chemical') OR r.factor = 'C001')))
SELECT h.a, h.s, h.e, CASE WHEN inside IS NULL THEN 'k'
  WHEN EXISTS (SELECT 1 FROM campaign_entry n WHERE n.w = h.w AND n.employer = h.e AND {on('n', 'h.d')}) THEN 'm' ELSE 'u' END, NULL
FROM h WHERE inside IS DISTINCT FROM false
""")

rate("grading_coverage")(f"""
SELECT h.a, h.s, h.e, {mu(f'''EXISTS (SELECT 1 FROM "grade" n WHERE n.w = h.w AND n.employer = h.e AND {on('n', 'h.d')}
  AND (h.grade_scheme IS NULL OR n.scheme = h.grade_scheme))''')}, NULL
FROM hz h WHERE measure = 'grading_coverage'
""")

# --- test results --------------------------------------------------------------------------------------------------------------

TEST_VERDICT = "CASE WHEN bool_or(verdict = 'exceed') THEN 'u' WHEN bool_and(verdict = 'pass') THEN 'm' ELSE 'k' END"

rate("testing_pass_rate")(f"""
WITH held AS (
  SELECT h.a, h.s, h.e, h.unit, r.id, r.post, r.factor, r.verdict FROM ea h
  JOIN results r ON r.w = h.w AND r.employer = h.e AND r.sampled BETWEEN h.y0 AND h.d
  WHERE measure = 'testing_pass_rate' AND operating
  QUALIFY r.sampled = max(r.sampled) OVER (PARTITION BY h.a, h.e, r.post, r.factor))
SELECT a, s, CASE coalesce(unit, 'post-factor') WHEN 'post-factor' THEN coalesce(post, e) || '|' || factor WHEN 'point' THEN id
  WHEN 'employer' THEN e ELSE error('unit of testing_pass_rate: ' || unit) END AS subject, {TEST_VERDICT}, NULL
FROM held GROUP BY a, s, e, subject
""")

rate("post_pass_rate")(f"""
WITH held AS (
  SELECT h.a, h.s, h.e, r.post, r.verdict FROM ea h
  JOIN results r ON r.w = h.w AND r.employer = h.e AND r.sampled BETWEEN h.y0 AND h.d
    AND CASE h.factor_group WHEN 'noise' THEN r.factor = 'C001' WHEN 'dust' THEN r.category = 'dust' WHEN 'chemical' THEN r.category = 'chemical'
      ELSE error('group of post_pass_rate: ' || coalesce(h.factor_group, 'none')) END
  WHERE measure = 'post_pass_rate' AND operating AND (everyone OR EXISTS (
    SELECT 1 FROM campaign_entry n WHERE n.w = h.w AND n.employer = h.e AND {on('n', 'h.d')}))
  QUALIFY r.sampled = max(r.sampled) OVER (PARTITION BY h.a, h.e, r.post, r.factor))
SELECT a, s, coalesce(post, e) AS subject, {TEST_VERDICT}, NULL FROM held GROUP BY a, s, e, subject
""")

# --- workers -------------------------------------------------------------------------------------------------------------------

rate("in_service_exam_rate")(f"""
WITH duty AS (
  SELECT w, d, worker, e, factor, CASE WHEN bool_or(fr IS NULL) THEN NULL ELSE min(fr) END AS fr
  FROM (SELECT w, d, worker, e, fr, unnest(CASE WHEN factors IS NULL THEN [NULL] ELSE string_split(factors, ';') END) AS factor FROM exposed)
  GROUP BY ALL),
home AS (SELECT w, d, worker, max(e) AS e FROM exposed GROUP BY ALL),
part AS (
  SELECT h.a, h.w, h.d, h.s, u.worker, u.worker AS subject, u.factor, u.fr, h.exam_cycle_months::INTEGER AS cycle
  FROM ea h JOIN home o ON o.w = h.w AND o.d = h.d AND o.e = h.e JOIN duty u ON u.w = h.w AND u.d = h.d AND u.worker = o.worker
  WHERE measure = 'in_service_exam_rate' AND coalesce(unit, 'worker') = 'worker'
  UNION ALL
  SELECT h.a, h.w, h.d, h.s, u.worker, u.worker || '|' || h.e, u.factor, u.fr, h.exam_cycle_months::INTEGER
  FROM ea h JOIN duty u ON u.w = h.w AND u.d = h.d AND u.e = h.e
  WHERE measure = 'in_service_exam_rate' AND CASE coalesce(unit, 'worker') WHEN 'worker' THEN false WHEN 'worker-employer' THEN true
    ELSE error('unit of in_service_exam_rate: ' || unit) END),
sight AS (
  SELECT x.w, x.worker, x.day, x.stage, x.factors, CASE WHEN x.institution IS NULL THEN NULL ELSE q.type IS NOT NULL END AS qualified
  FROM exam x LEFT JOIN (SELECT DISTINCT x.w, x.id, q.type FROM exam x JOIN qualification q ON q.w = x.w AND q.institution = x.institution
    AND q.type = 'exam' AND q.fr <= x.day AND (q.un IS NULL OR x.day < q.un)) q ON q.w = x.w AND q.id = x.id
  WHERE x.stage IN ('in_service', 'pre_employment')),
judged AS (
  SELECT p.a, p.s, p.subject, CASE WHEN p.factor IS NULL THEN 'k'
    WHEN bool_or(x.qualified AND list_contains(string_split(x.factors, ';'), p.factor)) THEN 'm'
    WHEN bool_or(x.day IS NOT NULL AND (x.qualified AND list_contains(string_split(x.factors, ';'), p.factor)) IS NULL) THEN 'k'
    WHEN p.d < p.fr + to_months(p.cycle) THEN 'o' ELSE 'u' END AS verdict
  FROM part p LEFT JOIN sight x ON x.w = p.w AND x.worker = p.worker AND x.day <= p.d AND p.d < x.day + to_months(p.cycle)
    AND (x.stage = 'in_service' OR p.d < p.fr + to_months(p.cycle))
  GROUP BY p.a, p.s, p.subject, p.worker, p.factor, p.fr, p.d, p.cycle)
SELECT a, s, subject, {worst('verdict')}, NULL FROM judged GROUP BY a, s, subject
""")

rate("worker_file_rate")("""
WITH pair AS (
  SELECT DISTINCT h.a, h.w, h.d, h.s, x.worker, h.e, h.surveillance_parts FROM ea h JOIN exposed x ON x.w = h.w AND x.d = h.d AND x.e = h.e
  WHERE measure = 'worker_file_rate')
SELECT p.a, p.s, p.worker || '|' || p.e, CASE WHEN bool_or(list_has_all(string_split(f.parts, ';'), p.surveillance_parts)) THEN 'm'
  WHEN bool_or(f.id IS NOT NULL AND f.parts IS NULL) THEN 'k' ELSE 'u' END, NULL
FROM pair p LEFT JOIN surveillance_file f ON f.w = p.w AND f.worker = p.worker AND f.employer = p.e AND f.day <= p.d
GROUP BY p.a, p.s, p.worker, p.e
""")

rate("injury_insurance_coverage")(f"""
WITH asked AS (SELECT DISTINCT a, w, d, coalesce(everyone, false) AS everyone FROM ask WHERE measure = 'injury_insurance_coverage'),
job AS (
  SELECT q.a, q.w, q.d, m.worker, status.e, CASE WHEN q.everyone THEN 'yes' ELSE status.presence END AS presence
  FROM asked q JOIN status ON status.w = q.w AND status.d = q.d AND status.operating
  JOIN employment m ON m.w = q.w AND m.employer = status.e AND {on('m', 'q.d')}),
home AS (
  SELECT a, w, d, worker, coalesce(max(e) FILTER (presence = 'yes'), max(e) FILTER (presence = 'unknown')) AS e,
    bool_or(presence = 'yes') AS sure FROM job WHERE presence IN ('yes', 'unknown') GROUP BY ALL)
SELECT o.a, h.s, o.worker, CASE WHEN NOT o.sure THEN 'k' WHEN EXISTS (
    SELECT 1 FROM insured i WHERE i.w = o.w AND i.worker = o.worker AND {on('i', 'o.d')}) THEN 'm' ELSE 'u' END, NULL
FROM home o JOIN ea h ON h.a = o.a AND h.e = o.e
""")

rate("medical_dose_rate", "nonmedical_dose_rate")("""
WITH asked AS (SELECT * FROM ask WHERE measure IN ('medical_dose_rate', 'nonmedical_dose_rate')),
span AS (
  SELECT a, d, n, (y0 + to_months((n * dose_cycle_months)::INTEGER))::DATE AS first, (y0 + to_months(((n + 1) * dose_cycle_months)::INTEGER))::DATE AS next
  FROM asked, range(0, 12) r(n) WHERE (n + 1) * dose_cycle_months <= 12),
post AS (
  SELECT h.a, h.w, h.d, h.s, h.sector, p.id, c.n, c.first, c.next FROM ea h JOIN radiation_worker p ON p.w = h.w AND p.employer = h.e
  JOIN span c ON c.a = h.a AND p.fr <= c.first AND (p.un IS NULL OR p.un >= c.next) AND c.next - 1 <= h.d - h.dose_report_days::INTEGER
  WHERE h.sector IS NULL OR (h.measure = 'medical_dose_rate' AND h.sector = 'medical')
    OR (h.measure = 'nonmedical_dose_rate' AND h.sector IN ('enterprise', 'other'))),
cycle AS (
  SELECT p.a, p.s, p.id, p.sector, p.n, CASE WHEN bool_or(x.dose IS NOT NULL OR (x.nominal AND x.approved)) THEN 'm'
    WHEN bool_or(x.id IS NOT NULL AND x.dose IS NULL AND (x.nominal IS NULL OR x.approved IS NULL)) THEN 'k' ELSE 'u' END AS verdict
  FROM post p LEFT JOIN dose x ON x.w = p.w AND x.radiation_worker = p.id AND x.un <= p.d
    AND 2 * (least(x.un, p.next) - greatest(x.fr, p.first)) > p.next - p.first
  GROUP BY ALL)
SELECT a, s, id, CASE WHEN sector IS NULL THEN 'k' WHEN bool_or(verdict = 'u') THEN 'u' WHEN bool_or(verdict = 'k') THEN 'k' ELSE 'm' END, NULL
FROM cycle GROUP BY a, s, id, sector
""")

rate("diagnosis_reporting_rate")(f"""
WITH part AS (
  SELECT g.a, g.unit, g.id, i.id AS institution, CASE WHEN bool_or(c.complete) THEN 'm' WHEN bool_or(c.id IS NOT NULL AND c.complete IS NULL) THEN 'k'
    WHEN g.d <= g.day + g.report_days::INTEGER THEN 'o' ELSE 'u' END AS verdict
  FROM (
    SELECT * FROM cases WHERE unit IS DISTINCT FROM 'institution'
    -- An institution counts where it is, with every case that it diagnosed; a case without one where the case is.
    UNION ALL BY NAME
    SELECT ask.*, r.* EXCLUDE (w), coalesce(own.eff, dm.eff) AS place FROM ask JOIN diagnosis r ON r.w = ask.w AND r.confirmed AND r.day <= ask.d
    LEFT JOIN institution i ON i.w = r.w AND i.id = r.institution
    LEFT JOIN dm own ON own.w = ask.w AND own.d = ask.d AND own.code = i.division
    LEFT JOIN dm ON dm.w = ask.w AND dm.d = ask.d AND dm.code = r.division
    WHERE unit = 'institution' AND starts_with(CASE WHEN i.id IS NULL THEN dm.eff ELSE own.eff END, ask.pfx)) g
  LEFT JOIN institution i ON i.w = g.w AND i.id = g.institution
  LEFT JOIN report_card c ON c.w = g.w AND c.diagnosis = g.id AND c.reported <= least(g.d, g.day + g.report_days::INTEGER)
  WHERE g.measure = 'diagnosis_reporting_rate' AND g.day >= g.y0
  GROUP BY g.a, g.unit, g.id, i.id, g.d, g.day, g.report_days)
SELECT a, 'y', CASE coalesce(unit, 'case') WHEN 'case' THEN id WHEN 'institution' THEN coalesce(institution, id)
  ELSE error('unit of diagnosis_reporting_rate: ' || unit) END AS subject, {worst('verdict')}, NULL
FROM part GROUP BY a, subject
""")

rate("dust_under5_share")("""
WITH subject AS (
  SELECT g.a, g.w, g.d, g.id, g.worker, g.day, g.dust_years, coalesce(dis.grp, '') = 'pneumoconiosis' AS lung
  FROM cases g LEFT JOIN case_disease dis ON dis.w = g.w AND dis.id = g.id
  WHERE g.measure = 'dust_under5_share' AND (g.all_diseases OR dis.grp = 'pneumoconiosis')
    AND (SELECT min(c.reported) FROM report_card c WHERE c.w = g.w AND c.diagnosis = g.id) BETWEEN g.y0 AND g.d),
met AS (
  SELECT b.a, b.id, b.day, x.fr, least(coalesce(x.un, b.day), b.day) AS un, CASE WHEN x.factors IS NULL THEN NULL
    ELSE EXISTS (SELECT 1 FROM fac WHERE fac.category = 'dust' AND list_contains(string_split(x.factors, ';'), fac.code)) END AS dust
  FROM subject b JOIN exposure x ON x.w = b.w AND x.worker = b.worker AND (x.fr IS NULL OR x.fr < b.day)),
-- Days of the union: each span counts from where all spans that begin no later have ended.
days AS (
  SELECT a, id, sum(greatest(0, un - greatest(fr, coalesce(covered, fr)))) AS days FROM (
    SELECT *, max(un) OVER (PARTITION BY a, id ORDER BY fr, un ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS covered
    FROM met WHERE dust AND fr IS NOT NULL)
  GROUP BY ALL),
facts AS (
  SELECT b.*, coalesce(n.days, 0) AS days, coalesce(o.dusty, false) AS dusty, coalesce(o.open, false) AS open
  FROM subject b LEFT JOIN days n ON n.a = b.a AND n.id = b.id LEFT JOIN (
    SELECT a, id, bool_or(dust) AS dusty, bool_or(dust IS NULL OR (dust AND fr IS NULL)) AS open FROM met GROUP BY ALL) o ON o.a = b.a AND o.id = b.id)
SELECT a, 'y', id, CASE WHEN NOT lung THEN 'u' WHEN days >= 1826 THEN 'u' WHEN dusty AND open THEN 'k' WHEN dusty THEN 'm'
  WHEN dust_years IS NULL THEN 'k' WHEN dust_years < 5 THEN 'm' ELSE 'u' END, NULL
FROM facts
""")

rate("payer_linkage")(f"""
WITH last AS (
  SELECT p.a, e.patient, e.payer, arg_max(e.outcome, e.day::VARCHAR || e.id) AS outcome
  FROM patient_at p JOIN payer_entry e ON e.w = p.w AND e.patient = p.id AND e.day <= p.d WHERE p.measure = 'payer_linkage' GROUP BY ALL)
SELECT p.a, 'y', p.id, {mu('''(SELECT count(*) FROM last n WHERE n.a = p.a AND n.patient = p.id AND list_contains(p.payers, n.payer)
  AND n.outcome IN ('paid', 'refused', 'not_applicable')) = len(p.payers)''')}, NULL
FROM patient_at p WHERE p.measure = 'payer_linkage' AND p.registered <= p.d AND (p.died IS NULL OR p.d < p.died)
""")

# --- counts: 'm' is one, 'k' an unknown one ----------------------------------------------------------------------------------

COUNTS = {}
_CASES = {
    "chronic_poisoning_cases": "CASE WHEN grp = 'poisoning' AND acute IS NULL THEN 'k' WHEN grp = 'poisoning' AND NOT acute THEN 'm' ELSE 'o' END",
    "chemical_poisoning_cases": "CASE WHEN grp = 'poisoning' THEN 'm' ELSE 'o' END",
    "acute_radiation_cases": "CASE WHEN grp = 'radiation' AND acute IS NULL THEN 'k' WHEN grp = 'radiation' AND acute THEN 'm' ELSE 'o' END",
    "biological_cases": "CASE WHEN grp = 'biological' THEN 'm' ELSE 'o' END",
    "pneumoconiosis_cases": "CASE WHEN grp = 'pneumoconiosis' THEN 'm' ELSE 'o' END",
    "noise_deafness_cases": "CASE WHEN disease_name LIKE '%噪声聋%' THEN 'm' ELSE 'o' END",
}
for _name, _verdict in _CASES.items():
    COUNTS[_name] = f"""
SELECT g.a, 'y', g.id, {_verdict}, NULL FROM cases g JOIN case_disease dis ON dis.w = g.w AND dis.id = g.id
WHERE g.measure = '{_name}' AND g.day >= g.y0"""

COUNTS["major_acute_incidents"] = """
SELECT g.a, 'y', g.id, CASE WHEN g.level IS NULL THEN 'k' WHEN g.level IN ('major', 'extraordinary') THEN 'm' ELSE 'o' END, NULL
FROM incident_at g WHERE g.measure = 'major_acute_incidents' AND g.day BETWEEN g.y0 AND g.d"""
COUNTS["campaign_selections"] = """
SELECT DISTINCT a, 'y', item, 'm', NULL FROM campaign_selection_at WHERE measure = 'campaign_selections' AND year = y"""
COUNTS["healthy_applications"] = """
SELECT DISTINCT h.a, h.s, h.e, 'm', NULL FROM ea h JOIN healthy_application n ON n.w = h.w AND n.employer = h.e AND n.day BETWEEN h.y0 AND h.d
WHERE measure = 'healthy_applications'"""
COUNTS["healthy_total"] = f"""
SELECT DISTINCT h.a, h.s, h.e, 'm', NULL FROM ea h JOIN title n ON n.w = h.w AND n.employer = h.e AND n.type = 'healthy' AND {on('n', 'h.d')}
WHERE measure = 'healthy_total'"""
COUNTS["publicity_week"] = """
SELECT a, 'y', id, 'm', NULL FROM publicity_at WHERE measure = 'publicity_week' AND type = 'week' AND day BETWEEN y0 AND d"""

# --- other rates ---------------------------------------------------------------------------------------------------------------

rate("officer_training_rate")("""
SELECT o.a, 'y', o.id, CASE WHEN coalesce(sum(t.hours), 0) >= o.officer_hours THEN 'm'
  WHEN bool_or(t.id IS NOT NULL AND t.hours IS NULL) THEN 'k' ELSE 'u' END, NULL
FROM officer_at o LEFT JOIN officer_training t ON t.w = o.w AND t.officer = o.id AND t.day BETWEEN o.y0 AND o.d
WHERE o.measure = 'officer_training_rate' AND o.fr <= o.d AND (o.un IS NULL OR (o.un > o.y0 AND o.un > o.fr))
GROUP BY o.a, o.id, o.officer_hours
""")

rate("severe_case_handling_rate", "violation_case_handling_rate")(f"""
WITH penalty AS (SELECT w, file, min(decided) AS day FROM penalty_decision WHERE decided IS NOT NULL GROUP BY w, file),
handled AS (
  SELECT v.* EXCLUDE (decided), least(coalesce(v.decided, p.day), coalesce(p.day, v.decided)) AS decided, p.day AS penalty
  FROM violation_case_at v LEFT JOIN penalty p ON p.w = v.w AND p.file = v.id)
SELECT a, CASE WHEN measure = 'severe_case_handling_rate' AND severity IS NULL THEN 'k' ELSE 'y' END, id,
  {mu('decided <= d AND (outcome IS NOT NULL OR coalesce(penalty = decided, false))')}, NULL
FROM handled
WHERE measure IN ('severe_case_handling_rate', 'violation_case_handling_rate')
  AND (measure = 'violation_case_handling_rate' OR severity IS NULL OR severity = 'severe')
  AND y0 <= "found" + case_days::INTEGER AND "found" <= d AND ("found" + case_days::INTEGER <= d OR decided <= d)
  AND (decided IS NULL OR decided >= y0)
""")

rate("institution_inspection_coverage")(f"""
WITH subject AS (
  SELECT DISTINCT h.a, h.w, h.y0, h.d, h.id, q.type FROM institution_at h JOIN qualification q ON q.w = h.w AND q.institution = h.id
    AND list_contains(h.services, q.type) AND {on('q', 'h.d')}
  WHERE h.measure = 'institution_inspection_coverage' AND (h.since IS NULL OR h.since <= h.d) AND (h.un IS NULL OR h.d < h.un))
SELECT b.a, 'y', b.id || '|' || b.type, {mu('''EXISTS (
  SELECT 1 FROM inspection i WHERE i.w = b.w AND i.institution = b.id AND i.day BETWEEN b.y0 AND b.d)''')}, b.type
FROM subject b
""")

rate("key_disease_monitoring_coverage")("""
SELECT u.a, 'y', u.code, CASE WHEN count(m.id) = 0 THEN 'k' WHEN bool_and(coalesce(m.completed <= u.d, false)) THEN 'm' ELSE 'u' END, NULL
FROM (SELECT units.*, ask.w, ask.d, ask.y FROM units JOIN ask USING (a) WHERE measure = 'key_disease_monitoring_coverage') u
LEFT JOIN (SELECT r.w, r.id, r.completed, r.year, dm.d, dm.eff FROM monitoring_assignment r JOIN dm ON dm.w = r.w AND dm.code = r.division) m
  ON m.w = u.w AND m.d = u.d AND m.year = u.y AND starts_with(m.eff, u.pfx)
GROUP BY u.a, u.code
""")

rate("city_institute_exists", "city_public_diagnosis", "county_public_exam")(f"""
WITH u AS (
  SELECT units.*, ask.w, ask.d, ask.measure, CASE measure WHEN 'city_institute_exists' THEN 'institute'
    WHEN 'city_public_diagnosis' THEN 'diagnosis' ELSE 'exam' END AS service
  FROM units JOIN ask USING (a) WHERE measure IN ('city_institute_exists', 'city_public_diagnosis', 'county_public_exam'))
SELECT u.a, 'y', u.code, CASE WHEN bool_or(i.id IS NOT NULL AND (i.pub OR u.measure = 'city_institute_exists')) THEN 'm'
  WHEN bool_or(i.id IS NOT NULL AND i.pub IS NULL) THEN 'k' ELSE 'u' END, NULL
FROM u LEFT JOIN (
  SELECT i.w, i.id, i.pub, dm.d, dm.eff, q.type FROM institution i JOIN dm ON dm.w = i.w AND dm.code = i.division
  JOIN qualification q ON q.w = i.w AND q.institution = i.id AND {on('q', 'dm.d')}
  WHERE (i.since IS NULL OR i.since <= dm.d) AND (i.un IS NULL OR dm.d < i.un)) i
  ON i.w = u.w AND i.d = u.d AND i.type = u.service AND starts_with(i.eff, u.pfx)
GROUP BY u.a, u.code
""")

rate("rehab_township_coverage")(f"""
WITH town AS (
  SELECT a, w, d, rehab_service_months, left(place, 9) AS code FROM patient_at
  WHERE measure = 'rehab_township_coverage' AND len(place) >= 9 AND registered <= d AND (died IS NULL OR d < died)
    AND pneumoconiosis IS DISTINCT FROM false
  GROUP BY ALL HAVING count(*) >= min(rehab_threshold)),
served AS (
  SELECT n.a, left(n.place, 9) AS code FROM rehab_station_at n JOIN rehab_service v ON v.w = n.w AND v.station = n.id AND v.day <= n.d
    AND n.d < v.day + to_months(n.rehab_service_months::INTEGER)
  WHERE n.measure = 'rehab_township_coverage' AND {on('n')})
SELECT a, 'y', code, {mu('EXISTS (SELECT 1 FROM served WHERE served.a = town.a AND served.code = town.code)')}, NULL FROM town
""")

# --- figures -------------------------------------------------------------------------------------------------------------------

# Per unit, how many employers hold the title that counts for it: (a, unit, count).
DEMONSTRATION = f"""
WITH held AS (
  SELECT DISTINCT jd.w, jd.d, n.employer, left(CASE WHEN n.unit IS NULL THEN status.place ELSE dm.eff END, 6) AS unit
  FROM jd JOIN title n ON n.w = jd.w AND n.type = 'demonstration' AND {on('n', 'jd.d')}
  JOIN status ON status.w = jd.w AND status.d = jd.d AND status.e = n.employer LEFT JOIN dm ON dm.w = jd.w AND dm.d = jd.d AND dm.code = n.unit)
SELECT u.a, u.code, count(h.employer), any_value(ask.target) FROM units u JOIN ask USING (a)
LEFT JOIN held h ON h.w = ask.w AND h.d = ask.d AND h.unit = u.code WHERE ask.measure = 'demo_enterprises' GROUP BY u.a, u.code
"""

# (a, sum); a question without a row is unknown.
INSURED = """
WITH figure AS (
  SELECT * FROM insured_total_at
  WHERE measure = 'injury_insured_headcount' AND year = CASE WHEN month(d) = 12 AND day(d) = 31 THEN y ELSE y - 1 END)
SELECT f.a, sum(f.persons) FROM figure f WHERE NOT EXISTS (
  SELECT 1 FROM figure o WHERE o.a = f.a AND o.division <> f.division AND starts_with(f.division, CASE
    WHEN o.division LIKE '__0000' THEN left(o.division, 2) WHEN o.division LIKE '____00' THEN left(o.division, 4) ELSE o.division END))
GROUP BY f.a
"""

BUDGET = """
SELECT a, CASE WHEN bool_or(spent IS NULL) THEN NULL ELSE sum(spent) END FROM budget_line_at
WHERE measure = 'budget_growth' AND year = CASE WHEN month(d) = 12 AND day(d) = 31 THEN y ELSE y - 1 END GROUP BY a
"""

# (a, num, den, k)
QUALITY = """
SELECT g.a, coalesce(fsum((g.w1 * (c.reported <= g.day + g.report_days::INTEGER)::INTEGER + g.w2 * c.complete::INTEGER + g.w3 * c.accurate::INTEGER)
    / (g.w1 + g.w2 + g.w3)), 0), count(*) FILTER (c.complete IS NOT NULL AND c.accurate IS NOT NULL),
  count(*) FILTER (c.complete IS NULL OR c.accurate IS NULL)
FROM diagnosis_at g JOIN report_card c ON c.w = g.w AND c.diagnosis = g.id AND c.reported BETWEEN g.y0 AND g.d
WHERE g.measure = 'report_quality_index' AND g.day <= g.d GROUP BY g.a
"""

# (a, service, num, den, k)
CAPACITY = f"""
WITH q AS (SELECT a, w, d, unnest(services) AS service FROM ask WHERE measure = 'capacity_adequacy'),
supply AS (
  SELECT h.a, c.type AS service, sum(c.amount) AS num FROM institution_at h JOIN capacity c ON c.w = h.w AND c.institution = h.id AND c.year = h.y
  WHERE h.measure = 'capacity_adequacy'
    AND EXISTS (SELECT 1 FROM qualification q WHERE q.w = h.w AND q.institution = h.id AND q.type = c.type AND {on('q', 'h.d')})
  GROUP BY ALL),
demand AS (
  SELECT a, 'testing' AS service,
    fsum(12.0 / CASE WHEN severity = 'severe' THEN testing_cycle_severe_months ELSE testing_cycle_general_months END) FILTER (presence = 'yes') AS den,
    count(*) FILTER (presence = 'unknown' OR severity IS NULL) AS k
  FROM ea WHERE measure = 'capacity_adequacy' AND presence IN ('yes', 'unknown') AND s = 'y' GROUP BY a
  UNION ALL
  SELECT h.a, 'exam', count(DISTINCT x.worker || '|' || h.e) * 12.0 / min(h.exam_cycle_months), 0
  FROM ea h JOIN exposed x ON x.w = h.w AND x.d = h.d AND x.e = h.e WHERE h.measure = 'capacity_adequacy' AND s = 'y' GROUP BY h.a
  UNION ALL
  SELECT a, 'diagnosis', count(*), 0 FROM diagnosis_at WHERE measure = 'capacity_adequacy' AND day BETWEEN y0 AND d GROUP BY a)
SELECT q.a, q.service, coalesce(supply.num, 0), coalesce(demand.den, 0), coalesce(demand.k, 0)
FROM q LEFT JOIN supply ON supply.a = q.a AND supply.service = q.service LEFT JOIN demand ON demand.a = q.a AND demand.service = q.service
"""

# (a, num, den, k)
AWARENESS = """
WITH round AS (
  SELECT a, w, method, awareness_pass, arg_max(id, day::VARCHAR || id) AS id FROM survey_at WHERE measure = 'awareness_rate' AND day <= d GROUP BY ALL)
SELECT r.a, CASE WHEN r.method = 'respondents'
      THEN coalesce(fsum(coalesce(n.weight, 1)) FILTER (n.correct >= r.awareness_pass * n.items AND n.items > 0), 0)
    ELSE coalesce(fsum(coalesce(n.weight, 1) * n.correct), 0) END,
  CASE WHEN r.method = 'respondents' THEN coalesce(fsum(coalesce(n.weight, 1)) FILTER (n.correct IS NOT NULL AND n.items > 0), 0)
    ELSE coalesce(fsum(coalesce(n.weight, 1) * n.items) FILTER (n.correct IS NOT NULL), 0) END,
  count(*) FILTER (n.correct IS NULL)
FROM round r JOIN survey_response n ON n.w = r.w AND n.survey = r.id AND n.valid IS DISTINCT FROM false GROUP BY r.a, r.method, r.awareness_pass
"""

# (a, verdict)
MILESTONE = """
SELECT k.a, arg_max_null(j.verdict, j.day::VARCHAR || j.id) FROM ask k JOIN judgement j ON j.w = k.w AND j.plan = k.plan AND j.indicator = k.ind AND j.day <= k.d
WHERE k.measure = 'milestone' GROUP BY k.a
"""

ALL = {**RATES, **COUNTS}
FIGURES = ["demo_enterprises", "injury_insured_headcount", "budget_growth", "report_quality_index", "capacity_adequacy", "awareness_rate",
           "milestone"]
NAMES = set(ALL) | set(FIGURES)
