import Ledger

/// What this room offers to the house.
public let feature = Feature("Registry", floor: 1, kinds: kinds, measures: measures)
