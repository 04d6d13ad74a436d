//! What a world does with its inbox: each input is carried out at the tick after it came, within the trace it was sent in.

use std::sync::Arc;
use std::time::Instant;

use orrery_core::game::Effects;
use orrery_core::game::space::WorldRefusal;
use orrery_core::protocol::answer::{Jumped, Navigated};
use orrery_core::types::economy::chat::Channel;
use orrery_core::types::{CommandId, GateKey, PlayerId, ShipId};

use super::inbox::Sent;
use super::loaded::Loaded;
use super::{Arrive, Passage, WorldActor, WorldHandle, WorldInput};
use crate::actors::answers;
use crate::actors::node::deliberate_panic;
use crate::actors::player::PlayerMessage;
use crate::actors::session_link::{Answer, Note};
use crate::store::{Commit, ShipRow, Write};
use crate::telemetry::trace;

impl WorldActor {
    /// Carries out what has come since the last tick.
    pub(super) fn take_inputs(&mut self, loaded: &mut Loaded, fx: &mut Effects, commit: &mut Commit) {
        let waiting = self.inbox.len();
        self.node.metrics.inbox_depth.get_or_create(&self.label).set(i64::try_from(waiting).unwrap_or(i64::MAX));
        // What arrives from now on belongs to the next tick.
        for _ in 0..waiting {
            let Ok(sent) = self.inbox.try_recv() else { break };
            self.take_sent(loaded, sent, fx, commit);
        }
        self.handle.meter.count(u32::try_from(waiting).unwrap_or(u32::MAX), Instant::now());
    }

    /// Carries an input out, within the trace it was sent in. The transfers that it begins belong to that trace too.
    fn take_sent(&mut self, loaded: &mut Loaded, sent: Sent, fx: &mut Effects, commit: &mut Commit) {
        let Sent { input, span } = sent;
        let span = trace::world(&span, &self.content.key, input.name());
        let begun = fx.sent.len();
        span.in_scope(|| self.take_input(loaded, input, fx, commit));
        fx.sent.iter().skip(begun).for_each(|transfer| self.node.outbox.trace(&transfer.id, &span));
    }

    fn take_input(&mut self, loaded: &mut Loaded, input: WorldInput, fx: &mut Effects, commit: &mut Commit) {
        let sector = &mut loaded.sector;
        match input {
            WorldInput::Navigate { player, ship, goal, command } => {
                let answer = match sector.navigate(ship, goal) {
                    Ok(course) => command.map(|_| {
                        let (from, to, departs, arrives) = (course.from, course.to, course.departs, course.arrives);
                        Answer::ok(&Navigated { from, to, departs, arrives })
                    }),
                    Err(refusal) => Some(answers::of_world_refusal(&refusal)),
                };
                if let Some(answer) = answer {
                    self.answer(player, ship, command, answer);
                }
            }
            WorldInput::Jump { player, ship, gate, command } => {
                let answer = match self.jump(loaded, ship, &gate, command, commit) {
                    Ok(()) => return,
                    Err(refusal) => answers::of_world_refusal(&refusal),
                };
                self.answer(player, ship, command, answer);
            }
            WorldInput::Collect { player, command, object, free, attempt } => {
                let result = sector.collect(player, object, free, command, &self.node.rule(), fx);
                // A success reaches the player as a transfer.
                if let Err(refusal) = result {
                    let verdict = PlayerMessage::WorldVerdict { command, attempt, verdict: Err(refusal) };
                    self.after.push((player, verdict, trace::current()));
                }
            }
            WorldInput::NearHub { player, command, hub, attempt } => {
                let verdict = sector.near_hub(player, &hub);
                let verdict = PlayerMessage::WorldVerdict { command, attempt, verdict };
                self.after.push((player, verdict, trace::current()));
            }
            WorldInput::Speak { player, line } => {
                for hearer in sector.within_hearing(player) {
                    let (channel, line) = (Channel::Local, Arc::clone(&line));
                    let hear = PlayerMessage::Hear { stream: None, channel, line };
                    self.after.push((hearer, hear, trace::current()));
                }
            }
            WorldInput::Resync(ship) => sector.open_view(ship),
            WorldInput::Panic => deliberate_panic("a world's actor was told to panic"),
        }
    }

    /// Sends a ship through a gate. Its place behind the gate is committed before it leaves this world, so that a
    /// crash finds it in one of the two.
    fn jump(
        &mut self,
        loaded: &mut Loaded,
        id: ShipId,
        gate: &GateKey,
        command: Option<CommandId>,
        commit: &mut Commit,
    ) -> Result<(), WorldRefusal> {
        let gate = loaded.sector.near_gate(id, gate)?;
        if !self.node.persister.has_room() {
            return Err(WorldRefusal::GateClosed);
        }
        let spec = loaded.sector.ship(id).ok_or(WorldRefusal::NotHere)?.spec.clone();
        let target = self.node.directory.world(&gate.to_sector).filter(WorldHandle::is_live);
        let target = target.ok_or(WorldRefusal::GateClosed)?;
        let exit = self.node.catalog.sectors.get(&gate.to_sector);
        let exit = exit.and_then(|sector| sector.gates.iter().find(|other| other.key == gate.to_gate));
        let exit = exit.ok_or_else(|| WorldRefusal::UnknownGate(gate.to_gate.clone()))?;

        let row = ShipRow { player: spec.player, world: target.key.clone(), at: exit.position() };
        commit.push(Write::Ship(row.clone()));
        let answer = Answer::ok(&Jumped { gate: gate.key.clone(), world: target.key.clone() });
        self.viewers.note(id, Note::Answer { id: command, answer, commit: 0 });
        loaded.sector.leave(spec.player);
        let stay = self.stays.remove(&id).unwrap_or(0);
        let (player, binding) = (spec.player, self.viewers.unbind(id));
        let passage = Passage::begin(&self.node, spec, binding, stay, row);
        self.departing.push((target, Arrive { player, passage, gate: gate.to_gate }));
        Ok(())
    }

    /// Answers the session that looks through a ship; when the ship has just left, its player passes the answer on.
    fn answer(&mut self, player: PlayerId, ship: ShipId, command: Option<CommandId>, answer: Answer) {
        if self.viewers.of(ship).is_some() {
            self.viewers.note(ship, Note::Answer { id: command, answer, commit: 0 });
        } else {
            self.after.push((player, PlayerMessage::PassOn { id: command, answer }, trace::current()));
        }
    }
}
