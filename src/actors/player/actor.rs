//! The player actor: how it is loaded, who its session is, and when it leaves memory.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix::{Actor, ActorContext, ActorFutureExt, AsyncContext, Context, Handler, WrapFuture};
use orrery_core::game::Effects;
use orrery_core::game::account::Account;
use orrery_core::game::player::Player;
use orrery_core::game::season::Scores;
use orrery_core::game::space::ShipSpec;
use orrery_core::protocol::ServerMessage;
use orrery_core::protocol::server_message::{ResearchDone, Unread};
use orrery_core::types::economy::social::Notification;
use orrery_core::types::{CommandId, Party, PlayerId};

use super::chat::Tuned;
use super::messages::PlayerMessage;
use super::pending::Pending;
use super::remembered::Remembered;
use super::snapshot::SnapshotClock;
use super::whereabouts::Whereabouts;
use crate::actors::apply::apply;
use crate::actors::due_timer::DueTimer;
use crate::actors::ending::Stays;
use crate::actors::node::{Node, deliberate_panic, now};
use crate::actors::session_link::Note;
use crate::actors::stats::{Meter, Posted, Timing};
use crate::actors::world::Refit;
use crate::store::{Commit, Log, LogRow, StoreError, StoredPlayer, Versioned, Write};
use crate::telemetry::metrics::ActorLabel;
use crate::telemetry::trace;

const KIND: ActorLabel = ActorLabel { kind: "player" };
/// Attempts to load a player before its callers are told that the store does not answer.
const LOAD_ATTEMPTS: u32 = 3;
/// Between those attempts.
const LOAD_RETRY: Duration = Duration::from_millis(200);

/// Where a player's state comes from.
pub enum Origin {
    /// From the store.
    Stored,
    /// It is made now, with this account.
    New(Box<Account>),
}

/// One player.
pub struct PlayerActor {
    pub(super) node: Arc<Node>,
    pub(super) id: PlayerId,
    pub(super) meter: Arc<Meter>,
    origin: Option<Origin>,
    pub(super) state: State,
    pub(super) whereabouts: Whereabouts,
    pub(super) pending: HashMap<CommandId, Pending>,
    pub(super) last_commit: u64,
    /// What is told when its commit is durable, in the order of the commits.
    untold: VecDeque<(u64, Note)>,
    /// Which channels it listens to.
    pub(super) tuned: Tuned,
    /// For the running research and crafting jobs.
    timer: DueTimer,
    last_used: Instant,
    /// What is being handled, for the incident's log line.
    handling: &'static str,
}

/// What is in memory.
pub(super) enum State {
    /// Nothing yet.
    Loading,
    /// There is no such player.
    Missing,
    /// The store did not answer.
    Unreadable,
    /// Nothing any more.
    Left,
    /// Everything.
    Live(Box<Live>),
}

/// A player in memory.
pub(super) struct Live {
    pub(super) account: Account,
    pub(super) account_version: u64,
    pub(super) player: Player,
    pub(super) player_version: u64,
    pub(super) remembered: Remembered,
    /// What the season's leaderboards know of the player; `None` when they know nothing yet.
    scores: Option<Scores>,
    pub(super) snapshots: SnapshotClock,
}

impl PlayerActor {
    /// A player that will be loaded, or made.
    #[must_use]
    pub fn new(node: Arc<Node>, id: PlayerId, origin: Origin, meter: Arc<Meter>) -> Self {
        Self {
            node,
            id,
            meter,
            origin: Some(origin),
            state: State::Loading,
            whereabouts: Whereabouts::default(),
            pending: HashMap::new(),
            last_commit: 0,
            untold: VecDeque::new(),
            tuned: Tuned::default(),
            timer: DueTimer::default(),
            last_used: Instant::now(),
            handling: "start",
        }
    }
}

impl Actor for PlayerActor {
    type Context = Context<Self>;

