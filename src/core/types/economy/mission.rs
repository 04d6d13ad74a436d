//! Missions and their leaderboards.

use serde::{Deserialize, Serialize};

use super::wire;
use crate::types::{Credits, HubKey, ItemKey, Millis, MissionId, MissionKey, PlayerId, Quantity};

/// Where a mission stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum MissionState {
    /// It takes contributions.
    Running,
    /// It is over, and rewards are being paid.
    Paying,
    /// Everything is paid.
    Over,
}

impl MissionState {
    /// The version by which operators edit a mission: contributions do not count, only whether it runs, pays or is over.
    #[must_use]
    pub fn version(self) -> u64 {
        match self {
            Self::Running => 1,
            Self::Paying => 2,
            Self::Over => 3,
        }
    }
}

wire! {
    /// `join_mission`.
    JoinMission {
        /// The mission.
        mission: MissionId,
    }
    /// `contribute`: goods at the mission's hub, from the storage there first, then from the hold.
    Contribute {
        /// The mission.
        mission: MissionId,
        /// Its hub.
        hub: HubKey,
        /// What.
        item: ItemKey,
        /// How many; at least 1. What the phase does not need any more comes back.
        quantity: Quantity,
    }
    /// `missions`.
    AskMissions {
        /// Past missions instead of running ones.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        past: bool,
        /// At most so many, 1 to 100; 20 when left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        limit: Option<u16>,
        /// The `next_cursor` of the page before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cursor: Option<u64>,
    }
    /// `mission_ranks`.
    AskRanks {
        /// The mission.
        mission: MissionId,
        /// So many of the first, 1 to 100; 10 when left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        top: Option<u16>,
        /// So many above and below the player, 0 to 50; 5 when left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        around: Option<u16>,
    }
    /// Answers `join_mission`.
    MissionJoined {
        /// The mission.
        mission: MissionId,
        /// How many take part now.
        participants: u64,
    }
    /// Answers `contribute`.
    Contributed {
        /// The mission.
        mission: MissionId,
        /// What.
        item: ItemKey,
        /// How many were taken; the rest is in the storage at the hub.
        taken: Quantity,
        /// The player's score after it.
        score: u64,
        /// The player's rank after it, from 1.
        rank: u64,
        /// The phase after it, from 0.
        phase: u32,
    }
    /// What a phase needs of an item.
    Need {
        /// What.
        item: ItemKey,
        /// How many in all.
        needed: Quantity,
        /// How many are there.
        given: Quantity,
        /// Score per piece.
        points: u64,
    }
    /// A mission.
    MissionView {
        /// Its id.
        mission: MissionId,
        /// Its kind.
        kind: MissionKey,
        /// Where to contribute.
        hub: HubKey,
        /// Where it stands.
        state: MissionState,
        /// When it began.
        started_ms: Millis,
        /// When it ends at the latest.
        due_ms: Millis,
        /// The phase it is in, from 0.
        phase: u32,
        /// How many phases there are.
        phases: u32,
        /// What the phase needs.
        needs: Vec<Need>,
        /// How many take part.
        participants: u64,
        /// Credits that are shared out at the end.
        reward: Credits,
        /// Whether all phases were completed.
        completed: bool,
    }
    /// Answers `missions`.
    MissionPage {
        /// Running ones by due time, past ones newest first.
        items: Vec<MissionView>,
        /// For the next page; `null` on the last.
        next_cursor: Option<u64>,
    }
    /// A place on a leaderboard.
    RankView {
        /// From 1. Equal scores: who was there first is before.
        rank: u64,
        /// Who.
        player: PlayerId,
        /// The name.
        name: String,
        /// The score.
        score: u64,
        /// What was paid, once it was; 0 before.
        reward: Credits,
    }
    /// Answers `mission_ranks` and `season_ranks`.
    Ranks {
        /// How many are on it.
        participants: u64,
        /// The first.
        top: Vec<RankView>,
        /// The player, and those around.
        around: Vec<RankView>,
    }
}
