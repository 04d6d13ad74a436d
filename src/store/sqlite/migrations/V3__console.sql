-- Operators, and what they have set: versioned documents.
CREATE TABLE operator (
    id       BLOB PRIMARY KEY CHECK (length(id) = 16),
    version  INTEGER NOT NULL,
    doc      TEXT NOT NULL CHECK (json_valid(doc)),
    name_key TEXT NOT NULL GENERATED ALWAYS AS (doc ->> '$.name_key') VIRTUAL
) STRICT;
CREATE UNIQUE INDEX operator_name_key ON operator (name_key);

CREATE TABLE console_state (
    key     TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL CHECK (json_valid(doc))
) STRICT;

-- What operators did. Appended only: the triggers refuse everything else. That of the insertion is for INSERT OR
-- REPLACE, which deletes without calling a trigger.
CREATE TABLE audit_log (
    seq           INTEGER PRIMARY KEY,
    at_ms         INTEGER NOT NULL,
    operator      BLOB NOT NULL CHECK (length(operator) = 16),
    operator_name TEXT NOT NULL,
    action        TEXT NOT NULL,
    target        TEXT NOT NULL,
    undoes        INTEGER,
    doc           TEXT NOT NULL CHECK (json_valid(doc))
) STRICT;
-- SQLite appends the row's number to every index. Of several that fit it takes the one made last: the narrower one.
CREATE INDEX audit_log_action ON audit_log (action);
CREATE INDEX audit_log_operator ON audit_log (operator);
CREATE INDEX audit_log_target ON audit_log (target);
CREATE INDEX audit_log_undoes ON audit_log (undoes) WHERE undoes IS NOT NULL;
CREATE TRIGGER audit_log_not_changed BEFORE UPDATE ON audit_log
BEGIN
    SELECT RAISE(ABORT, 'audit_log is append-only');
END;
CREATE TRIGGER audit_log_not_deleted BEFORE DELETE ON audit_log
BEGIN
    SELECT RAISE(ABORT, 'audit_log is append-only');
END;
CREATE TRIGGER audit_log_not_replaced BEFORE INSERT ON audit_log
WHEN EXISTS (SELECT 1 FROM audit_log WHERE seq = NEW.seq)
BEGIN
    SELECT RAISE(ABORT, 'audit_log is append-only');
END;

-- Players as they were.
CREATE TABLE player_snapshot (
    player BLOB NOT NULL CHECK (length(player) = 16),
    at_ms  INTEGER NOT NULL,
    doc    TEXT NOT NULL CHECK (json_valid(doc)),
    PRIMARY KEY (player, at_ms)
) STRICT;
CREATE INDEX player_snapshot_at ON player_snapshot (at_ms);

-- Operators look rows up by account and time.
CREATE INDEX ledger_from ON ledger (from_account, at_ms);
CREATE INDEX ledger_to ON ledger (to_account, at_ms);

-- Operators look players up by name, and those who are banned or muted. A ban without an end has a time so large that
-- no clock reaches it.
ALTER TABLE account ADD COLUMN banned_until_ms INTEGER GENERATED ALWAYS AS (doc ->> '$.moderation.ban.until_ms') VIRTUAL;
ALTER TABLE account ADD COLUMN muted_until_ms INTEGER GENERATED ALWAYS AS (doc ->> '$.moderation.mute.until_ms') VIRTUAL;
CREATE INDEX account_banned ON account (name_key) WHERE banned_until_ms IS NOT NULL;
CREATE INDEX account_muted ON account (name_key) WHERE muted_until_ms IS NOT NULL;
