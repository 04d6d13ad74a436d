//! What operators do to a player, in the player's own mailbox: between two commands of the player's, on line or off line.
//!
//! A dry run is the same rule on a copy of the state. A real change commits account, player, ledger, a snapshot of what
//! was before, and the audit entry in one, and is answered when that is durable. What must be found out first (whether
//! a change was undone already, where the ship is) is found out while the mailbox waits, so that nothing comes between
//! the question and the change.

mod kick;
mod messages;

use std::sync::Arc;
use std::time::Duration;

use actix::{ActorFutureExt, AsyncContext, Context, WrapFuture};
use orrery_core::game::Effects;
use orrery_core::game::player::{OperateContext, Operated, OperatorChange, Place, operate};
use orrery_core::types::WorldKey;
use tokio::sync::oneshot;

use super::actor::{PlayerActor, State};
use crate::actors::answers::of_shut_out;
use crate::actors::audit::Deed;
use crate::actors::erasures;
use crate::actors::node::{Node, now};
use crate::actors::world::{Appear, LiftOut, Lifted, Passage};
use crate::store::{Commit, ShipRow, SnapshotRow, StoreError, Write};

pub use kick::{Kick, Kicked};
pub use messages::{Operate, OperateError, OperateReply, Order};

/// What is found out before a change.
#[derive(Default)]
struct Found {
    /// The ship, out of space.
    lifted: Option<Lifted>,
}

impl PlayerActor {
    /// Carries an order out, when all is found out that it needs.
    pub(super) fn operate(&mut self, operate: Operate, context: &mut Context<Self>) {
        self.finish_due(context);
        let Operate { order, reply } = operate;
        if let Err(error) = self.check_order(&order) {
            return drop(reply.send(Err(error)));
        }
        let Some(asking) = self.find_out(&order) else {
            return self.carry_out(&order, Found::default(), reply, context);
        };
        context.wait(asking.into_actor(self).map(move |found, player, context| match found {
            Ok(found) => player.carry_out(&order, found, reply, context),
            Err(error) => drop(reply.send(Err(error))),
        }));
    }

    /// What can be said without asking anybody.
    fn check_order(&self, order: &Order) -> Result<(), OperateError> {
        let live = match &self.state {
            State::Live(live) => live,
            State::Missing => return Err(OperateError::Unknown),
            State::Loading | State::Unreadable | State::Left => return Err(OperateError::StorageUnavailable),
        };
        if !order.dry_run && !self.node.persister.has_room() {
            return Err(OperateError::Busy);
        }
        let current = live.account.moderation.revision;
        if order.expect.is_some_and(|expected| expected != current) {
            return Err(OperateError::Conflict { current });
        }
        let here = self.whereabouts.stay.is_some();
        if matches!(order.change, OperatorChange::Move { .. }) && self.whereabouts.session.is_some() && !here {
            // The session is just bringing it into a world.
            return Err(OperateError::InTransit);
        }
        // A place in space is asked for once the rest is known to be in order.
        let place = self.known_place().filter(|_| !here);
        self.try_out(order, place.as_ref())?;
        match &order.change {
            // A ship that is not in space is sent nowhere.
            OperatorChange::Move { world, .. } if here => self.check_ready(world),
            _ => Ok(()),
        }
    }

    fn check_ready(&self, world: &WorldKey) -> Result<(), OperateError> {
        let ready = self.node.directory.world(world).is_some_and(|world| world.is_live());
        if ready { Ok(()) } else { Err(OperateError::WorldNotReady(world.clone())) }
    }

    /// What the order would do.
    fn try_out(&self, order: &Order, place: Option<&Place>) -> Result<Operated, OperateError> {
        let State::Live(live) = &self.state else { return Err(OperateError::StorageUnavailable) };
        let (mut account, mut player) = (live.account.clone(), live.player.clone());
        let cx = OperateContext { rule: self.node.rule(), by: &order.by.name, place };
        Ok(operate(&mut account, &mut player, &order.change, &cx, &mut Effects::default())?)
    }

    fn known_place(&self) -> Option<Place> {
        self.whereabouts.place.clone().map(|(world, at)| Place { world, at })
    }

