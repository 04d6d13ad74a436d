//! Why a player's command was refused, with the numbers that explain it.

use crate::types::{Credits, ItemKey, Millis, Quantity, TechKey, Volume};

/// A refusal leaves no trace: nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlayerRefusal {
    /// The hold is too full.
    #[error("the hold is too full: {needed} needed, {free} free")]
    CargoFull {
        /// The room the goods take.
        needed: Volume,
        /// The room there is.
        free: Volume,
    },
    /// The catalogue has no such item.
    #[error("there is no item {0}")]
    UnknownItem(ItemKey),
    /// The hub does not buy it.
    #[error("the hub does not buy {0}")]
    NotBought(ItemKey),
    /// A quantity must be at least 1.
    #[error("quantity must be at least 1")]
    NothingToSell,
    /// Fewer are there.
    #[error("only {have} are there")]
    NotEnoughGoods {
        /// How many are there.
        have: Quantity,
    },
    /// The wallet holds less.
    #[error("{needed} credits needed, {have} there")]
    NotEnoughCredits {
        /// The price.
        needed: Credits,
        /// The wallet.
        have: Credits,
    },
    /// The result would exceed its largest value.
    #[error("the amount is too large")]
    AmountTooLarge,
    /// The catalogue has no such technology.
    #[error("there is no technology {0}")]
    UnknownTech(TechKey),
    /// It is known.
    #[error("{0} is known already")]
    AlreadyKnown(TechKey),
    /// A requirement is not known.
    #[error("{missing} must be known first")]
    RequirementMissing {
        /// The first one missing.
        missing: TechKey,
    },
    /// Another research is under way.
    #[error("{tech} is being researched")]
    ResearchRunning {
        /// What.
        tech: TechKey,
        /// Until when.
        due: Millis,
    },
    /// None is under way.
    #[error("no research is under way")]
    NoResearch,
}
