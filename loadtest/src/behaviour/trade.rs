//! Trades: collects until the hold is worth a trip, flies to the nearest hub that buys something of it, sells.

use orrery_core::catalog::Hub;
use orrery_core::protocol::ClientMessage;
use orrery_core::protocol::client_message::Sell;
use orrery_core::types::{ItemKey, Quantity};

use super::{Act, Behaviour, View, collect, fly_to};
use crate::dice::Dice;

/// Collects and sells.
pub(super) struct Trader;

impl Behaviour for Trader {
    fn act(&mut self, view: &View<'_>, dice: &mut Dice) -> Act {
        let buyers = view.sector.hubs.iter().filter_map(|hub| Some((hub, wanted(hub, view)?)));
        let nearest = buyers.min_by_key(|(hub, _)| view.position.distance_squared(hub.position()));
        match nearest {
            // What is being sold already would only be refused.
            Some((hub, _)) if view.reaches(hub.position(), hub.range()) && view.economic_pending > 0 => Act::Wait,
            Some((hub, (item, there))) if view.reaches(hub.position(), hub.range()) => {
                // Mostly everything; sometimes a part, so that quantities differ.
                let quantity = if dice.below(4) == 0 { 1 + dice.below(there) } else { there };
                let sell = Sell { hub: hub.key.clone(), item: item.clone(), quantity: Quantity(quantity) };
                Act::Command(ClientMessage::Sell(sell))
            }
            Some((hub, _)) if view.cargo_used() * 4 >= view.cargo_capacity || dice.below(20) == 0 => {
                fly_to(hub.position())
            }
            _ => collect::collect(view, dice),
        }
    }
}

/// What the hub buys of the hold.
fn wanted<'v>(hub: &Hub, view: &View<'v>) -> Option<(&'v ItemKey, u64)> {
    let account = view.account;
    account.goods.keys().find(|item| hub.buys.contains_key(*item)).map(|item| (item, account.quantity(item)))
}
