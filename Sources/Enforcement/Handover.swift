import Kernel
import Ledger
import Registry

/// What became of an exceedance that was handed over 超标移交处理, where it was not, or not yet, an inspection: the reason on record.
public enum Handover {
    public static let report = Field.reference("report", "检测报告", "Report", to: "test_report", .part, .required)
    public static let day = Field.day("day", "处理日期", "Day", .required)
    public static let disposition = Field.code("disposition", "处理", "Disposition", of: "handover_disposition", .required)
    public static let reason = Field.text("reason", "理由", "Reason", max: 1000)
    public static let kind = Kind(
        "handover", "超标移交处理", "Hand-over", fields: [report.spec, day.spec, disposition.spec, reason.spec], day: day.spec,
        title: [disposition.spec, day.spec]
    ) { record in
        record[disposition] != "inspection" && record[reason] == nil ? [Refusal("field.required", field: "reason")] : []
    }
}

/// An exceedance is taken over for inspection: by an inspection that names the report, or by a reason on record.
let handoverDuties = [
    Measure.clock(
        "exceedance_handover", "超标结果移交检查", "Take an exceedance over for inspection",
        clause: "职业病防治法 第26条；国家卫生健康委令第5号 第20条（检测结果报送）", reads: ["exposure.exceeded", "exposure.exceeded-undated"],
        files: [(Employer.kind, handoverStrands)])
]

/// One subject per report with results above a limit, owed by the authority from the day of the report.
func handoverStrands(_ file: File, _ terms: Terms) -> [Strand] {
    let dated = Dictionary(grouping: file.findings("exposure.exceeded", terms), by: \.record)
    let undated = Dictionary(grouping: file.findings("exposure.exceeded-undated", terms), by: \.record)
    guard !dated.isEmpty || !undated.isEmpty else { return [] }
    let locus = EmployerProfile(file).locus
    return dated.merging(undated, uniquingKeysWith: { first, _ in first }).sorted { $0.key < $1.key }.compactMap { report, findings in
        guard let known = findings.map(\.span.from).min() else { return nil }
        let act = firstAct(on: report, from: known, file)
        let division = locus[known].division
        var standing = Term(name: "handover.days", start: known, done: act?.day, doneBy: act?.id ?? "", record: report)
            .standing(terms, in: division)
        if dated[report] == nil {
            // Nobody recorded when the report was issued: what was done is done, but nothing says by when it had to be.
            standing = standing.map { [.pending, .unmet].contains($0.verdict) ? .unknown("clock.start-unknown", report) : $0 }
        }
        return Strand(report, standing, at: locus)
    }
}

/// The first inspection that names the report, or the first reason why there is none.
private func firstAct(on report: String, from known: Day, _ file: File) -> (day: Day, id: String)? {
    let inspections = file.all(Inspection.kind).filter { file.id(Inspection.report, of: $0) == report }
        .compactMap { record in record[Inspection.day].map { (day: $0, id: record.id) } }
    let reasons = file.all(Handover.kind, of: Handover.report, report).filter { $0[Handover.disposition] != "inspection" }
        .compactMap { record in record[Handover.day].map { (day: $0, id: record.id) } }
    return (inspections + reasons).filter { $0.day >= known }.min { ($0.day, $0.id) < ($1.day, $1.id) }
}
