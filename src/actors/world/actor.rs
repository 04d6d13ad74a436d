//! The world actor: its tick, its mailbox, and how a tick's effects are carried out: commit first, then messages to
//! players, then what sessions see.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use actix::{Actor, ActorContext, ActorFutureExt, AsyncContext, Context, Handler, StreamHandler, WrapFuture};
use orrery_core::catalog::Sector as SectorContent;
use orrery_core::game::Effects;
#[cfg(test)]
use orrery_core::game::space::Sector;
use orrery_core::game::space::TickOutput;
use orrery_core::types::{PlayerId, ShipId};
use tokio::sync::mpsc;
use tracing::Span;

use super::clock::{Clock, Made, TickSource};
use super::inbox::Sent;
use super::loaded::{Loaded, read};
use super::survey::Counting;
use super::viewers::{Sight, Viewers};
use super::{Arrive, StopWorld, WorldHandle};
use crate::actors::apply::apply;
use crate::actors::ending::{End, Ending, Stays};
use crate::actors::node::Node;
use crate::actors::player::PlayerMessage;
use crate::store::Commit;
use crate::telemetry::metrics::{ActorLabel, WorldLabel};

/// Joins and leaves that may wait in the mailbox, per sender.
const MAILBOX_BOUND: usize = 1_024;

/// One world.
pub struct WorldActor {
    pub(super) node: Arc<Node>,
    pub(super) content: SectorContent,
    pub(super) label: WorldLabel,
    pub(super) clock: Clock,
    /// Taken when the world is loaded.
    ticks: Option<TickSource>,
    pub(super) inbox: mpsc::Receiver<Sent>,
    /// What others reach this world by; for the messages that introduce it.
    pub(super) handle: WorldHandle,
    /// `None` until it is loaded.
    pub(super) sector: Option<Loaded>,
    /// Who looks through which ship.
    pub(super) viewers: Viewers,
    /// Numbers each ship's stay here.
    pub(super) stays: HashMap<ShipId, u64>,
    /// What is sent to players when the tick's commit is in the queue.
    pub(super) after: Vec<(PlayerId, PlayerMessage, Span)>,
    /// Ships that went through a gate in this tick.
    pub(super) departing: Vec<(WorldHandle, Arrive)>,
    /// An operator wants it to be started anew, after the next tick.
    ending: Option<End>,
    /// While somebody surveys it.
    pub(super) counting: Option<Counting>,
}

impl WorldActor {
    pub(super) fn new(
        node: Arc<Node>,
        content: SectorContent,
        inbox: mpsc::Receiver<Sent>,
        handle: WorldHandle,
        ticks: TickSource,
    ) -> Self {
        Self {
            label: WorldLabel { world: content.key.to_string() },
            clock: Clock::new(&node.config.world),
            ticks: Some(ticks),
            node,
            content,
            inbox,
            handle,
            sector: None,
            viewers: Viewers::default(),
            stays: HashMap::new(),
            after: Vec::new(),
            departing: Vec::new(),
            ending: None,
            counting: None,
        }
    }
}

impl Actor for WorldActor {
    type Context = Context<Self>;

    fn started(&mut self, context: &mut Self::Context) {
        context.set_mailbox_capacity(MAILBOX_BOUND);
        let loading = read(Arc::clone(&self.node), self.content.clone()).into_actor(self).map(
            |stored, world, context: &mut Context<Self>| {
                world.sector = Some(Loaded::begin(&world.node, &world.content, stored));
                if let Some(ticks) = world.ticks.take() {
                    context.add_stream(ticks(&world.clock));
                }
            },
        );
        context.wait(loading);
    }
}

impl Drop for WorldActor {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.node.metrics.actor_panics.get_or_create(&ActorLabel { kind: "world" }).inc();
            tracing::error!(world = %self.content.key, "the world's actor panicked");
        }
    }
}

impl StreamHandler<tokio::time::Instant> for WorldActor {
    fn handle(&mut self, due: tokio::time::Instant, context: &mut Self::Context) {
        let lag = self.viewers.delivery_lag();
        let began = tokio::time::Instant::now();
        self.tick();
        let made = Made { due, began, ended: tokio::time::Instant::now(), lag };
        self.count_tick(&made);
        self.clock.made(&made);
        self.handle.meter.handled("tick", began.into_std());
        let period = self.node.metrics.tick_period_seconds.get_or_create(&self.label);
        period.set(self.clock.period().as_secs_f64());
        if let Some(end) = self.ending.take() {
            context.stop();
            // Who asked may have given up.
            let _ = end.reply.send(Ok(()));
        }
    }
}

