import Ledger

/// What this room offers to the house.
public let feature = Feature("Care", kinds: kinds, measures: measures)
