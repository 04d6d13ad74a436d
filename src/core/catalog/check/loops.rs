//! Blueprints make neither goods nor money out of nothing.
//!
//! Goods: along every loop of blueprints, what is made per piece that goes in, multiplied around the loop, is at most
//! one. Then every item can be given a weight so that no blueprint makes more weight than it takes of any of its inputs,
//! and so no combination of blueprints gains anything.
//!
//! Money: what can be made from nothing but hubs' supplies costs at least what any hub pays for it. So each credit that
//! hubs pay is for something that somebody has gathered.

use std::collections::BTreeMap;

use super::super::economy::Blueprint;
use super::super::model::Catalog;
use super::{Faults, best_prices};
use crate::types::ItemKey;

const FILE: &str = "blueprints.toml";
/// Below this, a logarithm differs from zero by rounding only.
const ROUNDING: f64 = 1e-9;

pub(super) fn check(catalog: &Catalog, faults: &mut Faults) {
    let growing = growing_items(catalog);
    if let Some(first) = growing.first() {
        let names: Vec<&str> = growing.iter().map(|item| item.as_str()).collect();
        faults.add(FILE, first, format!("a loop of blueprints makes more than it takes of {}", names.join(", ")));
    }
    let best = best_prices(catalog);
    for (item, cost) in supply_costs(catalog) {
        // Hubs' own prices of supplies are looked at where hubs are.
        let supplied = catalog.hubs().any(|hub| hub.sells.contains_key(item));
        if let Some(paid) = best.get(item).filter(|paid| !supplied && as_float(paid.0) > cost + ROUNDING) {
            faults.add(
                FILE,
                item,
                format!("made from supplies alone it costs {cost:.1}, but a hub pays {paid} for it"),
            );
        }
    }
}

/// The items that a loop of blueprints multiplies: the best product of yields along any way from one item to another
/// (Floyd and Warshall, over logarithms), where the way from an item to itself yields more than one.
fn growing_items(catalog: &Catalog) -> Vec<&ItemKey> {
    let numbers: BTreeMap<&ItemKey, usize> = catalog.items.keys().zip(0..).collect();
    let count = numbers.len();
    let mut best = vec![vec![f64::NEG_INFINITY; count]; count];
    for blueprint in catalog.blueprints.values() {
        for (input, quantity) in &blueprint.inputs {
            if let (Some(from), Some(to)) = (numbers.get(input), numbers.get(&blueprint.output)) {
                let yielded = (as_float(blueprint.output_quantity.0) / as_float(quantity.0.max(1))).ln();
                best[*from][*to] = best[*from][*to].max(yielded);
            }
        }
    }
    for via in 0..count {
        let onward = best[via].clone();
        for ways in &mut best {
            let first = ways[via];
            for (way, rest) in ways.iter_mut().zip(&onward) {
                *way = way.max(first + rest);
            }
        }
    }
    numbers.into_iter().filter(|(_, number)| best[*number][*number] > ROUNDING).map(|(item, _)| item).collect()
}

/// What a piece costs that is made from nothing but supplies, for all items of which that is possible.
fn supply_costs(catalog: &Catalog) -> BTreeMap<&ItemKey, f64> {
    let mut costs: BTreeMap<&ItemKey, f64> = BTreeMap::new();
    for (item, price) in catalog.hubs().flat_map(|hub| &hub.sells) {
        let cost = costs.entry(item).or_insert(f64::INFINITY);
        *cost = cost.min(as_float(price.0));
    }
    // Every round settles at least one item for good, unless a loop makes goods out of nothing.
    for _ in 0..catalog.items.len() {
        for blueprint in catalog.blueprints.values() {
            if let Some(made) = cost_of(blueprint, &costs) {
                let cost = costs.entry(&blueprint.output).or_insert(f64::INFINITY);
                *cost = cost.min(made);
            }
        }
    }
    costs
}

fn cost_of(blueprint: &Blueprint, costs: &BTreeMap<&ItemKey, f64>) -> Option<f64> {
    let mut sum = as_float(blueprint.fee.0);
    for (input, quantity) in &blueprint.inputs {
        sum += costs.get(input)? * as_float(quantity.0);
    }
    Some(sum / as_float(blueprint.output_quantity.0.max(1)))
}

#[allow(clippy::cast_precision_loss, reason = "checked numbers are far below 2^52")]
fn as_float(number: u64) -> f64 {
    number as f64
}
