-- Files that belong to a record 附件: photos, scans, signatures. Once stored the content never changes; a withdrawn one stays, with who and why.
CREATE TABLE attachment (
    home TEXT NOT NULL, id TEXT NOT NULL, record TEXT NOT NULL, field TEXT NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL,
    size INTEGER NOT NULL, digest TEXT NOT NULL, width INTEGER NOT NULL, height INTEGER NOT NULL, removed TEXT NOT NULL, taken TEXT NOT NULL,
    key_name TEXT NOT NULL, recorded_at INTEGER NOT NULL, recorded_by TEXT NOT NULL,
    withdrawn_at INTEGER, withdrawn_by TEXT, withdrawn_why TEXT,
    PRIMARY KEY (home, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX attachment_by_record ON attachment (record);
CREATE INDEX attachment_by_id ON attachment (id);

-- The content in pieces of the same size, base64, so that a large file is never one value and both engines read the same text.
CREATE TABLE attachment_chunk (
    home TEXT NOT NULL, attachment TEXT NOT NULL, sequence INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (home, attachment, sequence)
) STRICT, WITHOUT ROWID;
