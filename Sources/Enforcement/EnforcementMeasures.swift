import Institutions
import Kernel
import Ledger
import Registry

/// Inspections, cases, grades and incidents: what authorities do. Definitions: docs/measures.md, *Rates over employers*, *Other measures*.
let measures: [Measure] =
    [
        coverage("supervision_coverage", "职业卫生监督覆盖率", "Supervision coverage"),
        coverage("enforcement_coverage_trend", "职业卫生执法覆盖率", "Enforcement coverage"),
        newCaseEnforcement, grading, violationCases, severeCases, institutionInspection, majorIncidents,
    ] + handoverDuties + orderDuties + frequencyDuties + plannedMeasures

private func coverage(_ name: String, _ zh: String, _ en: String) -> Measure {
    Measure(
        name, zh, en, .rate, numerator: ("当年受到监督检查的单位", "units inspected in the year"),
        denominator: ("存在职业病危害的单位", "hazard employers"), parameters: ["institutions"],
        files: [(Employer.kind, inspectedEmployerStrands), (Institution.kind, inspectedInstitutionStrands)])
}

private let newCaseEnforcement = Measure(
    "newcase_employer_enforcement", "新发职业病用人单位执法率", "Inspection of employers with new cases", .rate,
    numerator: ("对每例新发职业病均按期检查的单位", "employers inspected in time after each new case"),
    denominator: ("当年有新发职业病的单位", "employers with new cases in the year"), parameters: ["newcase.delay_days"],
    reads: ["diagnosis.new-case"], files: [(Employer.kind, newCaseStrands)])

private let grading = Measure(
    "grading_coverage", "职业卫生分级分类覆盖率", "Grading coverage", .rate,
    numerator: ("已评定类别且在有效期内的单位", "hazard employers with a class in force"),
    denominator: ("存在职业病危害的单位", "hazard employers"), parameters: ["grade.scheme"], files: [(Employer.kind, gradingStrands)])

private let violationCases = Measure(
    "violation_case_handling_rate", "违法案件查处率", "Violation cases handled", .rate,
    numerator: ("已作出处理决定的案件", "cases decided"), denominator: ("办理期限在当年届满或当年已处理的案件", "cases due or decided in the year"),
    parameters: ["case.days"], clause: "行政处罚法 第60条", files: [(Case.kind, violationCaseStrands)])

private let severeCases = Measure(
    "severe_case_handling_rate", "严重违法案件查处率", "Severe violation cases handled", .rate,
    numerator: ("已作出处理决定的严重违法案件", "severe cases decided"),
    denominator: ("办理期限在当年届满或当年已处理的严重违法案件", "severe cases due or decided in the year"),
    parameters: ["case.days"], files: [(Case.kind, severeCaseStrands)])

private let institutionInspection = Measure(
    "institution_inspection_coverage", "技术服务机构监督检查覆盖率", "Inspection coverage of service institutions", .rate,
    numerator: ("当年受到监督检查的机构和服务", "institutions and services inspected in the year"),
    denominator: ("资质有效的检测、检查、诊断机构", "qualified testing, examination and diagnosis institutions"),
    files: [(Institution.kind, institutionServiceStrands)])

private let majorIncidents = Measure(
    "major_acute_incidents", "重大急性职业病危害事故起数", "Major acute incidents", .count,
    numerator: ("当年重大及以上急性职业病危害事故", "major or worse acute incidents of the year"), files: [(Incident.kind, majorIncidentStrands)])

/// Supervision: each hazard employer, met from an inspection until its year ends. One that may have no hazards is unknown unless inspected.
func inspectedEmployerStrands(_ file: File, _ terms: Terms) -> [Strand] {
    let profile = EmployerProfile(file)
    let standing = profile.hazardous.with(inspected(file)) { hazardous, inspected -> Standing in
        switch hazardous {
        case .no: .out
        case .unknown: inspected.verdict == .met ? inspected : .unknown("hazards.unknown")
        case .yes: inspected
        }
    }
    return [Strand(file.id, standing, at: profile.locus)]
}

/// Supervision of institutions in existence, where a plan counts them too (`institutions`).
func inspectedInstitutionStrands(_ file: File, _ terms: Terms) -> [Strand] {
    guard terms.flag("institutions") else { return [] }
    return [Strand(file.id, inspected(file).during([file.lifetime]), at: file.seat)]
}

/// Met from each inspection of an employer or institution until its calendar year ends.
private func inspected(_ file: File) -> Timeline<Standing> {
    .met(by: Evidence.yearly(file.all(Inspection.kind), on: Inspection.day), else: .unmet("inspection.none"))
}

