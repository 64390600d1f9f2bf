import Ledger

/// What this room offers to the house.
public let feature = Feature("Registry", kinds: kinds, measures: measures)
