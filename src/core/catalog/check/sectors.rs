//! Worlds: places inside them, gates that lead somewhere, spawns of what exists.

use std::collections::BTreeMap;

use super::super::model::{Catalog, Gate, Sector};
use super::Faults;
use crate::types::{GateKey, HubKey, Point};

pub(super) fn check(catalog: &Catalog, faults: &mut Faults) {
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
    let border = |at: i32| sector.size_units.saturating_sub(at.unsigned_abs()).min(at.unsigned_abs());
    let nearest = border(sector.entry.x).min(border(sector.entry.y));
    faults.range(file, &sector.key, "entry_spread_units", sector.entry_spread_units.into(), (0, nearest.into()));
    for hub in &sector.hubs {
        if !inside(hub.at) {
            faults.add(file, &hub.key, "at lies outside the world");
        }
        faults.range(file, &hub.key, "range_units", hub.range_units.into(), (1, 1_000));
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
