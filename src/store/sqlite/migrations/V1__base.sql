-- Which process owns the data (epoch) and the last batch it wrote.
CREATE TABLE node (
    id    INTEGER PRIMARY KEY CHECK (id = 1),
    epoch INTEGER NOT NULL,
    batch INTEGER NOT NULL
) STRICT;
INSERT INTO node (id, epoch, batch) VALUES (1, 0, 0);

-- Actor state: a versioned document per actor; what is looked up is generated from it.
CREATE TABLE account (
    id       BLOB PRIMARY KEY CHECK (length(id) = 16),
    version  INTEGER NOT NULL,
    doc      TEXT NOT NULL CHECK (json_valid(doc)),
    name_key TEXT NOT NULL GENERATED ALWAYS AS (doc ->> '$.name_key') VIRTUAL
) STRICT;
CREATE UNIQUE INDEX account_name_key ON account (name_key);

CREATE TABLE player (
    id      BLOB PRIMARY KEY CHECK (length(id) = 16),
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL CHECK (json_valid(doc)),
    credits INTEGER GENERATED ALWAYS AS (doc ->> '$.credits') VIRTUAL
) STRICT;
CREATE INDEX player_credits ON player (credits);

CREATE TABLE world (
    key     TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    doc     TEXT NOT NULL CHECK (json_valid(doc))
) STRICT;

-- Positions in 1/256 unit.
CREATE TABLE ship (
    player BLOB PRIMARY KEY CHECK (length(player) = 16),
    world  TEXT NOT NULL,
    x      INTEGER NOT NULL,
    y      INTEGER NOT NULL
) STRICT;

CREATE TABLE object (
    id       INTEGER PRIMARY KEY,
    world    TEXT NOT NULL,
    kind     TEXT NOT NULL,
    x        INTEGER NOT NULL,
    y        INTEGER NOT NULL,
    quantity INTEGER NOT NULL
) STRICT;
CREATE INDEX object_world ON object (world);

-- Transfers under way, in the order in which they began.
CREATE TABLE outbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id  TEXT NOT NULL UNIQUE,
    doc TEXT NOT NULL CHECK (json_valid(doc))
) STRICT;

-- Logs: rows are appended, never changed. Times in ms since 1970.
-- An index on (player) orders by seq within a player: SQLite appends the row's number to every index.
CREATE TABLE inbox (
    seq    INTEGER PRIMARY KEY,
    player BLOB NOT NULL CHECK (length(player) = 16),
    id     TEXT NOT NULL,
    at_ms  INTEGER NOT NULL,
    UNIQUE (player, id)
) STRICT;
CREATE INDEX inbox_player ON inbox (player);

-- The fingerprint's 64 bits are kept in a signed column, bit by bit.
CREATE TABLE command (
    seq         INTEGER PRIMARY KEY,
    player      BLOB NOT NULL CHECK (length(player) = 16),
    id          INTEGER NOT NULL,
    fingerprint INTEGER NOT NULL,
    applied     INTEGER NOT NULL CHECK (applied IN (0, 1)),
    answer      TEXT NOT NULL,
    at_ms       INTEGER NOT NULL,
    UNIQUE (player, id)
) STRICT;
CREATE INDEX command_player ON command (player);

CREATE TABLE ledger (
    seq      INTEGER PRIMARY KEY,
    player   BLOB NOT NULL CHECK (length(player) = 16),
    at_ms    INTEGER NOT NULL,
    reason   TEXT NOT NULL,
    command  INTEGER,
    transfer TEXT,
    item     TEXT,
    quantity INTEGER,
    credits  INTEGER NOT NULL,
    CHECK ((item IS NULL) = (quantity IS NULL))
) STRICT;
CREATE INDEX ledger_player ON ledger (player);
