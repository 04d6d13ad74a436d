//! `/session`: log in, who am I, log out.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, delete, get, post, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Viewer, cookie};
use crate::actors::operators::{FindHash, Inside, LogIn, secrets};
use crate::console::Console;
use crate::console::change::read;
use crate::http::problem::Problem;
use crate::http::who::address;

/// A name that no account can have is not looked up, but compared all the same.
const NAME_CHARS_MAX: usize = 64;
/// A longer password is wrong, and hashing it would be work for nothing.
pub(super) const PASSWORD_BYTES_MAX: usize = 1_024;

/// What a log-in takes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LogInForm {
    name: String,
    password: String,
    /// A code of the second factor, or a recovery code.
    #[serde(default)]
    code: Option<String>,
}

/// A session.
#[derive(Serialize, ToSchema)]
pub(super) struct SessionView {
    operator: SelfView,
    /// To be sent back as `X-CSRF-Token` with everything that changes something; empty for who came by a token.
    csrf: String,
    /// How long the session lasts without a request, in seconds.
    idle_seconds: u64,
    /// When it ends at the latest; null for a token that does not expire.
    expires_ms: Option<u64>,
}

/// Who has it.
#[derive(Serialize, ToSchema)]
struct SelfView {
    id: String,
    name: String,
    /// viewer, moderator or admin.
    role: String,
    /// Whether a second factor is on.
    totp: bool,
}

fn view(inside: &Inside, csrf: String, idle_seconds: u64) -> SessionView {
    let operator = SelfView {
        id: inside.operator.to_string(),
        name: inside.name.clone(),
        role: inside.role.to_string(),
        totp: inside.totp,
    };
    SessionView { operator, csrf, idle_seconds, expires_ms: inside.expires.map(|at| at.0) }
}

/// Logs in. The session's id comes as a cookie; one that the browser had before ends.
#[utoipa::path(
    tag = "access",
    security(()),
    extensions(("x-role" = json!("none"))),
    request_body = LogInForm,
    responses((status = 200, description = "Inside", body = SessionView))
)]
#[post("/session")]
pub(super) async fn log_in(
    request: HttpRequest,
    console: web::Data<Console>,
    body: web::Payload,
) -> Result<HttpResponse, Problem> {
    cookie::check_origin(&request)?;
    let form: LogInForm = read(&request, body).await?;
    let from = address(&request);
    console.access.log_ins.count(from).map_err(|pause| {
        let detail = "too many log-ins from this address; try again later";
        Problem::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited", detail).retry_after(Some(pause))
    })?;
    let (node, config) = (&console.node, &console.node.config.console);
    let name: String = form.name.trim().chars().take(NAME_CHARS_MAX).collect();
    let compared = node.operators.ask(FindHash { name: name.clone() }).await?;
    let password = if form.password.len() <= PASSWORD_BYTES_MAX { form.password } else { String::new() };
    let password_right = console.access.passwords.verify(password, compared.clone()).await?;
    let replaces = cookie::read(&request, config.secure_cookies).map(|secret| secrets::hash(&secret));
    let code = form.code.filter(|code| !code.trim().is_empty());
    let log_in = LogIn { name, address: from.to_string(), compared, password_right, code, replaces };
    let opened = node.operators.ask(log_in).await?;
    tracing::info!(operator = %opened.inside.operator, "an operator has logged in");
    let view = view(&opened.inside, cookie::csrf(&opened.secret), config.idle_seconds);
    Ok(HttpResponse::Ok().cookie(cookie::set(opened.secret, config.secure_cookies)).json(view))
}

/// Who one is.
#[utoipa::path(
    tag = "access",
    responses((status = 200, description = "The session", body = SessionView))
)]
#[get("/session")]
pub(super) async fn show(request: HttpRequest, who: Viewer, console: web::Data<Console>) -> HttpResponse {
    let config = &console.node.config.console;
    let by_cookie = who.0.inside.session.and_then(|_| cookie::read(&request, config.secure_cookies));
    let csrf = by_cookie.map(|secret| cookie::csrf(&secret)).unwrap_or_default();
    HttpResponse::Ok().json(view(&who.0.inside, csrf, config.idle_seconds))
}

/// Logs out.
#[utoipa::path(
    tag = "access",
    extensions(("x-role" = json!("viewer"))),
    responses((status = 204, description = "Outside"))
)]
#[delete("/session")]
pub(super) async fn log_out(who: Viewer, console: web::Data<Console>) -> HttpResponse {
    if let Some(session) = who.0.inside.session {
        console.node.operators.doors.close(session);
    }
    HttpResponse::NoContent().cookie(cookie::unset(console.node.config.console.secure_cookies)).finish()
}
