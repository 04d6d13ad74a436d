//! The server as players and operators meet it: the real program on a free port, over real sockets. Tests wait for
//! what they expect to happen, never for a time.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod support;
mod ws_flow;

#[path = "../support/postgres.rs"]
mod postgres;
