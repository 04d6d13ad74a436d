//! What makes content sound. Every fault is found in one go, each with file, key and rule.

mod blueprints;
mod economy;
mod loops;
mod missions;
mod sectors;
mod techs;
mod things;
mod trade;

use std::collections::BTreeMap;
use std::fmt;

use super::model::Catalog;
use crate::types::{Credits, ItemKey, Quantity};

/// The most that a price, a fee or a reward can be.
const CREDITS_MAX: u64 = 1_000_000_000;
/// The most pieces that one entry can ask for or give.
const PIECES_MAX: u64 = 1_000_000;
/// The longest that anything takes: 30 days.
const SECONDS_MAX: u64 = 30 * 86_400;

/// Something wrong in the content.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// The file, relative to the catalogue's folder.
    pub file: String,
    /// The key of the thing that is wrong; empty when the file as a whole is.
    pub key: String,
    /// The rule it breaks.
    pub rule: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.key.as_str() {
            "" => write!(f, "{}: {}", self.file, self.rule),
            key => write!(f, "{}: {key}: {}", self.file, self.rule),
        }
    }
}

/// Collects faults.
#[derive(Default)]
pub(super) struct Faults(pub(super) Vec<Fault>);

impl Faults {
    pub(super) fn add(&mut self, file: &str, key: impl fmt::Display, rule: impl Into<String>) {
        self.0.push(Fault { file: file.to_owned(), key: key.to_string(), rule: rule.into() });
    }

    pub(super) fn range(&mut self, file: &str, key: impl fmt::Display, field: &str, value: u64, allowed: (u64, u64)) {
        if value < allowed.0 || value > allowed.1 {
            self.add(file, key, format!("{field} is {value}, but must be {} to {}", allowed.0, allowed.1));
        }
    }
}

/// Checks everything that needs more than one entry, and every range.
pub(super) fn check(catalog: &Catalog, faults: &mut Faults) {
    economy::check(catalog, faults);
    things::check(catalog, faults);
    techs::check(catalog, faults);
    blueprints::check(catalog, faults);
    loops::check(catalog, faults);
    missions::check(catalog, faults);
    sectors::check(catalog, faults);
    trade::check(catalog, faults);
}

/// Goods that something asks for or gives: they exist, and there are as many as can be.
fn check_goods(
    catalog: &Catalog,
    (file, key, field): (&str, &dyn fmt::Display, &str),
    goods: &BTreeMap<ItemKey, Quantity>,
    faults: &mut Faults,
) {
    for (item, quantity) in goods {
        if !catalog.items.contains_key(item) {
            faults.add(file, key, format!("{field}: item {item} does not exist"));
        }
        faults.range(file, key, &format!("{field}.{item}"), quantity.0, (1, PIECES_MAX));
    }
}

/// The best price that any hub pays for each item.
fn best_prices(catalog: &Catalog) -> BTreeMap<&ItemKey, Credits> {
    let mut best = BTreeMap::new();
    for (item, price) in catalog.hubs().flat_map(|hub| &hub.buys) {
        let known = best.entry(item).or_insert(*price);
        *known = (*known).max(*price);
    }
    best
}
