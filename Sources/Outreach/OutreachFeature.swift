import Ledger

/// What this room offers to the house.
public let feature = Feature("Outreach", kinds: kinds, measures: measures + trainingMeasures)
