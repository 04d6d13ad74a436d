//! `POST /players/{id}/changes` and `/kick`: each carried out by the player's actor, with an entry in the audit log.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, post, web};
use orrery_core::game::player::OperatorChange;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::form::{PlayerChange, needed_role};
use super::player;
use crate::actors::oversight;
use crate::actors::player::{OperateReply, Order};
use crate::console::Console;
use crate::console::access::Moderator;
use crate::console::audit::Undo;
use crate::console::change::{self, Change, Changed, Edit, check_reason};
use crate::http::problem::{FieldFault, Problem};
use crate::types::Role;

/// Characters of what the player is told.
const SHOWN_CHARS: std::ops::RangeInclusive<usize> = 1..=500;

/// Sends a player away.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct KickForm {
    /// Why: 3 to 500 characters, kept in the audit log.
    #[schema(min_length = 3, max_length = 500)]
    reason: String,
    /// What the player is told.
    #[schema(min_length = 1, max_length = 500)]
    reason_shown: String,
}

/// What came of it.
#[derive(Serialize, ToSchema)]
pub(super) struct KickedView {
    /// The entry in the audit log.
    audit: u64,
    /// Whether there was somebody to be sent away.
    kicked: bool,
}

/// Changes a player, or tries to.
#[utoipa::path(
    tag = "players",
    params(("id" = String, Path, description = "The player"), ("If-Match" = Option<String>, Header, description = "The revision's ETag")),
    request_body = Change<PlayerChange>,
    extensions(("x-role" = json!("moderator"))),
    responses((status = 200, body = Changed))
)]
#[post("/players/{id}/changes")]
pub(super) async fn change_player(
    who: Moderator,
    request: HttpRequest,
    console: web::Data<Console>,
    id: web::Path<String>,
    body: web::Payload,
) -> Result<HttpResponse, Problem> {
    let player = player(&id)?;
    let Edit { form, expected } = change::edit::<PlayerChange>(&request, body).await?;
    let change = form.change.read()?;
    check_role(&change, who.0.inside.role)?;
    let (by, reason, dry_run) = (who.0.by, form.reason, form.dry_run);
    let order = Order { by, change, reason, dry_run, expect: expected, undoes: None };
    let reply = oversight::change(&console.node, player, order).await?;
    Ok(changed(reply, dry_run).response())
}

/// Takes an entry of the audit log about a player back.
///
/// # Errors
/// The operator's role is too small; it was taken back before; a rule refuses it.
pub(in crate::console) async fn undo(console: &Console, wanted: Undo) -> Result<Changed, Problem> {
    let Undo { by, role, target, change, reason, dry_run, expected, undoes } = wanted;
    let change: OperatorChange = serde_json::from_value(change).map_err(|error| {
        tracing::error!(entry = undoes, error = %error, "how an entry of the audit log is undone cannot be read");
        Problem::new(StatusCode::CONFLICT, "cannot_be_undone", "nobody understands any more how it is undone")
    })?;
    let change = change.as_of(console.node.rule().now);
    check_role(&change, role)?;
    let order = Order { by, change, reason, dry_run, expect: expected, undoes: Some(undoes) };
    let reply = oversight::change(&console.node, player(&target)?, order).await?;
    Ok(changed(reply, dry_run))
}

fn check_role(change: &OperatorChange, role: Role) -> Result<(), Problem> {
    let needed = needed_role(change);
    if role >= needed {
        return Ok(());
    }
    let text = format!("{} is for {needed}s", change.kind());
    Err(Problem::new(StatusCode::FORBIDDEN, "not_allowed", text).with("needed", needed.as_str()))
}

fn changed(reply: OperateReply, dry_run: bool) -> Changed {
    let OperateReply { operated, version, audit } = reply;
    let can_undo = operated.undo.is_some();
    Changed { dry_run, before: operated.before, after: operated.after, version, audit, can_undo }
}

/// Ends a player's session; the player may come back.
#[utoipa::path(
    tag = "players",
    params(("id" = String, Path, description = "The player")),
    request_body = KickForm,
    extensions(("x-role" = json!("moderator"))),
    responses((status = 200, body = KickedView))
)]
#[post("/players/{id}/kick")]
pub(super) async fn kick_player(
    who: Moderator,
    request: HttpRequest,
    console: web::Data<Console>,
    id: web::Path<String>,
    body: web::Payload,
) -> Result<HttpResponse, Problem> {
    let player = player(&id)?;
    let form: KickForm = change::read(&request, body).await?;
    check_reason(&form.reason)?;
    let shown = form.reason_shown.trim();
    if !SHOWN_CHARS.contains(&shown.chars().count()) || shown.chars().any(char::is_control) {
        let rule = "must have 1 to 500 characters on one line: the player is told".to_owned();
        return Err(Problem::bad_fields(vec![FieldFault { field: "reason_shown".to_owned(), rule }]));
    }
    let shown = shown.to_owned();
    let kicked = oversight::kick(&console.node, player, who.0.by, form.reason, shown).await?;
    Ok(HttpResponse::Ok().json(KickedView { audit: kicked.audit, kicked: kicked.kicked }))
}
