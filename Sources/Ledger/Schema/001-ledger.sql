-- Every row carries its home first: the county where it was created, which never changes and can distribute the tables.
CREATE TABLE record (
    home TEXT NOT NULL, id TEXT NOT NULL, kind TEXT NOT NULL, version INTEGER NOT NULL, live INTEGER NOT NULL CHECK (live IN (0, 1)),
    title TEXT NOT NULL, folded TEXT NOT NULL, day INTEGER, recorded_at INTEGER NOT NULL,
    PRIMARY KEY (home, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX record_by_id ON record (id);
CREATE INDEX record_by_kind ON record (kind, id);

-- One row a version; the body is the record's fields as JSON text, decoded by the kind, never queried.
CREATE TABLE record_version (
    home TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, kind TEXT NOT NULL, live INTEGER NOT NULL CHECK (live IN (0, 1)),
    body TEXT NOT NULL, recorded_at INTEGER NOT NULL, recorded_by TEXT NOT NULL, reason TEXT NOT NULL,
    PRIMARY KEY (home, id, version)
) STRICT, WITHOUT ROWID;
CREATE INDEX record_version_by_moment ON record_version (recorded_at);

-- What the live version of a record names: other records by id, divisions by code.
CREATE TABLE link (
    home TEXT NOT NULL, id TEXT NOT NULL, field TEXT NOT NULL, target TEXT NOT NULL, kind TEXT NOT NULL, part INTEGER NOT NULL,
    PRIMARY KEY (home, id, field)
) STRICT, WITHOUT ROWID;
CREATE INDEX link_by_target ON link (target, part, kind);
CREATE INDEX link_by_id ON link (id);

-- Amounts are in millionths, whole numbers, so that differences never drift.

-- What is unique everywhere, keyed by itself.
CREATE TABLE directory (kind TEXT NOT NULL, key TEXT NOT NULL, id TEXT NOT NULL, home TEXT NOT NULL, PRIMARY KEY (kind, key)) STRICT, WITHOUT ROWID;
CREATE INDEX directory_by_id ON directory (id);

-- The standing of a subject from a day until another, by gauge: a duty rule (`duty/…`) or an indicator of a plan.
CREATE TABLE stretch (
    home TEXT NOT NULL, root TEXT NOT NULL, gauge TEXT NOT NULL, sequence INTEGER NOT NULL, subject TEXT NOT NULL,
    from_day INTEGER NOT NULL, until_day INTEGER NOT NULL, verdict TEXT NOT NULL, reason TEXT NOT NULL, record TEXT NOT NULL,
    debtor TEXT NOT NULL, division TEXT NOT NULL, cell TEXT NOT NULL, numerator INTEGER NOT NULL, denominator INTEGER NOT NULL,
    PRIMARY KEY (home, root, gauge, sequence)
) STRICT, WITHOUT ROWID;
CREATE INDEX stretch_by_gauge ON stretch (gauge, verdict, division, subject);
CREATE INDEX stretch_by_debtor ON stretch (debtor, gauge);

-- Dated changes of the counts, kept by difference: a figure as of a day is a prefix sum.
CREATE TABLE tally (
    home TEXT NOT NULL, gauge TEXT NOT NULL, division TEXT NOT NULL, cell TEXT NOT NULL, day INTEGER NOT NULL,
    met INTEGER NOT NULL, unmet INTEGER NOT NULL, unknown INTEGER NOT NULL, pending INTEGER NOT NULL,
    scope_met INTEGER NOT NULL, scope_unmet INTEGER NOT NULL, scope_unknown INTEGER NOT NULL,
    numerator INTEGER NOT NULL, denominator INTEGER NOT NULL, contributions INTEGER NOT NULL,
    PRIMARY KEY (home, gauge, division, cell, day)
) STRICT, WITHOUT ROWID;
CREATE INDEX tally_by_gauge ON tally (gauge, day);

-- Plans by edition: the text itself, so that what was judged can be judged again.
CREATE TABLE plan_edition (
    home TEXT NOT NULL, plan TEXT NOT NULL, edition INTEGER NOT NULL, digest TEXT NOT NULL, body TEXT NOT NULL,
    recorded_at INTEGER NOT NULL, recorded_by TEXT NOT NULL, PRIMARY KEY (home, plan, edition)
) STRICT, WITHOUT ROWID;

CREATE TABLE evaluation (
    home TEXT NOT NULL, id TEXT NOT NULL, plan TEXT NOT NULL, title TEXT NOT NULL, as_of INTEGER NOT NULL, known_at INTEGER NOT NULL,
    frozen_at INTEGER NOT NULL, frozen_by TEXT NOT NULL, edition INTEGER NOT NULL, digest TEXT NOT NULL, PRIMARY KEY (home, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE evaluation_line (
    home TEXT NOT NULL, evaluation TEXT NOT NULL, indicator TEXT NOT NULL, sequence INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (home, evaluation, indicator, sequence)
) STRICT, WITHOUT ROWID;

CREATE TABLE account (
    home TEXT NOT NULL, name TEXT NOT NULL, display TEXT NOT NULL, password TEXT NOT NULL, role TEXT NOT NULL, functions TEXT NOT NULL,
    division TEXT NOT NULL, organisation TEXT NOT NULL, failures INTEGER NOT NULL, locked_until INTEGER NOT NULL, created_at INTEGER NOT NULL,
    PRIMARY KEY (name)
) STRICT, WITHOUT ROWID;
CREATE TABLE session (
    token TEXT NOT NULL, account TEXT NOT NULL, csrf TEXT NOT NULL, created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, PRIMARY KEY (token)
) STRICT, WITHOUT ROWID;

-- A mapping of a user's own workbook to a kind's fields, saved once.
CREATE TABLE layout (home TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (home, name)) STRICT, WITHOUT ROWID;

-- Counts up with every committed change; what a page has in memory is good while this stands still.
CREATE TABLE house_state (name TEXT NOT NULL, value INTEGER NOT NULL, PRIMARY KEY (name)) STRICT, WITHOUT ROWID;
INSERT INTO house_state (name, value) VALUES ('version', 0);

-- The chain over every change, one per home. `line` is what was hashed together with the line before.
CREATE TABLE audit (
    home TEXT NOT NULL, sequence INTEGER NOT NULL, moment INTEGER NOT NULL, person TEXT NOT NULL, door TEXT NOT NULL, subject TEXT NOT NULL,
    detail TEXT NOT NULL, hash TEXT NOT NULL, PRIMARY KEY (home, sequence)
) STRICT, WITHOUT ROWID;
