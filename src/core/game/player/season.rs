//! What counts for the season's leaderboards. A season is a span of wall-clock time of the catalogue's length, counted
//! from 1970; a player's scores are those of the season in which they last changed.

use serde::{Deserialize, Serialize};

use super::Player;
use crate::game::Rule;
use crate::types::Credits;

/// A player's scores.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeasonScore {
    /// In which season.
    pub season: u64,
    /// Objects collected.
    pub collected: u64,
    /// Credits that changed hands in trades.
    pub traded: u64,
    /// Score in missions.
    pub missions: u64,
}

impl Player {
    pub(super) fn score_collected(&mut self, rule: &Rule<'_>) {
        self.this_season(rule).collected += 1;
    }

    pub(super) fn score_traded(&mut self, credits: Credits, rule: &Rule<'_>) {
        let score = self.this_season(rule);
        score.traded = score.traded.saturating_add(credits.0);
    }

    pub(super) fn score_mission(&mut self, points: u64, rule: &Rule<'_>) {
        let score = self.this_season(rule);
        score.missions = score.missions.saturating_add(points);
    }

    fn this_season(&mut self, rule: &Rule<'_>) -> &mut SeasonScore {
        let season = rule.catalog.economy.season.number(rule.now);
        if self.season.season != season {
            self.season = SeasonScore { season, ..SeasonScore::default() };
        }
        &mut self.season
    }
}
