//! World actors: one per sector of the catalogue.
//!
//! Owns a [`Sector`](orrery_core::game::space::Sector) and its tick. Sessions and players reach it by its *inbox*, a
//! bounded queue that is emptied at each tick: no mailbox message, no wake-up per input. Joins, leaves and arrivals come
//! by the mailbox. A world that cannot hold its tick slows down (`clock`, `pace`); how many threads worlds are spread over
//! changes nothing in them (`tests/threads.rs`). Commits: objects that appear or go, transfers to players, positions
//! (lazily). Stops with the server.

mod actor;
mod clock;
mod handle;
mod inbox;
mod inputs;
mod keeper;
mod lift;
mod loaded;
mod messages;
mod pace;
mod passage;
mod presence;
mod survey;
#[cfg(test)]
mod tests;
mod viewers;

pub use actor::WorldActor;
pub(crate) use clock::whole_ms;
pub use handle::{InboxRefusal, WorldHandle};
pub use inbox::WorldInput;
pub use keeper::{keep_running, start_all};
pub use lift::{Appear, LiftOut, Lifted};
pub use messages::{Arrive, Binding, Evict, Join, JoinAt, JoinRefusal, Joined, Leave, Refit, StopWorld};
pub(crate) use pace::LAG_MAX;
pub use passage::Passage;
pub use survey::{COUNT_FOR, Survey, Surveyed, SurveyedObject, SurveyedShip};
