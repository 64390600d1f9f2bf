import Kernel
import Ledger
import Registry

/// Reports that found something above a limit, by factor, from the day of the report; apart from them those of which that day is not
/// recorded, from the day of sampling. What an authority takes over for inspection. Unlike `exposure.exceedance` of every factor, and
/// for good.
let exceededFindings: [FindingRule] = [
    FindingRule("exposure.exceeded", in: Employer.kind) { file, _ in exceeded(file, isDated: true) },
    FindingRule("exposure.exceeded-undated", in: Employer.kind) { file, _ in exceeded(file, isDated: false) },
]

private func exceeded(_ file: File, isDated: Bool) -> [Finding] {
    let results = Dictionary(grouping: file.all(TestResult.kind).filter { ResultVerdict($0) == .exceed }) {
        file.id(TestResult.report, of: $0) ?? ""
    }
    return file.all(TestReport.kind).flatMap { report -> [Finding] in
        guard let exceeding = results[report.id], (report[TestReport.issued] != nil) == isDated,
            let day = report[TestReport.issued] ?? report[TestReport.sampled]
        else { return [] }
        return Set(exceeding.compactMap { $0[TestResult.factor] }).sorted().map { Finding(Span(day), record: report.id, code: $0) }
    }
}

extension TestResult {
    /// Whether a result exceeds: by the verdict that it states, else by the house's own, else by its figures; nil where nothing tells.
    public static func exceeds(_ record: Record) -> Bool? {
        switch ResultVerdict(record) {
        case .pass: false
        case .exceed: true
        case .unknown: nil
        }
    }
}
