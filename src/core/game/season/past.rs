//! Leaderboards of seasons that are over, as they are kept.

use serde::{Deserialize, Serialize};

use crate::game::leaderboard::RankPage;
use crate::types::economy::mission::{RankView, Ranks};
use crate::types::{Credits, PlayerId};

/// A place on a leaderboard that is final; its rank is the number of its line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "v")]
pub enum PastRank {
    /// Since 0.2.
    #[serde(rename = "1")]
    V1 {
        /// Who.
        player: PlayerId,
        /// The name, as of the end.
        name: String,
        /// The score.
        score: u64,
        /// How many were on the board.
        participants: u64,
    },
}

/// A page of such a leaderboard: of lines in their order, each with its rank.
#[must_use]
pub fn past_ranks(lines: &[(u64, PastRank)], page: RankPage, player: PlayerId) -> Ranks {
    let of_player = |(_, PastRank::V1 { player: other, .. }): &(u64, PastRank)| *other == player;
    let around = lines.iter().position(of_player).map(|place| {
        let end = place.saturating_add(page.around).saturating_add(1).min(lines.len());
        &lines[place.saturating_sub(page.around)..end]
    });
    let views = |lines: &[(u64, PastRank)]| lines.iter().map(view).collect();
    Ranks {
        participants: lines.first().map_or(0, |(_, PastRank::V1 { participants, .. })| *participants),
        top: views(&lines[..page.top.min(lines.len())]),
        around: views(around.unwrap_or_default()),
    }
}

fn view((rank, line): &(u64, PastRank)) -> RankView {
    let PastRank::V1 { player, name, score, .. } = line;
    RankView { rank: *rank, player: *player, name: name.clone(), score: *score, reward: Credits::ZERO }
}
