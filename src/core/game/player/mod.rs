//! A player: wallet, hold, ship, research and lifetime statistics; the state of one player actor.
//!
//! All amounts are checked. A receipt says what happened, a refusal why nothing did.

mod commands;
mod crafting;
mod deal;
mod guild;
mod inventory;
mod job_queue;
mod market;
mod notify;
mod operate;
mod receive;
mod refusal;
mod research;
mod season;
mod social;
#[cfg(test)]
mod social_tests;
mod stats;
mod storage;

#[cfg(test)]
mod crafting_tests;
#[cfg(test)]
mod rules_tests;

use std::collections::BTreeSet;

pub use commands::{Receipt, SellOrder};
pub use deal::{DealContext, Prepared};
pub use guild::Membership;
pub use inventory::Inventory;
pub use job_queue::{Crafting, Job};
pub use notify::Inbox;
pub use operate::{Amounts, OperateContext, OperateRefusal, Operated, OperatorChange, Place, Sentence, operate};
pub use receive::Settled;
pub use refusal::PlayerRefusal;
pub use research::RunningResearch;
pub use season::{SeasonScore, Tally};
pub use social::Social;
pub use stats::{Lifetime, ShipStats};

use std::collections::BTreeMap;

use super::{Cause, Effects, LedgerReason};
use crate::catalog::Catalog;
use crate::types::{Credits, External, Holdings, HubKey, Millis, PlayerId, ShipKindKey, TechKey};

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
    /// What is stored at hubs. No hub is there with nothing in it.
    pub storage: BTreeMap<HubKey, Inventory>,
    /// What is known.
    pub known: BTreeSet<TechKey>,
    /// What is being researched.
    pub research: Option<RunningResearch>,
    /// Crafting jobs.
    pub crafting: Crafting,
    /// Guild, or the way into one.
    pub membership: Membership,
    /// Friends, blocks, mutes.
    pub social: Social,
    /// Which notifications there are and which are read.
    pub inbox: Inbox,
    /// What counts for the season's leaderboards.
    pub season: SeasonScore,
    /// Since the account exists.
    pub lifetime: Lifetime,
}

impl Player {
    /// A new player, with what the catalogue gives to begin with.
    #[must_use]
    pub fn new(id: PlayerId, catalog: &Catalog, now: Millis, fx: &mut Effects) -> Self {
        let credits = catalog.start.credits;
        fx.touched = true;
        let holdings = Holdings::of_credits(credits);
        fx.moved(External::Start, id, &holdings, LedgerReason::Start, &Cause::default(), now);
        Self {
            id,
            credits,
            ship: catalog.start.ship.clone(),
            cargo: Inventory::default(),
            storage: BTreeMap::new(),
            known: BTreeSet::new(),
            research: None,
            crafting: Crafting::default(),
            membership: Membership::default(),
            social: Social::default(),
            inbox: Inbox::default(),
            season: SeasonScore::default(),
            lifetime: Lifetime::default(),
        }
    }

    /// Everything the player holds, in wallet, hold and storage: what the ledger must say as well.
    #[must_use]
    pub fn holdings(&self) -> Holdings {
        let mut all = Holdings::of_credits(self.credits);
        for inventory in std::iter::once(&self.cargo).chain(self.storage.values()) {
            for (item, quantity) in inventory.iter() {
                let sum = all.goods.entry(item.clone()).or_default();
                sum.0 = sum.0.saturating_add(quantity.0);
            }
        }
        all
    }
}
