//! Parts of actors' states, and the logs that are read page by page.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::Value;
use tokio_postgres::Row;

use super::failure::failure;
use super::read::{document, number, snapshot, value};
use super::session::Session;
use crate::store::rows::part_key;
use crate::store::{Log, LogRow, PartKey, StoreError};
use orrery_core::game::PartTable;
use orrery_core::types::{Millis, Party};

/// The statements of each table of parts: by owner and by id.
static PARTS: LazyLock<BTreeMap<PartTable, [String; 2]>> = LazyLock::new(|| {
    let of_table = |table: &PartTable| {
        let select = format!("SELECT owner, id, doc::text FROM {}", table.as_str());
        let by_owner = format!("{select} WHERE owner = $1 ORDER BY id");
        (*table, [by_owner, format!("{select} WHERE id = $1 ORDER BY owner")])
    };
    PartTable::ALL.iter().map(of_table).collect()
});
/// The statements of each log: downwards and upwards.
static LOGS: LazyLock<BTreeMap<Log, [String; 2]>> = LazyLock::new(|| {
    let of_log = |log: Log| {
        let select = format!("SELECT seq, at_ms, doc::text FROM {} WHERE stream = $1", log.as_str());
        let down = format!("{select} AND seq < $2 ORDER BY seq DESC LIMIT $3");
        (log, [down, format!("{select} AND seq > $2 ORDER BY seq LIMIT $3")])
    };
    Log::ALL.into_iter().map(of_log).collect()
});

/// All parts of one actor.
pub(super) async fn load_parts(session: &mut Session, owner: Party) -> Result<Vec<(PartKey, Value)>, StoreError> {
    const TABLES: usize = PartTable::ALL.len();
    let mut texts = [""; TABLES];
    for (text, [by_owner, _]) in texts.iter_mut().zip(PARTS.values()) {
        *text = by_owner;
    }
    let (snapshot, statements) = snapshot(session, texts).await?;
    let mut all = Vec::new();
    for (statement, table) in statements.iter().zip(PARTS.keys()) {
        let rows = snapshot.query(statement, &[&owner.to_string()]).await.map_err(failure)?;
        for row in &rows {
            all.push(part(*table, row)?);
        }
    }
    Ok(all)
}

/// All parts in a table with this id, of whichever owner.
pub(super) async fn parts_with_id(
    session: &mut Session,
    table: PartTable,
    id: String,
) -> Result<Vec<(PartKey, Value)>, StoreError> {
    let Some([_, by_id]) = PARTS.get(&table) else { return Ok(Vec::new()) };
    session.prepare(&[by_id]).await?;
    let statement = session.statement(by_id)?;
    let rows = session.client.query(&statement, &[&id]).await.map_err(failure)?;
    rows.iter().map(|row| part(table, row)).collect()
}

/// A part, from the columns owner, id and doc.
pub(super) fn part(table: PartTable, row: &Row) -> Result<(PartKey, Value), StoreError> {
    let name = table.as_str();
    let owner: &str = value(name, &"?", row, 0)?;
    let key = part_key(table, owner, value(name, &owner, row, 1)?)?;
    let doc = document(name, &format_args!("{owner}/{}", key.id), row, 2)?;
    Ok((key, doc))
}

/// Lines before this one, newest first.
pub(super) async fn read_log(
    session: &mut Session,
    log: Log,
    stream: String,
    before: Option<u64>,
    limit: usize,
) -> Result<Vec<LogRow>, StoreError> {
    let Some([down, _]) = LOGS.get(&log) else { return Ok(Vec::new()) };
    lines(session, down, log, stream, before.unwrap_or(u64::MAX), limit).await
}

/// Lines after this one, in their order.
pub(super) async fn read_log_up(
    session: &mut Session,
    log: Log,
    stream: String,
    after: u64,
    limit: usize,
) -> Result<Vec<LogRow>, StoreError> {
    let Some([_, up]) = LOGS.get(&log) else { return Ok(Vec::new()) };
    lines(session, up, log, stream, after, limit).await
}

async fn lines(
    session: &mut Session,
    sql: &'static str,
    log: Log,
    stream: String,
    border: u64,
    limit: usize,
) -> Result<Vec<LogRow>, StoreError> {
    session.prepare(&[sql]).await?;
    let statement = session.statement(sql)?;
    let (border, limit) = (clamped(border), clamped(limit as u64));
    let rows = session.client.query(&statement, &[&stream, &border, &limit]).await.map_err(failure)?;
    rows.iter().map(|row| line(log, &stream, row)).collect()
}

fn line(log: Log, stream: &str, row: &Row) -> Result<LogRow, StoreError> {
    let table = log.as_str();
    let seq = number(table, &stream, "seq", row, 0)?;
    let key = format!("{stream}/{seq}");
    let at = Millis(number(table, &key, "at_ms", row, 1)?);
    Ok(LogRow { log, stream: stream.to_owned(), seq, at, doc: document(table, &key, row, 2)? })
}

/// A number to compare with a column's, where the largest of the column does as well as any larger one.
pub(super) fn clamped(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
