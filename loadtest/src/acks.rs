//! The log of commands and answers that `check-acks` compares with an export after a crash.
//!
//! One JSON object per line, written before the command leaves and after its answer came, unbuffered: what is in the
//! file was really sent. Only commands that move goods or credits are in it.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use orrery_core::protocol::ClientMessage;
use orrery_core::types::{CommandId, ItemKey, PlayerId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::account::Account;

/// One line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Line {
    /// `{"player", "start": {credits, goods}}`: what a player had before its first command.
    Start {
        /// Who.
        player: PlayerId,
        /// Wallet and hold.
        start: Start,
    },
    /// `{"player", "id", "command", "sent_ms"}`: about to be sent.
    Sent {
        /// Who.
        player: PlayerId,
        /// The command's id.
        id: CommandId,
        /// The command.
        command: SentCommand,
        /// The bot's wall clock.
        sent_ms: u64,
        /// What it can do to wallet and hold if it is applied, as far as the bot knew.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        may: Option<May>,
    },
    /// `{"player", "id", "ok", "answer"}`: the answer.
    Answered {
        /// Who.
        player: PlayerId,
        /// The command's id.
        id: CommandId,
        /// Whether it was carried out.
        ok: bool,
        /// The body of `ok` or `error`.
        answer: Value,
    },
}

/// What a player had.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Start {
    /// The wallet.
    pub credits: i64,
    /// The hold.
    pub goods: BTreeMap<ItemKey, i64>,
}

/// A command as the log names it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SentCommand {
    /// The message type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its body.
    pub body: Value,
}

/// The smallest and the largest change that a command can make.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct May {
    /// To the wallet.
    pub credits: [i64; 2],
    /// To the hold: of one item at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goods: Option<(ItemKey, [i64; 2])>,
}

/// The open log; shared by all bots.
pub struct AckLog(Mutex<File>);

impl AckLog {
    /// Opens the file for appending, making it if need be.
    ///
    /// # Errors
    /// The file cannot be opened.
    pub fn open(path: &Path) -> io::Result<Self> {
        OpenOptions::new().create(true).append(true).open(path).map(|file| Self(Mutex::new(file)))
    }

    /// Writes a line through to the file.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&self, line: &Line) -> io::Result<()> {
        let mut bytes = serde_json::to_vec(line)?;
        bytes.push(b'\n');
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write_all(&bytes)
    }
}

/// The line of a player's opening books.
#[must_use]
pub fn start_line(player: PlayerId, account: &Account) -> Line {
    Line::Start { player, start: Start { credits: account.credits, goods: account.goods.clone() } }
}

/// A command as the log names it: type and body out of the same serialisation that goes over the wire.
#[must_use]
pub fn sent_command(command: &ClientMessage) -> SentCommand {
    let body = match command {
        ClientMessage::Collect(body) => serde_json::to_value(body),
        ClientMessage::Sell(body) => serde_json::to_value(body),
        ClientMessage::Research(body) => serde_json::to_value(body),
        // Serialised as `{name: body}`.
        ClientMessage::Deal(deal) => serde_json::to_value(deal).map(|mut named| named[deal.name()].take()),
        _ => Ok(Value::Object(serde_json::Map::new())),
    };
    SentCommand { kind: command.name().to_owned(), body: body.unwrap_or_default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use orrery_core::protocol::client_message::Collect;
    use orrery_core::types::ObjectId;

    #[test]
    fn lines_come_back_as_they_went() {
        let player = PlayerId(uuid::Uuid::nil());
        let command = sent_command(&ClientMessage::Collect(Collect { object: ObjectId(5) }));
        let may = Some(May { credits: [0, 0], goods: Some((ItemKey::parse("ore").unwrap(), [1, 4])) });
        for line in [
            start_line(player, &Account::default()),
            Line::Sent { player, id: CommandId(3), command, sent_ms: 9, may },
            Line::Answered { player, id: CommandId(3), ok: false, answer: serde_json::json!({"code": "busy"}) },
        ] {
            let text = serde_json::to_string(&line).unwrap();
            assert_eq!(serde_json::from_str::<Line>(&text).unwrap(), line, "{text}");
        }
    }
}
