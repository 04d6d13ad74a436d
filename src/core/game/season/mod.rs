//! The leaderboards of a season. The state of the season actor.
//!
//! Who has no score on a board is not on it. Equal scores: who had it first is before; of equal wallets, the older
//! account. A season's result is kept by board and rank, and the first ten are told.

mod past;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use past::{PastRank, past_ranks};

use super::leaderboard::{Leaderboard, RankPage, Standing};
use super::player::{Player, SeasonScore};
use super::{LedgerReason, Parcel, Purpose, Transfer};
use crate::types::economy::event::Notice;
use crate::types::economy::mission::{RankView, Ranks};
use crate::types::economy::season::Board;
use crate::types::{Credits, External, Holdings, Party, PlayerId, TransferId};

/// So many of the first ranks of each board are told when a season is over.
const TOLD: usize = 10;

/// What counts about a player.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scores {
    /// The name.
    pub name: String,
    /// The wallet.
    pub wealth: Credits,
    /// What was done in the season.
    pub season: SeasonScore,
}

impl Scores {
    /// Those of a player of this name.
    #[must_use]
    pub fn of(player: &Player, name: &str) -> Self {
        Self { name: name.to_owned(), wealth: player.credits, season: player.season }
    }

    /// Whether it still says what counts about this player.
    #[must_use]
    pub fn still_hold(&self, player: &Player, name: &str) -> bool {
        self.wealth == player.credits && self.season == player.season && self.name == name
    }

    /// Score, and since when.
    fn on(&self, board: Board, season: u64) -> (u64, u64) {
        let tally = self.season.of(season);
        match board {
            Board::Wealth => (self.wealth.0, 0),
            Board::Collected => (tally.collected, tally.collected_ms.0),
            Board::Traded => (tally.traded, tally.traded_ms.0),
            Board::Missions => (tally.missions, tally.missions_ms.0),
        }
    }
}

/// The boards of one season.
#[derive(Clone, Debug)]
pub struct Boards {
    season: u64,
    players: BTreeMap<PlayerId, Scores>,
    boards: BTreeMap<Board, Leaderboard>,
}

impl Boards {
    /// Empty ones.
    #[must_use]
    pub fn new(season: u64) -> Self {
        let boards = Board::ALL.map(|board| (board, Leaderboard::default())).into();
        Self { season, players: BTreeMap::new(), boards }
    }

    /// Which season.
    #[must_use]
    pub fn season(&self) -> u64 {
        self.season
    }

    /// A player's scores are these now.
    pub fn put(&mut self, player: PlayerId, scores: Scores) {
        for (board, leaderboard) in &mut self.boards {
            match scores.on(*board, self.season) {
                (0, _) => leaderboard.remove(player),
                (score, since) => leaderboard.put(Standing { score, since, player }),
            }
        }
        self.players.insert(player, scores);
    }

    /// Another season has begun. Whoever has scored in it already is on its boards.
    #[must_use]
    pub fn turned(self, season: u64) -> Self {
        let mut next = Self::new(season);
        for (player, scores) in self.players {
            next.put(player, scores);
        }
        next
    }

    /// The first ranks and those around a player.
    #[must_use]
    pub fn ranks(&self, board: Board, page: RankPage, player: PlayerId) -> Ranks {
        self.boards[&board].ranks(page, player, |rank, standing| RankView {
            rank,
            player: standing.player,
            name: self.name(standing.player),
            score: standing.score,
            reward: Credits::ZERO,
        })
    }

    /// What is kept of a board when the season is over: its first ranks, the first one first.
    #[must_use]
    pub fn result(&self, board: Board, kept: usize) -> Vec<PastRank> {
        let leaderboard = &self.boards[&board];
        let participants = u64::try_from(leaderboard.len()).unwrap_or(u64::MAX);
        let rank = |(_, standing): (u64, Standing)| PastRank::V1 {
            player: standing.player,
            name: self.name(standing.player),
            score: standing.score,
            participants,
        };
        leaderboard.from_rank(1, kept).map(rank).collect()
    }

    /// Letters to the first ones of each board, that the season is over.
    #[must_use]
    pub fn letters(&self) -> Vec<Transfer> {
        let of_board = |(board, leaderboard): (&Board, &Leaderboard)| {
            let letters = leaderboard.from_rank(1, TOLD).map(|(rank, standing)| self.letter(*board, rank, standing));
            letters.collect::<Vec<_>>()
        };
        self.boards.iter().flat_map(of_board).collect()
    }

    fn letter(&self, board: Board, rank: u64, standing: Standing) -> Transfer {
        let to = Party::Player(standing.player);
        let notice = Notice::SeasonOver { season: self.season, board, rank };
        let parcel = Parcel { notice: Some(notice), ..Parcel::default() };
        Transfer {
            id: TransferId::of_due(&to, standing.player, &format!("season-{}-{}", self.season, board.as_str())),
            from: External::Sponsors.into(),
            to,
            holdings: Holdings::default(),
            reason: LedgerReason::MissionReward,
            purpose: Purpose::Parcel(Box::new(parcel)),
        }
    }

    /// The names of those of these players that it knows: of everybody who ever played.
    #[must_use]
    pub fn names(&self, players: &[PlayerId]) -> BTreeMap<PlayerId, String> {
        let known = players.iter().filter_map(|player| Some((*player, self.players.get(player)?.name.clone())));
        known.collect()
    }

    fn name(&self, player: PlayerId) -> String {
        self.players.get(&player).map(|scores| scores.name.clone()).unwrap_or_default()
    }
}
