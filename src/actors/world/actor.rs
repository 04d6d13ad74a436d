//! The world actor: its tick, its mailbox, and how a tick's effects are carried out: commit first, then messages to
//! players, then what sessions see.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use actix::{Actor, ActorContext, ActorFutureExt, AsyncContext, Context, Handler, StreamHandler, WrapFuture};
use orrery_core::catalog::Sector as SectorContent;
use orrery_core::game::Effects;
use orrery_core::game::space::{Interest, RecentNews, Sector, ShipSpec, TickOutput, WorldRefusal};
use orrery_core::protocol::answer::{Entered, Jumped, Navigated};
use orrery_core::types::economy::chat::Channel;
use orrery_core::types::{CommandId, GateKey, PlayerId, Point, ShipId};
use tokio::sync::mpsc;
use tracing::Span;

use super::clock::{Clock, Made, TickSource};
use super::inbox::Sent;
use super::survey::Counting;
use super::{
    Arrive, Binding, Evict, Join, JoinAt, JoinRefusal, Joined, Leave, Passage, Refit, StopWorld, WorldHandle,
    WorldInput,
};
use crate::actors::answers;
use crate::actors::apply::apply;
use crate::actors::ending::{End, Ending, Stays};
use crate::actors::fanout::{EncodedTick, FanoutHandle, FanoutMessage, Receipt, SlotId, TickFrames};
use crate::actors::node::{Node, deliberate_panic};
use crate::actors::player::PlayerMessage;
use crate::actors::session_link::{Answer, Note};
use crate::actors::stats::Timing;
use crate::store::record::WorldRecord;
use crate::store::{Commit, ObjectRow, ShipRow, StoreError, StoredWorld, Versioned, Write};
use crate::telemetry::metrics::{ActorLabel, WorldLabel};
use crate::telemetry::trace;

/// Joins and leaves that may wait in the mailbox, per sender.
const MAILBOX_BOUND: usize = 1_024;
/// How long a world waits before it tries again to be loaded.
const LOAD_RETRY: Duration = Duration::from_millis(500);
/// Of how many ships one has what its viewer is sent checked against its place, in each tick. Over a second of ticks
/// every ship has its turn; not at the same ticks of each cycle, at which the same periods are due.
const CHECKED_VIEWERS: usize = 17;

/// A worker with sessions that look into this world.
struct Worker {
    fanout: FanoutHandle,
    bound: usize,
    notes: Vec<(SlotId, Note)>,
    /// Messages sent to it, and how many of them it is done with.
    sent: u64,
    done: Arc<AtomicU64>,
}

/// One world.
pub struct WorldActor {
    node: Arc<Node>,
    content: SectorContent,
    label: WorldLabel,
    pub(super) clock: Clock,
    /// Taken when the world is loaded.
    ticks: Option<TickSource>,
    inbox: mpsc::Receiver<Sent>,
    /// What others reach this world by; for the messages that introduce it.
    pub(super) handle: WorldHandle,
    /// `None` until it is loaded.
    pub(super) sector: Option<Loaded>,
    bindings: HashMap<ShipId, Binding>,
    /// Numbers each ship's stay here.
    pub(super) stays: HashMap<ShipId, u64>,
    workers: BTreeMap<usize, Worker>,
    /// What is sent to players when the tick's commit is in the queue.
    after: Vec<(PlayerId, PlayerMessage, Span)>,
    /// Ships that went through a gate in this tick.
    departing: Vec<(WorldHandle, Arrive)>,
    /// An operator wants it to be started anew, after the next tick.
    ending: Option<End>,
    /// While somebody surveys it.
    pub(super) counting: Option<Counting>,
}

