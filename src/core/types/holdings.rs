//! Credits and goods together: what an account holds, a transfer carries, an escrow keeps.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Credits, ItemKey, Quantity};

/// An amount of credits and of goods. No item is there with quantity 0.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holdings {
    /// The credits.
    #[serde(default)]
    pub credits: Credits,
    /// The goods, by item.
    #[serde(default)]
    pub goods: BTreeMap<ItemKey, Quantity>,
}

impl Holdings {
    /// Credits only.
    #[must_use]
    pub fn of_credits(credits: Credits) -> Self {
        Self { credits, goods: BTreeMap::new() }
    }

    /// Pieces of one item only.
    #[must_use]
    pub fn of_goods(item: ItemKey, quantity: Quantity) -> Self {
        Self { credits: Credits::ZERO, goods: BTreeMap::new() }.and_goods(item, quantity)
    }

    /// These, and credits in place of those that were in it.
    #[must_use]
    pub fn with_credits(self, credits: Credits) -> Self {
        Self { credits, ..self }
    }

    /// These, and pieces of an item in place of those that were in it.
    #[must_use]
    pub fn and_goods(mut self, item: ItemKey, quantity: Quantity) -> Self {
        if quantity > Quantity::ZERO {
            self.goods.insert(item, quantity);
        }
        self
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.credits == Credits::ZERO && self.goods.is_empty()
    }

    /// Adds; `None` and no change when an amount would exceed its largest value.
    #[must_use]
    pub fn add(&mut self, other: &Self) -> Option<()> {
        let credits = self.credits.checked_add(other.credits)?;
        let mut goods = self.goods.clone();
        for (item, quantity) in &other.goods {
            let sum = goods.entry(item.clone()).or_default().checked_add(*quantity)?;
            goods.insert(item.clone(), sum);
        }
        *self = Self { credits, goods };
        Some(())
    }
}
