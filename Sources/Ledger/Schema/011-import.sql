-- How far an import came that has not ended: a row for each part of its file that was stored, in the transaction of its records, with what was
-- refused of it, sealed. Whoever sends the same file again goes on behind the last part. All rows of an import go when it ends.
CREATE TABLE import_part (
    home TEXT NOT NULL, import TEXT NOT NULL, sequence INTEGER NOT NULL, rows INTEGER NOT NULL, created INTEGER NOT NULL,
    changed INTEGER NOT NULL, unchanged INTEGER NOT NULL, refused INTEGER NOT NULL, refusals TEXT NOT NULL, made_at INTEGER NOT NULL,
    PRIMARY KEY (home, import, sequence)
) STRICT, WITHOUT ROWID;
CREATE INDEX import_part_by_moment ON import_part (made_at);
