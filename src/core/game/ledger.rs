//! The ledger: double entry. Every movement of credits or goods is a row that names the account it leaves and the one
//! it comes to, written in the same commit as the states of both, or of the one that is an actor's. The balance of
//! an actor's account is what the actor holds, and that of [`Account::Transit`] is what is in the outbox, at any time.

use serde::{Deserialize, Serialize};

use crate::types::{Account, CommandId, Holdings, ItemKey, Millis, TransferId};

/// One movement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerEntry {
    /// When.
    pub at: Millis,
    /// Why.
    pub reason: LedgerReason,
    /// The account it leaves.
    pub from: Account,
    /// The account it comes to.
    pub to: Account,
    /// What; `None` for credits.
    pub item: Option<ItemKey>,
    /// How many; at least 1.
    pub amount: u64,
    /// The command behind it, if there is one.
    pub command: Option<CommandId>,
    /// The transfer behind it, if there is one.
    pub transfer: Option<TransferId>,
}

/// The causes of a movement, as its row names them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cause {
    /// A command.
    pub command: Option<CommandId>,
    /// A transfer.
    pub transfer: Option<TransferId>,
}

impl From<CommandId> for Cause {
    fn from(command: CommandId) -> Self {
        Self { command: Some(command), transfer: None }
    }
}

impl LedgerEntry {
    /// The rows of a movement: one for the credits, one for each item.
    pub fn of<'a>(
        from: &'a Account,
        to: &'a Account,
        holdings: &'a Holdings,
        reason: LedgerReason,
        cause: &'a Cause,
        at: Millis,
    ) -> impl Iterator<Item = Self> + 'a {
        let credits = (holdings.credits.0 > 0).then_some((None, holdings.credits.0));
        let goods = holdings.goods.iter().map(|(item, quantity)| (Some(item.clone()), quantity.0));
        credits.into_iter().chain(goods).map(move |(item, amount)| Self {
            at,
            reason,
            from: from.clone(),
            to: to.clone(),
            item,
            amount,
            command: cause.command,
            transfer: cause.transfer.clone(),
        })
    }
}

macro_rules! reasons {
    ($($(#[$doc:meta])* $reason:ident = $text:literal,)*) => {
        /// Why something moved.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum LedgerReason { $($(#[$doc])* #[serde(rename = $text)] $reason,)* }

        impl LedgerReason {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$reason),*];

            /// The reason as it is stored.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$reason => $text,)* }
            }
        }
    };
}

reasons! {
    /// What a new player begins with.
    Start = "start",
    /// Collected in space.
    Collect = "collect",
    /// Sold to a hub for the catalogue's price.
    Sell = "sell",
    /// Paid for a research.
    Research = "research",
    /// Came back from a research that was given up.
    ResearchRefund = "research_refund",
    /// Bought and sold on a market: goods and credits of orders.
    Trade = "trade",
    /// Goods and bids of auctions.
    Auction = "auction",
    /// Goods, rewards and collateral of contracts.
    Contract = "contract",
    /// A fee to the treasury.
    Fee = "fee",
    /// A tax to the treasury.
    Tax = "tax",
    /// Supplies bought from a hub.
    Supply = "supply",
    /// A ship bought from a hub.
    Ship = "ship",
    /// Inputs, outputs and fees of crafting.
    Craft = "craft",
    /// Came back from a crafting job that was given up.
    CraftRefund = "craft_refund",
    /// From a player to a player.
    Gift = "gift",
    /// Contributed to a mission.
    Mission = "mission",
    /// A mission's reward.
    MissionReward = "mission_reward",
    /// A guild's treasury, and what founding costs.
    Guild = "guild",
    /// By an operator.
    Operator = "operator",
}
