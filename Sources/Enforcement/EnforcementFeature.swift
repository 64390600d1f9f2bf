import Ledger

/// What this room offers to the house.
public let feature = Feature("Enforcement", kinds: kinds, measures: measures + caseClocks + creditDuties + complaintDuties)

/// Duties about proceedings: names of measures that only the supervising functions see, and those to whom one is addressed.
public let sealedDuties: Set<String> = Set((caseClocks + creditDuties + complaintDuties).map(\.name)).union([
    "violation_case_handling_rate", "severe_case_handling_rate",
])
