//! WebSocket sessions: one actor per connection, in an ordinary context of its worker's thread.
//!
//! What comes in passes [`frames`] (guard and codec), then the actor; what goes out passes the session's
//! [`Lane`](crate::actors::fanout::Lane) and [`body`]. A session outlives its connection for the resume window, so that
//! a client can take it up again without having missed anything.

mod actor;
mod body;
mod commands;
mod echo;
mod enter;
mod frames;
mod route;

pub use route::{ConnectionSocket, Gateway, configure, on_connect};
