import Ledger

/// What this room offers to the house.
public let feature = Feature("Planning", kinds: kinds, measures: measures)
