//! The catalogue's worlds, started for a test; and pilots with a session, so that their ships stay in space.

use std::sync::Arc;
use std::time::Duration;

use actix::{Actor, Addr, ArbiterHandle, Context, Handler, Message};
use futures_util::stream;
use orrery_core::catalog::Sector;
use orrery_core::game::Effects;
use orrery_core::game::account::Account;
use orrery_core::game::player::Player;
use orrery_core::game::space::ShipSpec;
use orrery_core::protocol::Encoding;
use orrery_core::types::{ObjectId, PlayerId, Point, ShipId, ShipKindKey, Tick, units_to_fixed};
use tokio::sync::mpsc;
use tokio::time::Instant;
use uuid::Uuid;

use crate::actors::fanout::{FanoutHandle, SlotId};
use crate::actors::node::{Node, now};
use crate::actors::player::{Attach, AttachHow, Place, WhereIsShip};
use crate::actors::session_link::Note;
use crate::actors::world::clock::Clock;
use crate::actors::world::{Binding, Join, JoinAt, Leave, WorldActor, WorldHandle, keeper};
use crate::store::{Versioned, Write};

/// What does not come within this time does not come at all.
const PATIENCE: Duration = Duration::from_secs(20);

/// A world whose ticks come from its own clock, or from a test.
pub(super) struct World {
    pub(super) handle: WorldHandle,
    by_hand: Option<mpsc::UnboundedSender<Instant>>,
}

impl World {
    /// Every world of the catalogue, in its order, spread over arbiters. They tick when they are told.
    pub(super) fn all_by_hand(node: &Arc<Node>, arbiters: &[ArbiterHandle]) -> Vec<Self> {
        let worlds = node.catalog.sectors.values().zip(arbiters.iter().cycle());
        worlds.map(|(sector, arbiter)| Self::by_hand(node, sector, arbiter)).collect()
    }

    /// A world that ticks when it is told; in the place of the one that there was.
    pub(super) fn by_hand(node: &Arc<Node>, sector: &Sector, arbiter: &ArbiterHandle) -> Self {
        let (sender, receiver) = mpsc::unbounded_channel();
        let ticks = stream::unfold(receiver, |mut receiver| async move { Some((receiver.recv().await?, receiver)) });
        keeper::start_with(node, sector, arbiter, Box::new(move |_| Box::pin(ticks)));
        Self { handle: node.directory.world(&sector.key).unwrap(), by_hand: Some(sender) }
    }

    /// The catalogue's first world, on its own clock.
    pub(super) fn on_its_clock(node: &Arc<Node>, arbiter: &ArbiterHandle) -> Self {
        let sector = &node.catalog.sectors[&node.catalog.start.sector];
        keeper::start_with(node, sector, arbiter, Box::new(Clock::ticks));
        Self { handle: node.directory.world(&sector.key).unwrap(), by_hand: None }
    }

    /// Lets a world that ticks by hand make its next tick.
    pub(super) fn tick(&self) {
        self.by_hand.as_ref().unwrap().send(Instant::now()).unwrap();
    }

    /// Returns when the world has made this tick.
    pub(super) async fn reach(&self, tick: Tick) {
        while self.handle.addr().send(TickMade).await.unwrap() != Some(tick) {}
    }

    /// What is in the world, between two ticks.
    pub(super) async fn look(&self) -> View {
        self.handle.addr().send(Look).await.unwrap()
    }
}

/// Which tick was made last? `None`: the world is not loaded.
#[derive(Message)]
#[rtype(result = "Option<Tick>")]
struct TickMade;

impl Handler<TickMade> for WorldActor {
    type Result = Option<Tick>;

    fn handle(&mut self, _: TickMade, _: &mut Self::Context) -> Self::Result {
        self.state().map(orrery_core::game::space::Sector::tick)
    }
}

#[derive(Message)]
#[rtype(result = "View")]
struct Look;

/// What a test sees of a world.
#[derive(actix::MessageResponse)]
pub(super) struct View {
    pub(super) hash: u64,
    pub(super) tick: Tick,
    /// By id.
    pub(super) ships: Vec<Seen>,
}

/// A ship in it.
#[derive(Clone, Copy)]
pub(super) struct Seen {
    pub(super) player: PlayerId,
    pub(super) ship: ShipId,
    pub(super) at: Point,
    /// An object that it could collect.
    pub(super) object: Option<ObjectId>,
}

impl Handler<Look> for WorldActor {
    type Result = View;

