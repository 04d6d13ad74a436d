//! Player actors: one per account in use.
//!
//! Owns a player's account, wallet, hold and research, and is the front door of all its economic commands: it knows
//! which command ids were applied, and repeats their answers. Loaded on first need, leaves memory when idle and
//! clean. Commits: account, player, answered commands, received transfers, ledger. An economic answer leaves when its
//! commit is durable.

mod account;
mod actor;
mod commands;
mod messages;
mod remembered;
mod whereabouts;

pub use actor::{Origin, PlayerActor};
pub use messages::{
    AccountChange, AccountReply, Attach, AttachHow, AttachRefusal, Attached, EconomyCommand, Place, PlayerMessage,
    Query, ToPlayer, WhereIsShip,
};
