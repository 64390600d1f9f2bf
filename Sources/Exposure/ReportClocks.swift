import Institutions
import Kernel
import Ledger
import Registry

/// A step after a test or evaluation report 检测评价报告办理: its delivery to the employer, the information report, its publication.
public enum ReportStep {
    public static let report = Field.reference("report", "检测报告", "Report", to: "test_report", .part, .required)
    public static let step = Field.code("step", "环节", "Step", of: "report_step", .required)
    public static let day = Field.day("day", "日期", "Day", .required)
    public static let kind = Kind(
        "report_step", "检测报告办理", "Step after a report", fields: [report.spec, step.spec, day.spec], day: day.spec,
        title: [step.spec, day.spec])
}

/// What an institution owes after a report (GBZ 331-2024). Definitions: docs/clocks.md.
let reportClocks: [Measure] = [
    stepClock("test_information", "报送技术服务信息", "Report the service's information", "GBZ 331-2024 信息报送", step: "information"),
    stepClock("test_publication", "网上公开技术报告", "Publish the report's summary", "GBZ 331-2024 信息公开", step: "publication"),
]

/// Reports of which nobody proved that institution and staff covered them, from the day of sampling, with what is missing: what the
/// registry says of the institution now, the staff not named, the reason for which an authority took the report all the same.
let unprovenFinding = FindingRule("exposure.unproven", in: Employer.kind) { file, terms in
    let results = Dictionary(grouping: file.all(TestResult.kind)) { file.id(TestResult.report, of: $0) ?? "" }
    return file.all(TestReport.kind).flatMap { report -> [Finding] in
        guard let day = report[TestReport.sampled], report[TestReport.type] != "supervision" else { return [] }
        var codes: Set<String> = report[TestReport.exception] == nil ? [] : ["report.exception"]
        guard let institution = file.profile(file.id(TestReport.institution, of: report)).map(InstitutionProfile.init) else {
            if ReportCoverage.needsInstitution(report) { codes.insert("report.institution.missing") }
            return codes.sorted().map { Finding(Span(day), record: report.id, code: $0) }
        }
        let factors = Set((results[report.id] ?? []).compactMap { $0[TestResult.factor] }).sorted().map(Optional.some)
        for factor in [nil] + factors {
            switch institution.reach("testing", factor: factor, category: factor.map { terms.group(of: $0) } ?? "", on: day) {
            case .covered, .otherProvince: break
            case .unqualified: codes.insert("report.institution.unqualified")
            case .outside: codes.insert("report.institution.outside")
            case .unknown: codes.insert("report.institution.unproven")
            }
        }
        if [TestReport.sampler, TestReport.secondSampler].contains(where: { report[$0] == nil }) { codes.insert("report.staff.missing") }
        return codes.sorted().map { Finding(Span(day), record: report.id, code: $0) }
    }
}

/// The factors that tests of an employer looked at, by report, from the day on which the employer received it; apart from them those
/// of reports of which that day is not recorded, from the day of the report. What a declaration should have named.
let testedFindings: [FindingRule] = [
    FindingRule("exposure.tested", in: Employer.kind) { file, _ in tested(file, isReceived: true) },
    FindingRule("exposure.tested-unreceived", in: Employer.kind) { file, _ in tested(file, isReceived: false) },
]

private func tested(_ file: File, isReceived: Bool) -> [Finding] {
    let factors = Dictionary(grouping: file.all(TestResult.kind)) { file.id(TestResult.report, of: $0) ?? "" }
    return file.all(TestReport.kind).flatMap { report -> [Finding] in
        guard ["periodic", "evaluation"].contains(report[TestReport.type]) else { return [] }
        let received = file.day(of: "delivered", after: report)
        guard (received != nil) == isReceived, let day = received ?? report[TestReport.issued] ?? report[TestReport.sampled] else {
            return []
        }
        return Set((factors[report.id] ?? []).compactMap { $0[TestResult.factor] }).sorted().map {
            Finding(Span(day), record: report.id, code: $0)
        }
    }
}

private func stepClock(_ name: String, _ zh: String, _ en: String, _ clause: String, step: String) -> Measure {
    .clock(
        name, zh, en, clause: clause, files: [(Employer.kind, { @Sendable file, terms in stepStrands(name, step: step, file, terms) })])
}

/// Each report of an institution, from the day of issue until the step was taken. Owed by the institution, at the employer's place.
private func stepStrands(_ clock: String, step: String, _ file: File, _ terms: Terms) -> [Strand] {
    let reports = file.all(TestReport.kind).compactMap { report -> (Record, String, ClockRun)? in
        guard let institution = file.profile(file.id(TestReport.institution, of: report))?.id else { return nil }
        let done = file.day(of: step, after: report)
        // A report without a day of issue may not have been issued yet, unless something followed it.
        guard report[TestReport.issued] != nil || done != nil else { return nil }
        let run = ClockRun(
            clock, from: report[TestReport.issued], done: done, notBefore: report[TestReport.sampled], record: report.id, doneBy: report.id)
        return (report, institution, run)
    }
    let standings = reports.map { report, institution, run in (report, institution, run.standing(terms)) }.filter { !$0.2.isOut }
    guard !standings.isEmpty else { return [] }
    let locus = EmployerProfile(file).locus
    return standings.map { report, institution, standing in Strand(report.id, debtor: institution, standing, at: locus) }
}

extension File {
    /// The first day on which a step was taken after a report.
    fileprivate func day(of step: String, after report: Record) -> Day? {
        all(ReportStep.kind, of: ReportStep.report, report.id).filter { $0[ReportStep.step] == step }.compactMap { $0[ReportStep.day] }
            .min()
    }
}

extension Timeline where Value == Standing {
    fileprivate var isOut: Bool { changes.count == 1 && changes[0].value.verdict == .out }
}
