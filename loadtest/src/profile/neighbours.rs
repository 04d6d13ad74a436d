//! `--profile neighbours`: what it costs to show ships to each other.
//!
//! Every ship first flies to a random point, so that they are spread evenly, and then takes a new random heading five
//! times a second. Twenty members decode everything, time when they see others' inputs and sample how many ships they
//! must be shown; the others only count frames and bytes, so that the swarm stays cheap beside the server. All of them
//! tell how late each tick's frame was ([`crate::delivery`]). No member comes back after a lost connection: a run that
//! loses some is no measurement, and says so.
//!
//! The load is *open-loop*: each turn has its instant, whatever became of the turn before it, and an input's time until
//! it is seen counts from that instant. A server that answers late, or a swarm that sends late, cannot make itself look
//! better by getting less to do.

mod intake;

use std::io;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

use orrery_core::catalog::Catalog;
use orrery_core::protocol::client_message::{ClientHeartbeat, Empty, Guest, Hello, Navigate};
use orrery_core::protocol::picture::Picture;
use orrery_core::protocol::server_message::Welcome;
use orrery_core::protocol::{ClientMessage, Envelope, ServerMessage};
use orrery_core::types::{Point, units_to_fixed};
use tokio::sync::watch;
use tokio::time::{sleep, sleep_until, timeout};

use crate::connection::{Connection, Received};
use crate::delivery::Arrivals;
use crate::dice::Dice;
use crate::entering::{self, NotIn, stretched};
use crate::floor::tape::Taping;
use crate::oracle::{Aim, Observer, ShipKey};
use crate::stats::{Percentiles, Timing, lock};
use crate::swarm::Swarm;

use self::intake::Intake;

/// A new heading this often.
const TURN_EVERY: Duration = Duration::from_millis(200);
/// Members that decode.
pub(crate) const OBSERVERS: usize = 20;
/// How often an observer counts the ships it must be shown.
const DENSITY_EVERY: Duration = Duration::from_secs(2);
/// After the last ship can have arrived.
const CALM: Duration = Duration::from_secs(3);
/// Until the welcome.
const WELCOME_WAIT: Duration = Duration::from_secs(20);
/// Attempts to get in.
const ATTEMPTS: u32 = 5;

/// What the members gather.
#[derive(Default)]
pub struct Neighbourhood {
    measuring: AtomicBool,
    sampled: Mutex<(f64, u64)>,
    tick_hz: Mutex<u32>,
    arrivals: Mutex<Option<Arrivals>>,
}

impl Neighbourhood {
    /// Whether samples are kept now; a new window begins without any.
    pub fn set_measuring(&self, measuring: bool) {
        if measuring {
            *lock(&self.sampled) = (0.0, 0);
            *lock(&self.arrivals) = None;
        }
        self.measuring.store(measuring, Relaxed);
    }

    /// The mean number of moving ships within an observer's interest radius, its own included.
    #[must_use]
    pub fn density(&self) -> Option<f64> {
        let (sum, count) = *lock(&self.sampled);
        (count > 0).then(|| sum / count as f64)
    }

    /// Ticks per second.
    #[must_use]
    pub fn tick_hz(&self) -> u32 {
        *lock(&self.tick_hz)
    }

    /// Whether samples are kept now.
    #[must_use]
    pub fn is_measuring(&self) -> bool {
        self.measuring.load(Relaxed)
    }

    /// From the instant at which a tick was due until its frame was received, over all members.
    #[must_use]
    pub fn delivery(&self) -> Percentiles {
        lock(&self.arrivals).as_ref().map(Arrivals::percentiles).unwrap_or_default()
    }

    /// The ticks that members received frames of, from the first to the last.
    #[must_use]
    pub fn ticks(&self) -> u64 {
        lock(&self.arrivals).as_ref().map_or(0, Arrivals::ticks)
    }

    /// A member received a tick's frame.
    fn arrived(&self, tick: u64, at: Instant) {
        if self.is_measuring() {
            lock(&self.arrivals).get_or_insert_with(|| Arrivals::new(self.tick_hz())).arrived(tick, at);
        }
    }

    fn sample(&self, ships: usize) {
        if self.is_measuring() {
            let mut sampled = lock(&self.sampled);
            sampled.0 += ships as f64;
            sampled.1 += 1;
        }
    }
}

/// How long the ships take to spread, from the entry to the farthest corner, and to calm down. On a tape they are
/// spread already.
#[must_use]
pub fn warm_up(catalog: &Catalog, taping: &Taping) -> Duration {
    if taping.is_replayed() { CALM } else { spread_time(catalog) + CALM }
}

