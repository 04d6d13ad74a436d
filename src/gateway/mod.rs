//! The door for players: how many come in at once ([`admission`]), who they are ([`auth`]), which pages may speak for them ([`origin`]), how often they may ask,
//! what they may ask over HTTP ([`http`]) and WebSocket ([`session`]), and the page that does. Set up by `server`.

mod address;
pub mod admission;
pub mod auth;
mod economic;
pub mod http;
mod limits;
pub mod origin;
pub mod session;

pub use limits::CommandLimits;
