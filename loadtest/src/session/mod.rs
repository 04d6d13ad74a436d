//! A bot's session as the bot knows it: numbering, commands under way; and in files of their own its books, inbox and
//! picture, what it has learnt by asking, and how it all settles.
//!
//! Synchronous: the bot hands in what it received and this writes what follows into the connection. Every promise of
//! the protocol that a single client can check is checked here; what takes two goes to the [`crate::oracle`].

mod books;
mod inbox;
pub mod news;
mod settling;
mod sight;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use orrery_core::protocol::answer::Entered;
use orrery_core::protocol::client_message::{ClientHeartbeat, Empty, Navigate};
use orrery_core::protocol::picture::Picture;
use orrery_core::protocol::server_message::{Dilation, Welcome};
use orrery_core::protocol::{ClientMessage, Envelope, ServerMessage};
use orrery_core::types::economy::social::AskNotifications;
use orrery_core::types::economy::{Ask, Deal};
use orrery_core::types::{CommandId, FIXED_PER_UNIT, ObjectId, PlayerId, TechKey, Tick};
use serde_json::Value;

pub use settling::Settling;

use self::inbox::Inbox;
use self::news::News;
use self::settling::Settlement;
use crate::account::{Account, is_economic, items_taken};
use crate::acks::Line;
use crate::behaviour::View;
use crate::check_acks::outcome_unknown;
use crate::connection::Connection;
use crate::dice::Dice;
use crate::oracle::{Aim, ShipKey};
use crate::stats::Timing;
use crate::swarm::{Swarm, now_ms};

/// How long an economic command may stay without an answer before it is repeated, with the same id.
const REPEAT_AFTER: Duration = Duration::from_secs(10);
/// How often a sampled bot files claims about other ships.
const CLAIM_EVERY: Duration = Duration::from_millis(500);
/// Ships per round of claims, of those in the picture and of those that are not.
const CLAIMS_PER_ROUND: usize = 16;
/// Objects remembered as tried; the list starts over then.
const TRIED_MAX: usize = 1_000;
/// One in so many answered commands is repeated, and must be answered alike.
const ECHO_ONE_IN: u64 = 16;
/// Notifications that are asked for at once.
const PAGE: u16 = 100;
/// Actions remembered that wait for an answer: five minutes of the fastest scenario.
const HELD_BACK_MAX: usize = 1_500;
const FAR_FUTURE: Duration = Duration::from_secs(86_400);

struct Pending {
    message: ClientMessage,
    due: Instant,
    /// When to repeat it; only economic commands are.
    retry_at: Option<Instant>,
    /// How many flight commands the bot had sent, this one included.
    flights: u64,
    /// How often the books had changed when it was sent.
    booked: u64,
    /// [`Account::stamp`] of the goods that it takes, when it was sent.
    stamp: u64,
}

