//! What followers of a hub's ticker are told: trades and best prices, per item at most about four times a second.

use std::collections::BTreeMap;

use super::Market;
use crate::game::Effects;
use crate::types::economy::event::{Event, Ticker, Topic};
use crate::types::economy::market::Side;
use crate::types::{Credits, ItemKey, Millis, Quantity};

/// The least time between two messages about an item.
const INTERVAL_MS: u64 = 250;

/// What is still to be told.
#[derive(Clone, Debug, Default)]
pub(super) struct Tickers(BTreeMap<ItemKey, Line>);

/// An item's.
#[derive(Clone, Debug, Default)]
struct Line {
    /// Whether something may have changed since then.
    changed: bool,
    /// Pieces traded since then.
    traded: Quantity,
    /// When followers were told last.
    told_at: Millis,
    /// What they were told.
    told: Shown,
}

/// Prices as they are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Shown {
    last: Option<Credits>,
    bid: Option<Credits>,
    ask: Option<Credits>,
}

impl Tickers {
    /// An item's best prices may have changed.
    pub(super) fn touch(&mut self, item: &ItemKey) {
        self.0.entry(item.clone()).or_default().changed = true;
    }

    /// Pieces were traded.
    pub(super) fn traded(&mut self, item: &ItemKey, quantity: Quantity) {
        let line = self.0.entry(item.clone()).or_default();
        line.changed = true;
        line.traded = line.traded.checked_add(quantity).unwrap_or(Quantity::MAX);
    }

    /// When followers are to be told something.
    pub(super) fn due(&self) -> Option<Millis> {
        let changed = self.0.values().filter(|line| line.changed);
        changed.map(|line| Millis(line.told_at.0.saturating_add(INTERVAL_MS))).min()
    }
}

impl Market {
    /// Tells followers what has changed, of items they were not told about just now.
    pub(super) fn tell_followers(&mut self, now: Millis, fx: &mut Effects) {
        for (item, line) in &mut self.tickers.0 {
            // A clock that was put back must not silence an item.
            let waits = now >= line.told_at && now.since(line.told_at) < INTERVAL_MS;
            if !line.changed || waits {
                continue;
            }
            let best = |side| self.orders.best(item, side).map(|best| best.price);
            let shown = Shown { last: self.prices.last(item), bid: best(Side::Buy), ask: best(Side::Sell) };
            line.changed = false;
            if line.traded == Quantity::ZERO && shown == line.told {
                continue;
            }
            let quantity = std::mem::take(&mut line.traded);
            (line.told, line.told_at) = (shown, now);
            let (hub, Shown { last, bid, ask }) = (self.hub.clone(), shown);
            let ticker = Ticker { hub: hub.clone(), item: item.clone(), last, quantity, bid, ask, at_ms: now };
            fx.events.push((Topic::Ticker(hub), Event::Ticker(ticker)));
        }
    }
}
