//! What each command is answered with: the body of its `ok`.

use schemars::{Schema, SchemaGenerator};
use serde_json::Value;

use crate::protocol::answer;
use crate::protocol::client_message::Empty;
use crate::types::economy::{chat, contract, craft, guild, market, mission, social, storage};

/// A command and its answer's form.
pub(crate) struct Reply {
    /// The command's type.
    pub(crate) command: &'static str,
    /// Reads an answer's body as a client would, and writes it as the server does.
    pub(crate) read: fn(&str) -> Result<Value, serde_json::Error>,
    /// The answer's form, for the generated description.
    pub(crate) schema: fn(&mut SchemaGenerator) -> Schema,
}

macro_rules! replies {
    ($($command:literal => $body:ty,)*) => {
        /// Every command that has an answer.
        pub(crate) const REPLIES: &[Reply] = &[$(Reply {
            command: $command,
            read: |text| serde_json::to_value(serde_json::from_str::<$body>(text)?),
            schema: |generator| generator.subschema_for::<$body>(),
        },)*];
    };
}

replies! {
    "navigate" => answer::Navigated,
    "jump" => answer::Jumped,
    "collect" => answer::Collected,
    "sell" => answer::Sold,
    "status" => answer::Status,
    "ship_stats" => answer::ShipStats,
    "tech_tree" => answer::TechTree,
    "research" => answer::ResearchStarted,
    "cancel_research" => answer::ResearchCancelled,
    "list" => market::OrderPlaced,
    "order" => market::OrderPlaced,
    "buy" => market::Bought,
    "cancel_order" => market::OrderCancelled,
    "auction" => market::AuctionOpened,
    "bid" => market::BidPlaced,
    "cancel_auction" => market::AuctionCancelled,
    "offer_contract" => contract::ContractOffered,
    "accept_contract" => contract::ContractAccepted,
    "deliver" => contract::Delivered,
    "cancel_contract" => contract::ContractCancelled,
    "load" => storage::Moved,
    "unload" => storage::Moved,
    "supply" => storage::Supplied,
    "buy_ship" => storage::ShipBought,
    "give" => storage::Given,
    "craft" => craft::CraftQueued,
    "cancel_craft" => craft::CraftCancelled,
    "join_mission" => mission::MissionJoined,
    "contribute" => mission::Contributed,
    "found_guild" => guild::GuildFounded,
    "invite" => guild::GuildChanged,
    "accept_invite" => guild::GuildChanged,
    "decline_invite" => guild::GuildChanged,
    "leave_guild" => guild::GuildChanged,
    "kick" => guild::GuildChanged,
    "set_role" => guild::GuildChanged,
    "guild_deposit" => guild::GuildChanged,
    "guild_withdraw" => guild::GuildChanged,
    "set_limit" => guild::GuildChanged,
    "set_motd" => guild::GuildChanged,
    "disband_guild" => guild::GuildChanged,
    "say" => chat::Said,
    "report" => chat::Reported,
    "befriend" => social::SocialChanged,
    "unfriend" => social::SocialChanged,
    "block" => social::SocialChanged,
    "unblock" => social::SocialChanged,
    "mute" => social::SocialChanged,
    "unmute" => social::SocialChanged,
    "read_notifications" => social::NotificationsRead,
    "market" => market::Book,
    "auctions" => market::AuctionPage,
    "contracts" => contract::ContractPage,
    "my_offers" => storage::MyOffers,
    "price_history" => market::PriceTicks,
    "storage" => storage::Storage,
    "jobs" => craft::Jobs,
    "missions" => mission::MissionPage,
    "mission_ranks" => mission::Ranks,
    "season_ranks" => mission::Ranks,
    "guild" => guild::GuildView,
    "chat_history" => chat::History,
    "notifications" => social::Notifications,
    "friends" => social::Friends,
    "subscribe" => Empty,
    "unsubscribe" => Empty,
}

/// Messages of clients that are not commands, and the one that never answers `ok`.
const WITHOUT: &[&str] = &["hello", "heartbeat", "leave", "debug_panic"];

#[test]
fn every_command_has_an_answer() {
    let mut names: Vec<&str> = REPLIES.iter().map(|reply| reply.command).chain(WITHOUT.iter().copied()).collect();
    let mut wanted = crate::protocol::ClientMessage::names();
    names.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(names, wanted);
}
