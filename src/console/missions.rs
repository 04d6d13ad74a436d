//! `/missions`: what is under way and what was; beginning one, and ending one before its time. `/mission-kinds`.

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use orrery_core::game::{Inspect, Intervention};
use orrery_core::types::economy::Ask;
use orrery_core::types::economy::mission::{AskMissions, AskRanks, MissionPage, MissionState, MissionView, Ranks};
use orrery_core::types::{MissionId, MissionKey, Party, Role};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

use super::Console;
use super::access::{Admin, Viewer};
use super::asking::{ask, nobody, read};
use super::audit::Undo;
use super::change::{self, Change, Changed};
use super::operated::{changed, edited, made, refused, shown, undoing, versioned};
use super::paging::Page;
use super::ranks::Rank;
use crate::actors::missions;
use crate::actors::operation::Operation;
use crate::http::parameters::{Parameters, unknown};
use crate::http::problem::Problem;

#[derive(OpenApi)]
#[openapi(paths(list, show, kinds, create, edit))]
pub(super) struct Doc;

pub(super) fn configure(config: &mut web::ServiceConfig) {
    config.service(list).service(show).service(kinds).service(create).service(edit);
}

/// What a phase needs of an item.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MissionNeed)]
struct Need {
    item: String,
    needed: u64,
    given: u64,
    /// Score per piece.
    points: u64,
}

/// Where a mission stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = MissionStage)]
enum State {
    /// It takes contributions.
    Running,
    /// Rewards are being paid.
    Paying,
    /// Everything is paid.
    Over,
}

/// A mission.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MissionItem)]
struct Mission {
    mission: String,
    kind: String,
    name: String,
    hub: String,
    state: State,
    started_ms: u64,
    due_ms: u64,
    /// The phase it is in, from 0.
    phase: u32,
    phases: u32,
    needs: Vec<Need>,
    participants: u64,
    /// Credits that are shared out at the end.
    reward: u64,
    /// Whether all phases were completed.
    completed: bool,
}

/// A mission, and who leads.
#[derive(Debug, Serialize, ToSchema)]
struct MissionDetail {
    #[serde(flatten)]
    mission: Mission,
    top: Vec<Rank>,
}

/// A kind of mission.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MissionKindItem)]
struct Kind {
    key: String,
    name: String,
    about: String,
    hub: String,
    /// How often one begins by itself; 0: never.
    every_seconds: u64,
    seconds: u64,
    phases: usize,
    reward: u64,
}

/// Kinds of missions.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MissionKindPage)]
struct Kinds {
    items: Vec<Kind>,
}

/// A new mission.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
enum NewMission {
    /// Begin one.
    Create {
        /// Of which kind.
        mission: String,
    },
}

/// A change of a mission.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
enum MissionChange {
    /// It ends now, and pays as at its deadline.
    End {},
    /// The same, but only if nobody has contributed.
    Cancel {},
}

/// Running missions by due time, or past ones newest first.
#[utoipa::path(
    tag = "missions",
    params(
        ("past" = Option<bool>, Query), ("limit" = Option<u16>, Query, minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query)
    ),
    responses((status = 200, body = Page<Mission>))
)]
#[get("/missions")]
async fn list(_: Viewer, console: web::Data<Console>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut query = Parameters::of(&request)?;
    let body = AskMissions { past: query.flag("past"), limit: query.limit(), cursor: query.cursor("cursor") };
    query.done()?;
    let page: MissionPage = read(ask(&console.node, Ask::Missions(body)).await?)?;
    let next_cursor = page.next_cursor.map(|cursor| cursor.to_string());
    Ok(shown(&Page { items: page.items.into_iter().map(|one| view(&console, one)).collect(), next_cursor }))
}

/// A mission with its first ranks.
#[utoipa::path(
    tag = "missions",
    params(("id" = String, Path), ("top" = Option<u16>, Query, minimum = 1, maximum = 100)),
    responses((status = 200, body = MissionDetail))
)]
#[get("/missions/{id}")]
async fn show(
    _: Viewer,
    console: web::Data<Console>,
    request: HttpRequest,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let mission = parse(&path)?;
    let mut query = Parameters::of(&request)?;
    let top = query.small("top", 1..=100);
    query.done()?;
    let (node, party) = (&console.node, Party::Mission(mission.clone()));
    let ranks = Ask::MissionRanks(AskRanks { mission, top, around: Some(0) });
    let (view_of, ranks) = tokio::join!(
        node.directory.inspect_party(node, &party, Inspect::Whole),
        node.directory.ask_party(node, &party, ranks, nobody())
    );
    let seen: MissionView = read(view_of.map_err(refused)?)?;
    let ranks: Ranks = read(ranks.map_err(refused)?)?;
    let version = seen.state.version();
    let top = ranks.top.into_iter().map(Rank::from).collect();
    Ok(versioned(version, &MissionDetail { mission: view(&console, seen), top }))
}

