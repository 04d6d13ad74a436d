//! Why a change by an operator was refused.

use serde_json::{Map, Value};

use crate::types::{Credits, HubKey, ItemKey, Quantity, TechKey, Volume, WorldKey};

/// A refusal leaves no trace: nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OperateRefusal {
    /// A field of the change breaks a rule.
    #[error("{field}: {rule}")]
    Invalid {
        /// The field.
        field: &'static str,
        /// What it must be.
        rule: String,
    },
    /// Nothing would change.
    #[error("nothing would change")]
    NoChange,
    /// The account was erased.
    #[error("the account was erased")]
    Erased,
    /// The catalogue has no such item.
    #[error("there is no item {0}")]
    UnknownItem(ItemKey),
    /// The catalogue has no such hub.
    #[error("there is no hub {0}")]
    UnknownHub(HubKey),
    /// The catalogue has no such technology.
    #[error("there is no technology {0}")]
    UnknownTech(TechKey),
    /// The catalogue has no such world.
    #[error("there is no world {0}")]
    UnknownWorld(WorldKey),
    /// A wallet or an amount would exceed its largest value.
    #[error("the amount is too large")]
    AmountTooLarge,
    /// The hold is too full.
    #[error("the hold is too full: {needed} needed, {free} free; name a hub for its storage")]
    CargoFull {
        /// The room the goods take.
        needed: Volume,
        /// The room there is.
        free: Volume,
    },
    /// The wallet holds less.
    #[error("{needed} credits needed, {have} there")]
    NotEnoughCredits {
        /// How many are to be taken.
        needed: Credits,
        /// How many are there.
        have: Credits,
    },
    /// Fewer are there.
    #[error("only {have} of {item} are there")]
    NotEnoughGoods {
        /// Of what.
        item: ItemKey,
        /// How many are to be taken.
        needed: Quantity,
        /// How many are there.
        have: Quantity,
    },
    /// The player is not banned.
    #[error("the player is not banned")]
    NotBanned,
    /// The player is not muted.
    #[error("the player is not muted")]
    NotMuted,
    /// The technology is known.
    #[error("{0} is known already")]
    AlreadyKnown(TechKey),
    /// The technology is not known.
    #[error("{0} is not known")]
    NotKnown(TechKey),
    /// A requirement is not known.
    #[error("{missing} must be known first")]
    RequirementMissing {
        /// The first one missing.
        missing: TechKey,
    },
    /// Something known, or being researched, requires it.
    #[error("{by} requires it")]
    Required {
        /// What.
        by: TechKey,
    },
    /// It is just being researched.
    #[error("{0} is being researched")]
    Researching(TechKey),
    /// The name given is not the account's.
    #[error("confirm: must be the player's name")]
    NotConfirmed,
    /// A guild is about to say whether the player belongs to it.
    #[error("the player is just joining a guild; try again")]
    JoiningGuild,
}

impl OperateRefusal {
    /// For programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Invalid { .. } => "bad_request",
            Self::NoChange => "no_change",
            Self::Erased => "erased",
            Self::UnknownItem(_) => "unknown_item",
            Self::UnknownHub(_) => "unknown_hub",
            Self::UnknownTech(_) => "unknown_tech",
            Self::UnknownWorld(_) => "unknown_world",
            Self::AmountTooLarge => "amount_too_large",
            Self::CargoFull { .. } => "cargo_full",
            Self::NotEnoughCredits { .. } => "not_enough_credits",
            Self::NotEnoughGoods { .. } => "not_enough_goods",
            Self::NotBanned => "not_banned",
            Self::NotMuted => "not_muted",
            Self::AlreadyKnown(_) => "already_known",
            Self::NotKnown(_) => "not_known",
            Self::RequirementMissing { .. } => "requirement_missing",
            Self::Required { .. } => "required",
            Self::Researching(_) => "research_running",
            Self::NotConfirmed => "not_confirmed",
            Self::JoiningGuild => "joining_guild",
        }
    }

    /// The numbers and names that explain it.
    #[must_use]
    pub fn details(&self) -> Map<String, Value> {
        let pairs: Vec<(&str, Value)> = match self {
            Self::CargoFull { needed, free } => vec![("needed", needed.0.into()), ("free", free.0.into())],
            Self::NotEnoughCredits { needed, have } => vec![("needed", needed.0.into()), ("have", have.0.into())],
            Self::NotEnoughGoods { item, needed, have } => {
                vec![("item", item.as_str().into()), ("needed", needed.0.into()), ("have", have.0.into())]
            }
            Self::RequirementMissing { missing } => vec![("missing", missing.as_str().into())],
            Self::Required { by } => vec![("by", by.as_str().into())],
            _ => Vec::new(),
        };
        pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}
