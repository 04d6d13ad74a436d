-- Operators look the ledger up by account. An index by account is written at as many places as a batch names accounts,
-- a page each: it halved what the store could take. So the ledger is indexed in runs: when it has grown by so many rows
-- (`LEDGER_RUN` in the code), their accounts are put here at once, sorted, which is one stretch of pages. Rows after the
-- last run are few, and read through.
DROP INDEX ledger_from;
DROP INDEX ledger_to;
CREATE TABLE ledger_run (
    run     INTEGER NOT NULL,
    account TEXT NOT NULL,
    at_ms   INTEGER NOT NULL,
    seq     INTEGER NOT NULL,
    PRIMARY KEY (run, account, at_ms, seq)
) STRICT, WITHOUT ROWID;
INSERT INTO ledger_run (run, account, at_ms, seq)
SELECT (seq - 1) / 8192, account, at_ms, seq
FROM (
    SELECT from_account AS account, at_ms, seq FROM ledger
    UNION
    SELECT to_account, at_ms, seq FROM ledger
)
WHERE (seq - 1) / 8192 < (SELECT max(seq) / 8192 FROM ledger)
ORDER BY 1, 2, 3, 4;
