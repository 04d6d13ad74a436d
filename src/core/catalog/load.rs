//! Reads the catalogue's files. Everything wrong is reported at once: a file that does not parse does not hide the
//! faults of the others.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt::Display;
use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::check::{Fault, Faults, check};
use super::economy::{Blueprint, Economy, MissionKind};
use super::model::{Catalog, Item, ObjectKind, Sector, ShipKind, Start, Tech};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GalaxyFile {
    start: Start,
}

/// `items.toml` and its like: `[[entry]]` tables only.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EntriesFile<T> {
    #[serde(default = "Vec::new")]
    entry: Vec<T>,
}

/// Reads and checks the catalogue in `folder`.
///
/// # Errors
/// Every fault there is, in the order of files and keys.
pub fn load(folder: &Path) -> Result<Catalog, Vec<Fault>> {
    let mut faults = Faults::default();
    let galaxy: Option<GalaxyFile> = read(folder, "galaxy.toml", &mut faults);
    let items = read_entries(folder, "items.toml", |item: &Item| item.key.clone(), &mut faults);
    let ships = read_entries(folder, "ships.toml", |ship: &ShipKind| ship.key.clone(), &mut faults);
    let objects = read_entries(folder, "objects.toml", |object: &ObjectKind| object.key.clone(), &mut faults);
    let techs = read_entries(folder, "techs.toml", |tech: &Tech| tech.key.clone(), &mut faults);
    let blueprints = read_entries(folder, "blueprints.toml", |made: &Blueprint| made.key.clone(), &mut faults);
    let missions = read_entries(folder, "missions.toml", |mission: &MissionKind| mission.key.clone(), &mut faults);
    let economy: Option<Economy> = read(folder, "economy.toml", &mut faults);
    let sectors = read_sectors(folder, &mut faults);
    if let (Some(GalaxyFile { start }), Some(economy)) = (galaxy, economy) {
        let catalog = Catalog { start, economy, items, ships, objects, techs, blueprints, missions, sectors };
        // A file that did not parse would only make its entries look missing everywhere else.
        if faults.0.is_empty() {
            check(&catalog, &mut faults);
        }
        if faults.0.is_empty() {
            return Ok(catalog);
        }
    }
    faults.0.sort();
    Err(faults.0)
}

fn read<T: DeserializeOwned>(folder: &Path, file: &str, faults: &mut Faults) -> Option<T> {
    let text = match std::fs::read_to_string(folder.join(file)) {
        Ok(text) => text,
        Err(error) => {
            faults.add(file, "", format!("cannot be read: {error}"));
            return None;
        }
    };
    match toml::from_str(&text) {
        Ok(parsed) => Some(parsed),
        Err(error) => {
            let line = error.span().map_or(0, |span| text[..span.start].lines().count().max(1));
            faults.add(file, format_args!("line {line}"), error.message().to_owned());
            None
        }
    }
}

fn read_entries<K: Ord + Display, T: DeserializeOwned>(
    folder: &Path,
    file: &str,
    key: impl Fn(&T) -> K,
    faults: &mut Faults,
) -> BTreeMap<K, T> {
    let mut entries = BTreeMap::new();
    for entry in read::<EntriesFile<T>>(folder, file, faults).map(|file| file.entry).unwrap_or_default() {
        match entries.entry(key(&entry)) {
            Entry::Occupied(first) => faults.add(file, first.key(), "duplicate id"),
            Entry::Vacant(place) => drop(place.insert(entry)),
        }
    }
    entries
}

fn read_sectors(folder: &Path, faults: &mut Faults) -> BTreeMap<crate::types::WorldKey, Sector> {
    let mut sectors = BTreeMap::new();
    let names = match std::fs::read_dir(folder.join("sectors")) {
        Ok(entries) => {
            let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
            let mut names: Vec<String> = names.filter(|name| name.ends_with(".toml")).collect();
            names.sort();
            names
        }
        Err(error) => {
            faults.add("sectors", "", format!("cannot be read: {error}"));
            return sectors;
        }
    };
    for name in names {
        let file = format!("sectors/{name}");
        let Some(sector) = read::<Sector>(folder, &file, faults) else { continue };
        if name.trim_end_matches(".toml") != sector.key.as_str() {
            faults.add(&file, &sector.key, "the file must be named after the sector's key");
        }
        sectors.insert(sector.key.clone(), sector);
    }
    if sectors.is_empty() && faults.0.is_empty() {
        faults.add("sectors", "", "there must be at least one sector");
    }
    sectors
}
