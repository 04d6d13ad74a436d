//! How many threads there are changes nothing: the same galaxy, on one arbiter with one worker and on two with two, is
//! told the same, and its state and what every client is sent are compared tick by tick.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hasher as _};
use std::sync::Arc;
use std::thread::JoinHandle;

use actix::{Arbiter, System};
use orrery_core::catalog::Catalog;
use orrery_core::game::Rng;
use orrery_core::game::space::Goal;
use orrery_core::protocol::{CellIndex, Encoding};
use orrery_core::types::{CommandId, PlayerId, Point, Tick, Volume, units_to_fixed};
use tokio::sync::mpsc;

use super::galaxy::{Pilot, Seen, View, World};
use crate::actors::fanout::{FanoutHandle, FanoutMessage, PlayedMessages, SlotId, TickFrames};
use crate::actors::testing;
use crate::actors::world::{JoinAt, Refit, WorldInput};
use crate::config::{Config, WorldConfig};
use crate::store::memory::MemoryStore;

const TICKS: u64 = 10_000;
const PILOTS: u32 = 40;
/// Each ship gets a new course this often, in ticks.
const TURN_EVERY: u64 = 8;
/// Objects of a kind in a world at most: the rules are the same with few.
const OBJECTS: u32 = 8;
/// What may wait for a worker: more than a whole run sends, so that nothing is left out.
const QUEUE_BOUND: usize = 1 << 20;

#[test]
fn the_same_galaxy_on_one_arbiter_and_on_two_is_the_same_tick_by_tick() {
    let [one, two] = [1, 2].map(|threads| {
        std::thread::spawn(move || System::new().block_on(async move { Run::new(threads).await.fly().await }))
    });
    let (one, two) = (one.join().unwrap(), two.join().unwrap());
    assert_eq!((one.ticks.len(), two.ticks.len()), (TICKS as usize, TICKS as usize));
    for (index, (one, two)) in one.ticks.iter().zip(&two.ticks).enumerate() {
        assert_eq!(one.states, two.states, "the worlds' states after {} ticks", index + 1);
        assert_eq!(one.sent, two.sent, "what clients were sent in tick {}", index + 1);
    }
    // Something must have happened for this to mean anything.
    let Happened { jumps, collects, leaves } = one.happened;
    assert!(jumps > 100 && collects > 100 && leaves > 50, "{jumps} jumps, {collects} collects, {leaves} leaves");
    let sent = one.ticks.iter().map(|tick| tick.sent.len() as u64).sum::<u64>();
    assert!(sent > TICKS * 10, "{sent} messages to clients");
}

/// What is compared of a tick.
#[derive(Default)]
struct Compared {
    /// Each world's state hash.
    states: Vec<u64>,
    /// By world and player: the hash of the bytes that the player's client was sent.
    sent: BTreeMap<(u16, PlayerId), u64>,
}

/// How often things happened.
#[derive(Default)]
struct Happened {
    jumps: u64,
    collects: u64,
    leaves: u64,
}

struct Outcome {
    ticks: Vec<Compared>,
    happened: Happened,
}

/// A galaxy under way, and the script that it is flown by.
struct Run {
    catalog: Arc<Catalog>,
    worlds: Vec<World>,
    /// What each world looks like after the last tick.
    views: Vec<View>,
    /// Who is in which world.
    here: BTreeSet<(u16, PlayerId)>,
    pilots: Vec<Pilot>,
    workers: Vec<JoinHandle<Sent>>,
    rng: Rng,
    commands: u64,
    happened: Happened,
}

