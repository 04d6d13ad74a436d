//! Content for a run: a copy of the catalogue, changed so that more happens in less time, or there is more of it.

use std::fs;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// A copy in this folder, with missions that begin every 40 seconds and end after 35; returns the folder.
pub fn with_short_missions(folder: &Path) -> PathBuf {
    copy(&Path::new(ROOT).join("assets"), folder);
    change(&folder.join("catalog/missions.toml"), |missions| {
        for mission in entries(missions) {
            mission.insert("every_seconds".to_owned(), Value::Integer(40));
            mission.insert("seconds".to_owned(), Value::Integer(35));
        }
    });
    folder.to_owned()
}

/// A copy in this folder with so many more items, which this hub buys and sells; new players are rich and their ships
/// roomy, and appear at the entry however many there are. Returns the folder.
pub fn with_many_items(folder: &Path, items: usize, hub: &str) -> PathBuf {
    copy(&Path::new(ROOT).join("assets"), folder);
    let catalog = folder.join("catalog");
    change(&catalog.join("items.toml"), |all| {
        let all = all["entry"].as_array_mut().unwrap();
        for key in (0..items).map(many_item) {
            let name = Value::String(key.clone());
            let item = [("key", name.clone()), ("name", name), ("volume", Value::Integer(1))];
            all.push(Value::Table(item.map(|(field, value)| (field.to_owned(), value)).into_iter().collect()));
        }
    });
    for sector in fs::read_dir(catalog.join("sectors")).unwrap() {
        change(&sector.unwrap().path(), |sector| {
            sector.remove("entry_spread_units");
            let hubs = sector.get_mut("hubs").into_iter().flat_map(|hubs| hubs.as_array_mut().unwrap());
            for hub in hubs.filter(|other| other["key"].as_str() == Some(hub)) {
                add_prices(hub.as_table_mut().unwrap(), items);
            }
        });
    }
    change(&catalog.join("galaxy.toml"), |galaxy| galaxy["start"]["credits"] = Value::Integer(1_000_000_000));
    change(&catalog.join("ships.toml"), |ships| {
        for ship in entries(ships) {
            ship.insert("cargo_volume".to_owned(), Value::Integer(100_000));
        }
    });
    folder.to_owned()
}

/// The key of an item that [`with_many_items`] adds.
pub fn many_item(index: usize) -> String {
    format!("thing_{index}")
}

fn add_prices(hub: &mut Table, items: usize) {
    for (table, price) in [("buys", 1), ("sells", 2)] {
        let prices = hub.entry(table).or_insert_with(|| Value::Table(Table::new()));
        prices.as_table_mut().unwrap().extend((0..items).map(|index| (many_item(index), Value::Integer(price))));
    }
}

fn entries(file: &mut Table) -> impl Iterator<Item = &mut Table> {
    file["entry"].as_array_mut().unwrap().iter_mut().map(|entry| entry.as_table_mut().unwrap())
}

fn change(path: &Path, how: impl FnOnce(&mut Table)) {
    let mut table: Table = fs::read_to_string(path).unwrap().parse().unwrap();
    how(&mut table);
    fs::write(path, table.to_string()).unwrap();
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
