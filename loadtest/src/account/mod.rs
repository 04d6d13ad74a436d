//! A bot's own books: what its wallet, hold, storage and offers must be, kept from nothing but the answers and
//! notifications it got.
//!
//! [`basic`] are the commands without another player, [`deals`] those of the economy, [`notices`] what comes unasked,
//! [`compare`] holds the books against what the server says at the end.

pub mod basic;
mod compare;
mod deals;
mod notices;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use orrery_core::protocol::answer::Status;
use orrery_core::types::economy::Deal;
use orrery_core::types::economy::event::Notice;
use orrery_core::types::economy::market::Side;
use orrery_core::types::{
    AuctionId, BlueprintKey, ContractId, Credits, GuildId, HubKey, ItemKey, JobId, MissionId, OrderId, PlayerId,
    Quantity,
};

pub use basic::{Effect, check_answer, effect_of, tells_its_effect};
pub use compare::Statement;
pub use deals::items_taken;

/// Goods by item, signed; none with quantity 0.
pub type Goods = BTreeMap<ItemKey, i64>;

/// Whether a command moves goods or credits or changes what others see of the player, and so is answered once it is
/// durable and applied once per id.
#[must_use]
pub fn is_economic(command: &str) -> bool {
    matches!(command, "collect" | "sell" | "research" | "cancel_research") || Deal::NAMES.contains(&command)
}

/// What is on offer by an order of the player's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Order {
    /// Side, item and price; unknown as long as the answer that says the id has not come.
    pub terms: Option<(Side, ItemKey, Credits)>,
    /// Pieces; below 0 when notifications overtook the answer.
    pub open: i64,
}

/// An auction that the player has opened or leads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Auction {
    /// What is sold, if it is known.
    pub goods: Option<(ItemKey, Quantity)>,
    /// Whether the player has opened it.
    pub own: bool,
    /// The player's bid, if it is the highest.
    pub bid: Option<Credits>,
}

/// A contract that the player has offered or accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contract {
    /// What.
    pub item: ItemKey,
    /// How many.
    pub quantity: Quantity,
    /// How many the player has delivered.
    pub delivered: Quantity,
    /// For how much.
    pub reward: Credits,
    /// Whether the player has offered it; otherwise the player has accepted it.
    pub own: bool,
}

/// A crafting job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Where.
    pub hub: HubKey,
    /// What.
    pub blueprint: BlueprintKey,
    /// How many times.
    pub runs: u32,
}

/// A mission that the player takes part in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// The sum of what the contributions scored.
    pub score: u64,
    /// What the notification of its end said: rank, score, credits.
    pub over: Option<(u64, u64, Credits)>,
}

/// Wallet, hold, storage and offers as they must be.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Account {
    /// Whose.
    pub player: Option<PlayerId>,
    /// Credits.
    pub credits: i64,
    /// The hold.
    pub goods: Goods,
    /// What is stored at hubs.
    pub storage: BTreeMap<HubKey, Goods>,
    /// Orders in books.
    pub orders: BTreeMap<(HubKey, OrderId), Order>,
    /// Auctions.
    pub auctions: BTreeMap<(HubKey, AuctionId), Auction>,
    /// Contracts.
    pub contracts: BTreeMap<(HubKey, ContractId), Contract>,
    /// Crafting jobs.
    pub jobs: BTreeMap<JobId, Job>,
    /// Missions.
    pub missions: BTreeMap<MissionId, Part>,
    /// The guild.
    pub guild: Option<GuildId>,
    /// Whether anything of the economy ever touched these books; if not, there is nothing but wallet and hold.
    pub economic: bool,
    /// Items of which it is not known how they are spread over hold and storage, only how many there are in all.
    blurred: BTreeSet<ItemKey>,
    /// Counts the changes of each item's places.
    changes: BTreeMap<ItemKey, u64>,
    /// What the lists of a hub showed: the goods of auctions, and contracts.
    seen_auctions: BTreeMap<(HubKey, AuctionId), (ItemKey, Quantity)>,
    seen_contracts: BTreeMap<(HubKey, ContractId), Contract>,
    /// Notices about what an answer that is still outstanding will explain.
    deferred: Vec<Notice>,
}

