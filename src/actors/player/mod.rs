//! Player actors: one per account in use.
//!
//! Owns a player's account, wallet, hold, storage, research, crafting and relations, and is the front door of all its
//! economic commands: it knows which command ids were applied, and repeats their answers. What other actors decide it
//! asks them for by a transfer that takes the value along. Loaded on first need, leaves memory when idle and clean.
//! Commits: account, player, answered commands, transfers that begin and end, notifications, ledger. An economic answer
//! leaves when its commit is durable.

mod account;
mod actor;
mod asks;
mod chat;
mod commands;
mod deals;
mod dossier;
mod ending;
mod messages;
mod operate;
mod pending;
mod remembered;
mod snapshot;
mod whereabouts;

pub use actor::{Origin, PlayerActor};
pub use dossier::Dossier;
pub use messages::{
    AccountChange, AccountReply, Attach, AttachHow, AttachRefusal, Attached, EconomyCommand, Place, PlayerHandle,
    PlayerMessage, Query, Via, WhereIsShip,
};
pub use operate::{Kick, Kicked, Operate, OperateError, OperateReply, Order};
pub use snapshot::keep_pruning;
