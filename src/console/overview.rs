//! `GET /overview`, `GET /overview/history`: the server at a glance, now and over the last 24 hours. From memory.

use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};

use super::Console;
use super::access::Viewer;
use super::health::{Status, report};
use crate::actors::node::now;
use crate::http::parameters::Parameters;
use crate::http::problem::Problem;
use crate::telemetry::history::{Series, Span};
use crate::telemetry::process::ProcessFigures;

#[derive(OpenApi)]
#[openapi(paths(show, history), components(schemas(Overview, Health, HistoryView)))]
pub(super) struct Doc;

pub(super) fn configure(config: &mut web::ServiceConfig) {
    config.service(show).service(history);
}

/// The server at a glance. Rates, shares and percentiles are of the last 10 seconds; `null` where nothing was measured.
#[derive(Serialize, ToSchema)]
struct Overview {
    now_ms: u64,
    uptime_s: u64,
    version: &'static str,
    /// Players with a session, connected or about to come back.
    players_online: u64,
    connections: u64,
    players_in_memory: u64,
    /// In the world where they are fewest, of the ticks at full pace.
    ticks_on_time_percent: Option<f64>,
    /// Of the world where a tick's work takes longest.
    worst_tick_p99_ms: Option<f64>,
    durable_lag_p99_ms: Option<f64>,
    commits_per_s: Option<f64>,
    /// Records of level error, and failed attempts to write or read.
    errors_per_s: Option<f64>,
    /// All credits there are, as of the last comparison of the books (`audit.every_ms`); `null` before the first.
    money_supply_credits: Option<i64>,
    /// As of when that is.
    money_supply_as_of_ms: Option<u64>,
    /// Of one core.
    cpu_percent: Option<f64>,
    rss_bytes: Option<i64>,
    open_fds: Option<i64>,
    health: Health,
    maintenance: Maintenance,
}

/// Whether players may come in.
#[derive(Serialize, ToSchema)]
#[schema(as = OverviewMaintenance)]
struct Maintenance {
    /// `off`, `announced`, `closed` or `draining`.
    mode: &'static str,
}

/// How the server is, in short.
#[derive(Serialize, ToSchema)]
struct Health {
    /// 0 to 100.
    score: u32,
    status: Status,
}

/// The server now.
#[utoipa::path(tag = "overview", responses((status = 200, body = Overview)))]
#[get("/overview")]
async fn show(_viewer: Viewer, console: web::Data<Console>) -> HttpResponse {
    let (node, process) = (&console.node, ProcessFigures::read());
    let recent = node.history.now();
    let of_history = |name: &str| recent.get(name).copied().flatten();
    let count = |gauge: i64| u64::try_from(gauge).unwrap_or(0);
    let health = report(&console).await;
    let now_ms = now().0;
    let money = node.metrics.counted_money();
    let started_ms = process.start_seconds.map_or(now_ms, |seconds| (seconds * 1_000.0) as u64);
    HttpResponse::Ok().json(Overview {
        now_ms,
        uptime_s: now_ms.saturating_sub(started_ms) / 1_000,
        version: env!("CARGO_PKG_VERSION"),
        players_online: count(node.metrics.sessions.get()),
        connections: count(node.metrics.connections.get()),
        players_in_memory: node.directory.player_count() as u64,
        ticks_on_time_percent: of_history("ticks_on_time_percent"),
        worst_tick_p99_ms: of_history("worst_tick_p99_ms"),
        durable_lag_p99_ms: of_history("durable_lag_p99_ms"),
        commits_per_s: of_history("commits_per_s"),
        errors_per_s: of_history("errors_per_s"),
        money_supply_credits: money.map(|(credits, _)| credits),
        money_supply_as_of_ms: money.map(|(_, as_of)| as_of.0),
        cpu_percent: of_history("cpu_percent"),
        rss_bytes: process.resident_bytes,
        open_fds: process.open_fds,
        health: Health { score: health.score, status: health.status },
        maintenance: Maintenance { mode: node.doors.current().mode.as_str() },
    })
}

/// The overview's figures over time: each series has a value every `step_ms` from `from_ms` on, or `null`.
#[derive(Serialize, ToSchema)]
struct HistoryView {
    from_ms: u64,
    step_ms: u64,
    #[schema(value_type = HashMap<String, Vec<Option<f64>>>)]
    series: BTreeMap<&'static str, Vec<Option<f64>>>,
}

/// The key figures over time: a value per second for 15 minutes, per 10 seconds for an hour or six, per minute for a day.
#[utoipa::path(
    tag = "overview",
    params(("span" = Option<String>, Query, description = "`15m` (as when left out), `1h`, `6h` or `24h`")),
    responses((status = 200, body = HistoryView))
)]
#[get("/overview/history")]
async fn history(request: HttpRequest, _viewer: Viewer, console: web::Data<Console>) -> Result<HttpResponse, Problem> {
    let mut query = Parameters::of(&request)?;
    let span = query.text("span", "must be 15m, 1h, 6h or 24h");
    query.done()?;
    let Series { from_ms, step_ms, series } = console.node.history.read(span.unwrap_or(Span::Minutes15));
    Ok(HttpResponse::Ok().json(HistoryView { from_ms, step_ms, series }))
}
