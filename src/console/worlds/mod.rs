//! `GET /worlds`, `GET /worlds/{key}/picture`: every world's figures, and what is in one of them right now, with the load
//! of its cells. A picture costs its world a copy of what is there, and is shared by all who ask within half a second.

mod picture;
mod shared;

use actix_web::http::header::{
    AcceptEncoding, CACHE_CONTROL, CONTENT_ENCODING, Encoding, Header as _, HeaderValue, VARY,
};
use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};

use super::Console;
use super::access::Viewer;
use crate::actors::node::Node;
use crate::actors::world::WorldHandle;
use crate::catalog::Sector;
use crate::http::parameters::unknown;
use crate::http::problem::Problem;
use crate::telemetry::metrics::WorldLabel;
use crate::types::WorldKey;

pub(crate) use shared::Pictures;

#[derive(OpenApi)]
#[openapi(paths(list_worlds, show_picture), components(schemas(Worlds, WorldLine, picture::Picture)))]
pub(super) struct Doc;

pub(super) fn configure(config: &mut web::ServiceConfig) {
    config.service(list_worlds).service(show_picture);
}

/// Every world, in the catalogue's order.
#[derive(Serialize, ToSchema)]
struct Worlds {
    items: Vec<WorldLine>,
}

/// A world's figures.
#[derive(Serialize, ToSchema)]
struct WorldLine {
    key: String,
    name: String,
    /// The side of its square.
    size_units: u32,
    cell_units: u32,
    /// The tick made last; 0 while it is being loaded.
    tick: u64,
    /// Ticks per second at full pace.
    tick_hz: u32,
    /// How long a tick lasts now: more than at full pace while the world is slowed down.
    period_ms: f64,
    ships: i64,
    objects: i64,
    /// Inputs that wait for the next tick.
    inbox_depth: u64,
    /// How long the work of a tick takes, of the last 10 seconds; `null` when nothing was measured yet.
    tick_p99_ms: Option<f64>,
    /// Ticks that began late, since the server began.
    ticks_late: u64,
    state: WorldState,
}

/// How a world is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum WorldState {
    /// It makes its ticks at full pace.
    Running,
    /// Its ticks last longer than at full pace.
    Slowed,
    /// It is being loaded.
    Loading,
    /// It is gone, and about to be started anew.
    Gone,
}

/// Every world's figures.
#[utoipa::path(tag = "galaxy", responses((status = 200, body = Worlds)))]
#[get("/worlds")]
async fn list_worlds(_viewer: Viewer, console: web::Data<Console>) -> HttpResponse {
    let node = &console.node;
    let p99: Vec<(String, Option<f64>)> =
        node.history.worlds_now().into_iter().map(|world| (world.key, world.tick_p99_ms)).collect();
    let worlds = node.catalog.sectors.values().map(|sector| {
        let p99 = p99.iter().find(|(key, _)| *key == *sector.key.as_str()).and_then(|(_, p99)| *p99);
        view(node, sector, p99)
    });
    HttpResponse::Ok().json(Worlds { items: worlds.collect() })
}

fn view(node: &Node, sector: &Sector, tick_p99_ms: Option<f64>) -> WorldLine {
    let (metrics, config) = (&node.metrics, &node.config.world);
    let label = WorldLabel { world: sector.key.to_string() };
    let handle = node.directory.world(&sector.key).filter(WorldHandle::is_live);
    let full_pace = config.tick_period().as_secs_f64();
    let period = metrics.tick_period_seconds.get_or_create(&label).get().max(full_pace);
    let tick = handle.as_ref().map_or(0, WorldHandle::tick);
    let state = match &handle {
        None => WorldState::Gone,
        Some(_) if tick == 0 => WorldState::Loading,
        Some(_) if period > full_pace => WorldState::Slowed,
        Some(_) => WorldState::Running,
    };
    WorldLine {
        key: sector.key.to_string(),
        name: sector.name.clone(),
        size_units: sector.size_units,
        cell_units: config.cell_units,
        tick,
        tick_hz: config.tick_hz,
        period_ms: period * 1_000.0,
        ships: metrics.ships.get_or_create(&label).get(),
        objects: metrics.objects.get_or_create(&label).get(),
        inbox_depth: handle.map_or(0, |handle| handle.inbox_depth() as u64),
        tick_p99_ms,
        ticks_late: metrics.ticks_late.get_or_create(&label).get(),
        state,
    }
}

fn takes_gzip(request: &HttpRequest) -> bool {
    let supported = [Encoding::gzip(), Encoding::identity()];
    let chosen = AcceptEncoding::parse(request).ok().and_then(|accepted| accepted.negotiate(supported.iter()));
    chosen == Some(Encoding::gzip())
}

/// What is in a world, and what each of its cells costs.
#[utoipa::path(
    tag = "galaxy",
    params(("key" = String, Path, description = "The world's key")),
    responses((status = 200, body = picture::Picture))
)]
#[get("/worlds/{key}/picture")]
async fn show_picture(
    request: HttpRequest,
    _viewer: Viewer,
    console: web::Data<Console>,
    key: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let no_world = || unknown("unknown_world", "world", &*key);
    let known = WorldKey::parse(&key).ok().filter(|key| console.node.catalog.sectors.contains_key(key));
    let known = known.ok_or_else(no_world)?;
    let pressed = takes_gzip(&request);
    let body = console.pictures.of(&console.node, &known, pressed).await?;
    let mut response = HttpResponse::Ok();
    response
        .insert_header((CACHE_CONTROL, HeaderValue::from_static("no-store")))
        .insert_header((VARY, HeaderValue::from_static("accept-encoding")))
        .content_type("application/json");
    if pressed {
        // What says so is not pressed again.
        response.insert_header((CONTENT_ENCODING, HeaderValue::from_static("gzip")));
    }
    Ok(response.body(body))
}
