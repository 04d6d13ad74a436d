//! A bot's session as the bot knows it: what it is, and what each message does to it. In files of their own: how it is
//! resumed, its commands and their echoes, its books, inbox and picture, what it has learnt by asking, and how it all
//! settles.
//!
//! Synchronous: the bot hands in what it received and this writes what follows into the connection. Every promise of
//! the protocol that a single client can check is checked here; what takes two goes to the [`crate::oracle`].

mod books;
mod commands;
mod echoes;
mod inbox;
pub mod news;
mod resuming;
mod settling;
mod sight;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use orrery_core::protocol::answer::Entered;
use orrery_core::protocol::client_message::{ClientHeartbeat, Empty, Navigate};
use orrery_core::protocol::picture::Picture;
use orrery_core::protocol::server_message::Dilation;
use orrery_core::protocol::{ClientMessage, Envelope, ServerMessage};
use orrery_core::types::{CommandId, FIXED_PER_UNIT, ObjectId, PlayerId, TechKey, Tick};

pub use settling::Settling;

use self::commands::Pending;
use self::echoes::Echo;
use self::inbox::Inbox;
use self::news::News;
use self::settling::Settlement;
use crate::account::{Account, is_economic};
use crate::behaviour::View;
use crate::connection::Connection;
use crate::dice::Dice;
use crate::oracle::{Aim, ShipKey};
use crate::swarm::{Swarm, now_ms};

struct Known {
    player: PlayerId,
    resume_token: String,
    resume_window: Duration,
    heartbeat: Duration,
    tick_hz: u32,
    cell_units: u32,
    radius_units: u32,
    world: Entered,
}

/// A session, across connections.
pub struct Session {
    swarm: Arc<Swarm>,
    index: usize,
    /// For what is not part of the plan: pauses, first ids, masks.
    pub chance: Dice,
    /// Whether the connection was dropped on purpose, so that the session must be resumed.
    pub drop_was_planned: bool,
    /// When the next heartbeat is due.
    pub next_heartbeat: Instant,
    known: Option<Known>,
    seen: u64,
    next_id: u64,
    pending: HashMap<CommandId, Pending>,
    /// When actions were due that wait for an economic answer.
    held_back: Vec<Instant>,
    /// Ids that may be answered although nobody waits: repeated, or given up with their connection.
    loose: HashSet<CommandId>,
    books: Option<Account>,
    first_status: Option<CommandId>,
    settlement: Settlement,
    /// Counts the changes of the books.
    booked: u64,
    inbox: Inbox,
    /// The question for notifications that is under way.
    reading: Option<CommandId>,
    /// Where its next page begins; from the newest on, when there is none.
    earlier_page: Option<u64>,
    news: News,
    echoes: HashMap<CommandId, Echo>,
    heard: Instant,
    lost_at: Option<Instant>,
    picture: Picture,
    /// The last tick at which cells came into view or went out of it.
    view_moved: Tick,
    picture_at: Instant,
    /// The pace that the last world told of.
    slowed_down: Option<Dilation>,
    next_claims: Instant,
    flights: u64,
    tried: BTreeSet<ObjectId>,
    known_techs: BTreeSet<TechKey>,
    collect_range: i32,
    cargo_capacity: u64,
    traffic: (u64, u64),
}

impl Session {
    /// A bot's session before its first connection.
    #[must_use]
    pub fn new(swarm: Arc<Swarm>, index: usize) -> Self {
        let now = Instant::now();
        let mut chance = Dice::of(swarm.options.seed ^ now_ms(), index, 0);
        let kind = swarm.catalog.ships.get(&swarm.catalog.start.ship);
        Self {
            index,
            next_id: chance.below(1 << 52),
            chance,
            drop_was_planned: false,
            next_heartbeat: now,
            known: None,
            seen: 0,
            pending: HashMap::new(),
            held_back: Vec::new(),
            loose: HashSet::new(),
            books: None,
            first_status: None,
            settlement: Settlement::new(now),
            booked: 0,
            inbox: Inbox::default(),
            reading: None,
            earlier_page: None,
            news: News::default(),
            echoes: HashMap::new(),
            heard: now,
            lost_at: None,
            picture: Picture::default(),
            view_moved: Tick(0),
            picture_at: now,
            slowed_down: None,
            next_claims: now,
            flights: 0,
            tried: BTreeSet::new(),
            known_techs: BTreeSet::new(),
            collect_range: kind.map_or(1, |kind| kind.collect_range_units as i32 * FIXED_PER_UNIT),
            cargo_capacity: kind.map_or(1, |kind| kind.cargo_volume.0),
            traffic: (0, 0),
            swarm,
        }
    }

    /// Whether there ever was a welcome.
    #[must_use]
    pub fn was_connected(&self) -> bool {
        self.known.is_some()
    }

    /// Whether there are books to settle.
    #[must_use]
    pub fn has_books(&self) -> bool {
        self.books.is_some() && !self.settlement.settled
    }

