//! `/api/v1/me/…`: what only the player may see; chat and guilds beside it.

use actix_web::{HttpRequest, HttpResponse, web};
use orrery_core::types::economy::Ask;
use orrery_core::types::economy::chat::{AskHistory, Channel};
use orrery_core::types::economy::guild::{AskGuild, Nothing};
use orrery_core::types::economy::social::AskNotifications;
use orrery_core::types::{GuildId, PlayerId};
use uuid::Uuid;

use super::desk::{Desk, private, public, query};
use crate::actors::player::Query;
use crate::http::parameters::{Parameters, unknown};
use crate::http::problem::Problem;

/// Wallet, cargo, research, statistics.
pub(in super::super) async fn status(request: HttpRequest, desk: Desk) -> Result<HttpResponse, Problem> {
    Parameters::of(&request)?.done()?;
    query(&request, &desk, Query::Status).await
}

/// What is stored at hubs.
pub(in super::super) async fn storage(request: HttpRequest, desk: Desk) -> Result<HttpResponse, Problem> {
    Parameters::of(&request)?.done()?;
    private(&request, &desk, Ask::Storage(Nothing {})).await
}

/// Crafting jobs.
pub(in super::super) async fn jobs(request: HttpRequest, desk: Desk) -> Result<HttpResponse, Problem> {
    Parameters::of(&request)?.done()?;
    private(&request, &desk, Ask::Jobs(Nothing {})).await
}

/// A page of notifications, newest first.
pub(in super::super) async fn notifications(request: HttpRequest, desk: Desk) -> Result<HttpResponse, Problem> {
    let mut query = Parameters::of(&request)?;
    let ask = AskNotifications { before: query.cursor("cursor"), limit: query.limit() };
    query.done()?;
    private(&request, &desk, Ask::Notifications(ask)).await
}

/// Friends, requests, blocks.
pub(in super::super) async fn friends(request: HttpRequest, desk: Desk) -> Result<HttpResponse, Problem> {
    Parameters::of(&request)?.done()?;
    private(&request, &desk, Ask::Friends(Nothing {})).await
}

/// The player's own guild.
pub(in super::super) async fn guild(request: HttpRequest, desk: Desk) -> Result<HttpResponse, Problem> {
    Parameters::of(&request)?.done()?;
    private(&request, &desk, Ask::Guild(AskGuild { guild: None })).await
}

/// Any guild.
pub(in super::super) async fn any_guild(
    request: HttpRequest,
    desk: Desk,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let guild = Uuid::parse_str(&path).map_err(|_| unknown("unknown_guild", "guild", &path))?;
    Parameters::of(&request)?.done()?;
    public(&request, &desk, Ask::Guild(AskGuild { guild: Some(GuildId(guild)) })).await
}

/// A page of what was said in a channel: `sector`, `guild`, or with the player whose id this is.
pub(in super::super) async fn chat_history(
    request: HttpRequest,
    desk: Desk,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let channel = match path.as_str() {
        "sector" => Channel::Sector,
        "guild" => Channel::Guild,
        player => {
            let id = Uuid::parse_str(player).map_err(|_| unknown("not_found", "channel", player))?;
            Channel::Direct(PlayerId(id))
        }
    };
    let mut query = Parameters::of(&request)?;
    let ask = AskHistory { channel, before: query.cursor("cursor"), limit: query.limit() };
    query.done()?;
    private(&request, &desk, Ask::ChatHistory(ask)).await
}
