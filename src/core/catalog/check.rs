//! What makes content sound. Every fault is found in one go, each with file, key and rule.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::model::{Catalog, Gate, Sector, Tech};
use crate::types::{GateKey, HubKey, Point, TechKey};

/// Something wrong in the content.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// The file, relative to the catalogue's folder.
    pub file: String,
    /// The key of the thing that is wrong; empty when the file as a whole is.
    pub key: String,
    /// The rule it breaks.
    pub rule: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.key.as_str() {
            "" => write!(f, "{}: {}", self.file, self.rule),
            key => write!(f, "{}: {key}: {}", self.file, self.rule),
        }
    }
}

/// Collects faults.
#[derive(Default)]
pub(super) struct Faults(pub(super) Vec<Fault>);

impl Faults {
    pub(super) fn add(&mut self, file: &str, key: impl fmt::Display, rule: impl Into<String>) {
        self.0.push(Fault { file: file.to_owned(), key: key.to_string(), rule: rule.into() });
    }

    fn range(&mut self, file: &str, key: impl fmt::Display, field: &str, value: u64, allowed: (u64, u64)) {
        if value < allowed.0 || value > allowed.1 {
            self.add(file, key, format!("{field} is {value}, but must be {} to {}", allowed.0, allowed.1));
        }
    }
}

/// Checks everything that needs more than one entry, and every range.
pub(super) fn check(catalog: &Catalog, faults: &mut Faults) {
    check_start(catalog, faults);
    check_things(catalog, faults);
    check_techs(catalog, faults);
    check_sectors(catalog, faults);
}

fn check_start(catalog: &Catalog, faults: &mut Faults) {
    let file = "galaxy.toml";
    if !catalog.sectors.contains_key(&catalog.start.sector) {
        faults.add(file, "start", format!("sector {} does not exist", catalog.start.sector));
    }
    if !catalog.ships.contains_key(&catalog.start.ship) {
        faults.add(file, "start", format!("ship {} does not exist", catalog.start.ship));
    }
    faults.range(file, "start", "credits", catalog.start.credits.0, (0, 1_000_000_000));
}

fn check_things(catalog: &Catalog, faults: &mut Faults) {
    for item in catalog.items.values() {
        faults.range("items.toml", &item.key, "volume", item.volume.0, (1, 1_000_000));
    }
    for ship in catalog.ships.values() {
        faults.range("ships.toml", &ship.key, "speed_units", ship.speed_units.into(), (1, 1_000));
        faults.range("ships.toml", &ship.key, "cargo_volume", ship.cargo_volume.0, (1, 1_000_000_000));
        faults.range("ships.toml", &ship.key, "collect_range_units", ship.collect_range_units.into(), (1, 1_000));
    }
    for object in catalog.objects.values() {
        let key = &object.key;
        if !catalog.items.contains_key(&object.item) {
            faults.add("objects.toml", key, format!("item {} does not exist", object.item));
        }
        faults.range("objects.toml", key, "quantity_min", object.quantity_min, (1, object.quantity_max));
        faults.range("objects.toml", key, "quantity_max", object.quantity_max, (1, 1_000_000));
    }
}

fn check_techs(catalog: &Catalog, faults: &mut Faults) {
    let file = "techs.toml";
    for tech in catalog.techs.values() {
        for required in tech.requires.iter().filter(|required| !catalog.techs.contains_key(*required)) {
            faults.add(file, &tech.key, format!("requires {required}, which does not exist"));
        }
        faults.range(file, &tech.key, "seconds", tech.seconds, (1, 30 * 86_400));
        faults.range(file, &tech.key, "cost", tech.cost.0, (0, 1_000_000_000));
        for effect in &tech.effects {
            faults.range(file, &tech.key, "effects.percent", effect.percent.into(), (1, 500));
        }
    }
    let stuck = unreachable_techs(&catalog.techs);
    if !stuck.is_empty() {
        let names: Vec<&str> = stuck.iter().map(|key| key.as_str()).collect();
        faults.add(file, names[0], format!("requirements go round in a circle among {}", names.join(", ")));
    }
}

