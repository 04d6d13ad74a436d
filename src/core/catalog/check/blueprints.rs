//! Blueprints: what they name exists, and their numbers are in range.

use super::super::model::Catalog;
use super::{CREDITS_MAX, Faults, PIECES_MAX, SECONDS_MAX, check_goods};

const FILE: &str = "blueprints.toml";

pub(super) fn check(catalog: &Catalog, faults: &mut Faults) {
    for blueprint in catalog.blueprints.values() {
        let key = &blueprint.key;
        if blueprint.inputs.is_empty() {
            faults.add(FILE, key, "inputs must name at least one item");
        }
        check_goods(catalog, (FILE, key, "inputs"), &blueprint.inputs, faults);
        if !catalog.items.contains_key(&blueprint.output) {
            faults.add(FILE, key, format!("output: item {} does not exist", blueprint.output));
        }
        faults.range(FILE, key, "output_quantity", blueprint.output_quantity.0, (1, PIECES_MAX));
        faults.range(FILE, key, "fee", blueprint.fee.0, (0, CREDITS_MAX));
        faults.range(FILE, key, "seconds", blueprint.seconds, (1, SECONDS_MAX));
        for tech in blueprint.requires.iter().filter(|tech| !catalog.techs.contains_key(*tech)) {
            faults.add(FILE, key, format!("requires {tech}, which does not exist"));
        }
        for hub in blueprint.hubs.iter().filter(|hub| catalog.hub(hub).is_none()) {
            faults.add(FILE, key, format!("hub {hub} does not exist"));
        }
    }
}
