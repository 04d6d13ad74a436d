//! What the operators' console reads.

use rusqlite::types::ToSql;
use rusqlite::{Connection, Row, params};
use uuid::Uuid;

use super::ledger;
use super::parts::clamped;
use super::read::{player_id, rows, value, versioned};
use crate::store::console::{AUDIT_COLUMNS, AuditColumns, Sought, held_before};
use crate::store::record::{OperatorRecord, PlayerRecord, SnapshotRecord};
use crate::store::rows::{from_json, to_json, unsigned};
use crate::store::{AuditFilter, AuditLine, PlayerLine, PlayerSearch, SnapshotRow, StoreError, Versioned};
use orrery_core::game::conservation::Balance;
use orrery_core::types::{Credits, Millis, OperatorId, PlayerId};
use serde_json::Value;

pub(super) const AUDIT: &str = "SELECT seq, at_ms, operator, operator_name, action, target, undoes, doc,
    (SELECT min(seq) FROM audit_log AS later WHERE later.undoes = audit_log.seq) FROM audit_log";
/// The targets are a list in JSON. The plus keeps SQLite from reading all of the action's lines instead of the targets'.
pub(super) const ON_TARGETS: &str = " WHERE +action = ?1 AND target IN (SELECT value FROM json_each(?2)) ORDER BY seq";
pub(super) const SNAPSHOT_AT: &str =
    "SELECT at_ms, doc FROM player_snapshot WHERE player = ?1 AND at_ms <= ?2 ORDER BY at_ms DESC LIMIT 1";
pub(super) const SNAPSHOTS: &str =
    "SELECT at_ms FROM player_snapshot WHERE player = ?1 AND at_ms < ?2 ORDER BY at_ms DESC LIMIT ?3";
const PLAYERS: &str = "SELECT a.id, a.name_key, a.doc ->> '$.name', a.doc ->> '$.password_hash' IS NULL,
    a.doc ->> '$.created_ms', a.banned_until_ms, a.muted_until_ms, p.doc ->> '$.credits'
    FROM account AS a LEFT JOIN player AS p ON p.id = a.id";
pub(super) fn operators(connection: &Connection) -> Result<Vec<(OperatorId, Versioned<OperatorRecord>)>, StoreError> {
    rows(connection, "SELECT version, doc, id FROM operator ORDER BY id", [], |row| {
        let id = OperatorId(Uuid::from_bytes(value("operator", &"?", row, 2)?));
        Ok((id, versioned("operator", &id, row)?))
    })
}

pub(super) fn console_state(connection: &Connection) -> Result<Vec<(String, Versioned<Value>)>, StoreError> {
    rows(connection, "SELECT version, doc, key FROM console_state ORDER BY key", [], |row| {
        let key: String = value("console_state", &"?", row, 2)?;
        let state = versioned("console_state", &key, row)?;
        Ok((key, state))
    })
}

pub(super) fn audit_entries(
    connection: &Connection,
    filter: &AuditFilter,
    before: Option<u64>,
    limit: usize,
) -> Result<Vec<AuditLine>, StoreError> {
    let operator = filter.operator.map(|id| id.0.into_bytes());
    let undoes = filter.undoes.map(clamped);
    let given: [&dyn ToSql; 4] = [&operator, &filter.action, &filter.target, &undoes];
    let used = given.into_iter().enumerate().filter(|(bit, _)| filter.columns() & (1 << bit) != 0);
    let (before, limit) = (before.map_or(i64::MAX, clamped), clamped(limit as u64));
    let mut values: Vec<&dyn ToSql> = vec![&before];
    values.extend(used.map(|(_, value)| value));
    values.push(&limit);
    rows(connection, &audit_sql(filter.columns()), values.as_slice(), audit_line)
}

/// The statement for a set of an [`AuditFilter`]'s columns.
pub(super) fn audit_sql(columns: usize) -> String {
    let mut sql = format!("{AUDIT} WHERE seq < ?1");
    let mut count = 1;
    for (_, column) in AUDIT_COLUMNS.iter().enumerate().filter(|(bit, _)| columns & (1 << bit) != 0) {
        count += 1;
        sql += &format!(" AND {column} = ?{count}");
    }
    sql + &format!(" ORDER BY seq DESC LIMIT ?{}", count + 1)
}

pub(super) fn audit_entry(connection: &Connection, seq: u64) -> Result<Option<AuditLine>, StoreError> {
    let found = rows(connection, &format!("{AUDIT} WHERE seq = ?1"), [clamped(seq)], audit_line)?;
    Ok(found.into_iter().next())
}

pub(super) fn audit_on(
    connection: &Connection,
    action: &str,
    targets: &[String],
) -> Result<Vec<AuditLine>, StoreError> {
    let targets = to_json("audit_log", &action, &targets)?;
    rows(connection, &format!("{AUDIT}{ON_TARGETS}"), params![action, targets], audit_line)
}

