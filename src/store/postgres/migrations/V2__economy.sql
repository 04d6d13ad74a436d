-- The ledger becomes double entry: every row names the account that value leaves and the one that it comes to, as text
-- (`player:<uuid>`, `market:<hub>`, `transit`, `space`, …). Without an item it is credits. Rows are appended only.
DROP INDEX ledger_player;
ALTER TABLE ledger RENAME TO ledger_v1;
ALTER TABLE ledger_v1 RENAME CONSTRAINT ledger_pkey TO ledger_v1_pkey;

CREATE TABLE ledger (
    seq          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at_ms        bigint NOT NULL,
    reason       text NOT NULL,
    from_account text NOT NULL,
    to_account   text NOT NULL,
    item         text,
    amount       bigint NOT NULL CHECK (amount > 0),
    command      bigint,
    transfer     text
);

-- What was one row of a player's becomes one for its credits and one for its goods. Their other side follows from the
-- reason; a reason that is not known here stops the migration.
INSERT INTO ledger (at_ms, reason, from_account, to_account, item, amount, command, transfer)
SELECT at_ms, reason,
    CASE WHEN amount > 0 THEN outside ELSE player END,
    CASE WHEN amount > 0 THEN player ELSE outside END,
    item, abs(amount), command, transfer
FROM (
    SELECT seq, part, at_ms, reason, command, transfer,
        'player:' || player AS player,
        CASE reason
            WHEN 'start' THEN 'start'
            WHEN 'collect' THEN 'space'
            WHEN 'sell' THEN 'hubs'
            WHEN 'research' THEN 'services'
            WHEN 'research_refund' THEN 'services'
        END AS outside,
        CASE part WHEN 1 THEN item END AS item,
        CASE part WHEN 0 THEN credits ELSE quantity END AS amount
    FROM ledger_v1 CROSS JOIN (VALUES (0), (1)) AS parts (part)
) AS old
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
SELECT (extract(epoch FROM now()) * 1000)::bigint, 'collect', 'space', 'transit',
    doc ->> 'item', (doc ->> 'quantity')::bigint, (doc ->> 'command')::bigint, id
FROM outbox
WHERE doc ->> 'v' = '1' AND (doc ->> 'quantity')::bigint > 0
ORDER BY seq;

-- Documents are read and written whole: as text they cost the least, and hold whatever text a player may send.
-- Nobody looks players up by their credits; the index was written with every change.
DROP INDEX player_credits;
ALTER TABLE player DROP COLUMN credits, ALTER COLUMN doc TYPE json USING doc::json;
ALTER TABLE outbox ALTER COLUMN doc TYPE json USING doc::json;

-- Parts of the state of markets, missions and guilds: a row each, so that a change of one does not write them all.
CREATE TABLE market (
    owner   text NOT NULL,
    id      text NOT NULL,
    version bigint NOT NULL,
    doc     json NOT NULL,
    PRIMARY KEY (owner, id)
);

CREATE TABLE market_order (
    owner   text NOT NULL,
    id      text NOT NULL,
    version bigint NOT NULL,
    doc     json NOT NULL,
    PRIMARY KEY (owner, id)
);

CREATE TABLE auction (
    owner   text NOT NULL,
    id      text NOT NULL,
    version bigint NOT NULL,
    doc     json NOT NULL,
    PRIMARY KEY (owner, id)
);

CREATE TABLE contract (
    owner   text NOT NULL,
    id      text NOT NULL,
    version bigint NOT NULL,
    doc     json NOT NULL,
    PRIMARY KEY (owner, id)
);

CREATE TABLE price (
    owner   text NOT NULL,
    id      text NOT NULL,
    version bigint NOT NULL,
    doc     json NOT NULL,
    PRIMARY KEY (owner, id)
);

CREATE TABLE mission (
    owner   text NOT NULL,
    id      text NOT NULL,
    version bigint NOT NULL,
    doc     json NOT NULL,
    PRIMARY KEY (owner, id)
);

-- Looked up by id too: in which missions a player takes part.
CREATE TABLE participant (
    owner   text NOT NULL,
    id      text NOT NULL,
    version bigint NOT NULL,
    doc     json NOT NULL,
    PRIMARY KEY (owner, id)
);
CREATE INDEX participant_id ON participant (id);

CREATE TABLE guild (
    owner   text NOT NULL,
    id      text NOT NULL,
    version bigint NOT NULL,
    doc     json NOT NULL,
    PRIMARY KEY (owner, id)
);

-- Logs that are read page by page: lines of a stream, numbered.
CREATE TABLE chat_log (
    stream text NOT NULL,
    seq    bigint NOT NULL,
    at_ms  bigint NOT NULL,
    doc    json NOT NULL,
    PRIMARY KEY (stream, seq)
);

CREATE TABLE notification_log (
    stream text NOT NULL,
    seq    bigint NOT NULL,
    at_ms  bigint NOT NULL,
    doc    json NOT NULL,
    PRIMARY KEY (stream, seq)
);

CREATE TABLE report_log (
    stream text NOT NULL,
    seq    bigint NOT NULL,
    at_ms  bigint NOT NULL,
    doc    json NOT NULL,
    PRIMARY KEY (stream, seq)
);

CREATE TABLE mission_log (
    stream text NOT NULL,
    seq    bigint NOT NULL,
    at_ms  bigint NOT NULL,
    doc    json NOT NULL,
    PRIMARY KEY (stream, seq)
);

CREATE TABLE season_log (
    stream text NOT NULL,
    seq    bigint NOT NULL,
    at_ms  bigint NOT NULL,
    doc    json NOT NULL,
    PRIMARY KEY (stream, seq)
);
