//! A bot's session as the bot knows it: numbering, commands under way, books, picture; and how it all settles.
//!
//! Synchronous: the bot hands in what it received and this writes what follows into the connection. Every promise of
//! the protocol that a single client can check is checked here; what takes two goes to the [`crate::oracle`].

use std::collections::{BTreeSet, HashMap, HashSet};
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use orrery_core::protocol::answer::{Entered, Navigated, ShipStats, Status};
use orrery_core::protocol::cell_frame::CellsBody;
use orrery_core::protocol::client_message::{ClientHeartbeat, Empty, Navigate};
use orrery_core::protocol::picture::Picture;
use orrery_core::protocol::server_message::Welcome;
use orrery_core::protocol::{CellFrame, ClientMessage, Envelope, FrameKind, ServerMessage};
use orrery_core::types::{
    CommandId, Course, FIXED_PER_UNIT, ItemKey, ObjectId, PlayerId, Point, ShipId, TechKey, Tick,
};
use serde_json::Value;

use crate::account::{self, Account, check_answer, is_economic, signed};
use crate::acks::{self, Line, May};
use crate::behaviour::View;
use crate::check_acks::outcome_unknown;
use crate::connection::Connection;
use crate::dice::Dice;
use crate::oracle::{Aim, Claim, Grid, ShipKey};
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
const FAR_FUTURE: Duration = Duration::from_secs(86_400);

/// Whether the books are settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settling {
    /// Answers are outstanding.
    Waiting,
    /// Compared, or given up.
    Done,
}

struct Pending {
    message: ClientMessage,
    due: Instant,
    /// When to repeat it; only economic commands are.
    retry_at: Option<Instant>,
    /// How many flight commands the bot had sent, this one included.
    flights: u64,
}

