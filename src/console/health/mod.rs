//! `GET /health`: how the server is, part by part, and what to do about it.

mod gather;
mod judge;

use actix_web::{HttpResponse, get, web};
use utoipa::OpenApi;

use super::Console;
use super::access::Viewer;

pub(crate) use judge::{Report, Status};

#[derive(OpenApi)]
#[openapi(paths(show), components(schemas(Report, judge::Check, Status)))]
pub(super) struct Doc;

pub(super) fn configure(config: &mut web::ServiceConfig) {
    config.service(show);
}

/// The report, of now.
pub(super) async fn report(console: &Console) -> Report {
    judge::judge(&gather::figures(&console.node).await)
}

/// How the server is: a score, and each part with figures, findings and advice.
#[utoipa::path(tag = "health", responses((status = 200, body = Report)))]
#[get("/health")]
async fn show(_viewer: Viewer, console: web::Data<Console>) -> HttpResponse {
    HttpResponse::Ok().json(report(&console).await)
}
