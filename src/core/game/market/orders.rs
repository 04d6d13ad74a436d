//! The order book: per item and side, price levels, best first, and in a level orders by id, oldest first.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::register::{Register, Row};
use crate::types::economy::market::{OrderView, Side};
use crate::types::{Credits, Holdings, ItemKey, Millis, OrderId, PlayerId, Quantity};

/// An order in the book.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Order {
    pub(super) id: OrderId,
    pub(super) side: Side,
    pub(super) owner: PlayerId,
    pub(super) item: ItemKey,
    pub(super) price: Credits,
    /// What is left of it; at least 1.
    pub(super) open: Quantity,
    pub(super) expires: Millis,
}

/// All orders of a market.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Orders {
    register: Register<Order>,
    /// How many of them are sell orders.
    sells: usize,
    books: BTreeMap<ItemKey, Book>,
}

/// The levels of an item, by [`rank`].
#[derive(Clone, Debug, Default, PartialEq)]
struct Book {
    sells: BTreeMap<u64, Level>,
    buys: BTreeMap<u64, Level>,
}

/// The orders at one price.
#[derive(Clone, Debug, Default, PartialEq)]
struct Level {
    /// Pieces of all of them.
    open: u128,
    orders: BTreeSet<OrderId>,
}

/// The best price of a side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Best {
    pub(super) price: Credits,
    /// How many at that price.
    pub(super) quantity: Quantity,
}

impl Row for Order {
    type Id = OrderId;

    fn id(&self) -> OrderId {
        self.id
    }

    fn due(&self) -> Millis {
        self.expires
    }

    fn people(&self) -> [Option<PlayerId>; 2] {
        [Some(self.owner), None]
    }
}

impl Order {
    /// What the market holds for it. The price of it all was checked when it came.
    pub(super) fn escrow(&self) -> Holdings {
        match self.side {
            Side::Sell => Holdings::of_goods(self.item.clone(), self.open),
            Side::Buy => Holdings::of_credits(Credits(self.price.0.saturating_mul(self.open.0))),
        }
    }

    pub(super) fn view(&self) -> OrderView {
        OrderView {
            order: self.id,
            side: self.side,
            item: self.item.clone(),
            price: self.price,
            open: self.open,
            expires_ms: self.expires,
            owner: self.owner,
        }
    }
}

/// Where a price stands among those of its side: the lowest first for who buys, the highest first for who sells.
fn rank(side: Side, price: Credits) -> u64 {
    match side {
        Side::Sell => price.0,
        Side::Buy => u64::MAX - price.0,
    }
}

impl Book {
    fn side(&self, side: Side) -> &BTreeMap<u64, Level> {
        match side {
            Side::Sell => &self.sells,
            Side::Buy => &self.buys,
        }
    }

    fn side_mut(&mut self, side: Side) -> &mut BTreeMap<u64, Level> {
        match side {
            Side::Sell => &mut self.sells,
            Side::Buy => &mut self.buys,
        }
    }
}

impl Orders {
    /// Puts an order into the book.
    pub(super) fn insert(&mut self, order: Order) {
        let book = self.books.entry(order.item.clone()).or_default();
        let level = book.side_mut(order.side).entry(rank(order.side, order.price)).or_default();
        level.open += u128::from(order.open.0);
        level.orders.insert(order.id);
        self.sells += usize::from(order.side == Side::Sell);
        self.register.insert(order);
    }

    /// Takes an order out of the book.
    pub(super) fn remove(&mut self, id: OrderId) -> Option<Order> {
        let order = self.register.remove(id)?;
        self.sells -= usize::from(order.side == Side::Sell);
        if let Some(book) = self.books.get_mut(&order.item) {
            let (levels, rank) = (book.side_mut(order.side), rank(order.side, order.price));
            if let Some(level) = levels.get_mut(&rank) {
                level.open -= u128::from(order.open.0);
                level.orders.remove(&id);
                if level.orders.is_empty() {
                    levels.remove(&rank);
                }
            }
            if book.sells.is_empty() && book.buys.is_empty() {
                self.books.remove(&order.item);
            }
        }
        Some(order)
    }

    /// Takes pieces of an order away, and returns it as it was. It leaves the book when nothing is left.
    pub(super) fn reduce(&mut self, id: OrderId, by: Quantity) -> Option<Order> {
        let order = self.remove(id)?;
        if let Some(open) = order.open.checked_sub(by).filter(|open| *open > Quantity::ZERO) {
            self.insert(Order { open, ..order.clone() });
        }
        Some(order)
    }

    /// The orders of a side, best first, oldest first among equals.
    pub(super) fn in_order(&self, item: &ItemKey, side: Side) -> impl Iterator<Item = &Order> {
        let levels = self.books.get(item).into_iter().flat_map(move |book| book.side(side).values());
        levels.flat_map(|level| &level.orders).filter_map(|id| self.register.get(*id))
    }

    /// The best price of a side.
    pub(super) fn best(&self, item: &ItemKey, side: Side) -> Option<Best> {
        let (rank, level) = self.books.get(item)?.side(side).first_key_value()?;
        let price = match side {
            Side::Sell => Credits(*rank),
            Side::Buy => Credits(u64::MAX - rank),
        };
        let quantity = u64::try_from(level.open).map_or(Quantity::MAX, Quantity);
        Some(Best { price, quantity: quantity.min(Quantity::MAX) })
    }

    /// The items that somebody offers or wants.
    pub(super) fn items(&self) -> impl Iterator<Item = &ItemKey> {
        self.books.keys()
    }

    /// The order with this id.
    pub(super) fn get(&self, id: OrderId) -> Option<&Order> {
        self.register.get(id)
    }

    /// All orders, by id.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Order> {
        self.register.iter()
    }

    /// Orders with a larger id than this one; all, without one.
    pub(super) fn after(&self, id: Option<OrderId>) -> impl Iterator<Item = &Order> {
        self.register.after(id)
    }

    /// A player's orders, by id.
    pub(super) fn of_player(&self, player: PlayerId) -> impl Iterator<Item = &Order> {
        self.register.of_player(player)
    }

    /// How many of a player's there are.
    pub(super) fn count_of(&self, player: PlayerId) -> usize {
        self.register.count_of(player)
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.register.len()
    }

    /// How many there are of a side.
    pub(super) fn count_of_side(&self, side: Side) -> usize {
        match side {
            Side::Sell => self.sells,
            Side::Buy => self.len() - self.sells,
        }
    }

    /// When the first expires.
    pub(super) fn first_due(&self) -> Option<Millis> {
        self.register.first_due()
    }

    /// The first that has expired, if one has.
    pub(super) fn overdue(&self, now: Millis) -> Option<OrderId> {
        self.register.overdue(now)
    }
}
