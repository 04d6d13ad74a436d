//! Orders: placing, buying, taking back, expiring.
//!
//! A new order meets the other side of the book, the best price first and the oldest first among equals, at the price
//! of the order that was there. Nobody trades with themselves: an order that would meet one of its owner's own is
//! refused with `own_offer`, so the book is never crossed. An order whose time is over no longer trades, even if it has
//! not been taken out yet.

use super::orders::Order;
use super::{
    Asked, Done, ENDED_PER_CALL, Market, Sent, limit_reached, not_found, not_yours, own_offer, stored, too_large,
};
use crate::game::{Effects, LedgerReason, PartTable, Rule};
use crate::types::economy::event::Notice;
use crate::types::economy::market::{Bought, Buy, CancelOrder, OrderCancelled, OrderPlaced, PlaceOrder, Side};
use crate::types::{Credits, ErrorCode, Holdings, ItemKey, Millis, OrderId, PlayerId, Quantity, Refusal};

/// How many orders one command may meet, so that no command takes long: who wants more asks for less at a time.
const FILLS_MAX: usize = 200;

/// A part of a resting order that is traded.
struct Fill {
    order: OrderId,
    quantity: Quantity,
}

/// What was traded by a command.
#[derive(Default)]
struct Filled {
    quantity: Quantity,
    /// At the resting orders' prices.
    value: Credits,
    /// What is left of the value after tax.
    brought: Credits,
}

impl Market {
    /// `list` and `order`.
    pub(super) fn place(
        &mut self,
        side: Side,
        body: &PlaceOrder,
        asked: &Asked<'_>,
        fx: &mut Effects,
    ) -> Result<Done, Refusal> {
        let value = body.price.checked_mul(body.quantity.0).ok_or_else(too_large)?;
        let fee = match side {
            Side::Sell => asked.rule.catalog.economy.market.listing_fee(value),
            Side::Buy => Credits::ZERO,
        };
        asked.check_paid(&match side {
            Side::Sell => Holdings::of_goods(body.item.clone(), body.quantity).with_credits(fee),
            Side::Buy => Holdings::of_credits(value),
        })?;
        let (fills, rest) = self.meet(side, body, asked.player(), asked.now())?;
        if rest > Quantity::ZERO {
            self.check_room(asked)?;
        }

        self.take_fee(fee, asked, fx);
        let id = self.next_order(fx);
        let mut filled = Filled::default();
        for fill in fills {
            self.trade(&fill, &mut filled, asked, fx);
        }
        let expires = asked.now().plus_seconds(asked.rule.catalog.economy.market.order_seconds);
        if rest > Quantity::ZERO {
            let (owner, item, price) = (asked.player(), body.item.clone(), body.price);
            self.orders.insert(Order { id, side, owner, item, price, open: rest, expires });
            fx.touch_part(PartTable::Order, id);
            self.tickers.touch(&body.item);
        }
        let (credits, back) = match side {
            Side::Sell => (filled.brought, Holdings::of_credits(filled.brought)),
            Side::Buy => {
                // Those that were cheaper than offered: the difference comes back at once.
                let saved = Credits(body.price.0 * filled.quantity.0 - filled.value.0);
                (filled.value, Holdings::of_goods(body.item.clone(), filled.quantity).with_credits(saved))
            }
        };
        let receipt = OrderPlaced { order: id, filled: filled.quantity, credits, open: rest, expires_ms: expires, fee };
        Ok(Done::new(&receipt, back).and_traded(filled.value))
    }

    /// `buy`.
    pub(super) fn buy(&mut self, body: &Buy, asked: &Asked<'_>, fx: &mut Effects) -> Result<Done, Refusal> {
        let order = self.orders.get(body.order).filter(|order| order.side == Side::Sell && order.expires > asked.now());
        let order = order.ok_or_else(|| not_found("listing"))?;
        if order.owner == asked.player() {
            return Err(own_offer("this listing is your own"));
        }
        if order.price != body.price {
            let refusal = Refusal::new(ErrorCode::PriceChanged, format!("the price is {}", order.price));
            return Err(refusal.with("price", order.price.0));
        }
        if order.open < body.quantity {
            let refusal = Refusal::new(ErrorCode::NotAvailable, format!("only {} are left", order.open));
            return Err(refusal.with("available", order.open.0));
        }
        let paid = body.price.checked_mul(body.quantity.0).ok_or_else(too_large)?;
        asked.check_paid(&Holdings::of_credits(paid))?;

        let item = order.item.clone();
        let fill = Fill { order: body.order, quantity: body.quantity };
        self.trade(&fill, &mut Filled::default(), asked, fx);
        let goods = Holdings::of_goods(item.clone(), body.quantity);
        let receipt = Bought { order: body.order, item, quantity: body.quantity, paid };
        Ok(Done::new(&receipt, goods).and_traded(paid))
    }

