//! `/api/v1/missions…` and `/api/v1/seasons…`: what is under way, and who leads. `POST /api/v1/missions`: operators
//! begin one.

use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse, web};
use orrery_core::protocol::{ErrorBody, ErrorCode};
use orrery_core::types::economy::Ask;
use orrery_core::types::economy::mission::{AskMissions, AskRanks};
use orrery_core::types::economy::season;
use orrery_core::types::{By, MissionId, MissionKey, OperatorId};
use uuid::Uuid;

use super::super::bearer::needed_bearer;
use super::desk::{Desk, public};
use crate::actors::missions;
use crate::actors::operation::{NotDone, Operation};
use crate::http::json_body::texts;
use crate::http::parameters::{Parameters, of_text, unknown};
use crate::http::problem::Problem;
use crate::http::who::{address, bearer};

/// Running or past missions.
pub(in super::super) async fn list(request: HttpRequest, desk: Desk) -> Result<HttpResponse, Problem> {
    let mut query = Parameters::of(&request)?;
    let ask = AskMissions { past: query.flag("past"), limit: query.limit(), cursor: query.cursor("cursor") };
    query.done()?;
    public(&request, &desk, Ask::Missions(ask)).await
}

/// A mission's leaderboard.
pub(in super::super) async fn ranks(
    request: HttpRequest,
    desk: Desk,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let mission = MissionId::parse(&path).map_err(|_| unknown("unknown_mission", "mission", &path))?;
    let (top, around) = top_and_around(&request)?;
    public(&request, &desk, Ask::MissionRanks(AskRanks { mission, top, around })).await
}

/// A season's leaderboard: of a number, or the current one's.
pub(in super::super) async fn season_ranks(
    request: HttpRequest,
    desk: Desk,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let (season, board) = path.into_inner();
    let board = of_text(&board).ok_or_else(|| unknown("not_found", "leaderboard", &board))?;
    let season = match season.as_str() {
        "current" => None,
        number => Some(number.parse().map_err(|_| unknown("not_found", "season", number))?),
    };
    let (top, around) = top_and_around(&request)?;
    public(&request, &desk, Ask::SeasonRanks(season::AskRanks { board, season, top, around })).await
}

/// `{kind}` with an operator's access token → 201: a mission of this kind, which begins now.
pub(in super::super) async fn begin(
    request: HttpRequest,
    desk: Desk,
    body: web::Payload,
) -> Result<HttpResponse, Problem> {
    let operator = desk.auth.verify_operator(needed_bearer(&request)?)?;
    let [kind] = texts(&request, body, ["kind"]).await?;
    let kind = MissionKey::parse(&kind).map_err(|_| unknown("unknown_mission", "kind of mission", &kind))?;
    // Tokens of the command line belong to no account.
    let by = By { operator: OperatorId(Uuid::nil()), name: operator, address: address(&request).to_string() };
    let reason = "begun with an operator's access token".to_owned();
    let operation = Operation { by, reason, dry_run: false, expected: None, undoes: None };
    let (view, _) = missions::create(&desk.node, &kind, &operation).await.map_err(|error| match error {
        NotDone::Refused(refusal) => Problem::of_question(refusal.into()),
        // Nothing that begins has a version.
        NotDone::Changed(_) | NotDone::Nothing => {
            Problem::of_question(ErrorBody::new(ErrorCode::Internal, error.to_string()))
        }
    })?;
    tracing::info!(operator = operation.by.name, mission = %view.mission, "an operator begins a mission");
    Ok(HttpResponse::Created().insert_header((CACHE_CONTROL, "no-store")).json(view))
}

/// Who has no token is nowhere on a leaderboard, and so cannot ask for `around`.
fn top_and_around(request: &HttpRequest) -> Result<(Option<u16>, Option<u16>), Problem> {
    let mut query = Parameters::of(request)?;
    let top = query.small("top", 1..=100);
    let around = if bearer(request).is_some() { query.small("around", 0..=50) } else { Some(0) };
    query.done()?;
    Ok((top, around))
}