fn spread_time(catalog: &Catalog) -> Duration {
    let sector = catalog.sectors.get(&catalog.start.sector);
    let speed = catalog.ships.get(&catalog.start.ship).map_or(50, |kind| kind.speed_units.max(1));
    let farthest = sector.map_or(0.0, |sector| {
        let size = f64::from(sector.size_units);
        let spread = f64::from(sector.entry_spread_units);
        let far = |entry: i32| spread + f64::from(entry).max(size - f64::from(entry));
        far(sector.entry.x).hypot(far(sector.entry.y))
    });
    Duration::from_secs_f64(farthest / f64::from(speed))
}

/// One client of the workload.
pub struct Member {
    swarm: Arc<Swarm>,
    index: usize,
    due: Instant,
    plan: Dice,
    stop: watch::Receiver<bool>,
    next_turn: Instant,
    next_heartbeat: Instant,
    next_density: Instant,
    heartbeat: Duration,
    ship: Option<ShipKey>,
    radius: i32,
    seen: u64,
    picture: Picture,
    traffic: (u64, u64),
}

impl Member {
    /// The member of this number, which was to come at `due`.
    #[must_use]
    pub fn new(swarm: Arc<Swarm>, index: usize, due: Instant, stop: watch::Receiver<bool>) -> Self {
        let now = Instant::now();
        Self {
            due,
            plan: Dice::of(swarm.options.seed, index, 0),
            index,
            stop,
            next_turn: now,
            next_heartbeat: now,
            next_density: now,
            heartbeat: Duration::from_secs(15),
            ship: None,
            radius: 0,
            seen: 0,
            picture: Picture::default(),
            traffic: (0, 0),
            swarm,
        }
    }

    /// Flies until the swarm stops or the connection is lost.
    pub async fn run(mut self) {
        let Some((mut connection, welcome)) = self.get_in().await else { return };
        self.swarm.stats.connected_by(1);
        let flown = match self.begin(&mut connection, &welcome) {
            Ok(()) => self.fly(&mut connection).await,
            Err(error) => Err(error),
        };
        self.swarm.stats.connected_by(-1);
        if let Err(error) = flown {
            self.swarm.stats.disconnects(1);
            self.swarm.stats.code(&format!("lost_{:?}", error.kind()).to_lowercase());
        }
        let _ = connection.send(&ClientMessage::Leave(Empty {}).into());
    }

    async fn get_in(&mut self) -> Option<(Connection, Box<Welcome>)> {
        let (mut attempt, mut due) = (0, Some(self.due));
        while attempt < ATTEMPTS && !*self.stop.borrow() {
            let begun = due.take().unwrap_or_else(Instant::now);
            let why_not = match timeout(WELCOME_WAIT, self.shake_hands()).await {
                Ok(Ok(welcome)) => {
                    self.swarm.stats.time(Timing::Connect, begun.elapsed());
                    return Some(welcome);
                }
                Ok(Err(not_in)) => not_in,
                Err(_) => NotIn::Lost(io::ErrorKind::TimedOut.into()),
            };
            self.swarm.stats.code(&why_not.code());
            self.swarm.stats.failed_connects(1);
            // To be told when to come back is no failed attempt.
            attempt += u32::from(!why_not.is_crowded());
            let asked = why_not.retry_after().map(|asked| stretched(asked, &mut self.plan));
            sleep(asked.unwrap_or_else(|| self.plan.pause(Duration::from_millis(200) * 2_u32.pow(attempt)))).await;
        }
        None
    }

    async fn shake_hands(&mut self) -> Result<(Connection, Box<Welcome>), NotIn> {
        let (options, salt) = (&self.swarm.options, self.plan.bits() as u32);
        let guest = Some(Guest { name: Some(format!("ship{}", self.index)) });
        entering::enter(&options.server, options.encoding, Hello { guest, ..Hello::default() }, salt).await
    }

    /// Sets out for a place of its own.
    fn begin(&mut self, connection: &mut Connection, welcome: &Welcome) -> io::Result<()> {
        let now = Instant::now();
        self.ship = Some((welcome.world.world_number, welcome.world.ship));
        self.radius = units_to_fixed(i32::try_from(welcome.interest_radius_units).unwrap_or(i32::MAX));
        self.heartbeat = Duration::from_millis(welcome.heartbeat_ms.max(10));
        self.next_heartbeat = now + self.heartbeat.mul_f64(self.plan.unit());
        *lock(&self.swarm.neighbourhood.tick_hz) = welcome.tick_hz;
        if let Taping::Record(recorder) = &self.swarm.options.taping {
            recorder.welcomed(welcome);
        }
        let place = self.plan.point(units_to_fixed(i32::try_from(welcome.world.size_units).unwrap_or(i32::MAX)));
        self.next_turn = now + self.flight_time(welcome.world.position, place) + self.plan.pause(TURN_EVERY);
        self.navigate(connection, Navigate { to: Some(place), ..Navigate::default() })
    }

