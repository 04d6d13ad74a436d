//! Economic commands: applied once, answered when durable, answered alike when repeated.

use std::sync::Arc;
use std::time::Duration;

use actix::{AsyncContext, Context};
use orrery_core::game::player::SellOrder;
use orrery_core::game::space::WorldRefusal;
use orrery_core::game::{Effects, Transfer};
use orrery_core::protocol::ErrorCode;
use orrery_core::types::{CommandId, HubKey, ObjectId};

use super::actor::PlayerActor;
use super::messages::EconomyCommand;
use super::remembered::AnsweredCommand;
use crate::actors::answers;
use crate::actors::node::now;
use crate::actors::session_link::{Answer, Note};
use crate::actors::world::WorldInput;
use crate::store::{CommandRow, Write};

/// Collects of one player that may wait for the one under way: a tick's worth for any hand, and for bots in a hurry.
const WAITING_COLLECTS_MAX: usize = 16;
/// A world that has not answered after this many ticks' time has failed.
const VERDICT_PATIENCE: Duration = Duration::from_secs(3);

/// A command that waits for the world.
pub(super) struct Pending {
    /// Tells it from other attempts under the same id.
    attempt: u64,
    fingerprint: u64,
    asked: Asked,
}

/// What the world was asked.
#[derive(Clone, Debug)]
pub(super) enum Asked {
    /// For an object. The fingerprint is the command's.
    Collect { object: ObjectId, fingerprint: u64 },
    /// Whether the ship is at a hub, to sell there.
    Sell { hub: HubKey, order: SellOrder, fingerprint: u64 },
}

impl Asked {
    fn fingerprint(&self) -> u64 {
        match self {
            Self::Collect { fingerprint, .. } | Self::Sell { fingerprint, .. } => *fingerprint,
        }
    }
}

impl PlayerActor {
    pub(super) fn execute(
        &mut self,
        id: CommandId,
        fingerprint: u64,
        command: EconomyCommand,
        context: &mut Context<Self>,
    ) {
        let Some(live) = self.live() else {
            return self.refuse(id, answers::storage_unavailable());
        };
        if let Some(known) = live.remembered.command(id).cloned() {
            return if known.fingerprint == fingerprint {
                self.answer_when_durable(id, known.answer, known.commit, context);
            } else {
                self.refuse(id, Answer::error(ErrorCode::IdReused, "this id was used for another command"));
            };
        }
        let under_way = self.pending.get(&id).map(|pending| pending.fingerprint).or_else(|| {
            let waiting = self.waiting_collects.iter().find(|(waiting, _)| *waiting == id);
            waiting.map(|(_, asked)| asked.fingerprint())
        });
        if let Some(first) = under_way {
            // The first one's answer answers this one too.
            if first != fingerprint {
                self.refuse(id, Answer::error(ErrorCode::IdReused, "this id was used for another command"));
            }
            return;
        }
        if !self.node.persister.has_room() {
            return self.refuse(id, answers::busy());
        }
        self.finish_research(context);
        match command {
            EconomyCommand::Research(tech) => {
                let catalog = Arc::clone(&self.node.catalog);
                let mut fx = Effects::default();
                let Some(live) = self.live() else { return };
                let result = live.player.start_research(&catalog, &tech, id, now(), &mut fx);
                let answer =
                    result.map(answers::of_receipt).unwrap_or_else(|refusal| answers::of_player_refusal(&refusal));
                self.settle(id, fingerprint, answer, fx, context);
                self.finish_research(context);
            }
            EconomyCommand::CancelResearch => {
                let mut fx = Effects::default();
                let Some(live) = self.live() else { return };
                let result = live.player.cancel_research(id, now(), &mut fx);
                let answer =
                    result.map(answers::of_receipt).unwrap_or_else(|refusal| answers::of_player_refusal(&refusal));
                self.settle(id, fingerprint, answer, fx, context);
            }
            EconomyCommand::Sell(hub, order) => self.ask(id, Asked::Sell { hub, order, fingerprint }, context),
            EconomyCommand::Collect(object) => {
                let asked = Asked::Collect { object, fingerprint };
                if !self.collect_under_way() {
                    self.ask(id, asked, context);
                } else if self.waiting_collects.len() < WAITING_COLLECTS_MAX {
                    self.waiting_collects.push_back((id, asked));
                } else {
                    self.refuse(id, answers::busy());
                }
            }
        }
    }

    /// One collect at a time: the room in the hold that the world is told of must not be promised twice.
    fn collect_under_way(&self) -> bool {
        self.pending.values().any(|pending| matches!(pending.asked, Asked::Collect { .. }))
    }

    /// Asks the world the ship is in.
    fn ask(&mut self, id: CommandId, asked: Asked, context: &mut Context<Self>) {
        let catalog = Arc::clone(&self.node.catalog);
        let (player, attempt) = (self.id, self.node.next_number());
        let Some(live) = self.live() else { return };
        let input = match &asked {
            Asked::Collect { object, .. } => {
                let free = live.player.free_volume(&catalog);
                WorldInput::Collect { player, command: id, object: *object, free, attempt }
            }
            Asked::Sell { hub, .. } => WorldInput::NearHub { player, command: id, hub: hub.clone(), attempt },
        };
        let Some(world) = self.world() else {
            return self.refuse(id, answers::of_world_refusal(&WorldRefusal::NotHere));
        };
        if let Err(refusal) = world.try_send(input) {
            let body = orrery_core::protocol::ErrorBody::new(ErrorCode::Busy, refusal.to_string());
            return self.refuse(id, Answer::Error(body.retry_after_ms(200)));
        }
        self.pending.insert(id, Pending { attempt, fingerprint: asked.fingerprint(), asked });
        context.run_later(VERDICT_PATIENCE, move |player, context| {
            if player.pending.get(&id).is_some_and(|pending| pending.attempt == attempt) {
                player.pending.remove(&id);
                let lost = "the world failed; whether the command took effect is unknown: repeat it with the same id";
                player.refuse(id, Answer::error(ErrorCode::Internal, lost));
                player.ask_next(context);
            }
        });
    }

