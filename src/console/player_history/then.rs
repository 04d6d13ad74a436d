//! `GET /players/{id}/history` and `/players/{id}/history/{at_ms}`: when snapshots were taken, and what a player was
//! like at a time.

use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse, get, web};
use orrery_core::game::player::{Inventory, Job, Player};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{known_player, unanswered, unknown_player};
use crate::actors::player_history::player_at;
use crate::console::Console;
use crate::console::access::Viewer;
use crate::console::paging::{NumberedPage, asked};
use crate::http::parameters::Parameters;
use crate::http::problem::Problem;
use crate::store::SnapshotRow;
use crate::types::Millis;

/// The largest time that is taken: a browser's number holds it.
const TIME_MAX: u64 = (1 << 53) - 1;

/// A snapshot.
#[derive(Serialize, ToSchema)]
struct SnapshotLine {
    /// When it was taken.
    at_ms: u64,
}

/// A player at an earlier time.
#[derive(Serialize, ToSchema)]
struct ThenView {
    at_ms: u64,
    /// When the snapshot was taken that `player` is; `null` when none that old is kept.
    snapshot_at_ms: Option<u64>,
    /// What was held in wallet, hold and storage: exact, from the ledger.
    holdings: HeldView,
    /// The player as the snapshot has it, by the names of `GET /players/{id}`.
    #[schema(value_type = Option<Object>)]
    player: Option<Value>,
}

/// What was held. Negative only if the books do not balance.
#[derive(Serialize, ToSchema)]
struct HeldView {
    credits: i64,
    /// By item.
    goods: BTreeMap<String, i64>,
}

/// When snapshots of a player were taken, newest first.
#[utoipa::path(
    tag = "players",
    params(
        ("id" = String, Path, description = "The player"),
        ("limit" = Option<u16>, Query, description = "1 to 100", minimum = 1, maximum = 100),
        ("cursor" = Option<u64>, Query, description = "The `next_cursor` of the page before"),
    ),
    responses((status = 200, body = NumberedPage<SnapshotLine>))
)]
#[get("/players/{id}/history")]
pub(super) async fn list_snapshots(
    _who: Viewer,
    request: HttpRequest,
    console: web::Data<Console>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let (limit, before) = asked(&request)?;
    let player = known_player(&console, &id).await?;
    let times = console.node.store.snapshots(player, before.map(Millis), limit + 1).await;
    let times = times.map_err(|error| unanswered(&console, &error))?;
    Ok(HttpResponse::Ok().json(NumberedPage::of(times, limit, |at| at.0, |at| SnapshotLine { at_ms: at.0 })))
}

/// What a player was like at a time.
#[utoipa::path(
    tag = "players",
    params(
        ("id" = String, Path, description = "The player"),
        ("at_ms" = u64, Path, description = "The time, in Unix milliseconds", maximum = 9_007_199_254_740_991_i64),
    ),
    responses((status = 200, body = ThenView))
)]
#[get("/players/{id}/history/{at_ms}")]
pub(super) async fn show_then(
    _who: Viewer,
    request: HttpRequest,
    console: web::Data<Console>,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    Parameters::of(&request)?.done()?;
    let (id, at) = path.into_inner();
    let at = at.parse().ok().filter(|at| *at <= TIME_MAX).map(Millis);
    let at = at.ok_or_else(|| Problem::bad_request(format!("at_ms must be a whole number from 0 to {TIME_MAX}")))?;
    let player = known_player(&console, &id).await?;
    let then = player_at(&console.node, player, at).await.map_err(|error| unanswered(&console, &error))?;
    let then = then.ok_or_else(|| unknown_player(&id))?;
    let goods = then.holdings.goods.into_iter().map(|(item, count)| (item.to_string(), count));
    Ok(HttpResponse::Ok().json(ThenView {
        at_ms: at.0,
        snapshot_at_ms: then.snapshot.as_ref().map(|snapshot| snapshot.at.0),
        holdings: HeldView { credits: then.holdings.credits, goods: goods.collect() },
        player: then.snapshot.map(as_it_was),
    }))
}

/// A snapshot in the form in which a player is shown today.
fn as_it_was(SnapshotRow { player: id, account_name, record, .. }: SnapshotRow) -> Value {
    let player: Player = record.into_player(id);
    let (life, tally) = (&player.lifetime, player.season.last);
    let storage: BTreeMap<String, Value> =
        player.storage.iter().map(|(hub, stored)| (hub.to_string(), goods(stored))).collect();
    json!({
        "id": id.to_string(),
        "name": account_name,
        "credits": player.credits.0,
        "ship": player.ship.to_string(),
        "cargo": goods(&player.cargo),
        "storage": storage,
        "known": player.known.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "research": player.research.as_ref().map(|research| json!({
            "tech": research.tech.to_string(),
            "due_ms": research.due.0,
        })),
        "crafting": player.crafting.jobs.iter().map(job).collect::<Vec<_>>(),
        "unread": player.inbox.unread(),
        "lifetime": {
            "objects_collected": life.objects_collected,
            "pieces_sold": life.pieces_sold,
            "credits_earned": life.credits_earned.0,
            "credits_spent": life.credits_spent.0,
            "techs_researched": life.techs_researched,
            "jumps": life.jumps,
        },
        "season": {
            "number": tally.season,
            "collected": tally.collected,
            "traded": tally.traded,
            "missions": tally.missions,
        },
    })
}

fn goods(inventory: &Inventory) -> Value {
    inventory
        .iter()
        .map(|(item, quantity)| (item.to_string(), Value::from(quantity.0)))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

fn job(job: &Job) -> Value {
    json!({
        "id": job.id.0,
        "hub": job.hub.to_string(),
        "blueprint": job.blueprint.to_string(),
        "runs": job.runs,
        "output": job.output.to_string(),
        "quantity": job.output_quantity.0,
        "starts_ms": job.starts.0,
        "due_ms": job.due.0,
    })
}
