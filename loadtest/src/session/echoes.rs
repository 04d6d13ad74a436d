//! Echoes: now and then a command that was answered is sent again, and must be answered as it was.

use std::io;

use orrery_core::protocol::{ClientMessage, Envelope};
use orrery_core::types::CommandId;
use orrery_core::types::economy::Deal;
use serde_json::Value;

use super::Session;
use crate::account::is_economic;
use crate::connection::Connection;

/// One in so many answered commands is repeated, and must be answered alike.
const ECHO_ONE_IN: u64 = 16;

/// An answered command that is repeated.
pub(super) struct Echo {
    message: ClientMessage,
    answer: Value,
    sent: bool,
}

impl Session {
    /// Now and then an answered command is sent again.
    pub(super) fn repeat_later(&mut self, id: CommandId, message: ClientMessage, answer: Value) {
        let lasting = !matches!(message, ClientMessage::Deal(Deal::Say(_) | Deal::Report(_)));
        if lasting && is_economic(message.name()) && self.chance.below(ECHO_ONE_IN) == 0 {
            self.loose.insert(id);
            self.echoes.insert(id, Echo { message, answer, sent: false });
        }
    }

    /// A repeated command must be answered as it was.
    pub(super) fn echoed(&mut self, id: CommandId, ok: bool, answer: &Value) {
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

    /// Sends the echoes that were not sent yet.
    pub(super) fn send_echoes(&mut self, connection: &mut Connection) -> io::Result<()> {
        let unsent = self.echoes.iter_mut().filter(|(_, echo)| !echo.sent);
        for (id, echo) in unsent {
            echo.sent = true;
            self.swarm.stats.sent(1);
            connection.send(&Envelope { message: echo.message.clone(), id: Some(*id), number: None })?;
        }
        Ok(())
    }
}
