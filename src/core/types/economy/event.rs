//! What players are told without having asked: notices about their own affairs, which are kept, and events of topics
//! they follow, which are not.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::chat::{Channel, Line};
use super::mission::{Need, RankView};
use super::season::Board;
use super::wire;
use crate::types::{
    AuctionId, ContractId, Credits, GuildId, HubKey, ItemKey, JobId, Millis, MissionId, OrderId, PlayerId, Quantity,
    TechKey,
};

/// Something about a player's own affairs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Notice {
    /// Goods of a sell order were sold.
    Sold {
        /// Where.
        hub: HubKey,
        /// The order.
        order: OrderId,
        /// What.
        item: ItemKey,
        /// How many.
        quantity: Quantity,
        /// What it brought, after tax.
        credits: Credits,
    },
    /// Goods of a buy order were bought; they are in the storage at the hub.
    OrderFilled {
        /// Where.
        hub: HubKey,
        /// The order.
        order: OrderId,
        /// What.
        item: ItemKey,
        /// How many.
        quantity: Quantity,
        /// What it cost.
        credits: Credits,
    },
    /// An order expired; what was left is back.
    OrderExpired {
        /// Where.
        hub: HubKey,
        /// The order.
        order: OrderId,
    },
    /// Somebody bid more; the bid is back in the wallet.
    Outbid {
        /// Where.
        hub: HubKey,
        /// The auction.
        auction: AuctionId,
        /// The bid now.
        bid: Credits,
    },
    /// An auction was won; the goods are in the storage at the hub.
    AuctionWon {
        /// Where.
        hub: HubKey,
        /// The auction.
        auction: AuctionId,
        /// What.
        item: ItemKey,
        /// How many.
        quantity: Quantity,
        /// For how much.
        paid: Credits,
    },
    /// An auction has sold its goods.
    AuctionSold {
        /// Where.
        hub: HubKey,
        /// The auction.
        auction: AuctionId,
        /// What it brought, after tax.
        credits: Credits,
    },
    /// An auction ended without a bid; the goods are back in the storage at the hub.
    AuctionExpired {
        /// Where.
        hub: HubKey,
        /// The auction.
        auction: AuctionId,
    },
    /// Somebody has accepted a contract of the player's.
    ContractAccepted {
        /// Where.
        hub: HubKey,
        /// The contract.
        contract: ContractId,
        /// Who.
        courier: PlayerId,
    },
    /// A contract of the player's was fulfilled; the goods are in the storage at the hub.
    ContractFulfilled {
        /// Where.
        hub: HubKey,
        /// The contract.
        contract: ContractId,
        /// What.
        item: ItemKey,
        /// How many.
        quantity: Quantity,
    },
    /// A contract was not fulfilled in time. Owner and courier are both told what came back to them.
    ContractExpired {
        /// Where.
        hub: HubKey,
        /// The contract.
        contract: ContractId,
        /// Credits that came.
        credits: Credits,
        /// Pieces that came, into the storage at the hub.
        quantity: Quantity,
    },
    /// A crafting job is done; the goods are in the storage at the hub.
    Crafted {
        /// The job.
        job: JobId,
        /// Where.
        hub: HubKey,
        /// What.
        item: ItemKey,
        /// How many.
        quantity: Quantity,
    },
    /// A research is done.
    ResearchDone {
        /// What.
        tech: TechKey,
    },
    /// A mission is over.
    MissionOver {
        /// Which.
        mission: MissionId,
        /// The player's rank.
        rank: u64,
        /// The player's score.
        score: u64,
        /// What was paid.
        credits: Credits,
        /// Goods that were paid, into the storage at the mission's hub.
        goods: BTreeMap<ItemKey, Quantity>,
    },
    /// Somebody gave credits.
    Given {
        /// Who.
        from: PlayerId,
        /// The name.
        name: String,
        /// How much.
        credits: Credits,
    },
    /// An invitation into a guild.
    GuildInvited {
        /// Which.
        guild: GuildId,
        /// Its name.
        name: String,
        /// Who has invited.
        by: PlayerId,
    },
    /// The player is no longer in a guild: thrown out, or it was disbanded.
    GuildLeft {
        /// Which.
        guild: GuildId,
        /// Its name.
        name: String,
    },
    /// The role in the guild has changed.
    GuildRole {
        /// Which.
        guild: GuildId,
        /// The role now.
        role: super::guild::Role,
    },
    /// Somebody wants to be friends.
    FriendAsked {
        /// Who.
        player: PlayerId,
        /// The name.
        name: String,
    },
    /// Somebody has agreed to be friends.
    FriendAgreed {
        /// Who.
        player: PlayerId,
        /// The name.
        name: String,
    },
    /// A season is over.
    SeasonOver {
        /// Its number.
        season: u64,
        /// Which leaderboard.
        board: Board,
        /// The player's rank.
        rank: u64,
    },
    /// The operators have given something.
    Granted {
        /// Credits.
        credits: Credits,
        /// Goods.
        goods: BTreeMap<ItemKey, Quantity>,
        /// The hub in whose storage the goods are; without one they are in the hold.
        hub: Option<HubKey>,
    },
    /// The operators have taken something.
    Revoked {
        /// Credits.
        credits: Credits,
        /// Goods.
        goods: BTreeMap<ItemKey, Quantity>,
        /// The hub out of whose storage the goods came; without one they were in the hold.
        hub: Option<HubKey>,
    },
    /// The operators have made a technology known.
    TechGranted {
        /// Which.
        tech: TechKey,
    },
    /// The operators have made a technology unknown.
    TechRevoked {
        /// Which.
        tech: TechKey,
    },
    /// The operators have given the player another name.
    Renamed {
        /// The name.
        name: String,
    },
    /// A ban was lifted before its time.
    BanLifted {},
    /// The player may not speak.
    Muted {
        /// Until when; `None`: for good.
        until_ms: Option<Millis>,
        /// Why.
        reason: String,
    },
    /// The player may speak again.
    MuteLifted {},
}

