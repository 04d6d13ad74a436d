//! Researches what it can (and sometimes what it cannot), gives up now and then, and asks about everything.

use orrery_core::protocol::ClientMessage;
use orrery_core::protocol::client_message::{Empty, Research};
use orrery_core::types::TechKey;

use super::{Act, Behaviour, View, wander};
use crate::dice::Dice;

/// Researches and asks.
pub(super) struct Researcher;

impl Behaviour for Researcher {
    fn act(&mut self, view: &View<'_>, dice: &mut Dice) -> Act {
        match dice.below(10) {
            0 | 1 => begin(view, dice),
            2 => Act::Command(ClientMessage::CancelResearch(Empty {})),
            3 => Act::Command(ClientMessage::ShipStats(Empty {})),
            4 | 5 => Act::Command(ClientMessage::TechTree(Empty {})),
            6 | 7 => Act::Command(ClientMessage::Status(Empty {})),
            _ => wander(view, dice),
        }
    }
}

fn begin(view: &View<'_>, dice: &mut Dice) -> Act {
    let affordable: Vec<&TechKey> = view
        .catalog
        .techs
        .values()
        .filter(|tech| !view.known.contains(&tech.key) && tech.requires.iter().all(|key| view.known.contains(key)))
        .filter(|tech| i64::try_from(tech.cost.0).is_ok_and(|cost| cost <= view.account.credits))
        .map(|tech| &tech.key)
        .collect();
    // Without anything to choose from, one that will be refused: refusals must leave no trace either.
    let choice: Vec<&TechKey> = if affordable.is_empty() { view.catalog.techs.keys().collect() } else { affordable };
    let drawn = usize::try_from(dice.below(choice.len() as u64)).unwrap_or(0);
    choice
        .get(drawn)
        .map_or(Act::Nothing, |tech| Act::Command(ClientMessage::Research(Research { tech: (*tech).clone() })))
}