impl Run {
    async fn new(threads: usize) -> Self {
        // Nothing that the wall clock decides.
        let world = WorldConfig { position_flush_ms: 600_000, ..WorldConfig::default() };
        let config = Config { world, ..Config::default() };
        let mut catalog = testing::catalog();
        let spawns = catalog.sectors.values_mut().flat_map(|sector| &mut sector.spawns);
        spawns.for_each(|spawn| spawn.count = spawn.count.min(OBJECTS));
        let node = testing::node(Arc::new(MemoryStore::new()), catalog, config).await;
        let arbiters: Vec<_> = (0..threads).map(|_| Arbiter::new().handle()).collect();
        let worlds = World::all_by_hand(&node, &arbiters);
        let played = (0..threads).map(|worker| FanoutHandle::played(worker, QUEUE_BOUND));
        let (handles, receivers): (Vec<_>, Vec<_>) = played.unzip();
        let pilots = Pilot::fleet(&node, PILOTS, &handles).await;
        let clients: HashMap<_, _> = pilots.iter().map(|pilot| (pilot.slot(), (pilot.id, pilot.encoding()))).collect();
        let worker = |receiver| {
            let worker = Worker { clients: clients.clone(), ..Worker::default() };
            std::thread::spawn(move || worker.run(receiver))
        };
        let workers = receivers.into_iter().map(worker).collect();
        let (rng, commands, happened) = (Rng::seeded(7), 0, Happened::default());
        let (catalog, views, here) = (Arc::clone(&node.catalog), Vec::new(), BTreeSet::new());
        Self { catalog, worlds, views, here, pilots, workers, rng, commands, happened }
    }

    async fn fly(mut self) -> Outcome {
        self.let_in(0..PILOTS as usize).await;
        self.look().await;
        let (mut ticks, mut flown) = (Vec::new(), BTreeMap::new());
        for _ in 0..TICKS {
            let tick = self.views[0].tick.after(1);
            self.act(tick).await;
            let before = self.here.clone();
            self.tick(tick).await;
            self.look().await;
            self.happened.jumps += before.difference(&self.here).count() as u64;
            flown.insert(tick, &before & &self.here);
            ticks.push(Compared { states: self.views.iter().map(|view| view.hash).collect(), ..Compared::default() });
        }
        let Self { worlds, pilots, workers, happened, .. } = self;
        // With them the last who could send the workers anything.
        drop((worlds, pilots));
        let sent = workers.into_iter().flat_map(|worker| worker.join().unwrap());
        // A worker that still has other clients in a world goes on for one that is on its way out.
        for (tick, world, player, hash) in sent.filter(|sent| flown[&sent.0].contains(&(sent.1, sent.2))) {
            let index = usize::try_from(tick.since(*flown.keys().next().unwrap())).unwrap();
            ticks[index].sent.insert((world, player), hash);
        }
        Outcome { ticks, happened }
    }

    /// Lets every world make this tick: all at once, but for the one that sends ships to others, which is the last.
    /// An arrival is a message, and comes before its world's tick or after it as it happens; so, always after.
    async fn tick(&self, tick: Tick) {
        let (last, others): (Vec<_>, Vec<_>) = (0..self.worlds.len()).partition(|index| self.is_turn_of(*index, tick));
        for together in [others, last] {
            together.iter().for_each(|index| self.worlds[*index].tick());
            for index in together {
                self.worlds[index].reach(tick).await;
            }
        }
    }

    /// Ships jump from one world per tick: of two that send ships to a third, either may come first there.
    fn is_turn_of(&self, index: usize, tick: Tick) -> bool {
        tick.0 as usize % self.worlds.len() == index
    }

    async fn look(&mut self) {
        self.views.clear();
        self.here.clear();
        for world in &self.worlds {
            let view = world.look().await;
            self.here.extend(view.ships.iter().map(|seen| (world.handle.number, seen.player)));
            self.views.push(view);
        }
    }

    /// What everybody does before a tick. Drawn from one seed, and from what the worlds look like.
    async fn act(&mut self, tick: Tick) {
        for index in 0..self.worlds.len() {
            for seen in self.views[index].ships.clone() {
                self.steer(tick, index, seen);
            }
        }
        match tick.0 % 50 {
            17 => self.let_go().await,
            42 => {
                let is_gone = |pilot: &Pilot| !self.here.iter().any(|(_, player)| *player == pilot.id);
                let gone: Vec<usize> = (0..self.pilots.len()).filter(|index| is_gone(&self.pilots[*index])).collect();
                self.let_in(gone.into_iter()).await;
            }
            _ => {}
        }
    }