/// What a player can follow. On the wire `{"ticker": "luna_exchange"}` and the like.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// Trades and best prices at a hub.
    Ticker(HubKey),
    /// Auctions of a hub.
    Auctions(HubKey),
    /// A mission's progress and first ranks.
    Mission(MissionId),
}

wire! {
    /// A trade, or a change of the best prices; at most a few times a second per item.
    Ticker {
        /// The hub.
        hub: HubKey,
        /// What.
        item: ItemKey,
        /// The price of the last trade.
        last: Option<Credits>,
        /// Pieces traded since the last message.
        quantity: Quantity,
        /// The best price offered to pay.
        bid: Option<Credits>,
        /// The best price asked.
        ask: Option<Credits>,
        /// When.
        at_ms: Millis,
    }
    /// An auction has changed.
    AuctionChanged {
        /// The hub.
        hub: HubKey,
        /// The auction.
        auction: AuctionId,
        /// The highest bid.
        bid: Option<Credits>,
        /// When it ends now.
        ends_ms: Millis,
        /// Whether it is over.
        over: bool,
    }
    /// A mission has moved on; at most about once a second.
    MissionProgress {
        /// The mission.
        mission: MissionId,
        /// Where it stands.
        state: super::mission::MissionState,
        /// The phase, from 0.
        phase: u32,
        /// What the phase needs.
        needs: Vec<Need>,
        /// How many take part.
        participants: u64,
        /// The first ten.
        top: Vec<RankView>,
    }
    /// Somebody said something.
    ChatLine {
        /// Where. In `direct` the other one of the two.
        channel: Channel,
        /// What.
        line: Line,
    }
    /// A friend came or went.
    Presence {
        /// Who.
        player: PlayerId,
        /// Whether the friend is here now.
        online: bool,
    }
}

/// What followers of a [`Topic`] are told.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// See [`Ticker`].
    Ticker(Ticker),
    /// See [`AuctionChanged`].
    Auction(AuctionChanged),
    /// See [`MissionProgress`].
    Mission(MissionProgress),
}
