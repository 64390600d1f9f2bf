import Ledger

/// What this room offers to the house.
public let feature = Feature("Enforcement", kinds: kinds, measures: measures + caseClocks + creditDuties + complaintDuties)
