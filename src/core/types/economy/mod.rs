//! The words of the economy: what players ask for, and what they are answered. The same structures are bodies on the
//! wire, inputs and receipts of the rules, and parts of stored transfers: one thing, one name.
//!
//! A [`Deal`] has an effect and therefore needs a command id; an [`Ask`] is a question without one. To add a deal: its
//! body and receipt in the file of its area, a line here, its rule in `game`, a section in PROTOCOL.md.

pub mod chat;
pub mod contract;
pub mod craft;
pub mod event;
pub mod guild;
pub mod market;
pub mod mission;
pub mod season;
pub mod social;
pub mod storage;

use serde::{Deserialize, Serialize};

use super::HubKey;

/// What limits how often a player may send a deal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DealClass {
    /// Markets, auctions, contracts, gifts.
    Trade,
    /// Crafting.
    Craft,
    /// Contributions to missions.
    Contribute,
    /// Chat.
    Chat,
    /// Everything else.
    Other,
}

macro_rules! bodies {
    ($(#[$doc:meta])* $enum:ident { $($(#[$variant_doc:meta])* $name:literal => $variant:ident($body:ty),)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        pub enum $enum { $($(#[$variant_doc])* #[serde(rename = $name)] $variant($body),)* }

        impl $enum {
            /// Every type of message in here, as named on the wire.
            pub const NAMES: &'static [&'static str] = &[$($name),*];

            /// The message's type, as named on the wire.
            #[must_use]
            pub fn name(&self) -> &'static str {
                match self { $(Self::$variant(_) => $name,)* }
            }

            /// Every message in here, for the generated description.
            #[cfg(test)]
            pub(crate) fn described(generator: &mut schemars::SchemaGenerator) -> Vec<crate::types::Described> {
                vec![$(crate::types::Described {
                    name: $name,
                    about: crate::types::doc_text(&[$(stringify!($variant_doc)),*]),
                    body: generator.subschema_for::<$body>(),
                }),*]
            }

            /// Adds the body to a message that is being written.
            ///
            /// # Errors
            /// Those of the serializer.
            pub fn write_body<S: serde::ser::SerializeSeq>(&self, seq: &mut S) -> Result<(), S::Error> {
                match self { $(Self::$variant(body) => seq.serialize_element(body),)* }
            }

            /// Reads the body of a message of this type; `None` when the type is not in here.
            ///
            /// # Errors
            /// Those of the deserializer; a missing body is one.
            pub fn read_body<'de, A: serde::de::SeqAccess<'de>>(
                name: &str,
                seq: &mut A,
            ) -> Result<Option<Self>, A::Error> {
                use serde::de::Error as _;
                let missing = || A::Error::invalid_length(1, &"a body after the type");
                match name {
                    $($name => Ok(Some(Self::$variant(seq.next_element::<$body>()?.ok_or_else(missing)?))),)*
                    _ => Ok(None),
                }
            }
        }
    };
}

bodies! {
    /// A command with an effect on credits, goods, missions, guilds, friends or chat.
    Deal {
        /// Offer goods for a fixed price.
        "list" => List(market::PlaceOrder),
        /// Offer to buy goods for a price.
        "order" => Order(market::PlaceOrder),
        /// Buy from a listing.
        "buy" => Buy(market::Buy),
        /// Take back what is left of an order.
        "cancel_order" => CancelOrder(market::CancelOrder),
        /// Put goods up for auction.
        "auction" => Auction(market::OpenAuction),
        /// Bid in an auction.
        "bid" => Bid(market::Bid),
        /// Take back an auction that nobody has bid in.
        "cancel_auction" => CancelAuction(market::CancelAuction),
        /// Offer a reward for a delivery.
        "offer_contract" => OfferContract(contract::OfferContract),
        /// Take a contract on.
        "accept_contract" => AcceptContract(contract::AcceptContract),
        /// Deliver goods for a contract.
        "deliver" => Deliver(contract::Deliver),
        /// Take back a contract that nobody has accepted.
        "cancel_contract" => CancelContract(contract::CancelContract),
        /// Take goods from the storage at a hub into the hold.
        "load" => Load(storage::Move),
        /// Put goods from the hold into the storage at a hub.
        "unload" => Unload(storage::Move),
        /// Buy supplies from a hub, for the catalogue's price.
        "supply" => Supply(storage::Supply),
        /// Buy a ship from a hub, in exchange for the old one and the difference in price.
        "buy_ship" => BuyShip(storage::BuyShip),
        /// Give credits to another player.
        "give" => Give(storage::Give),
        /// Begin to make goods.
        "craft" => Craft(craft::Craft),
        /// Give up a crafting job.
        "cancel_craft" => CancelCraft(craft::CancelCraft),
        /// Take part in a mission.
        "join_mission" => JoinMission(mission::JoinMission),
        /// Contribute goods to a mission.
        "contribute" => Contribute(mission::Contribute),
        /// Found a guild.
        "found_guild" => FoundGuild(guild::FoundGuild),
        /// Invite a player into the guild.
        "invite" => Invite(guild::Member),
        /// Join a guild that has invited the player.
        "accept_invite" => AcceptInvite(guild::Which),
        /// Decline a guild's invitation.
        "decline_invite" => DeclineInvite(guild::Which),
        /// Leave the guild.
        "leave_guild" => LeaveGuild(guild::Nothing),
        /// Throw a member out of the guild.
        "kick" => Kick(guild::Member),
        /// Give a member another role.
        "set_role" => SetRole(guild::SetRole),
        /// Give the guild's treasury credits.
        "guild_deposit" => GuildDeposit(guild::Amount),
        /// Take credits from the guild's treasury.
        "guild_withdraw" => GuildWithdraw(guild::Amount),
        /// Say how much a role may withdraw a day.
        "set_limit" => SetLimit(guild::SetLimit),
        /// Set the guild's message of the day.
        "set_motd" => SetMotd(guild::SetMotd),
        /// End the guild; what is in the treasury goes to the leader.
        "disband_guild" => DisbandGuild(guild::Nothing),
        /// Say something.
        "say" => Say(chat::Say),
        /// Report what somebody said to the operators.
        "report" => Report(chat::Report),
        /// Ask to be friends, or agree.
        "befriend" => Befriend(social::Other),
        /// End a friendship, or a request.
        "unfriend" => Unfriend(social::Other),
        /// Neither hear from a player nor be reached by them.
        "block" => Block(social::Other),
        /// Undo a block.
        "unblock" => Unblock(social::Other),
        /// Do not hear a player in chat.
        "mute" => Mute(social::Other),
        /// Undo a mute.
        "unmute" => Unmute(social::Other),
        /// Notifications up to here are read.
        "read_notifications" => ReadNotifications(social::ReadNotifications),
    }
}