/// Auctions and contracts that are remembered after a look at a list; the memory starts over then.
const SEEN_MAX: usize = 2_000;

impl Account {
    /// The books as the first `status` opens them.
    #[must_use]
    pub fn opening(status: &Status) -> Self {
        let goods = status.cargo.iter().map(|goods| (goods.item.clone(), signed(goods.quantity.0)));
        let goods = goods.filter(|(_, quantity)| *quantity != 0).collect();
        Self { credits: signed(status.credits.0), goods, ..Self::default() }
    }

    /// Books an effect on wallet and hold.
    pub fn apply(&mut self, effect: &Effect) {
        self.credits += effect.credits;
        if let Some((item, change)) = &effect.goods {
            self.put(None, item, *change);
        }
    }

    /// How many of an item are in the hold.
    #[must_use]
    pub fn quantity(&self, item: &ItemKey) -> u64 {
        unsigned(self.goods.get(item).copied().unwrap_or(0))
    }

    /// How many of an item are stored at a hub.
    #[must_use]
    pub fn stored(&self, hub: &HubKey, item: &ItemKey) -> u64 {
        unsigned(self.storage.get(hub).and_then(|goods| goods.get(item)).copied().unwrap_or(0))
    }

    /// How many of an item can be used at a hub.
    #[must_use]
    pub fn available(&self, hub: &HubKey, item: &ItemKey) -> u64 {
        self.quantity(item).saturating_add(self.stored(hub, item))
    }

    /// All goods, wherever they are.
    #[must_use]
    pub fn everything(&self) -> Goods {
        sum_places(&self.goods, &self.storage)
    }

    /// A number that is another one when the places of a deal's goods have changed.
    #[must_use]
    pub fn stamp(&self, items: &[ItemKey]) -> u64 {
        items.iter().filter_map(|item| self.changes.get(item)).sum()
    }

    /// Whether the places of some goods are not known.
    #[must_use]
    pub fn is_blurred(&self) -> bool {
        !self.blurred.is_empty()
    }

    /// It is not known any more how these are spread over hold and storage.
    pub fn blur(&mut self, items: &[ItemKey]) {
        self.blurred.extend(items.iter().cloned());
    }

    /// Adds goods to the storage at a hub or to the hold.
    fn put(&mut self, hub: Option<&HubKey>, item: &ItemKey, change: i64) {
        *self.changes.entry(item.clone()).or_default() += 1;
        match hub {
            Some(hub) => {
                let place = self.storage.entry(hub.clone()).or_default();
                add(place, item, change);
                if place.is_empty() {
                    self.storage.remove(hub);
                }
            }
            None => add(&mut self.goods, item, change),
        }
    }

    /// Takes goods as the server does: out of the storage at the hub first, then out of the hold.
    fn take(&mut self, hub: &HubKey, item: &ItemKey, quantity: i64) {
        let stored = signed(self.stored(hub, item)).min(quantity);
        if stored > 0 {
            self.put(Some(hub), item, -stored);
        }
        if quantity > stored {
            self.put(None, item, stored - quantity);
        }
    }
}

/// Goods of hold and storage together.
fn sum_places(hold: &Goods, storage: &BTreeMap<HubKey, Goods>) -> Goods {
    let mut sum = hold.clone();
    for (item, quantity) in storage.values().flatten() {
        add(&mut sum, item, *quantity);
    }
    sum
}

fn add(goods: &mut Goods, item: &ItemKey, change: i64) {
    let quantity = goods.entry(item.clone()).or_default();
    *quantity += change;
    if *quantity == 0 {
        goods.remove(item);
    }
}

/// Amounts are below 2^53, so nothing is lost.
pub(crate) fn signed(amount: u64) -> i64 {
    i64::try_from(amount).unwrap_or(i64::MAX)
}

fn unsigned(amount: i64) -> u64 {
    u64::try_from(amount).unwrap_or(0)
}
