//! What orders were traded for: open, high, low, close and volume per item and minute, hour and day. Auctions sell lots,
//! not pieces, and are not in here.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::game::{Effects, PartTable};
use crate::types::economy::market::{PriceTick, Span};
use crate::types::{Credits, ItemKey, Millis, Quantity};

const MINUTE_MS: u64 = 60_000;
const HOUR_MS: u64 = 60 * MINUTE_MS;
const DAY_MS: u64 = 24 * HOUR_MS;
/// Ticks are taken out this long after their time, many at once.
const PRUNE_DELAY_MS: u64 = HOUR_MS;
/// How many ticks one call takes out.
const PRUNED_PER_CALL: usize = 256;
const SPANS: [Span; 3] = [Span::Minute, Span::Hour, Span::Day];

type TickKey = (ItemKey, Span, Millis);

/// All ticks of a market.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Prices {
    ticks: BTreeMap<TickKey, Tick>,
    expiries: BTreeSet<(Millis, TickKey)>,
    /// Pieces of all minute ticks that are kept, by item.
    volumes: BTreeMap<ItemKey, u128>,
}

/// What happened in a span of time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Tick {
    open: Credits,
    high: Credits,
    low: Credits,
    close: Credits,
    volume: Quantity,
}

/// A tick as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct TickRow {
    item: ItemKey,
    span: Span,
    at: Millis,
    #[serde(flatten)]
    tick: Tick,
}

fn length_ms(span: Span) -> u64 {
    match span {
        Span::Minute => MINUTE_MS,
        Span::Hour => HOUR_MS,
        Span::Day => DAY_MS,
    }
}

/// How long a tick is kept; `None` is for ever.
fn kept_ms(span: Span) -> Option<u64> {
    match span {
        Span::Minute => Some(DAY_MS),
        Span::Hour => Some(30 * DAY_MS),
        Span::Day => None,
    }
}

fn expiry((_, span, at): &TickKey) -> Option<Millis> {
    kept_ms(*span).map(|kept| Millis(at.0.saturating_add(length_ms(*span)).saturating_add(kept)))
}

fn part_id((item, span, at): &TickKey) -> String {
    let span = match span {
        Span::Minute => "minute",
        Span::Hour => "hour",
        Span::Day => "day",
    };
    format!("{item}:{span}:{}", at.0)
}

fn read_part_id(id: &str) -> Option<TickKey> {
    let mut words = id.split(':');
    let item = ItemKey::parse(words.next()?).ok()?;
    let span = match words.next()? {
        "minute" => Span::Minute,
        "hour" => Span::Hour,
        "day" => Span::Day,
        _ => return None,
    };
    Some((item, span, Millis(words.next()?.parse().ok()?)))
}

impl Prices {
    /// A trade.
    pub(super) fn record(&mut self, item: &ItemKey, price: Credits, quantity: Quantity, now: Millis, fx: &mut Effects) {
        for span in SPANS {
            let at = Millis(now.0 - now.0 % length_ms(span));
            let key = (item.clone(), span, at);
            fx.touch_part(PartTable::Price, part_id(&key));
            let first = || Tick { open: price, high: price, low: price, close: price, volume: Quantity::ZERO };
            let mut tick = self.ticks.get(&key).cloned().unwrap_or_else(first);
            tick.high = tick.high.max(price);
            tick.low = tick.low.min(price);
            tick.close = price;
            tick.volume = tick.volume.checked_add(quantity).unwrap_or(Quantity::MAX);
            self.put(key, tick);
        }
    }

    /// The price of the last trade.
    pub(super) fn last(&self, item: &ItemKey) -> Option<Credits> {
        let days = (item.clone(), Span::Day, Millis(0))..=(item.clone(), Span::Day, Millis(u64::MAX));
        self.ticks.range(days).next_back().map(|(_, tick)| tick.close)
    }

    /// Pieces traded in the last 24 hours.
    pub(super) fn volume_day(&self, item: &ItemKey, now: Millis) -> Quantity {
        let Some(kept) = self.volumes.get(item) else { return Quantity::ZERO };
        let cutoff = Millis(now.0.saturating_sub(DAY_MS));
        let old = (item.clone(), Span::Minute, Millis(0))..(item.clone(), Span::Minute, cutoff);
        let old: u128 = self.ticks.range(old).map(|(_, tick)| u128::from(tick.volume.0)).sum();
        u64::try_from(kept.saturating_sub(old)).map_or(Quantity::MAX, Quantity).min(Quantity::MAX)
    }

    /// The items that were ever traded.
    pub(super) fn items(&self) -> impl Iterator<Item = &ItemKey> {
        self.volumes.keys()
    }

    /// Ticks that began before a time, newest first.
    pub(super) fn before(&self, item: &ItemKey, span: Span, before: Option<Millis>) -> impl Iterator<Item = PriceTick> {
        let end = before.unwrap_or(Millis(u64::MAX));
        let range = (item.clone(), span, Millis(0))..(item.clone(), span, end);
        self.ticks.range(range).rev().map(|((_, _, at), tick)| PriceTick {
            at_ms: *at,
            open: tick.open,
            high: tick.high,
            low: tick.low,
            close: tick.close,
            volume: tick.volume,
        })
    }

    /// When there are ticks to take out.
    pub(super) fn prune_due(&self) -> Option<Millis> {
        self.expiries.first().map(|(expiry, _)| Millis(expiry.0.saturating_add(PRUNE_DELAY_MS)))
    }

    /// Takes out ticks that are no longer kept, if it is time for it.
    pub(super) fn prune(&mut self, now: Millis, fx: &mut Effects) {
        if self.prune_due().is_none_or(|due| due > now) {
            return;
        }
        for _ in 0..PRUNED_PER_CALL {
            let Some((_, key)) = self.expiries.first().filter(|(expiry, _)| *expiry <= now).cloned() else { return };
            fx.touch_part(PartTable::Price, part_id(&key));
            self.take_out(&key);
        }
    }

    /// A tick as it is to be stored.
    pub(super) fn row(&self, id: &str) -> Option<TickRow> {
        let key = read_part_id(id)?;
        let tick = self.ticks.get(&key)?.clone();
        let (item, span, at) = key;
        Some(TickRow { item, span, at, tick })
    }

    /// A tick as it was stored.
    pub(super) fn put_row(&mut self, row: TickRow) {
        self.put((row.item, row.span, row.at), row.tick);
    }

    fn put(&mut self, key: TickKey, tick: Tick) {
        self.take_out(&key);
        let volume = self.volumes.entry(key.0.clone()).or_default();
        if key.1 == Span::Minute {
            *volume += u128::from(tick.volume.0);
        }
        if let Some(expiry) = expiry(&key) {
            self.expiries.insert((expiry, key.clone()));
        }
        self.ticks.insert(key, tick);
    }

    fn take_out(&mut self, key: &TickKey) {
        let Some(tick) = self.ticks.remove(key) else { return };
        if let Some(expiry) = expiry(key) {
            self.expiries.remove(&(expiry, key.clone()));
        }
        if key.1 == Span::Minute
            && let Some(volume) = self.volumes.get_mut(&key.0)
        {
            *volume -= u128::from(tick.volume.0);
        }
    }
}
