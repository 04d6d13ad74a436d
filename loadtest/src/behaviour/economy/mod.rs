//! What players do in the economy. Each behaviour has a plan of its own; what they share is here: the way to a hub,
//! what goods are worth, and how to earn the first credits.

mod auction;
mod chat;
mod contract;
mod craft;
mod give;
mod guild;
mod market;
mod mission;

use std::collections::{BTreeMap, VecDeque};

use orrery_core::catalog::Hub;
use orrery_core::protocol::ClientMessage;
use orrery_core::protocol::client_message::{Jump, Sell};
use orrery_core::types::economy::storage::{Move, Supply};
use orrery_core::types::economy::{Ask, Deal};
use orrery_core::types::{Credits, GateKey, HubKey, ItemKey, Quantity, WorldKey};

pub(super) use chat::Chatterer;
pub(super) use contract::Contractor;
pub(super) use craft::Crafter;
pub(super) use give::Giver;
pub(super) use guild::Member;
pub(super) use market::Merchant;
pub(super) use mission::Runner;

use super::{Act, Behaviour as _, View, collect, fly_to, trade, wander};
use crate::dice::Dice;

/// Does a deal.
fn deal(deal: Deal) -> Act {
    Act::Command(ClientMessage::Deal(deal))
}

/// Asks a question.
fn ask(ask: Ask) -> Act {
    Act::Command(ClientMessage::Ask(ask))
}

/// Collects and sells, as every newcomer does until there is enough for something else.
fn earn(view: &View<'_>, dice: &mut Dice) -> Act {
    trade::Trader.act(view, dice)
}

/// Whether a deal is under way: the next one would be decided on books that are about to change.
fn is_waiting(view: &View<'_>) -> bool {
    view.economic_pending > 0
}

fn is_at(view: &View<'_>, hub: &Hub) -> bool {
    view.reaches(hub.position(), hub.range())
}

/// The hub of the ship's world that is nearest.
fn nearest_hub<'v>(view: &View<'v>) -> Option<&'v Hub> {
    view.sector.hubs.iter().min_by_key(|hub| view.position.distance_squared(hub.position()))
}

/// Flies to a hub, through gates if need be; `None` when it is in reach.
fn approach(view: &View<'_>, key: &HubKey, dice: &mut Dice) -> Option<Act> {
    if let Some(hub) = view.sector.hubs.iter().find(|hub| hub.key == *key) {
        return (!is_at(view, hub)).then(|| fly_to(hub.position()));
    }
    let gate = next_gate(view, key).and_then(|key| view.sector.gates.iter().find(|gate| gate.key == key));
    Some(match gate {
        Some(gate) if view.reaches(gate.position(), gate.range()) => {
            Act::Command(ClientMessage::Jump(Jump { gate: gate.key.clone() }))
        }
        Some(gate) => fly_to(gate.position()),
        None => wander(view, dice),
    })
}

/// The gate of this world on the shortest way to a hub: breadth first.
fn next_gate(view: &View<'_>, key: &HubKey) -> Option<GateKey> {
    let sectors = &view.catalog.sectors;
    let mut came_by: BTreeMap<&WorldKey, Option<&GateKey>> = BTreeMap::from([(&view.sector.key, None)]);
    let mut open: VecDeque<&WorldKey> = VecDeque::from([&view.sector.key]);
    while let Some(world) = open.pop_front() {
        let (sector, first) = (sectors.get(world)?, came_by.get(world).copied().flatten());
        if sector.hubs.iter().any(|hub| hub.key == *key) {
            return first.cloned();
        }
        for gate in &sector.gates {
            came_by.entry(&gate.to_sector).or_insert_with(|| {
                open.push_back(&gate.to_sector);
                Some(first.unwrap_or(&gate.key))
            });
        }
    }
    None
}

/// What a piece is worth: the best price that any hub pays, or a guess by its size.
fn worth(view: &View<'_>, item: &ItemKey) -> u64 {
    let prices = view.catalog.hubs().filter_map(|hub| hub.buys.get(item)).map(|price| price.0);
    let guess = || view.catalog.items.get(item).map_or(1, |kind| kind.volume.0.saturating_mul(5));
    prices.max().unwrap_or_else(guess).max(1)
}

/// Whether the wallet holds this much and something to go on with.
fn can_spend(view: &View<'_>, credits: u64) -> bool {
    u64::try_from(view.account.credits).is_ok_and(|have| have >= credits.saturating_mul(2))
}

/// Room in the hold for pieces of an item.
fn room_for(view: &View<'_>, item: &ItemKey) -> u64 {
    let volume = view.catalog.items.get(item).map_or(1, |kind| kind.volume.0.max(1));
    view.cargo_capacity.saturating_sub(view.cargo_used()) / volume
}

/// Some of the goods that can be used at a hub, and how many there are.
fn some_goods<'v>(view: &View<'v>, hub: &HubKey, dice: &mut Dice) -> Option<(&'v ItemKey, u64)> {
    let stored = view.account.storage.get(hub).into_iter().flat_map(|goods| goods.keys());
    let items: Vec<&ItemKey> = view.account.goods.keys().chain(stored).collect();
    let item = *pick(&items, dice)?;
    Some((item, view.account.available(hub, item))).filter(|(_, there)| *there > 0)
}

fn pick<'t, T>(things: &'t [T], dice: &mut Dice) -> Option<&'t T> {
    things.get(usize::try_from(dice.below(things.len() as u64)).unwrap_or(0))
}

/// Takes what is stored at a hub on board and sells there what the hub buys: the end of every trade.
fn cash_in(view: &View<'_>, hub: &Hub) -> Option<Act> {
    let wanted = |item: &&ItemKey| hub.buys.contains_key(*item);
    if let Some(item) = view.account.goods.keys().find(wanted) {
        let quantity = Quantity(view.account.quantity(item));
        return Some(Act::Command(ClientMessage::Sell(Sell { hub: hub.key.clone(), item: item.clone(), quantity })));
    }
    let stored = view.account.storage.get(&hub.key)?;
    let item = stored.keys().filter(wanted).find(|item| room_for(view, item) > 0)?;
    let quantity = Quantity(view.account.stored(&hub.key, item).min(room_for(view, item)));
    let load = Move { hub: hub.key.clone(), item: item.clone(), quantity };
    Some(deal(Deal::Load(load)))
}

/// Collects, for choice objects that hold this item.
fn gather(view: &View<'_>, item: &ItemKey, dice: &mut Dice) -> Act {
    let holds = |kind| view.catalog.objects.get(kind).is_some_and(|kind| kind.item == *item);
    let objects = view.picture.objects.iter().filter(|(id, seen)| !view.tried.contains(id) && holds(&seen.kind));
    let nearest = objects.min_by_key(|(_, seen)| view.position.distance_squared(seen.at));
    match nearest {
        Some((id, seen)) => collect::collect_one(view, *id, seen.at),
        None => collect::collect(view, dice),
    }
}

/// Whether objects in space hold this item, so that it can be had for nothing.
fn is_found_in_space(view: &View<'_>, item: &ItemKey) -> bool {
    let here = view.sector.spawns.iter().filter_map(|spawn| view.catalog.objects.get(&spawn.kind));
    here.into_iter().any(|kind| kind.item == *item)
}

/// Buys what the hub itself sells.
fn supply(hub: &HubKey, item: &ItemKey, quantity: u64) -> Act {
    deal(Deal::Supply(Supply { hub: hub.clone(), item: item.clone(), quantity: Quantity(quantity) }))
}

fn credits(amount: u64) -> Credits {
    Credits(amount.clamp(1, Credits::MAX.0))
}
