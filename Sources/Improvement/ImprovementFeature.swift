import Kernel
import Ledger
import Registry

/// What this room tells the rooms beside it.
public let findings: [FindingRule] = [
    FindingRule("improvement.in-campaign", in: Employer.kind, campaignEntries)
]

/// What this room offers to the house.
public let feature = Feature("Improvement", kinds: kinds, findings: findings, measures: measures)

/// The days on which an employer is in the base ledger of the special treatment.
func campaignEntries(_ file: File, _ terms: Terms) -> [Finding] {
    file.all(LedgerEntry.kind).map { Finding($0.span(LedgerEntry.from, LedgerEntry.until), record: $0.id) }
}
