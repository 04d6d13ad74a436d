//! What is erased of a player besides account and state: what the player has said, was told, and was. The rows of logs
//! stay where they are numbered; name and text in them go.
//!
//! A player may have said any amount, so this is done in pieces, each a commit of its own: [`Erasure`] finds them. No
//! piece reads or writes more than [`PIECE`] rows, and each is found by a key or an index.

use serde_json::{Value, json};

use super::{Commit, Heard, Log, LogRow, Spoken, Store, StoreError, Write};
use orrery_core::types::PlayerId;

/// What stands in a name's place. No player can be called so.
const NOBODY: &str = "(erased)";
/// Rows that are looked at and written at once.
const PIECE: usize = 500;

/// Erases name and text out of a log's line as far as they are this player's: of a line of chat that the player has
/// said, a report with lines or words of the player's, a rank in a season. Says whether there was anything to erase.
pub fn erase_line(row: &mut LogRow, player: PlayerId) -> bool {
    let id = Value::from(player.to_string());
    match row.log {
        Log::Chat => erase_said(&mut row.doc, &id),
        Log::Season => row.doc["player"] == id && put(&mut row.doc, &[("name", NOBODY)]),
        Log::Report => {
            let mut is_changed = row.doc["by"] == id && put(&mut row.doc, &[("reason", ""), ("by_name", NOBODY)]);
            is_changed |= row.doc.get_mut("line").is_some_and(|line| erase_said(line, &id));
            for line in row.doc.get_mut("before").and_then(Value::as_array_mut).into_iter().flatten() {
                is_changed |= erase_said(line, &id);
            }
            is_changed
        }
        Log::Notification | Log::Mission => false,
    }
}

fn erase_said(line: &mut Value, id: &Value) -> bool {
    line["player"] == *id && put(line, &[("text", ""), ("name", NOBODY)])
}

/// Says whether anything was otherwise.
fn put(doc: &mut Value, fields: &[(&str, &str)]) -> bool {
    let mut is_changed = false;
    for (field, text) in fields {
        is_changed |= doc[*field] != *text;
        doc[*field] = json!(text);
    }
    is_changed
}

/// Where the erasing of a player stands. It may be begun anew at any time: what is erased stays so.
pub struct Erasure {
    player: PlayerId,
    place: Place,
}

/// What is looked at next.
enum Place {
    Said(Option<Spoken>),
    /// A log that is read through: it is not indexed by player, and has few lines.
    Through(Log, Option<(String, u64)>),
    Told,
    Snapshots,
    End,
}

impl Erasure {
    /// Nothing of this player's is erased yet.
    #[must_use]
    pub fn of(player: PlayerId) -> Self {
        Self { player, place: Place::Said(None) }
    }

    /// The next piece, which may have nothing to write; `None`: there is nothing left. A piece must be in the store before
    /// the next one is asked for.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn next(&mut self, store: &dyn Store) -> Result<Option<Commit>, StoreError> {
        match &self.place {
            Place::Said(before) => {
                let rows = store.lines_of(self.player, Heard::All, before.clone(), PIECE).await?;
                let last = rows.last().map(|row| Spoken { at: row.at, seq: row.seq, stream: row.stream.clone() });
                self.place = match last {
                    Some(last) => Place::Said(Some(last)),
                    None => Place::Through(Log::Report, None),
                };
                Ok(Some(self.erased(rows)))
            }
            Place::Through(log, after) => {
                let rows = store.read_through(*log, after.clone(), PIECE).await?;
                self.place = match rows.last().map(|row| (row.stream.clone(), row.seq)) {
                    Some(last) => Place::Through(*log, Some(last)),
                    None if *log == Log::Report => Place::Through(Log::Season, None),
                    None => Place::Told,
                };
                Ok(Some(self.erased(rows)))
            }
            Place::Told => {
                let rows = store.read_log_up(Log::Notification, &self.player.to_string(), 0, PIECE).await?;
                let forget = rows.last().map(|row| Write::ForgetNotifications { player: self.player, to: row.seq });
                if forget.is_none() {
                    self.place = Place::Snapshots;
                }
                Ok(Some(forget.into_iter().collect()))
            }
            Place::Snapshots => {
                let times = store.snapshots(self.player, None, PIECE).await?;
                let forget = times.last().map(|from| Write::ForgetSnapshots { player: self.player, from: *from });
                if forget.is_none() {
                    self.place = Place::End;
                }
                Ok(Some(forget.into_iter().collect()))
            }
            Place::End => Ok(None),
        }
    }

    fn erased(&self, rows: Vec<LogRow>) -> Commit {
        let erased = rows.into_iter().filter_map(|mut row| erase_line(&mut row, self.player).then_some(row));
        erased.map(Write::Rewrite).collect()
    }
}
