//! The bodies of `ok`: what each command answers.

use serde::{Deserialize, Serialize};

use crate::types::{
    Credits, GateKey, HubKey, ItemKey, Millis, ObjectId, Point, Quantity, ShipId, ShipKindKey, TechKey, Tick,
    TransferId, Volume, WorldKey,
};

/// Where a ship is: the body of `entered`, and part of the welcome. (`jump` is answered with [`Jumped`] before.)
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Entered {
    /// The world.
    pub world: WorldKey,
    /// The world's number, which its cell frames carry.
    pub world_number: u16,
    /// The side of the square world, in units.
    pub size_units: u32,
    /// The ship's id in this world.
    pub ship: ShipId,
    /// The world's tick.
    pub tick: Tick,
    /// Where the ship was at that tick.
    pub position: Point,
}

/// Answers `navigate`: the course as the server set it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Navigated {
    /// Where it begins.
    pub from: Point,
    /// Where it ends.
    pub to: Point,
    /// The tick at which the ship is at `from`.
    pub departs: Tick,
    /// The tick at which it is at `to`.
    pub arrives: Tick,
}

/// Answers `collect`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Collected {
    /// The object, gone from space now.
    pub object: ObjectId,
    /// What it held.
    pub item: ItemKey,
    /// How many.
    pub quantity: Quantity,
    /// The transfer that brought it.
    pub transfer: TransferId,
}

/// Answers `sell`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Sold {
    /// Where.
    pub hub: HubKey,
    /// What.
    pub item: ItemKey,
    /// How many.
    pub quantity: Quantity,
    /// What they brought in all, after tax.
    pub paid: Credits,
    /// What the treasury took; nothing of small wallets.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub tax: Credits,
    /// The wallet after it.
    pub balance: Credits,
}

fn is_nothing(credits: &Credits) -> bool {
    *credits == Credits::ZERO
}

/// Answers `research`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ResearchStarted {
    /// What.
    pub tech: TechKey,
    /// What it cost.
    pub cost: Credits,
    /// When it will be known.
    pub due_ms: Millis,
    /// The wallet after it.
    pub balance: Credits,
}

/// Answers `cancel_research`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ResearchCancelled {
    /// What.
    pub tech: TechKey,
    /// What came back.
    pub refund: Credits,
    /// The wallet after it.
    pub balance: Credits,
}

/// Answers `status`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Status {
    /// The player's name.
    pub name: String,
    /// The wallet.
    pub credits: Credits,
    /// The ship.
    pub ship: ShipKindKey,
    /// The room the goods take.
    pub cargo_used: Volume,
    /// The room there is.
    pub cargo_capacity: Volume,
    /// The goods, by key.
    pub cargo: Vec<Goods>,
    /// The running research.
    pub research: Option<RunningResearch>,
    /// What is known, by key.
    pub known: Vec<TechKey>,
    /// Since the account exists.
    pub lifetime: Lifetime,
}

/// Pieces of one item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Goods {
    /// What.
    pub item: ItemKey,
    /// How many.
    pub quantity: Quantity,
}

/// A research under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RunningResearch {
    /// What.
    pub tech: TechKey,
    /// When it began.
    pub started_ms: Millis,
    /// When it will be known.
    pub due_ms: Millis,
}

/// Lifetime statistics.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Lifetime {
    /// Objects collected.
    pub objects_collected: u64,
    /// Pieces sold.
    pub pieces_sold: u64,
    /// Credits earned by sales.
    pub credits_earned: Credits,
    /// Credits spent.
    pub credits_spent: Credits,
    /// Technologies researched.
    pub techs_researched: u64,
    /// Jumps made.
    pub jumps: u64,
}

/// Answers `ship_stats`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ShipStats {
    /// The ship.
    pub ship: ShipKindKey,
    /// Speed, in fixed-point steps per second.
    pub speed: u32,
    /// Room in the hold.
    pub cargo_capacity: Volume,
    /// How far it collects, in fixed-point steps.
    pub collect_range: u32,
}

/// Answers `tech_tree`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct TechTree {
    /// Every technology, by key.
    pub techs: Vec<TechEntry>,
}

/// One technology, and where the player stands with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct TechEntry {
    /// Which.
    pub tech: TechKey,
    /// What must be known before.
    pub requires: Vec<TechKey>,
    /// What it costs.
    pub cost: Credits,
    /// How long it takes.
    pub seconds: u64,
    /// Where the player stands.
    pub state: TechState,
}

/// Where a player stands with a technology.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum TechState {
    /// Known.
    Known,
    /// Being researched.
    Researching,
    /// Its requirements are known.
    Available,
    /// A requirement is missing.
    Locked,
}

/// Answers `jump`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Jumped {
    /// Through this gate.
    pub gate: GateKey,
    /// Into this world; an `entered` message follows.
    pub world: WorldKey,
}
