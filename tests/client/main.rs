//! The page for players and its library, as their browsers meet them: the real program on free ports, over real sockets.
//! Tests wait for what they expect to happen, never for a time.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
#![allow(
    dead_code,
    unused_imports,
    reason = "what the server's tests are written with is shared, and not all of it is used here"
)]

mod bot;
mod browser;
mod content;
mod files;
mod library;
mod line;
mod scripts;

#[path = "../support/python.rs"]
mod python;
#[path = "../server/support/mod.rs"]
mod support;
#[path = "../support/web.rs"]
mod web;
