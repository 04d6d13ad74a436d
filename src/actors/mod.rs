//! The actors: thin shells around the rules.

pub mod accounts;
pub mod persister;

pub use persister::{Persister, StorageGone};
