//! What a client may say, and to whom it goes: flight to the world's inbox, everything with an effect on goods or
//! credits to the player's actor.

use actix::Context;
use orrery_core::game::space::Goal;
use orrery_core::protocol::client_message::Navigate;
use orrery_core::protocol::{
    ClientMessage, CloseCode, DecodeError, Envelope, ErrorBody, ErrorCode, ServerMessage, decode_client,
};
use orrery_core::types::{CommandId, PlayerId, ShipId};

use super::actor::{Phase, Session};
use crate::actors::party::PartyMessage;
use crate::actors::player::{EconomyCommand, PlayerMessage, Query, Via};
use crate::actors::world::{InboxRefusal, WorldInput};
use crate::gateway::economic::{economic, required_id};
use crate::gateway::limits::CommandClass;
use crate::telemetry::trace;

/// Why a message was not passed on; goes to the client.
type Refused = ErrorBody;

impl Session {
    pub(super) fn take_message(&mut self, bytes: &[u8], context: &mut Context<Self>) {
        match decode_client(self.encoding, bytes) {
            Ok(envelope) => self.take_envelope(envelope, context),
            Err(DecodeError::Malformed(reason)) => self.close(CloseCode::Malformed, &reason, context),
            Err(error) if !matches!(self.phase, Phase::Live) => {
                self.close(CloseCode::ProtocolOrder, &error.to_string(), context);
            }
            Err(error) => {
                let (code, id) = match &error {
                    DecodeError::UnknownType { id, .. } => (ErrorCode::UnknownType, *id),
                    DecodeError::BadBody { id, .. } => (ErrorCode::BadRequest, *id),
                    DecodeError::Malformed(_) => (ErrorCode::BadRequest, None),
                };
                self.refuse(ErrorBody::new(code, error.to_string()), id, context);
            }
        }
    }

    fn take_envelope(&mut self, envelope: Envelope<ClientMessage>, context: &mut Context<Self>) {
        let Envelope { message, id, .. } = envelope;
        match (&self.phase, message) {
            (Phase::New, ClientMessage::Hello(hello)) => self.hello(hello, context),
            (Phase::New, _) => self.close(CloseCode::ProtocolOrder, "the first message must be hello", context),
            (Phase::Live, ClientMessage::Hello(_)) => {
                self.close(CloseCode::ProtocolOrder, "hello was said already", context);
            }
            (Phase::Live, ClientMessage::Heartbeat(heartbeat)) => {
                self.reliable.seen(heartbeat.seen);
                self.send_heartbeat(context);
            }
            (Phase::Live, ClientMessage::Leave(_)) => self.close(CloseCode::Normal, "you left", context),
            (Phase::Live, message) => {
                if let Err(refused) = self.pass_on(message, id, context) {
                    self.refuse(refused, id, context);
                }
            }
            _ => self.close(CloseCode::ProtocolOrder, "wait for the welcome", context),
        }
    }

    fn refuse(&mut self, refused: Refused, id: Option<CommandId>, context: &mut Context<Self>) {
        self.gateway.node.metrics.count_refusal(&refused.code);
        self.send_reliable(ServerMessage::Error(refused), id, context);
    }

