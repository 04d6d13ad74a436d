//! What each live actor shows of itself: how much waits for it, what it has done, how long its handlers take, when it
//! committed last. Written by the actor and by those who send to it, read by the console.
//!
//! An actor's [`Meter`] lives in the handle by which the directory knows it ([`Handle`]), so it goes with the actor,
//! whichever way that ends; [`all`] lists those that are alive. Counting is a few atomic additions and two looks at the
//! clock per message. A lock is taken only to note a handler that was slower than all others of its minute, and to
//! rename. What is read is each by itself exact or nearly so; two figures read together may be of different moments.

mod handle;
mod meter;
mod spans;

use std::sync::Arc;

use orrery_core::types::{Party, WorldKey};

use super::chat::Stream;
use super::node::Node;
use super::party::kind_of;
use super::world::WorldHandle;

pub use handle::{Handle, Posted};
pub(super) use meter::Timing;
pub use meter::{Meter, Summary};
pub use spans::{RATE_SPAN, SLOWEST_SPAN};

/// Which actor.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ActorId {
    /// A world.
    World(WorldKey),
    /// A player, market, mission or guild.
    Party(Party),
    /// A channel.
    Channel(Stream),
    /// The only one of its kind on this node.
    Only(&'static str),
}

/// The kinds of which a node has one each. They have queues and work like actors, but nobody may end them.
pub const ONLY: [&str; 4] = ["persister", "outbox", "season", "auditor"];

impl ActorId {
    /// The kind, as metrics name it.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::World(_) => "world",
            Self::Party(party) => kind_of(party),
            Self::Channel(_) => "channel",
            Self::Only(kind) => kind,
        }
    }

    /// Its id within the kind: a key, a UUID, a stream's name, or `node`.
    #[must_use]
    pub fn id(&self) -> String {
        match self {
            Self::World(key) => key.to_string(),
            Self::Party(Party::Player(id)) => id.to_string(),
            Self::Party(Party::Market(hub)) => hub.to_string(),
            Self::Party(Party::Mission(id)) => id.to_string(),
            Self::Party(Party::Guild(id)) => id.to_string(),
            Self::Channel(stream) => stream.name.clone(),
            Self::Only(_) => "node".to_owned(),
        }
    }

    /// The actor of this kind and id; whether it is alive is another question. `None`: no such kind, or not an id of
    /// that kind.
    #[must_use]
    pub fn parse(kind: &str, id: &str) -> Option<Self> {
        match kind {
            "world" => WorldKey::parse(id).ok().map(Self::World),
            "player" | "market" | "mission" | "guild" => Party::parse(&format!("{kind}:{id}")).ok().map(Self::Party),
            "channel" if *id == *Stream::reports().name => Some(Self::Channel(Stream::reports())),
            "channel" => Some(Self::Channel(Stream::chat(id.to_owned()))),
            _ => ONLY.into_iter().find(|only| *only == kind && id == "node").map(Self::Only),
        }
    }
}

/// The meters of those of which a node has one each; the persister has its own.
#[derive(Debug)]
pub struct OnlyMeters {
    /// Transfers that have arrived.
    pub(super) outbox: Arc<Meter>,
    /// Scores taken in, and questions.
    pub(super) season: Arc<Meter>,
    /// Audits.
    pub(super) auditor: Arc<Meter>,
}

impl Default for OnlyMeters {
    fn default() -> Self {
        Self { outbox: Meter::of_queue(), season: Meter::of_queue(), auditor: Meter::of_queue() }
    }
}

/// An actor that is alive.
#[derive(Clone, Debug)]
pub struct LiveActor {
    /// Which.
    pub id: ActorId,
    /// What it shows.
    pub meter: Arc<Meter>,
    /// How much waits in a queue of its own; `None`: what waits is what the meter says.
    queued: Option<u64>,
}

impl LiveActor {
    /// An actor with what it shows; `queued` when what waits for it is not what the meter says.
    #[must_use]
    pub fn new(id: ActorId, meter: &Arc<Meter>, queued: Option<u64>) -> Self {
        Self { id, meter: Arc::clone(meter), queued }
    }

    /// Its figures.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let summary = self.meter.read();
        Summary { depth: self.queued.unwrap_or(summary.depth), ..summary }
    }
}

/// All actors of a node that are alive, sessions excepted; in no order. Takes about 0.1 µs for each.
#[must_use]
pub fn all(node: &Node) -> Vec<LiveActor> {
    let mut all = Vec::with_capacity(node.directory.player_count() + 64);
    let mut add = |id, meter: &Arc<Meter>, queued: Option<usize>| {
        all.push(LiveActor::new(id, meter, queued.map(|queued| queued as u64)));
    };
    for world in node.directory.worlds().into_iter().filter(WorldHandle::is_live) {
        add(ActorId::World(world.key.clone()), &world.meter, Some(world.inbox_depth()));
    }
    node.directory.each_party(|party, meter| add(ActorId::Party(party), meter, None));
    node.channels.each(|stream, meter| add(ActorId::Channel(stream), meter, None));
    add(ActorId::Only("persister"), node.persister.meter(), Some(node.persister.queue_len()));
    add(ActorId::Only("outbox"), &node.only.outbox, Some(node.outbox.len()));
    add(ActorId::Only("season"), &node.only.season, Some(node.seasons.tray_len()));
    add(ActorId::Only("auditor"), &node.only.auditor, None);
    all
}

/// What an actor shows; `None` when it is not alive.
#[must_use]
pub fn of(node: &Node, id: &ActorId) -> Option<Arc<Meter>> {
    match id {
        ActorId::World(key) => node.directory.world(key).filter(WorldHandle::is_live).map(|world| world.meter),
        ActorId::Party(Party::Player(player)) => Some(Arc::clone(node.directory.live_player(*player)?.meter())),
        ActorId::Party(party) => Some(Arc::clone(node.directory.live_party(party)?.meter())),
        ActorId::Channel(stream) => node.channels.live_meter(stream),
        ActorId::Only(_) => all(node).into_iter().find(|actor| actor.id == *id).map(|actor| actor.meter),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_as_they_are_written() {
        let ids = [
            ("world", "sol"),
            ("player", "00000000-0000-0000-0000-000000000001"),
            ("market", "luna_exchange"),
            ("mission", "relief_1"),
            ("guild", "00000000-0000-0000-0000-000000000002"),
            ("channel", "sector:sol"),
            ("channel", "all"),
            ("outbox", "node"),
        ];
        for (kind, id) in ids {
            let read = ActorId::parse(kind, id);
            assert_eq!(read.as_ref().map(|read| (read.kind(), read.id())), Some((kind, id.to_owned())));
        }
        for (kind, id) in [("player", "ada"), ("world", "Sol"), ("outbox", "1"), ("session", "node")] {
            assert_eq!(ActorId::parse(kind, id), None, "{kind} {id}");
        }
    }
}
