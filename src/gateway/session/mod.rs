//! WebSocket sessions: one actor per connection, in an ordinary context of its worker's thread.
//!
//! A handshake is an HTTP request like any other; then [`upgrade`] hands the bare connection over. What comes in passes
//! [`frames`] (guard and codec), then the actor; what goes out passes the session's
//! [`Lane`](crate::actors::fanout::Lane), which writes to the socket. A session outlives its connection for the resume
//! window, so that a client can take it up again without having missed anything.

mod actor;
mod commands;
mod echo;
mod enter;
mod frames;
mod route;
mod upgrade;

pub use route::{Gateway, configure, on_connect};
pub use upgrade::upgrade;
