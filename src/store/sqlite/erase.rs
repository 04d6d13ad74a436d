//! What is erased of players, and what they have said.

use rusqlite::{Connection, Row, Transaction, params};

use super::parts::clamped;
use super::read::{rows, value};
use super::write::execute;
use crate::store::rows::{from_json, signed, to_json, unsigned};
use crate::store::{Batch, Heard, Log, LogRow, Spoken, StoreError};
use orrery_core::types::{Millis, PlayerId};

/// Writes what the batch erases. To be called last: what the batch has written goes as well.
pub(super) fn write_erasures(transaction: &Transaction<'_>, batch: &Batch) -> Result<(), StoreError> {
    for row in batch.rewritten.values() {
        let table = row.log.as_str();
        let sql = format!("UPDATE {table} SET doc = ?3 WHERE stream = ?1 AND seq = ?2");
        let seq = signed(table, &row.stream, "seq", row.seq)?;
        execute(transaction, &sql, params![row.stream, seq, to_json(table, &row.stream, &row.doc)?])?;
    }
    for (player, to) in &batch.forgotten_notifications {
        let sql = "DELETE FROM notification_log WHERE stream = ?1 AND seq <= ?2";
        execute(transaction, sql, params![player.to_string(), clamped(*to)])?;
    }
    for (player, from) in &batch.forgotten_snapshots {
        let sql = "DELETE FROM player_snapshot WHERE player = ?1 AND at_ms >= ?2";
        execute(transaction, sql, params![player.0.as_bytes(), clamped(from.0)])?;
    }
    Ok(())
}

/// Lines of a whole log, by its key.
pub(super) fn read_through(
    connection: &Connection,
    log: Log,
    after: Option<(String, u64)>,
    limit: usize,
) -> Result<Vec<LogRow>, StoreError> {
    let table = log.as_str();
    let sql = format!(
        "SELECT stream, seq, at_ms, doc FROM {table} WHERE (stream, seq) > (?1, ?2) ORDER BY stream, seq LIMIT ?3"
    );
    // No stream's name is empty.
    let (stream, seq) = after.unwrap_or_default();
    rows(connection, &sql, params![stream, clamped(seq), clamped(limit as u64)], |row| line(log, row))
}

/// What a player has said, newest first.
pub(super) fn lines_of(
    connection: &Connection,
    player: PlayerId,
    heard: Heard,
    before: Option<Spoken>,
    limit: usize,
) -> Result<Vec<LogRow>, StoreError> {
    let sql = "SELECT stream, seq, at_ms, doc FROM chat_log
        WHERE doc ->> '$.player' = ?1 AND (at_ms, seq, stream) < (?2, ?3, ?4)
            AND (?6 IS NULL OR substr(stream, 1, length(?6)) <> ?6)
        ORDER BY at_ms DESC, seq DESC, stream DESC LIMIT ?5";
    let before = before.unwrap_or_else(Spoken::last);
    let unheard = (heard == Heard::Public).then_some(Heard::PRIVATE);
    let (at, seq) = (clamped(before.at.0), clamped(before.seq));
    rows(connection, sql, params![player.to_string(), at, seq, before.stream, clamped(limit as u64), unheard], |row| {
        line(Log::Chat, row)
    })
}

fn line(log: Log, row: &Row<'_>) -> Result<LogRow, StoreError> {
    let table = log.as_str();
    let stream: String = value(table, &"?", row, 0)?;
    let seq = unsigned(table, &stream, "seq", value(table, &stream, row, 1)?)?;
    let at = Millis(unsigned(table, &stream, "at_ms", value(table, &stream, row, 2)?)?);
    let doc = from_json(table, &stream, &value::<String>(table, &stream, row, 3)?)?;
    Ok(LogRow { log, stream, seq, at, doc })
}
