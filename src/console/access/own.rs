//! `/session/password` and `/session/totp`: what operators change about their own accounts. Only by a session: a token
//! is for programs.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, delete, post, web};
use qrcode::QrCode;
use qrcode::render::svg;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::problems::bad_field;
use super::session::PASSWORD_BYTES_MAX;
use super::{Caller, Viewer};
use crate::actors::operators::{BeginTotp, ChangePassword, ClearTotp, ConfirmTotp, FindHash, secrets, totp};
use crate::console::Console;
use crate::console::change::read;
use crate::game::operator::{SecretHash, check_password};
use crate::http::problem::Problem;

/// The smallest side of the picture, in pixels.
const PICTURE_PIXELS: u32 = 200;

/// A new password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PasswordForm {
    /// The present one.
    current: String,
    /// The new one: 12 to 128 characters, not the name, none of the commonest.
    new: String,
}

/// The password again, and a code of the second factor that is on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AgainForm {
    password: String,
    /// A code of the second factor, or a recovery code; needed only if one is on.
    #[serde(default)]
    code: Option<String>,
}

/// A code.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CodeForm {
    code: String,
}

/// Password and code.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct BothForm {
    password: String,
    code: String,
}

/// A second factor to be set up.
#[derive(Serialize, ToSchema)]
pub(super) struct NewTotp {
    /// The secret, to be typed.
    secret: String,
    /// The same as an address that authenticator apps understand.
    uri: String,
    /// The address as a picture.
    qr_svg: String,
}

/// What one keeps for the day the device is lost.
#[derive(Serialize, ToSchema)]
pub(super) struct RecoveryCodes {
    /// Each is good once, in place of a code.
    recovery_codes: Vec<String>,
}

/// The session that somebody came by.
pub(super) fn session(caller: &Caller) -> Result<SecretHash, Problem> {
    caller.inside.session.ok_or_else(|| {
        Problem::new(StatusCode::FORBIDDEN, "session_needed", "this needs a log-in: a token does not do")
    })
}

/// Compares one's present password: the hash it was compared with, and whether it is that one's.
async fn compare(console: &Console, caller: &Caller, password: String) -> Result<(String, bool), Problem> {
    let hash = console.node.operators.ask(FindHash { name: caller.by.name.clone() }).await?;
    let password = if password.len() <= PASSWORD_BYTES_MAX { password } else { String::new() };
    let right = console.access.passwords.verify(password, hash.clone()).await?;
    Ok((hash.unwrap_or_default(), right))
}

/// Gives oneself another password; one's other sessions end, and all one's tokens.
#[utoipa::path(
    tag = "access",
    extensions(("x-role" = json!("viewer"))),
    request_body = PasswordForm,
    responses((status = 204, description = "Changed"))
)]
#[post("/session/password")]
pub(super) async fn change_password(
    request: HttpRequest,
    who: Viewer,
    console: web::Data<Console>,
    body: web::Payload,
) -> Result<HttpResponse, Problem> {
    let session = session(&who.0)?;
    let form: PasswordForm = read(&request, body).await?;
    check_password(&who.name, &form.new).map_err(|rule| bad_field("new", rule))?;
    let (compared, password_right) = compare(&console, &who.0, form.current).await?;
    // Only who knows the present one gets the work of hashing another.
    let hash = if password_right { console.access.passwords.hash(form.new).await? } else { String::new() };
    let by = who.0.by.clone();
    let change = ChangePassword { by, compared, password_right, hash, session: Some(session) };
    console.node.operators.ask(change).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Begins to set up a second factor; it is on when a code of it was confirmed. One that is on already is replaced only by
/// who brings a code of it.
#[utoipa::path(
    tag = "access",
    extensions(("x-role" = json!("viewer"))),
    request_body = AgainForm,
    responses((status = 200, description = "What the device needs", body = NewTotp))
)]
#[post("/session/totp")]
pub(super) async fn begin_totp(
    request: HttpRequest,
    who: Viewer,
    console: web::Data<Console>,
    body: web::Payload,
) -> Result<HttpResponse, Problem> {
    let session = session(&who.0)?;
    let form: AgainForm = read(&request, body).await?;
    let (compared, password_right) = compare(&console, &who.0, form.password).await?;
    let secret = secrets::random::<{ totp::SECRET_BYTES }>()?;
    let uri = totp::uri(&who.name, &secret);
    let picture = QrCode::new(uri.as_bytes()).map_err(|error| {
        tracing::error!(%error, "failed to draw a second factor");
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "the server failed")
    })?;
    let qr_svg = picture.render::<svg::Color<'_>>().min_dimensions(PICTURE_PIXELS, PICTURE_PIXELS).build();
    let (by, code) = (who.0.by.clone(), form.code.filter(|code| !code.trim().is_empty()));
    let begin = BeginTotp { by, compared, password_right, code, secret: secret.to_vec(), session };
    console.node.operators.ask(begin).await?;
    Ok(HttpResponse::Ok().json(NewTotp { secret: secrets::base32(&secret), uri, qr_svg }))
}

/// Turns the second factor on; one's other sessions end.
#[utoipa::path(
    tag = "access",
    extensions(("x-role" = json!("viewer"))),
    request_body = CodeForm,
    responses((status = 200, description = "On", body = RecoveryCodes))
)]
#[post("/session/totp/confirm")]
pub(super) async fn confirm_totp(
    request: HttpRequest,
    who: Viewer,
    console: web::Data<Console>,
    body: web::Payload,
) -> Result<HttpResponse, Problem> {
    let session = session(&who.0)?;
    let form: CodeForm = read(&request, body).await?;
    let confirm = ConfirmTotp { by: who.0.by.clone(), session, code: form.code };
    let recovery_codes = console.node.operators.ask(confirm).await?;
    Ok(HttpResponse::Ok().json(RecoveryCodes { recovery_codes }))
}

/// Turns the second factor off.
#[utoipa::path(
    tag = "access",
    extensions(("x-role" = json!("viewer"))),
    request_body = BothForm,
    responses((status = 204, description = "Off"))
)]
#[delete("/session/totp")]
pub(super) async fn clear_totp(
    request: HttpRequest,
    who: Viewer,
    console: web::Data<Console>,
    body: web::Payload,
) -> Result<HttpResponse, Problem> {
    session(&who.0)?;
    let form: BothForm = read(&request, body).await?;
    let (compared, password_right) = compare(&console, &who.0, form.password).await?;
    let clear = ClearTotp { by: who.0.by.clone(), compared, password_right, code: form.code };
    console.node.operators.ask(clear).await?;
    Ok(HttpResponse::NoContent().finish())
}