/// An answered command that is repeated.
struct Echo {
    message: ClientMessage,
    answer: Value,
    sent: bool,
}

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

    /// What to resume: the token, and the last reliable number seen.
    #[must_use]
    pub fn resume(&self) -> Option<(String, u64)> {
        let known = self.known.as_ref().filter(|known| !known.resume_token.is_empty())?;
        Some((known.resume_token.clone(), self.seen))
    }

    /// The server knows nothing of the session any more.
    pub fn forget_resume(&mut self) {
        if let Some(known) = &mut self.known {
            known.resume_token.clear();
        }
    }

    /// The connection is gone.
    pub fn disconnected(&mut self) {
        self.lost_at = Some(Instant::now());
        self.traffic = (0, 0);
        self.settlement.interrupt();
        self.reading = None;
        self.earlier_page = None;
        if let Some(ship) = self.own_ship() {
            self.swarm.oracle.owner_leaves(ship);
        }
    }

    /// Takes the welcome in: checks resumption, repeats what is unanswered, opens the books.
    ///
    /// # Errors
    /// The connection is lost.
    pub fn welcomed(&mut self, welcome: Welcome, connection: &mut Connection) -> io::Result<()> {
        let now = Instant::now();
        self.check_resumption(&welcome, now);
        let heartbeat = Duration::from_millis(welcome.heartbeat_ms.max(10));
        self.known = Some(Known {
            player: welcome.player,
            resume_token: welcome.resume_token,
            resume_window: Duration::from_millis(welcome.resume_window_ms),
            heartbeat,
            tick_hz: welcome.tick_hz,
            cell_units: welcome.cell_units,
            radius_units: welcome.interest_radius_units,
            world: welcome.world,
        });
        self.heard = now;
        // Spread over the period: bots that came together should not beat together.
        self.next_heartbeat = now + heartbeat.mul_f64(self.chance.unit());
        self.picture = Picture::default();
        self.picture_at = now;
        self.slowed_down = None;
        self.repeat_unanswered(connection, now)?;
        if self.books.is_none() {
            self.first_status = Some(self.ask(connection, ClientMessage::Status(Empty {}), now)?);
            self.ask(connection, ClientMessage::ShipStats(Empty {}), now)?;
        }
        Ok(())
    }

    fn check_resumption(&mut self, welcome: &Welcome, now: Instant) {
        let Some(known) = &self.known else {
            return;
        };
        let stats = &self.swarm.stats;
        if welcome.resumed {
            stats.resumed(1);
            return;
        }
        stats.not_resumed(1);
        let away = self.lost_at.map_or(Duration::ZERO, |lost_at| now - lost_at);
        if self.drop_was_planned && away + Duration::from_secs(1) < known.resume_window {
            let text = format!("bot {}: not resumed {away:?} after a drop, within the window", self.index);
            self.swarm.oracle.violation(text);
        }
        self.seen = 0;
        self.inbox.new_session();
        if welcome.player != known.player {
            stats.lost_players(1);
            self.pending.clear();
            self.books = None;
            self.inbox = Inbox::default();
            self.news = News::default();
            self.echoes.clear();
        }
    }

    fn repeat_unanswered(&mut self, connection: &mut Connection, now: Instant) -> io::Result<()> {
        let ids: Vec<CommandId> = self.pending.keys().copied().collect();
        for id in ids {
            self.loose.insert(id);
            let economic = self.pending.get(&id).is_some_and(|pending| is_economic(pending.message.name()));
            if economic {
                self.repeat(connection, id, now)?;
            } else {
                // Queries and flights are not worth a repeat.
                self.pending.remove(&id);
                self.first_status = self.first_status.filter(|first| *first != id);
            }
        }
        Ok(())
    }

    fn repeat(&mut self, connection: &mut Connection, id: CommandId, now: Instant) -> io::Result<()> {
        let Some(pending) = self.pending.get_mut(&id) else { return Ok(()) };
        pending.retry_at = Some(now + REPEAT_AFTER);
        self.loose.insert(id);
        self.swarm.stats.sent(1);
        connection.send(&Envelope { message: pending.message.clone(), id: Some(id), number: None })
    }

    /// Sends a command that the behaviour chose.
    ///
    /// # Errors
    /// The connection is lost.
    pub fn command(&mut self, connection: &mut Connection, message: ClientMessage, due: Instant) -> io::Result<()> {
        if let ClientMessage::Navigate(navigate) = &message {
            self.steers(navigate, due);
        }
        if let ClientMessage::Collect(collect) = &message {
            if self.tried.len() >= TRIED_MAX {
                self.tried.clear();
            }
            self.tried.insert(collect.object);
        }
        self.ask(connection, message, due).map(|_| ())
    }

    fn ask(&mut self, connection: &mut Connection, message: ClientMessage, due: Instant) -> io::Result<CommandId> {
        let id = CommandId(self.next_id);
        self.next_id += 1;
        let economic = is_economic(message.name());
        if economic {
            self.log_sent(id, &message);
        }
        let retry_at = economic.then(|| Instant::now() + REPEAT_AFTER);
        let (flights, booked, stamp) = (self.flights, self.booked, self.stamp(&message));
        self.pending.insert(id, Pending { message: message.clone(), due, retry_at, flights, booked, stamp });
        self.swarm.stats.sent(1);
        connection.send(&Envelope { message, id: Some(id), number: None }).map(|()| id)
    }

    fn stamp(&self, message: &ClientMessage) -> u64 {
        match (message, &self.books) {
            (ClientMessage::Deal(deal), Some(books)) => books.stamp(&items_taken(&self.swarm.catalog, deal)),
            _ => 0,
        }
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

    fn answered(&mut self, id: Option<CommandId>, ok: bool, answer: Value) {
        // An error without id is about a flight command that wanted no answer, or about something malformed.
        let Some(id) = id else { return };
        let Some(pending) = self.pending.remove(&id) else {
            self.echoed(id, ok, &answer);
            if !self.loose.contains(&id) {
                let text = format!("bot {}: an answer to command {id}, which nobody asked: {answer}", self.index);
                self.swarm.oracle.violation(text);
            }
            return;
        };
        let economic = is_economic(pending.message.name());
        if economic {
            self.log(&Line::Answered { player: self.player(), id, ok, answer: answer.clone() });
        }
        if !ok && economic && outcome_unknown(&answer) {
            return self.ask_again_later(id, pending, &answer);
        }
        let timing = if economic { Timing::Ack } else { Timing::Answer };
        self.swarm.stats.time(timing, pending.due.elapsed());
        if economic {
            self.time_held_back();
        }
        if ok {
            self.succeeded(id, &pending, &answer);
            self.repeat_later(id, pending.message, answer);
        } else {
            self.refused(id, &pending, &answer);
        }
    }

    /// An action that was due at this time waits for the answer to another.
    pub fn holds_back(&mut self, due: Instant) {
        if self.held_back.len() < HELD_BACK_MAX {
            self.held_back.push(due);
        } else {
            self.swarm.stats.missed(1);
        }
    }

    /// The answer is there. Without the wait the actions would have been sent when they were due, and have queued
    /// behind it: leaving them out would hide how long the server stood still.
    fn time_held_back(&mut self) {
        for due in std::mem::take(&mut self.held_back) {
            self.swarm.stats.time(Timing::Ack, due.elapsed());
            self.swarm.stats.corrected(1);
        }
    }

    /// A refused question is asked again.
    fn refused(&mut self, id: CommandId, pending: &Pending, error: &Value) {
        self.first_status = self.first_status.filter(|first| *first != id);
        self.reading = self.reading.filter(|reading| *reading != id);
        self.not_stated(id);
        if let ClientMessage::Deal(deal) = &pending.message {
            self.deal_refused(deal, error);
        }
    }

    /// Now and then an answered command is sent again.
    fn repeat_later(&mut self, id: CommandId, message: ClientMessage, answer: Value) {
        let lasting = !matches!(message, ClientMessage::Deal(Deal::Say(_) | Deal::Report(_)));
        if lasting && is_economic(message.name()) && self.chance.below(ECHO_ONE_IN) == 0 {
            self.loose.insert(id);
            self.echoes.insert(id, Echo { message, answer, sent: false });
        }
    }

    /// A repeated command must be answered as it was.
    fn echoed(&mut self, id: CommandId, ok: bool, answer: &Value) {
        let Some(echo) = self.echoes.get(&id).filter(|echo| echo.sent) else { return };
        if ok && *answer == echo.answer {
            self.swarm.stats.repeats_compared(1);
        } else if ok
            || !matches!(answer["code"].as_str(), Some("rate_limited" | "busy" | "storage_unavailable" | "internal"))
        {
            let (name, first) = (echo.message.name(), &echo.answer);
            let text = format!("bot {}: {name} {id} was answered {first}, and when repeated {answer}", self.index);
            self.swarm.oracle.violation(text);
        }
        self.echoes.remove(&id);
    }

    fn ask_again_later(&mut self, id: CommandId, pending: Pending, error: &Value) {
        let wait = Duration::from_millis(error["retry_after_ms"].as_u64().unwrap_or(1_000).max(100));
        let retry_at = Some(Instant::now() + self.chance.pause(wait));
        self.pending.insert(id, Pending { retry_at, ..pending });
    }

    fn succeeded(&mut self, id: CommandId, pending: &Pending, answer: &Value) {
        self.swarm.stats.ok(1);
        match &pending.message {
            ClientMessage::Status(_) => self.status(id, answer),
            ClientMessage::ShipStats(_) => self.ship_stats(answer),
            ClientMessage::Navigate(_) => self.navigated(pending, answer),
            ClientMessage::Deal(deal) => self.dealt(deal, pending, answer),
            ClientMessage::Ask(ask) => self.told(id, ask, pending, answer),
            command if is_economic(command.name()) => self.economic(id, command, answer),
            _ => {}
        }
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

    /// When the next repeat is due.
    #[must_use]
    pub fn next_retry(&self) -> Instant {
        let soonest = self.pending.values().filter_map(|pending| pending.retry_at).min();
        soonest.unwrap_or_else(|| self.heard + FAR_FUTURE)
    }

    /// Repeats what is due, with the ids it had.
    ///
    /// # Errors
    /// The connection is lost.
    pub fn retry(&mut self, connection: &mut Connection, now: Instant) -> io::Result<()> {
        if self.books.is_none() && self.first_status.is_none() {
            // The first one was refused; without it there are no books.
            self.first_status = Some(self.ask(connection, ClientMessage::Status(Empty {}), now)?);
        }
        self.read_missing(connection, now)?;
        self.send_echoes(connection)?;
        let is_due = |pending: &Pending| pending.retry_at.is_some_and(|retry_at| retry_at <= now);
        let due: Vec<CommandId> =
            self.pending.iter().filter(|(_, pending)| is_due(pending)).map(|(id, _)| *id).collect();
        due.into_iter().try_for_each(|id| self.repeat(connection, id, now))
    }

    /// Asks for the notifications that were not delivered.
    fn read_missing(&mut self, connection: &mut Connection, now: Instant) -> io::Result<()> {
        if self.inbox.is_missing_some() && self.reading.is_none() && self.books.is_some() {
            let newest = AskNotifications { before: self.earlier_page.take(), limit: Some(PAGE) };
            self.reading = Some(self.ask(connection, ClientMessage::Ask(Ask::Notifications(newest)), now)?);
        }
        Ok(())
    }

    fn send_echoes(&mut self, connection: &mut Connection) -> io::Result<()> {
        let unsent = self.echoes.iter_mut().filter(|(_, echo)| !echo.sent);
        for (id, echo) in unsent {
            echo.sent = true;
            self.swarm.stats.sent(1);
            connection.send(&Envelope { message: echo.message.clone(), id: Some(*id), number: None })?;
        }
        Ok(())
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