    /// `cancel_order`.
    pub(super) fn cancel_order(
        &mut self,
        body: &CancelOrder,
        asked: &Asked<'_>,
        fx: &mut Effects,
    ) -> Result<Done, Refusal> {
        let order = self.orders.get(body.order).ok_or_else(|| not_found("order"))?;
        if order.owner != asked.player() {
            return Err(not_yours("order"));
        }
        let back = order.escrow();
        let quantity = back.goods.values().next().copied().unwrap_or_default();
        self.take_out(body.order, fx);
        Ok(Done::new(&OrderCancelled { order: body.order, quantity, credits: back.credits }, back))
    }

    /// Gives back what is left of orders whose time is over.
    pub(super) fn expire_orders(&mut self, rule: &Rule<'_>, fx: &mut Effects) {
        for _ in 0..ENDED_PER_CALL {
            let Some(order) = self.orders.overdue(rule.now).and_then(|id| self.take_out(id, fx)) else { return };
            let notice = Notice::OrderExpired { hub: self.hub.clone(), order: order.id };
            let sent = Sent { holdings: order.escrow(), reason: LedgerReason::Trade, notice, traded: None };
            self.send(order.owner, sent, rule.now, fx);
        }
    }

    fn take_out(&mut self, id: OrderId, fx: &mut Effects) -> Option<Order> {
        let order = self.orders.remove(id)?;
        fx.touch_part(PartTable::Order, id);
        self.tickers.touch(&order.item);
        Some(order)
    }

    /// What a new order meets, and what is left of it then.
    fn meet(
        &self,
        side: Side,
        body: &PlaceOrder,
        player: PlayerId,
        now: Millis,
    ) -> Result<(Vec<Fill>, Quantity), Refusal> {
        let (other, acceptable): (_, fn(Credits, Credits) -> bool) = match side {
            Side::Sell => (Side::Buy, |theirs, ours| theirs >= ours),
            Side::Buy => (Side::Sell, |theirs, ours| theirs <= ours),
        };
        let (mut fills, mut rest) = (Vec::new(), body.quantity);
        let resting = self.orders.in_order(&body.item, other);
        for order in resting.take_while(|order| acceptable(order.price, body.price)) {
            if rest == Quantity::ZERO {
                break;
            }
            if order.expires <= now {
                continue;
            }
            if order.owner == player {
                let text = format!("it would meet your own order {}: cancel that one first", order.id);
                return Err(own_offer(&text).with("order", order.id.0));
            }
            if fills.len() == FILLS_MAX {
                let available = body.quantity.0 - rest.0;
                return Err(limit_reached("orders met at once", FILLS_MAX).with("available", available));
            }
            let quantity = order.open.min(rest);
            fills.push(Fill { order: order.id, quantity });
            rest = Quantity(rest.0 - quantity.0);
        }
        Ok((fills, rest))
    }

    fn check_room(&self, asked: &Asked<'_>) -> Result<(), Refusal> {
        let rules = &asked.rule.catalog.economy.market;
        if self.orders.count_of(asked.player()) >= rules.orders_per_player {
            return Err(limit_reached("orders of yours at this hub", rules.orders_per_player));
        }
        if self.orders.len() >= rules.orders_per_hub {
            return Err(limit_reached("orders at this hub", rules.orders_per_hub));
        }
        Ok(())
    }

    fn next_order(&mut self, fx: &mut Effects) -> OrderId {
        self.counters.order += 1;
        fx.touch_part(PartTable::Market, stored::STATE);
        OrderId(self.counters.order)
    }

    /// Trades a part of a resting order: its owner gets goods or credits by parcel, and the sums grow by it.
    fn trade(&mut self, fill: &Fill, filled: &mut Filled, asked: &Asked<'_>, fx: &mut Effects) {
        let Some(order) = self.orders.reduce(fill.order, fill.quantity) else { return };
        fx.touch_part(PartTable::Order, order.id);
        // The whole order's value was checked when it came.
        let value = Credits(order.price.0.saturating_mul(fill.quantity.0));
        let brought = self.after_tax(value, &asked.cause, asked.rule, fx);
        filled.quantity.0 += fill.quantity.0;
        filled.value.0 += value.0;
        filled.brought.0 += brought.0;
        self.record(&order.item, order.price, fill.quantity, asked.now(), fx);

        let (hub, id, item, quantity) = (self.hub.clone(), order.id, order.item.clone(), fill.quantity);
        let (holdings, notice) = match order.side {
            Side::Sell => {
                (Holdings::of_credits(brought), Notice::Sold { hub, order: id, item, quantity, credits: brought })
            }
            Side::Buy => {
                let goods = Holdings::of_goods(item.clone(), quantity);
                (goods, Notice::OrderFilled { hub, order: id, item, quantity, credits: value })
            }
        };
        let sent = Sent { holdings, reason: LedgerReason::Trade, notice, traded: Some(value) };
        self.send(order.owner, sent, asked.now(), fx);
    }

    /// Remembers a trade's price, and has followers told.
    fn record(&mut self, item: &ItemKey, price: Credits, quantity: Quantity, now: Millis, fx: &mut Effects) {
        self.prices.record(item, price, quantity, now, fx);
        self.tickers.traded(item, quantity);
    }
}