struct Known {
    player: PlayerId,
    resume_token: String,
    resume_window: Duration,
    heartbeat: Duration,
    tick_hz: u32,
    cell_units: u32,
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
    /// Ids that may be answered although nobody waits: repeated, or given up with their connection.
    loose: HashSet<CommandId>,
    books: Option<Account>,
    first_status: Option<CommandId>,
    final_status: Option<CommandId>,
    settled: bool,
    heard: Instant,
    lost_at: Option<Instant>,
    picture: Picture,
    picture_at: Instant,
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
            loose: HashSet::new(),
            books: None,
            first_status: None,
            final_status: None,
            settled: false,
            heard: now,
            lost_at: None,
            picture: Picture::default(),
            picture_at: now,
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
        self.books.is_some() && !self.settled
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
            world: welcome.world,
        });
        self.heard = now;
        // Spread over the period: bots that came together should not beat together.
        self.next_heartbeat = now + heartbeat.mul_f64(self.chance.unit());
        self.picture = Picture::default();
        self.picture_at = now;
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
        if welcome.player != known.player {
            stats.lost_players(1);
            self.pending.clear();
            self.books = None;
            self.final_status = None;
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
                self.final_status = self.final_status.filter(|last| *last != id);
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
        self.pending.insert(id, Pending { message: message.clone(), due, retry_at, flights: self.flights });
        self.swarm.stats.sent(1);
        connection.send(&Envelope { message, id: Some(id), number: None }).map(|()| id)
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
            ServerMessage::ResearchDone(done) => {
                self.known_techs.insert(done.tech);
                // What a technology improves is the server's to say.
                self.ask(connection, ClientMessage::ShipStats(Empty {}), self.heard)?;
            }
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
        if let Some(known) = &mut self.known {
            known.world = entered;
        }
        self.tried.clear();
    }

    fn answered(&mut self, id: Option<CommandId>, ok: bool, answer: Value) {
        // An error without id is about a flight command that wanted no answer, or about something malformed.
        let Some(id) = id else { return };
        let Some(pending) = self.pending.remove(&id) else {
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
        if ok {
            self.succeeded(id, &pending, &answer);
        } else {
            self.status_failed(id);
        }
    }

    /// A refused status is asked again.
    fn status_failed(&mut self, id: CommandId) {
        self.first_status = self.first_status.filter(|first| *first != id);
        self.final_status = self.final_status.filter(|last| *last != id);
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
            command if is_economic(command.name()) => self.economic(id, command, answer),
            _ => {}
        }
    }

    fn economic(&mut self, id: CommandId, command: &ClientMessage, answer: &Value) {
        self.swarm.stats.acknowledged(1);
        match check_answer(&self.swarm.catalog, command, answer) {
            Ok(effect) => {
                if let Some(object) = effect.object {
                    self.swarm.oracle.collected(object, self.player(), id);
                }
                if let Some(books) = &mut self.books {
                    books.apply(&effect);
                }
            }
            Err(why) => self.swarm.oracle.violation(format!("bot {}: {why}", self.index)),
        }
    }

    fn status(&mut self, id: CommandId, answer: &Value) {
        let status: Status = match serde_json::from_value(answer.clone()) {
            Ok(status) => status,
            Err(error) => {
                return self.swarm.oracle.violation(format!("bot {}: malformed status: {error}", self.index));
            }
        };
        self.known_techs = status.known.iter().cloned().collect();
        self.cargo_capacity = status.cargo_capacity.0;
        if self.first_status == Some(id) && self.books.is_none() {
            let books = Account::opening(&status);
            self.log(&acks::start_line(self.player(), &books));
            self.books = Some(books);
        }
        if self.final_status == Some(id)
            && let Some(books) = &self.books
        {
            match books.compare(&status) {
                Ok(()) => self.swarm.stats.accounts_verified(1),
                Err(why) => self.swarm.oracle.violation(format!("bot {} ({}): {why}", self.index, self.player())),
            }
            self.settled = true;
        }
    }

    fn ship_stats(&mut self, answer: &Value) {
        if let Ok(stats) = serde_json::from_value::<ShipStats>(answer.clone()) {
            self.collect_range = i32::try_from(stats.collect_range).unwrap_or(i32::MAX);
            self.cargo_capacity = stats.cargo_capacity.0;
        }
    }

    /// The course as answered must be the one in the frames, unless the bot has changed its mind since.
    fn navigated(&mut self, pending: &Pending, answer: &Value) {
        let Ok(navigated) = serde_json::from_value::<Navigated>(answer.clone()) else {
            let text = format!("bot {}: malformed answer to navigate: {answer}", self.index);
            return self.swarm.oracle.violation(text);
        };
        if let Some(ship) = self.own_ship().filter(|_| pending.flights == self.flights) {
            let Navigated { from, to, departs, arrives } = navigated;
            let claim = Claim::Answered(Course { from, to, departs, arrives });
            self.swarm.oracle.claim(ship, self.index, departs.after(2), claim);
        }
    }

    fn cells(&mut self, body: &CellsBody) {
        let CellsBody(world, tick, frames) = body;
        let stats = &self.swarm.stats;
        stats.updates(frames.iter().map(|frame| frame.entries.len() as u64).sum());
        let sampled = self.swarm.is_sampled(self.index);
        if sampled {
            self.swarm.oracle.time_news(&self.picture, body, self.index, self.heard, stats);
            if *world == self.picture.world_number && *tick > self.picture.tick {
                self.turn_to(*tick, frames);
            }
        }
        if let Err(inconsistency) = self.picture.apply(body) {
            self.swarm.oracle.violation(format!("bot {}, world {world}: {inconsistency}", self.index));
        }
        self.picture_at = self.heard;
        if sampled {
            self.tell_truth();
        }
    }

    /// A later tick begins: what the picture says of the last one is complete, and is compared.
    fn turn_to(&mut self, tick: Tick, frames: &[CellFrame]) {
        // Anything but changes and goodbyes, for cells that are in view: frames in between were dropped.
        let replaces = |frame: &CellFrame| {
            let changes = matches!(frame.kind, FrameKind::Delta | FrameKind::Forget);
            !changes && (frame.kind != FrameKind::Snapshot || self.picture.cells.contains(&frame.cell))
        };
        let resynced = frames.iter().any(replaces);
        if !resynced {
            self.file_claims();
        }
        if let Some(ship) = self.own_ship().filter(|(own, _)| *own == self.picture.world_number) {
            self.swarm.oracle.owner_turns_to(ship, tick, resynced, &self.swarm.stats);
        }
    }

    fn file_claims(&mut self) {
        if self.heard < self.next_claims || self.picture.cells.is_empty() {
            return;
        }
        self.next_claims = self.heard + CLAIM_EVERY;
        let (world, tick) = (self.picture.world_number, self.picture.tick);
        let skip = self.chance.bits() >> 40;
        for ship in self.swarm.oracle.ships_to_judge(world, self.index, CLAIMS_PER_ROUND, skip) {
            let claim = match self.picture.ships.get(&ship.1) {
                Some(seen) => Claim::At(seen.course.position(tick)),
                None => Claim::NotIn(self.picture.cells.clone()),
            };
            self.swarm.oracle.claim(ship, self.index, tick, claim);
        }
    }

    fn tell_truth(&self) {
        let Some(known) = self.known.as_ref().filter(|known| known.world.world_number == self.picture.world_number)
        else {
            return;
        };
        let ship = (known.world.world_number, known.world.ship);
        let grid = Grid { cell_units: known.cell_units, size_units: known.world.size_units };
        let course = self.own_course(known.world.ship);
        self.swarm.oracle.owner_sees(ship, self.index, grid, self.picture.tick, course);
    }

    fn own_course(&self, ship: ShipId) -> Option<Course> {
        self.picture.ships.get(&ship).map(|ship| ship.course)
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
            collect_range: self.collect_range,
            cargo_capacity: self.cargo_capacity,
            known: &self.known_techs,
            tried: &self.tried,
            economic_pending,
        })
    }

    fn position(&self, known: &Known, now: Instant) -> Point {
        let elapsed = now.saturating_duration_since(self.picture_at).as_millis() as u64;
        let tick = Tick(self.picture.tick.0 + elapsed * u64::from(known.tick_hz) / 1000);
        self.own_course(known.world.ship).map_or(known.world.position, |course| course.position(tick))
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
        let is_due = |pending: &Pending| pending.retry_at.is_some_and(|retry_at| retry_at <= now);
        let due: Vec<CommandId> =
            self.pending.iter().filter(|(_, pending)| is_due(pending)).map(|(id, _)| *id).collect();
        due.into_iter().try_for_each(|id| self.repeat(connection, id, now))
    }

    /// One step of settling: wait for answers, ask for the status, compare.
    ///
    /// # Errors
    /// The connection is lost.
    pub fn settle(&mut self, connection: &mut Connection, now: Instant, give_up: bool) -> io::Result<Settling> {
        if self.settled || self.books.is_none() {
            return Ok(Settling::Done);
        }
        let outstanding = self.pending.values().filter(|pending| is_economic(pending.message.name())).count();
        if give_up {
            self.settled = true;
            self.swarm.stats.accounts_unverified(1);
            let text = format!("bot {}: connected, but {outstanding} commands stay without an answer", self.index);
            self.swarm.oracle.violation(text);
            return Ok(Settling::Done);
        }
        if outstanding == 0 && self.final_status.is_none() {
            self.final_status = Some(self.ask(connection, ClientMessage::Status(Empty {}), now)?);
        }
        Ok(Settling::Waiting)
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

    fn log_sent(&self, id: CommandId, message: &ClientMessage) {
        if self.swarm.acks.is_some() {
            let command = acks::sent_command(message);
            let may = self.may(message);
            self.log(&Line::Sent { player: self.player(), id, command, sent_ms: now_ms(), may });
        }
    }

    fn log(&self, line: &Line) {
        if let Some(acks) = &self.swarm.acks
            && let Err(error) = acks.write(line)
        {
            self.swarm.failed(format!("failed to write the file of --acks: {error}"));
        }
    }

    /// The least and the most that a command can change.
    fn may(&self, message: &ClientMessage) -> Option<May> {
        let catalog = &self.swarm.catalog;
        match message {
            ClientMessage::Collect(collect) => {
                let kind = catalog.objects.get(&self.picture.objects.get(&collect.object)?.kind)?;
                let range = [signed(kind.quantity_min), signed(kind.quantity_max)];
                Some(May { credits: [0, 0], goods: Some((kind.item.clone(), range)) })
            }
            ClientMessage::Sell(sell) => {
                let mut hubs = catalog.sectors.values().flat_map(|sector| &sector.hubs);
                let price = hubs.find(|hub| hub.key == sell.hub)?.buys.get(&sell.item)?;
                let goods: (ItemKey, [i64; 2]) = (sell.item.clone(), [-signed(sell.quantity.0); 2]);
                Some(May { credits: [signed(price.0 * sell.quantity.0); 2], goods: Some(goods) })
            }
            ClientMessage::Research(research) => {
                let cost = account::signed(catalog.techs.get(&research.tech)?.cost.0);
                Some(May { credits: [-cost; 2], goods: None })
            }
            ClientMessage::CancelResearch(_) => {
                let most = catalog.techs.values().map(|tech| signed(tech.cost.0)).max().unwrap_or(0);
                Some(May { credits: [0, most], goods: None })
            }
            _ => None,
        }
    }
}
