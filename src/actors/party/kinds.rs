//! Which rules run which kind of party. To add a kind: a line in [`start`].

use std::sync::Arc;

use actix::ArbiterHandle;
use orrery_core::game::guild::Guild;
use orrery_core::game::market::Market;
use orrery_core::game::mission::Mission;
use orrery_core::types::Party;

use super::{PartyActor, PartyHandle};
use crate::actors::node::Node;

/// The kind of actor, as metrics name it.
#[must_use]
pub fn kind_of(party: &Party) -> &'static str {
    match party {
        Party::Player(_) => "player",
        Party::Market(_) => "market",
        Party::Mission(_) => "mission",
        Party::Guild(_) => "guild",
    }
}

/// Starts the actor of a party, which loads itself. `None`: nobody runs this kind, and what is meant for it stays under
/// way.
#[must_use]
pub fn start(node: &Arc<Node>, party: &Party, arbiter: &ArbiterHandle) -> Option<PartyHandle> {
    let party = party.clone();
    match party {
        Party::Mission(_) => Some(PartyActor::<Mission>::launch(node, party, arbiter, None)),
        Party::Market(ref hub) => {
            let name = node.catalog.hub(hub).map_or("", |hub| hub.name.as_str());
            let market = PartyActor::<Market>::launch(node, party.clone(), arbiter, None);
            market.meter().set_name(name);
            Some(market)
        }
        Party::Guild(_) => Some(PartyActor::<Guild>::launch(node, party, arbiter, None)),
        // Players have actors of their own kind.
        Party::Player(_) => None,
    }
}
