//! What tests of guilds, chat and friends are written with.

use orrery::protocol::ServerMessage;
use orrery::protocol::server_message::Welcome;
use orrery::types::PlayerId;
use orrery::types::economy::event::{ChatLine, Notice};
use serde_json::{Value, json};

use super::player::Answered;
use super::{Player, Server, command};
use crate::support::economy::without_limits;

/// A server without limits that are in the way.
pub(crate) fn server(more: &[(&str, &str)]) -> Server {
    let chatty = [("limits.chat_per_minute", "1000000")];
    let more: Vec<_> = chatty.into_iter().chain(more.iter().copied()).collect();
    Server::with(&without_limits(&more))
}

/// A deal.
pub(crate) fn deal(player: &mut Player, name: &str, body: Value) -> Answered {
    player.command(command::deal(name, body))
}

/// A question.
pub(crate) fn ask(player: &mut Player, name: &str, body: Value) -> Answered {
    player.command(command::ask(name, body))
}

/// Who the player is.
pub(crate) fn id(player: &Player) -> PlayerId {
    player.welcome.player
}

/// The body of deals about another player.
pub(crate) fn whom(player: &Player) -> Value {
    json!({ "player": id(player) })
}

/// Waits for the next notification.
pub(crate) fn notice(player: &mut Player) -> Notice {
    match player.event("notification") {
        ServerMessage::Notification(notification) => notification.notice,
        other => panic!("{other:?} is no notification"),
    }
}

/// Waits for the next line that is said.
pub(crate) fn hears(player: &mut Player) -> ChatLine {
    match player.event("chat") {
        ServerMessage::Chat(line) => line,
        other => panic!("{other:?} was not said"),
    }
}

/// Waits for the next line; its text.
pub(crate) fn hears_text(player: &mut Player) -> String {
    hears(player).line.text
}

/// Says something.
pub(crate) fn say(player: &mut Player, channel: impl Into<Value>, text: &str) -> Answered {
    deal(player, "say", json!({ "channel": channel.into(), "text": text }))
}

/// The guest's way back.
pub(crate) fn token(welcome: &Welcome) -> String {
    welcome.account.as_ref().expect("a new guest").access_token.clone()
}
