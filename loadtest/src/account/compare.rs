//! Holds the books against what the server says when it is asked for everything at once.

use std::collections::{BTreeMap, BTreeSet};

use orrery_core::protocol::answer::Status;
use orrery_core::types::economy::craft::Jobs;
use orrery_core::types::economy::market::OrderView;
use orrery_core::types::economy::mission::Ranks;
use orrery_core::types::economy::storage::{MyOffers, Storage};
use orrery_core::types::{HubKey, MissionId};

use super::{Account, Goods, Order, add, signed, sum_places};

/// What the server says of one player.
#[derive(Clone, Debug, Default)]
pub struct Statement {
    /// Wallet and hold.
    pub status: Option<Status>,
    /// What is stored at hubs.
    pub storage: Option<Storage>,
    /// Crafting jobs.
    pub jobs: Option<Jobs>,
    /// What is on offer, by hub.
    pub offers: BTreeMap<HubKey, MyOffers>,
    /// Places on leaderboards, by mission.
    pub ranks: BTreeMap<MissionId, Ranks>,
}

/// What is stored, by hub.
fn by_hub(storage: &Storage) -> BTreeMap<HubKey, Goods> {
    let mut hubs: BTreeMap<HubKey, Goods> = BTreeMap::new();
    for stored in &storage.items {
        add(hubs.entry(stored.hub.clone()).or_default(), &stored.item, signed(stored.quantity.0));
    }
    hubs.retain(|_, goods| !goods.is_empty());
    hubs
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, own: &T, theirs: &T) -> Result<(), String> {
    if own == theirs {
        return Ok(());
    }
    Err(format!("the answers add up to {what} {own:?}, but the server says {theirs:?}"))
}

impl Account {
    /// The hubs at which the books know of offers, and those where there may be some.
    #[must_use]
    pub fn hubs_with_offers(&self) -> BTreeSet<HubKey> {
        let orders = self.orders.keys().map(|(hub, _)| hub);
        let auctions = self.auctions.keys().map(|(hub, _)| hub);
        let contracts = self.contracts.keys().map(|(hub, _)| hub);
        orders.chain(auctions).chain(contracts).cloned().collect()
    }

    /// Compares with everything the server says.
    ///
    /// # Errors
    /// The first difference, in words.
    pub fn compare(&self, statement: &Statement) -> Result<(), String> {
        if let Some(status) = &statement.status {
            self.compare_status(status, statement.storage.as_ref())?;
        }
        if let Some(jobs) = &statement.jobs {
            let theirs: BTreeSet<_> = jobs.items.iter().map(|job| job.job).collect();
            same("crafting jobs", &self.jobs.keys().copied().collect(), &theirs)?;
        }
        for (hub, offers) in &statement.offers {
            self.compare_offers(hub, offers).map_err(|why| format!("{hub}: {why}"))?;
        }
        for (mission, ranks) in &statement.ranks {
            self.compare_ranks(mission, ranks).map_err(|why| format!("{mission}: {why}"))?;
        }
        if self.deferred.is_empty() {
            return Ok(());
        }
        Err(format!("notifications about what no answer explains: {:?}", self.deferred))
    }

    fn compare_status(&self, status: &Status, storage: Option<&Storage>) -> Result<(), String> {
        let theirs = Self::opening(status);
        let their_storage = storage.map(by_hub).unwrap_or_default();
        let alike = self.credits == theirs.credits
            && self.everything() == sum_places(&theirs.goods, &their_storage)
            && self.sharp(&self.goods) == self.sharp(&theirs.goods)
            && self.sharp_places(&self.storage) == self.sharp_places(&their_storage);
        if alike {
            return Ok(());
        }
        Err(format!(
            "the answers add up to {} credits, goods {:?} and stored {:?}, but status says {}, {:?} and {:?}",
            self.credits, self.goods, self.storage, theirs.credits, theirs.goods, their_storage
        ))
    }

    /// The goods whose places are known.
    fn sharp(&self, goods: &Goods) -> Goods {
        goods.iter().filter(|(item, _)| !self.blurred.contains(*item)).map(|(item, n)| (item.clone(), *n)).collect()
    }

    fn sharp_places(&self, storage: &BTreeMap<HubKey, Goods>) -> BTreeMap<HubKey, Goods> {
        let places = storage.iter().map(|(hub, goods)| (hub.clone(), self.sharp(goods)));
        places.filter(|(_, goods)| !goods.is_empty()).collect()
    }

    fn compare_offers(&self, hub: &HubKey, offers: &MyOffers) -> Result<(), String> {
        let terms = |view: &OrderView| (view.side, view.item.clone(), view.price);
        let theirs: BTreeMap<_, _> = offers
            .orders
            .iter()
            .map(|view| (view.order, Order { terms: Some(terms(view)), open: signed(view.open.0) }))
            .collect();
        same("orders", &at(hub, &self.orders), &theirs)?;
        let own = at(hub, &self.auctions);
        let own: BTreeMap<_, _> = own.into_iter().map(|(id, auction)| (id, (auction.own, auction.bid))).collect();
        let of_player = |owner| Some(owner) == self.player;
        let theirs: BTreeMap<_, _> = offers
            .auctions
            .iter()
            .map(|view| {
                let is_own = of_player(view.owner);
                (view.auction, (is_own, view.bid.filter(|_| !is_own)))
            })
            .collect();
        same("auctions", &own, &theirs)?;
        let own: BTreeMap<_, _> = at(hub, &self.contracts).into_iter().map(|(id, own)| (id, own.own)).collect();
        let theirs: BTreeMap<_, _> =
            offers.contracts.iter().map(|view| (view.contract, view.owner.is_some_and(of_player))).collect();
        same("contracts", &own, &theirs)
    }

    fn compare_ranks(&self, mission: &MissionId, ranks: &Ranks) -> Result<(), String> {
        let Some(part) = self.missions.get(mission) else { return Ok(()) };
        let own = ranks.around.iter().chain(&ranks.top).find(|view| Some(view.player) == self.player);
        let Some(own) = own else {
            return Err(format!("joined, with a score of {}, but is on no leaderboard", part.score));
        };
        same("a score of", &part.score, &own.score)?;
        match part.over {
            Some((rank, _, credits)) => same("rank and reward", &(rank, credits), &(own.rank, own.reward)),
            None => Ok(()),
        }
    }

    /// Takes over how the goods are spread over hold and storage, where the books do not know it: all of it was asked
    /// for and answered without a change in between.
    pub fn sharpen(&mut self, storage: &Storage) {
        let theirs = by_hub(storage);
        let everything = self.everything();
        for item in std::mem::take(&mut self.blurred) {
            for goods in self.storage.values_mut() {
                goods.remove(&item);
            }
            let mut left = everything.get(&item).copied().unwrap_or(0);
            for (hub, goods) in &theirs {
                let stored = goods.get(&item).copied().unwrap_or(0);
                add(self.storage.entry(hub.clone()).or_default(), &item, stored);
                left -= stored;
            }
            self.goods.remove(&item);
            add(&mut self.goods, &item, left);
        }
        self.storage.retain(|_, goods| !goods.is_empty());
    }
}

/// What there is at one hub.
fn at<I: Copy + Ord, T: Clone>(hub: &HubKey, all: &BTreeMap<(HubKey, I), T>) -> BTreeMap<I, T> {
    all.iter().filter(|((other, _), _)| other == hub).map(|((_, id), thing)| (*id, thing.clone())).collect()
}