    /// Asks what must be asked; `None`: nothing.
    fn find_out(&self, order: &Order) -> Option<impl Future<Output = Result<Found, OperateError>> + use<>> {
        let is_move = matches!(order.change, OperatorChange::Move { .. });
        let stay = self.whereabouts.stay.as_ref().filter(|_| is_move);
        if stay.is_none() && order.undoes.is_none() {
            return None;
        }
        let (node, last_commit, undoes) = (Arc::clone(&self.node), self.last_commit, order.undoes);
        let lift = stay.map(|stay| {
            let lift = LiftOut { player: self.id, stay: stay.number, only_look: order.dry_run };
            (stay.world.clone(), lift)
        });
        Some(async move {
            if let Some(entry) = undoes {
                check_not_undone(&node, entry, last_commit).await?;
            }
            let Some((world, lift)) = lift else { return Ok(Found::default()) };
            // Not given up half-way: a world that lives answers, and by then the ship may be out of it.
            let lifted = world.addr().send(lift).await.ok().flatten();
            Ok(Found { lifted: Some(lifted.ok_or(OperateError::InTransit)?) })
        })
    }

    fn carry_out(
        &mut self,
        order: &Order,
        found: Found,
        reply: oneshot::Sender<Result<OperateReply, OperateError>>,
        context: &mut Context<Self>,
    ) {
        let place = found.lifted.as_ref().map(|lifted| lifted.place.clone()).or_else(|| self.known_place());
        if order.dry_run {
            let tried = self.try_out(order, place.as_ref());
            return drop(reply.send(tried.map(|operated| self.reply_of(operated, None))));
        }
        match self.change(order, place.as_ref(), found.lifted.is_some(), context) {
            Ok(Done { reply: done, commit }) => {
                self.follow(&order.change, found.lifted);
                self.finish_due(context);
                self.answer_durable(commit, done, reply, context);
            }
            Err(error) => {
                // As it was: whoever looked through the ship goes on to.
                if let Some(lifted) = found.lifted {
                    let place = lifted.place.clone();
                    self.put_ship(lifted, &place);
                }
                drop(reply.send(Err(error)));
            }
        }
    }

    fn reply_of(&self, operated: Operated, audit: Option<u64>) -> OperateReply {
        let version = match &self.state {
            State::Live(live) => live.account.moderation.revision,
            State::Loading | State::Missing | State::Unreadable | State::Left => 0,
        };
        OperateReply { operated, version, audit }
    }

    /// Changes the state and commits it.
    fn change(
        &mut self,
        order: &Order,
        place: Option<&Place>,
        was_in_space: bool,
        context: &mut Context<Self>,
    ) -> Result<Done, OperateError> {
        let (node, id, mut fx) = (Arc::clone(&self.node), self.id, Effects::default());
        let State::Live(live) = &mut self.state else { return Err(OperateError::StorageUnavailable) };
        let before = SnapshotRow {
            player: id,
            at: now(),
            account_name: live.account.name.clone(),
            record: (&live.player).into(),
        };
        let cx = OperateContext { rule: node.rule(), by: &order.by.name, place };
        let operated = operate(&mut live.account, &mut live.player, &order.change, &cx, &mut fx)?;
        let is_erased = live.account.moderation.erased.is_some();
        // The audit log is for ever: it does not keep the name of somebody who was erased.
        let target_name = if is_erased { live.account.name.clone() } else { before.account_name.clone() };
        let entry = node.audit.entry(
            &order.by,
            Deed {
                action: order.change.kind(),
                target: Order::target(id),
                target_name,
                reason: order.reason.clone(),
                before: operated.before.clone(),
                after: operated.after.clone(),
                // Changes have string keys only and always become JSON.
                undo: operated.undo.as_ref().map(|undo| serde_json::to_value(undo).unwrap_or_default()),
                undoes: order.undoes,
            },
        );
        let audit = entry.seq;
        let mut rows: Commit = vec![Write::Audit(entry)];
        let erased = live.account.moderation.erased.filter(|_| matches!(order.change, OperatorChange::Erase { .. }));
        rows.push(erased.map_or_else(|| Write::Snapshot(before), |at| erasures::intent(id, at)));
        if let OperatorChange::Move { world, x, y } = &order.change {
            let target = Place::of_units(world, *x, *y);
            rows.push(Write::Ship(ShipRow { player: id, world: target.world.clone(), at: target.at }));
            self.whereabouts.place = Some((target.world, target.at));
            if was_in_space {
                self.whereabouts.stay = None;
            }
        }
        let commit = self.commit(fx, rows, true, context);
        if let Some(at) = erased {
            erasures::begin(&node, id, at);
        }
        tracing::info!(player = %id, operator = order.by.name, action = order.change.kind(), audit, "operated on");
        Ok(Done { reply: self.reply_of(operated, Some(audit)), commit })
    }

