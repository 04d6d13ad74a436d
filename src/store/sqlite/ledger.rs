//! The ledger: rows that are appended, and how they are found by account.
//!
//! An index by account would be written at as many places as a batch names accounts, a page each. So accounts are put
//! into `ledger_run` once per [`LEDGER_RUN`] rows, sorted, in one stretch: a lookup is one search in each run, and a
//! reading of the rows after the last one. The idea is that of the sorted runs of a log-structured merge tree
//! (O'Neil et al., 1996), without the merging: a thousand searches are a few milliseconds.

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::failure;
use super::parts::clamped;
use super::read::{rows, value};
use super::write::{at_ms, execute};
use crate::store::console::LedgerColumns;
use crate::store::rows::{corrupt, signed, unsigned};
use crate::store::{LedgerLine, StoreError};
use orrery_core::game::LedgerEntry;
use orrery_core::types::{Account, ItemKey, Millis, PlayerId, TransferId};

/// [`LEDGER_RUN`], for statements.
macro_rules! ledger_run {
    () => {
        8192
    };
}
/// Rows in a run. Also in the migration that made the table: another number needs another migration.
const LEDGER_RUN: i64 = ledger_run!();

/// Times and numbers of an account's rows, `?1`. A row from an account to itself comes once.
macro_rules! entries {
    () => {
        concat!(
            "WITH RECURSIVE
            done (runs) AS (SELECT coalesce(max(run) + 1, 0) FROM ledger_run),
            each (run) AS (SELECT 0 FROM done WHERE runs > 0
                UNION ALL SELECT run + 1 FROM each CROSS JOIN done WHERE run + 1 < runs),
            entry (at_ms, seq) AS (
                SELECT found.at_ms, found.seq FROM each
                    CROSS JOIN ledger_run AS found ON found.run = each.run AND found.account = ?1
                UNION ALL
                SELECT at_ms, seq FROM ledger
                    WHERE seq > (SELECT runs * ",
            ledger_run!(),
            " FROM done) AND (from_account = ?1 OR to_account = ?1))"
        )
    };
}

pub(super) const PAGE: &str = concat!(
    entries!(),
    " SELECT l.seq, l.at_ms, reason, from_account, to_account, item, amount, command, transfer FROM (
        SELECT at_ms, seq FROM entry WHERE (at_ms, seq) < (?2, ?3) ORDER BY at_ms DESC, seq DESC LIMIT ?4
    ) AS page CROSS JOIN ledger AS l ON l.seq = page.seq ORDER BY l.at_ms DESC, l.seq DESC"
);
pub(super) const MOVED_SINCE: &str = concat!(
    entries!(),
    " SELECT item, sum(CASE WHEN to_account = from_account THEN 0 WHEN to_account = ?1 THEN amount ELSE -amount END)
    FROM entry CROSS JOIN ledger AS l ON l.seq = entry.seq WHERE entry.at_ms > ?2 GROUP BY item"
);
const INDEX_RUN: &str = "INSERT INTO ledger_run (run, account, at_ms, seq)
    SELECT ?1, account, at_ms, seq FROM (
        SELECT from_account AS account, at_ms, seq FROM ledger WHERE seq > ?2 AND seq <= ?3
        UNION
        SELECT to_account, at_ms, seq FROM ledger WHERE seq > ?2 AND seq <= ?3
    ) ORDER BY account, at_ms, seq";

/// Appends rows, and indexes the runs that are full with them.
pub(super) fn append(transaction: &Transaction<'_>, entries: &[LedgerEntry]) -> Result<(), StoreError> {
    for entry in entries {
        append_row(transaction, entry)?;
    }
    let (last, new) = (transaction.last_insert_rowid(), clamped(entries.len() as u64));
    if new == 0 || last / LEDGER_RUN == (last - new) / LEDGER_RUN {
        return Ok(());
    }
    let sql = "SELECT coalesce(max(run) + 1, 0) FROM ledger_run";
    let first: i64 = transaction.query_row(sql, [], |row| row.get(0)).map_err(failure)?;
    for run in first..last / LEDGER_RUN {
        execute(transaction, INDEX_RUN, params![run, run * LEDGER_RUN, (run + 1) * LEDGER_RUN])?;
    }
    Ok(())
}

fn append_row(transaction: &Transaction<'_>, entry: &LedgerEntry) -> Result<(), StoreError> {
    let sql = "INSERT INTO ledger (at_ms, reason, from_account, to_account, item, amount, command, transfer)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    let command = entry.command.map(|id| signed("ledger", &id, "command", id.0)).transpose()?;
    let item = entry.item.as_ref().map(ItemKey::as_str);
    let amount = signed("ledger", &"new", "amount", entry.amount)?;
    let transfer = entry.transfer.as_ref().map(TransferId::as_str);
    let (at, reason) = (at_ms("ledger", entry.at)?, entry.reason.as_str());
    let (from, to) = (entry.from.to_string(), entry.to.to_string());
    execute(transaction, sql, params![at, reason, from, to, item, amount, command, transfer])
}

/// A page of an account's rows, newest first.
pub(super) fn page(
    connection: &Connection,
    account: &Account,
    before: Option<u64>,
    limit: usize,
) -> Result<Vec<LedgerLine>, StoreError> {
    let Some((at, seq)) = ledger_border(connection, before)? else { return Ok(Vec::new()) };
    let values = params![account.to_string(), at, seq, clamped(limit as u64)];
    rows(connection, PAGE, values, |row| {
        let table = "ledger";
        let seq = unsigned(table, &"?", "seq", value(table, &"?", row, 0)?)?;
        let command: Option<i64> = value(table, &seq, row, 7)?;
        let columns = LedgerColumns {
            seq,
            at: Millis(unsigned(table, &seq, "at_ms", value(table, &seq, row, 1)?)?),
            reason: value(table, &seq, row, 2)?,
            from: value(table, &seq, row, 3)?,
            to: value(table, &seq, row, 4)?,
            item: value(table, &seq, row, 5)?,
            amount: unsigned(table, &seq, "amount", value(table, &seq, row, 6)?)?,
            command: command.map(|command| unsigned(table, &seq, "command", command)).transpose()?,
            transfer: value(table, &seq, row, 8)?,
        };
        columns.line()
    })
}

/// Time and number of the row before which a page begins; `None` when there is no such row.
fn ledger_border(connection: &Connection, before: Option<u64>) -> Result<Option<(i64, i64)>, StoreError> {
    let Some(before) = before else { return Ok(Some((i64::MAX, i64::MAX))) };
    let seq = clamped(before);
    let mut statement = connection.prepare_cached("SELECT at_ms FROM ledger WHERE seq = ?1").map_err(failure)?;
    let at = statement.query_row([seq], |row| row.get(0)).optional().map_err(failure)?;
    Ok(at.map(|at| (at, seq)))
}

/// What came to a player (or left, below 0) after a time, by item.
pub(super) fn moved_since(
    connection: &Connection,
    player: PlayerId,
    at: Millis,
) -> Result<Vec<(Option<ItemKey>, i64)>, StoreError> {
    let account = Account::from(player).to_string();
    rows(connection, MOVED_SINCE, params![account, clamped(at.0)], |row| {
        let item: Option<String> = value("ledger", &account, row, 0)?;
        let item = item.map(|item| ItemKey::parse(&item)).transpose();
        let item = item.map_err(|error| corrupt("ledger", &account, &error))?;
        Ok((item, value::<i64>("ledger", &account, row, 1)?))
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use orrery_core::game::LedgerReason;
    use refinery::Target;
    use uuid::Uuid;

    const PLAYERS: u128 = 7;
    /// Two runs and something after them.
    const ROWS: u64 = 2 * LEDGER_RUN.unsigned_abs() + 300;

    fn player(number: u128) -> PlayerId {
        PlayerId(Uuid::from_u128(number))
    }

    /// Between few players, some to themselves; times repeat, and now and then go back.
    fn entry(number: u64) -> LedgerEntry {
        let mixed = u128::from(number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20);
        LedgerEntry {
            at: Millis(1_000 + number / 3 - if number.is_multiple_of(11) { 40 } else { 0 }),
            reason: LedgerReason::Gift,
            from: player(mixed % PLAYERS).into(),
            to: player(mixed / PLAYERS % PLAYERS).into(),
            item: number.is_multiple_of(4).then(|| ItemKey::parse("ice").unwrap()),
            amount: number % 9 + 1,
            command: None,
            transfer: None,
        }
    }

    fn opened(up_to: Target) -> Connection {
        let mut connection = Connection::open_in_memory().unwrap();
        super::super::embedded::migrations::runner().set_target(up_to).run(&mut connection).unwrap();
        connection
    }

    fn append_all(connection: &mut Connection) {
        for batch in (0..ROWS).collect::<Vec<_>>().chunks(1_000) {
            let entries: Vec<LedgerEntry> = batch.iter().map(|&number| entry(number)).collect();
            let transaction = connection.transaction().unwrap();
            append(&transaction, &entries).unwrap();
            transaction.commit().unwrap();
        }
    }

    /// Every page of every player is what a reading of the whole table finds, and so are sums.
    fn check(connection: &Connection) {
        for player in (0..PLAYERS).map(player) {
            let account = Account::from(player);
            let all: Vec<LedgerEntry> = (0..ROWS).map(entry).collect();
            let mine = |entry: &&LedgerEntry| entry.from == account || entry.to == account;
            let mut expected: Vec<(Millis, u64)> =
                (1..).zip(&all).filter(|(_, entry)| mine(entry)).map(|(seq, entry)| (entry.at, seq)).collect();
            expected.sort_unstable_by(|one, other| other.cmp(one));
            let (mut found, mut before) = (Vec::new(), None);
            loop {
                let lines = page(connection, &account, before, 700).unwrap();
                let Some(last) = lines.last() else { break };
                before = Some(last.seq);
                found.extend(lines.into_iter().map(|line| (line.entry.at, line.seq)));
            }
            assert_eq!(found, expected);
            for at in [Millis(0), Millis(2_000), Millis(1_000 + ROWS / 3 - 30), Millis(u64::MAX)] {
                let sum = |item: Option<&str>| {
                    let since = all.iter().filter(|entry| entry.at > at);
                    let since = since.filter(|entry| entry.item.as_ref().map(ItemKey::as_str) == item);
                    since.fold(0, |sum, entry| {
                        let amount = i64::try_from(entry.amount).unwrap();
                        sum + i64::from(entry.to == account) * amount - i64::from(entry.from == account) * amount
                    })
                };
                let moved = moved_since(connection, player, at).unwrap();
                let of = |item: Option<&str>| {
                    let line = moved.iter().find(|(found, _)| found.as_ref().map(ItemKey::as_str) == item);
                    line.map_or(0, |(_, sum)| *sum)
                };
                assert_eq!((of(None), of(Some("ice"))), (sum(None), sum(Some("ice"))), "{account} since {at:?}");
            }
        }
    }

    #[test]
    fn rows_are_found_by_account_in_the_runs_and_after_them() {
        let mut connection = opened(Target::Latest);
        append_all(&mut connection);
        let runs: i64 =
            connection.query_row("SELECT count(DISTINCT run) FROM ledger_run", [], |row| row.get(0)).unwrap();
        assert_eq!(runs, 2);
        check(&connection);
    }

    #[test]
    fn a_ledger_from_before_the_runs_is_put_into_runs() {
        let mut connection = opened(Target::Version(4));
        for number in 0..ROWS {
            let transaction = connection.transaction().unwrap();
            append_row(&transaction, &entry(number)).unwrap();
            transaction.commit().unwrap();
        }
        super::super::migrate(&mut connection).unwrap();
        let runs: i64 =
            connection.query_row("SELECT count(DISTINCT run) FROM ledger_run", [], |row| row.get(0)).unwrap();
        assert_eq!(runs, 2);
        check(&connection);
    }

    #[test]
    fn no_row_is_no_page() {
        let connection = opened(Target::Latest);
        assert!(page(&connection, &player(1).into(), None, 10).unwrap().is_empty());
        assert!(moved_since(&connection, player(1), Millis(0)).unwrap().is_empty());
    }
}
