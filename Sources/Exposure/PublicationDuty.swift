import Kernel
import Ledger
import Registry

/// Test results are published to the workers 向劳动者公布检测结果 (Law Art. 26; not published: Art. 70 (1)). The law names no period and none is
/// invented: a post's results are owed from the report on, without a last day, until a notice of that type was put up there.
let publicationDuty = Measure.clock(
    "result_publication", "向劳动者公布检测结果", "Publish test results to the workers", clause: "职业病防治法（2018修正） 第26条、第70条（一）",
    files: [(Employer.kind, publicationStrands)])

/// One subject per post that was tested, owed by the employer. A newer report takes the place of one that was not published.
func publicationStrands(_ file: File, _ terms: Terms) -> [Strand] {
    let results = Dictionary(grouping: file.all(TestResult.kind)) { file.id(TestResult.report, of: $0) ?? "" }
    var issued: [String: Set<Day>] = [:]
    for report in file.all(TestReport.kind) {
        guard let day = report[TestReport.issued] else { continue }
        for post in (results[report.id] ?? []).compactMap({ file.id(TestResult.post, of: $0) }) { issued[post, default: []].insert(day) }
    }
    guard !issued.isEmpty else { return [] }
    let profile = EmployerProfile(file)
    return issued.sorted { $0.key < $1.key }.map { post, days in
        let notices = file.all(Notice.kind, of: Notice.post, post).filter { $0[Notice.type] == "test_result" }
            .compactMap { notice in notice[Notice.day].map { (day: $0, id: notice.id) } }.sorted { ($0.day, $0.id) < ($1.day, $1.id) }
        let sorted = days.sorted()
        var changes: [Timeline<Standing>.Change] = []
        for (index, day) in sorted.enumerated() {
            let next = index + 1 < sorted.count ? sorted[index + 1] : .distantFuture
            changes.append(.init(day, .pending))
            guard let notice = notices.first(where: { $0.day >= day && $0.day < next }) else { continue }
            changes.append(.init(notice.day, .met(notice.id)))
            let end = Day.firstDay(of: notice.day.year + 1)
            if end < next { changes.append(.init(end, .out)) }
        }
        return Strand(post, debtor: file.id, Timeline(.out, changes).whenever(profile.operating), at: profile.locus)
    }
}