    fn started(&mut self, context: &mut Self::Context) {
        self.node.metrics.actors_loaded.get_or_create(&KIND).inc();
        match self.origin.take() {
            Some(Origin::New(account)) => self.begin(*account, context),
            Some(Origin::Stored) | None => {
                let loading = load(Arc::clone(&self.node), self.id).into_actor(self);
                context.wait(loading.map(|stored, player, context| player.take_in(stored, context)));
            }
        }
        let idle = Duration::from_millis(self.node.config.world.player_idle_ms);
        context.run_interval(idle / 2, move |player, context| {
            player.drop_dead_session();
            if player.last_used.elapsed() >= idle {
                let _ = player.leave_memory(context);
            }
        });
    }
}

impl Drop for PlayerActor {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.node.metrics.actor_panics.get_or_create(&KIND).inc();
            tracing::error!(player = %self.id, message = self.handling, "the player's actor panicked");
        }
    }
}

/// Reads the player when everything that was ever committed of it is in the store.
pub(super) async fn load(node: Arc<Node>, id: PlayerId) -> Result<Option<StoredPlayer>, StoreError> {
    node.all_durable().await?;
    let mut attempt = 1;
    loop {
        match node.store.load_player(id).await {
            Err(StoreError::Unavailable(reason)) if attempt < LOAD_ATTEMPTS => {
                node.metrics.store_errors.inc();
                tracing::warn!(player = %id, reason, "the player cannot be loaded; trying again");
                attempt += 1;
                tokio::time::sleep(LOAD_RETRY).await;
            }
            other => return other,
        }
    }
}

impl PlayerActor {
    fn begin(&mut self, account: Account, context: &mut Context<Self>) {
        let mut fx = Effects::default();
        let player = Player::new(self.id, &self.node.catalog, now(), &mut fx);
        let remembered = Remembered::new(&[]);
        let snapshots = SnapshotClock::new(now());
        let live = Live { account, account_version: 0, player, player_version: 0, remembered, scores: None, snapshots };
        self.state = State::Live(Box::new(live));
        self.commit(fx, Commit::new(), true, context);
    }

    fn take_in(&mut self, stored: Result<Option<StoredPlayer>, StoreError>, context: &mut Context<Self>) {
        match stored {
            Ok(Some(stored)) => {
                self.whereabouts = Whereabouts::at(stored.ship.map(|ship| (ship.world, ship.at)));
                let account: Account = stored.account.record.into();
                self.meter.set_name(&account.name);
                let player = stored.player.record.into_player(self.id);
                let scores = Some(Scores::of(&player, &account.name));
                self.state = State::Live(Box::new(Live {
                    account,
                    account_version: stored.account.version,
                    player,
                    player_version: stored.player.version,
                    remembered: Remembered::new(&stored.commands),
                    scores,
                    snapshots: SnapshotClock::new(now()),
                }));
                // Goods under way come before any command: a repeated collect must find its transfer applied.
                for transfer in self.node.outbox.meant_for(&Party::Player(self.id)) {
                    self.receive(&transfer, context);
                }
                self.finish_due(context);
            }
            Ok(None) => self.state = State::Missing,
            Err(error) => {
                self.node.metrics.store_errors.inc();
                tracing::error!(player = %self.id, error = %error, "the player cannot be loaded");
                self.state = State::Unreadable;
            }
        }
        if !matches!(self.state, State::Live(_)) {
            // What waits in the mailbox is answered; then the next message tries anew.
            self.node.directory.forget_player(self.id, &context.address());
            context.run_later(Duration::from_millis(100), |_, context| context.stop());
        }
    }

    pub(super) fn live(&mut self) -> Option<&mut Live> {
        match &mut self.state {
            State::Live(live) => Some(live),
            State::Loading | State::Missing | State::Unreadable | State::Left => None,
        }
    }