    fn steer(&mut self, tick: Tick, index: usize, seen: Seen) {
        let Seen { player, ship, at, object } = seen;
        let number = player.0.as_u128() as u64;
        let catalog = Arc::clone(&self.catalog);
        let sector = &catalog.sectors[&self.worlds[index].handle.key];
        if (tick.0 + number).is_multiple_of(TURN_EVERY) {
            let gate = &sector.gates[((number + tick.0 / 500) % sector.gates.len() as u64) as usize];
            let goal = match self.rng.below(8) {
                0 => Goal::Stop,
                1 => Goal::Heading(Point::new(self.rng.between(-99, 99) as i32, self.rng.between(-99, 99) as i32)),
                _ => Goal::To(gate.position()),
            };
            let command = (self.rng.below(8) == 0).then(|| self.command());
            self.send(index, WorldInput::Navigate { player, ship, goal, command });
        }
        if let Some(object) = object.filter(|_| self.rng.below(8) == 0) {
            let command = self.command();
            self.happened.collects += 1;
            self.send(index, WorldInput::Collect { player, command, object, free: Volume::MAX, attempt: 0 });
        }
        let gate = sector.gates.iter().find(|gate| at.within(gate.position(), gate.range()));
        if let Some(gate) = gate.filter(|_| self.is_turn_of(index, tick)) {
            let gate = gate.key.clone();
            self.send(index, WorldInput::Jump { player, ship, gate, command: None });
        }
        if self.rng.below(400) == 0 {
            self.send(index, WorldInput::Resync(ship));
        }
    }

    /// Somebody leaves, and somebody's ship gets another speed.
    async fn let_go(&mut self) {
        let mut drawn = || self.rng.below(u64::from(PILOTS)) as usize;
        let (leaver, refitted) = (drawn(), drawn());
        for world in &self.worlds {
            let number = world.handle.number;
            if self.here.contains(&(number, self.pilots[refitted].id)) {
                let spec = self.pilots[refitted].spec(self.rng.between(200, 400) as i32);
                world.handle.addr().send(Refit(spec)).await.unwrap();
            }
            if self.here.remove(&(number, self.pilots[leaver].id)) {
                self.pilots[leaver].leave(world).await;
                self.happened.leaves += 1;
            }
        }
    }

    async fn let_in(&mut self, pilots: impl Iterator<Item = usize>) {
        for index in pilots {
            let world = &self.worlds[self.rng.below(self.worlds.len() as u64) as usize];
            let mut coordinate = || units_to_fixed(self.rng.between(0, i64::from(world.handle.size_units)) as i32);
            let at = JoinAt::Point(Point::new(coordinate(), coordinate()));
            self.pilots[index].join(world, at).await;
            self.here.insert((world.handle.number, self.pilots[index].id));
        }
    }

    fn send(&self, index: usize, input: WorldInput) {
        self.worlds[index].handle.try_send(input).unwrap();
    }

    fn command(&mut self) -> CommandId {
        self.commands += 1;
        CommandId(self.commands)
    }
}

/// What a worker handed its clients: tick, world, player, hash of the bytes.
type Sent = Vec<(Tick, u16, PlayerId, u64)>;

/// A worker that hands its clients what the real one would, and keeps a hash of it.
#[derive(Default)]
struct Worker {
    clients: HashMap<SlotId, (PlayerId, Encoding)>,
    /// Which world each one sees, and from which cell.
    places: HashMap<SlotId, (u16, CellIndex)>,
    messages: PlayedMessages,
    sent: Sent,
}

impl Worker {
    fn run(mut self, mut receiver: mpsc::Receiver<FanoutMessage>) -> Sent {
        while let Some(FanoutMessage::Tick(tick)) = receiver.blocking_recv() {
            self.deliver(&tick);
        }
        self.sent
    }

    fn deliver(&mut self, tick: &TickFrames) {
        let (frames, world) = (&tick.frames, tick.frames.world_number());
        let mut bytes: HashMap<SlotId, DefaultHasher> = HashMap::new();
        for (slot, view) in &tick.views {
            self.places.insert(*slot, (world, view.anchor));
            let message = self.messages.view(frames, self.clients[slot].1, view);
            bytes.entry(*slot).or_default().write(&message);
        }
        for (slot, (_, anchor)) in self.places.iter().filter(|(_, place)| place.0 == world) {
            if let Some(message) = self.messages.deltas(frames, self.clients[slot].1, *anchor) {
                bytes.entry(*slot).or_default().write(&message);
            }
        }
        let sent = bytes.into_iter();
        self.sent.extend(sent.map(|(slot, hash)| (frames.tick(), world, self.clients[&slot].0, hash.finish())));
    }
}