    /// What others must do about a change that is in the persister's queue.
    fn follow(&mut self, change: &OperatorChange, lifted: Option<Lifted>) {
        match change {
            OperatorChange::Move { .. } => {
                if let (Some(lifted), Some(place)) = (lifted, self.known_place()) {
                    self.put_ship(lifted, &place);
                }
            }
            OperatorChange::Ban(_) | OperatorChange::Erase { .. } => {
                let shut_out = self.live().and_then(|live| live.account.moderation.check(now()).err());
                if let Some(shut_out) = shut_out {
                    self.expel(Some(of_shut_out(&shut_out)), &shut_out.to_string());
                }
                if matches!(change, OperatorChange::Erase { .. }) {
                    self.node.channels.forget_speaker(self.id);
                }
            }
            OperatorChange::Rename { .. } | OperatorChange::GrantTech { .. } | OperatorChange::RevokeTech { .. } => {
                self.refit_ship()
            }
            OperatorChange::Grant(_)
            | OperatorChange::Revoke(_)
            | OperatorChange::Unban {}
            | OperatorChange::Mute(_)
            | OperatorChange::Unmute {} => {}
        }
    }

    /// Puts a ship that was lifted out of space at a place.
    fn put_ship(&mut self, lifted: Lifted, place: &Place) {
        let Some(spec) = self.ship_spec() else { return };
        let row = ShipRow { player: self.id, world: place.world.clone(), at: place.at };
        let passage = Passage::begin(&self.node, spec, lifted.binding, lifted.stay, row);
        if let Some(world) = self.node.directory.world(&place.world) {
            world.addr().do_send(Appear { passage, at: place.at });
        }
    }

    fn answer_durable(
        &self,
        commit: u64,
        done: OperateReply,
        reply: oneshot::Sender<Result<OperateReply, OperateError>>,
        context: &mut Context<Self>,
    ) {
        let node = Arc::clone(&self.node);
        let waiting = async move {
            let answer = if is_durable(&node, commit).await { Ok(done) } else { Err(OperateError::StorageUnavailable) };
            // Whoever asked may have given up.
            drop(reply.send(answer));
        };
        context.spawn(waiting.into_actor(self));
    }
}

/// A change that is in the persister's queue.
struct Done {
    reply: OperateReply,
    commit: u64,
}

async fn is_durable(node: &Node, commit: u64) -> bool {
    let patience = Duration::from_millis(node.config.store.answer_timeout_ms);
    matches!(tokio::time::timeout(patience, node.persister.wait_durable(commit)).await, Ok(Ok(())))
}

/// Whether an entry still stands. Its undoing would be in a commit of this actor's, or in one before it was loaded: all
/// of them are waited for.
async fn check_not_undone(node: &Node, entry: u64, last_commit: u64) -> Result<(), OperateError> {
    if !is_durable(node, last_commit).await {
        return Err(OperateError::StorageUnavailable);
    }
    let patience = Duration::from_millis(node.config.store.answer_timeout_ms);
    let line = tokio::time::timeout(patience, node.store.audit_entry(entry)).await;
    let line = line.unwrap_or_else(|_| Err(StoreError::Unavailable("no answer in time".to_owned())));
    match line {
        Ok(line) => match line.and_then(|line| line.undone_by) {
            Some(by) => Err(OperateError::AlreadyUndone { by }),
            None => Ok(()),
        },
        Err(error) => {
            node.metrics.store_errors.inc();
            tracing::error!(entry, error = %error, "the audit log cannot be read");
            Err(OperateError::StorageUnavailable)
        }
    }
}
