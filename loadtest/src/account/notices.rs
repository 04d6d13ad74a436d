//! What notifications do to the books. One may come before the answer that explains it (after a crash, answers are
//! asked for again); then it waits.

use orrery_core::catalog::{Catalog, MissionKind};
use orrery_core::types::economy::event::Notice;
use orrery_core::types::economy::market::Side;
use orrery_core::types::{AuctionId, Credits, HubKey, MissionId, OrderId, Quantity};

use super::{Account, signed};

impl Account {
    /// Books a notification.
    ///
    /// # Errors
    /// What contradicts the books, in words.
    pub fn notice(&mut self, catalog: &Catalog, notice: &Notice) -> Result<(), String> {
        self.economic = true;
        if self.waits(notice) {
            self.deferred.push(notice.clone());
            return Ok(());
        }
        self.book(catalog, notice).map_err(|why| format!("{why}: {notice:?}"))
    }

    /// Notices that no answer has explained.
    #[must_use]
    pub fn unexplained(&self) -> usize {
        self.deferred.len()
    }

    /// Books the notices that waited for an answer, as far as they need wait no longer.
    pub(super) fn retry_deferred(&mut self, catalog: &Catalog) -> Result<(), String> {
        let waiting = std::mem::take(&mut self.deferred);
        let booked = waiting.iter().map(|notice| self.notice(catalog, notice));
        // All of them are booked before the first fault is told.
        booked.collect::<Vec<_>>().into_iter().collect()
    }

    /// Whether an answer must come before the notice can be booked.
    fn waits(&self, notice: &Notice) -> bool {
        match notice {
            Notice::OrderExpired { hub, order } => {
                self.orders.get(&(hub.clone(), *order)).is_none_or(|order| order.terms.is_none())
            }
            Notice::Outbid { hub, auction, .. } => {
                self.auctions.get(&(hub.clone(), *auction)).is_none_or(|auction| auction.bid.is_none())
            }
            Notice::AuctionExpired { hub, auction } | Notice::AuctionSold { hub, auction, .. } => {
                self.auctions.get(&(hub.clone(), *auction)).is_none_or(|auction| !auction.own)
            }
            Notice::AuctionWon { hub, auction, .. } => !self.auctions.contains_key(&(hub.clone(), *auction)),
            Notice::ContractFulfilled { hub, contract, .. } | Notice::ContractExpired { hub, contract, .. } => {
                !self.contracts.contains_key(&(hub.clone(), *contract))
            }
            Notice::Crafted { job, .. } => !self.jobs.contains_key(job),
            Notice::MissionOver { mission, .. } => !self.missions.contains_key(mission),
            _ => false,
        }
    }

