import Ledger

/// What this room offers to the house.
public let feature = Feature("Planning", floor: 3, kinds: kinds, measures: measures)
