-- What a machine asked to be done once: the answer that it got, given again when it asks again. Keyed by itself: unique everywhere.
CREATE TABLE idempotency (
    account TEXT NOT NULL, key TEXT NOT NULL, digest TEXT NOT NULL, status INTEGER NOT NULL, answer TEXT NOT NULL, made_at INTEGER NOT NULL,
    PRIMARY KEY (account, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_by_moment ON idempotency (made_at);

-- Tokens for machines, by digest: whoever reads the database cannot use them.
CREATE TABLE token (
    digest TEXT NOT NULL, id TEXT NOT NULL, account TEXT NOT NULL, name TEXT NOT NULL, may_write INTEGER NOT NULL CHECK (may_write IN (0, 1)),
    created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, used_at INTEGER NOT NULL, PRIMARY KEY (digest)
) STRICT, WITHOUT ROWID;
CREATE INDEX token_by_account ON token (account, id);
