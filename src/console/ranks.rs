//! A place on a leaderboard, as missions and seasons show it.

use orrery_core::types::economy::mission::RankView;
use serde::Serialize;
use utoipa::ToSchema;

/// A place on a leaderboard.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RankItem)]
pub(super) struct Rank {
    /// From 1.
    rank: u64,
    player: String,
    name: String,
    score: u64,
    /// What was paid, once it was; 0 before.
    reward: u64,
}

impl From<RankView> for Rank {
    fn from(view: RankView) -> Self {
        let RankView { rank, player, name, score, reward } = view;
        Self { rank, player: player.to_string(), name, score, reward: reward.0 }
    }
}
