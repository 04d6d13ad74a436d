//! `GET /health`: how the server is, part by part, and what to do about it. Besides operators the command line may ask,
//! with a pass that only this address takes.

mod gather;
mod judge;

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, HttpResponse, get, web};
use utoipa::OpenApi;

use super::Console;
use super::access::Viewer;
use crate::actors::node::now;
use crate::http::pass::PassKey;
use crate::http::problem::Problem;
use crate::http::who::bearer;

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

/// Any operator, or the command line.
struct Asker;

impl FromRequest for Asker {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let key = request.app_data::<web::Data<PassKey>>();
        if bearer(request).zip(key).is_some_and(|(pass, key)| key.is_good(pass, now())) {
            return ready(Ok(Self));
        }
        ready(Viewer::from_request(request, payload).into_inner().map(|_| Self))
    }
}

/// How the server is: a score, and each part with figures, findings and advice.
#[utoipa::path(tag = "health", responses((status = 200, body = Report)))]
#[get("/health")]
async fn show(_asker: Asker, console: web::Data<Console>) -> HttpResponse {
    HttpResponse::Ok().json(report(&console).await)
}
