//! The store's contract, run on every backend; what is special about one; and every stored version of a record.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod append_only;
mod audit;
mod auditor;
mod backend;
mod console;
mod contract;
mod erasing;
mod migration;
mod outage;
mod parts;
#[path = "../support/postgres.rs"]
mod postgres;
mod process;
mod records;
mod speed;
mod world;
