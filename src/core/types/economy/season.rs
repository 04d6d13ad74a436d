//! Leaderboards of the season.

use serde::{Deserialize, Serialize};

use super::wire;

/// What a season ranks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Board {
    /// Credits in the wallet at the last change.
    Wealth,
    /// Objects collected in the season.
    Collected,
    /// Credits that changed hands in the player's trades in the season.
    Traded,
    /// Score in missions in the season.
    Missions,
}

impl Board {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Wealth, Self::Collected, Self::Traded, Self::Missions];

    /// The board as named on the wire and in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Wealth => "wealth",
            Self::Collected => "collected",
            Self::Traded => "traded",
            Self::Missions => "missions",
        }
    }
}

wire! {
    /// `season_ranks`.
    #[cfg_attr(test, schemars(rename = "AskSeasonRanks"))]
    AskRanks {
        /// Which leaderboard.
        board: Board,
        /// A past season by its number; the running one, when left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        season: Option<u64>,
        /// So many of the first, 1 to 100; 10 when left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        top: Option<u16>,
        /// So many above and below the player, 0 to 50; 5 when left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        around: Option<u16>,
    }
}
