import Ledger

/// What this room offers to the house.
public let feature = Feature("Surveillance", kinds: kinds, measures: measures)
