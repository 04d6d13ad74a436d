//! Orrery: an actor-based realtime game server.
pub mod actors;
pub mod config;
pub mod store;
pub mod telemetry;
pub use orrery_core::{catalog, game, protocol, types};