    fn book(&mut self, catalog: &Catalog, notice: &Notice) -> Result<(), String> {
        match notice {
            Notice::Sold { hub, order, quantity, credits, .. } => {
                self.credits += signed(credits.0);
                self.filled(hub, *order, *quantity);
            }
            Notice::OrderFilled { hub, order, item, quantity, .. } => {
                self.put(Some(hub), item, signed(quantity.0));
                self.filled(hub, *order, *quantity);
            }
            Notice::OrderExpired { hub, order } => self.order_expired(hub, *order),
            Notice::Outbid { hub, auction, bid } => return self.outbid(hub, *auction, *bid),
            Notice::AuctionWon { hub, auction, item, quantity, paid } => {
                self.put(Some(hub), item, signed(quantity.0));
                let led = self.auctions.remove(&(hub.clone(), *auction));
                if led.is_none_or(|led| led.bid != Some(*paid)) {
                    return Err("won an auction for another price than the bid".to_owned());
                }
            }
            Notice::AuctionSold { hub, auction, credits } => {
                self.credits += signed(credits.0);
                self.auctions.remove(&(hub.clone(), *auction));
            }
            Notice::AuctionExpired { hub, auction } => return self.auction_returns(hub, *auction),
            Notice::ContractFulfilled { hub, contract, item, quantity } => {
                self.put(Some(hub), item, signed(quantity.0));
                self.contracts.remove(&(hub.clone(), *contract));
            }
            Notice::ContractExpired { hub, contract, credits, quantity } => {
                self.credits += signed(credits.0);
                let expired = self.contracts.remove(&(hub.clone(), *contract));
                if let Some(expired) = expired.filter(|_| *quantity > Quantity::ZERO) {
                    self.put(Some(hub), &expired.item, signed(quantity.0));
                }
            }
            Notice::Crafted { job, hub, item, quantity } => {
                self.put(Some(hub), item, signed(quantity.0));
                let Some(job) = self.jobs.remove(job) else { return Ok(()) };
                let blueprint = catalog.blueprints.get(&job.blueprint);
                let made = blueprint.and_then(|kind| kind.output_quantity.checked_mul(u64::from(job.runs)));
                if made != Some(*quantity) || job.hub != *hub {
                    return Err(format!("the job should have made {made:?} at {}", job.hub));
                }
            }
            Notice::MissionOver { mission, rank, score, credits, goods } => {
                self.credits += signed(credits.0);
                let hub = mission_kind(catalog, mission).map(|kind| kind.hub.clone());
                for (item, quantity) in goods {
                    self.put(hub.as_ref(), item, signed(quantity.0));
                }
                return self.mission_over(mission, (*rank, *score, *credits));
            }
            Notice::Given { credits, .. } => self.credits += signed(credits.0),
            Notice::Granted { credits, goods, hub } => {
                self.credits += signed(credits.0);
                goods.iter().for_each(|(item, quantity)| self.put(hub.as_ref(), item, signed(quantity.0)));
            }
            Notice::Revoked { credits, goods, hub } => {
                self.credits -= signed(credits.0);
                goods.iter().for_each(|(item, quantity)| self.put(hub.as_ref(), item, -signed(quantity.0)));
            }
            Notice::GuildLeft { guild, .. } => self.guild = self.guild.filter(|own| own != guild),
            _ => {}
        }
        Ok(())
    }

    fn filled(&mut self, hub: &HubKey, order: OrderId, quantity: Quantity) {
        let key = (hub.clone(), order);
        self.orders.entry(key.clone()).or_default().open -= signed(quantity.0);
        self.forget_empty_order(&key);
    }

    pub(super) fn forget_empty_order(&mut self, key: &(HubKey, OrderId)) {
        if self.orders.get(key).is_some_and(|order| order.open == 0) {
            self.orders.remove(key);
        }
    }

    /// What was left is back.
    fn order_expired(&mut self, hub: &HubKey, order: OrderId) {
        let expired = self.orders.remove(&(hub.clone(), order));
        let Some((terms, open)) = expired.and_then(|order| Some((order.terms?, order.open))) else { return };
        match terms {
            (Side::Sell, item, _) => self.put(Some(hub), &item, open),
            (Side::Buy, _, price) => self.credits += signed(price.0) * open,
        }
    }

    fn outbid(&mut self, hub: &HubKey, auction: AuctionId, by: Credits) -> Result<(), String> {
        let led = self.auctions.remove(&(hub.clone(), auction));
        let own = led.and_then(|led| led.bid).unwrap_or_default();
        self.credits += signed(own.0);
        if by > own { Ok(()) } else { Err(format!("outbid by less than the own {own}")) }
    }

    pub(super) fn auction_returns(&mut self, hub: &HubKey, auction: AuctionId) -> Result<(), String> {
        let returned = self.auctions.remove(&(hub.clone(), auction)).and_then(|auction| auction.goods);
        let Some((item, quantity)) = returned else { return Err("the auction is not in the books".to_owned()) };
        self.put(Some(hub), &item, signed(quantity.0));
        Ok(())
    }

    fn mission_over(&mut self, mission: &MissionId, over: (u64, u64, Credits)) -> Result<(), String> {
        let part = self.missions.entry(mission.clone()).or_default();
        if part.over.is_some() {
            return Err(format!("the mission {mission} is over for the second time"));
        }
        part.over = Some(over);
        if part.score == over.1 { Ok(()) } else { Err(format!("the contributions scored {}", part.score)) }
    }
}

/// The kind of a mission: its id is the kind's key and a number.
pub(super) fn mission_kind<'c>(catalog: &'c Catalog, mission: &MissionId) -> Option<&'c MissionKind> {
    let kinds = catalog.missions.values().filter(|kind| mission.as_str().starts_with(kind.key.as_str()));
    kinds.max_by_key(|kind| kind.key.as_str().len())
}
