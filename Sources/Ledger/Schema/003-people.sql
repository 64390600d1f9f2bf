-- What an account is beside its role, and where it stands: open, locked by an administrator, or closed with whoever follows.
-- `department` is plan/department: its functions are those of the plan's table on the day. `secret` is sealed; `secret_step` is the
-- last step whose code was used, and 0 until the first code proved that the secret was taken over.
ALTER TABLE account ADD COLUMN state TEXT NOT NULL DEFAULT 'open';
ALTER TABLE account ADD COLUMN worker TEXT NOT NULL DEFAULT '';
ALTER TABLE account ADD COLUMN manager INTEGER NOT NULL DEFAULT 0;
ALTER TABLE account ADD COLUMN department TEXT NOT NULL DEFAULT '';
ALTER TABLE account ADD COLUMN successor TEXT NOT NULL DEFAULT '';
ALTER TABLE account ADD COLUMN secret TEXT NOT NULL DEFAULT '';
ALTER TABLE account ADD COLUMN secret_step INTEGER NOT NULL DEFAULT 0;
CREATE INDEX account_by_organisation ON account (organisation);

-- Sessions, keyed by the digest of their token. One whose second factor is still asked for opens nothing else.
DROP TABLE session;
CREATE TABLE session (
    token TEXT NOT NULL, account TEXT NOT NULL, csrf TEXT NOT NULL, stage TEXT NOT NULL, created_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, address TEXT NOT NULL, agent TEXT NOT NULL, PRIMARY KEY (token)
) STRICT, WITHOUT ROWID;
CREATE INDEX session_by_account ON session (account);

-- Codes for the day on which the second factor is lost: digests, each taken out when it was used.
CREATE TABLE recovery_code (account TEXT NOT NULL, digest TEXT NOT NULL, PRIMARY KEY (account, digest)) STRICT, WITHOUT ROWID;

-- Wrong attempts by name, whether an account has it or not, and by source address.
CREATE TABLE sign_in_failure (
    key TEXT NOT NULL, failures INTEGER NOT NULL, last_at INTEGER NOT NULL, locked_until INTEGER NOT NULL, PRIMARY KEY (key)
) STRICT, WITHOUT ROWID;

-- An invitation fixes what the account will be; whoever holds its token sets name and password, once.
CREATE TABLE invitation (
    home TEXT NOT NULL, id TEXT NOT NULL, digest TEXT NOT NULL, display TEXT NOT NULL, role TEXT NOT NULL, functions TEXT NOT NULL,
    department TEXT NOT NULL, division TEXT NOT NULL, organisation TEXT NOT NULL, worker TEXT NOT NULL, manager INTEGER NOT NULL,
    made_by TEXT NOT NULL, made_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, state TEXT NOT NULL, account TEXT NOT NULL,
    PRIMARY KEY (home, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX invitation_by_digest ON invitation (digest);

-- An organisation that asks for its account by its credit code; an officer of its county accepts or refuses.
CREATE TABLE claim (
    home TEXT NOT NULL, id TEXT NOT NULL, digest TEXT NOT NULL, credit_code TEXT NOT NULL, name TEXT NOT NULL, contact TEXT NOT NULL,
    phone TEXT NOT NULL, password TEXT NOT NULL, made_at INTEGER NOT NULL, state TEXT NOT NULL, answer TEXT NOT NULL,
    answered_by TEXT NOT NULL, answered_at INTEGER NOT NULL, account TEXT NOT NULL, PRIMARY KEY (home, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX claim_by_digest ON claim (digest);

-- What one officer handed to another for some days; empty functions are all of the giver's.
CREATE TABLE delegation (
    home TEXT NOT NULL, id TEXT NOT NULL, giver TEXT NOT NULL, taker TEXT NOT NULL, functions TEXT NOT NULL, from_day INTEGER NOT NULL,
    until_day INTEGER NOT NULL, reason TEXT NOT NULL, made_at INTEGER NOT NULL, revoked_at INTEGER NOT NULL, revoked_by TEXT NOT NULL,
    PRIMARY KEY (home, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX delegation_by_taker ON delegation (taker, until_day);
CREATE INDEX delegation_by_giver ON delegation (giver, until_day);
