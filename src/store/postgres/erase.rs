//! What is erased of players, and what they have said.

use super::failure::failure;
use super::parts::clamped;
use super::read::{document, number, value};
use super::session::Session;
use super::statements::Insert;
use crate::store::{Batch, Heard, Log, LogRow, Spoken, StoreError};
use orrery_core::types::{Millis, PlayerId};

/// By the ids as text. Whose a line of chat is, the index on it finds out: see the migration. Reports and seasons' ranks are few: they are read through.
const CHAT: &str = r#"UPDATE chat_log SET doc = (doc::jsonb || '{"text": "", "name": "(erased)"}')::json
    WHERE substring(doc::text from '"player":\s*"([0-9a-f-]{36})"') = ANY ($1::text[])"#;
const REPORTED: &str = r#"UPDATE report_log
    SET doc = jsonb_set(doc::jsonb, '{line}', (doc::jsonb -> 'line') || '{"text": "", "name": "(erased)"}')::json
    WHERE doc -> 'line' ->> 'player' = ANY ($1::text[])"#;
const REPORTS: &str = r#"UPDATE report_log SET doc = (doc::jsonb || '{"reason": ""}')::json
    WHERE doc ->> 'by' = ANY ($1::text[])"#;
const SEASONS: &str = r#"UPDATE season_log SET doc = (doc::jsonb || '{"name": "(erased)"}')::json
    WHERE doc ->> 'player' = ANY ($1::text[])"#;
const NOTIFICATIONS: &str = "DELETE FROM notification_log WHERE stream = ANY ($1::text[])";
const SNAPSHOTS: &str = "DELETE FROM player_snapshot WHERE player = ANY ($1::uuid[])";
const LINES: &str = r#"SELECT stream, seq, at_ms, doc::text FROM chat_log
    WHERE substring(doc::text from '"player":\s*"([0-9a-f-]{36})"') = $1 AND (at_ms, seq, stream) < ($2, $3, $4)
        AND ($6::text IS NULL OR NOT starts_with(stream, $6))
    ORDER BY at_ms DESC, seq DESC, stream DESC LIMIT $5"#;

/// Everything that a writing session prepares for these.
pub(super) const PREPARED: [&str; 6] = [CHAT, REPORTED, REPORTS, SEASONS, NOTIFICATIONS, SNAPSHOTS];

/// The statements that erase the batch's erased players. They come last: what the batch has written goes as well.
pub(super) fn erasures(batch: &Batch) -> Vec<Insert> {
    let (ids, row_count) = (batch.erased.iter(), batch.erased.len());
    let texts: Vec<String> = ids.clone().map(ToString::to_string).collect();
    let by_text = [CHAT, REPORTED, REPORTS, SEASONS, NOTIFICATIONS];
    let mut all: Vec<Insert> =
        by_text.into_iter().map(|sql| Insert { sql, values: vec![Box::new(texts.clone())], row_count }).collect();
    let ids: Vec<uuid::Uuid> = ids.map(|player| player.0).collect();
    all.push(Insert { sql: SNAPSHOTS, values: vec![Box::new(ids)], row_count });
    all
}

/// What a player has said, newest first.
pub(super) async fn lines_of(
    session: &mut Session,
    player: PlayerId,
    heard: Heard,
    before: Option<Spoken>,
    limit: usize,
) -> Result<Vec<LogRow>, StoreError> {
    session.prepare(&[LINES]).await?;
    let statement = session.statement(LINES)?;
    let before = before.unwrap_or_else(Spoken::last);
    let unheard = (heard == Heard::Public).then_some(Heard::PRIVATE);
    let (at, seq, limit) = (clamped(before.at.0), clamped(before.seq), clamped(limit as u64));
    let rows =
        session.client.query(&statement, &[&player.to_string(), &at, &seq, &before.stream, &limit, &unheard]).await;
    let line = |row: &tokio_postgres::Row| {
        let stream: String = value("chat_log", &player, row, 0)?;
        let seq = number("chat_log", &stream, "seq", row, 1)?;
        let at = Millis(number("chat_log", &stream, "at_ms", row, 2)?);
        let doc = document("chat_log", &stream, row, 3)?;
        Ok(LogRow { log: Log::Chat, stream, seq, at, doc })
    };
    rows.map_err(failure)?.iter().map(line).collect()
}
