//! Who is live, and where: from keys to addresses. Loads players on first need.
//!
//! The maps' guards never outlive a call in here: everything handed out is a clone.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use std::time::Instant;

use actix::{Actor, Addr, ArbiterHandle};
use dashmap::{DashMap, DashSet};
use orrery_core::game::account::Account;
use orrery_core::types::{PlayerId, WorldKey};

use super::node::Node;
use super::player::{Origin, PlayerActor, PlayerMessage, ToPlayer};
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
    addr: Addr<PlayerActor>,
    /// When somebody last asked for it here: what "least recently used" goes by.
    last_asked: Instant,
}

/// The directory of one node.
pub struct Directory {
    players: DashMap<PlayerId, LivePlayer>,
    worlds: DashMap<WorldKey, WorldHandle>,
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
            names_in_use: DashSet::new(),
            arbiters,
            next_arbiter: AtomicUsize::new(0),
        }
    }

    /// The actor of an existing player, loaded if it is not live. One that failed is loaded anew.
    ///
    /// # Errors
    /// [`Full`] when `world.players_max` are in memory.
    pub fn player(&self, node: &Arc<Node>, id: PlayerId) -> Result<Addr<PlayerActor>, Full> {
        if let Some(mut live) = self.players.get_mut(&id).filter(|live| live.addr.connected()) {
            live.last_asked = Instant::now();
            return Ok(live.addr.clone());
        }
        if self.players.len() >= node.config.world.players_max {
            return Err(Full);
        }
        let mut entry = self.players.entry(id).or_insert_with(|| self.start(node, id, Origin::Stored));
        if !entry.addr.connected() {
            *entry = self.start(node, id, Origin::Stored);
        }
        Ok(entry.addr.clone())
    }

    /// The actor of a player, if it is live.
    #[must_use]
    pub fn live_player(&self, id: PlayerId) -> Option<Addr<PlayerActor>> {
        self.players.get(&id).map(|live| live.addr.clone()).filter(Addr::connected)
    }

    /// The actor of a player that is new, with its account.
    ///
    /// # Errors
    /// [`Full`].
    pub fn create_player(&self, node: &Arc<Node>, id: PlayerId, account: Account) -> Result<Addr<PlayerActor>, Full> {
        if self.players.len() >= node.config.world.players_max {
            return Err(Full);
        }
        let live = self.start(node, id, Origin::New(Box::new(account)));
        let addr = live.addr.clone();
        self.players.insert(id, live);
        Ok(addr)
    }

    fn start(&self, node: &Arc<Node>, id: PlayerId, origin: Origin) -> LivePlayer {
        let turn = self.next_arbiter.fetch_add(1, Ordering::Relaxed);
        let arbiter = &self.arbiters[turn % self.arbiters.len()];
        let node = Arc::clone(node);
        let addr = PlayerActor::start_in_arbiter(arbiter, move |_| PlayerActor::new(node, id, origin));
        LivePlayer { addr, last_asked: Instant::now() }
    }

    /// Sends a player a message that nobody waits for, loading it if need be.
    pub fn tell(&self, node: &Arc<Node>, id: PlayerId, message: PlayerMessage) {
        match self.player(node, id) {
            Ok(addr) => addr.do_send(ToPlayer::new(message, node)),
            Err(full) => tracing::warn!(player = %id, "message not delivered: {full}"),
        }
    }

    /// Sends a player a message, if it is live.
    pub fn tell_if_live(&self, node: &Arc<Node>, id: PlayerId, message: PlayerMessage) {
        let live = self.players.get(&id).map(|live| live.addr.clone());
        if let Some(addr) = live {
            addr.do_send(ToPlayer::new(message, node));
        }
    }

    /// An actor leaves memory. Does nothing when another has taken its place.
    pub fn forget_player(&self, id: PlayerId, addr: &Addr<PlayerActor>) {
        self.players.remove_if(&id, |_, live| live.addr == *addr);
    }

    /// Forgets players whose actors failed and that nobody has asked for since.
    pub fn forget_failed(&self) {
        self.players.retain(|_, live| live.addr.connected());
    }

    /// All players in memory, in no order, and when somebody last asked for each.
    #[must_use]
    pub fn players_by_use(&self) -> Vec<(LastUse, Addr<PlayerActor>)> {
        self.players.iter().map(|live| ((live.last_asked, *live.key()), live.addr.clone())).collect()
    }

    /// How many players are in memory.
    #[must_use]
    pub fn player_count(&self) -> usize {
        self.players.len()
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
