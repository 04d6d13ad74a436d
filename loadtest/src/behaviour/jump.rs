//! Jumps: flies to a gate, goes through it, looks around.

use orrery_core::protocol::ClientMessage;
use orrery_core::protocol::client_message::Jump;

use super::{Act, Behaviour, View, fly_to, wander};
use crate::dice::Dice;

/// Goes through gates.
pub(super) struct Jumper;

impl Behaviour for Jumper {
    fn act(&mut self, view: &View<'_>, dice: &mut Dice) -> Act {
        let nearest = view.sector.gates.iter().min_by_key(|gate| view.position.distance_squared(gate.position()));
        match nearest {
            Some(gate) if view.reaches(gate.position(), gate.range()) && dice.below(2) == 0 => {
                Act::Command(ClientMessage::Jump(Jump { gate: gate.key.clone() }))
            }
            Some(gate) if dice.below(4) > 0 => fly_to(gate.position()),
            _ => wander(view, dice),
        }
    }
}
