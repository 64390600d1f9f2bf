import Ledger

/// What this room offers to the house.
public let feature = Feature("Radiation", kinds: kinds, measures: measures)
