//! `POST /api/v1/commands`: an economic command, in the protocol's envelope. The same as over WebSocket: the player's
//! actor decides, remembers, and answers when it is durable.

use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse, web};
use orrery_core::protocol::{DecodeError, Encoding, Envelope, ErrorBody, ErrorCode, decode_client};

use super::desk::{Desk, ask_player, player};
use crate::actors::player::PlayerMessage;
use crate::actors::session_link::Answer;
use crate::gateway::economic::{economic, required_id};
use crate::http::json_body::bytes;
use crate::http::problem::Problem;

/// `["buy", {…}, 42]` → 200 with the body of `ok`.
pub(in super::super) async fn execute(
    request: HttpRequest,
    desk: Desk,
    body: web::Payload,
) -> Result<HttpResponse, Problem> {
    let player = player(&request, &desk)?;
    let bytes = bytes(&request, body).await?;
    let answer = match read(&bytes) {
        Ok((id, command, class)) => {
            desk.limits.check(class, player).map_err(|error| refused(&desk, error))?;
            let fingerprint = command.fingerprint();
            let message = |via| PlayerMessage::Execute { id, fingerprint, command, via };
            ask_player(&request, &desk, player, message).await
        }
        Err(error) => return Err(refused(&desk, error)),
    };
    match answer {
        Answer::Ok(body) => Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(body)),
        Answer::Error(error) => Err(Problem::of_command(error)),
    }
}

type Read =
    (orrery_core::types::CommandId, crate::actors::player::EconomyCommand, crate::gateway::limits::CommandClass);

fn read(bytes: &[u8]) -> Result<Read, ErrorBody> {
    let Envelope { message, id, .. } = decode_client(Encoding::Json, bytes).map_err(|error| {
        let code = match error {
            DecodeError::UnknownType { .. } => ErrorCode::UnknownType,
            DecodeError::Malformed(_) | DecodeError::BadBody { .. } => ErrorCode::BadRequest,
        };
        ErrorBody::new(code, error.to_string())
    })?;
    let (command, class) = economic(message).map_err(|other| {
        let text = format!("{} is nothing to be done over HTTP", other.name());
        ErrorBody::new(ErrorCode::BadRequest, text)
    })?;
    Ok((required_id(id)?, command, class))
}

/// Refused at the door: the player's actor counts what it refuses itself.
fn refused(desk: &Desk, error: ErrorBody) -> Problem {
    desk.node.metrics.count_refusal(&error.code);
    Problem::of_command(error)
}
