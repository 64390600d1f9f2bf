-- Double-random draws. Both tables are only ever added to: `body` of a draw is the file up to its commitment, the commitment is the
-- digest of every byte of it and stands in the audit; `body` of a result is the whole published file. The nonce tells nobody anything
-- before the public source is known.
CREATE TABLE draw (
    home TEXT NOT NULL, id TEXT NOT NULL, title TEXT NOT NULL, jurisdiction TEXT NOT NULL, objects INTEGER NOT NULL, drawn INTEGER NOT NULL,
    expected_at INTEGER NOT NULL, due_day INTEGER NOT NULL, commitment TEXT NOT NULL, body TEXT NOT NULL, nonce TEXT NOT NULL,
    committed_at INTEGER NOT NULL, committed_by TEXT NOT NULL, PRIMARY KEY (home, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX draw_by_id ON draw (id);
CREATE TABLE draw_result (
    home TEXT NOT NULL, draw TEXT NOT NULL, body TEXT NOT NULL, digest TEXT NOT NULL, entered_at INTEGER NOT NULL, entered_by TEXT NOT NULL,
    PRIMARY KEY (home, draw)
) STRICT, WITHOUT ROWID;
CREATE INDEX draw_result_by_draw ON draw_result (draw);