impl WorldActor {
    /// The world's state, for tests that look at it between ticks.
    #[cfg(test)]
    pub(super) fn state(&self) -> Option<&Sector> {
        self.sector.as_ref().map(|loaded| &loaded.sector)
    }

    fn count_tick(&self, made: &Made) {
        let metrics = &self.node.metrics;
        metrics.ticks.get_or_create(&self.label).inc();
        if self.clock.is_late(made) {
            metrics.ticks_late.get_or_create(&self.label).inc();
        }
        let took = made.ended.duration_since(made.began);
        metrics.tick_seconds.get_or_create(&self.label).observe(took.as_secs_f64());
        if took > self.clock.period() {
            metrics.tick_overruns.get_or_create(&self.label).inc();
        }
        let lag = i64::try_from(made.lag).unwrap_or(i64::MAX);
        metrics.delivery_lag_ticks.get_or_create(&self.label).set(lag);
    }

    /// One step of the world.
    fn tick(&mut self) {
        let Some(mut loaded) = self.sector.take() else { return };
        let mut fx = Effects::default();
        let mut commit = Commit::new();
        loaded.sector.begin_tick();
        self.handle.tick.store(loaded.sector.tick().0, Ordering::Relaxed);
        self.take_inputs(&mut loaded, &mut fx, &mut commit);
        let may_spawn = self.node.persister.has_room();
        let output = loaded.sector.end_tick(may_spawn.then_some(&*self.node.catalog), &mut fx);
        self.apply(&mut loaded, fx, commit);
        if self.ending.is_some() {
            self.viewers.send_away();
        }
        self.send_frames(&mut loaded, output);
        // After the frames, which carry what this world still has to say to the ships' sessions.
        for (world, arrive) in std::mem::take(&mut self.departing) {
            world.addr().do_send(arrive);
        }
        loaded.store_positions(&self.node, self.ending.is_some());
        self.observe(&loaded);
        if self.ending.is_none() {
            self.sector = Some(loaded);
        }
    }

    /// Carries effects out: commit, then messages.
    fn apply(&mut self, loaded: &mut Loaded, mut fx: Effects, mut commit: Commit) {
        commit.extend(loaded.commit_of(&fx));
        if apply(&self.node, commit, &mut fx) > 0 {
            self.handle.meter.committed();
        }
        for (player, message, span) in std::mem::take(&mut self.after) {
            span.in_scope(|| self.node.directory.tell(&self.node, player, message));
        }
    }

    fn send_frames(&mut self, loaded: &mut Loaded, output: TickOutput) {
        let sight = Sight {
            world: self.handle.clone(),
            frames: loaded.frames(output.news, &output.views),
            tick_ms: self.clock.announced_ms(),
            load: Counting::load(&mut self.counting),
        };
        self.viewers.send(&sight, output.views, &mut loaded.sector);
    }

    fn observe(&self, loaded: &Loaded) {
        let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        self.node.metrics.ships.get_or_create(&self.label).set(count(loaded.sector.ships().len()));
        self.node.metrics.objects.get_or_create(&self.label).set(count(loaded.sector.objects().len()));
    }
}

impl Handler<End> for WorldActor {
    type Result = ();

    fn handle(&mut self, end: End, _: &mut Self::Context) {
        let decided = match end.how {
            Ending::Passivate => Err(Stays::Kept),
            Ending::Restart if self.sector.is_none() || self.ending.is_some() => Err(Stays::NotLoaded),
            Ending::Restart => Ok(()),
        };
        if decided.is_ok() && end.is_meant {
            self.ending = Some(end);
        } else {
            let _ = end.reply.send(decided);
        }
    }
}

impl Handler<StopWorld> for WorldActor {
    type Result = ();

    fn handle(&mut self, _: StopWorld, _: &mut Self::Context) {
        // Taken out: the ticks that may still come find nothing to do.
        if let Some(mut loaded) = self.sector.take() {
            loaded.store_positions(&self.node, true);
        }
    }
}
