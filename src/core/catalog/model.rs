//! The kinds of content. Distances in the files are whole units, prices are credits.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::economy::{Blueprint, Economy, MissionKind};
use crate::types::{
    BlueprintKey, Credits, GateKey, HubKey, ItemKey, MissionKey, ObjectKindKey, Point, ShipKindKey, TechKey, Volume,
    WorldKey, units_to_fixed,
};

/// All content, by key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Catalog {
    /// How a new player begins.
    pub start: Start,
    /// Fees, bounds and times.
    pub economy: Economy,
    /// Kinds of goods.
    pub items: BTreeMap<ItemKey, Item>,
    /// Kinds of ships.
    pub ships: BTreeMap<ShipKindKey, ShipKind>,
    /// Kinds of objects in space.
    pub objects: BTreeMap<ObjectKindKey, ObjectKind>,
    /// The tech tree.
    pub techs: BTreeMap<TechKey, Tech>,
    /// What is made of what.
    pub blueprints: BTreeMap<BlueprintKey, Blueprint>,
    /// Kinds of missions.
    pub missions: BTreeMap<MissionKey, MissionKind>,
    /// The worlds.
    pub sectors: BTreeMap<WorldKey, Sector>,
}

impl Catalog {
    /// The hub with this key, in whichever world.
    #[must_use]
    pub fn hub(&self, key: &HubKey) -> Option<&Hub> {
        self.hubs().find(|hub| hub.key == *key)
    }

    /// All hubs.
    pub fn hubs(&self) -> impl Iterator<Item = &Hub> {
        self.sectors.values().flat_map(|sector| &sector.hubs)
    }
}

/// How a new player begins.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Start {
    /// In this world.
    pub sector: WorldKey,
    /// With this ship.
    pub ship: ShipKindKey,
    /// With this much money.
    pub credits: Credits,
}

/// A kind of goods.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Its key.
    pub key: ItemKey,
    /// Its name, for people.
    pub name: String,
    /// The room that one piece takes; at least 1.
    pub volume: Volume,
}

/// A kind of ship.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShipKind {
    /// Its key.
    pub key: ShipKindKey,
    /// Its name, for people.
    pub name: String,
    /// Units per second; 1 to 1000.
    pub speed_units: u32,
    /// The room in its hold.
    pub cargo_volume: Volume,
    /// How far away it collects, in units; 1 to 1000.
    pub collect_range_units: u32,
    /// What it costs.
    pub price: Credits,
}

/// A kind of object in space.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectKind {
    /// Its key.
    pub key: ObjectKindKey,
    /// Its name, for people.
    pub name: String,
    /// What it holds.
    pub item: ItemKey,
    /// The fewest pieces it holds; at least 1.
    pub quantity_min: u64,
    /// The most pieces it holds.
    pub quantity_max: u64,
}

/// A technology.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tech {
    /// Its key.
    pub key: TechKey,
    /// Its name, for people.
    pub name: String,
    /// What must be known before.
    #[serde(default)]
    pub requires: Vec<TechKey>,
    /// What it costs to begin.
    pub cost: Credits,
    /// How long it takes; 1 second to 30 days.
    pub seconds: u64,
    /// What it does for its owner's ship.
    #[serde(default)]
    pub effects: Vec<StatEffect>,
}

/// What a technology does to one number of the ship.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatEffect {
    /// Which number.
    pub stat: Stat,
    /// By how many per cent of the ship kind's number; 1 to 500. Effects add up.
    pub percent: u32,
}

/// A number of a ship that technology improves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stat {
    /// How fast it flies.
    Speed,
    /// How much it holds.
    Cargo,
    /// How far away it collects.
    CollectRange,
    /// How many crafting jobs run at the same time: per cent of one slot, so 100 is one more.
    CraftSlots,
}

/// A world.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sector {
    /// Its key.
    pub key: WorldKey,
    /// Its number: part of object ids and cell frames, so never change it. 1 to 4095.
    pub number: u16,
    /// Its name, for people.
    pub name: String,
    /// The side of the square, in units; 200 to 20,000.
    pub size_units: u32,
    /// Around which point ships without a place appear, in units.
    pub entry: Point,
    /// How far from there at most, along each axis, in units: many who come at once must not all see each other.
    #[serde(default)]
    pub entry_spread_units: u32,
    /// Trading places.
    #[serde(default)]
    pub hubs: Vec<Hub>,
    /// Ways to other worlds.
    #[serde(default)]
    pub gates: Vec<Gate>,
    /// What appears here by itself.
    #[serde(default)]
    pub spawns: Vec<Spawn>,
}

/// A trading place.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hub {
    /// Its key, unique in the galaxy.
    pub key: HubKey,
    /// Its name, for people.
    pub name: String,
    /// Where, in units.
    pub at: Point,
    /// From how far away ships trade with it, in units.
    pub range_units: u32,
    /// What it pays for one piece. What is not here it does not buy.
    pub buys: BTreeMap<ItemKey, Credits>,
    /// What it asks for one piece of its supplies.
    #[serde(default)]
    pub sells: BTreeMap<ItemKey, Credits>,
    /// The kinds of ships it sells.
    #[serde(default)]
    pub ships: Vec<ShipKindKey>,
}

/// A jump gate.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gate {
    /// Its key, unique in the galaxy.
    pub key: GateKey,
    /// Where, in units.
    pub at: Point,
    /// From how far away ships go through it, in units.
    pub range_units: u32,
    /// The world behind it.
    pub to_sector: WorldKey,
    /// The gate there, at which ships come out.
    pub to_gate: GateKey,
}

/// A rule by which objects appear.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spawn {
    /// What appears.
    pub kind: ObjectKindKey,
    /// As long as fewer than this many are there; at most 10,000.
    pub count: u32,
    /// How many appear per minute until then; 1 to 6,000.
    pub per_minute: u32,
    /// The middle of the square in which they appear, in units.
    pub center: Point,
    /// Half its side, in units.
    pub radius_units: u32,
}

impl Sector {
    /// The side of the square, in fixed-point steps.
    #[must_use]
    pub fn size(&self) -> i32 {
        to_fixed(self.size_units)
    }
}

/// Whole units of a checked file as fixed-point steps.
#[must_use]
pub(crate) fn to_fixed(units: u32) -> i32 {
    units_to_fixed(i32::try_from(units).unwrap_or(i32::MAX))
}

macro_rules! placed {
    ($($placed:ident),*) => {$(
        impl $placed {
            /// Where it is, in fixed-point steps.
            #[must_use]
            pub fn position(&self) -> Point {
                Point::from_units(self.at.x, self.at.y)
            }

            /// How far it reaches, in fixed-point steps.
            #[must_use]
            pub fn range(&self) -> i32 {
                to_fixed(self.range_units)
            }
        }
    )*};
}
placed!(Hub, Gate);

/// A short text that changes when the content does: an FNV-1a hash of the catalogue as JSON.
#[must_use]
pub fn content_version(catalog: &Catalog) -> String {
    let json = serde_json::to_vec(catalog).unwrap_or_default();
    let hash = json
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    format!("{hash:016x}")
}
