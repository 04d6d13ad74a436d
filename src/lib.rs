//! Orrery: an actor-based realtime game server. This page is the map of the code.
//!
//! | folder | what it is | may import |
//! | --- | --- | --- |
//! | `src/core/types` | vocabulary: ids, keys, units, ticks, courses | nothing of ours |
//! | `src/core/catalog`, `src/core/protocol` | content; the wire | `types` |
//! | `src/core/game` | the rules: pure state machines | `types`, `catalog`, cell frames |
//! | [`config`], [`telemetry`] | settings; logs and metrics | `types` |
//! | [`store`] | one trait, SQLite and PostgreSQL | `types`, `game` |
//! | [`actors`] | thin shells around the rules | all of the above |
//! | [`gateway`] | players: sessions and HTTP API | `actors` and below |
//! | [`server`], [`cli`] | composition, start and stop | everything |
//! | `loadtest/` | the bot swarm | `src/core` |
//!
//! `src/core` is a crate of its own without any I/O among its dependencies, so the compiler keeps the rules pure.
//!
//! # The path of one command
//! A client sends `["collect", {"object": 7}, 42]`. `gateway::session::frames` lets the frame pass and puts it together;
//! `gateway::session::commands` decodes it, checks the rate, and tells the player's actor. `actors::player::commands`
//! looks whether command 42 was applied before (then it repeats the answer), takes the room left in the hold, and puts
//! a question in the world's inbox. At its next tick `actors::world::actor` calls `game::space::Sector::collect`: in
//! reach, still there? The object goes; *effects* say that it went and that a transfer begins. The world hands the
//! persister one commit (object row, outbox row), then sends the transfer to the player's actor. That applies it once
//! (`game::player::Player::receive`) and commits player, receipt, answer and ledger. `actors::persister` writes both
//! commits in their order, in one transaction with everything else that waited; when it is durable, the answer goes to
//! the session, is numbered, kept for a resume, and written to the socket. Meanwhile `actors::fanout` has long shown
//! everybody in sight that the object is gone.

pub mod actors;
pub mod cli;
pub mod config;
pub mod gateway;
pub mod server;
pub mod store;
pub mod telemetry;

pub use orrery_core::{catalog, game, protocol, types};
