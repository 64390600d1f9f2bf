-- For whom an evaluation was frozen, where whoever froze it acted for another: the account that gave the functions.
ALTER TABLE evaluation ADD COLUMN frozen_for TEXT NOT NULL DEFAULT '';
