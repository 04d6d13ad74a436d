//! The stored forms of actor state: versioned documents, converted from and to game state here and nowhere else.
//!
//! A new version is a new variant with its own structure; the old ones stay readable for ever, and
//! `tests/store/samples` keeps a sample of each. Writers write the newest version only.

mod account;
mod audit;
mod operator;
mod player;
mod snapshot;
mod transfer;
mod world;

pub use account::{AccountRecord, name_key};
pub use audit::AuditRecord;
pub use operator::{ApiTokenV1, OperatorRecord, OperatorV1, TotpV1};
pub use player::PlayerRecord;
pub use snapshot::SnapshotRecord;
pub use transfer::TransferRecord;
pub use world::WorldRecord;
