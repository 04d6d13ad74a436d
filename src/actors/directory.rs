//! Who is live, and where: from keys to addresses. Loads players on first need.
//!
//! The maps' guards never outlive a call in here: everything handed out is a clone.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use std::time::{Duration, Instant};

use actix::{Actor, Addr, ArbiterHandle, Recipient};
use dashmap::mapref::entry::Entry;
use dashmap::{DashMap, DashSet};
use orrery_core::game::account::Account;
use orrery_core::game::{Inspect, Intervention, PartyRules, Transfer};
use orrery_core::types::economy::Ask;
use orrery_core::types::{ErrorCode, Party, PlayerId, Refusal, WorldKey};
use serde_json::Value;
use tokio::sync::oneshot;

use super::node::Node;
use super::operation::{NotDone, Operation, Outcome, durable};
use super::party::{self, Begin, PartyActor, PartyHandle, PartyMessage};
use super::player::{Origin, PlayerActor, PlayerHandle, PlayerMessage};
use super::stats::{Meter, Posted};
use super::world::WorldHandle;
use crate::telemetry::metrics::ActorLabel;

/// No room for one more actor, even after making some.
#[derive(Debug, thiserror::Error)]
#[error("too many players are in memory")]
pub struct Full;

/// When somebody last asked for a player. Ordered, and different for each.
pub type LastUse = (Instant, PlayerId);

/// A player in memory.
struct LivePlayer {
    handle: PlayerHandle,
    /// When somebody last asked for it here: what "least recently used" goes by.
    last_asked: Instant,
}

/// The directory of one node.
pub struct Directory {
    players: DashMap<PlayerId, LivePlayer>,
    worlds: DashMap<WorldKey, WorldHandle>,
    parties: DashMap<Party, PartyHandle>,
    /// Parties that are started anew when they fail.
    kept: DashSet<Party>,
    names_in_use: DashSet<String>,
    arbiters: Vec<ArbiterHandle>,
    next_arbiter: AtomicUsize,
}

impl Directory {
    /// An empty directory. There must be at least one arbiter.
    #[must_use]
    pub fn new(arbiters: Vec<ArbiterHandle>) -> Self {
        Self {
            players: DashMap::new(),
            worlds: DashMap::new(),
            parties: DashMap::new(),
            kept: DashSet::new(),
            names_in_use: DashSet::new(),
            arbiters,
            next_arbiter: AtomicUsize::new(0),
        }
    }

    /// The actor of an existing player, loaded if it is not live. One that failed is loaded anew.
    ///
    /// # Errors
    /// [`Full`] when `world.players_max` are in memory.
    pub fn player(&self, node: &Arc<Node>, id: PlayerId) -> Result<PlayerHandle, Full> {
        if let Some(mut live) = self.players.get_mut(&id).filter(|live| live.handle.connected()) {
            live.last_asked = Instant::now();
            return Ok(live.handle.clone());
        }
        if self.players.len() >= node.config.world.players_max {
            return Err(Full);
        }
        let mut entry = self.players.entry(id).or_insert_with(|| self.start(node, id, Origin::Stored));
        if !entry.handle.connected() {
            *entry = self.start(node, id, Origin::Stored);
        }
        Ok(entry.handle.clone())
    }

    /// The actor of a player, if it is live.
    #[must_use]
    pub fn live_player(&self, id: PlayerId) -> Option<PlayerHandle> {
        self.players.get(&id).map(|live| live.handle.clone()).filter(|handle| handle.connected())
    }

    /// The actor of a player that is new, with its account.
    ///
    /// # Errors
    /// [`Full`].
    pub fn create_player(&self, node: &Arc<Node>, id: PlayerId, account: Account) -> Result<PlayerHandle, Full> {
        if self.players.len() >= node.config.world.players_max {
            return Err(Full);
        }
        let live = self.start(node, id, Origin::New(Box::new(account)));
        let handle = live.handle.clone();
        self.players.insert(id, live);
        Ok(handle)
    }

