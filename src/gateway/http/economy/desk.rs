//! Where the economy's requests come to: who asks, how often, and what the actors answer.

use std::time::Duration;

use actix_web::http::header::{CACHE_CONTROL, HeaderValue, VARY};
use actix_web::{HttpRequest, HttpResponse, web};
use orrery_core::protocol::{ErrorBody, ErrorCode};
use orrery_core::types::PlayerId;
use orrery_core::types::economy::Ask;
use serde_json::Value;
use tokio::sync::oneshot;

use super::super::bearer::needed_bearer;
use crate::actors::asks;
use crate::actors::player::{PlayerMessage, Query, Via};
use crate::actors::session_link::Answer;
use crate::gateway::admission::closed_to;
use crate::gateway::limits::CommandClass;
use crate::gateway::session::Gateway;
use crate::http::problem::Problem;
use crate::http::who::{address, bearer};
use crate::telemetry::trace;

/// What all of it needs.
pub(super) type Desk = web::Data<Gateway>;

/// An actor answers, or says that the store does not, well within this beyond `store.answer_timeout_ms`; one that has
/// not is stuck.
const STUCK_AFTER: Duration = Duration::from_secs(20);
/// What everybody may see may be kept for a moment: a crowd of readers then costs no more than one.
const PUBLIC: HeaderValue = HeaderValue::from_static("public, max-age=1");
const PRIVATE: HeaderValue = HeaderValue::from_static("private, no-store");

/// Answers a question that anybody may ask; with a token as the player's.
pub(super) async fn public(request: &HttpRequest, desk: &Desk, ask: Ask) -> Result<HttpResponse, Problem> {
    if bearer(request).is_some() {
        return private(request, desk, ask).await;
    }
    desk.auth.anonymous_read(address(request))?;
    let answer = asks::anonymous(&desk.node, ask).await;
    respond(PUBLIC, answer)
}

/// Answers a question of the player's whose token comes with it.
pub(super) async fn private(request: &HttpRequest, desk: &Desk, ask: Ask) -> Result<HttpResponse, Problem> {
    query(request, desk, Query::Economy(Box::new(ask))).await
}

/// Answers any question of the player's whose token comes with it.
pub(super) async fn query(request: &HttpRequest, desk: &Desk, query: Query) -> Result<HttpResponse, Problem> {
    let player = player(request, desk)?;
    desk.limits.check(CommandClass::Query, player).map_err(Problem::of_question)?;
    respond(PRIVATE, ask_player(request, desk, player, |via| PlayerMessage::Ask { id: None, query, via }).await)
}

/// Whose token comes with a request.
///
/// # Errors
/// None does, or it is not good; or it is closed to the player.
pub(super) fn player(request: &HttpRequest, desk: &Desk) -> Result<PlayerId, Problem> {
    let player = desk.auth.verify(needed_bearer(request)?)?.player;
    match closed_to(&desk.node, Some(player)) {
        Some(closed) => Err(Problem::of_question(closed.error())),
        None => Ok(player),
    }
}

/// Tells a player's actor something that it answers, loading it if need be.
pub(super) async fn ask_player(
    request: &HttpRequest,
    desk: &Desk,
    player: PlayerId,
    message: impl FnOnce(Via) -> PlayerMessage,
) -> Answer {
    let node = &desk.node;
    let Ok(actor) = node.directory.player(node, player) else {
        return Answer::Error(ErrorBody::new(ErrorCode::Busy, "the server is full").retry_after_ms(1_000));
    };
    let (sender, answer) = oneshot::channel();
    let message = message(Via::Http(sender));
    let traceparent = request.headers().get("traceparent").and_then(|header| header.to_str().ok());
    // Lives until the answer is there.
    let span = trace::follow(traceparent, message.name());
    span.in_scope(|| actor.tell(message));
    let patience = Duration::from_millis(node.config.store.answer_timeout_ms) + STUCK_AFTER;
    match tokio::time::timeout(patience, answer).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(_)) | Err(_) => {
            let lost =
                "the player's actor failed; whether a command took effect is unknown: repeat it with the same id";
            Answer::error(ErrorCode::Internal, lost)
        }
    }
}

fn respond(cache: HeaderValue, answer: Answer) -> Result<HttpResponse, Problem> {
    match answer {
        Answer::Ok(body) => Ok(ok(cache, &body)),
        Answer::Error(error) => Err(Problem::of_question(error)),
    }
}

/// An answer. What is kept of it is not for those who come with another token.
fn ok(cache: HeaderValue, body: &Value) -> HttpResponse {
    HttpResponse::Ok().insert_header((CACHE_CONTROL, cache)).append_header((VARY, "authorization")).json(body)
}
