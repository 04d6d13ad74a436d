//! The actors: thin shells around the rules.

pub mod accounts;