    fn handle(&mut self, _: Look, _: &mut Self::Context) -> View {
        let sector = self.state().unwrap();
        let tick = sector.tick();
        let ships = sector.ships().map(|ship| {
            let (at, range) = (ship.position(tick), i32::try_from(ship.spec.collect_range).unwrap());
            let near = sector.objects().iter().find(|(_, object)| at.within(object.at, range));
            Seen { player: ship.spec.player, ship: ship.id, at, object: near.map(|(id, _)| *id) }
        });
        View { hash: sector.state_hash(), tick, ships: ships.collect() }
    }
}

/// A player whose session hears one thing only: that it is to join again.
pub(super) struct Pilot {
    pub(super) id: PlayerId,
    binding: Binding,
    told_to_rejoin: mpsc::UnboundedReceiver<()>,
    // Kept: a ship whose player has no session leaves space.
    _session: Addr<Session>,
}

struct Session(mpsc::UnboundedSender<()>);

impl Actor for Session {
    type Context = Context<Self>;
}

impl Handler<Note> for Session {
    type Result = ();

    fn handle(&mut self, note: Note, _: &mut Self::Context) {
        if matches!(note, Note::Rejoin) {
            let _ = self.0.send(());
        }
    }
}

impl Pilot {
    /// New players with these numbers from 1 on, spread over the workers. Every second one speaks JSON.
    pub(super) async fn fleet(node: &Arc<Node>, count: u32, workers: &[FanoutHandle]) -> Vec<Self> {
        let ids: Vec<PlayerId> = (1..=count).map(|number| PlayerId(Uuid::from_u128(u128::from(number)))).collect();
        for id in &ids {
            let player = Player::new(*id, &node.catalog, now(), &mut Effects::default());
            let account = Account::new(format!("Pilot {}", id.0.as_u128()), None, now());
            node.persister.enqueue(vec![
                Write::Account(*id, Versioned { version: 1, record: (&account).into() }),
                Write::Player(*id, Versioned { version: 1, record: (&player).into() }),
            ]);
        }
        node.persister.flush().await.unwrap();
        let mut fleet = Vec::new();
        for (index, id) in (0..count).zip(ids) {
            fleet.push(Self::attached(node, id, index, &workers[index as usize % workers.len()]).await);
        }
        fleet
    }

    async fn attached(node: &Arc<Node>, id: PlayerId, index: u32, worker: &FanoutHandle) -> Self {
        let (sender, told_to_rejoin) = mpsc::unbounded_channel();
        let session = Session(sender).start();
        let attach = Attach { session: session.clone().recipient(), resume_token: String::new(), how: AttachHow::New };
        let attached = node.directory.player(node, id).unwrap().send(attach).await.unwrap().unwrap();
        let encoding = if index.is_multiple_of(2) { Encoding::MessagePack } else { Encoding::Json };
        let slot = SlotId::played(worker.worker, index);
        let binding = Binding { fanout: worker.clone(), slot, encoding, attachment: attached.attachment };
        Self { id, binding, told_to_rejoin, _session: session }
    }

    pub(super) fn slot(&self) -> SlotId {
        self.binding.slot
    }

    pub(super) fn encoding(&self) -> Encoding {
        self.binding.encoding
    }

    pub(super) fn spec(&self, speed_units: i32) -> ShipSpec {
        ShipSpec {
            player: self.id,
            name: format!("Pilot {}", self.id.0.as_u128()),
            kind: ShipKindKey::parse("sloop").unwrap(),
            speed: units_to_fixed(speed_units).unsigned_abs(),
            collect_range: units_to_fixed(60).unsigned_abs(),
        }
    }

    pub(super) async fn join(&self, world: &World, at: JoinAt) -> ShipId {
        let join = Join { spec: self.spec(300), at, binding: self.binding.clone() };
        world.handle.addr().send(join).await.unwrap().unwrap().entered.ship
    }

    /// Waits until the session is told to join again, and does as a session does.
    pub(super) async fn rejoin(&mut self, node: &Arc<Node>) -> Place {
        let told = tokio::time::timeout(PATIENCE, self.told_to_rejoin.recv()).await;
        told.expect("it is told to join again").unwrap();
        let player = node.directory.player(node, self.id).unwrap();
        let (spec, place) = player.send(WhereIsShip { is_lost: false }).await.unwrap().unwrap();
        if let Place::Last(world, at) = &place {
            let join = Join { spec, at: JoinAt::Point(*at), binding: self.binding.clone() };
            let world = node.directory.world(world).unwrap();
            world.addr().send(join).await.unwrap().unwrap();
        }
        place
    }

    pub(super) async fn leave(&self, world: &World) {
        let leave = Leave { player: self.id, attachment: self.binding.attachment };
        world.handle.addr().send(leave).await.unwrap();
    }
}
