//! The goods in a ship's hold.

use std::collections::BTreeMap;

use crate::catalog::Catalog;
use crate::types::{ItemKey, Quantity, Volume};

/// Goods by item. No item is there with quantity 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inventory(BTreeMap<ItemKey, Quantity>);

impl Inventory {
    /// Goods from stored rows; entries of quantity 0 are left out.
    #[must_use]
    pub fn from_goods(goods: impl IntoIterator<Item = (ItemKey, Quantity)>) -> Self {
        Self(goods.into_iter().filter(|(_, quantity)| *quantity > Quantity::ZERO).collect())
    }

    /// All goods, by key.
    pub fn iter(&self) -> impl Iterator<Item = (&ItemKey, Quantity)> {
        self.0.iter().map(|(item, quantity)| (item, *quantity))
    }

    /// How many of an item.
    #[must_use]
    pub fn quantity(&self, item: &ItemKey) -> Quantity {
        self.0.get(item).copied().unwrap_or_default()
    }

    /// The room they take. Items that the catalogue no longer has take none.
    #[must_use]
    pub fn volume(&self, catalog: &Catalog) -> Volume {
        let volume_of = |(item, quantity): (&ItemKey, Quantity)| {
            catalog.items.get(item).and_then(|kind| kind.volume.checked_mul(quantity.0)).unwrap_or_default()
        };
        self.iter().map(volume_of).fold(Volume::ZERO, |sum, volume| sum.checked_add(volume).unwrap_or(Volume::MAX))
    }

    /// Whether there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds goods; `None` and no change when the quantity would exceed its largest value.
    #[must_use]
    pub fn add(&mut self, item: &ItemKey, quantity: Quantity) -> Option<()> {
        let sum = self.quantity(item).checked_add(quantity)?;
        if sum > Quantity::ZERO {
            self.0.insert(item.clone(), sum);
        }
        Some(())
    }

    /// Takes goods away; `None` and no change when there are fewer.
    #[must_use]
    pub fn take(&mut self, item: &ItemKey, quantity: Quantity) -> Option<()> {
        let rest = self.quantity(item).checked_sub(quantity)?;
        if rest == Quantity::ZERO {
            self.0.remove(item);
        } else {
            self.0.insert(item.clone(), rest);
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_there_cannot_be_taken() {
        let ore = ItemKey::parse("ore").unwrap();
        let mut hold = Inventory::default();
        assert_eq!(hold.add(&ore, Quantity(3)), Some(()));
        assert_eq!(hold.take(&ore, Quantity(4)), None);
        assert_eq!(hold.quantity(&ore), Quantity(3));
        assert_eq!(hold.take(&ore, Quantity(3)), Some(()));
        assert_eq!(hold, Inventory::default());
        assert_eq!(hold.add(&ore, Quantity::MAX), Some(()));
        assert_eq!(hold.add(&ore, Quantity(1)), None);
    }
}
