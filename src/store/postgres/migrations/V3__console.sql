-- Operators, and what they have set: versioned documents.
-- Names are compared at the end of a transaction, like those of accounts.
CREATE TABLE operator (
    id       uuid PRIMARY KEY,
    version  bigint NOT NULL,
    doc      json NOT NULL,
    name_key text GENERATED ALWAYS AS (doc ->> 'name_key') STORED NOT NULL,
    CONSTRAINT operator_name_key UNIQUE (name_key) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE console_state (
    key     text PRIMARY KEY,
    version bigint NOT NULL,
    doc     json NOT NULL
);

-- What operators did. Appended only: the triggers refuse everything else.
CREATE TABLE audit_log (
    seq           bigint PRIMARY KEY,
    at_ms         bigint NOT NULL,
    operator      uuid NOT NULL,
    operator_name text NOT NULL,
    action        text NOT NULL,
    target        text NOT NULL,
    undoes        bigint,
    doc           json NOT NULL
);
CREATE INDEX audit_log_target ON audit_log (target, seq);
CREATE INDEX audit_log_operator ON audit_log (operator, seq);
CREATE INDEX audit_log_action ON audit_log (action, seq);
CREATE INDEX audit_log_undoes ON audit_log (undoes, seq) WHERE undoes IS NOT NULL;
CREATE FUNCTION audit_log_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit_log is append-only';
END;
$$;
CREATE TRIGGER audit_log_not_changed BEFORE UPDATE OR DELETE ON audit_log
    FOR EACH ROW EXECUTE FUNCTION audit_log_refuse();
CREATE TRIGGER audit_log_not_emptied BEFORE TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION audit_log_refuse();

-- Players as they were.
CREATE TABLE player_snapshot (
    player uuid NOT NULL,
    at_ms  bigint NOT NULL,
    doc    json NOT NULL,
    PRIMARY KEY (player, at_ms)
);
CREATE INDEX player_snapshot_at ON player_snapshot (at_ms);

-- Operators look rows up by account and time.
CREATE INDEX ledger_from ON ledger (from_account, at_ms, seq);
CREATE INDEX ledger_to ON ledger (to_account, at_ms, seq);

-- Operators look players up by name, and those who are banned or muted. A ban without an end has a time so large that
-- no clock reaches it. The order of names is that of code points, whatever the database's is.
ALTER TABLE account
    ADD COLUMN banned_until_ms bigint GENERATED ALWAYS AS ((doc #>> '{moderation,ban,until_ms}')::bigint) STORED,
    ADD COLUMN muted_until_ms bigint GENERATED ALWAYS AS ((doc #>> '{moderation,mute,until_ms}')::bigint) STORED;
CREATE INDEX account_names ON account (name_key COLLATE "C");
CREATE INDEX account_banned ON account (name_key COLLATE "C") WHERE banned_until_ms IS NOT NULL;
CREATE INDEX account_muted ON account (name_key COLLATE "C") WHERE muted_until_ms IS NOT NULL;
