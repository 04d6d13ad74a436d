//! Orrery: an actor-based realtime game server.
pub mod config;
pub mod store;
pub use orrery_core::{catalog, game, protocol, types};