    fn start(&self, node: &Arc<Node>, id: PlayerId, origin: Origin) -> LivePlayer {
        let (node, meter) = (Arc::clone(node), Meter::new("player", &node.metrics));
        let counts = Arc::clone(&meter);
        let addr = PlayerActor::start_in_arbiter(self.arbiter(), move |_| PlayerActor::new(node, id, origin, counts));
        LivePlayer { handle: PlayerHandle::new(addr, meter), last_asked: Instant::now() }
    }

    pub(super) fn arbiter(&self) -> &ArbiterHandle {
        let turn = self.next_arbiter.fetch_add(1, Ordering::Relaxed);
        &self.arbiters[turn % self.arbiters.len()]
    }

    /// Sends a player a message that nobody waits for, loading it if need be.
    pub fn tell(&self, node: &Arc<Node>, id: PlayerId, message: PlayerMessage) {
        match self.player(node, id) {
            Ok(player) => player.tell(message),
            Err(full) => tracing::warn!(player = %id, "message not delivered: {full}"),
        }
    }

    /// Sends a player a message, if it is live.
    pub fn tell_if_live(&self, id: PlayerId, message: PlayerMessage) {
        let live = self.players.get(&id).map(|live| live.handle.clone());
        if let Some(player) = live {
            player.tell(message);
        }
    }

    /// An actor leaves memory. Does nothing when another has taken its place.
    pub fn forget_player(&self, id: PlayerId, addr: &Addr<PlayerActor>) {
        self.players.remove_if(&id, |_, live| *live.handle == *addr);
    }

    /// Forgets players whose actors failed and that nobody has asked for since.
    pub fn forget_failed(&self) {
        self.players.retain(|_, live| live.handle.connected());
    }

    /// All players in memory, in no order, and when somebody last asked for each.
    #[must_use]
    pub fn players_by_use(&self) -> Vec<(LastUse, PlayerHandle)> {
        self.players.iter().map(|live| ((live.last_asked, *live.key()), live.handle.clone())).collect()
    }

    /// How many players are in memory.
    #[must_use]
    pub fn player_count(&self) -> usize {
        self.players.len()
    }

    /// Sends a transfer to whoever is to get it, loading it if need be. It must be in the outbox: if it does not arrive,
    /// it is sent again.
    pub fn deliver(&self, node: &Arc<Node>, transfer: Transfer) {
        let (to, begun_in) = (transfer.to.clone(), node.outbox.begun_in(&transfer.id));
        begun_in.in_scope(|| match to.player() {
            Some(player) => self.tell(node, player, PlayerMessage::Deliver(transfer)),
            None => drop(self.tell_party(node, &to, PartyMessage::Deliver(transfer))),
        });
    }

    /// The actor of a market, mission or guild, if it is live.
    #[must_use]
    pub fn live_party(&self, party: &Party) -> Option<PartyHandle> {
        self.parties.get(party).map(|live| live.clone()).filter(|live| live.connected())
    }

    /// The actor of a market, mission or guild, loaded if it is not live. One that failed is loaded anew. `None` when
    /// nobody runs this kind of party.
    pub fn party(&self, node: &Arc<Node>, party: &Party) -> Option<PartyHandle> {
        if let Some(live) = self.parties.get(party).filter(|live| live.connected()) {
            return Some(live.clone());
        }
        let mut entry = match self.parties.entry(party.clone()) {
            Entry::Occupied(live) => live.into_ref(),
            Entry::Vacant(free) => free.insert(party::start(node, party, self.arbiter())?),
        };
        if !entry.connected() {
            *entry = party::start(node, party, self.arbiter())?;
        }
        Some(entry.clone())
    }

