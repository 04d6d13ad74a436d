//! How a session settles: when nothing is outstanding, the server is asked for everything at once, and that must be
//! what the books say. Others may still trade with what the bot has on offer, so a difference counts when it stays.

use std::collections::BTreeMap;
use std::io;
use std::time::{Duration, Instant};

use orrery_core::protocol::ClientMessage;
use orrery_core::protocol::client_message::Empty;
use orrery_core::types::CommandId;
use orrery_core::types::economy::Ask;
use orrery_core::types::economy::guild::Nothing;
use orrery_core::types::economy::mission::AskRanks;
use orrery_core::types::economy::social::{AskNotifications, Notifications};
use orrery_core::types::economy::storage::AtHub;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Session;
use crate::account::{Statement, is_economic};
use crate::connection::Connection;

/// A difference that is still there after this long is one.
const DIFFERENCE_WAIT: Duration = Duration::from_secs(10);
/// The pause between two rounds.
const ROUND_EVERY: Duration = Duration::from_millis(400);
/// Missions whose leaderboards are looked at.
const MISSIONS_MAX: usize = 5;

/// Whether the books are settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settling {
    /// Answers are outstanding.
    Waiting,
    /// Compared, or given up.
    Done,
}

/// Questions that were asked together.
#[derive(Debug, Default)]
pub(super) struct Round {
    asked: BTreeMap<CommandId, ClientMessage>,
    statement: Statement,
    /// How often the books had changed when it began.
    stamp: u64,
}

/// How far settling has come.
#[derive(Debug)]
pub(super) struct Settlement {
    pub(super) settled: bool,
    round: Option<Round>,
    next_round: Instant,
    difference: Option<(Instant, String)>,
}

impl Settlement {
    pub(super) fn new(now: Instant) -> Self {
        Self { settled: false, round: None, next_round: now, difference: None }
    }

    /// The connection is gone, and with it all answers to questions.
    pub(super) fn interrupt(&mut self) {
        self.round = None;
    }
}

impl Session {
    /// One step of settling: wait for answers, ask for everything, compare.
    ///
    /// # Errors
    /// The connection is lost.
    pub fn settle(&mut self, connection: &mut Connection, now: Instant, give_up: bool) -> io::Result<Settling> {
        if self.settlement.settled || self.books.is_none() {
            return Ok(Settling::Done);
        }
        let outstanding = self.pending.values().filter(|pending| is_economic(pending.message.name())).count();
        if give_up {
            self.give_up(outstanding);
            return Ok(Settling::Done);
        }
        let ready = outstanding == 0 && !self.inbox.is_missing_some() && self.settlement.round.is_none();
        if ready && now >= self.settlement.next_round {
            self.begin_round(connection, now)?;
        }
        Ok(Settling::Waiting)
    }

    fn give_up(&mut self, outstanding: usize) {
        self.settlement.settled = true;
        self.swarm.stats.accounts_unverified(1);
        let why = match &self.settlement.difference {
            Some((_, why)) => why.clone(),
            None if self.inbox.is_missing_some() => "connected, but notifications stay away".to_owned(),
            None => format!("connected, but {outstanding} commands stay without an answer"),
        };
        self.swarm.oracle.violation(format!("bot {}: {why}", self.index));
    }

    fn begin_round(&mut self, connection: &mut Connection, now: Instant) -> io::Result<()> {
        let Some(books) = &self.books else { return Ok(()) };
        let mut questions = vec![ClientMessage::Status(Empty {})];
        if books.economic {
            let hubs = books.hubs_with_offers().into_iter().map(|hub| Ask::MyOffers(AtHub { hub }));
            let ranks =
                books.missions.keys().rev().take(MISSIONS_MAX).map(|mission| {
                    Ask::MissionRanks(AskRanks { mission: mission.clone(), top: Some(1), around: Some(0) })
                });
            let newest = Ask::Notifications(AskNotifications { before: None, limit: Some(20) });
            let asks = [Ask::Storage(Nothing {}), Ask::Jobs(Nothing {}), newest];
            questions.extend(asks.into_iter().chain(hubs).chain(ranks).map(ClientMessage::Ask));
        }
        let mut round = Round { stamp: self.booked, ..Round::default() };
        for question in questions {
            let id = self.ask(connection, question.clone(), now)?;
            round.asked.insert(id, question);
        }
        self.settlement.round = Some(round);
        Ok(())
    }

    /// Takes the answer to a question of the round in.
    pub(super) fn stated(&mut self, id: CommandId, answer: &Value) {
        let Some(round) = &mut self.settlement.round else { return };
        let Some(question) = round.asked.remove(&id) else { return };
        let read = round.statement.take(&question, answer, self.inbox.booked());
        if let Err(why) = read {
            self.differs(why);
        } else if round.asked.is_empty() {
            self.judge_round();
        }
    }

    /// A question was refused: the round is asked again.
    pub(super) fn not_stated(&mut self, id: CommandId) {
        if self.settlement.round.as_ref().is_some_and(|round| round.asked.contains_key(&id)) {
            self.settlement.round = None;
            self.settlement.next_round = Instant::now() + ROUND_EVERY * 2;
        }
    }

    fn judge_round(&mut self) {
        let (Some(round), Some(books)) = (self.settlement.round.take(), &self.books) else { return };
        self.settlement.next_round = Instant::now() + ROUND_EVERY;
        if round.stamp != self.booked {
            return;
        }
        match books.compare(&round.statement) {
            Ok(()) => {
                self.swarm.stats.accounts_verified(1);
                self.settlement.settled = true;
            }
            Err(why) => self.differs(why),
        }
    }

    fn differs(&mut self, why: String) {
        self.settlement.round = None;
        self.settlement.next_round = Instant::now() + ROUND_EVERY;
        let since = self.settlement.difference.as_ref().map_or_else(Instant::now, |(since, _)| *since);
        if since.elapsed() > DIFFERENCE_WAIT {
            self.settlement.settled = true;
            self.swarm.oracle.violation(format!("bot {} ({}): {why}", self.index, self.player()));
        }
        self.settlement.difference = Some((since, why));
    }
}

impl Statement {
    fn take(&mut self, question: &ClientMessage, answer: &Value, booked: u64) -> Result<(), String> {
        fn read<T: DeserializeOwned>(answer: &Value) -> Result<T, String> {
            serde_json::from_value(answer.clone()).map_err(|error| format!("malformed: {error}: {answer}"))
        }
        match question {
            ClientMessage::Status(_) => self.status = Some(read(answer)?),
            ClientMessage::Ask(Ask::Storage(_)) => self.storage = Some(read(answer)?),
            ClientMessage::Ask(Ask::Jobs(_)) => self.jobs = Some(read(answer)?),
            ClientMessage::Ask(Ask::MyOffers(body)) => drop(self.offers.insert(body.hub.clone(), read(answer)?)),
            ClientMessage::Ask(Ask::MissionRanks(body)) => {
                self.ranks.insert(body.mission.clone(), read(answer)?);
            }
            ClientMessage::Ask(Ask::Notifications(_)) => {
                let page: Notifications = read(answer)?;
                let newest = page.items.first().map_or(0, |item| item.seq);
                if newest != booked {
                    return Err(format!("{booked} notifications came, but the last one is {newest}"));
                }
            }
            _ => {}
        }
        Ok(())
    }
}
