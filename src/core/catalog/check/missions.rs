//! Kinds of missions: what they name exists, each can be completed, and no more is promised than there is.

use super::super::economy::{MissionKind, MissionPhase};
use super::super::model::Catalog;
use super::{CREDITS_MAX, Faults, SECONDS_MAX, check_goods};

const FILE: &str = "missions.toml";
/// A mission's id is its kind's key and a number.
const KEY_CHARS_MAX: usize = 32;
const PHASES_MAX: usize = 20;
/// One that is to begin once a year can still be said.
const EVERY_SECONDS_MAX: u64 = 366 * 86_400;

pub(super) fn check(catalog: &Catalog, faults: &mut Faults) {
    for mission in catalog.missions.values() {
        let key = &mission.key;
        if key.as_str().len() > KEY_CHARS_MAX {
            faults.add(FILE, key, format!("key must have at most {KEY_CHARS_MAX} characters"));
        }
        if catalog.hub(&mission.hub).is_none() {
            faults.add(FILE, key, format!("hub {} does not exist", mission.hub));
        }
        check_times(mission, faults);
        check_rewards(catalog, mission, faults);
        if mission.phases.is_empty() || mission.phases.len() > PHASES_MAX {
            faults.add(FILE, key, format!("phases must be 1 to {PHASES_MAX}"));
        }
        for (number, phase) in mission.phases.iter().enumerate() {
            check_phase(catalog, mission, number, phase, faults);
        }
    }
}

fn check_times(mission: &MissionKind, faults: &mut Faults) {
    faults.range(FILE, &mission.key, "every_seconds", mission.every_seconds, (0, EVERY_SECONDS_MAX));
    let longest = if mission.every_seconds == 0 { SECONDS_MAX } else { SECONDS_MAX.min(mission.every_seconds) };
    faults.range(FILE, &mission.key, "seconds", mission.seconds, (1, longest));
}

fn check_rewards(catalog: &Catalog, mission: &MissionKind, faults: &mut Faults) {
    faults.range(FILE, &mission.key, "reward", mission.reward.0, (1, CREDITS_MAX));
    let shares = mission.rank_permille.iter().fold(0, |sum: u64, share| sum.saturating_add(*share));
    faults.range(FILE, &mission.key, "the sum of rank_permille", shares, (0, 1_000));
    check_goods(catalog, (FILE, &mission.key, "rank_goods"), &mission.rank_goods, faults);
}

fn check_phase(catalog: &Catalog, mission: &MissionKind, number: usize, phase: &MissionPhase, faults: &mut Faults) {
    let key = &mission.key;
    if phase.needs.is_empty() {
        faults.add(FILE, key, format!("phases[{number}].needs must name at least one item"));
    }
    check_goods(catalog, (FILE, key, &format!("phases[{number}].needs")), &phase.needs, faults);
    for (item, points) in &phase.points {
        if !phase.needs.contains_key(item) {
            faults.add(FILE, key, format!("phases[{number}].points.{item}: the phase does not need it"));
        }
        faults.range(FILE, key, &format!("phases[{number}].points.{item}"), *points, (1, 10_000));
    }
}