pub(super) struct Loaded {
    pub(super) sector: Sector,
    pub(super) interest: Arc<Interest>,
    news: RecentNews,
    version: u64,
    positions_stored: Instant,
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
            bindings: HashMap::new(),
            stays: HashMap::new(),
            workers: BTreeMap::new(),
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
        let loading = load(Arc::clone(&self.node), self.content.clone()).into_actor(self).map(
            |stored, world, context: &mut Context<Self>| {
                world.take_in(stored);
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

/// Reads the world when everything that was ever committed of it is in the store.
async fn load(node: Arc<Node>, content: SectorContent) -> StoredWorld {
    loop {
        let loaded = match node.persister.wait_durable(node.persister.last_enqueued()).await {
            Ok(()) => node.store.load_world(&content.key).await,
            Err(gone) => Err(StoreError::Unavailable(gone.to_string())),
        };
        match loaded {
            Ok(stored) => return stored,
            Err(error) => {
                node.metrics.store_errors.inc();
                tracing::error!(world = %content.key, error = %error, "the world cannot be loaded; trying again");
                tokio::time::sleep(LOAD_RETRY).await;
            }
        }
    }
}

impl StreamHandler<tokio::time::Instant> for WorldActor {
    fn handle(&mut self, due: tokio::time::Instant, context: &mut Self::Context) {
        let lag = self.delivery_lag();
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
    fn take_in(&mut self, stored: StoredWorld) {
        let settings = self.node.sector_settings();
        let is_new = stored.world.is_none();
        let (version, seed, last_object) = match stored.world {
            Some(Versioned { version, record: WorldRecord::V1 { seed, last_object } }) => (version, seed, last_object),
            None => (0, self.node.config.world.seed ^ u64::from(self.content.number), 0),
        };
        let mut sector = Sector::new(&self.content, settings, seed, last_object);
        for object in stored.objects {
            sector.insert_object(object.id, object.kind, object.at, object.quantity);
        }
        let mut fx = Effects::default();
        if is_new {
            sector.fill(&self.node.catalog, &mut fx);
        }
        tracing::info!(world = %self.content.key, objects = sector.objects().len(), new = is_new, "world loaded");
        let interest = Arc::new(sector.interest().clone());
        let mut loaded =
            Loaded { sector, interest, news: RecentNews::default(), version, positions_stored: Instant::now() };
        let commit = loaded.commit_of(&fx);
        self.sector = Some(loaded);
        if !commit.is_empty() {
            self.node.persister.enqueue(commit);
        }
    }

    /// The world's state, for tests that look at it between ticks.
    #[cfg(test)]
    pub(super) fn state(&self) -> Option<&Sector> {
        self.sector.as_ref().map(|loaded| &loaded.sector)
    }

    /// By how many ticks the slowest worker is behind.
    fn delivery_lag(&self) -> u64 {
        let behind = |worker: &Worker| worker.sent.saturating_sub(worker.done.load(Ordering::Relaxed));
        self.workers.values().map(behind).max().unwrap_or(0)
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
            let ships: Vec<ShipId> = self.bindings.keys().copied().collect();
            ships.into_iter().for_each(|ship| self.note(ship, Note::Rejoin));
        }
        self.send_frames(&mut loaded, output);
        // After the frames, which carry what this world still has to say to the ships' sessions.
        for (world, arrive) in std::mem::take(&mut self.departing) {
            world.addr().do_send(arrive);
        }
        self.store_positions(&mut loaded, self.ending.is_some());
        self.observe(&loaded);
        if self.ending.is_none() {
            self.sector = Some(loaded);
        }
    }

    fn take_inputs(&mut self, loaded: &mut Loaded, fx: &mut Effects, commit: &mut Commit) {
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
        self.note(id, Note::Answer { id: command, answer, commit: 0 });
        loaded.sector.leave(spec.player);
        let stay = self.stays.remove(&id).unwrap_or(0);
        let (player, binding) = (spec.player, self.unbind(id));
        let passage = Passage::begin(&self.node, spec, binding, stay, row);
        self.departing.push((target, Arrive { player, passage, gate: gate.to_gate }));
        Ok(())
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
        loaded.news.push(output.news);
        let mut entered: Vec<_> = output.views.iter().flat_map(|view| view.entered.iter().copied()).collect();
        entered.sort_unstable();
        entered.dedup();
        let snapshots = entered.into_iter().map(|cell| loaded.sector.snapshot(cell)).collect();
        let (number, interest) = (loaded.sector.number(), Arc::clone(&loaded.interest));
        let frames = Arc::new(EncodedTick::new(number, interest, loaded.news.clone(), snapshots));
        let mut checked = self.places_to_check(&loaded.sector);
        let mut views: BTreeMap<usize, Vec<_>> = BTreeMap::new();
        for view in output.views {
            if let Some(binding) = self.bindings.get(&view.ship) {
                views.entry(binding.fanout.worker).or_default().push((binding.slot, view));
            }
        }
        let load = Counting::load(&mut self.counting);
        let mut behind = Vec::new();
        for (number, worker) in &mut self.workers {
            let message = TickFrames {
                world: self.handle.clone(),
                frames: Arc::clone(&frames),
                views: views.remove(number).unwrap_or_default(),
                checked: checked.remove(number).unwrap_or_default(),
                notes: std::mem::take(&mut worker.notes),
                tick_ms: self.clock.announced_ms(),
                load: load.clone(),
                receipt: Receipt::new(&worker.done),
            };
            worker.sent += 1;
            if let Err(FanoutMessage::Tick(lost)) = worker.fanout.try_send(FanoutMessage::Tick(message)) {
                // Notes are kept for the next tick, frames are not: their sessions will see everything anew.
                worker.notes = lost.notes;
                behind.push(*number);
            }
        }
        self.workers.retain(|_, worker| worker.bound > 0 || !worker.notes.is_empty());
        if !behind.is_empty() {
            let lost = self.bindings.iter().filter(|(_, binding)| behind.contains(&binding.fanout.worker));
            lost.for_each(|(ship, _)| loaded.sector.open_view(*ship));
        }
    }

    /// Where some of the viewers' ships are, by worker: the fan-out checks against it what it is about to send them.
    fn places_to_check(&self, sector: &Sector) -> BTreeMap<usize, Vec<(SlotId, Point)>> {
        let mut checked: BTreeMap<usize, Vec<_>> = BTreeMap::new();
        let turn = usize::try_from(sector.tick().0).unwrap_or(0) % CHECKED_VIEWERS;
        for ship in sector.ships().skip(turn).step_by(CHECKED_VIEWERS) {
            if let Some(binding) = self.bindings.get(&ship.id) {
                let place = (binding.slot, ship.position(sector.tick()));
                checked.entry(binding.fanout.worker).or_default().push(place);
            }
        }
        checked
    }

    fn store_positions(&self, loaded: &mut Loaded, at_once: bool) {
        let interval = Duration::from_millis(self.node.config.world.position_flush_ms);
        if !at_once && (loaded.positions_stored.elapsed() < interval || !self.node.persister.has_room()) {
            return;
        }
        loaded.positions_stored = Instant::now();
        let world = &self.content.key;
        let moved = loaded.sector.take_unsaved().into_iter();
        let commit: Commit =
            moved.map(|(player, at)| Write::Ship(ShipRow { player, world: world.clone(), at })).collect();
        if !commit.is_empty() {
            self.node.persister.enqueue(commit);
        }
    }

    fn observe(&self, loaded: &Loaded) {
        let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        self.node.metrics.ships.get_or_create(&self.label).set(count(loaded.sector.ships().len()));
        self.node.metrics.objects.get_or_create(&self.label).set(count(loaded.sector.objects().len()));
    }

    /// Answers the session that looks through a ship; when the ship has just left, its player passes the answer on.
    fn answer(&mut self, player: PlayerId, ship: ShipId, command: Option<CommandId>, answer: Answer) {
        if self.bindings.contains_key(&ship) {
            self.note(ship, Note::Answer { id: command, answer, commit: 0 });
        } else {
            self.after.push((player, PlayerMessage::PassOn { id: command, answer }, trace::current()));
        }
    }

    pub(super) fn note(&mut self, ship: ShipId, note: Note) {
        let Some(binding) = self.bindings.get(&ship) else { return };
        if let Some(worker) = self.workers.get_mut(&binding.fanout.worker) {
            worker.notes.push((binding.slot, note));
        }
    }

    fn bind(&mut self, ship: ShipId, binding: Binding) {
        self.unbind(ship);
        let fanout = binding.fanout.clone();
        let worker = self.workers.entry(fanout.worker).or_insert_with(|| Worker {
            fanout,
            bound: 0,
            notes: Vec::new(),
            sent: 0,
            done: Arc::default(),
        });
        worker.bound += 1;
        self.bindings.insert(ship, binding);
    }

    pub(super) fn unbind(&mut self, ship: ShipId) -> Option<Binding> {
        let binding = self.bindings.remove(&ship)?;
        if let Some(worker) = self.workers.get_mut(&binding.fanout.worker) {
            worker.bound = worker.bound.saturating_sub(1);
        }
        Some(binding)
    }

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
        let bound = present.and_then(|ship| self.bindings.get(&ship)).map_or(0, |bound| bound.attachment);
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
            self.bind(ship, binding);
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

impl Loaded {
    /// The rows of the world that effects changed.
    fn commit_of(&mut self, fx: &Effects) -> Commit {
        let sector = &self.sector;
        let mut commit: Commit = fx
            .objects
            .iter()
            .map(|id| match sector.objects().get(id) {
                Some(object) => Write::PutObject(ObjectRow {
                    id: *id,
                    world: sector.key().clone(),
                    kind: object.kind.clone(),
                    at: object.at,
                    quantity: object.quantity,
                }),
                None => Write::DeleteObject(*id),
            })
            .collect();
        if fx.touched {
            self.version += 1;
            let record = WorldRecord::V1 { seed: sector.seed(), last_object: sector.last_object() };
            commit.push(Write::World(sector.key().clone(), Versioned { version: self.version, record }));
        }
        commit
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
            self.note(ship, Note::Entered(joined, self.handle.clone()));
        }
    }
}

impl Handler<Leave> for WorldActor {
    type Result = ();

    fn handle(&mut self, leave: Leave, _: &mut Self::Context) {
        let _timing = Timing::begin(&self.handle.meter, "leave");
        let Some(loaded) = &mut self.sector else { return };
        let Some(ship) = loaded.sector.ship_of(leave.player).map(|ship| ship.id) else { return };
        if self.bindings.get(&ship).is_some_and(|binding| binding.attachment > leave.attachment) {
            return;
        }
        if let (Some(at), Some(stay)) = (loaded.sector.leave(leave.player), self.stays.remove(&ship)) {
            let row = ShipRow { player: leave.player, world: self.content.key.clone(), at };
            self.node.persister.enqueue(vec![Write::Ship(row.clone())]);
            self.node.directory.tell_if_live(leave.player, PlayerMessage::ShipLeft { row, stay });
        }
        self.unbind(ship);
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
        self.note(ship, Note::Rejoin);
        self.unbind(ship);
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
            self.store_positions(&mut loaded, true);
        }
    }
}
