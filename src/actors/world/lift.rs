//! How operators move a ship: it is lifted out of the world it is in, and appears in another, or elsewhere in the same
//! one. In between it is nobody's but its player's actor's, which commits the new place; the session that looks through
//! it comes along, as through a gate.

use actix::{Context, Handler, Message, MessageResult};
use orrery_core::game::player::Place;
use orrery_core::types::{PlayerId, Point};

use super::actor::WorldActor;
use super::{Binding, JoinAt, Passage};
use crate::actors::session_link::Note;
use crate::actors::stats::Timing;

/// Take a ship out of space, or only say where it is. `None`: this stay of it is over.
#[derive(Clone, Debug, Message)]
#[rtype(result = "Option<Lifted>")]
pub struct LiftOut {
    /// Whose.
    pub player: PlayerId,
    /// Which stay of it here.
    pub stay: u64,
    /// Leave it where it is.
    pub only_look: bool,
}

/// A ship that was lifted out.
#[derive(Clone, Debug)]
pub struct Lifted {
    /// Where it was, or is.
    pub place: Place,
    /// Which stay has ended.
    pub stay: u64,
    /// Who looked through it.
    pub binding: Option<Binding>,
}

/// Put a lifted ship into space here.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Appear {
    /// The ship, and who looks through it.
    pub passage: Passage,
    /// Where.
    pub at: Point,
}

impl Handler<LiftOut> for WorldActor {
    type Result = MessageResult<LiftOut>;

    fn handle(&mut self, lift: LiftOut, _: &mut Context<Self>) -> Self::Result {
        let _timing = Timing::begin(&self.handle.meter, "lift_out");
        MessageResult(self.lift_out(&lift))
    }
}

impl WorldActor {
    fn lift_out(&mut self, lift: &LiftOut) -> Option<Lifted> {
        let sector = &mut self.sector.as_mut()?.sector;
        let (tick, world) = (sector.tick(), sector.key().clone());
        let ship = sector.ship_of(lift.player)?;
        let (id, at) = (ship.id, ship.position(tick));
        if self.stays.get(&id) != Some(&lift.stay) {
            return None;
        }
        let (place, stay) = (Place { world, at }, lift.stay);
        if lift.only_look {
            return Some(Lifted { place, stay, binding: None });
        }
        sector.leave(lift.player);
        self.stays.remove(&id);
        Some(Lifted { place, stay, binding: self.viewers.unbind(id) })
    }
}

impl Handler<Appear> for WorldActor {
    type Result = ();

    fn handle(&mut self, appear: Appear, _: &mut Context<Self>) {
        let _timing = Timing::begin(&self.handle.meter, "appear");
        if let Some(joined) = self.receive(appear.passage, JoinAt::Point(appear.at)) {
            let ship = joined.entered.ship;
            let handle = self.handle.clone();
            self.viewers.note(ship, Note::Entered(joined, handle));
        }
    }
}
