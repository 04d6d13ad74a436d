//! What a client sends.

use serde::{Deserialize, Serialize};

use super::envelope::messages;
use crate::types::economy::{Ask, Deal};
use crate::types::{GateKey, HubKey, ItemKey, ObjectId, Party, Point, Quantity, TechKey};

messages! {
    /// A message from a client.
    ClientMessage {
        /// The first message of every connection: who is there.
        "hello" => Hello(Hello),
        /// I am still here, and have seen reliable messages up to this number.
        "heartbeat" => Heartbeat(ClientHeartbeat),
        /// I am leaving for good: end the session now, without waiting for a resume.
        "leave" => Leave(Empty),
        /// Fly to a point, along a heading, or stop.
        "navigate" => Navigate(Navigate),
        /// Go through a jump gate in reach.
        "jump" => Jump(Jump),
        /// Collect an object in reach.
        "collect" => Collect(Collect),
        /// Sell goods at a hub in reach, for the catalogue's price.
        "sell" => Sell(Sell),
        /// Wallet, cargo, research and lifetime statistics.
        "status" => Status(Empty),
        /// What the ship can do.
        "ship_stats" => ShipStats(Empty),
        /// Every technology, and where the player stands with it.
        "tech_tree" => TechTree(Empty),
        /// Begin a research.
        "research" => Research(Research),
        /// Give up the running research.
        "cancel_research" => CancelResearch(Empty),
        /// Make an actor panic. Refused unless `debug.commands` is on: for tests of containment.
        "debug_panic" => DebugPanic(DebugPanic),
    }
    also {
        /// A command with an effect in the economy.
        Deal,
        /// A question about the economy.
        Ask,
    }
}

/// A body with nothing in it: `{}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Empty {}

/// Exactly one of `token`, `guest` and `resume` says who is there; `token` may stand beside `resume`, as what to do
/// when there is nothing left to resume.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Hello {
    /// An access token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// Come as a new guest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guest: Option<Guest>,
    /// Take up an interrupted session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resume: Option<Resume>,
    /// Name and version of the client, for the operators. At most 64 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
}

/// A new guest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Guest {
    /// The name the guest would like; the server makes one up otherwise, and may add digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// Which session to take up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Resume {
    /// The `resume_token` of the last welcome.
    pub token: String,
    /// The number of the last reliable message seen; 0 for none.
    pub seen: u64,
}

/// A client's sign of life.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ClientHeartbeat {
    /// The number of the last reliable message seen: the server need not keep it any longer.
    #[serde(default)]
    pub seen: u64,
}

/// Exactly one of the fields is given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Navigate {
    /// To this point.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Point>,
    /// In this direction, until the world's edge. Its length means nothing, but is not 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heading: Option<Point>,
    /// `true`: stop here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop: Option<bool>,
}

/// Which gate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Jump {
    /// A gate of the world the ship is in.
    pub gate: GateKey,
}

/// Which object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Collect {
    /// An object of the world the ship is in.
    pub object: ObjectId,
}

/// What to sell, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Sell {
    /// A hub of the world the ship is in, within its reach.
    pub hub: HubKey,
    /// What.
    pub item: ItemKey,
    /// How many; at least 1.
    pub quantity: Quantity,
}

/// What to research.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Research {
    /// A technology whose requirements are known.
    pub tech: TechKey,
}

/// Whom to make panic.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DebugPanic {
    /// The actor of the ship's world instead of the player's.
    #[serde(default)]
    pub world: bool,
    /// The actor of this market, mission or guild instead, in the middle of the next transfer that it takes in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<String>", regex(pattern = "^(player|market|mission|guild):")))]
    pub party: Option<Party>,
}
