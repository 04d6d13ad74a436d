//! Flies about: random points and headings, and a stop now and then; every other command without wanting an answer.

use orrery_core::protocol::ClientMessage;
use orrery_core::protocol::client_message::Navigate;

use super::{Act, Behaviour, View, wander};
use crate::dice::Dice;

/// Flies about.
pub(super) struct Fly;

impl Behaviour for Fly {
    fn act(&mut self, view: &View<'_>, dice: &mut Dice) -> Act {
        let navigate = match dice.below(10) {
            0 => Navigate { stop: Some(true), ..Navigate::default() },
            1..=4 => Navigate { heading: Some(dice.heading()), ..Navigate::default() },
            5 => Navigate { to: Some(dice.point(view.sector.size())), ..Navigate::default() },
            _ => return wander(view, dice),
        };
        if dice.below(2) == 0 { Act::Forget(navigate) } else { Act::Command(ClientMessage::Navigate(navigate)) }
    }
}
