//! Goods at hubs, the hubs' own trade, and gifts.

use super::contract::ContractView;
use super::market::{AuctionView, OrderView};
use super::wire;
use crate::types::{Credits, HubKey, ItemKey, PlayerId, Quantity, ShipKindKey};

wire! {
    /// `load` and `unload`: between the hold and the player's storage at a hub.
    Move {
        /// The hub.
        hub: HubKey,
        /// What.
        item: ItemKey,
        /// How many; at least 1.
        quantity: Quantity,
    }
    /// `supply`: buys what the hub itself sells, into the storage there.
    Supply {
        /// The hub.
        hub: HubKey,
        /// What.
        item: ItemKey,
        /// How many; at least 1.
        quantity: Quantity,
    }
    /// `buy_ship`.
    BuyShip {
        /// The hub.
        hub: HubKey,
        /// The kind of ship.
        ship: ShipKindKey,
    }
    /// `give`: credits, to another player.
    Give {
        /// To whom.
        to: PlayerId,
        /// How much; at least 1.
        credits: Credits,
    }
    /// `my_offers`.
    AtHub {
        /// The hub.
        hub: HubKey,
    }
    /// Answers `load` and `unload`.
    Moved {
        /// The hub.
        hub: HubKey,
        /// What.
        item: ItemKey,
        /// How many.
        quantity: Quantity,
        /// How many are in the hold now.
        hold: Quantity,
        /// How many are in the storage at the hub now.
        stored: Quantity,
    }
    /// Answers `supply`.
    Supplied {
        /// The hub.
        hub: HubKey,
        /// What.
        item: ItemKey,
        /// How many.
        quantity: Quantity,
        /// For how much in all.
        paid: Credits,
        /// The wallet after it.
        balance: Credits,
    }
    /// Answers `buy_ship`.
    ShipBought {
        /// The ship.
        ship: ShipKindKey,
        /// The price, less what the old ship was taken for.
        paid: Credits,
        /// The wallet after it.
        balance: Credits,
    }
    /// Answers `give`. The credits are on their way and cannot be lost.
    Given {
        /// To whom.
        to: PlayerId,
        /// How much.
        credits: Credits,
        /// The wallet after it.
        balance: Credits,
    }
    /// Answers `my_offers`.
    MyOffers {
        /// Orders in the book.
        orders: Vec<OrderView>,
        /// Auctions of the player's, and those it leads.
        auctions: Vec<AuctionView>,
        /// Contracts of the player's, and those it has accepted.
        contracts: Vec<ContractView>,
    }
    /// Pieces of one item in the storage at a hub.
    Stored {
        /// The hub.
        hub: HubKey,
        /// What.
        item: ItemKey,
        /// How many.
        quantity: Quantity,
    }
    /// Answers `storage`.
    Storage {
        /// By hub and item.
        items: Vec<Stored>,
    }
}
