import Ledger

/// What this room offers to the house.
public let feature = Feature("Declaration", kinds: kinds, measures: measures)
