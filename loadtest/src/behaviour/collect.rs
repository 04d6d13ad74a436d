//! Collects: flies to the nearest visible object and takes it when it is in range. A full hold is part of the game.

use orrery_core::protocol::ClientMessage;
use orrery_core::protocol::client_message::Collect;
use orrery_core::types::{ObjectId, Point};

use super::{Act, Behaviour, View, fly_to, wander};
use crate::dice::Dice;

/// Collects what it sees.
pub(super) struct Collector;

impl Behaviour for Collector {
    fn act(&mut self, view: &View<'_>, dice: &mut Dice) -> Act {
        collect(view, dice)
    }
}

/// One step towards the next object.
pub(super) fn collect(view: &View<'_>, dice: &mut Dice) -> Act {
    let untried = view.picture.objects.iter().filter(|(id, _)| !view.tried.contains(id));
    match untried.min_by_key(|(_, object)| view.position.distance_squared(object.at)) {
        Some((id, object)) => collect_one(view, *id, object.at),
        None => wander(view, dice),
    }
}

/// One step towards an object, and when it is in range, the object.
pub(super) fn collect_one(view: &View<'_>, object: ObjectId, at: Point) -> Act {
    if view.reaches(at, view.collect_range) {
        return Act::Command(ClientMessage::Collect(Collect { object }));
    }
    fly_to(at)
}