/// What missions there can be.
#[utoipa::path(tag = "missions", responses((status = 200, body = Kinds)))]
#[get("/mission-kinds")]
async fn kinds(_: Viewer, console: web::Data<Console>) -> HttpResponse {
    let kinds = console.node.catalog.missions.values().map(|kind| Kind {
        key: kind.key.to_string(),
        name: kind.name.clone(),
        about: kind.about.clone(),
        hub: kind.hub.to_string(),
        every_seconds: kind.every_seconds,
        seconds: kind.seconds,
        phases: kind.phases.len(),
        reward: kind.reward.0,
    });
    shown(&Kinds { items: kinds.collect() })
}

/// Begins a mission, now.
#[utoipa::path(
    tag = "missions",
    extensions(("x-role" = json!("admin"))),
    request_body = Change<NewMission>,
    responses((status = 200, body = Changed))
)]
#[post("/missions")]
async fn create(
    who: Admin,
    console: web::Data<Console>,
    request: HttpRequest,
    body: web::Payload,
) -> Result<HttpResponse, Problem> {
    let (NewMission::Create { mission }, operation) = made(&who, change::new(&request, body).await?);
    let kind = MissionKey::parse(&mission).map_err(|_| unknown("unknown_mission", "kind of mission", &mission))?;
    let (_, outcome) = missions::create(&console.node, &kind, &operation).await?;
    Ok(changed(&operation, outcome).response())
}

/// Ends a mission.
#[utoipa::path(
    tag = "missions",
    extensions(("x-role" = json!("admin"))),
    params(("id" = String, Path), ("If-Match" = Option<String>, Header)),
    request_body = Change<MissionChange>,
    responses((status = 200, body = Changed))
)]
#[post("/missions/{id}/changes")]
async fn edit(
    who: Admin,
    console: web::Data<Console>,
    request: HttpRequest,
    path: web::Path<String>,
    body: web::Payload,
) -> Result<HttpResponse, Problem> {
    let (change, operation) = edited(&who, change::edit::<MissionChange>(&request, body).await?);
    apply(&console, parse(&path)?, change, &operation).await.map(|changed| changed.response())
}

/// Takes an entry of the audit log back: ends a mission that nobody has contributed to.
pub(super) async fn undo(console: &Console, wanted: Undo) -> Result<Changed, Problem> {
    let mission = parse(&wanted.target)?;
    let (change, operation) = undoing(wanted, Role::Admin)?;
    apply(console, mission, change, &operation).await
}

async fn apply(
    console: &Console,
    mission: MissionId,
    change: MissionChange,
    operation: &Operation,
) -> Result<Changed, Problem> {
    let how = match change {
        MissionChange::End {} => Intervention::End,
        MissionChange::Cancel {} => Intervention::Cancel,
    };
    let (node, party) = (&console.node, Party::Mission(mission));
    let outcome = node.directory.intervene(node, &party, how, operation.clone()).await?;
    Ok(changed(operation, outcome))
}

fn parse(id: &str) -> Result<MissionId, Problem> {
    MissionId::parse(id).map_err(|_| unknown("unknown_mission", "mission", id))
}

fn view(console: &Console, seen: MissionView) -> Mission {
    let name = console.node.catalog.missions.get(&seen.kind).map(|kind| kind.name.clone());
    let needs = seen.needs.into_iter().map(|need| Need {
        item: need.item.to_string(),
        needed: need.needed.0,
        given: need.given.0,
        points: need.points,
    });
    Mission {
        mission: seen.mission.to_string(),
        name: name.unwrap_or_else(|| seen.kind.to_string()),
        kind: seen.kind.to_string(),
        hub: seen.hub.to_string(),
        state: match seen.state {
            MissionState::Running => State::Running,
            MissionState::Paying => State::Paying,
            MissionState::Over => State::Over,
        },
        started_ms: seen.started_ms.0,
        due_ms: seen.due_ms.0,
        phase: seen.phase,
        phases: seen.phases,
        needs: needs.collect(),
        participants: seen.participants,
        reward: seen.reward.0,
        completed: seen.completed,
    }
}
