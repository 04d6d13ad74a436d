//! Economic commands: applied once, answered when durable, answered alike when repeated.

use std::sync::Arc;
use std::time::Duration;

use actix::{ActorFutureExt, AsyncContext, Context, WrapFuture};
use orrery_core::game::player::{PlayerRefusal, Receipt, SellOrder, Settled};
use orrery_core::game::space::WorldRefusal;
use orrery_core::game::{Effects, Outcome, Transfer};
use orrery_core::protocol::{ErrorBody, ErrorCode};
use orrery_core::types::{CommandId, HubKey, ObjectId};

use super::actor::PlayerActor;
use super::messages::{EconomyCommand, Via};
use super::pending::{Asked, Pending, Waiters, next_queued};
use super::remembered::AnsweredCommand;
use crate::actors::answers;
use crate::actors::node::now;
use crate::actors::session_link::{Answer, Note};
use crate::actors::world::WorldInput;
use crate::store::{CommandRow, Commit, Write};
use crate::telemetry::trace;

/// Collects of one player that may wait for the one under way: a tick's worth for any hand, and for bots in a hurry.
const WAITING_COLLECTS_MAX: usize = 16;
/// A world that has not answered after this many ticks' time has failed.
const VERDICT_PATIENCE: Duration = Duration::from_secs(3);

/// A command as it was sent, and who waits for its answer.
pub(super) struct Commanded {
    pub(super) id: CommandId,
    pub(super) fingerprint: u64,
    pub(super) waiters: Waiters,
}

impl PlayerActor {
    pub(super) fn execute(
        &mut self,
        id: CommandId,
        fingerprint: u64,
        command: EconomyCommand,
        via: Via,
        context: &mut Context<Self>,
    ) {
        let Some(live) = self.live() else {
            return self.refuse(id, answers::storage_unavailable(), via.into());
        };
        if let Err(shut_out) = live.account.moderation.check(now()) {
            return self.refuse(id, Answer::Error(answers::of_shut_out(&shut_out)), via.into());
        }
        if let Some(known) = live.remembered.command(id).cloned() {
            return if known.fingerprint == fingerprint {
                self.answer_when_durable(id, known.answer, known.commit, via.into(), context);
            } else {
                self.refuse(id, answers::id_reused(), via.into());
            };
        }
        let first = self.pending.get(&id).map(|pending| pending.fingerprint);
        if let Some(first) = first.or_else(|| self.node.outbox.under_way(self.id, id)) {
            return if first == fingerprint {
                self.wait_for_first(id, fingerprint, via, context);
            } else {
                self.refuse(id, answers::id_reused(), via.into());
            };
        }
        if !self.node.persister.has_room() {
            return self.refuse(id, answers::busy(), via.into());
        }
        self.finish_due(context);
        let commanded = Commanded { id, fingerprint, waiters: via.into() };
        match command {
            EconomyCommand::Research(tech) => {
                let (catalog, mut fx) = (Arc::clone(&self.node.catalog), Effects::default());
                let Some(live) = self.live() else { return };
                let result = live.player.start_research(&catalog, &tech, id, now(), &mut fx);
                self.settle(commanded, of_player(result), fx, context);
                self.finish_due(context);
            }
            EconomyCommand::CancelResearch => {
                let mut fx = Effects::default();
                let Some(live) = self.live() else { return };
                let result = live.player.cancel_research(id, now(), &mut fx);
                self.settle(commanded, of_player(result), fx, context);
            }
            EconomyCommand::Sell(hub, order) => self.ask_world(commanded, Asked::Sell(hub, order), context),
            EconomyCommand::Collect(object) => self.collect(commanded, object, context),
            EconomyCommand::Deal(deal) => self.begin_deal(commanded, deal, context),
        }
    }

    /// The command was sent before and is not answered yet: the first one's answer answers this one too.
    fn wait_for_first(&mut self, id: CommandId, fingerprint: u64, via: Via, context: &mut Context<Self>) {
        match self.pending.get_mut(&id) {
            Some(pending) => pending.waiters.add(via),
            None => {
                let commanded = Commanded { id, fingerprint, waiters: via.into() };
                self.await_party(commanded, context);
            }
        }
    }

    fn collect(&mut self, commanded: Commanded, object: ObjectId, context: &mut Context<Self>) {
        if !self.collect_under_way() {
            self.ask_world(commanded, Asked::Collect(object), context);
        } else if self.queued_collects() < WAITING_COLLECTS_MAX {
            self.remember_pending(commanded, Asked::Queued(object));
        } else {
            self.refuse(commanded.id, answers::busy(), commanded.waiters);
        }
    }

    /// One collect at a time: the room in the hold that the world is told of must not be promised twice.
    fn collect_under_way(&self) -> bool {
        self.pending.values().any(|pending| matches!(pending.asked, Asked::Collect(_)))
    }

    fn queued_collects(&self) -> usize {
        self.pending.values().filter(|pending| matches!(pending.asked, Asked::Queued(_))).count()
    }

