//! Questions to the actors that own what operators look at. They answer from memory, in the structures of the rules.

use std::sync::Arc;

use orrery_core::protocol::{ErrorBody, ErrorCode};
use orrery_core::types::PlayerId;
use orrery_core::types::economy::Ask;
use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;

use crate::actors::asks;
use crate::actors::node::Node;
use crate::actors::session_link::Answer;
use crate::http::problem::Problem;

/// Operators are no players.
pub(super) fn nobody() -> PlayerId {
    PlayerId(Uuid::nil())
}

/// Asks what anybody may ask.
///
/// # Errors
/// As a player would be answered.
pub(super) async fn ask(node: &Arc<Node>, question: Ask) -> Result<Value, Problem> {
    match asks::anonymous(node, question).await {
        Answer::Ok(body) => Ok(body),
        Answer::Error(error) => Err(Problem::of_question(error)),
    }
}

/// An answer as the structure that it was made from.
///
/// # Errors
/// It is another one: a fault of ours.
pub(super) fn read<T: DeserializeOwned>(answer: Value) -> Result<T, Problem> {
    serde_json::from_value(answer).map_err(|error| {
        tracing::error!(error = %error, "an actor's answer is not what was asked for");
        Problem::of_question(ErrorBody::new(ErrorCode::Internal, "the answer is not what was asked for"))
    })
}
