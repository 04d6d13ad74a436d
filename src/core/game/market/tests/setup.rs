//! A hub's market among a few players who have credits and goods.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::catalog::Catalog;
use crate::game::market::Market;
use crate::game::testing::{Galaxy, own_catalog};
use crate::game::{Effects, PartyRules, Rule};
use crate::types::economy::market::PlaceOrder;
use crate::types::{Credits, Holdings, HubKey, ItemKey, Millis, Party, Quantity};

/// What each player has to begin with, of credits and of each item.
pub(super) const CREDITS: u64 = 2_000;
pub(super) const PIECES: u64 = 40;

/// States are the same when what is stored of them is.
impl PartialEq for Market {
    fn eq(&self, other: &Self) -> bool {
        self.hub == other.hub
            && self.counters == other.counters
            && self.orders == other.orders
            && self.auctions == other.auctions
            && self.contracts == other.contracts
            && self.prices == other.prices
    }
}

pub(super) fn hub() -> HubKey {
    HubKey::parse("luna_exchange").unwrap()
}

pub(super) fn market() -> Party {
    Party::Market(hub())
}

pub(super) fn item(index: usize) -> ItemKey {
    ItemKey::parse(["ice", "iron_ore"][index]).unwrap()
}

/// The project's catalogue with bounds that are soon reached, and hubs that buy little.
pub(super) fn small_catalog(hub_contracts: usize) -> Arc<Catalog> {
    let mut catalog = (*own_catalog()).clone();
    let economy = &mut catalog.economy;
    economy.market.listing_fee_permille = 30;
    economy.market.sale_tax_permille = 70;
    economy.market.order_seconds = 600;
    economy.market.orders_per_player = 4;
    economy.market.orders_per_hub = 9;
    economy.auction.auctions_per_player = 2;
    economy.contract.contracts_per_player = 2;
    economy.contract.hub_contracts = hub_contracts;
    economy.contract.hub_reward_permille = 1_300;
    economy.contract.hub_contract_seconds = 300;
    for hub in catalog.sectors.values_mut().flat_map(|sector| &mut sector.hubs) {
        hub.buys = BTreeMap::from([(item(0), Credits(90)), (item(1), Credits(301))]);
    }
    Arc::new(catalog)
}

/// A market that was just opened.
pub(super) fn new_market(catalog: &Catalog, now: Millis) -> Market {
    let rule = Rule { catalog, now, fresh: uuid::Uuid::nil() };
    Market::load(&market(), Vec::new(), &rule).unwrap().unwrap()
}

/// Players with credits, and goods in the storage at the hub and in the hold.
pub(super) fn galaxy(catalog: Arc<Catalog>, players: usize) -> Galaxy<Market> {
    let mut galaxy = Galaxy::new(catalog.clone(), players);
    galaxy.add(new_market(&catalog, galaxy.now), Effects::default());
    for player in 0..players {
        let half = Holdings::of_goods(item(0), Quantity(PIECES / 2)).and_goods(item(1), Quantity(PIECES / 2));
        let credits = Credits(CREDITS - catalog.start.credits.0);
        galaxy.endow(player, &half.clone().with_credits(credits), None);
        galaxy.endow(player, &half, Some(&hub()));
    }
    galaxy
}

/// A receipt or answer, as what it is.
pub(super) fn read<T: serde::de::DeserializeOwned>(answer: Result<serde_json::Value, crate::types::Refusal>) -> T {
    serde_json::from_value(answer.expect("it is done")).expect("it is of this form")
}

/// `list` or `order` of the first item.
pub(super) fn order(quantity: u64, price: u64) -> PlaceOrder {
    PlaceOrder { hub: hub(), item: item(0), quantity: Quantity(quantity), price: Credits(price) }
}
