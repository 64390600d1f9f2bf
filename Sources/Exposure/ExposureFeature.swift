import Kernel
import Ledger
import Registry

/// What this room tells the rooms beside it.
public let findings: [FindingRule] =
    [
        FindingRule("exposure.exceedance", in: Employer.kind, exceedances)
    ] + testedFindings + exceededFindings + [unprovenFinding]

/// What this room offers to the house.
public let feature = Feature(
    "Exposure", kinds: kinds + [ReportStep.kind], findings: findings, measures: measures + [commissionDuty, publicationDuty])

/// Results of dust, chemical factors and noise that exceed their limit, for as long as a campaign looks back.
func exceedances(_ file: File, _ terms: Terms) -> [Finding] {
    let months = terms.integer("campaign.lookback_months", 36)
    let results = Dictionary(grouping: file.all(TestResult.kind)) { file.id(TestResult.report, of: $0) ?? "" }
    return file.all(TestReport.kind).flatMap { report -> [Finding] in
        guard let sampled = report[TestReport.sampled] else { return [] }
        let span = Span(sampled, sampled.adding(months: months))
        let exceeding = (results[report.id] ?? []).filter { ResultVerdict($0) == .exceed }
        return exceeding.compactMap { result in
            guard let factor = result[TestResult.factor] else { return nil }
            let isOfCampaign = ["dust", "chemical", "noise"].contains { terms.isFactor(factor, of: $0) }
            return isOfCampaign ? Finding(span, record: result.id, code: factor) : nil
        }
    }
}
