import Ledger

/// What this room offers to the house.
public let feature = Feature("Institutions", floor: 1, kinds: kinds, measures: measures)
