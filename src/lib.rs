//! Orrery: an actor-based realtime game server.
pub mod actors;
pub mod cli;
pub mod config;
pub mod gateway;
pub mod server;
pub mod store;
pub mod telemetry;
pub use orrery_core::{catalog, game, protocol, types};