    fn flight_time(&self, from: Point, to: Point) -> Duration {
        if self.swarm.options.taping.is_replayed() {
            return Duration::ZERO;
        }
        let catalog = &self.swarm.catalog;
        let speed = catalog.ships.get(&catalog.start.ship).map_or(50, |kind| kind.speed_units.max(1));
        let steps = (from.distance_squared(to) as f64).sqrt();
        Duration::from_secs_f64(steps / f64::from(units_to_fixed(1)) / f64::from(speed))
    }

    fn navigate(&self, connection: &mut Connection, navigate: Navigate) -> io::Result<()> {
        self.swarm.stats.sent(1);
        connection.send(&Envelope::from(ClientMessage::Navigate(navigate)))
    }

    async fn fly(&mut self, connection: &mut Connection) -> io::Result<()> {
        let (swarm, world) = (Arc::clone(&self.swarm), self.ship.map_or(0, |(world, _)| world));
        let mut intake = Intake::new(&swarm, self.index, world);
        let mut stop = self.stop.clone();
        let stopped = stop.wait_for(|stop| *stop);
        let timer = sleep_until(self.next_turn.into());
        tokio::pin!(stopped, timer);
        loop {
            let wake = self.next_turn.min(self.next_heartbeat).into();
            if timer.deadline() != wake {
                timer.as_mut().reset(wake);
            }
            tokio::select! {
                received = intake.receive(connection, &swarm) => if let Some(received) = received? {
                    self.observe(received)?;
                },
                () = &mut timer => self.due(connection)?,
                _ = &mut stopped => return Ok(()),
            }
            let (bytes, frames) = (connection.framing.bytes, connection.framing.frames);
            self.swarm.stats.bytes(bytes - self.traffic.0);
            self.swarm.stats.frames(frames - self.traffic.1);
            self.traffic = (bytes, frames);
        }
    }

    fn due(&mut self, connection: &mut Connection) -> io::Result<()> {
        let now = Instant::now();
        if now >= self.next_heartbeat {
            self.next_heartbeat = now + self.heartbeat;
            connection.send(&ClientMessage::Heartbeat(ClientHeartbeat { seen: self.seen }).into())?;
        }
        if now >= self.next_turn {
            self.swarm.stats.time(Timing::Lag, now - self.next_turn);
            let heading = self.plan.heading();
            if let Some(ship) = self.ship {
                self.swarm.oracle.input(ship, self.index, Aim::Heading(heading), self.next_turn);
            }
            // By the schedule, not by now: a late turn must not slow the workload down.
            self.next_turn += TURN_EVERY;
            self.navigate(connection, Navigate { heading: Some(heading), ..Navigate::default() })?;
        }
        Ok(())
    }

    fn observe(&mut self, received: Received) -> io::Result<()> {
        let envelope = match received {
            Received::Message(envelope) => envelope,
            Received::Closed(_) => return Err(io::ErrorKind::ConnectionAborted.into()),
            Received::Undecodable(error) => {
                self.swarm.oracle.violation(format!("member {}: undecodable message: {error}", self.index));
                return Ok(());
            }
        };
        self.seen = envelope.number.unwrap_or(self.seen);
        match envelope.message {
            ServerMessage::Cells(body) => {
                let (now, stats) = (Instant::now(), &self.swarm.stats);
                stats.updates(body.2.iter().map(|frame| frame.entries.len() as u64).sum());
                if self.swarm.options.taping.is_replayed() {
                    return Ok(());
                }
                let ship = self.ship.map(|(_, ship)| ship);
                let observer = Observer { index: self.index, ship, radius: self.radius };
                self.swarm.oracle.time_news(&self.picture, &body, observer, now, stats);
                if let Err(inconsistency) = self.picture.apply(&body) {
                    self.swarm.oracle.violation(format!("member {}: {inconsistency}", self.index));
                }
                self.sample_density(now);
            }
            ServerMessage::Error(error) => {
                self.swarm.stats.errors(1);
                self.swarm.stats.code(&error.code);
            }
            _ => {}
        }
        Ok(())
    }

    fn sample_density(&mut self, now: Instant) {
        if now < self.next_density {
            return;
        }
        self.next_density = now + DENSITY_EVERY;
        let tick = self.picture.tick;
        let Some(own) = self.ship.and_then(|(_, ship)| self.picture.ships.get(&ship)) else { return };
        let here = own.course.position(tick);
        let due = |course: &orrery_core::types::Course| {
            course.moves_at(tick) && course.position(tick).within(here, self.radius)
        };
        self.swarm.neighbourhood.sample(self.picture.ships.values().filter(|ship| due(&ship.course)).count());
    }
}
