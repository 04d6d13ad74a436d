//! The player actor: how it is loaded, who its session is, and when it leaves memory.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix::{Actor, ActorContext, ActorFutureExt, AsyncContext, Context, Handler, SpawnHandle, WrapFuture};
use orrery_core::game::Effects;
use orrery_core::game::account::Account;
use orrery_core::game::player::Player;
use orrery_core::game::space::ShipSpec;
use orrery_core::protocol::ServerMessage;
use orrery_core::protocol::server_message::ResearchDone;
use orrery_core::types::{CommandId, Millis, PlayerId};

use super::commands::{Asked, Pending};
use super::messages::{PlayerMessage, Query, ToPlayer};
use super::remembered::Remembered;
use super::whereabouts::Whereabouts;
use crate::actors::answers;
use crate::actors::node::{Node, deliberate_panic, now};
use crate::actors::session_link::{Answer, Note};
use crate::actors::world::Refit;
use crate::store::{Commit, StoreError, StoredPlayer, Versioned, Write};
use crate::telemetry::metrics::ActorLabel;

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
    origin: Option<Origin>,
    pub(super) state: State,
    pub(super) whereabouts: Whereabouts,
    pub(super) pending: HashMap<CommandId, Pending>,
    /// Collects that wait for the one under way, oldest first.
    pub(super) waiting_collects: VecDeque<(CommandId, Asked)>,
    pub(super) last_commit: u64,
    /// When the running research is due, and the timer for it.
    research_timer: Option<(Millis, SpawnHandle)>,
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
}

