//! Every kind of id there is. Each is a type of its own, so that no two kinds can be mixed up.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A player's account, for ever. A UUID of version 7: its order is the order of creation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct PlayerId(pub Uuid);

/// A ship within one world, for as long as it stays there. Small, because it is in every delta.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct ShipId(pub u32);

/// An object in space. Unique in the galaxy and never used again: the world's number in the bits above
/// [`ObjectId::SEQUENCE_BITS`], a sequence number below. Less than 2^53, so a browser's number holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct ObjectId(pub u64);

impl ObjectId {
    /// Bits of the sequence number.
    pub const SEQUENCE_BITS: u32 = 40;

    /// The id of the `sequence`-th object ever made in the world with this number.
    #[must_use]
    pub fn new(world_number: u16, sequence: u64) -> Self {
        Self((u64::from(world_number) << Self::SEQUENCE_BITS) | (sequence & ((1 << Self::SEQUENCE_BITS) - 1)))
    }
}

/// A command's id: chosen by the client, the idempotency key of the command. At most [`CommandId::MAX`], and not
/// used again by the same player: a client draws a random start and counts up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct CommandId(pub u64);

impl CommandId {
    /// 2^53 - 1, the largest whole number that a browser's number holds.
    pub const MAX: u64 = (1 << 53) - 1;
}

/// One movement of goods or credits between two actors. Derived from what causes it, so that the same cause can
/// never make two: the object that was collected, the command that asked, a number that its sender keeps.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct TransferId(String);

impl TransferId {
    /// The transfer that moves a collected object's goods to whoever collected it. An object is collected once.
    #[must_use]
    pub fn of_collected(object: ObjectId) -> Self {
        Self(format!("collect-{}", object.0))
    }

    /// The transfer by which a player asks another actor for something: what the command with this id takes along.
    #[must_use]
    pub fn of_request(player: PlayerId, command: CommandId) -> Self {
        Self(format!("ask-{}-{command}", player.0.simple()))
    }

    /// The transfer that answers [`TransferId::of_request`], with whatever comes back.
    #[must_use]
    pub fn of_reply(player: PlayerId, command: CommandId) -> Self {
        Self(format!("answer-{}-{command}", player.0.simple()))
    }

    /// A further transfer that an actor sends, numbered by the actor itself: `number` counts up in its stored state.
    #[must_use]
    pub fn of_parcel(from: &super::Party, number: u64) -> Self {
        Self(format!("parcel-{from}-{number}"))
    }

    /// A transfer that is due to one player once, such as a mission's reward.
    #[must_use]
    pub fn of_due(from: &super::Party, player: PlayerId, what: &str) -> Self {
        Self(format!("{what}-{from}-{}", player.0.simple()))
    }

    /// A stored id, as it was written.
    #[must_use]
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

macro_rules! numbered {
    ($($(#[$doc:meta])* $id:ident,)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(test, derive(schemars::JsonSchema))]
        #[serde(transparent)]
        pub struct $id(pub u64);

        impl fmt::Display for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}
numbered! {
    /// An order in one hub's order book, sell or buy; counts up within the hub. Less than 2^53.
    OrderId,
    /// An auction; counts up within the hub. Less than 2^53.
    AuctionId,
    /// A contract; counts up within the hub. Less than 2^53.
    ContractId,
    /// A crafting job; counts up within the player. Less than 2^53.
    JobId,
}

/// A guild, for ever. A UUID of version 7.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct GuildId(pub Uuid);

/// An announcement of the operators. A UUID of version 7.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct AnnouncementId(pub Uuid);

macro_rules! display_inner {
    ($($id:ident),*) => {$(
        impl fmt::Display for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}
display_inner!(PlayerId, GuildId, AnnouncementId, ShipId, ObjectId, CommandId, TransferId);