    /// Sends a market, mission or guild a message that nobody waits for, loading it if need be. `None` when nobody runs
    /// this kind of party.
    pub fn tell_party(&self, node: &Arc<Node>, party: &Party, message: PartyMessage) -> Option<()> {
        self.party(node, party)?.tell(message);
        Some(())
    }

    /// Asks a market, mission or guild a question of a player's.
    ///
    /// # Errors
    /// What the party refuses with; `busy` when it has just failed or left memory; `storage_unavailable` when it cannot
    /// be loaded in time.
    pub async fn ask_party(
        &self,
        node: &Arc<Node>,
        party: &Party,
        ask: Ask,
        player: PlayerId,
    ) -> Result<Value, Refusal> {
        let (reply, answer) = oneshot::channel();
        let message = PartyMessage::Ask { ask: Box::new(ask), player, reply };
        self.tell_party(node, party, message).ok_or_else(|| nobody(party))?;
        in_time(node, answer).await?
    }

    /// Asks a market, mission or guild an operator's question.
    ///
    /// # Errors
    /// As [`Directory::ask_party`].
    pub async fn inspect_party(&self, node: &Arc<Node>, party: &Party, what: Inspect) -> Result<Value, Refusal> {
        let (reply, answer) = oneshot::channel();
        self.tell_party(node, party, PartyMessage::Inspect { what, reply }).ok_or_else(|| nobody(party))?;
        in_time(node, answer).await?
    }

    /// Has a market, mission or guild carry out what an operator does; what comes of it is durable.
    ///
    /// # Errors
    /// What its rules refuse with; as [`Directory::ask_party`] otherwise.
    pub async fn intervene(
        &self,
        node: &Arc<Node>,
        party: &Party,
        how: Intervention,
        operation: Operation,
    ) -> Result<Outcome, NotDone> {
        let (reply, answer) = oneshot::channel();
        let message = PartyMessage::Intervene { how, operation: Box::new(operation), reply };
        self.tell_party(node, party, message).ok_or_else(|| nobody(party))?;
        let (outcome, commit) = in_time(node, answer).await??;
        durable(node, commit).await?;
        Ok(outcome)
    }

    /// A party must always be there from now on: it is started, and started anew when it fails.
    pub fn keep_party(&self, node: &Arc<Node>, party: Party) {
        let _ = self.party(node, &party);
        self.kept.insert(party);
    }

