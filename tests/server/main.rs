//! The server as players and operators meet it: the real program on a free port, over real sockets. Tests wait for
//! what they expect to happen, never for a time.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod alerts;
mod chat;
mod collect_race;
mod collector;
mod description;
mod dilation;
mod economy_market;
mod economy_panic;
mod economy_race;
mod friends;
mod fuzz;
mod guild;
mod health;
mod http;
mod http_commands;
mod http_economy;
mod missions;
mod panic;
mod storm;
mod support;
mod traces;
mod vectors;
mod ws_budget;
mod ws_echo;
mod ws_flow;
mod ws_frames;
mod ws_idempotency;
mod ws_limits;
mod ws_resume;
mod ws_slow;

#[path = "../support/description.rs"]
mod described;
#[path = "../support/postgres.rs"]
mod postgres;
