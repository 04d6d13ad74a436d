//! `/tokens`: what programs come in with. A token may do no more than its scope, nor than its owner; and only by a session
//! are tokens made and deleted, so that a stolen one neither multiplies nor shuts out the others.

use actix_web::{HttpRequest, HttpResponse, delete, get, post, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::operators::RoleName;
use super::own::session;
use super::problems::bad_field;
use super::{Caller, Moderator, Viewer};
use crate::actors::node::now;
use crate::actors::operators::{Account, AddToken, List, OperatorError, RemoveToken, secrets};
use crate::console::Console;
use crate::console::change::read;
use crate::game::operator::{ApiToken, OperatorRefusal};
use crate::http::problem::Problem;
use crate::types::Role;

/// How long a token's name may be, in characters.
const NAME_CHARS_MAX: usize = 64;
/// How long a token may be good, in days.
const DAYS_MAX: u64 = 3_650;
const SECONDS_PER_DAY: u64 = 86_400;

/// A token, without its secret.
#[derive(Serialize, ToSchema)]
pub(super) struct TokenView {
    id: String,
    name: String,
    /// viewer, moderator or admin.
    scope: String,
    created_ms: u64,
    expires_ms: Option<u64>,
    /// To the hour.
    last_used_ms: Option<u64>,
    /// Whose it is.
    operator: OwnerView,
}

/// Whose a token is.
#[derive(Serialize, ToSchema)]
pub(super) struct OwnerView {
    id: String,
    name: String,
}

/// Tokens.
#[derive(Serialize, ToSchema)]
pub(super) struct TokenList {
    items: Vec<TokenView>,
}

/// A token to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewToken {
    /// What its owner calls it: 1 to 64 characters.
    #[schema(min_length = 1, max_length = 64)]
    name: String,
    scope: RoleName,
    /// How many days it is good; for ever when left out.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 3650)]
    days: Option<u64>,
}

/// A token that was made. It is not shown again.
#[derive(Serialize, ToSchema)]
pub(super) struct MadeToken {
    id: String,
    token: String,
}

fn views(account: Account) -> impl Iterator<Item = TokenView> {
    let (id, name) = (account.id.to_string(), account.operator.name);
    account.operator.tokens.into_iter().map(move |token| TokenView {
        id: token.id.to_string(),
        name: token.name,
        scope: token.scope.to_string(),
        created_ms: token.created.0,
        expires_ms: token.expires.map(|at| at.0),
        last_used_ms: token.last_used.map(|at| at.0),
        operator: OwnerView { id: id.clone(), name: name.clone() },
    })
}

/// One's own tokens; to admins, everybody's.
#[utoipa::path(tag = "access", responses((status = 200, description = "Tokens", body = TokenList)))]
#[get("/tokens")]
pub(super) async fn list(who: Viewer, console: web::Data<Console>) -> Result<HttpResponse, Problem> {
    let Caller { by, inside } = &who.0;
    let accounts = console.node.operators.ask(List).await?.into_iter();
    let visible = accounts.filter(|account| inside.role == Role::Admin || account.id == by.operator);
    Ok(HttpResponse::Ok().json(TokenList { items: visible.flat_map(views).collect() }))
}

/// Makes a token. Needs a log-in: a token does not do.
#[utoipa::path(
    tag = "access",
    extensions(("x-role" = json!("moderator"))),
    request_body = NewToken,
    responses((status = 201, description = "Made", body = MadeToken))
)]
#[post("/tokens")]
pub(super) async fn create(
    request: HttpRequest,
    who: Moderator,
    console: web::Data<Console>,
    body: web::Payload,
) -> Result<HttpResponse, Problem> {
    session(&who.0)?;
    let form: NewToken = read(&request, body).await?;
    let name = form.name.trim().to_owned();
    if name.is_empty() || name.chars().count() > NAME_CHARS_MAX || name.chars().any(char::is_control) {
        return Err(bad_field("name", "must have 1 to 64 characters"));
    }
    if form.days.is_some_and(|days| !(1..=DAYS_MAX).contains(&days)) {
        return Err(bad_field("days", "must be a whole number from 1 to 3650"));
    }
    let scope = Role::from(form.scope);
    if scope > who.0.inside.role {
        return Err(OperatorError::from(OperatorRefusal::ScopeTooLarge).into());
    }
    let secret = secrets::fresh_token()?;
    let (id, created) = (Uuid::now_v7(), now());
    let expires = form.days.map(|days| created.plus_seconds(days * SECONDS_PER_DAY));
    let token = ApiToken { id, name, hash: secrets::hash(&secret), scope, created, expires, last_used: None };
    console.node.operators.ask(AddToken { by: who.0.by.clone(), token }).await?;
    Ok(HttpResponse::Created().json(MadeToken { id: id.to_string(), token: secret }))
}

/// Takes a token away: one's own; admins everybody's. Needs a log-in: a token does not do.
#[utoipa::path(
    tag = "access",
    extensions(("x-role" = json!("moderator"))),
    params(("id" = Uuid, Path, description = "The token")),
    responses((status = 204, description = "Gone"))
)]
#[delete("/tokens/{id}")]
pub(super) async fn delete(
    who: Moderator,
    console: web::Data<Console>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    session(&who.0)?;
    let token = Uuid::try_parse(&id).map_err(|_| OperatorError::UnknownToken)?;
    let (by, any) = (who.0.by.clone(), who.0.inside.role == Role::Admin);
    console.node.operators.ask(RemoveToken { by, any, token }).await?;
    Ok(HttpResponse::NoContent().finish())
}
