-- The ledger becomes double entry: every row names the account that value leaves and the one that it comes to, as text
-- (`player:<uuid>`, `market:<hub>`, `transit`, `space`, …). Without an item it is credits. Rows are appended only.
DROP INDEX ledger_player;
ALTER TABLE ledger RENAME TO ledger_v1;

CREATE TABLE ledger (
    seq          INTEGER PRIMARY KEY,
    at_ms        INTEGER NOT NULL,
    reason       TEXT NOT NULL,
    from_account TEXT NOT NULL,
    to_account   TEXT NOT NULL,
    item         TEXT,
    amount       INTEGER NOT NULL CHECK (amount > 0),
    command      INTEGER,
    transfer     TEXT
) STRICT;

-- What was one row of a player's becomes one for its credits and one for its goods. Their other side follows from the
-- reason; a reason that is not known here stops the migration.
INSERT INTO ledger (at_ms, reason, from_account, to_account, item, amount, command, transfer)
SELECT at_ms, reason,
    CASE WHEN amount > 0 THEN outside ELSE player END,
    CASE WHEN amount > 0 THEN player ELSE outside END,
    item, abs(amount), command, transfer
FROM (
    SELECT seq, part, at_ms, reason, command, transfer,
        'player:' || lower(substr(hex(player), 1, 8) || '-' || substr(hex(player), 9, 4) || '-'
            || substr(hex(player), 13, 4) || '-' || substr(hex(player), 17, 4) || '-' || substr(hex(player), 21)) AS player,
        CASE reason
            WHEN 'start' THEN 'start'
            WHEN 'collect' THEN 'space'
            WHEN 'sell' THEN 'hubs'
            WHEN 'research' THEN 'services'
            WHEN 'research_refund' THEN 'services'
        END AS outside,
        CASE part WHEN 1 THEN item END AS item,
        CASE part WHEN 0 THEN credits ELSE quantity END AS amount
    FROM ledger_v1 CROSS JOIN (SELECT 0 AS part UNION ALL SELECT 1)
)
WHERE amount <> 0
ORDER BY seq, part;
DROP TABLE ledger_v1;
-- No index on the accounts: nobody looks rows up by account while the server runs, and each would be a write per row.

-- A transfer was received by a row in the inbox, and its row in the outbox went later; now both happen in one
-- transaction, and there is no inbox. What has been received already is no longer under way.
DELETE FROM outbox WHERE id IN (SELECT id FROM inbox);
DROP TABLE inbox;

-- What is under way is on the account `transit` now.
INSERT INTO ledger (at_ms, reason, from_account, to_account, item, amount, command, transfer)
SELECT CAST(unixepoch('subsec') * 1000 AS INTEGER), 'collect', 'space', 'transit',
    doc ->> '$.item', doc ->> '$.quantity', doc ->> '$.command', id
FROM outbox
WHERE doc ->> '$.v' = '1' AND doc ->> '$.quantity' > 0
ORDER BY seq;

-- Nobody looks players up by their credits; the index was written with every change.
DROP INDEX player_credits;
ALTER TABLE player DROP COLUMN credits;

-- Parts of the state of markets, missions and guilds: a row each, so that a change of one does not write them all.
CREATE TABLE market (
    owner   TEXT NOT NULL,
    id      TEXT NOT NULL,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL CHECK (json_valid(doc)),
    PRIMARY KEY (owner, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE market_order (
    owner   TEXT NOT NULL,
    id      TEXT NOT NULL,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL CHECK (json_valid(doc)),
    PRIMARY KEY (owner, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE auction (
    owner   TEXT NOT NULL,
    id      TEXT NOT NULL,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL CHECK (json_valid(doc)),
    PRIMARY KEY (owner, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE contract (
    owner   TEXT NOT NULL,
    id      TEXT NOT NULL,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL CHECK (json_valid(doc)),
    PRIMARY KEY (owner, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE price (
    owner   TEXT NOT NULL,
    id      TEXT NOT NULL,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL CHECK (json_valid(doc)),
    PRIMARY KEY (owner, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE mission (
    owner   TEXT NOT NULL,
    id      TEXT NOT NULL,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL CHECK (json_valid(doc)),
    PRIMARY KEY (owner, id)
) STRICT, WITHOUT ROWID;

-- Looked up by id too: in which missions a player takes part.
CREATE TABLE participant (
    owner   TEXT NOT NULL,
    id      TEXT NOT NULL,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL CHECK (json_valid(doc)),
    PRIMARY KEY (owner, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX participant_id ON participant (id);

CREATE TABLE guild (
    owner   TEXT NOT NULL,
    id      TEXT NOT NULL,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL CHECK (json_valid(doc)),
    PRIMARY KEY (owner, id)
) STRICT, WITHOUT ROWID;

-- Logs that are read page by page: lines of a stream, numbered.
CREATE TABLE chat_log (
    stream TEXT NOT NULL,
    seq    INTEGER NOT NULL,
    at_ms  INTEGER NOT NULL,
    doc    TEXT NOT NULL CHECK (json_valid(doc)),
    PRIMARY KEY (stream, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE notification_log (
    stream TEXT NOT NULL,
    seq    INTEGER NOT NULL,
    at_ms  INTEGER NOT NULL,
    doc    TEXT NOT NULL CHECK (json_valid(doc)),
    PRIMARY KEY (stream, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE report_log (
    stream TEXT NOT NULL,
    seq    INTEGER NOT NULL,
    at_ms  INTEGER NOT NULL,
    doc    TEXT NOT NULL CHECK (json_valid(doc)),
    PRIMARY KEY (stream, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE mission_log (
    stream TEXT NOT NULL,
    seq    INTEGER NOT NULL,
    at_ms  INTEGER NOT NULL,
    doc    TEXT NOT NULL CHECK (json_valid(doc)),
    PRIMARY KEY (stream, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE season_log (
    stream TEXT NOT NULL,
    seq    INTEGER NOT NULL,
    at_ms  INTEGER NOT NULL,
    doc    TEXT NOT NULL CHECK (json_valid(doc)),
    PRIMARY KEY (stream, seq)
) STRICT, WITHOUT ROWID;
