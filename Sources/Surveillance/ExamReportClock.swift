import Institutions
import Kernel
import Ledger
import Registry

/// The report of an institution on the examinations of an employer 职业健康检查报告, from their end to its delivery.
public enum ExamReport {
    public static let employer = Field.reference("employer", "用人单位", "Employer", to: "employer", .part, .required)
    public static let institution = Field.reference("institution", "检查机构", "Institution", to: "institution", .mention)
    public static let ended = Field.day("ended", "检查结束日期", "Examinations ended on")
    public static let delivered = Field.day("delivered", "送达用人单位日期", "Delivered to the employer on")
    public static let kind = Kind(
        "exam_report", "职业健康检查报告", "Examination report", fields: [employer.spec, institution.spec, ended.spec, delivered.spec],
        day: ended.spec, title: [ended.spec]
    ) { Refusal.order($0[ended], $0[delivered], field: "delivered") }
}

/// Results to the employer within the period of the order in force when the examinations ended. Definition: docs/clocks.md.
let examReportClock = Measure.clock(
    "exam_report", "向用人单位送达体检结果", "Deliver the results of the examinations", clause: "职业健康检查管理办法",
    files: [(Employer.kind, examReportStrands)])

/// Each report, owed by the institution, at the employer's place.
func examReportStrands(_ file: File, _ terms: Terms) -> [Strand] {
    let reports = file.all(ExamReport.kind)
    guard !reports.isEmpty else { return [] }
    let locus = EmployerProfile(file).locus
    return reports.map { report in
        let run = ClockRun(
            "exam_report", from: report[ExamReport.ended], done: report[ExamReport.delivered], record: report.id, doneBy: report.id)
        let institution = file.profile(file.id(ExamReport.institution, of: report))?.id ?? ""
        return Strand(report.id, debtor: institution, run.standing(terms), at: locus)
    }
}