/// Employers with new cases: every diagnosis of the year needs an inspection within the delay; pending until the delay has passed.
func newCaseStrands(_ file: File, _ terms: Terms) -> [Strand] {
    let delay = terms.integer("newcase.delay_days", 90)
    let inspections = file.all(Inspection.kind)
    let cases = file.findings("diagnosis.new-case", terms).map { finding -> Timeline<Standing> in
        let diagnosed = finding.span.from
        let inTime = inspections.compactMap { inspection in
            inspection[Inspection.day].flatMap { diagnosed <= $0 && $0 <= diagnosed + delay ? Evidence(Span($0), inspection) : nil }
        }
        return Timeline.met(by: inTime, else: .unmet("newcase.uninspected", finding.record))
            .grace(during: [Span(diagnosed, diagnosed + delay + 1)]).during([finding.span])
    }
    guard !cases.isEmpty else { return [] }
    return [Strand(file.id, .together(cases), at: EmployerProfile(file).locus)]
}

/// Grading: each hazard employer, met while a grade (of the plan's scheme) is in force.
func gradingStrands(_ file: File, _ terms: Terms) -> [Strand] {
    let profile = EmployerProfile(file)
    let scheme = terms.text("grade.scheme").flatMap { $0.isEmpty ? nil : $0 }
    let grades = file.all(Grade.kind).filter { scheme == nil || $0[Grade.scheme] == scheme }
    let graded = Timeline.met(by: Evidence.lasting(grades, Grade.from, Grade.until), else: .unmet("grade.none"))
    return [Strand(file.id, profile.whileHazardous(graded), at: profile.locus)]
}

/// Cases (Administrative Penalty Law Art. 60): each counts in the year in which its period ends or, if earlier, it is decided.
func violationCaseStrands(_ file: File, _ terms: Terms) -> [Strand] {
    handled(file, terms).map { [Strand(file.id, $0, at: file.county)] } ?? []
}

/// Cases of severity *severe*; whether one without a severity belongs here cannot be told.
func severeCaseStrands(_ file: File, _ terms: Terms) -> [Strand] {
    guard let handled = handled(file, terms) else { return [] }
    switch file.root[Case.severity] {
    case "severe"?: return [Strand(file.id, handled, at: file.county)]
    case nil: return [Strand(file.id, handled.map(ofUnknownSeverity), at: file.county)]
    default: return []
    }
}

/// Whether a case without a severity counts cannot be told, however it was handled.
private func ofUnknownSeverity(_ handled: Standing) -> Standing {
    var standing = handled
    standing.isScopeUnknown = true
    if [.met, .unmet].contains(standing.verdict) { standing.reason = "severity.unknown" }
    return standing
}

/// From the day found: pending until the period ends, unmet after, met once decided; out when the year of the period's end, or of an
/// earlier decision, is over.
private func handled(_ file: File, _ terms: Terms) -> Timeline<Standing>? {
    guard let found = file.root[Case.found] else { return nil }
    let due = found + terms.integer("case.days", 90)
    let itself = file.root[Case.decided]
    // A penalty decides the case whether or not the file says so itself.
    let penalty = file.all(PenaltyDecision.kind).compactMap { $0[PenaltyDecision.decided] }.min()
    let decided = [itself, penalty].compactMap { $0 }.min()
    let isDecided = file.root[Case.outcome] != nil || (penalty != nil && penalty == decided)
    var changes: [Timeline<Standing>.Change] = [.init(due, .unmet("case.undecided", file.id))]
    if let decided {
        changes = changes.filter { $0.day < decided }
        changes.append(.init(decided, isDecided ? .met(file.id) : .unmet("case.undecided", file.id)))
    }
    let last = min(due.year, decided?.year ?? due.year)
    return Timeline(.pending, changes).during([Span(found, .firstDay(of: last + 1))])
}

/// Service institutions by service: met from an inspection of the institution until its year ends.
func institutionServiceStrands(_ file: File, _ terms: Terms) -> [Strand] {
    let qualifications = file.all(Qualification.kind)
    return ["testing", "exam", "diagnosis"].compactMap { service in
        let inForce = qualifications.filter { $0[Qualification.type] == service }.map { $0.span(Qualification.from, Qualification.until) }
        guard !inForce.isEmpty else { return nil }
        let standing = inspected(file).during(inForce).during([file.lifetime])
        return Strand("\(file.id)|\(service)", group: service, standing, at: file.seat)
    }
}

/// Acute incidents: one for each that is major or worse, from its day until its year ends.
func majorIncidentStrands(_ file: File, _ terms: Terms) -> [Strand] {
    guard let day = file.root[Incident.day] else { return [] }
    let standing: Standing
    switch file.root[Incident.level] {
    case "major"?, "extraordinary"?: standing = .amount(1, file.id)
    case nil: standing = .unknown("level.unknown", file.id)
    default: return []
    }
    let place = Timeline(Locus(division: file.root[Incident.division]))
    return [Strand(file.id, Timeline(standing).during(Span.restOfYear([day])), at: place)]
}

extension File {
    /// The days on which an institution exists, and its seat.
    fileprivate var lifetime: Span { root.span(Institution.since, Institution.until) }
    fileprivate var seat: Timeline<Locus> { Timeline(Locus(division: root[Institution.division])) }
    /// The county in which a case was opened.
    fileprivate var county: Timeline<Locus> { Timeline(Locus(division: root[Case.division])) }
}
