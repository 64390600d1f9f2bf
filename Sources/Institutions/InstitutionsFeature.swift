import Ledger

/// What this room offers to the house.
public let feature = Feature("Institutions", kinds: kinds, measures: measures)
