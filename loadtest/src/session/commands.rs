//! Commands: numbered, sent, repeated with the same number until they are answered, and what their answers mean.

use std::io;
use std::time::{Duration, Instant};

use orrery_core::protocol::client_message::Empty;
use orrery_core::protocol::{ClientMessage, Envelope};
use orrery_core::types::CommandId;
use orrery_core::types::economy::Ask;
use orrery_core::types::economy::social::AskNotifications;
use serde_json::Value;

use super::Session;
use crate::account::{is_economic, items_taken};
use crate::acks::Line;
use crate::check_acks::outcome_unknown;
use crate::connection::Connection;
use crate::stats::Timing;

/// How long an economic command may stay without an answer before it is repeated, with the same id.
const REPEAT_AFTER: Duration = Duration::from_secs(10);
/// Objects remembered as tried; the list starts over then.
const TRIED_MAX: usize = 1_000;
/// Notifications that are asked for at once.
const PAGE: u16 = 100;
/// Actions remembered that wait for an answer: five minutes of the fastest scenario.
const HELD_BACK_MAX: usize = 1_500;
const FAR_FUTURE: Duration = Duration::from_secs(86_400);

/// A command that is not answered yet.
pub(super) struct Pending {
    pub(super) message: ClientMessage,
    pub(super) due: Instant,
    /// When to repeat it; only economic commands are.
    pub(super) retry_at: Option<Instant>,
    /// How many flight commands the bot had sent, this one included.
    pub(super) flights: u64,
    /// How often the books had changed when it was sent.
    pub(super) booked: u64,
    /// [`Account::stamp`] of the goods that it takes, when it was sent.
    pub(super) stamp: u64,
}

impl Session {
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

    /// Sends a message as a command with a number of its own.
    pub(super) fn ask(
        &mut self,
        connection: &mut Connection,
        message: ClientMessage,
        due: Instant,
    ) -> io::Result<CommandId> {
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

    /// An answer has come: to a command, to an echo, or to nobody, which the protocol does not allow.
    pub(super) fn answered(&mut self, id: Option<CommandId>, ok: bool, answer: Value) {
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

    /// A refused question is asked again.
    fn refused(&mut self, id: CommandId, pending: &Pending, error: &Value) {
        self.first_status = self.first_status.filter(|first| *first != id);
        self.reading = self.reading.filter(|reading| *reading != id);
        self.not_stated(id);
        if let ClientMessage::Deal(deal) = &pending.message {
            self.deal_refused(deal, error);
        }
    }

    fn ask_again_later(&mut self, id: CommandId, pending: Pending, error: &Value) {
        let wait = Duration::from_millis(error["retry_after_ms"].as_u64().unwrap_or(1_000).max(100));
        let retry_at = Some(Instant::now() + self.chance.pause(wait));
        self.pending.insert(id, Pending { retry_at, ..pending });
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

    /// Sends a command again, with the number it had.
    pub(super) fn repeat(&mut self, connection: &mut Connection, id: CommandId, now: Instant) -> io::Result<()> {
        let Some(pending) = self.pending.get_mut(&id) else { return Ok(()) };
        pending.retry_at = Some(now + REPEAT_AFTER);
        self.loose.insert(id);
        self.swarm.stats.sent(1);
        connection.send(&Envelope { message: pending.message.clone(), id: Some(id), number: None })
    }

    /// Asks for the notifications that were not delivered.
    fn read_missing(&mut self, connection: &mut Connection, now: Instant) -> io::Result<()> {
        if self.inbox.is_missing_some() && self.reading.is_none() && self.books.is_some() {
            let newest = AskNotifications { before: self.earlier_page.take(), limit: Some(PAGE) };
            self.reading = Some(self.ask(connection, ClientMessage::Ask(Ask::Notifications(newest)), now)?);
        }
        Ok(())
    }
}
