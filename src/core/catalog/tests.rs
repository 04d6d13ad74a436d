//! Every fault of a catalogue is found at once, with file, key and rule.

use std::fs;
use std::path::{Path, PathBuf};

use super::load;

/// A copy of the project's catalogue in a temporary folder, to be spoiled.
struct Copy(PathBuf);

impl Copy {
    fn new(name: &str) -> Self {
        let target = std::env::temp_dir().join(format!("orrery-catalog-{}-{name}", std::process::id()));
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/catalog");
        fs::create_dir_all(target.join("sectors")).unwrap();
        for folder in ["", "sectors"] {
            for entry in fs::read_dir(source.join(folder)).unwrap().flatten() {
                if entry.path().is_file() {
                    fs::copy(entry.path(), target.join(folder).join(entry.file_name())).unwrap();
                }
            }
        }
        Self(target)
    }

    fn replace(&self, file: &str, from: &str, to: &str) {
        let path = self.0.join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{from:?} is not in {file}");
        fs::write(path, text.replacen(from, to, 1)).unwrap();
    }

    fn faults(&self) -> Vec<String> {
        load(&self.0).err().unwrap_or_default().iter().map(ToString::to_string).collect()
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn the_projects_own_catalogue_is_sound() {
    let copy = Copy::new("sound");
    assert_eq!(copy.faults(), Vec::<String>::new());
}

#[test]
fn references_circles_and_ranges_are_all_reported_at_once() {
    let copy = Copy::new("faulty");
    copy.replace("galaxy.toml", "\"sloop\"", "\"sloopy\"");
    copy.replace("objects.toml", "item = \"ice\"", "item = \"nice\"");
    copy.replace("ships.toml", "speed_units = 50", "speed_units = 0");
    copy.replace("techs.toml", "key = \"ion_tuning\"", "key = \"ion_tuning\"\nrequires = [\"antimatter_drive\"]");
    copy.replace("sectors/sol.toml", "to_gate = \"vega_sol\"", "to_gate = \"vega_nowhere\"");
    copy.replace("sectors/vega.toml", "number = 2", "number = 1");
    let faults = copy.faults();
    for expected in [
        "galaxy.toml: start: ship sloopy does not exist",
        "objects.toml: ice_chunk: item nice does not exist",
        "ships.toml: sloop: speed_units is 0, but must be 1 to 1000",
        "techs.toml: antimatter_drive: requirements go round in a circle among antimatter_drive, fusion_drive, ion_tuning",
        "sectors/sol.toml: sol_vega: to_gate vega_nowhere does not exist in vega",
        "sectors/vega.toml: vega: number 1 is sol's already",
    ] {
        assert!(faults.iter().any(|fault| fault == expected), "{expected:?} is missing in {faults:#?}");
    }
    assert_eq!(faults.len(), 6, "{faults:#?}");
}

#[test]
fn duplicates_and_files_that_do_not_parse_are_reported_together() {
    let copy = Copy::new("duplicate");
    copy.replace("items.toml", "key = \"iron_ore\"", "key = \"ice\"");
    copy.replace("ships.toml", "speed_units = 50", "speed_units = \"fast\"");
    let faults = copy.faults();
    assert_eq!(faults.len(), 2, "{faults:#?}");
    assert_eq!(faults[0], "items.toml: ice: duplicate id");
    assert!(faults[1].starts_with("ships.toml: line "), "{}", faults[1]);
}
