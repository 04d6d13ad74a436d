//! The operators' console as operators and their browsers meet it: the real program on free ports, over real sockets.
//! Tests wait for what they expect to happen, never for a time.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
#![allow(
    dead_code,
    unused_imports,
    reason = "what the server's tests are written with is shared, and not all of it is used here"
)]

mod access;
mod actors;
mod announcements;
mod browser;
mod chat;
mod command_line;
mod forms;
mod headers;
mod life;
mod maintenance;
mod missions;
mod observe;
mod operator;
mod players;
mod production;
mod roles;
mod schema;
mod tokens;
mod two_factors;
mod undo;
mod worlds;

#[path = "../support/python.rs"]
mod python;
#[path = "../server/support/mod.rs"]
mod support;
#[path = "../support/web.rs"]
mod web;
