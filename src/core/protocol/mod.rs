//! The wire protocol `orrery.v1`: message types, their two encodings, error and close codes.
//!
//! Used by the gateway, by the bots and by tests; holds no state and does no I/O. `PROTOCOL.md` beside this file, which
//! follows here, explains the protocol to people who write clients; `tests/tidy` keeps the two in step.
//!
//! To add a command: give it a body in [`client_message`], a line in its `messages!` table, an answer body in
//! [`answer`], a paragraph in `PROTOCOL.md`, a sample in `conformance`; write the generated files anew
//! (`ORRERY_WRITE_VECTORS=1 cargo test -p orrery-core is_current`); then let the gateway route it.

#![doc = include_str!("PROTOCOL.md")]

pub mod answer;
pub mod cell_frame;
pub mod client_message;
mod close_code;
mod codec;
#[cfg(test)]
pub(crate) mod conformance;
#[cfg(test)]
pub(crate) mod description;
mod envelope;
pub mod picture;
pub mod server_message;

pub use crate::types::ErrorCode;
pub use cell_frame::{CellEntry, CellFrame, CellIndex, FrameKind};
pub use client_message::ClientMessage;
pub use close_code::CloseCode;
pub use codec::{DecodeError, Encoding, NESTING_MAX, decode_client, decode_server, encode_client, encode_server};
pub use envelope::Envelope;
pub use server_message::{ErrorBody, ServerMessage};

/// The protocol for machines: an AsyncAPI 3.0 document in JSON, generated from the wire types by this module's tests.
pub const ASYNCAPI: &str = include_str!("asyncapi.json");

/// WebSocket subprotocol of the MessagePack encoding.
pub const SUBPROTOCOL_MSGPACK: &str = "orrery.v1.msgpack";
/// WebSocket subprotocol of the JSON encoding; also used when a client asks for none.
pub const SUBPROTOCOL_JSON: &str = "orrery.v1.json";
