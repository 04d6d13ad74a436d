//! The rules: pure, synchronous, deterministic state machines.
//!
//! The contract of a rule: it is a method on plain state; it gets time, randomness and settings as arguments; it
//! checks everything before it changes anything, so that a refusal leaves no trace; and it *says* what follows in
//! [`Effects`] instead of doing it. The server's actors carry effects out, in the one right order.
//!
//! To add a rule: a method beside the state it changes, a receipt or refusal variant, tests in the same file; then
//! the actor that owns the state calls it.

// What is refused, and what to do instead, stands in `.clippy.toml`.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

pub mod account;
pub mod announcements;
pub mod chat;
pub mod conservation;
mod effects;
pub mod guild;
pub mod leaderboard;
mod ledger;
pub mod maintenance;
pub mod market;
pub mod mission;
pub mod moderation;
pub mod operator;
mod party;
pub mod player;
mod rng;
pub mod season;
pub mod space;
#[cfg(test)]
mod supply_tests;
#[cfg(test)]
pub(crate) mod testing;
mod transfer;

pub use effects::{Effects, PartTable, ReplyParts};
pub use ledger::{Cause, LedgerEntry, LedgerReason};
pub use party::{GuildLine, Inspect, Intervened, Intervention, PartyRules, Rule};
pub use rng::Rng;
pub use transfer::{Outcome, Parcel, PlayerChange, Purpose, Reply, Request, Transfer};
