//! The shell of markets, missions and guilds.

use std::sync::Arc;
use std::time::{Duration, Instant};

use actix::{Actor, ActorContext, ActorFutureExt, ArbiterHandle, AsyncContext, Context, Handler, WrapFuture};
use orrery_core::game::{
    Effects, Intervened, Intervention, Outcome as Settled, PartTable, PartyRules, PlayerChange, Purpose, ReplyParts,
    Request, Rule, Transfer,
};
use orrery_core::types::economy::Ask;
use orrery_core::types::{ErrorCode, Millis, Party, PlayerId, Refusal};
use serde_json::Value;
use tokio::sync::oneshot;

use super::{PartyHandle, PartyMessage, kind_of};
use crate::actors::apply::apply;
use crate::actors::audit::Deed;
use crate::actors::due_timer::DueTimer;
use crate::actors::ending::{End, Ending, Stays};
use crate::actors::node::{Node, deliberate_panic, now};
use crate::actors::operation::{NotDone, Operation, Outcome};
use crate::actors::stats::{Meter, Posted, Timing};
use crate::store::{Commit, PartKey, Row, StoreError, Write};
use crate::telemetry::metrics::ActorLabel;
use crate::telemetry::trace;

/// What is due waits this long while too much waits to be stored.
const NO_ROOM_PAUSE_MS: u64 = 200;
/// How long a party that could not be loaded answers those who wait in its mailbox, before the next attempt.
const UNREADABLE_PAUSE: Duration = Duration::from_millis(200);
/// How often a party looks whether it may leave memory.
const IDLE_CHECK: Duration = Duration::from_secs(1);
/// A party that is over, or does not exist, leaves memory after this long: asking for made-up ids must not fill it.
const NOTHING_LEFT_IDLE: Duration = Duration::from_secs(2);

/// Makes the first state of a party that begins now.
pub type Begin<R> = Box<dyn FnOnce(&Rule<'_>, &mut Effects) -> R + Send>;

/// A market, mission or guild.
pub struct PartyActor<R: PartyRules> {
    node: Arc<Node>,
    party: Party,
    label: ActorLabel,
    meter: Arc<Meter>,
    begin: Option<Begin<R>>,
    state: State<R>,
    last_commit: u64,
    /// For what is due in the rules.
    timer: DueTimer,
    last_used: Instant,
    /// What is being handled, for the incident's log line.
    handling: &'static str,
    /// Whether to panic in the middle of the next transfer.
    fails_next: bool,
}

/// What is in memory.
enum State<R> {
    /// Nothing yet.
    Loading,
    /// There is no such party.
    Missing,
    /// The store did not answer, or what is stored cannot be understood.
    Unreadable,
    /// Nothing any more.
    Left,
    /// Everything.
    Live(R),
}

impl<R: PartyRules + Unpin + 'static> PartyActor<R> {
    /// Starts the actor; it loads itself, unless it begins now.
    pub fn launch(node: &Arc<Node>, party: Party, arbiter: &ArbiterHandle, begin: Option<Begin<R>>) -> PartyHandle {
        let (node, label) = (Arc::clone(node), ActorLabel { kind: kind_of(&party) });
        let meter = Meter::new(label.kind, &node.metrics);
        let for_actor = Arc::clone(&meter);
        let addr = Self::start_in_arbiter(arbiter, move |_| Self {
            node,
            party,
            label,
            meter: for_actor,
            begin,
            state: State::Loading,
            last_commit: 0,
            timer: DueTimer::default(),
            last_used: Instant::now(),
            handling: "start",
            fails_next: false,
        });
        PartyHandle::new(addr.recipient(), meter)
    }
}

impl<R: PartyRules + Unpin + 'static> Actor for PartyActor<R> {
    type Context = Context<Self>;

    fn started(&mut self, context: &mut Self::Context) {
        self.node.metrics.actors_loaded.get_or_create(&self.label).inc();
        if let Some(begin) = self.begin.take() {
            self.begin(begin, context);
        } else {
            let loading = load(Arc::clone(&self.node), self.party.clone()).into_actor(self);
            context.wait(loading.map(|parts, party, context| party.take_in(parts, context)));
        }
        context.run_interval(IDLE_CHECK, |party, context| party.leave_if_idle(context));
    }
}

