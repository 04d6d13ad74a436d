//! The contracts that a hub itself offers: goods that some hub buys, for more than any hub pays. They are a source of
//! credits, so the reward comes from the hubs only when it is earned. Which they are follows from the hub's key and the
//! contract's number, so that the same galaxy makes the same offers.

use super::Market;
use super::contracts::Contract;
use crate::catalog::Catalog;
use crate::game::{Effects, Rng, Rule};
use crate::types::{Credits, HubKey, ItemKey, Millis, Quantity};
use std::collections::BTreeMap;

/// What the goods of one contract are worth, in catalogue prices: from so much to so much.
const WORTH_MIN: u64 = 200;
const WORTH_MAX: u64 = 1_000;
/// The most pieces of one contract.
const QUANTITY_MAX: u64 = 200;

impl Market {
    /// Something was taken or has expired: another one is on offer after a while.
    pub(super) fn restock_later(&mut self, rule: &Rule<'_>) {
        let due = Millis(rule.now.0.saturating_add(pause_millis(rule)));
        self.restock = Some(self.restock.map_or(due, |sooner| sooner.min(due)));
    }

    /// Offers a new contract if the hub has too few that nobody has accepted, and sees again after a while. A hub that
    /// has never offered any offers all at once. What hubs pay in a day is bounded so, however busy the couriers are.
    pub(super) fn restock_contracts(&mut self, rule: &Rule<'_>, fx: &mut Effects) {
        if self.restock.is_none_or(|due| due > rule.now) {
            return;
        }
        self.restock = None;
        let wanted = rule.catalog.economy.contract.hub_contracts;
        let on_offer = |contract: &&Contract| contract.owner.is_none() && contract.courier.is_none();
        let there = self.contracts.iter().filter(on_offer).count();
        let prices = best_prices(rule.catalog);
        if prices.is_empty() || there >= wanted {
            return;
        }
        let missing = wanted - there;
        let new = if self.counters.contract == 0 { missing } else { 1 };
        for _ in 0..new {
            self.offer(&prices, rule, fx);
        }
        if missing > new {
            self.restock_later(rule);
        }
    }

    fn offer(&mut self, prices: &BTreeMap<&ItemKey, Credits>, rule: &Rule<'_>, fx: &mut Effects) {
        let id = self.next_contract(fx);
        let Some((item, quantity, price)) = choose(&self.hub, id.0, prices) else { return };
        let rules = &rule.catalog.economy.contract;
        let value = u128::from(price.0) * u128::from(quantity.0) * u128::from(rules.hub_reward_permille) / 1_000;
        let reward = u64::try_from(value).map_or(Credits::MAX, Credits).min(Credits::MAX).max(Credits(1));
        let contract = Contract {
            id,
            owner: None,
            courier: None,
            item: item.clone(),
            quantity,
            delivered: Quantity::ZERO,
            reward,
            collateral: Credits::ZERO,
            due: rule.now.plus_seconds(rules.hub_contract_seconds),
        };
        self.put_contract(contract, fx);
    }
}

/// Between two contracts of a hub's: as many begin in the time that one runs as the hub keeps on offer.
fn pause_millis(rule: &Rule<'_>) -> u64 {
    let rules = &rule.catalog.economy.contract;
    let count = u64::try_from(rules.hub_contracts).unwrap_or(u64::MAX).max(1);
    (rules.hub_contract_seconds.saturating_mul(1_000) / count).max(1_000)
}

/// The goods that any hub buys, each with the best price.
fn best_prices(catalog: &Catalog) -> BTreeMap<&ItemKey, Credits> {
    let mut best: BTreeMap<&ItemKey, Credits> = BTreeMap::new();
    for (item, price) in catalog.hubs().flat_map(|hub| &hub.buys) {
        let known = best.entry(item).or_default();
        *known = (*known).max(*price);
    }
    best
}

/// What contract `number` of a hub is about: item, quantity and the item's price.
fn choose<'a>(
    hub: &HubKey,
    number: u64,
    prices: &BTreeMap<&'a ItemKey, Credits>,
) -> Option<(&'a ItemKey, Quantity, Credits)> {
    let mut rng = Rng::seeded(seed(hub, number));
    let index = rng.below(prices.len() as u64) as usize;
    let worth = WORTH_MIN + rng.below(WORTH_MAX - WORTH_MIN + 1);
    let (item, price) = prices.iter().nth(index).map(|(item, price)| (*item, *price))?;
    let quantity = (worth / price.0.max(1)).clamp(1, QUANTITY_MAX);
    Some((item, Quantity(quantity), price))
}

/// FNV-1a over key and number.
fn seed(hub: &HubKey, number: u64) -> u64 {
    let bytes = hub.as_str().bytes().chain(number.to_le_bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