    /// Hands all rows that changed to the persister, as one commit; then tells what may be told. Returns the commit's
    /// number; 0 when nothing changed.
    pub(super) fn commit(
        &mut self,
        mut fx: Effects,
        mut rows: Commit,
        with_account: bool,
        context: &mut Context<Self>,
    ) -> u64 {
        let State::Live(live) = &mut self.state else { return 0 };
        if with_account {
            self.meter.set_name(&live.account.name);
            live.account_version += 1;
            let row = Versioned { version: live.account_version, record: (&live.account).into() };
            rows.push(Write::Account(self.id, row));
        }
        if fx.touched {
            live.player_version += 1;
            let row = Versioned { version: live.player_version, record: (&live.player).into() };
            rows.push(Write::Player(self.id, row));
            live.add_due_snapshot(&mut rows, &self.node.config.store);
        }
        rows.extend(fx.notifications.iter().map(|notification| Write::Log(notification_row(self.id, notification))));
        let commit = apply(&self.node, rows, &mut fx);
        if commit == 0 {
            return 0;
        }
        self.last_commit = commit;
        self.meter.committed();
        self.tell_scores();
        for notification in fx.notifications {
            let message = ServerMessage::Notification(Box::new(notification));
            self.tell_when_durable(commit, Note::Event(message), context);
        }
        if !fx.research_done.is_empty() {
            self.refit_ship();
            for tech in fx.research_done {
                let message = ServerMessage::ResearchDone(ResearchDone { tech });
                self.tell_when_durable(commit, Note::Event(message), context);
            }
        }
        self.tune_in();
        commit
    }

    /// Tells the season's leaderboards what has changed for them, if something has.
    fn tell_scores(&mut self) {
        let State::Live(live) = &mut self.state else { return };
        let (player, name) = (&live.player, &live.account.name);
        if live.scores.as_ref().is_some_and(|scores| scores.still_hold(player, name)) {
            return;
        }
        let scores = Scores::of(player, name);
        self.node.seasons.changed(self.id, scores.clone());
        live.scores = Some(scores);
    }

    /// Finishes a research and crafting jobs that are due, and sets the timer for the next.
    pub(super) fn finish_due(&mut self, context: &mut Context<Self>) {
        let node = Arc::clone(&self.node);
        let Some(live) = self.live() else { return };
        let (rule, mut fx) = (node.rule(), Effects::default());
        live.player.finish_due_research(rule.now, &mut fx);
        live.player.finish_due_jobs(&rule, &mut fx);
        let research = live.player.research.as_ref().map(|running| running.due);
        let due = research.into_iter().chain(live.player.crafting_due()).min();
        if !fx.is_empty() {
            self.commit(fx, Commit::new(), false, context);
        }
        self.timer.set(due, context, |player, context| {
            player.timer.rang();
            player.finish_due(context);
        });
    }

    pub(super) fn ship_spec(&mut self) -> Option<ShipSpec> {
        let catalog = Arc::clone(&self.node.catalog);
        let live = self.live()?;
        let stats = live.player.ship_stats(&catalog);
        Some(ShipSpec {
            player: live.player.id,
            name: live.account.name.clone(),
            kind: stats.kind,
            speed: stats.speed,
            collect_range: stats.collect_range,
        })
    }

    pub(super) fn refit_ship(&mut self) {
        if let (Some(spec), Some(world)) = (self.ship_spec(), self.world()) {
            world.addr().do_send(Refit(spec));
        }
    }

    fn tell_when_durable(&mut self, commit: u64, note: Note, context: &mut Context<Self>) {
        self.untold.push_back((commit, note));
        let node = Arc::clone(&self.node);
        let durable = async move { node.persister.wait_durable(commit).await.is_ok() };
        context.spawn(durable.into_actor(self).map(move |durable, player, _| {
            // The context does not run what is ready at the same time in the order in which it was spawned.
            while durable && player.untold.front().is_some_and(|(due, _)| *due <= commit) {
                let Some((_, note)) = player.untold.pop_front() else { return };
                player.tell(note);
            }
        }));
    }

    /// Tells the session how many notifications wait.
    pub(super) fn tell_unread(&self) {
        if let State::Live(live) = &self.state {
            let inbox = live.player.inbox;
            let unread = Unread { unread: inbox.unread(), last: inbox.last };
            self.tell(Note::Event(ServerMessage::Unread(unread)));
        }
    }

    /// Somebody has asked for something, which is being handled as long as what is returned lives.
    pub(super) fn touch(&mut self, handling: &'static str) -> Timing {
        self.last_used = Instant::now();
        self.handling = handling;
        Timing::begin(&self.meter, handling)
    }