impl<R: PartyRules> Drop for PartyActor<R> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.node.metrics.actor_panics.get_or_create(&self.label).inc();
            tracing::error!(party = %self.party, message = self.handling, "the party's actor panicked");
        }
    }
}

type Parts = Vec<(PartTable, String, Value)>;

/// Reads the parts when everything that was ever committed of them is in the store.
async fn load(node: Arc<Node>, party: Party) -> Result<Parts, StoreError> {
    node.all_durable().await?;
    let parts = node.store.load_parts(&party).await?;
    Ok(parts.into_iter().map(|(key, part)| (key.table, key.id, part)).collect())
}

impl<R: PartyRules + Unpin + 'static> PartyActor<R> {
    fn begin(&mut self, begin: Begin<R>, context: &mut Context<Self>) {
        let (node, mut fx) = (Arc::clone(&self.node), Effects::default());
        self.state = State::Live(begin(&node.rule(), &mut fx));
        self.commit(fx);
        self.set_timer(context);
    }

    /// Begins, unless it is there already.
    fn begin_late(&mut self, begin: Begin<R>, context: &mut Context<Self>) {
        match &self.state {
            State::Missing => self.begin(begin, context),
            State::Live(_) => {}
            // This actor is about to go; the next one begins.
            State::Loading | State::Unreadable | State::Left => {
                let (node, party) = (Arc::clone(&self.node), self.party.clone());
                actix::spawn(async move {
                    tokio::time::sleep(UNREADABLE_PAUSE * 2).await;
                    node.directory.begin_party(&node, party, begin);
                });
            }
        }
    }

    fn take_in(&mut self, parts: Result<Parts, StoreError>, context: &mut Context<Self>) {
        let node = Arc::clone(&self.node);
        let loaded = parts.map_err(|error| error.to_string());
        self.state = match loaded.and_then(|parts| R::load(&self.party, parts, &node.rule())) {
            Ok(Some(rules)) => {
                show_name(&self.meter, &rules);
                State::Live(rules)
            }
            Ok(None) => State::Missing,
            Err(reason) => {
                node.metrics.store_errors.inc();
                tracing::error!(party = %self.party, reason, "the party cannot be loaded");
                self.node.directory.forget_party(&self.party, &context.address().recipient());
                context.run_later(UNREADABLE_PAUSE, |_, context| context.stop());
                State::Unreadable
            }
        };
        for transfer in node.outbox.meant_for(&self.party) {
            self.receive(&transfer);
        }
        self.set_timer(context);
    }

    /// Takes a transfer in, once.
    fn receive(&mut self, transfer: &Transfer) {
        let node = Arc::clone(&self.node);
        if !node.outbox.contains(&transfer.id) {
            return;
        }
        let (rule, mut fx) = (node.rule(), Effects::default());
        if matches!(self.state, State::Missing)
            && let Some(rules) = R::found(&self.party, transfer, &rule)
        {
            self.state = State::Live(rules);
        }
        match (&mut self.state, &transfer.purpose) {
            (State::Live(rules), _) => rules.receive(transfer, &rule, &mut fx),
            (State::Missing, Purpose::Request(request)) => {
                send_back::<R>(&self.party, transfer, request, rule.now, &mut fx);
            }
            // It stays under way, neither lost nor doubled, and is sent again.
            (State::Missing, _) => {
                tracing::error!(party = %self.party, transfer = %transfer.id, "there is nobody to take it");
            }
            (State::Loading | State::Unreadable | State::Left, _) => {}
        }
        if self.fails_next {
            deliberate_panic("a party's actor was told to panic");
        }
        self.commit(fx);
    }

    /// Hands all rows that changed to the persister, as one commit; then sends what is to be sent.
    fn commit(&mut self, mut fx: Effects) {
        let rows: Commit = match &self.state {
            State::Live(rules) => {
                show_name(&self.meter, rules);
                let key = |(table, id): &(PartTable, String)| PartKey {
                    table: *table,
                    owner: self.party.clone(),
                    id: id.clone(),
                };
                let row = |(table, id): &(PartTable, String)| rules.part(*table, id).map_or(Row::Delete, Row::Put);
                fx.parts.iter().map(|part| Write::Part(key(part), row(part))).collect()
            }
            State::Loading | State::Missing | State::Unreadable | State::Left => Commit::new(),
        };
        let commit = apply(&self.node, rows, &mut fx);
        if commit > 0 {
            self.last_commit = commit;
            self.meter.committed();
        }
        if let (State::Live(rules), Party::Guild(guild)) = (&self.state, &self.party) {
            match rules.guild_line() {
                Some(line) if !rules.is_over() => self.node.guild_names.tell(*guild, line),
                _ => self.node.guild_names.free(*guild),
            }
        }
    }

    fn set_timer(&mut self, context: &mut Context<Self>) {
        let due = match &self.state {
            State::Live(rules) => rules.due(),
            State::Loading | State::Missing | State::Unreadable | State::Left => None,
        };
        self.timer.set(due, context, Self::do_due);
    }

    fn do_due(&mut self, context: &mut Context<Self>) {
        let _timing = Timing::begin(&self.meter, "due");
        self.timer.rang();
        self.handling = "due";
        if !self.node.persister.has_room() {
            self.timer.set(Some(Millis(now().0 + NO_ROOM_PAUSE_MS)), context, Self::do_due);
            return;
        }
        let (node, mut fx) = (Arc::clone(&self.node), Effects::default());
        if let State::Live(rules) = &mut self.state {
            rules.on_due(&node.rule(), &mut fx);
        }
        self.commit(fx);
        self.set_timer(context);
    }

    fn answer(&self, ask: &Ask, player: PlayerId) -> Result<Value, Refusal> {
        self.live()?.answer(ask, player, &self.node.rule())
    }

    fn live(&self) -> Result<&R, Refusal> {
        match &self.state {
            State::Live(rules) => Ok(rules),
            State::Missing => Err(R::unknown()),
            State::Loading | State::Unreadable => Err(unavailable()),
            State::Left => Err(Refusal::new(ErrorCode::Busy, "just being loaded anew; ask again")),
        }
    }

    /// Carries out what an operator does; the audit entry is in the same commit.
    fn intervene(&mut self, how: Intervention, operation: &Operation) -> Result<(Outcome, u64), NotDone> {
        self.live()?;
        operation.check_room(&self.node)?;
        let (node, mut fx) = (Arc::clone(&self.node), Effects::default());
        let State::Live(rules) = &mut self.state else { return Err(unavailable().into()) };
        operation.check_version(rules.version())?;
        let Intervened { before, after } = rules.intervene(how, operation.dry_run, &node.rule(), &mut fx)?;
        if operation.dry_run {
            return Ok((Outcome::tried(before, after, rules.version(), false), 0));
        }
        let target = self.party.to_string();
        let target_name = target.split_once(':').map_or_else(String::new, |(_, name)| name.to_owned());
        let deed = Deed { action: "mission_end", target, target_name, before, after, ..Deed::default() };
        let entry = operation.entry(&node, deed);
        let outcome = Outcome::done(&entry, rules.version());
        fx.audit.push(entry);
        self.commit(fx);
        Ok((outcome, self.last_commit))
    }

    /// Leaves memory when it is over, or if nobody would notice: not used, everything durable, not kept.
    fn leave_if_idle(&mut self, context: &mut Context<Self>) {
        let idle = Duration::from_millis(self.node.config.world.player_idle_ms);
        let may_leave = match &self.state {
            State::Live(rules) if rules.is_over() => {
                self.node.directory.let_party_go(&self.party);
                // A mission's ranks may be asked for again, and are long to load.
                let idle = if matches!(self.party, Party::Mission(_)) { idle } else { NOTHING_LEFT_IDLE };
                self.last_used.elapsed() >= idle
            }
            State::Live(_) => self.last_used.elapsed() >= idle,
            State::Missing => self.last_used.elapsed() >= NOTHING_LEFT_IDLE,
            State::Loading | State::Unreadable | State::Left => false,
        };
        if may_leave {
            // It stays as long as it is kept, or not all is durable.
            let _ = self.leave(context);
        }
    }

    /// Leaves memory, if it may.
    fn leave(&mut self, context: &mut Context<Self>) -> Result<(), Stays> {
        if self.node.persister.durable() < self.last_commit {
            return Err(Stays::UnderWay);
        }
        if !self.node.directory.release_party(&self.party, &context.address().recipient()) {
            return Err(Stays::Kept);
        }
        self.node.metrics.actors_passivated.get_or_create(&self.label).inc();
        self.state = State::Left;
        context.stop();
        Ok(())
    }

    fn may_end(&self, how: Ending) -> Result<(), Stays> {
        match (&self.state, how) {
            (State::Loading | State::Unreadable | State::Left, _) => Err(Stays::NotLoaded),
            (_, Ending::Passivate) if self.node.directory.is_kept(&self.party) => Err(Stays::Kept),
            (State::Live(_) | State::Missing, _) => Ok(()),
        }
    }

    fn end(&mut self, End { how, is_meant, reply }: End, context: &mut Context<Self>) {
        let decided = match (self.may_end(how), is_meant, how) {
            (Ok(()), true, Ending::Passivate) => self.leave(context),
            (Ok(()), true, Ending::Restart) => return self.begin_anew(reply, context),
            (decided, ..) => decided,
        };
        // Who asked may have given up.
        let _ = reply.send(decided);
    }

    /// Makes way for a successor, which loads when all that this one has committed is durable.
    fn begin_anew(&mut self, reply: oneshot::Sender<Result<(), Stays>>, context: &mut Context<Self>) {
        self.node.directory.forget_party(&self.party, &context.address().recipient());
        self.state = State::Left;
        self.set_timer(context);
        let (node, commit) = (Arc::clone(&self.node), self.last_commit);
        let durable = async move { node.persister.wait_durable(commit).await };
        context.spawn(durable.into_actor(self).map(|_, _, context: &mut Context<Self>| {
            let _ = reply.send(Ok(()));
            context.stop();
        }));
    }
}

