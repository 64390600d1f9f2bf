import Kernel
import Ledger
import Registry

/// What this room tells the rooms beside it.
public let findings: [FindingRule] = [
    FindingRule("surveillance.card-flaw", in: Worker.kind, cardFlaws)
]

/// What this room offers to the house.
public let feature = Feature(
    "Surveillance", kinds: kinds + [ExamReport.kind], findings: findings, measures: measures + [examReportClock])

/// Flaws of examination cards that are certain, each from its card's day on, with the code of the flaw.
func cardFlaws(_ file: File, _ terms: Terms) -> [Finding] {
    // A catalogue without the tables of factors and diseases judges no card.
    guard let check = try? CardCheck(terms.catalog) else { return [] }
    return check.reports(in: file).flatMap { exam, report in
        report.certain.map { Finding(Span(report.need.day), record: exam.id, code: $0.refusal.code) }
    }
}
