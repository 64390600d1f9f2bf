-- Messages to a party: an account, a unit of the authority, an organisation, a worker. What they say is a key of the words catalogue and
-- details that name things by id or code, never a person. `home` is the county that the matter is of; 000000 where it is of none.
CREATE TABLE message (
    home TEXT NOT NULL, id TEXT NOT NULL, party TEXT NOT NULL, topic TEXT NOT NULL, word TEXT NOT NULL, details TEXT NOT NULL,
    record TEXT NOT NULL, sent_at INTEGER NOT NULL,
    PRIMARY KEY (home, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX message_by_party ON message (party, id);
CREATE INDEX message_by_id ON message (id);
-- Who of the party has read it.
CREATE TABLE message_read (
    home TEXT NOT NULL, message TEXT NOT NULL, account TEXT NOT NULL, read_at INTEGER NOT NULL, PRIMARY KEY (home, message, account)
) STRICT, WITHOUT ROWID;
CREATE INDEX message_read_by_account ON message_read (account, message);

-- A duty of which somebody was told at a threshold: `-30`, `0`, `7` days from its last day in time, `superior1` one level up. Once each.
CREATE TABLE reminder (
    home TEXT NOT NULL, gauge TEXT NOT NULL, root TEXT NOT NULL, subject TEXT NOT NULL, due INTEGER NOT NULL, step TEXT NOT NULL,
    message TEXT NOT NULL, party TEXT NOT NULL, sent_at INTEGER NOT NULL,
    PRIMARY KEY (home, gauge, root, subject, due, step)
) STRICT, WITHOUT ROWID;

-- Who in a unit sees to a duty.
CREATE TABLE assignment (
    home TEXT NOT NULL, gauge TEXT NOT NULL, root TEXT NOT NULL, subject TEXT NOT NULL, account TEXT NOT NULL, assigned_by TEXT NOT NULL,
    assigned_at INTEGER NOT NULL,
    PRIMARY KEY (home, gauge, root, subject)
) STRICT, WITHOUT ROWID;
CREATE INDEX assignment_by_account ON assignment (account);

-- Where an account's e-mail goes, once it was confirmed; `muted` are the topics that it does not want by e-mail.
CREATE TABLE mailbox (
    account TEXT NOT NULL, address TEXT NOT NULL, confirmed_at INTEGER NOT NULL, token TEXT NOT NULL, token_until INTEGER NOT NULL,
    language TEXT NOT NULL, muted TEXT NOT NULL, PRIMARY KEY (account)
) STRICT, WITHOUT ROWID;
-- E-mail waiting to be sent: queued, sent or dead. The address is the account's at the moment of sending.
CREATE TABLE mail (
    home TEXT NOT NULL, id TEXT NOT NULL, account TEXT NOT NULL, message TEXT NOT NULL, state TEXT NOT NULL, attempts INTEGER NOT NULL,
    next_at INTEGER NOT NULL, error TEXT NOT NULL, created_at INTEGER NOT NULL, done_at INTEGER NOT NULL,
    PRIMARY KEY (home, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX mail_by_state ON mail (state, next_at);

-- A secret address under which a calendar reads an account's duties; only its digest is kept.
CREATE TABLE calendar_feed (token TEXT NOT NULL, account TEXT NOT NULL, made_at INTEGER NOT NULL, PRIMARY KEY (token)) STRICT, WITHOUT ROWID;
CREATE INDEX calendar_feed_by_account ON calendar_feed (account);
