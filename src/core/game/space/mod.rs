//! Space: one world's ships, objects and grid; the state of one world actor.
//!
//! A step of the world is: [`Sector::begin_tick`], then commands in the order of their arrival, then
//! [`Sector::end_tick`], which moves ships between cells, lets objects appear, and says what changed in which cell and
//! whose view moved.

mod cadence;
mod flight;
mod grid;
mod interest;
mod news;
mod object;
mod refusal;
mod sector;
mod ship;
mod state_hash;
mod tick_output;

#[cfg(test)]
mod convergence_tests;
#[cfg(test)]
mod grid_vector_tests;
#[cfg(test)]
mod sector_tests;

pub use cadence::{CYCLE, Level, Tier};
pub use flight::{Goal, plan};
pub use grid::Grid;
pub use interest::{Interest, TierBounds};
pub use news::{RecentNews, TickNews, Told};
pub use object::SpaceObject;
pub use refusal::WorldRefusal;
pub use sector::{Sector, SectorSettings};
pub use ship::{ShipSpec, SpaceShip, View};
pub use tick_output::{TickOutput, ViewChange};
