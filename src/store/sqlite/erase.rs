//! What is erased of players, and what they have said.

use rusqlite::{Connection, Transaction, params};

use super::parts::clamped;
use super::read::{rows, value};
use super::write::execute;
use crate::store::erasing::NOBODY;
use crate::store::rows::{from_json, unsigned};
use crate::store::{Batch, Heard, Log, LogRow, Spoken, StoreError};
use orrery_core::types::{Millis, PlayerId};

/// By the id as text. Reports and seasons' ranks are few: they are read through.
const ERASE: [&str; 5] = [
    "UPDATE chat_log SET doc = json_set(doc, '$.text', '', '$.name', ?2) WHERE doc ->> '$.player' = ?1",
    "UPDATE report_log SET doc = json_set(doc, '$.line.text', '', '$.line.name', ?2)
        WHERE doc ->> '$.line.player' = ?1",
    "UPDATE report_log SET doc = json_set(doc, '$.reason', '') WHERE doc ->> '$.by' = ?1 AND ?2 <> ''",
    "UPDATE season_log SET doc = json_set(doc, '$.name', ?2) WHERE doc ->> '$.player' = ?1",
    "DELETE FROM notification_log WHERE stream = ?1 AND ?2 <> ''",
];

/// Erases everything of the batch's erased players. To be called last: what the batch has written goes as well.
pub(super) fn erase_players(transaction: &Transaction<'_>, batch: &Batch) -> Result<(), StoreError> {
    for player in &batch.erased {
        for sql in ERASE {
            execute(transaction, sql, params![player.to_string(), NOBODY])?;
        }
        execute(transaction, "DELETE FROM player_snapshot WHERE player = ?1", params![player.0.as_bytes()])?;
    }
    Ok(())
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
        let stream: String = value("chat_log", &player, row, 0)?;
        let seq = unsigned("chat_log", &stream, "seq", value("chat_log", &stream, row, 1)?)?;
        let at = Millis(unsigned("chat_log", &stream, "at_ms", value("chat_log", &stream, row, 2)?)?);
        let doc = from_json("chat_log", &stream, &value::<String>("chat_log", &stream, row, 3)?)?;
        Ok(LogRow { log: Log::Chat, stream, seq, at, doc })
    })
}