fn audit_line(row: &Row<'_>) -> Result<AuditLine, StoreError> {
    let table = "audit_log";
    let seq = unsigned(table, &"?", "seq", value(table, &"?", row, 0)?)?;
    let number = |column, name| {
        let stored: Option<i64> = value(table, &seq, row, column)?;
        stored.map(|stored| unsigned(table, &seq, name, stored)).transpose()
    };
    let columns = AuditColumns {
        seq,
        at: Millis(unsigned(table, &seq, "at_ms", value(table, &seq, row, 1)?)?),
        operator: OperatorId(Uuid::from_bytes(value(table, &seq, row, 2)?)),
        operator_name: value(table, &seq, row, 3)?,
        action: value(table, &seq, row, 4)?,
        target: value(table, &seq, row, 5)?,
        undoes: number(6, "undoes")?,
        undone_by: number(8, "undoes")?,
    };
    Ok(columns.with(from_json(table, &seq, &value::<String>(table, &seq, row, 7)?)?))
}

pub(super) fn snapshot_at(
    connection: &Connection,
    player: PlayerId,
    at: Millis,
) -> Result<Option<SnapshotRow>, StoreError> {
    let table = "player_snapshot";
    let found = rows(connection, SNAPSHOT_AT, params![player.0.as_bytes(), clamped(at.0)], |row| {
        let at = Millis(unsigned(table, &player, "at_ms", value(table, &player, row, 0)?)?);
        let SnapshotRecord::V1 { account_name, player: record } =
            from_json(table, &player, &value::<String>(table, &player, row, 1)?)?;
        Ok(SnapshotRow { player, at, account_name, record })
    })?;
    Ok(found.into_iter().next())
}

pub(super) fn snapshots(
    connection: &Connection,
    player: PlayerId,
    before: Option<Millis>,
    limit: usize,
) -> Result<Vec<Millis>, StoreError> {
    let before = before.map_or(i64::MAX, |before| clamped(before.0));
    rows(connection, SNAPSHOTS, params![player.0.as_bytes(), before, clamped(limit as u64)], |row| {
        unsigned("player_snapshot", &player, "at_ms", value("player_snapshot", &player, row, 0)?).map(Millis)
    })
}

pub(super) fn holdings_at(
    connection: &Connection,
    player: PlayerId,
    at: Millis,
) -> Result<Option<Balance>, StoreError> {
    let sql = "SELECT doc FROM player WHERE id = ?1";
    let found = rows(connection, sql, [player.0.as_bytes()], |row| {
        from_json::<PlayerRecord>("player", &player, &value::<String>("player", &player, row, 0)?)
    })?;
    let Some(record) = found.into_iter().next() else { return Ok(None) };
    let since = ledger::moved_since(connection, player, at)?;
    Ok(Some(held_before(Balance::from(&record.into_player(player).holdings()), since)))
}

pub(super) fn search_players(
    connection: &Connection,
    search: &PlayerSearch,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<PlayerLine>, StoreError> {
    let limit = clamped(limit as u64);
    match search.sought(after) {
        Sought::Nobody => Ok(Vec::new()),
        Sought::One(id) => {
            let sql = format!("{PLAYERS} WHERE a.id = ?1 LIMIT ?2");
            let mut found = rows(connection, &sql, params![id.0.as_bytes(), limit], player_line)?;
            found.retain(|line| search.keeps(line, after));
            Ok(found)
        }
        Sought::Named { start, with_start, end } => {
            let sql = search_sql(with_start, search.banned, search.muted);
            rows(connection, &sql, params![start, end, clamped(search.now.0), limit], player_line)
        }
    }
}

pub(super) fn search_sql(with_start: bool, banned: bool, muted: bool) -> String {
    let from = if with_start { ">=" } else { ">" };
    let banned = if banned { " AND a.banned_until_ms > ?3" } else { "" };
    let muted = if muted { " AND a.muted_until_ms > ?3" } else { "" };
    format!("{PLAYERS} WHERE a.name_key {from} ?1 AND a.name_key < ?2{banned}{muted} ORDER BY a.name_key LIMIT ?4")
}

fn player_line(row: &Row<'_>) -> Result<PlayerLine, StoreError> {
    let id = player_id("account", &"?", row)?;
    let number = |column, name| {
        let stored: Option<i64> = value("account", &id, row, column)?;
        stored.map(|stored| unsigned("account", &id, name, stored)).transpose()
    };
    Ok(PlayerLine {
        id,
        name_key: value("account", &id, row, 1)?,
        name: value("account", &id, row, 2)?,
        guest: value("account", &id, row, 3)?,
        created: Millis(number(4, "created_ms")?.unwrap_or_default()),
        banned_until: number(5, "banned_until_ms")?.map(Millis),
        muted_until: number(6, "muted_until_ms")?.map(Millis),
        credits: number(7, "credits")?.map(Credits),
    })
}
