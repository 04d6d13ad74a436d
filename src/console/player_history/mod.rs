//! A player's past: the rows of the ledger, the times of the snapshots, and what the player was like at a time. Beside
//! `players`, which tells what it is like now.

mod ledger;
mod then;

use actix_web::web::ServiceConfig;
use utoipa::OpenApi;
use uuid::Uuid;

use super::Console;
use super::unreadable::unreadable;
use crate::http::parameters::unknown;
use crate::http::problem::Problem;
use crate::store::StoreError;
use crate::types::PlayerId;

#[derive(OpenApi)]
#[openapi(paths(ledger::list_ledger, then::list_snapshots, then::show_then))]
pub(super) struct Doc;

/// Adds the routes.
pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(ledger::list_ledger).service(then::list_snapshots).service(then::show_then);
}

/// The player that a path names, if there is one.
///
/// # Errors
/// 404 for what is no player; the store does not answer.
async fn known_player(console: &Console, text: &str) -> Result<PlayerId, Problem> {
    let id = Uuid::try_parse(text).map(PlayerId).map_err(|_| unknown_player(text))?;
    match console.node.store.player_exists(id).await {
        Ok(true) => Ok(id),
        Ok(false) => Err(unknown_player(text)),
        Err(error) => Err(unanswered(console, &error)),
    }
}

fn unknown_player(text: &str) -> Problem {
    unknown("unknown_player", "player", text)
}

fn unanswered(console: &Console, error: &StoreError) -> Problem {
    unreadable(&console.node, "a player's past", error)
}
