//! Between requests and those who carry out what operators do: a request's form becomes an [`Operation`], what came of it
//! an answer, and what was refused a problem.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, ETAG};
use orrery_core::protocol::ErrorCode;
use orrery_core::types::{By, Refusal, Role};
use serde::Serialize;
use serde::de::DeserializeOwned;
use utoipa::ToSchema;

use super::access::not_allowed;
use super::audit::Undo;
use super::change::{Change, Changed, Edit, tag, version_conflict};
use crate::actors::operation::{NotDone, Operation, Outcome};
use crate::http::problem::Problem;

/// Somebody, by name.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = PersonItem)]
pub(super) struct Person {
    /// The player.
    pub(super) id: String,
    /// The name; empty when it is not known.
    pub(super) name: String,
}

/// The order of who sends a change of something that has a version.
pub(super) fn edited<C>(by: &By, edit: Edit<C>) -> (C, Operation) {
    let (change, operation) = made(by, edit.form);
    (change, Operation { expected: edit.expected, ..operation })
}

/// The order of who makes something new.
pub(super) fn made<C>(by: &By, form: Change<C>) -> (C, Operation) {
    let reason = form.reason.trim().to_owned();
    (form.change, Operation { by: by.clone(), reason, dry_run: form.dry_run, expected: None, undoes: None })
}

/// The answer about what an order has done.
pub(super) fn changed(operation: &Operation, outcome: Outcome) -> Changed {
    let Outcome { before, after, version, audit, can_undo } = outcome;
    Changed { dry_run: operation.dry_run, before, after, version, audit, can_undo }
}

/// The change that takes an audit entry back, and the order of who wants that.
///
/// # Errors
/// The role is too small for it; or the entry is of a form that is not understood any more.
pub(super) fn undoing<C: DeserializeOwned>(wanted: Undo, needed: Role) -> Result<(C, Operation), Problem> {
    if wanted.role < needed {
        return Err(not_allowed(needed));
    }
    let change = serde_json::from_value(wanted.change).map_err(|_| {
        let detail = "this entry was written by another version, whose change is not understood any more";
        Problem::new(StatusCode::CONFLICT, "cannot_be_undone", detail)
    })?;
    let Undo { by, reason, dry_run, expected, undoes, .. } = wanted;
    Ok((change, Operation { by, reason, dry_run, expected, undoes: Some(undoes) }))
}

/// What was asked for, which nobody else may keep.
pub(super) fn shown<T: Serialize>(body: &T) -> HttpResponse {
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(body)
}

/// The same, of something that has a version.
pub(super) fn versioned<T: Serialize>(version: u64, body: &T) -> HttpResponse {
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).insert_header((ETAG, tag(version))).json(body)
}

/// A refusal as a problem: 404 for what is not there, 409 for what may not be.
pub(super) fn refused(refusal: Refusal) -> Problem {
    match refusal.code {
        ErrorCode::NotFound
        | ErrorCode::UnknownHub
        | ErrorCode::UnknownItem
        | ErrorCode::UnknownMission
        | ErrorCode::UnknownGuild
        | ErrorCode::UnknownPlayer => Problem::of_question(refusal.into()),
        _ => Problem::of_command(refusal.into()),
    }
}

impl From<NotDone> for Problem {
    fn from(not_done: NotDone) -> Self {
        match not_done {
            NotDone::Changed(current) => version_conflict(current),
            NotDone::Nothing => Problem::new(StatusCode::CONFLICT, "no_change", not_done.to_string()),
            NotDone::Refused(refusal) => refused(refusal),
        }
    }
}
