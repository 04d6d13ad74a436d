//! How a session begins, is interrupted and goes on: the welcome, what it must keep to when it resumes, and what is asked
//! again over the new connection.

use std::io;
use std::time::{Duration, Instant};

use orrery_core::protocol::ClientMessage;
use orrery_core::protocol::client_message::Empty;
use orrery_core::protocol::picture::Picture;
use orrery_core::protocol::server_message::Welcome;
use orrery_core::types::CommandId;

use super::inbox::Inbox;
use super::news::News;
use super::{Known, Session};
use crate::account::is_economic;
use crate::connection::Connection;

impl Session {
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
}