    fn pass_on(
        &mut self,
        message: ClientMessage,
        id: Option<CommandId>,
        context: &Context<Self>,
    ) -> Result<(), Refused> {
        // Every command goes this way, so this is where its trace begins.
        let _within = trace::begin(message.name()).entered();
        let message = match economic(message) {
            Ok((command, class)) => return self.economy(id, command, class, context),
            Err(other) => other,
        };
        match message {
            ClientMessage::Navigate(navigate) => {
                self.limit(CommandClass::Flight)?;
                let (goal, (player, ship)) = (goal(&navigate)?, self.ship_here()?);
                self.tell_world(WorldInput::Navigate { player, ship, goal, command: id })
            }
            ClientMessage::Jump(jump) => {
                self.limit(CommandClass::Flight)?;
                let (player, ship) = self.ship_here()?;
                self.tell_world(WorldInput::Jump { player, ship, gate: jump.gate, command: id })
            }
            ClientMessage::Status(_) => self.query(id, Query::Status, context),
            ClientMessage::ShipStats(_) => self.query(id, Query::ShipStats, context),
            ClientMessage::TechTree(_) => self.query(id, Query::TechTree, context),
            ClientMessage::Ask(ask) => self.query(id, Query::Economy(Box::new(ask)), context),
            ClientMessage::DebugPanic(debug) if self.gateway.node.config.debug.commands => {
                if let Some(party) = debug.party {
                    let node = &self.gateway.node;
                    let _ = node.directory.tell_party(node, &party, PartyMessage::Panic);
                    Ok(())
                } else if debug.world {
                    self.tell_world(WorldInput::Panic)
                } else {
                    self.tell_player(PlayerMessage::Panic, context)
                }
            }
            ClientMessage::DebugPanic(_) => {
                Err(ErrorBody::new(ErrorCode::Disabled, "debug.commands is off in this server's configuration"))
            }
            // Taken before.
            ClientMessage::Hello(_)
            | ClientMessage::Heartbeat(_)
            | ClientMessage::Leave(_)
            | ClientMessage::Collect(_)
            | ClientMessage::Sell(_)
            | ClientMessage::Research(_)
            | ClientMessage::CancelResearch(_)
            | ClientMessage::Deal(_) => Ok(()),
        }
    }

    fn limit(&self, class: CommandClass) -> Result<(), Refused> {
        let Some(player) = self.player else { return Ok(()) };
        self.gateway.limits.check(class, player)
    }

    fn ship_here(&self) -> Result<(PlayerId, ShipId), Refused> {
        let transit = || ErrorBody::new(ErrorCode::InTransit, "the ship is between two worlds").retry_after_ms(200);
        self.player.zip(self.ship.map(|(ship, ..)| ship)).ok_or_else(transit)
    }

    fn economy(
        &mut self,
        id: Option<CommandId>,
        command: EconomyCommand,
        class: CommandClass,
        context: &Context<Self>,
    ) -> Result<(), Refused> {
        let id = required_id(id)?;
        self.limit(class)?;
        let (fingerprint, via) = (command.fingerprint(), Via::Session);
        self.tell_player(PlayerMessage::Execute { id, fingerprint, command, via }, context)
    }

    fn query(&mut self, id: Option<CommandId>, query: Query, context: &Context<Self>) -> Result<(), Refused> {
        self.limit(CommandClass::Query)?;
        self.tell_player(PlayerMessage::Ask { id, query, via: Via::Session }, context)
    }

    fn tell_player(&mut self, message: PlayerMessage, context: &Context<Self>) -> Result<(), Refused> {
        let busy = || ErrorBody::new(ErrorCode::Busy, "the player's actor is busy").retry_after_ms(500);
        let live = self.player_addr.clone().filter(|player| player.connected());
        let player = live.or_else(|| self.reattach(context)).ok_or_else(busy)?;
        player.tell(message);
        Ok(())
    }

    fn tell_world(&mut self, input: WorldInput) -> Result<(), Refused> {
        let Some(world) = &self.world else {
            return Err(ErrorBody::new(ErrorCode::InTransit, "the ship is between two worlds"));
        };
        world.try_send(input).map_err(|refusal| {
            let wait = if refusal == InboxRefusal::Gone { 500 } else { 100 };
            ErrorBody::new(ErrorCode::Busy, refusal.to_string()).retry_after_ms(wait)
        })
    }
}

fn goal(navigate: &Navigate) -> Result<Goal, Refused> {
    match (navigate.to, navigate.heading, navigate.stop) {
        (Some(to), None, None) => Ok(Goal::To(to)),
        (None, Some(heading), None) if heading != Default::default() => Ok(Goal::Heading(heading)),
        (None, None, Some(true)) => Ok(Goal::Stop),
        (None, Some(_), None) => Err(ErrorBody::new(ErrorCode::BadRequest, "heading: must have a length")),
        _ => Err(ErrorBody::new(ErrorCode::BadRequest, "navigate: exactly one of to, heading and stop: true")),
    }
}
