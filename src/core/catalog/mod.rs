//! The content of the game, as read from `assets/catalog` at start: immutable afterwards, and sound, because
//! [`load`] refuses anything that is not. Rules get it as an argument.
//!
//! To add content: edit the TOML files, then `orrery check-assets`, which lists every fault at once.

mod check;
mod economy;
mod load;
mod model;
#[cfg(test)]
mod tests;

pub use check::Fault;
pub use economy::{
    AuctionRules, Blueprint, ContractRules, CraftRules, Economy, GuildRules, MarketRules, MissionKind, MissionPhase,
    SeasonRules, TaxBracket,
};
pub use load::load;
pub use model::{
    Catalog, Gate, Hub, Item, ObjectKind, Sector, ShipKind, Spawn, Start, Stat, StatEffect, Tech, content_version,
};
