//! Chat.

use serde::{Deserialize, Serialize};

use super::wire;
use crate::types::{Millis, PlayerId};

/// Who hears it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// Ships within the interest radius. Not kept.
    Local,
    /// Everybody in the ship's world.
    Sector,
    /// The player's guild.
    Guild,
    /// One other player.
    Direct(PlayerId),
}

wire! {
    /// `say`.
    Say {
        /// Where.
        channel: Channel,
        /// What: 1 to 300 characters after trimming, no control characters.
        text: String,
    }
    /// `report`: something in a channel that is kept.
    Report {
        /// Where it was said.
        channel: Channel,
        /// The line's number.
        seq: u64,
        /// Why; at most 300 characters.
        reason: String,
    }
    /// `chat_history`.
    AskHistory {
        /// Where; not `local`.
        channel: Channel,
        /// Lines before this number; the newest, when left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<u64>,
        /// At most so many, 1 to 100; 50 when left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        limit: Option<u16>,
    }
    /// Answers `say`.
    Said {
        /// The line's number in its channel; 0 in `local`.
        seq: u64,
        /// When.
        at_ms: Millis,
    }
    /// Answers `report`.
    Reported {
        /// The report's number.
        report: u64,
    }
    /// Something that was said.
    Line {
        /// Its number in its channel; 0 in `local`.
        seq: u64,
        /// When.
        at_ms: Millis,
        /// Who.
        player: PlayerId,
        /// The name.
        name: String,
        /// What.
        text: String,
    }
    /// Answers `chat_history`.
    History {
        /// Newest first.
        items: Vec<Line>,
        /// `before` of the next page; `null` on the last.
        next_cursor: Option<u64>,
    }
}
