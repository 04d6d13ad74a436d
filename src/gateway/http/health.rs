//! `GET /healthz`: the process is alive. `GET /readyz`: it can serve players, and if not, why. `GET /metrics`: numbers
//! in the OpenMetrics text format.

use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpResponse, web};
use serde::Serialize;
use serde_json::json;

use crate::telemetry::Metrics;

/// One thing that must be in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What was looked at: `store`, `worlds`, …
    pub name: &'static str,
    /// Whether it is in order.
    pub ok: bool,
    /// What was found, for operators; no secrets, since anybody may ask.
    pub detail: String,
}

/// Knows whether players can be served. Asked with every `/readyz`, so an answer must be quick, and one that waits
/// for something must give up within a second.
#[async_trait::async_trait]
pub trait Readiness: Send + Sync {
    /// Every check, always in the same order.
    async fn checks(&self) -> Vec<Check>;
}

pub(super) async fn alive() -> HttpResponse {
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(json!({ "ok": true }))
}

pub(super) async fn ready(readiness: web::Data<dyn Readiness>) -> HttpResponse {
    let checks = readiness.checks().await;
    let ok = checks.iter().all(|check| check.ok);
    let mut response = if ok { HttpResponse::Ok() } else { HttpResponse::ServiceUnavailable() };
    response.insert_header((CACHE_CONTROL, "no-store")).json(json!({ "ok": ok, "checks": checks }))
}

pub(super) async fn metrics(metrics: web::Data<Metrics>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .content_type("application/openmetrics-text; version=1.0.0; charset=utf-8")
        .body(metrics.render())
}
