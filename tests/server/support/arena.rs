//! The content that tests play with: the real catalogue, but everything is near, quick and cheap, so that no test has
//! to fly for long or wait for a research.

use std::path::Path;

use toml::{Table, Value};

/// What differs from one test's arena to another's.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arena {
    /// Objects around the entry, all within everybody's reach.
    pub(crate) objects: i64,
    /// Side of the worlds' reach: a hub, gates and objects are within it.
    pub(crate) reach_units: i64,
    /// Kinds of missions in place of the real ones: a `missions.toml`.
    pub(crate) missions: Option<&'static str>,
}

impl Default for Arena {
    fn default() -> Self {
        Self { objects: 40, reach_units: 1_000, missions: None }
    }
}

impl Arena {
    /// Writes the content into `assets`, where a server will find it.
    pub(crate) fn write(&self, assets: &Path) {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/catalog");
        let to = assets.join("catalog");
        std::fs::create_dir_all(to.join("sectors")).unwrap();
        for file in files(&from) {
            edit(&from.join(&file), &to.join(&file), |content| self.change(&file, content));
        }
        if let Some(missions) = self.missions {
            std::fs::write(to.join("missions.toml"), missions).unwrap();
        }
        for sector in files(&from.join("sectors")) {
            let path = Path::new("sectors").join(sector);
            edit(&from.join(&path), &to.join(&path), |content| self.change_sector(content));
        }
    }

    fn change(&self, file: &str, content: &mut Table) {
        if file == "economy.toml" {
            let guild = content["guild"].as_table_mut().unwrap();
            guild.insert("founding_fee".into(), 50.into());
        }
        for entry in entries(content, "entry") {
            match file {
                "ships.toml" => {
                    entry.insert("speed_units".into(), 400.into());
                    entry.insert("cargo_volume".into(), 1_000_000.into());
                    entry.insert("collect_range_units".into(), self.reach_units.into());
                }
                "techs.toml" if entry["key"].as_str() != Some("fusion_drive") => {
                    entry.insert("seconds".into(), 1.into());
                }
                _ => {}
            }
        }
    }

    fn change_sector(&self, content: &mut Table) {
        let entry = content["entry"].clone();
        // All in sight of each other, however many come.
        content.remove("entry_spread_units");
        for places in ["hubs", "gates"] {
            entries(content, places)
                .for_each(|place| drop(place.insert("range_units".into(), self.reach_units.into())));
        }
        let mut spawn = entries(content, "spawns").next().unwrap().clone();
        for (key, value) in [("count", self.objects), ("per_minute", 1), ("radius_units", 50)] {
            spawn.insert(key.into(), value.into());
        }
        spawn.insert("center".into(), entry);
        content.insert("spawns".into(), Value::Array(vec![spawn.into()]));
    }
}

/// The names of the files in a folder.
fn files(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries.filter(|entry| entry.path().is_file()).map(|entry| entry.file_name().into_string().unwrap()).collect()
}

fn edit(from: &Path, to: &Path, change: impl FnOnce(&mut Table)) {
    let mut content: Table = std::fs::read_to_string(from).unwrap().parse().unwrap();
    change(&mut content);
    std::fs::write(to, content.to_string()).unwrap();
}

fn entries<'a>(content: &'a mut Table, key: &str) -> impl Iterator<Item = &'a mut Table> {
    let list = content.get_mut(key).and_then(Value::as_array_mut);
    list.into_iter().flatten().filter_map(Value::as_table_mut)
}
