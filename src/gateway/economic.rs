//! Which messages are economic commands, and what limits them: the same over WebSocket and HTTP.

use orrery_core::game::player::SellOrder;
use orrery_core::protocol::{ClientMessage, ErrorBody, ErrorCode};
use orrery_core::types::CommandId;

use super::limits::CommandClass;
use crate::actors::player::EconomyCommand;

/// The economic command that a message is; any other message comes back.
///
/// # Errors
/// The message.
pub(super) fn economic(message: ClientMessage) -> Result<(EconomyCommand, CommandClass), ClientMessage> {
    let command = match message {
        ClientMessage::Collect(collect) => EconomyCommand::Collect(collect.object),
        ClientMessage::Sell(sell) => {
            EconomyCommand::Sell(sell.hub, SellOrder { item: sell.item, quantity: sell.quantity })
        }
        ClientMessage::Research(research) => EconomyCommand::Research(research.tech),
        ClientMessage::CancelResearch(_) => EconomyCommand::CancelResearch,
        ClientMessage::Deal(deal) => {
            let class = CommandClass::Deal(deal.class());
            return Ok((EconomyCommand::Deal(Box::new(deal)), class));
        }
        other => return Err(other),
    };
    Ok((command, CommandClass::Economy))
}

/// The id, which an economic command must have.
///
/// # Errors
/// `id_required`.
pub(super) fn required_id(id: Option<CommandId>) -> Result<CommandId, ErrorBody> {
    id.ok_or_else(|| ErrorBody::new(ErrorCode::IdRequired, "id: this command has an effect and needs one"))
}

#[cfg(test)]
mod tests {
    use orrery_core::protocol::{Encoding, decode_client};
    use orrery_core::types::economy::DealClass;

    use super::*;

    #[test]
    fn the_protocols_description_says_which_messages_need_an_id() {
        let vectors: serde_json::Value =
            serde_json::from_str(include_str!("../core/protocol/vectors/messages.json")).unwrap();
        let described: serde_json::Value = serde_json::from_str(orrery_core::protocol::ASYNCAPI).unwrap();
        for vector in vectors["messages"].as_array().unwrap().iter().filter(|vector| vector["from"] == "client") {
            let name = vector["value"][0].as_str().unwrap();
            let needs_id = &described["components"]["messages"][format!("client.{name}")]["x-needs-id"];
            assert_eq!(class(vector["json"].as_str().unwrap()).is_some(), *needs_id, "{name}");
        }
    }

    fn class(message: &str) -> Option<CommandClass> {
        let envelope = decode_client(Encoding::Json, message.as_bytes()).unwrap();
        economic(envelope.message).ok().map(|(_, class)| class)
    }

    #[test]
    fn each_command_counts_in_its_class() {
        let deal = |class| Some(CommandClass::Deal(class));
        for (message, expected) in [
            (r#"["collect",{"object":1}]"#, Some(CommandClass::Economy)),
            (r#"["sell",{"hub":"luna","item":"ice","quantity":1}]"#, Some(CommandClass::Economy)),
            (r#"["list",{"hub":"luna","item":"ice","quantity":1,"price":1}]"#, deal(DealClass::Trade)),
            (r#"["cancel_craft",{"job":1}]"#, deal(DealClass::Craft)),
            (r#"["contribute",{"mission":"m_1","hub":"luna","item":"ice","quantity":1}]"#, deal(DealClass::Contribute)),
            (r#"["say",{"channel":"local","text":"o7"}]"#, deal(DealClass::Chat)),
            (r#"["leave_guild",{}]"#, deal(DealClass::Other)),
            (r#"["market",{"hub":"luna"}]"#, None),
            (r#"["status",{}]"#, None),
            (r#"["jump",{"gate":"g"}]"#, None),
        ] {
            assert_eq!(class(message), expected, "{message}");
        }
    }
}
