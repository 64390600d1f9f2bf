-- Where a record of a kind with a course stands: a state, and how many levels have accepted it so far. Empty for other kinds.
ALTER TABLE record ADD COLUMN state TEXT NOT NULL DEFAULT '';
ALTER TABLE record ADD COLUMN stage INTEGER NOT NULL DEFAULT 0;
ALTER TABLE record_version ADD COLUMN state TEXT NOT NULL DEFAULT '';
ALTER TABLE record_version ADD COLUMN stage INTEGER NOT NULL DEFAULT 0;
CREATE INDEX record_by_state ON record (kind, state, id);

-- What somebody has begun and not handed in: cells as JSON text, no record, in no figure. One row a draft, kept until it is handed in.
CREATE TABLE draft (
    home TEXT NOT NULL, id TEXT NOT NULL, account TEXT NOT NULL, kind TEXT NOT NULL, record TEXT NOT NULL, seen INTEGER NOT NULL,
    cells TEXT NOT NULL, version INTEGER NOT NULL, created_at INTEGER NOT NULL, saved_at INTEGER NOT NULL,
    PRIMARY KEY (home, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX draft_by_account ON draft (account, saved_at);

-- The last number given in a series of a county and year. It moves in the transaction of the record that takes the number: no gaps.
CREATE TABLE counter (home TEXT NOT NULL, series TEXT NOT NULL, value INTEGER NOT NULL, PRIMARY KEY (home, series)) STRICT, WITHOUT ROWID;