/// Technologies that stand in a circle of requirements, or behind one: what is left when everything whose existing
/// requirements can be met is taken away, again and again (Kahn's algorithm).
fn unreachable_techs(techs: &BTreeMap<TechKey, Tech>) -> BTreeSet<&TechKey> {
    let mut left: BTreeSet<&TechKey> = techs.keys().collect();
    loop {
        let free: Vec<&TechKey> =
            left.iter().copied().filter(|key| !techs[*key].requires.iter().any(|r| left.contains(r))).collect();
        if free.is_empty() {
            return left;
        }
        for key in free {
            left.remove(key);
        }
    }
}

fn check_sectors(catalog: &Catalog, faults: &mut Faults) {
    let mut numbers = BTreeMap::new();
    let mut hubs: BTreeMap<&HubKey, &Sector> = BTreeMap::new();
    let mut gates: BTreeMap<&GateKey, (&Sector, &Gate)> = BTreeMap::new();
    for sector in catalog.sectors.values() {
        let file = sector_file(sector);
        if let Some(other) = numbers.insert(sector.number, &sector.key) {
            faults.add(&file, &sector.key, format!("number {} is {other}'s already", sector.number));
        }
        for hub in &sector.hubs {
            if let Some(other) = hubs.insert(&hub.key, sector) {
                faults.add(&file, &hub.key, format!("duplicate id: {} has a hub of this key", other.key));
            }
        }
        for gate in &sector.gates {
            if let Some((other, _)) = gates.insert(&gate.key, (sector, gate)) {
                faults.add(&file, &gate.key, format!("duplicate id: {} has a gate of this key", other.key));
            }
        }
        check_sector(catalog, sector, faults);
    }
    for (sector, gate) in gates.values() {
        check_gate(catalog, sector, gate, faults);
    }
}

pub(super) fn sector_file(sector: &Sector) -> String {
    format!("sectors/{}.toml", sector.key)
}

fn check_sector(catalog: &Catalog, sector: &Sector, faults: &mut Faults) {
    let file = &sector_file(sector);
    let inside = |at: Point| {
        let size = i64::from(sector.size_units);
        (0..=size).contains(&i64::from(at.x)) && (0..=size).contains(&i64::from(at.y))
    };
    faults.range(file, &sector.key, "number", sector.number.into(), (1, 4095));
    faults.range(file, &sector.key, "size_units", sector.size_units.into(), (200, 20_000));
    if !inside(sector.entry) {
        faults.add(file, &sector.key, "entry lies outside the world");
    }
    for hub in &sector.hubs {
        if !inside(hub.at) {
            faults.add(file, &hub.key, "at lies outside the world");
        }
        faults.range(file, &hub.key, "range_units", hub.range_units.into(), (1, 1_000));
        for (item, price) in &hub.buys {
            if !catalog.items.contains_key(item) {
                faults.add(file, &hub.key, format!("buys {item}, which does not exist"));
            }
            faults.range(file, &hub.key, &format!("buys.{item}"), price.0, (1, 1_000_000_000));
        }
    }
    for gate in &sector.gates {
        if !inside(gate.at) {
            faults.add(file, &gate.key, "at lies outside the world");
        }
        faults.range(file, &gate.key, "range_units", gate.range_units.into(), (1, 1_000));
    }
    for (index, spawn) in sector.spawns.iter().enumerate() {
        let key = format!("spawns[{index}]");
        if !catalog.objects.contains_key(&spawn.kind) {
            faults.add(file, &key, format!("kind {} does not exist", spawn.kind));
        }
        if !inside(spawn.center) {
            faults.add(file, &key, "center lies outside the world");
        }
        faults.range(file, &key, "count", spawn.count.into(), (1, 10_000));
        faults.range(file, &key, "per_minute", spawn.per_minute.into(), (1, 6_000));
        faults.range(file, &key, "radius_units", spawn.radius_units.into(), (0, 20_000));
    }
}

fn check_gate(catalog: &Catalog, sector: &Sector, gate: &Gate, faults: &mut Faults) {
    let file = &sector_file(sector);
    match catalog.sectors.get(&gate.to_sector) {
        None => faults.add(file, &gate.key, format!("to_sector {} does not exist", gate.to_sector)),
        Some(target) if !target.gates.iter().any(|other| other.key == gate.to_gate) => {
            faults.add(file, &gate.key, format!("to_gate {} does not exist in {}", gate.to_gate, gate.to_sector));
        }
        Some(_) => {}
    }
}
