//! What a ship can do, derived from its kind and the owner's research; and what the player has done so far.

use super::Player;
use crate::catalog::{Catalog, Stat};
use crate::types::{Credits, FIXED_PER_UNIT, ShipKindKey, Volume};

/// What a ship can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShipStats {
    /// The kind of ship.
    pub kind: ShipKindKey,
    /// Fixed-point steps per second; at least 1.
    pub speed: u32,
    /// The room in the hold.
    pub cargo_capacity: Volume,
    /// How far away it collects, in fixed-point steps.
    pub collect_range: u32,
}

/// Since the account exists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lifetime {
    /// Objects collected.
    pub objects_collected: u64,
    /// Pieces sold.
    pub pieces_sold: u64,
    /// Credits earned by sales.
    pub credits_earned: Credits,
    /// Credits spent.
    pub credits_spent: Credits,
    /// Technologies researched.
    pub techs_researched: u64,
    /// Jumps made.
    pub jumps: u64,
}

impl Player {
    /// The ship's numbers: the kind's own, plus the per cent of every known technology. A ship kind that the
    /// catalogue no longer has counts as the one that new players get.
    #[must_use]
    pub fn ship_stats(&self, catalog: &Catalog) -> ShipStats {
        let kind = catalog.ships.get(&self.ship).unwrap_or_else(|| &catalog.ships[&catalog.start.ship]);
        let improved = |stat: Stat, base: u64| base.saturating_mul(100 + self.tech_percent(stat, catalog)) / 100;
        let fixed = |units: u32| u64::from(units) * u64::from(FIXED_PER_UNIT.unsigned_abs());
        let small = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        ShipStats {
            kind: kind.key.clone(),
            speed: small(improved(Stat::Speed, fixed(kind.speed_units))),
            cargo_capacity: Volume(improved(Stat::Cargo, kind.cargo_volume.0).min(Volume::MAX.0)),
            collect_range: small(improved(Stat::CollectRange, fixed(kind.collect_range_units))),
        }
    }

    /// By how many per cent everything known improves a number.
    pub(super) fn tech_percent(&self, stat: Stat, catalog: &Catalog) -> u64 {
        let effects = self.known.iter().filter_map(|tech| catalog.techs.get(tech)).flat_map(|tech| &tech.effects);
        effects.filter(|effect| effect.stat == stat).map(|effect| u64::from(effect.percent)).sum()
    }

    /// The room left in the hold.
    #[must_use]
    pub fn free_volume(&self, catalog: &Catalog) -> Volume {
        let capacity = self.ship_stats(catalog).cargo_capacity;
        capacity.checked_sub(self.cargo.volume(catalog)).unwrap_or_default()
    }
}
