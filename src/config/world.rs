//! `[world]`: ticks, grid, interest, and how many players stay in memory.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::check::{Broken, Range};

/// Ticks, grid, interest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WorldConfig {
    /// Ticks per second. 1 to 60.
    pub tick_hz: u32,
    /// How slow a world may become that cannot hold its tick, in percent of full pace; 100: it never slows down, and leaves
    /// ticks out. 1 to 100.
    pub pace_min_percent: u32,
    /// A cell's side, in units. 10 to 1,000.
    pub cell_units: u32,
    /// How far a player sees, in units. 10 to 5,000.
    pub interest_radius_units: u32,
    /// How far beyond the border of its cell a ship flies before its view moves on, in units. 0 to half a cell.
    pub hysteresis_units: u32,
    /// Cells to which a ship can come nearer than this without its view moving on are told of at every tick, in units.
    /// 0 to 6,000.
    pub every_tick_within_units: u32,
    /// Of the others, cells to which it can come nearer than this are told of at every 2nd tick, the rest at every
    /// 4th; in units. 0 to 6,000, and not less than `every_tick_within_units`.
    pub every_2nd_tick_within_units: u32,
    /// How often positions are stored, in ms. 100 to 600,000.
    pub position_flush_ms: u64,
    /// The seed of worlds that are new. 0 to 2^63 - 1.
    pub seed: u64,
    /// Threads that worlds are spread over; 0: as many as worlds, at most one per core. 0 to 256.
    pub arbiters: usize,
    /// Inputs that one world takes in between two ticks; beyond, `busy`. 100 to 1,000,000.
    pub inbox_max: usize,
    /// Players in memory at most. 10 to 10,000,000.
    pub players_max: usize,
    /// An idle player leaves memory after this, in ms. 1,000 to 86,400,000.
    pub player_idle_ms: u64,
}

impl Default for WorldConfig {
    fn default() -> Self {
        Self {
            tick_hz: 20,
            pace_min_percent: 10,
            cell_units: 100,
            interest_radius_units: 200,
            hysteresis_units: 10,
            every_tick_within_units: 150,
            every_2nd_tick_within_units: 190,
            position_flush_ms: 5_000,
            seed: 1,
            arbiters: 0,
            inbox_max: 50_000,
            players_max: 100_000,
            player_idle_ms: 300_000,
        }
    }
}

impl WorldConfig {
    /// The ranges of whole numbers, both ends included, by key.
    pub(super) const RANGES: &'static [Range] = &[
        ("tick_hz", 1, 60),
        ("pace_min_percent", 1, 100),
        ("cell_units", 10, 1_000),
        ("interest_radius_units", 10, 5_000),
        ("hysteresis_units", 0, 500),
        ("every_tick_within_units", 0, 6_000),
        ("every_2nd_tick_within_units", 0, 6_000),
        ("position_flush_ms", 100, 600_000),
        ("seed", 0, i64::MAX),
        ("arbiters", 0, 256),
        ("inbox_max", 100, 1_000_000),
        ("players_max", 10, 10_000_000),
        ("player_idle_ms", 1_000, 86_400_000),
    ];

    /// How long a tick lasts at full pace.
    #[must_use]
    pub fn tick_period(&self) -> Duration {
        Duration::from_secs(1) / self.tick_hz.max(1)
    }

    /// How long a tick lasts at the slowest pace.
    #[must_use]
    pub fn slowest_tick_period(&self) -> Duration {
        self.tick_period() * 100 / self.pace_min_percent.clamp(1, 100)
    }

    /// The rules that are not ranges.
    pub(super) fn validate(&self, broken: &mut Broken) {
        if self.hysteresis_units > self.cell_units / 2 {
            broken.add("world.hysteresis_units", format!("must be 0 to {}, half a cell", self.cell_units / 2));
        }
        if self.every_2nd_tick_within_units < self.every_tick_within_units {
            let rule = format!("must be at least world.every_tick_within_units, {}", self.every_tick_within_units);
            broken.add("world.every_2nd_tick_within_units", rule);
        }
    }
}
