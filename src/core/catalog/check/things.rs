//! How players begin; goods, ships and objects.

use super::super::model::Catalog;
use super::{CREDITS_MAX, Faults, PIECES_MAX};

pub(super) fn check(catalog: &Catalog, faults: &mut Faults) {
    check_start(catalog, faults);
    for item in catalog.items.values() {
        faults.range("items.toml", &item.key, "volume", item.volume.0, (1, PIECES_MAX));
    }
    for ship in catalog.ships.values() {
        faults.range("ships.toml", &ship.key, "speed_units", ship.speed_units.into(), (1, 1_000));
        faults.range("ships.toml", &ship.key, "cargo_volume", ship.cargo_volume.0, (1, 1_000_000_000));
        faults.range("ships.toml", &ship.key, "collect_range_units", ship.collect_range_units.into(), (1, 1_000));
        faults.range("ships.toml", &ship.key, "price", ship.price.0, (0, CREDITS_MAX));
    }
    for object in catalog.objects.values() {
        let key = &object.key;
        if !catalog.items.contains_key(&object.item) {
            faults.add("objects.toml", key, format!("item {} does not exist", object.item));
        }
        faults.range("objects.toml", key, "quantity_min", object.quantity_min, (1, object.quantity_max));
        faults.range("objects.toml", key, "quantity_max", object.quantity_max, (1, PIECES_MAX));
    }
}

fn check_start(catalog: &Catalog, faults: &mut Faults) {
    let file = "galaxy.toml";
    if !catalog.sectors.contains_key(&catalog.start.sector) {
        faults.add(file, "start", format!("sector {} does not exist", catalog.start.sector));
    }
    if !catalog.ships.contains_key(&catalog.start.ship) {
        faults.add(file, "start", format!("ship {} does not exist", catalog.start.ship));
    }
    faults.range(file, "start", "credits", catalog.start.credits.0, (0, CREDITS_MAX));
}
