//! `/leaderboards`: who leads in the season, or led in a past one.

use actix_web::{HttpRequest, HttpResponse, get, web};
use futures_util::future::join_all;
use orrery_core::types::economy::Ask;
use orrery_core::types::economy::mission::Ranks;
use orrery_core::types::economy::season::{AskRanks, Board};
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};

use super::Console;
use super::access::Viewer;
use super::asking::{ask, read};
use super::operated::shown;
use super::ranks::Rank;
use crate::actors::node::now;
use crate::http::parameters::{Parameters, of_text, unknown};
use crate::http::problem::Problem;

#[derive(OpenApi)]
#[openapi(paths(list, show))]
pub(super) struct Doc;

pub(super) fn configure(config: &mut web::ServiceConfig) {
    config.service(list).service(show);
}

/// A leaderboard in the list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LeaderboardItem)]
struct Listed {
    board: String,
    /// How many are on it.
    participants: u64,
    /// The first three.
    top: Vec<Rank>,
}

/// The leaderboards of the running season.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LeaderboardPage)]
struct Leaderboards {
    /// The season's number.
    season: u64,
    /// When it ends.
    ends_ms: u64,
    items: Vec<Listed>,
}

/// A leaderboard.
#[derive(Debug, Serialize, ToSchema)]
struct Leaderboard {
    board: String,
    season: u64,
    participants: u64,
    top: Vec<Rank>,
}

/// The leaderboards of the running season, with the first three of each.
#[utoipa::path(tag = "leaderboards", responses((status = 200, body = Leaderboards)))]
#[get("/leaderboards")]
async fn list(_: Viewer, console: web::Data<Console>) -> Result<HttpResponse, Problem> {
    let season = &console.node.catalog.economy.season;
    let number = season.number(now());
    let asked = Board::ALL.map(|board| first(&console, board, None, Some(3)));
    let mut items = Vec::new();
    for (board, ranks) in Board::ALL.into_iter().zip(join_all(asked).await) {
        let Ranks { participants, top, .. } = ranks?;
        items.push(Listed {
            board: board.as_str().to_owned(),
            participants,
            top: top.into_iter().map(Rank::from).collect(),
        });
    }
    let ends_ms = (number + 1).saturating_mul(season.seconds).saturating_mul(1_000);
    Ok(shown(&Leaderboards { season: number, ends_ms, items }))
}

/// A leaderboard.
#[utoipa::path(
    tag = "leaderboards",
    params(
        ("board" = String, Path, description = "wealth, collected, traded or missions"),
        ("top" = Option<u16>, Query, minimum = 1, maximum = 100),
        ("season" = Option<u64>, Query, description = "A past one; the running one, when left out")
    ),
    responses((status = 200, body = Leaderboard))
)]
#[get("/leaderboards/{board}")]
async fn show(
    _: Viewer,
    console: web::Data<Console>,
    request: HttpRequest,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let board: Board = of_text(&path).ok_or_else(|| unknown("not_found", "leaderboard", &path))?;
    let mut query = Parameters::of(&request)?;
    let (top, season) = (query.small("top", 1..=100), query.cursor("season"));
    query.done()?;
    let Ranks { participants, top, .. } = first(&console, board, season, top).await?;
    let running = console.node.catalog.economy.season.number(now());
    Ok(shown(&Leaderboard {
        board: board.as_str().to_owned(),
        season: season.unwrap_or(running),
        participants,
        top: top.into_iter().map(Rank::from).collect(),
    }))
}

async fn first(console: &Console, board: Board, season: Option<u64>, top: Option<u16>) -> Result<Ranks, Problem> {
    read(ask(&console.node, Ask::SeasonRanks(AskRanks { board, season, top, around: Some(0) })).await?)
}
