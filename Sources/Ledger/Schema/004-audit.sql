-- The audit by what it is asked for: what happened when, and who touched a record.
CREATE INDEX audit_by_moment ON audit (moment);
CREATE INDEX audit_by_subject ON audit (subject, moment);

-- Which keys this database is sealed with: a proof that a key ring holds them, and nothing of the keys.
CREATE TABLE key_use (
    id TEXT NOT NULL, purpose TEXT NOT NULL, made TEXT NOT NULL, proof TEXT NOT NULL, PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;
