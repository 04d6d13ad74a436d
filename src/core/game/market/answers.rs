//! What players ask a market.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::{Value, json};

use super::Market;
use super::auctions::Auction;
use super::contracts::Contract;
use super::orders::Order;
use super::register::{Register, Row};
use crate::game::Rule;
use crate::types::economy::Ask;
use crate::types::economy::contract::ContractPage;
use crate::types::economy::market::{
    AskMarket, AskPage, AskPrices, AuctionPage, Book, OrderView, PriceTick, PriceTicks, Quote, Side,
};
use crate::types::economy::storage::MyOffers;
use crate::types::{AuctionId, ContractId, ErrorCode, ItemKey, Millis, OrderId, PlayerId, Quantity, Refusal};

const PAGE_DEFAULT: u16 = 20;
const PAGE_MAX: u16 = 100;
const TICKS_DEFAULT: u16 = 100;
const TICKS_MAX: u16 = 500;

impl Market {
    pub(super) fn answer_ask(&self, ask: &Ask, player: PlayerId, rule: &Rule<'_>) -> Result<Value, Refusal> {
        Ok(match ask {
            Ask::Market(body) => to_json(&self.book(body, rule)?),
            Ask::Auctions(body) => {
                let (items, next_cursor) = page(&self.auctions, body, AuctionId, Auction::view)?;
                to_json(&AuctionPage { items, next_cursor: next_cursor.map(|id| id.0) })
            }
            Ask::Contracts(body) => {
                let (items, next_cursor) = page(&self.contracts, body, ContractId, Contract::view)?;
                to_json(&ContractPage { items, next_cursor: next_cursor.map(|id| id.0) })
            }
            Ask::MyOffers(_) => to_json(&self.offers_of(player)),
            Ask::PriceHistory(body) => to_json(&self.price_history(body, rule)?),
            _ => return Err(Refusal::bad_request("markets do not know this")),
        })
    }

    /// What an operator sees first: how many there are, and the best prices.
    pub(super) fn whole(&self, rule: &Rule<'_>) -> Result<Value, Refusal> {
        let book = self.book(&AskMarket { hub: self.hub.clone(), item: None, limit: None }, rule)?;
        let sum = |of: fn(&Quote) -> u64| book.quotes.iter().map(of).fold(0, u64::saturating_add);
        Ok(json!({
            "hub": self.hub,
            "sells": self.orders.count_of_side(Side::Sell),
            "buys": self.orders.count_of_side(Side::Buy),
            "auctions": self.auctions.len(),
            "contracts": self.contracts.len(),
            "volume_day": sum(|quote| quote.volume_day.0),
            "quotes": book.quotes,
        }))
    }

    /// A page of all orders, or of those of an item, by id.
    pub(super) fn all_orders(&self, item: Option<&ItemKey>, after: Option<OrderId>, limit: usize) -> Value {
        let mut rows: Vec<&Order> = match item {
            None => self.orders.after(after).take(limit.saturating_add(1)).collect(),
            Some(item) => {
                let sides = [Side::Sell, Side::Buy].into_iter().flat_map(|side| self.orders.in_order(item, side));
                sides.filter(|order| after.is_none_or(|after| order.id > after)).collect()
            }
        };
        rows.sort_unstable_by_key(|order| order.id);
        let more = rows.len() > limit;
        let items: Vec<OrderView> = rows.into_iter().take(limit).map(Order::view).collect();
        json!({"next_cursor": items.last().filter(|_| more).map(|order| order.order), "items": items})
    }

    pub(super) fn book(&self, body: &AskMarket, rule: &Rule<'_>) -> Result<Book, Refusal> {
        let limit = check_limit(body.limit, PAGE_DEFAULT, PAGE_MAX)?;
        let hub = self.hub.clone();
        let Some(item) = &body.item else {
            let items: BTreeSet<&ItemKey> = self.orders.items().chain(self.prices.items()).collect();
            let quotes = items.into_iter().map(|item| self.quote(item, rule.now)).collect();
            return Ok(Book { hub, quotes, sells: Vec::new(), buys: Vec::new() });
        };
        self.check_item(item, rule)?;
        let side = |side| -> Vec<OrderView> {
            let live = self.orders.in_order(item, side).filter(|order| order.expires > rule.now);
            live.take(limit).map(Order::view).collect()
        };
        Ok(Book { hub, quotes: vec![self.quote(item, rule.now)], sells: side(Side::Sell), buys: side(Side::Buy) })
    }

    fn quote(&self, item: &ItemKey, now: Millis) -> Quote {
        let (bid, ask) = (self.orders.best(item, Side::Buy), self.orders.best(item, Side::Sell));
        Quote {
            item: item.clone(),
            bid: bid.map(|best| best.price),
            bid_quantity: bid.map_or(Quantity::ZERO, |best| best.quantity),
            ask: ask.map(|best| best.price),
            ask_quantity: ask.map_or(Quantity::ZERO, |best| best.quantity),
            last: self.prices.last(item),
            volume_day: self.prices.volume_day(item, now),
        }
    }

    fn offers_of(&self, player: PlayerId) -> MyOffers {
        MyOffers {
            orders: self.orders.of_player(player).map(Order::view).collect(),
            auctions: self.auctions.of_player(player).map(Auction::view).collect(),
            contracts: self.contracts.of_player(player).map(Contract::view).collect(),
        }
    }

    fn price_history(&self, body: &AskPrices, rule: &Rule<'_>) -> Result<PriceTicks, Refusal> {
        let limit = check_limit(body.limit, TICKS_DEFAULT, TICKS_MAX)?;
        self.check_item(&body.item, rule)?;
        let mut ticks = self.prices.before(&body.item, body.span, body.before_ms);
        let items: Vec<PriceTick> = ticks.by_ref().take(limit).collect();
        let more = ticks.next().is_some();
        let next_cursor = items.last().filter(|_| more).map(|tick| tick.at_ms);
        Ok(PriceTicks { items, next_cursor })
    }

    /// The catalogue must know the item, or the market: offers of goods that are no longer made stay.
    fn check_item(&self, item: &ItemKey, rule: &Rule<'_>) -> Result<(), Refusal> {
        if rule.catalog.items.contains_key(item) || self.prices.last(item).is_some() {
            return Ok(());
        }
        Err(Refusal::new(ErrorCode::UnknownItem, format!("there is no item {item}")))
    }
}

/// A page of rows, by id, and the id after which the next one begins.
fn page<R: Row, V>(
    rows: &Register<R>,
    body: &AskPage,
    id: impl Fn(u64) -> R::Id,
    view: impl Fn(&R) -> V,
) -> Result<(Vec<V>, Option<R::Id>), Refusal> {
    let limit = check_limit(body.limit, PAGE_DEFAULT, PAGE_MAX)?;
    let mut rows = rows.after(body.cursor.map(id));
    let shown: Vec<&R> = rows.by_ref().take(limit).collect();
    let more = rows.next().is_some();
    let next = shown.last().filter(|_| more).map(|row| row.id());
    Ok((shown.into_iter().map(view).collect(), next))
}

fn check_limit(limit: Option<u16>, default: u16, max: u16) -> Result<usize, Refusal> {
    let limit = limit.unwrap_or(default);
    if (1..=max).contains(&limit) {
        return Ok(limit.into());
    }
    Err(Refusal::bad_request(format!("limit: must be 1 to {max}")))
}

fn to_json(answer: &impl Serialize) -> Value {
    // Answers have string keys only and always become JSON.
    serde_json::to_value(answer).unwrap_or_default()
}