bodies! {
    /// A question. Its answer has no effect.
    Ask {
        /// A hub's order book.
        "market" => Market(market::AskMarket),
        /// A hub's auctions.
        "auctions" => Auctions(market::AskPage),
        /// A hub's contracts.
        "contracts" => Contracts(market::AskPage),
        /// Everything the player has on offer, bid for or accepted at a hub.
        "my_offers" => MyOffers(storage::AtHub),
        /// Prices of an item at a hub over time.
        "price_history" => PriceHistory(market::AskPrices),
        /// What the player has stored at hubs.
        "storage" => Storage(guild::Nothing),
        /// The player's crafting jobs.
        "jobs" => Jobs(guild::Nothing),
        /// Running and past missions.
        "missions" => Missions(mission::AskMissions),
        /// A mission's leaderboard: the first ones, and those around the player.
        "mission_ranks" => MissionRanks(mission::AskRanks),
        /// A leaderboard of the season.
        "season_ranks" => SeasonRanks(season::AskRanks),
        /// A guild.
        "guild" => Guild(guild::AskGuild),
        /// What was said.
        "chat_history" => ChatHistory(chat::AskHistory),
        /// The player's notifications, newest first.
        "notifications" => Notifications(social::AskNotifications),
        /// Friends, requests, blocks.
        "friends" => Friends(guild::Nothing),
        /// Be told what happens.
        "subscribe" => Subscribe(event::Topic),
        /// Be told no longer.
        "unsubscribe" => Unsubscribe(event::Topic),
    }
}

impl Deal {
    /// What limits how often it may be sent.
    #[must_use]
    pub fn class(&self) -> DealClass {
        match self {
            Self::List(_)
            | Self::Order(_)
            | Self::Buy(_)
            | Self::CancelOrder(_)
            | Self::Auction(_)
            | Self::Bid(_)
            | Self::CancelAuction(_)
            | Self::OfferContract(_)
            | Self::AcceptContract(_)
            | Self::Deliver(_)
            | Self::CancelContract(_)
            | Self::Supply(_)
            | Self::BuyShip(_)
            | Self::Give(_) => DealClass::Trade,
            Self::Craft(_) | Self::CancelCraft(_) => DealClass::Craft,
            Self::Contribute(_) => DealClass::Contribute,
            Self::Say(_) => DealClass::Chat,
            _ => DealClass::Other,
        }
    }

    /// The hub that the ship must be in reach of: deals that move goods in or out of the ship or its owner's storage.
    /// Deals with credits alone reach a market from everywhere.
    #[must_use]
    pub fn at_hub(&self) -> Option<&HubKey> {
        match self {
            Self::List(body) => Some(&body.hub),
            Self::Auction(body) => Some(&body.hub),
            Self::Deliver(body) => Some(&body.hub),
            Self::Load(body) | Self::Unload(body) => Some(&body.hub),
            Self::Supply(body) => Some(&body.hub),
            Self::BuyShip(body) => Some(&body.hub),
            Self::Craft(body) => Some(&body.hub),
            Self::Contribute(body) => Some(&body.hub),
            _ => None,
        }
    }

    /// A hash by which an id that is used for two different deals is noticed (FNV-1a over the deal as JSON). It is
    /// stored, so bodies may get new fields only with a default that is not written.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        let text = serde_json::to_vec(self).unwrap_or_default();
        text.iter()
            .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
    }
}

/// Declares structures that travel: comparable, printable, and strict about fields they do not know.
macro_rules! wire {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* })*) => {$(
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(test, derive(schemars::JsonSchema))]
        #[serde(deny_unknown_fields)]
        $(#[$doc])*
        pub struct $name { $($(#[$field_doc])* pub $field: $type,)* }
    )*};
}
pub(crate) use wire;
