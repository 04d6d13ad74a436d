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
    copy.replace("sectors/sol.toml", "entry_spread_units = 600", "entry_spread_units = 1001");
    let faults = copy.faults();
    for expected in [
        "galaxy.toml: start: ship sloopy does not exist",
        "objects.toml: ice_chunk: item nice does not exist",
        "ships.toml: sloop: speed_units is 0, but must be 1 to 1000",
        "techs.toml: antimatter_drive: requirements go round in a circle among antimatter_drive, fusion_drive, ion_tuning",
        "sectors/sol.toml: sol_vega: to_gate vega_nowhere does not exist in vega",
        "sectors/vega.toml: vega: number 1 is sol's already",
        "sectors/sol.toml: sol: entry_spread_units is 1001, but must be 0 to 1000",
    ] {
        assert!(faults.iter().any(|fault| fault == expected), "{expected:?} is missing in {faults:#?}");
    }
    assert_eq!(faults.len(), 7, "{faults:#?}");
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

#[test]
fn faults_of_the_economy_are_all_reported_at_once() {
    let copy = Copy::new("economy");
    copy.replace("economy.toml", "refund_permille = 500", "refund_permille = 1500");
    copy.replace("economy.toml", "above = 50000", "above = 5000");
    copy.replace("blueprints.toml", "inputs = { ice = 4 }", "inputs = {}");
    copy.replace("blueprints.toml", "inputs = { salvage = 2 }", "inputs = { scrap = 0 }");
    copy.replace("blueprints.toml", "[\"glassworks\"]", "[\"glassmaking\"]");
    copy.replace("blueprints.toml", "[\"luna_exchange\", \"mars_foundry\"", "[\"luna_mall\", \"mars_foundry\"");
    copy.replace("missions.toml", "key = \"ice_run\"", "key = \"ice_run_that_goes_on_and_on_and_on\"");
    copy.replace("missions.toml", "hub = \"drift_market\"", "hub = \"lift_market\"");
    copy.replace("missions.toml", "every_seconds = 7200", "every_seconds = 1200");
    copy.replace("missions.toml", "[120, 80,", "[821, 80,");
    copy.replace("missions.toml", "phases = [{ needs = { salvage = 80 } }]", "phases = []");
    copy.replace("missions.toml", "points = { pure_water = 2 }", "points = { fire_water = 2 }");
    copy.replace("sectors/sol.toml", "ships = [\"hauler\"]", "ships = [\"howler\"]");
    copy.replace("sectors/sol.toml", "iron_ore = 22", "iron_ore = 8");
    let faults = copy.faults();
    for expected in [
        "blueprints.toml: glass_blowing: requires glassmaking, which does not exist",
        "blueprints.toml: part_stripping: inputs.scrap is 0, but must be 1 to 1000000",
        "blueprints.toml: part_stripping: inputs: item scrap does not exist",
        "blueprints.toml: smelting: hub luna_mall does not exist",
        "blueprints.toml: water_works: inputs must name at least one item",
        "economy.toml: craft: refund_permille is 1500, but must be 0 to 1000",
        "economy.toml: hub_tax[1]: above and permille must be larger than those of the bracket before",
        "missions.toml: harvest_feast: phases[0].points.fire_water: the phase does not need it",
        "missions.toml: ice_run_that_goes_on_and_on_and_on: key must have at most 32 characters",
        "missions.toml: refinery_shift: the sum of rank_permille is 1001, but must be 0 to 1000",
        "missions.toml: scrap_hour: hub lift_market does not exist",
        "missions.toml: scrap_hour: phases must be 1 to 20",
        "missions.toml: scrap_hour: seconds is 1800, but must be 1 to 1200",
        "sectors/sol.toml: ceres_depot: sells ship howler, which does not exist",
        "sectors/sol.toml: mars_foundry: sells.iron_ore is 8, but a hub pays 9 for it",
    ] {
        assert!(faults.iter().any(|fault| fault == expected), "{expected:?} is missing in {faults:#?}");
    }
}

#[test]
fn nothing_is_made_of_nothing() {
    let copy = Copy::new("loops");
    // Salvage becomes spare parts, 2 to 3: so they may come back at 3 to 2, but not at 1 to 1.
    let back = "key = \"iron_plates\"\nname = \"Pressed parts\"\ninputs = { iron_ore = 2 }";
    copy.replace("blueprints.toml", back, "key = \"iron_plates\"\nname = \"x\"\ninputs = { spare_parts = 1, ice = 1 }");
    let circle = "blueprints.toml: salvage: a loop of blueprints makes more than it takes of salvage, spare_parts";
    assert_eq!(copy.faults(), vec![circle.to_owned()]);
    copy.replace("blueprints.toml", "spare_parts = 1, ice = 1", "spare_parts = 3, ice = 1");
    copy.replace(
        "blueprints.toml",
        "output = \"salvage\"\noutput_quantity = 1",
        "output = \"salvage\"\noutput_quantity = 2",
    );
    assert_eq!(copy.faults(), Vec::<String>::new());
}

#[test]
fn supplies_alone_are_not_made_into_money() {
    let copy = Copy::new("supplies");
    copy.replace("sectors/sol.toml", "iron_ore = 22", "iron_ore = 13");
    let expected = [
        "blueprints.toml: salvage: made from supplies alone it costs 27.0, but a hub pays 30 for it",
        "blueprints.toml: spare_parts: made from supplies alone it costs 19.7, but a hub pays 30 for it",
    ];
    assert_eq!(copy.faults(), expected);
}
