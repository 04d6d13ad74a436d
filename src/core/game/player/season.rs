//! What counts for the season's leaderboards. A season is a span of wall-clock time of the catalogue's length, counted
//! from 1970; a player's scores are those of the season in which they last changed, and those of the one before: so a
//! season's result can still be told when its end was missed, and the player has scored anew since.

use serde::{Deserialize, Serialize};

use super::Player;
use crate::game::Rule;
use crate::types::{Credits, Millis};

/// A player's scores.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeasonScore {
    /// In the season in which they last changed.
    #[serde(flatten)]
    pub last: Tally,
    /// In the season in which they had changed before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Tally>,
}

/// The scores of one season, each with the time at which it was reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// In which season.
    pub season: u64,
    /// Objects collected.
    pub collected: u64,
    /// Credits that changed hands in trades.
    pub traded: u64,
    /// Score in missions.
    pub missions: u64,
    /// When `collected` was reached.
    #[serde(default)]
    pub collected_ms: Millis,
    /// When `traded` was reached.
    #[serde(default)]
    pub traded_ms: Millis,
    /// When `missions` was reached.
    #[serde(default)]
    pub missions_ms: Millis,
}

impl SeasonScore {
    /// The scores of this season; zero when there are none, or none any more.
    #[must_use]
    pub fn of(&self, season: u64) -> Tally {
        let tallies = [Some(self.last), self.before];
        let found = tallies.into_iter().flatten().find(|tally| tally.season == season);
        found.unwrap_or(Tally { season, ..Tally::default() })
    }
}

impl Player {
    pub(super) fn score_collected(&mut self, rule: &Rule<'_>) {
        let tally = self.this_season(rule);
        tally.collected = tally.collected.saturating_add(1);
        tally.collected_ms = rule.now;
    }

    pub(super) fn score_traded(&mut self, credits: Credits, rule: &Rule<'_>) {
        let tally = self.this_season(rule);
        tally.traded = tally.traded.saturating_add(credits.0);
        tally.traded_ms = rule.now;
    }

    pub(super) fn score_mission(&mut self, points: u64, rule: &Rule<'_>) {
        let tally = self.this_season(rule);
        tally.missions = tally.missions.saturating_add(points);
        tally.missions_ms = rule.now;
    }

    fn this_season(&mut self, rule: &Rule<'_>) -> &mut Tally {
        let season = rule.catalog.economy.season.number(rule.now);
        let scores = &mut self.season;
        if scores.last.season != season {
            scores.before = (scores.last != Tally::default()).then_some(scores.last);
            scores.last = Tally { season, ..Tally::default() };
        }
        &mut scores.last
    }
}
