//! A player: wallet, hold, ship, research and lifetime statistics; the state of one player actor.
//!
//! All amounts are checked. A receipt says what happened, a refusal why nothing did.

mod commands;
mod inventory;
mod refusal;
mod research;
mod stats;

#[cfg(test)]
mod rules_tests;

use std::collections::BTreeSet;

pub use commands::{Receipt, SellOrder};
pub use inventory::Inventory;
pub use refusal::PlayerRefusal;
pub use research::RunningResearch;
pub use stats::{Lifetime, ShipStats};

use super::{Effects, LedgerEntry, LedgerReason};
use crate::catalog::Catalog;
use crate::types::{Credits, Millis, PlayerId, ShipKindKey, TechKey};

/// The state of a player.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Player {
    /// Who.
    pub id: PlayerId,
    /// The wallet.
    pub credits: Credits,
    /// The kind of ship.
    pub ship: ShipKindKey,
    /// The hold.
    pub cargo: Inventory,
    /// What is known.
    pub known: BTreeSet<TechKey>,
    /// What is being researched.
    pub research: Option<RunningResearch>,
    /// Since the account exists.
    pub lifetime: Lifetime,
}

impl Player {
    /// A new player, with what the catalogue gives to begin with.
    #[must_use]
    pub fn new(id: PlayerId, catalog: &Catalog, now: Millis, fx: &mut Effects) -> Self {
        let credits = catalog.start.credits;
        fx.touched = true;
        fx.ledger.push(LedgerEntry {
            player: id,
            at: now,
            reason: LedgerReason::Start,
            command: None,
            transfer: None,
            goods: None,
            credits: signed(credits.0),
        });
        Self {
            id,
            credits,
            ship: catalog.start.ship.clone(),
            cargo: Inventory::default(),
            known: BTreeSet::new(),
            research: None,
            lifetime: Lifetime::default(),
        }
    }
}

/// An amount as a ledger's signed number. Amounts are below 2^53, so nothing is lost.
fn signed(amount: u64) -> i64 {
    i64::try_from(amount).unwrap_or(i64::MAX)
}
