//! The bot swarm: it plays Orrery, measures it, and verifies what it is told while it loads.
//!
//! The path of a bot: [`swarm`] ramps bots up and stops them; a [`bot`] keeps one session alive over a [`connection`]
//! and asks its [`behaviour`] what to do when its schedule says so; every answer goes into its [`account`], every
//! frame into its picture; the [`oracle`] compares the bots with each other; [`stats`] counts; a [`report`] prints.
//! The server is a stranger to this crate: it imports the protocol, the vocabulary and the content, nothing else.

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod account;
pub mod acks;
pub mod behaviour;
pub mod bot;
pub mod bundled;
pub mod cells_head;
pub mod check_acks;
pub mod connection;
pub mod delivery;
pub mod dice;
pub mod entering;
pub mod flight;
pub mod flock;
pub mod floor;
pub mod framing;
pub mod hdr;
pub mod http;
pub mod oracle;
pub mod profile;
mod progress;
pub mod ramp;
pub mod report;
pub mod require;
pub mod scenario;
pub mod server_stats;
pub mod session;
pub mod share;
pub mod stats;
pub mod swarm;
pub mod timeline;

pub use bundled::fly_bundled;

#[cfg(test)]
mod fake_server;