impl PlayerActor {
    /// A player that will be loaded, or made.
    #[must_use]
    pub fn new(node: Arc<Node>, id: PlayerId, origin: Origin) -> Self {
        Self {
            node,
            id,
            origin: Some(origin),
            state: State::Loading,
            whereabouts: Whereabouts::default(),
            pending: HashMap::new(),
            waiting_collects: VecDeque::new(),
            last_commit: 0,
            research_timer: None,
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
                player.leave_memory(context);
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
    let patience = Duration::from_millis(node.config.store.answer_timeout_ms);
    let durable = node.persister.wait_durable(node.persister.last_enqueued());
    if !matches!(tokio::time::timeout(patience, durable).await, Ok(Ok(()))) {
        return Err(StoreError::Unavailable("earlier commits are not durable yet".to_owned()));
    }
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
        let remembered = Remembered::new(&[], Vec::new());
        let live = Live { account, account_version: 0, player, player_version: 0, remembered };
        self.state = State::Live(Box::new(live));
        self.commit(fx, Commit::new(), true, context);
    }

    fn take_in(&mut self, stored: Result<Option<StoredPlayer>, StoreError>, context: &mut Context<Self>) {
        match stored {
            Ok(Some(stored)) => {
                self.whereabouts = Whereabouts::at(stored.ship.map(|ship| (ship.world, ship.at)));
                self.state = State::Live(Box::new(Live {
                    account: stored.account.record.into(),
                    account_version: stored.account.version,
                    player: stored.player.record.into_player(self.id),
                    player_version: stored.player.version,
                    remembered: Remembered::new(&stored.commands, stored.inbox),
                }));
                // Goods under way come before any command: a repeated collect must find its transfer applied.
                for transfer in self.node.outbox.meant_for(self.id) {
                    self.receive(&transfer, context);
                }
                self.finish_research(context);
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
        fx: Effects,
        mut commit: Commit,
        with_account: bool,
        context: &mut Context<Self>,
    ) -> u64 {
        let State::Live(live) = &mut self.state else { return 0 };
        let now = now();
        if with_account {
            live.account_version += 1;
            let row = Versioned { version: live.account_version, record: (&live.account).into() };
            commit.push(Write::Account(self.id, row));
        }
        if fx.touched {
            live.player_version += 1;
            let row = Versioned { version: live.player_version, record: (&live.player).into() };
            commit.push(Write::Player(self.id, row));
        }
        for id in &fx.received {
            commit.push(Write::Inbox(crate::store::InboxRow { player: self.id, id: id.clone(), at: now }));
            commit.push(Write::DeleteOutbox(id.clone()));
        }
        commit.extend(fx.ledger.into_iter().map(Write::Ledger));
        if commit.is_empty() {
            return 0;
        }
        self.last_commit = self.node.persister.enqueue(commit);
        for id in fx.received {
            self.node.outbox.remove(&id);
            live.remembered.remember_transfer(id);
        }
        if !fx.research_done.is_empty() {
            self.refit_ship();
            let commit = self.last_commit;
            for tech in fx.research_done {
                self.tell_when_durable(
                    commit,
                    Note::Event(ServerMessage::ResearchDone(ResearchDone { tech })),
                    context,
                );
            }
        }
        self.last_commit
    }

    /// Finishes a research that is due, or sets the timer for when it will be.
    pub(super) fn finish_research(&mut self, context: &mut Context<Self>) {
        let Some(live) = self.live() else { return };
        let mut fx = Effects::default();
        live.player.finish_due_research(now(), &mut fx);
        let due = live.player.research.as_ref().map(|running| running.due);
        if !fx.is_empty() {
            self.commit(fx, Commit::new(), false, context);
        }
        self.set_research_timer(due, context);
    }

    /// One timer at most: this is called with every command.
    fn set_research_timer(&mut self, due: Option<Millis>, context: &mut Context<Self>) {
        if self.research_timer.map(|(due, _)| due) == due {
            return;
        }
        if let Some((_, timer)) = self.research_timer.take() {
            context.cancel_future(timer);
        }
        self.research_timer = due.map(|due| {
            let wait = Duration::from_millis(due.since(now()).max(1));
            let timer = context.run_later(wait, |player, context| {
                player.research_timer = None;
                player.finish_research(context);
            });
            (due, timer)
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

    fn tell_when_durable(&self, commit: u64, note: Note, context: &mut Context<Self>) {
        let node = Arc::clone(&self.node);
        let durable = async move { node.persister.wait_durable(commit).await.is_ok() };
        context.spawn(durable.into_actor(self).map(|durable, player, _| {
            if durable {
                player.tell(note);
            }
        }));
    }

    /// Answers the session's client when a commit is durable; or that the store does not answer, when that takes
    /// too long.
    pub(super) fn answer_when_durable(
        &mut self,
        id: CommandId,
        answer: Answer,
        commit: u64,
        context: &mut Context<Self>,
    ) {
        if self.node.persister.durable() >= commit {
            return self.tell(Note::Answer { id: Some(id), answer, commit });
        }
        let node = Arc::clone(&self.node);
        let patience = Duration::from_millis(node.config.store.answer_timeout_ms);
        let waiting = async move {
            let durable = tokio::time::timeout(patience, node.persister.wait_durable(commit)).await;
            matches!(durable, Ok(Ok(())))
        };
        context.spawn(waiting.into_actor(self).map(move |durable, player, _| {
            let (answer, commit) = if durable { (answer, commit) } else { (answers::storage_unavailable(), 0) };
            player.tell(Note::Answer { id: Some(id), answer, commit });
        }));
    }

    /// Somebody has asked for something.
    pub(super) fn touch(&mut self, handling: &'static str) {
        self.last_used = Instant::now();
        self.handling = handling;
    }

    /// Leaves memory, if nobody would notice: no session, nothing under way, everything durable.
    fn leave_memory(&mut self, context: &mut Context<Self>) {
        let idle = self.whereabouts.session().is_none() && self.pending.is_empty() && self.world().is_none();
        if idle && self.node.persister.durable() >= self.last_commit {
            self.node.directory.forget_player(self.id, &context.address());
            self.node.metrics.actors_passivated.get_or_create(&KIND).inc();
            self.state = State::Left;
            context.stop();
        }
    }

    fn answer_query(&mut self, id: Option<CommandId>, query: Query) {
        let catalog = Arc::clone(&self.node.catalog);
        let Some(live) = self.live() else {
            return self.tell(Note::Answer { id, answer: answers::storage_unavailable(), commit: 0 });
        };
        let answer = match query {
            Query::Status => answers::status(&live.player, &live.account.name, &catalog),
            Query::ShipStats => answers::ship_stats(&live.player, &catalog),
            Query::TechTree => answers::tech_tree(&live.player, &catalog, now()),
        };
        self.tell(Note::Answer { id, answer, commit: 0 });
    }
}

impl Handler<ToPlayer> for PlayerActor {
    type Result = ();

    fn handle(&mut self, mut message: ToPlayer, context: &mut Self::Context) {
        let Some(message) = message.message.take() else { return };
        if !matches!(message, PlayerMessage::MakeRoom) {
            self.last_used = Instant::now();
        }
        match message {
            PlayerMessage::Execute { id, fingerprint, command } => {
                self.handling = "execute";
                self.execute(id, fingerprint, command, context);
            }
            PlayerMessage::Ask { id, query } => {
                self.handling = "ask";
                self.answer_query(id, query);
            }
            PlayerMessage::WorldVerdict { command, attempt, verdict } => {
                self.handling = "world_verdict";
                self.on_verdict(command, attempt, verdict, context);
            }
            PlayerMessage::PassOn { id, answer } => self.tell(Note::Answer { id, answer, commit: 0 }),
            PlayerMessage::Deliver(transfer) => {
                self.handling = "deliver";
                self.receive(&transfer, context);
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
            PlayerMessage::Detach(session) => self.detach(&session),
            PlayerMessage::MakeRoom => self.leave_memory(context),
            PlayerMessage::Panic => {
                self.handling = "debug_panic";
                deliberate_panic("a player's actor was told to panic");
            }
        }
    }
}
