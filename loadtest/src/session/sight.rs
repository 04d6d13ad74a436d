//! What a session sees: its picture of the cells, the claims that it files about other ships, its own place.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use orrery_core::protocol::answer::Navigated;
use orrery_core::protocol::cell_frame::CellsBody;
use orrery_core::protocol::server_message::Dilation;
use orrery_core::protocol::{CellFrame, CellIndex, FrameKind};
use orrery_core::types::{Course, Point, ShipId, Tick, units_to_fixed};
use serde_json::Value;

use super::commands::Pending;
use super::{Known, Session};
use crate::oracle::{Claim, FAR_TICKS, Grid, Observer};

/// How often a sampled bot files claims about other ships.
const CLAIM_EVERY: Duration = Duration::from_millis(500);
/// Ships per round of claims, of those in the picture and of those that are not.
const CLAIMS_PER_ROUND: usize = 16;

impl Session {
    /// The course as answered must be the one in the frames, unless the bot has changed its mind since.
    pub(super) fn navigated(&mut self, pending: &Pending, answer: &Value) {
        let Ok(navigated) = serde_json::from_value::<Navigated>(answer.clone()) else {
            let text = format!("bot {}: malformed answer to navigate: {answer}", self.index);
            return self.swarm.oracle.violation(text);
        };
        if let Some(ship) = self.own_ship().filter(|_| pending.flights == self.flights) {
            let Navigated { from, to, departs, arrives } = navigated;
            let claim = Claim::Answered(Course { from, to, departs, arrives });
            self.swarm.oracle.claim(ship, self.index, departs.after(2), claim);
        }
    }

    pub(super) fn cells(&mut self, body: &CellsBody) {
        let CellsBody(world, tick, frames) = body;
        let stats = &self.swarm.stats;
        stats.updates(frames.iter().map(|frame| frame.entries.len() as u64).sum());
        let sampled = self.swarm.is_sampled(self.index);
        if sampled {
            self.swarm.oracle.time_news(&self.picture, body, self.observer(), self.heard, stats);
            if *world == self.picture.world_number && *tick > self.picture.tick {
                self.turn_to(*tick, frames);
            }
        }
        if *world != self.picture.world_number || frames.iter().any(|frame| frame.kind != FrameKind::Delta) {
            self.view_moved = *tick;
        }
        if let Err(inconsistency) = self.picture.apply(body) {
            self.swarm.oracle.violation(format!("bot {}, world {world}: {inconsistency}", self.index));
        }
        self.picture_at = self.heard;
        if sampled {
            self.tell_truth();
        }
    }

    /// A later tick begins: what the picture says of the last one is complete, and is compared.
    fn turn_to(&mut self, tick: Tick, frames: &[CellFrame]) {
        // Anything but changes and goodbyes, for cells that are in view: frames in between were dropped.
        let replaces = |frame: &CellFrame| {
            let changes = matches!(frame.kind, FrameKind::Delta | FrameKind::Forget);
            !changes && (frame.kind != FrameKind::Snapshot || self.picture.cells.contains(&frame.cell))
        };
        let resynced = frames.iter().any(replaces);
        if !resynced {
            self.file_claims();
        }
        if let Some(ship) = self.own_ship().filter(|(own, _)| *own == self.picture.world_number) {
            self.swarm.oracle.owner_turns_to(ship, tick, resynced, &self.swarm.stats);
        }
    }

    fn file_claims(&mut self) {
        if self.heard < self.next_claims || self.picture.cells.is_empty() {
            return;
        }
        self.next_claims = self.heard + CLAIM_EVERY;
        let Some((grid, own)) = self.grid().zip(self.own_place()) else { return };
        let (world, tick, radius) = (self.picture.world_number, self.picture.tick, self.radius_units());
        let is_near = |cell: CellIndex| grid.is_near(cell, own, radius);
        let (near, mut far): (BTreeSet<_>, BTreeSet<_>) = self.picture.cells.iter().partition(|cell| is_near(**cell));
        // A ship may have come from a cell that was not in view into one that will be told of later.
        if tick.since(self.view_moved) <= FAR_TICKS {
            far.clear();
        }
        let skip = self.chance.bits() >> 40;
        for ship in self.swarm.oracle.ships_to_judge(world, self.index, CLAIMS_PER_ROUND, skip) {
            let claim = match self.picture.ships.get(&ship.1) {
                Some(seen) => {
                    let ago = if is_near(seen.cell) { 0 } else { FAR_TICKS };
                    Claim::At(seen.course.position(tick), ago)
                }
                None => Claim::NotIn { near: near.clone(), far: far.clone() },
            };
            self.swarm.oracle.claim(ship, self.index, tick, claim);
        }
    }

    fn observer(&self) -> Observer {
        let radius = units_to_fixed(i32::try_from(self.radius_units()).unwrap_or(i32::MAX));
        Observer { index: self.index, ship: self.known.as_ref().map(|known| known.world.ship), radius }
    }

    fn radius_units(&self) -> u32 {
        self.known.as_ref().map_or(0, |known| known.radius_units)
    }

    /// The grid of the world that the picture is of.
    fn grid(&self) -> Option<Grid> {
        let known = self.known.as_ref().filter(|known| known.world.world_number == self.picture.world_number)?;
        Some(Grid { cell_units: known.cell_units, size_units: known.world.size_units })
    }

    /// Where the bot's own ship is, as of the picture's tick.
    fn own_place(&self) -> Option<Point> {
        let course = self.own_course(self.known.as_ref()?.world.ship)?;
        Some(course.position(self.picture.tick))
    }

    fn tell_truth(&self) {
        let Some((known, grid)) = self.known.as_ref().zip(self.grid()) else { return };
        let ship = (known.world.world_number, known.world.ship);
        let course = self.own_course(known.world.ship);
        self.swarm.oracle.owner_sees(ship, self.index, grid, self.picture.tick, course);
    }

    fn own_course(&self, ship: ShipId) -> Option<Course> {
        self.picture.ships.get(&ship).map(|ship| ship.course)
    }

    pub(super) fn position(&self, known: &Known, now: Instant) -> Point {
        let elapsed = now.saturating_duration_since(self.picture_at).as_millis() as u64;
        let ticks = match self.slowed_down {
            Some(Dilation { world_number, tick_ms }) if world_number == known.world.world_number => {
                elapsed / u64::from(tick_ms.max(1))
            }
            _ => elapsed * u64::from(known.tick_hz) / 1000,
        };
        let tick = self.picture.tick.after(ticks);
        self.own_course(known.world.ship).map_or(known.world.position, |course| course.position(tick))
    }
}