    /// Takes note of a command that waits; returns the number of this attempt at it.
    pub(super) fn remember_pending(&mut self, commanded: Commanded, asked: Asked) -> u64 {
        let attempt = self.node.next_number();
        let Commanded { id, fingerprint, waiters } = commanded;
        self.pending.insert(id, Pending { attempt, fingerprint, asked, waiters });
        attempt
    }

    /// Ends the wait of a command, if this is still the same attempt at it.
    pub(super) fn take_pending(&mut self, id: CommandId, attempt: u64) -> Option<(Commanded, Asked)> {
        if self.pending.get(&id)?.attempt != attempt {
            return None;
        }
        let Pending { fingerprint, asked, waiters, .. } = self.pending.remove(&id)?;
        Some((Commanded { id, fingerprint, waiters }, asked))
    }

    /// Asks the world the ship is in.
    pub(super) fn ask_world(&mut self, commanded: Commanded, asked: Asked, context: &mut Context<Self>) {
        let catalog = Arc::clone(&self.node.catalog);
        let (player, id) = (self.id, commanded.id);
        let Some(live) = self.live() else { return };
        let free = live.player.free_volume(&catalog);
        let attempt = self.remember_pending(commanded, asked.clone());
        let near = |hub: &HubKey| WorldInput::NearHub { player, command: id, hub: hub.clone(), attempt };
        let input = match &asked {
            Asked::Collect(object) => Some(WorldInput::Collect { player, command: id, object: *object, free, attempt }),
            Asked::Sell(hub, _) => Some(near(hub)),
            Asked::Near(deal) => deal.at_hub().map(near),
            Asked::Queued(_) | Asked::Named(_) | Asked::Channel | Asked::Party => None,
        };
        let refused = match (self.world(), input) {
            (Some(world), Some(input)) => world
                .try_send(input)
                .err()
                .map(|full| Answer::Error(ErrorBody::new(ErrorCode::Busy, full.to_string()).retry_after_ms(200))),
            _ => Some(answers::of_world_refusal(&WorldRefusal::NotHere)),
        };
        if let Some(answer) = refused {
            return self.give_up(id, attempt, answer);
        }
        context.run_later(VERDICT_PATIENCE, move |player, context| {
            let lost = "the world failed; whether the command took effect is unknown: repeat it with the same id";
            player.give_up(id, attempt, Answer::error(ErrorCode::Internal, lost));
            player.ask_next(context);
        });
    }

    /// A command is not decided by this attempt at it.
    pub(super) fn give_up(&mut self, id: CommandId, attempt: u64, answer: Answer) {
        if let Some((commanded, _)) = self.take_pending(id, attempt) {
            self.refuse(id, answer, commanded.waiters);
        }
    }