    /// A party that begins now, with its first state, and is kept. The caller knows that the store has nothing of it; does
    /// nothing when it has begun in this process. Somebody may have asked for it already, and been told that it is not
    /// there.
    pub fn begin_party<R: PartyRules + Unpin + 'static>(&self, node: &Arc<Node>, party: Party, begin: Begin<R>) {
        // First: an actor that is there does not leave from now on.
        self.kept.insert(party.clone());
        let launch = |begin| PartyActor::launch(node, party.clone(), self.arbiter(), Some(begin));
        match self.parties.entry(party.clone()) {
            Entry::Vacant(free) => drop(free.insert(launch(begin))),
            Entry::Occupied(live) if live.get().connected() => {
                live.get().tell(PartyMessage::Begin(Box::new(begin)));
            }
            Entry::Occupied(mut gone) => drop(gone.insert(launch(begin))),
        }
    }

    /// A party need not be there any longer.
    pub fn let_party_go(&self, party: &Party) {
        self.kept.remove(party);
    }

    /// Whether a party must always be there.
    #[must_use]
    pub fn is_kept(&self, party: &Party) -> bool {
        self.kept.contains(party)
    }

    /// The parties that must always be there: every market, every running mission.
    #[must_use]
    pub fn kept_parties(&self) -> Vec<Party> {
        self.kept.iter().map(|party| party.clone()).collect()
    }

    /// All parties in memory.
    #[must_use]
    pub fn live_parties(&self) -> Vec<PartyHandle> {
        self.parties.iter().map(|live| live.value().clone()).collect()
    }

    /// Shows every player, market, mission and guild that is alive, with its figures. `show` must not come back here.
    pub(super) fn each_party(&self, mut show: impl FnMut(Party, &Arc<Meter>)) {
        let live_players = self.players.iter().filter(|live| live.handle.connected());
        live_players.for_each(|live| show(Party::Player(*live.key()), live.handle.meter()));
        let live_parties = self.parties.iter().filter(|live| live.connected());
        live_parties.for_each(|live| show(live.key().clone(), live.meter()));
    }

    /// A party wants to leave memory. Returns whether it may: not when it is kept.
    #[must_use]
    pub fn release_party(&self, party: &Party, recipient: &Recipient<Posted<PartyMessage>>) -> bool {
        self.parties.remove_if(party, |_, live| **live == *recipient && !self.kept.contains(party)).is_some()
    }

    /// A party failed to load. Does nothing when another actor has taken its place.
    pub fn forget_party(&self, party: &Party, recipient: &Recipient<Posted<PartyMessage>>) {
        self.parties.remove_if(party, |_, live| **live == *recipient);
    }

    /// A world has started.
    pub fn insert_world(&self, handle: WorldHandle) {
        self.worlds.insert(handle.key.clone(), handle);
    }

    /// A world's handle.
    #[must_use]
    pub fn world(&self, key: &WorldKey) -> Option<WorldHandle> {
        self.worlds.get(key).map(|entry| entry.value().clone())
    }

    /// All worlds' handles.
    #[must_use]
    pub fn worlds(&self) -> Vec<WorldHandle> {
        self.worlds.iter().map(|entry| entry.value().clone()).collect()
    }

    /// Takes a name for an account that is being made. `None`: somebody else is at it. Given back on drop.
    #[must_use]
    pub fn reserve_name(node: &Arc<Node>, name_key: String) -> Option<ReservedName> {
        let is_free = node.directory.names_in_use.insert(name_key.clone());
        is_free.then(|| ReservedName { node: Arc::clone(node), name_key })
    }

    /// Brings the gauges up to date.
    pub fn observe(&self, node: &Node) {
        let set = |kind, count: usize| {
            node.metrics.actors_live.get_or_create(&ActorLabel { kind }).set(i64::try_from(count).unwrap_or(i64::MAX));
        };
        set("player", self.players.len());
        set("world", self.worlds.len());
        set("channel", node.channels.live_count());
        let count = |kind| self.parties.iter().filter(|live| party::kind_of(live.key()) == kind).count();
        ["market", "mission", "guild"].into_iter().for_each(|kind| set(kind, count(kind)));
    }
}

fn nobody(party: &Party) -> Refusal {
    Refusal::new(ErrorCode::NotFound, format!("there is no {party}"))
}

async fn in_time<T>(node: &Node, answer: oneshot::Receiver<T>) -> Result<T, Refusal> {
    let patience = Duration::from_millis(node.config.store.answer_timeout_ms);
    match tokio::time::timeout(patience, answer).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(_)) => Err(Refusal::new(ErrorCode::Busy, "it is just being loaded anew; ask again")),
        Err(_) => Err(Refusal::new(ErrorCode::StorageUnavailable, "the store does not answer")),
    }
}

/// A name that nobody else can take until this is dropped.
pub struct ReservedName {
    node: Arc<Node>,
    name_key: String,
}

impl ReservedName {
    /// Keeps the name until all that was enqueued so far is in the store: for when an account was made or renamed and
    /// its commit is late. Given back earlier, the name could be taken twice.
    pub fn keep_until_durable(self) {
        actix::spawn(async move {
            let persister = &self.node.persister;
            // If the persister has stopped for good, nobody can take the name either.
            let _ = persister.wait_durable(persister.last_enqueued()).await;
        });
    }
}

impl Drop for ReservedName {
    fn drop(&mut self) {
        self.node.directory.names_in_use.remove(&self.name_key);
    }
}
