//! The tech tree: ranges, and requirements that can be met.

use std::collections::{BTreeMap, BTreeSet};

use super::super::model::{Catalog, Tech};
use super::{CREDITS_MAX, Faults, SECONDS_MAX};
use crate::types::TechKey;

pub(super) fn check(catalog: &Catalog, faults: &mut Faults) {
    let file = "techs.toml";
    for tech in catalog.techs.values() {
        for required in tech.requires.iter().filter(|required| !catalog.techs.contains_key(*required)) {
            faults.add(file, &tech.key, format!("requires {required}, which does not exist"));
        }
        faults.range(file, &tech.key, "seconds", tech.seconds, (1, SECONDS_MAX));
        faults.range(file, &tech.key, "cost", tech.cost.0, (0, CREDITS_MAX));
        for effect in &tech.effects {
            faults.range(file, &tech.key, "effects.percent", effect.percent.into(), (1, 500));
        }
    }
    let stuck = circular_techs(&catalog.techs);
    if !stuck.is_empty() {
        let names: Vec<&str> = stuck.iter().map(|key| key.as_str()).collect();
        faults.add(file, names[0], format!("requirements go round in a circle among {}", names.join(", ")));
    }
}

/// Technologies that stand in a circle of requirements, or between two: what is left when everything that requires
/// nothing that is left, or that nothing left requires, is taken away, again and again (Kahn's algorithm, both ways).
fn circular_techs(techs: &BTreeMap<TechKey, Tech>) -> BTreeSet<&TechKey> {
    let mut left: BTreeSet<&TechKey> = techs.keys().collect();
    loop {
        let needed: BTreeSet<&TechKey> = left.iter().flat_map(|key| &techs[*key].requires).collect();
        let requires_left = |key: &TechKey| techs[key].requires.iter().any(|required| left.contains(required));
        let circular: BTreeSet<&TechKey> =
            left.iter().copied().filter(|key| needed.contains(key) && requires_left(key)).collect();
        if circular.len() == left.len() {
            return left;
        }
        left = circular;
    }
}