/// Refuses a request that came to where nobody is. All that came along goes back.
fn send_back<R: PartyRules>(party: &Party, transfer: &Transfer, request: &Request, now: Millis, fx: &mut Effects) {
    fx.receive(transfer, now);
    // Whoever was about to join is free again.
    let changes = match party {
        Party::Guild(guild) => vec![PlayerChange::LeftGuild(*guild)],
        Party::Player(_) | Party::Market(_) | Party::Mission(_) => Vec::new(),
    };
    let reply = ReplyParts {
        outcome: Settled::Refused(R::unknown()),
        holdings: transfer.holdings.clone(),
        reason: transfer.reason,
        hub: request.deal.at_hub().cloned(),
        changes,
    };
    fx.reply(party, request, reply, now);
}

/// One that people have given it, if it has one.
fn show_name<R: PartyRules>(meter: &Meter, rules: &R) {
    if !rules.name().is_empty() {
        meter.set_name(rules.name());
    }
}

fn unavailable() -> Refusal {
    Refusal::new(ErrorCode::StorageUnavailable, "the store does not answer")
}

impl<R: PartyRules + Unpin + 'static> Handler<Posted<PartyMessage>> for PartyActor<R> {
    type Result = ();

    fn handle(&mut self, Posted { message, waiting }: Posted<PartyMessage>, context: &mut Self::Context) {
        (self.handling, self.last_used) = (message.name(), Instant::now());
        let (name, began) = (self.handling, self.last_used);
        let within = trace::party(&waiting.end(), &self.party, name).entered();
        self.take(message, context);
        drop(within);
        self.meter.handled(name, began);
    }
}

