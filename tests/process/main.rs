//! The real program as a process: killed, cut off from its store, told to stop, started twice, and asked by its
//! command line. A server runs in a temporary folder on a free port; its address is read from what it prints.
//!
//! Longer forms: `ORRERY_CRASH_RUNS=100` kills per store and swarm, under `ORRERY_CRASH_BOTS=200`; `ORRERY_OUTAGE_SECONDS=30 ORRERY_OUTAGE_BOTS=200`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

mod audit;
mod client;
mod command_line;
mod content;
mod crash;
mod outage;
mod ownership;
#[path = "../support/postgres.rs"]
mod postgres;
mod repeats;
mod scale;
mod server;
mod stop;
mod swarm;
