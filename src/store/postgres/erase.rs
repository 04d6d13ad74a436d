//! What is erased of players, and what they have said.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use tokio_postgres::Row;

use super::failure::failure;
use super::parts::clamped;
use super::read::{document, number, value};
use super::session::Session;
use super::statements::{Insert, checked, column};
use crate::store::rows::{signed, to_json};
use crate::store::{Batch, Heard, Log, LogRow, Spoken, StoreError};
use orrery_core::types::{Millis, PlayerId};

/// The statements of each log: to rewrite lines, and to read it through.
static LOGS: LazyLock<BTreeMap<Log, [String; 2]>> = LazyLock::new(|| {
    let of_log = |log: Log| {
        let table = log.as_str();
        let rewrite = format!(
            "UPDATE {table} AS old SET doc = new.doc::json
             FROM unnest($1::text[], $2::bigint[], $3::text[]) AS new (stream, seq, doc)
             WHERE old.stream = new.stream AND old.seq = new.seq"
        );
        let through = format!(
            "SELECT stream, seq, at_ms, doc::text FROM {table} WHERE (stream, seq) > ($1, $2)
             ORDER BY stream, seq LIMIT $3"
        );
        (log, [rewrite, through])
    };
    Log::ALL.into_iter().map(of_log).collect()
});
const NOTIFICATIONS: &str = "DELETE FROM notification_log AS old
    USING unnest($1::text[], $2::bigint[]) AS gone (stream, seq) WHERE old.stream = gone.stream AND old.seq <= gone.seq";
const SNAPSHOTS: &str = "DELETE FROM player_snapshot AS old
    USING unnest($1::uuid[], $2::bigint[]) AS gone (player, at_ms)
    WHERE old.player = gone.player AND old.at_ms >= gone.at_ms";
const LINES: &str = r#"SELECT stream, seq, at_ms, doc::text FROM chat_log
    WHERE substring(doc::text from '"player":\s*"([0-9a-f-]{36})"') = $1 AND (at_ms, seq, stream) < ($2, $3, $4)
        AND ($6::text IS NULL OR NOT starts_with(stream, $6))
    ORDER BY at_ms DESC, seq DESC, stream DESC LIMIT $5"#;

/// Everything that a writing session prepares for these.
pub(super) fn prepared() -> impl Iterator<Item = &'static str> {
    LOGS.values().map(|[rewrite, _]| rewrite.as_str()).chain([NOTIFICATIONS, SNAPSHOTS])
}

/// The statements that write what the batch erases. They come last: what the batch has written goes as well.
pub(super) fn erasures(batch: &Batch) -> Result<Vec<Insert>, StoreError> {
    let mut all = Vec::new();
    for (log, [sql, _]) in LOGS.iter() {
        let rows: Vec<&LogRow> = batch.rewritten.values().filter(|row| row.log == *log).collect();
        let table = log.as_str();
        let values = vec![
            column(&rows, |row| row.stream.clone()),
            checked(&rows, |row| signed(table, &row.stream, "seq", row.seq))?,
            checked(&rows, |row| to_json(table, &row.stream, &row.doc))?,
        ];
        all.push(Insert { sql, values, row_count: rows.len() });
    }
    let told: Vec<(&PlayerId, &u64)> = batch.forgotten_notifications.iter().collect();
    let values = vec![column(&told, |(player, _)| player.to_string()), column(&told, |(_, to)| clamped(**to))];
    all.push(Insert { sql: NOTIFICATIONS, values, row_count: told.len() });
    let were: Vec<(&PlayerId, &Millis)> = batch.forgotten_snapshots.iter().collect();
    let values = vec![column(&were, |(player, _)| player.0), column(&were, |(_, from)| clamped(from.0))];
    all.push(Insert { sql: SNAPSHOTS, values, row_count: were.len() });
    Ok(all)
}

/// Lines of a whole log, by its key.
pub(super) async fn read_through(
    session: &mut Session,
    log: Log,
    after: Option<(String, u64)>,
    limit: usize,
) -> Result<Vec<LogRow>, StoreError> {
    let Some([_, sql]) = LOGS.get(&log) else { return Ok(Vec::new()) };
    session.prepare(&[sql]).await?;
    let statement = session.statement(sql)?;
    // No stream's name is empty.
    let (stream, seq) = after.unwrap_or_default();
    let (seq, limit) = (clamped(seq), clamped(limit as u64));
    let rows = session.client.query(&statement, &[&stream, &seq, &limit]).await.map_err(failure)?;
    rows.iter().map(|row| line(log, row)).collect()
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
    rows.map_err(failure)?.iter().map(|row| line(Log::Chat, row)).collect()
}

fn line(log: Log, row: &Row) -> Result<LogRow, StoreError> {
    let table = log.as_str();
    let stream: String = value(table, &"?", row, 0)?;
    let seq = number(table, &stream, "seq", row, 1)?;
    let at = Millis(number(table, &stream, "at_ms", row, 2)?);
    let doc = document(table, &stream, row, 3)?;
    Ok(LogRow { log, stream, seq, at, doc })
}