impl<R: PartyRules + Unpin + 'static> PartyActor<R> {
    fn take(&mut self, message: PartyMessage, context: &mut Context<Self>) {
        match message {
            PartyMessage::Deliver(transfer) => {
                for transfer in self.node.outbox.in_order(&transfer.id) {
                    self.receive(&transfer);
                }
                self.set_timer(context);
            }
            PartyMessage::Ask { ask, player, reply } => {
                // Who asked may be gone.
                let _ = reply.send(self.answer(&ask, player));
            }
            PartyMessage::Inspect { what, reply } => {
                let _ = reply.send(self.live().and_then(|rules| rules.inspect(&what, &self.node.rule())));
            }
            PartyMessage::Intervene { how, operation, reply } => {
                let _ = reply.send(self.intervene(how, &operation));
                self.set_timer(context);
            }
            PartyMessage::Begin(begin) => match begin.downcast::<Begin<R>>() {
                Ok(begin) => self.begin_late(*begin, context),
                Err(_) => tracing::error!(party = %self.party, "told to begin as something else"),
            },
            PartyMessage::Stop(stopped) => {
                self.state = State::Left;
                self.set_timer(context);
                let _ = stopped.send(());
            }
            PartyMessage::End(end) => self.end(end, context),
            PartyMessage::Panic => self.fails_next = true,
        }
    }
}
