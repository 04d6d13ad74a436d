//! Order book, auctions and price ticks of a hub.

use serde::{Deserialize, Serialize};

use super::wire;
use crate::types::{AuctionId, Credits, HubKey, ItemKey, Millis, OrderId, PlayerId, Quantity};

/// Which side of the order book.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Goods are offered.
    Sell,
    /// Credits are offered.
    Buy,
}

/// How long a price tick lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Span {
    /// A minute; kept for a day.
    Minute,
    /// An hour; kept for 30 days.
    Hour,
    /// A day; kept for ever.
    Day,
}

wire! {
    /// `list` and `order`: offer to sell, or to buy, at this price or a better one. What meets the other side of the
    /// book is traded at once, at the price of the order that was there first; the rest stays until it is filled,
    /// cancelled or expires.
    PlaceOrder {
        /// The hub.
        hub: HubKey,
        /// What.
        item: ItemKey,
        /// How many; at least 1.
        quantity: Quantity,
        /// For how much per piece; at least 1.
        price: Credits,
    }
    /// `buy`: from one listing.
    Buy {
        /// The hub.
        hub: HubKey,
        /// The sell order.
        order: OrderId,
        /// How many; at least 1.
        quantity: Quantity,
        /// The price per piece that the player has seen; refused when it is another one.
        price: Credits,
    }
    /// `cancel_order`.
    CancelOrder {
        /// The hub.
        hub: HubKey,
        /// The order.
        order: OrderId,
    }
    /// `auction`.
    OpenAuction {
        /// The hub.
        hub: HubKey,
        /// What.
        item: ItemKey,
        /// How many, sold together; at least 1.
        quantity: Quantity,
        /// The least first bid, for them all; at least 1.
        start: Credits,
        /// By how much a bid must exceed the one before; at least 1.
        increment: Credits,
        /// Who bids this much wins at once. At least `start`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        buy_out: Option<Credits>,
        /// How long; within the catalogue's bounds.
        seconds: u64,
    }
    /// `bid`.
    Bid {
        /// The hub.
        hub: HubKey,
        /// The auction.
        auction: AuctionId,
        /// How much, for everything. It leaves the wallet, and comes back when somebody bids more.
        amount: Credits,
    }
    /// `cancel_auction`.
    CancelAuction {
        /// The hub.
        hub: HubKey,
        /// The auction.
        auction: AuctionId,
    }
    /// Answers `list` and `order`.
    OrderPlaced {
        /// The order's id, also when nothing of it is left.
        order: OrderId,
        /// What was traded at once.
        filled: Quantity,
        /// Credits that this brought (`list`, after tax) or cost (`order`).
        credits: Credits,
        /// What stays in the book.
        open: Quantity,
        /// When that expires.
        expires_ms: Millis,
        /// The fee for listing, not given back.
        fee: Credits,
    }
    /// Answers `buy`. The goods are in the player's storage at the hub.
    Bought {
        /// The sell order.
        order: OrderId,
        /// What.
        item: ItemKey,
        /// How many.
        quantity: Quantity,
        /// For how much in all.
        paid: Credits,
    }
    /// Answers `cancel_order`. What was left is back: goods in the storage at the hub, credits in the wallet.
    OrderCancelled {
        /// The order.
        order: OrderId,
        /// Goods that came back.
        quantity: Quantity,
        /// Credits that came back.
        credits: Credits,
    }
    /// Answers `auction`.
    AuctionOpened {
        /// Its id.
        auction: AuctionId,
        /// When it ends, if nobody bids at the last moment.
        ends_ms: Millis,
        /// The fee, not given back.
        fee: Credits,
    }
    /// Answers `bid`.
    BidPlaced {
        /// The auction.
        auction: AuctionId,
        /// The bid.
        amount: Credits,
        /// Whether it bought the goods at once; then they are in the storage at the hub.
        won: bool,
        /// When the auction ends now.
        ends_ms: Millis,
    }
    /// Answers `cancel_auction`. The goods are back in the storage at the hub.
    AuctionCancelled {
        /// The auction.
        auction: AuctionId,
    }
    /// `market`: the book of one item, or the best prices of all.
    AskMarket {
        /// The hub.
        hub: HubKey,
        /// One item; all, when left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        item: Option<ItemKey>,
        /// At most so many orders a side, 1 to 100; 20 when left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        limit: Option<u16>,
    }
    /// `auctions` and `contracts`: a page of a hub's.
    AskPage {
        /// The hub.
        hub: HubKey,
        /// At most so many, 1 to 100; 20 when left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        limit: Option<u16>,
        /// Those with a larger id than this one: the `next_cursor` of the page before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cursor: Option<u64>,
    }
    /// `price_history`.
    AskPrices {
        /// The hub.
        hub: HubKey,
        /// What.
        item: ItemKey,
        /// How long a tick.
        span: Span,
        /// Ticks that began before this; the newest, when left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before_ms: Option<Millis>,
        /// At most so many, 1 to 500; 100 when left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        limit: Option<u16>,
    }
    /// An order in the book.
    OrderView {
        /// Its id.
        order: OrderId,
        /// Which side.
        side: Side,
        /// What.
        item: ItemKey,
        /// The price per piece.
        price: Credits,
        /// What is left of it.
        open: Quantity,
        /// When it expires.
        expires_ms: Millis,
        /// Whose.
        owner: PlayerId,
    }
    /// The best prices of an item at a hub.
    Quote {
        /// What.
        item: ItemKey,
        /// The highest price somebody offers to pay.
        bid: Option<Credits>,
        /// How many at that price.
        bid_quantity: Quantity,
        /// The lowest price somebody asks.
        ask: Option<Credits>,
        /// How many at that price.
        ask_quantity: Quantity,
        /// The price of the last trade.
        last: Option<Credits>,
        /// Pieces traded in the last 24 hours.
        volume_day: Quantity,
    }
    /// Answers `market`.
    Book {
        /// The hub.
        hub: HubKey,
        /// The best prices: of the item asked for, or of all that have any.
        quotes: Vec<Quote>,
        /// Sell orders of the item asked for, best first.
        sells: Vec<OrderView>,
        /// Buy orders of the item asked for, best first.
        buys: Vec<OrderView>,
    }
    /// An auction.
    AuctionView {
        /// Its id.
        auction: AuctionId,
        /// Whose.
        owner: PlayerId,
        /// What.
        item: ItemKey,
        /// How many.
        quantity: Quantity,
        /// The least that the next bid must be.
        minimum: Credits,
        /// Who bids this much wins at once.
        buy_out: Option<Credits>,
        /// The highest bid.
        bid: Option<Credits>,
        /// Who bid it.
        bidder: Option<PlayerId>,
        /// When it ends, as things are.
        ends_ms: Millis,
    }
    /// Answers `auctions`.
    AuctionPage {
        /// By id.
        items: Vec<AuctionView>,
        /// For the next page; `null` on the last.
        next_cursor: Option<u64>,
    }
    /// What happened to an item's price in a span of time.
    PriceTick {
        /// When it began.
        at_ms: Millis,
        /// The first trade's price.
        open: Credits,
        /// The highest.
        high: Credits,
        /// The lowest.
        low: Credits,
        /// The last trade's.
        close: Credits,
        /// Pieces traded.
        volume: Quantity,
    }
    /// Answers `price_history`. Spans without a trade are left out.
    PriceTicks {
        /// Newest first.
        items: Vec<PriceTick>,
        /// `before_ms` of the next page; `null` on the last.
        next_cursor: Option<Millis>,
    }
}
