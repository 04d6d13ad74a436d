//! What hubs buy, sell and build. No hub sells an item for less than some hub pays for it: nobody gets rich by carrying
//! supplies around, let alone without leaving the dock.

use super::super::model::{Catalog, Hub};
use super::sectors::sector_file;
use super::{CREDITS_MAX, Faults, best_prices};

pub(super) fn check(catalog: &Catalog, faults: &mut Faults) {
    let best = best_prices(catalog);
    for sector in catalog.sectors.values() {
        let file = &sector_file(sector);
        for hub in &sector.hubs {
            check_prices(catalog, file, hub, faults);
            for (item, price) in &hub.sells {
                if let Some(paid) = best.get(item).filter(|paid| *paid > price) {
                    faults.add(file, &hub.key, format!("sells.{item} is {price}, but a hub pays {paid} for it"));
                }
            }
        }
    }
}

fn check_prices(catalog: &Catalog, file: &str, hub: &Hub, faults: &mut Faults) {
    for (verb, prices) in [("buys", &hub.buys), ("sells", &hub.sells)] {
        for (item, price) in prices {
            if !catalog.items.contains_key(item) {
                faults.add(file, &hub.key, format!("{verb} {item}, which does not exist"));
            }
            faults.range(file, &hub.key, &format!("{verb}.{item}"), price.0, (1, CREDITS_MAX));
        }
    }
    for ship in hub.ships.iter().filter(|ship| !catalog.ships.contains_key(*ship)) {
        faults.add(file, &hub.key, format!("sells ship {ship}, which does not exist"));
    }
}
