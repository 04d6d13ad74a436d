//! The ledger: one entry for every movement of goods or credits, written in the same commit as the movement.

use crate::types::{CommandId, ItemKey, Millis, PlayerId, TransferId};

/// One movement into (positive) or out of (negative) a player's wallet or hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerEntry {
    /// Whose.
    pub player: PlayerId,
    /// When.
    pub at: Millis,
    /// Why.
    pub reason: LedgerReason,
    /// The command behind it, if there is one.
    pub command: Option<CommandId>,
    /// The transfer behind it, if there is one.
    pub transfer: Option<TransferId>,
    /// Goods: what, and how many.
    pub goods: Option<(ItemKey, i64)>,
    /// Credits.
    pub credits: i64,
}

/// Why something moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LedgerReason {
    /// What a new player begins with.
    Start,
    /// Collected in space.
    Collect,
    /// Sold to a hub.
    Sell,
    /// Paid for a research.
    Research,
    /// Came back from a research that was given up.
    ResearchRefund,
}

impl LedgerReason {
    /// The reason as it is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Collect => "collect",
            Self::Sell => "sell",
            Self::Research => "research",
            Self::ResearchRefund => "research_refund",
        }
    }
}