    /// Leaves memory, if nobody would notice: no session, nothing under way, everything durable.
    ///
    /// # Errors
    /// Why it stays.
    pub(super) fn leave_memory(&mut self, context: &mut Context<Self>) -> Result<(), Stays> {
        self.may_leave().map(|()| {
            self.snapshot_on_leaving();
            self.node.directory.forget_player(self.id, &context.address());
            self.node.metrics.actors_passivated.get_or_create(&KIND).inc();
            // If its session ended while no actor of it was alive to hear of it.
            self.node.topics.forget(self.id);
            self.be_online(false);
            self.tune_in();
            self.state = State::Left;
            context.stop();
        })
    }
}

fn notification_row(player: PlayerId, notification: &Notification) -> LogRow {
    // Notices have string keys only and always become JSON.
    let doc = serde_json::to_value(&notification.notice).unwrap_or_default();
    let (seq, at) = (notification.seq, notification.at_ms);
    LogRow { log: Log::Notification, stream: player.to_string(), seq, at, doc }
}

impl Handler<Posted<PlayerMessage>> for PlayerActor {
    type Result = ();

    fn handle(&mut self, Posted { message, waiting }: Posted<PlayerMessage>, context: &mut Self::Context) {
        let (name, began) = (message.name(), Instant::now());
        let within = trace::player(&waiting.end(), self.id, name).entered();
        self.handling = name;
        if !matches!(message, PlayerMessage::MakeRoom) {
            self.last_used = began;
        }
        self.take(message, context);
        drop(within);
        self.meter.handled(name, began);
    }
}

impl PlayerActor {
    fn take(&mut self, message: PlayerMessage, context: &mut Context<Self>) {
        match message {
            PlayerMessage::Execute { id, fingerprint, command, via } => {
                self.execute(id, fingerprint, command, via, context);
            }
            PlayerMessage::Ask { id, query, via } => self.answer_query(id, query, via, context),
            PlayerMessage::WorldVerdict { command, attempt, verdict } => {
                self.on_verdict(command, attempt, verdict, context);
            }
            PlayerMessage::PassOn { id, answer } => self.tell(Note::Answer { id, answer, commit: 0 }),
            PlayerMessage::Event(message) => self.tell(Note::Event(message)),
            PlayerMessage::Hear { stream, channel, line } => self.hear(stream.as_deref(), channel, &line),
            PlayerMessage::MayReach { from, reply } => self.answer_may_reach(from, reply),
            PlayerMessage::FriendIs(presence) => self.friend_is(presence),
            PlayerMessage::Deliver(transfer) => {
                for transfer in self.node.outbox.in_order(&transfer.id) {
                    self.receive(&transfer, context);
                }
            }
            PlayerMessage::ShipIn { world, stay, at } => self.ship_in(world, stay, at),
            PlayerMessage::Jumped => {
                if let Some(live) = self.live() {
                    live.player.lifetime.jumps += 1;
                    let fx = Effects { touched: true, ..Effects::default() };
                    self.commit(fx, Commit::new(), false, context);
                }
            }
            PlayerMessage::ShipLeft { row, stay } => self.ship_left(row, stay),
            PlayerMessage::Stranded { row, stay } => self.stranded(row, stay),
            PlayerMessage::Detach(session) => self.detach(&session),
            // Whoever asks is not answered, and asks the successor.
            PlayerMessage::Operate(_) | PlayerMessage::Kick(_) | PlayerMessage::Describe(_)
                if matches!(self.state, State::Left) => {}
            PlayerMessage::Operate(order) => self.operate(*order, context),
            PlayerMessage::Kick(kick) => self.kick(*kick, context),
            // Whoever asked may have given up.
            PlayerMessage::Describe(reply) => drop(reply.send(self.dossier(context))),
            PlayerMessage::MakeRoom => drop(self.leave_memory(context)),
            PlayerMessage::End(end) => self.end(end, context),
            PlayerMessage::Panic => deliberate_panic("a player's actor was told to panic"),
        }
    }
}
