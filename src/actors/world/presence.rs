//! Who is in a world: ships come by a session's join, through a gate or by an operator's hand, and go when the session
//! ends or another world has them.

use actix::Handler;
use orrery_core::game::space::ShipSpec;
use orrery_core::protocol::answer::Entered;

use super::{Arrive, Binding, Evict, Join, JoinAt, JoinRefusal, Joined, Leave, Passage, Refit, WorldActor};
use crate::actors::player::PlayerMessage;
use crate::actors::session_link::Note;
use crate::actors::stats::Timing;
use crate::store::{ShipRow, Write};

impl WorldActor {
    /// Takes in a ship that comes from another world. `None`: this world is about to stop, and the ship's player is told;
    /// or a later session has brought the ship here already, which has been told.
    pub(super) fn receive(&mut self, passage: Passage, at: JoinAt) -> Option<Joined> {
        self.sector.as_ref()?;
        let (spec, binding) = passage.end()?;
        self.admit(spec, at, binding).ok()
    }

    /// Puts a ship into space and lets its session look through it.
    pub(super) fn admit(
        &mut self,
        spec: ShipSpec,
        at: JoinAt,
        binding: Option<Binding>,
    ) -> Result<Joined, JoinRefusal> {
        let sector = &mut self.sector.as_mut().ok_or(JoinRefusal::NotLoaded)?.sector;
        let player = spec.player;
        let present = sector.ship_of(player).map(|ship| ship.id);
        let bound = present.and_then(|ship| self.viewers.of(ship)).map_or(0, |bound| bound.attachment);
        if binding.as_ref().is_some_and(|binding| binding.attachment < bound) {
            return Err(JoinRefusal::Superseded);
        }
        let at = match at {
            JoinAt::InSpace if present.is_none() => return Err(JoinRefusal::NotHere),
            JoinAt::Point(point) => Some(point),
            JoinAt::InSpace | JoinAt::Entry => None,
        };
        let ship = sector.join(spec, at);
        let tick = sector.tick();
        let position = sector.ship(ship).ok_or(JoinRefusal::NotHere)?.position(tick);
        if binding.is_some() {
            sector.open_view(ship);
        }
        let stay = *self.stays.entry(ship).or_insert_with(|| self.node.next_number());
        if let Some(binding) = binding {
            self.viewers.bind(ship, binding);
        }
        let ship_in = PlayerMessage::ShipIn { world: self.handle.clone(), stay, at: position };
        self.node.directory.tell(&self.node, player, ship_in);
        let entered = Entered {
            world: self.handle.key.clone(),
            world_number: self.handle.number,
            size_units: self.handle.size_units,
            ship,
            tick,
            position,
        };
        Ok(Joined { entered, stay })
    }
}

impl Handler<Join> for WorldActor {
    type Result = Result<Joined, JoinRefusal>;

    fn handle(&mut self, join: Join, _: &mut Self::Context) -> Self::Result {
        let _timing = Timing::begin(&self.handle.meter, "join");
        self.admit(join.spec, join.at, Some(join.binding))
    }
}

impl Handler<Arrive> for WorldActor {
    type Result = ();

    fn handle(&mut self, arrive: Arrive, _: &mut Self::Context) {
        let _timing = Timing::begin(&self.handle.meter, "arrive");
        let gate = self.content.gates.iter().find(|gate| gate.key == arrive.gate);
        let at = gate.map_or(JoinAt::Entry, |gate| JoinAt::Point(gate.position()));
        let player = arrive.player;
        if let Some(joined) = self.receive(arrive.passage, at) {
            self.node.directory.tell(&self.node, player, PlayerMessage::Jumped);
            let ship = joined.entered.ship;
            self.viewers.note(ship, Note::Entered(joined, self.handle.clone()));
        }
    }
}

impl Handler<Leave> for WorldActor {
    type Result = ();

    fn handle(&mut self, leave: Leave, _: &mut Self::Context) {
        let _timing = Timing::begin(&self.handle.meter, "leave");
        let Some(loaded) = &mut self.sector else { return };
        let Some(ship) = loaded.sector.ship_of(leave.player).map(|ship| ship.id) else { return };
        if self.viewers.of(ship).is_some_and(|binding| binding.attachment > leave.attachment) {
            return;
        }
        if let (Some(at), Some(stay)) = (loaded.sector.leave(leave.player), self.stays.remove(&ship)) {
            let row = ShipRow { player: leave.player, world: self.content.key.clone(), at };
            self.node.persister.enqueue(vec![Write::Ship(row.clone())]);
            self.node.directory.tell_if_live(leave.player, PlayerMessage::ShipLeft { row, stay });
        }
        self.viewers.unbind(ship);
    }
}

impl Handler<Evict> for WorldActor {
    type Result = ();

    fn handle(&mut self, evict: Evict, _: &mut Self::Context) {
        let _timing = Timing::begin(&self.handle.meter, "evict");
        let Some(loaded) = &mut self.sector else { return };
        let Some(ship) = loaded.sector.ship_of(evict.player).map(|ship| ship.id) else { return };
        if self.stays.get(&ship) != Some(&evict.stay) {
            return;
        }
        loaded.sector.leave(evict.player);
        self.stays.remove(&ship);
        // Whoever looked through it finds out where the ship is.
        self.viewers.note(ship, Note::Rejoin);
        self.viewers.unbind(ship);
    }
}

impl Handler<Refit> for WorldActor {
    type Result = ();

    fn handle(&mut self, Refit(spec): Refit, _: &mut Self::Context) {
        let _timing = Timing::begin(&self.handle.meter, "refit");
        if let Some(loaded) = &mut self.sector {
            loaded.sector.refit(spec);
        }
    }
}
