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
//! | `http` | what both HTTP APIs and their pages share | `types`, `protocol`, `config` |
//! | [`gateway`] | players: sessions, HTTP API and page | `http`, `actors` and below |
//! | [`console`] | operators: HTTP API and page | `http`, `actors` and below |
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
//!
//! # The path of a deal
//! Somebody sends `["buy", {"hub": "luna_exchange", "order": 12, "quantity": 3, "price": 40}, 43]`, by a session or by HTTP.
//! `actors::player::commands` looks whether command 43 was answered (then it repeats the answer) or is under way (then the
//! first one's answer answers this one too). `actors::player::deals` has named players looked up and the ship's place asked
//! for, where the deal needs that; then `game::player::Player::deal` takes 120 credits out of the wallet and puts them
//! into a transfer to the market, with the request. `actors::apply` commits player, ledger and outbox row in one, and
//! sends the transfer; from now on the outbox is what remembers the command. `actors::party` takes the transfer in, once: it
//! must still be in the outbox in memory, and is taken out when its commit is enqueued. `game::market::Market` finds the
//! order, gives the goods to the buyer in the one reply to the request, the price less tax to the seller in a parcel,
//! and the tax to the treasury; all of it is one commit. The player's actor takes the reply in, puts the goods into the
//! storage at the hub, stores the answer in the same commit, and answers everybody who waits when that is durable. The
//! seller's actor takes the parcel in and tells its session. A crash between any two of these steps finds the transfer in
//! the outbox's table, and the next server sends it on.

pub mod actors;
pub mod cli;
pub mod config;
pub mod console;
pub mod gateway;
mod http;
pub mod server;
pub mod store;
pub mod telemetry;

pub use orrery_core::{catalog, game, protocol, types};
