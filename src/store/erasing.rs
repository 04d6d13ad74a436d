//! What is erased of a player besides account and state: what the player has said, was told, and was. The rows of logs
//! stay where they are numbered; name and text in them go.

use serde_json::{Value, json};

use super::{Log, LogRow};
use orrery_core::types::PlayerId;

/// What stands in a name's place. No player can be called so.
pub(super) const NOBODY: &str = "(erased)";

/// Erases name and text out of a log's line, if it is about this player: of a line of chat that the player has said, a
/// report of or about the player, a rank in a season.
pub fn erase_line(row: &mut LogRow, player: PlayerId) {
    let id = Value::from(player.to_string());
    match row.log {
        Log::Chat if row.doc["player"] == id => put(&mut row.doc, &[("text", ""), ("name", NOBODY)]),
        Log::Season if row.doc["player"] == id => put(&mut row.doc, &[("name", NOBODY)]),
        Log::Report => {
            if row.doc["line"]["player"] == id {
                put(&mut row.doc["line"], &[("text", ""), ("name", NOBODY)]);
            }
            if row.doc["by"] == id {
                put(&mut row.doc, &[("reason", "")]);
            }
        }
        Log::Chat | Log::Season | Log::Notification | Log::Mission => {}
    }
}

fn put(doc: &mut Value, fields: &[(&str, &str)]) {
    for (field, text) in fields {
        doc[*field] = json!(text);
    }
}