    fn ask_next(&mut self, context: &mut Context<Self>) {
        while !self.collect_under_way()
            && let Some(id) = next_queued(&self.pending)
            && let Some(Pending { fingerprint, asked: Asked::Queued(object), waiters, .. }) = self.pending.remove(&id)
        {
            self.ask_world(Commanded { id, fingerprint, waiters }, Asked::Collect(object), context);
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
        let Some((commanded, asked)) = self.take_pending(id, attempt) else { return };
        match (verdict, asked) {
            (Err(WorldRefusal::NotHere), _) => {
                // Between two worlds nothing is decided: the same command may be good in a moment.
                self.refuse(id, answers::of_world_refusal(&WorldRefusal::NotHere), commanded.waiters);
            }
            (Err(refusal), _) => {
                self.settle(commanded, answers::of_world_refusal(&refusal), Effects::default(), context);
            }
            (Ok(()), Asked::Sell(hub, order)) => self.sell(commanded, &hub, &order, context),
            (Ok(()), Asked::Near(deal)) => self.deal(commanded, &deal, context),
            // A collect's success is a transfer; the others do not ask the world.
            (Ok(()), Asked::Collect(_) | Asked::Queued(_) | Asked::Named(_) | Asked::Channel | Asked::Party) => {}
        }
        self.ask_next(context);
    }

    fn sell(&mut self, commanded: Commanded, hub: &HubKey, order: &SellOrder, context: &mut Context<Self>) {
        let catalog = Arc::clone(&self.node.catalog);
        let (Some(hub), Some(live)) = (catalog.hub(hub), self.live()) else { return };
        let mut fx = Effects::default();
        let result = live.player.sell(&catalog, hub, order, commanded.id, now(), &mut fx);
        self.settle(commanded, of_player(result), fx, context);
    }

    /// Takes a transfer in, once: only as long as it is under way.
    pub(super) fn receive(&mut self, transfer: &Transfer, context: &mut Context<Self>) {
        let node = Arc::clone(&self.node);
        let Some(live) = self.live() else { return };
        if !node.outbox.contains(&transfer.id) {
            return;
        }
        let mut fx = Effects::default();
        match live.player.receive(transfer, &node.rule(), &mut fx) {
            Ok(Some(Settled::Collected(id, receipt))) => {
                let fingerprint = match &receipt {
                    Receipt::Collected { object, .. } => EconomyCommand::Collect(*object).fingerprint(),
                    _ => 0,
                };
                let commanded = self.awaited(id, fingerprint);
                self.settle(commanded, answers::of_receipt(receipt), fx, context);
            }
            Ok(Some(Settled::Deal { command, fingerprint, outcome })) => {
                let commanded = self.awaited(command, fingerprint);
                let answer = answers::of_result(match outcome {
                    Outcome::Done(receipt) => Ok(receipt),
                    Outcome::Refused(refusal) => Err(refusal),
                });
                self.settle(commanded, answer, fx, context);
            }
            Ok(None) => drop(self.commit(fx, Vec::new(), false, context)),
            // It stays in the outbox, neither lost nor doubled, and is tried again.
            Err(refusal) => tracing::error!(player = %self.id, transfer = %transfer.id, %refusal, "cannot be received"),
        }
        self.finish_due(context);
        self.ask_next(context);
    }

    /// A command that a transfer settles, and whoever waits for it.
    fn awaited(&mut self, id: CommandId, fingerprint: u64) -> Commanded {
        let waiters = self.pending.remove(&id).map_or_else(Waiters::unknown, |pending| pending.waiters);
        Commanded { id, fingerprint, waiters }
    }

    /// A command is decided: commits what it did and its answer, remembers both, and answers when they are durable.
    pub(super) fn settle(&mut self, commanded: Commanded, answer: Answer, fx: Effects, context: &mut Context<Self>) {
        self.settle_with(commanded, answer, fx, Vec::new(), context);
    }

    /// The same, with further rows in the same commit.
    pub(super) fn settle_with(
        &mut self,
        commanded: Commanded,
        answer: Answer,
        fx: Effects,
        mut rows: Commit,
        context: &mut Context<Self>,
    ) {
        let Commanded { id, fingerprint, waiters } = commanded;
        let (applied, body) = match &answer {
            Answer::Ok(body) => (true, body.clone()),
            Answer::Error(error) => (false, serde_json::to_value(error).unwrap_or_default()),
        };
        self.count(&answer);
        tracing::debug!(player = %self.id, command = %id, applied, "a command is decided");
        let row = CommandRow { player: self.id, id, fingerprint, applied, answer: body, at: now() };
        rows.push(Write::Command(row));
        let commit = self.commit(fx, rows, false, context);
        if let Some(live) = self.live() {
            live.remembered.remember_command(id, AnsweredCommand { fingerprint, answer: answer.clone(), commit });
        }
        self.answer_when_durable(id, answer, commit, waiters, context);
    }

    /// Answers whoever waits when a commit is durable; or that the store does not answer, when that takes too long.
    fn answer_when_durable(
        &mut self,
        id: CommandId,
        answer: Answer,
        commit: u64,
        waiters: Waiters,
        context: &mut Context<Self>,
    ) {
        if self.node.persister.durable() >= commit {
            return self.answer(Some(id), answer, commit, waiters);
        }
        let node = Arc::clone(&self.node);
        let patience = Duration::from_millis(node.config.store.answer_timeout_ms);
        let waiting = async move {
            let durable = tokio::time::timeout(patience, node.persister.wait_durable(commit)).await;
            matches!(durable, Ok(Ok(())))
        };
        // What is logged of the answer belongs to the command's trace.
        let span = trace::current();
        context.spawn(waiting.into_actor(self).map(move |durable, player, _| {
            let _within = span.enter();
            let (answer, commit) = if durable { (answer, commit) } else { (answers::storage_unavailable(), 0) };
            player.answer(Some(id), answer, commit, waiters);
        }));
    }

    /// Answers whoever waits, now.
    pub(super) fn answer(&self, id: Option<CommandId>, answer: Answer, commit: u64, waiters: Waiters) {
        let has_session = waiters.has_session();
        waiters.answer_requests(&answer);
        if has_session {
            self.tell(Note::Answer { id, answer, commit });
        }
    }

    /// A command is not decided: nothing happened, nothing is remembered, the same id may come again.
    pub(super) fn refuse(&mut self, id: CommandId, answer: Answer, waiters: Waiters) {
        self.count(&answer);
        self.answer(Some(id), answer, 0, waiters);
    }

    fn count(&self, answer: &Answer) {
        match answer {
            Answer::Ok(_) => drop(self.node.metrics.commands_ok.inc()),
            Answer::Error(error) => self.node.metrics.count_refusal(&error.code),
        }
    }
}

fn of_player(result: Result<Receipt, PlayerRefusal>) -> Answer {
    result.map(answers::of_receipt).unwrap_or_else(|refusal| answers::of_player_refusal(&refusal))
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
            Self::Deal(deal) => return deal.fingerprint(),
        };
        text.bytes()
            .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
    }
}