    /// Notes that the ship is told where to fly, so that others can be asked when they see it.
    pub fn steers(&mut self, navigate: &Navigate, due: Instant) {
        self.flights += 1;
        let aim = match (navigate.to, navigate.heading) {
            (Some(to), _) => Aim::To(to),
            (_, Some(heading)) => Aim::Heading(heading),
            _ => return,
        };
        if let Some(ship) = self.own_ship() {
            self.swarm.oracle.input(ship, self.index, aim, due);
        }
    }

    fn own_ship(&self) -> Option<ShipKey> {
        self.known.as_ref().map(|known| (known.world.world_number, known.world.ship))
    }

    /// Handles one message.
    ///
    /// # Errors
    /// The connection is lost.
    pub fn received(&mut self, envelope: Envelope<ServerMessage>, connection: &mut Connection) -> io::Result<()> {
        self.heard = Instant::now();
        if let Some(number) = envelope.number {
            self.check_number(number, envelope.message.name());
        }
        match envelope.message {
            ServerMessage::Cells(body) => self.cells(&body),
            ServerMessage::Ok(answer) => self.answered(envelope.id, true, answer),
            ServerMessage::Error(error) => {
                self.swarm.stats.errors(1);
                self.swarm.stats.code(&error.code);
                let answer = serde_json::to_value(&error).unwrap_or_default();
                self.answered(envelope.id, false, answer);
            }
            ServerMessage::Entered(entered) => self.entered(entered),
            ServerMessage::Dilation(dilation) => self.slowed_down = Some(dilation),
            ServerMessage::ResearchDone(done) => {
                self.known_techs.insert(done.tech);
                // What a technology improves is the server's to say.
                self.ask(connection, ClientMessage::ShipStats(Empty {}), self.heard)?;
            }
            ServerMessage::Notification(notification) => {
                if let Err(why) = self.inbox.delivered(*notification) {
                    self.swarm.oracle.violation(format!("bot {} ({}): {why}", self.index, self.player()));
                }
                self.book_notices();
            }
            ServerMessage::Unread(unread) => self.inbox.exist_up_to(unread.last),
            _ => {}
        }
        Ok(())
    }

    fn check_number(&mut self, number: u64, what: &str) {
        if number != self.seen + 1 {
            let text = format!("bot {}: reliable message {number} ({what}) after {}", self.index, self.seen);
            self.swarm.oracle.violation(text);
        }
        self.seen = self.seen.max(number);
    }

    fn entered(&mut self, entered: Entered) {
        if let Some(ship) = self.own_ship() {
            self.swarm.oracle.owner_leaves(ship);
        }
        self.slowed_down = self.slowed_down.filter(|pace| pace.world_number == entered.world_number);
        if let Some(known) = &mut self.known {
            known.world = entered;
        }
        self.tried.clear();
    }

    /// What the behaviour decides by; `None` as long as the books are not open.
    #[must_use]
    pub fn view(&self, now: Instant) -> Option<View<'_>> {
        let (known, account) = (self.known.as_ref()?, self.books.as_ref()?);
        let economic_pending = self.pending.values().filter(|pending| is_economic(pending.message.name())).count();
        Some(View {
            position: self.position(known, now),
            picture: &self.picture,
            catalog: &self.swarm.catalog,
            sector: self.swarm.catalog.sectors.get(&known.world.world)?,
            account,
            player: known.player,
            news: &self.news,
            peers: &self.swarm.peers,
            collect_range: self.collect_range,
            cargo_capacity: self.cargo_capacity,
            known: &self.known_techs,
            tried: &self.tried,
            economic_pending,
        })
    }

    /// Whether the server has been silent for three heartbeats.
    #[must_use]
    pub fn is_silent(&self, now: Instant) -> bool {
        self.known.as_ref().is_some_and(|known| now.saturating_duration_since(self.heard) > known.heartbeat * 3)
    }

    /// Sends the heartbeat when it is due.
    ///
    /// # Errors
    /// The connection is lost.
    pub fn heartbeat(&mut self, connection: &mut Connection, now: Instant) -> io::Result<()> {
        let Some(known) = self.known.as_ref().filter(|_| now >= self.next_heartbeat) else { return Ok(()) };
        self.next_heartbeat = now + known.heartbeat;
        connection.send(&ClientMessage::Heartbeat(ClientHeartbeat { seen: self.seen }).into())
    }

    /// Adds what the connection received since last time to the swarm's counters.
    pub fn take_traffic(&mut self, connection: &Connection) {
        let (bytes, frames) = (connection.framing.bytes, connection.framing.frames);
        self.swarm.stats.bytes(bytes - self.traffic.0);
        self.swarm.stats.frames(frames - self.traffic.1);
        self.traffic = (bytes, frames);
    }

    fn player(&self) -> PlayerId {
        self.known.as_ref().map_or(PlayerId(uuid::Uuid::nil()), |known| known.player)
    }
}
