//! The door for players: who they are ([`auth`]), which pages may speak for them ([`origin`]) and what they may ask
//! over HTTP ([`http`]). Set up by `server`.

pub mod auth;
pub mod http;
pub mod origin;
pub mod session;
