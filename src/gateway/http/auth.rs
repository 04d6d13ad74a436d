//! `/api/v1/auth/…`: register, login, refresh, logout, claim. Each takes a JSON object and, but for logout, answers
//! with `{player, name, access_token, refresh_token, expires_in}`.

use actix_web::http::StatusCode;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse, web};

use super::bearer::needed_bearer;
use crate::gateway::admission::{Closed, closed_to, closed_to_name};
use crate::gateway::auth::{Auth, Tokens};
use crate::gateway::session::Gateway;
use crate::http::json_body::texts;
use crate::http::problem::Problem;
use crate::http::who::address;

/// `{name, password}` → 201.
pub(super) async fn register(
    request: HttpRequest,
    auth: web::Data<Auth>,
    gateway: web::Data<Gateway>,
    body: web::Payload,
) -> Result<HttpResponse, Problem> {
    let [name, password] = texts(&request, body, ["name", "password"]).await?;
    open_to(closed_to(&gateway.node, None))?;
    Ok(answer(StatusCode::CREATED, &auth.register(address(&request), name, password).await?))
}

/// `{name, password}` → 200.
pub(super) async fn login(
    request: HttpRequest,
    auth: web::Data<Auth>,
    gateway: web::Data<Gateway>,
    body: web::Payload,
) -> Result<HttpResponse, Problem> {
    let [name, password] = texts(&request, body, ["name", "password"]).await?;
    open_to(closed_to_name(&gateway.node, &name))?;
    Ok(answer(StatusCode::OK, &auth.login(address(&request), name, password).await?))
}

/// `{refresh_token}` → 200.
pub(super) async fn refresh(
    request: HttpRequest,
    auth: web::Data<Auth>,
    body: web::Payload,
) -> Result<HttpResponse, Problem> {
    let [refresh_token] = texts(&request, body, ["refresh_token"]).await?;
    Ok(answer(StatusCode::OK, &auth.refresh(&refresh_token).await?))
}

/// `{refresh_token}` → 204.
pub(super) async fn logout(
    request: HttpRequest,
    auth: web::Data<Auth>,
    body: web::Payload,
) -> Result<HttpResponse, Problem> {
    let [refresh_token] = texts(&request, body, ["refresh_token"]).await?;
    auth.logout(&refresh_token).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// `{name, password}` with a guest's access token as `Authorization: Bearer` → 200.
pub(super) async fn claim(
    request: HttpRequest,
    auth: web::Data<Auth>,
    body: web::Payload,
) -> Result<HttpResponse, Problem> {
    let access_token = needed_bearer(&request)?;
    let [name, password] = texts(&request, body, ["name", "password"]).await?;
    Ok(answer(StatusCode::OK, &auth.claim(access_token, name, password).await?))
}

/// During maintenance nobody comes in who is not allowed to.
fn open_to(closed: Option<Closed>) -> Result<(), Problem> {
    closed.map_or(Ok(()), |closed| Err(Problem::of_question(closed.error())))
}

fn answer(status: StatusCode, tokens: &Tokens) -> HttpResponse {
    HttpResponse::build(status).insert_header((CACHE_CONTROL, "no-store")).json(tokens)
}
