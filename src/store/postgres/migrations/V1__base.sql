-- Which process owns the data (epoch) and the last batch it wrote.
CREATE TABLE node (
    id    integer PRIMARY KEY CHECK (id = 1),
    epoch bigint NOT NULL,
    batch bigint NOT NULL
);
INSERT INTO node (id, epoch, batch) VALUES (1, 0, 0);

-- Actor state: a versioned document per actor; what is looked up is generated from it.
-- Names are compared at the end of a transaction: within one batch an account may take the name another one gave up.
CREATE TABLE account (
    id       uuid PRIMARY KEY,
    version  bigint NOT NULL,
    doc      jsonb NOT NULL,
    name_key text GENERATED ALWAYS AS (doc ->> 'name_key') STORED NOT NULL,
    CONSTRAINT account_name_key UNIQUE (name_key) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE player (
    id      uuid PRIMARY KEY,
    version bigint NOT NULL,
    doc     jsonb NOT NULL,
    credits bigint GENERATED ALWAYS AS ((doc ->> 'credits')::bigint) STORED
);
CREATE INDEX player_credits ON player (credits);

CREATE TABLE world (
    key     text PRIMARY KEY,
    version bigint NOT NULL,
    doc     jsonb NOT NULL
);

-- Positions in 1/256 unit.
CREATE TABLE ship (
    player uuid PRIMARY KEY,
    world  text NOT NULL,
    x      integer NOT NULL,
    y      integer NOT NULL
);

CREATE TABLE object (
    id       bigint PRIMARY KEY,
    world    text NOT NULL,
    kind     text NOT NULL,
    x        integer NOT NULL,
    y        integer NOT NULL,
    quantity bigint NOT NULL
);
CREATE INDEX object_world ON object (world);

-- Transfers under way, in the order in which they began.
CREATE TABLE outbox (
    id  text PRIMARY KEY,
    seq bigint GENERATED ALWAYS AS IDENTITY,
    doc jsonb NOT NULL
);

-- Logs: rows are appended, never changed. Times in ms since 1970.
CREATE TABLE inbox (
    player uuid NOT NULL,
    id     text NOT NULL,
    seq    bigint GENERATED ALWAYS AS IDENTITY,
    at_ms  bigint NOT NULL,
    PRIMARY KEY (player, id)
);
CREATE INDEX inbox_player_seq ON inbox (player, seq);

-- The fingerprint's 64 bits are kept in a signed column, bit by bit. The answer is kept as text: as it was given.
CREATE TABLE command (
    player      uuid NOT NULL,
    id          bigint NOT NULL,
    seq         bigint GENERATED ALWAYS AS IDENTITY,
    fingerprint bigint NOT NULL,
    applied     boolean NOT NULL,
    answer      text NOT NULL,
    at_ms       bigint NOT NULL,
    PRIMARY KEY (player, id)
);
CREATE INDEX command_player_seq ON command (player, seq);

CREATE TABLE ledger (
    seq      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    player   uuid NOT NULL,
    at_ms    bigint NOT NULL,
    reason   text NOT NULL,
    command  bigint,
    transfer text,
    item     text,
    quantity bigint,
    credits  bigint NOT NULL,
    CHECK ((item IS NULL) = (quantity IS NULL))
);
CREATE INDEX ledger_player ON ledger (player);
