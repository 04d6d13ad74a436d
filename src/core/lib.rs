//! What server, bots, tests and tools share: the vocabulary ([`types`]), the content ([`catalog`]),
//! the wire ([`protocol`]) and the rules ([`game`]).
//!
//! Everything here is pure: no clock, no sockets, no threads, no files but the catalogue's own. It is a crate of its
//! own so that the compiler keeps it so: none of the I/O crates of the server is a dependency of this one.

pub mod catalog;
pub mod game;
pub mod protocol;
pub mod types;