    fn ask_next(&mut self, context: &mut Context<Self>) {
        while !self.collect_under_way()
            && let Some((id, asked)) = self.waiting_collects.pop_front()
        {
            self.ask(id, asked, context);
        }
    }

    pub(super) fn on_verdict(
        &mut self,
        id: CommandId,
        attempt: u64,
        verdict: Result<(), WorldRefusal>,
        context: &mut Context<Self>,
    ) {
        // A verdict that comes after all patience was lost is too late: the client was told to ask again.
        if self.pending.get(&id).is_none_or(|pending| pending.attempt != attempt) {
            return;
        }
        let Some(Pending { fingerprint, asked, .. }) = self.pending.remove(&id) else { return };
        match (verdict, asked) {
            (Err(WorldRefusal::NotHere), _) => {
                // Between two worlds nothing is decided: the same command may be good in a moment.
                self.refuse(id, answers::of_world_refusal(&WorldRefusal::NotHere));
            }
            (Err(refusal), _) => {
                self.settle(id, fingerprint, answers::of_world_refusal(&refusal), Effects::default(), context);
            }
            (Ok(()), Asked::Sell { hub, order, .. }) => self.sell(id, fingerprint, &hub, &order, context),
            // A collect's success is a transfer.
            (Ok(()), Asked::Collect { .. }) => {}
        }
        self.ask_next(context);
    }

    fn sell(&mut self, id: CommandId, fingerprint: u64, hub: &HubKey, order: &SellOrder, context: &mut Context<Self>) {
        let catalog = Arc::clone(&self.node.catalog);
        let found = catalog.sectors.values().flat_map(|sector| &sector.hubs).find(|other| other.key == *hub);
        let (Some(hub), Some(live)) = (found, self.live()) else { return };
        let mut fx = Effects::default();
        let result = live.player.sell(&catalog, hub, order, id, now(), &mut fx);
        let answer = result.map(answers::of_receipt).unwrap_or_else(|refusal| answers::of_player_refusal(&refusal));
        self.settle(id, fingerprint, answer, fx, context);
    }

    /// Takes a transfer in, once.
    pub(super) fn receive(&mut self, transfer: &Transfer, context: &mut Context<Self>) {
        let Some(live) = self.live() else { return };
        if live.remembered.has_received(&transfer.id) {
            return self.node.outbox.remove(&transfer.id);
        }
        let mut fx = Effects::default();
        match live.player.receive(transfer, now(), &mut fx) {
            Ok(receipt) => {
                let pending = self.pending.remove(&transfer.command);
                let fingerprint = pending.map_or_else(
                    || EconomyCommand::Collect(transfer.object).fingerprint(),
                    |pending| pending.fingerprint,
                );
                self.settle(transfer.command, fingerprint, answers::of_receipt(receipt), fx, context);
            }
            // It stays in the outbox, neither lost nor doubled, and is tried again.
            Err(refusal) => tracing::error!(player = %self.id, transfer = %transfer.id, %refusal, "cannot be received"),
        }
        self.ask_next(context);
    }

    /// A command is decided: commits what it did and its answer, remembers both, and answers when they are durable.
    fn settle(&mut self, id: CommandId, fingerprint: u64, answer: Answer, fx: Effects, context: &mut Context<Self>) {
        let (applied, body) = match &answer {
            Answer::Ok(body) => (true, body.clone()),
            Answer::Error(error) => (false, serde_json::to_value(error).unwrap_or_default()),
        };
        self.count(&answer);
        let row = CommandRow { player: self.id, id, fingerprint, applied, answer: body, at: now() };
        let commit = self.commit(fx, vec![Write::Command(row)], false, context);
        if let Some(live) = self.live() {
            live.remembered.remember_command(id, AnsweredCommand { fingerprint, answer: answer.clone(), commit });
        }
        self.answer_when_durable(id, answer, commit, context);
    }

    /// A command is not decided: nothing happened, nothing is remembered, the same id may come again.
    fn refuse(&mut self, id: CommandId, answer: Answer) {
        self.count(&answer);
        self.tell(Note::Answer { id: Some(id), answer, commit: 0 });
    }

    fn count(&self, answer: &Answer) {
        match answer {
            Answer::Ok(_) => drop(self.node.metrics.commands_ok.inc()),
            Answer::Error(error) => self.node.metrics.count_refusal(&error.code),
        }
    }
}

impl EconomyCommand {
    /// A hash of the command, by which an id that is used for two different commands is noticed (FNV-1a). It is stored:
    /// the text that is hashed must stay as it is, whatever the variants are called.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        let text = match self {
            Self::Collect(object) => format!("collect {object}"),
            Self::Sell(hub, order) => format!("sell {hub} {} {}", order.item, order.quantity),
            Self::Research(tech) => format!("research {tech}"),
            Self::CancelResearch => "cancel_research".to_owned(),
        };
        text.bytes()
            .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
    }
}
