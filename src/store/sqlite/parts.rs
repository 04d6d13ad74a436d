//! Parts of actors' states, and the logs that are read page by page.

use rusqlite::{Connection, Row, params};
use serde_json::Value;

use super::read::{rows, value};
use crate::store::rows::{from_json, part_key, unsigned};
use crate::store::{Log, LogRow, PartKey, StoreError};
use orrery_core::game::PartTable;
use orrery_core::types::{Millis, Party};

/// All parts of one actor.
pub(super) fn load_parts(connection: &Connection, owner: &Party) -> Result<Vec<(PartKey, Value)>, StoreError> {
    let mut all = Vec::new();
    for table in PartTable::ALL {
        let sql = format!("SELECT owner, id, doc FROM {} WHERE owner = ?1 ORDER BY id", table.as_str());
        all.extend(rows(connection, &sql, [owner.to_string()], |row| part(*table, row))?);
    }
    Ok(all)
}

/// All parts in a table with this id, of whichever owner.
pub(super) fn parts_with_id(
    connection: &Connection,
    table: PartTable,
    id: &str,
) -> Result<Vec<(PartKey, Value)>, StoreError> {
    let sql = format!("SELECT owner, id, doc FROM {} WHERE id = ?1 ORDER BY owner", table.as_str());
    rows(connection, &sql, [id], |row| part(table, row))
}

/// A part, from the columns owner, id and doc.
pub(super) fn part(table: PartTable, row: &Row<'_>) -> Result<(PartKey, Value), StoreError> {
    let name = table.as_str();
    let owner: String = value(name, &"?", row, 0)?;
    let key = part_key(table, &owner, value(name, &owner, row, 1)?)?;
    let doc = from_json(name, &format_args!("{owner}/{}", key.id), &value::<String>(name, &owner, row, 2)?)?;
    Ok((key, doc))
}

/// Lines before this one, newest first.
pub(super) fn read_log(
    connection: &Connection,
    log: Log,
    stream: &str,
    before: Option<u64>,
    limit: usize,
) -> Result<Vec<LogRow>, StoreError> {
    let sql = format!(
        "SELECT seq, at_ms, doc FROM {} WHERE stream = ?1 AND seq < ?2 ORDER BY seq DESC LIMIT ?3",
        log.as_str()
    );
    let before = before.map_or(i64::MAX, clamped);
    rows(connection, &sql, params![stream, before, clamped(limit as u64)], |row| line(log, stream, row))
}

/// Lines after this one, in their order.
pub(super) fn read_log_up(
    connection: &Connection,
    log: Log,
    stream: &str,
    after: u64,
    limit: usize,
) -> Result<Vec<LogRow>, StoreError> {
    let sql =
        format!("SELECT seq, at_ms, doc FROM {} WHERE stream = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3", log.as_str());
    rows(connection, &sql, params![stream, clamped(after), clamped(limit as u64)], |row| line(log, stream, row))
}

fn line(log: Log, stream: &str, row: &Row<'_>) -> Result<LogRow, StoreError> {
    let table = log.as_str();
    let seq = unsigned(table, &stream, "seq", value(table, &stream, row, 0)?)?;
    let key = format_args!("{stream}/{seq}").to_string();
    let at = Millis(unsigned(table, &key, "at_ms", value(table, &key, row, 1)?)?);
    let doc = from_json(table, &key, &value::<String>(table, &key, row, 2)?)?;
    Ok(LogRow { log, stream: stream.to_owned(), seq, at, doc })
}

/// A number to compare with a column's, where the largest of the column does as well as any larger one.
pub(super) fn clamped(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
