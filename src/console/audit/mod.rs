//! `/audit`: what operators did, newest first, and taking it back (`undo`), which is itself an entry.

mod standing;
mod undo;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::Serialize;
use serde_json::Value;
use utoipa::{OpenApi, ToSchema};

use super::Console;
use super::access::Viewer;
use super::erased_names;
use super::paging::{NumberedPage, ROWS};
use super::unreadable::unreadable;
use crate::actors::node::Node;
use crate::http::parameters::Parameters;
use crate::http::problem::Problem;
use crate::store::{AuditFilter, AuditLine, StoreError};
use crate::types::OperatorId;

pub(super) use self::undo::{Undo, Undoing};

#[derive(OpenApi)]
#[openapi(paths(list, show, undo::undo))]
pub(super) struct Doc;

pub(super) fn configure(config: &mut web::ServiceConfig) {
    config.service(list).service(show).service(undo::undo);
}

/// What an operator did.
#[derive(Serialize, ToSchema)]
pub(super) struct EntryView {
    seq: u64,
    at_ms: u64,
    by: ByView,
    /// What: a word such as `grant`.
    action: String,
    /// To what: `player:<uuid>`, `operator:<uuid>`, ….
    target: String,
    target_name: String,
    reason: String,
    /// What it was, as far as it was changed; null for what was not there.
    #[schema(value_type = Option<Object>)]
    before: Value,
    /// What it became; null for what went.
    #[schema(value_type = Option<Object>)]
    after: Value,
    /// The change that takes it back; null when nothing does.
    #[schema(value_type = Option<Object>)]
    undo: Option<Value>,
    /// The entry that this one takes back.
    undoes: Option<u64>,
    /// The entry that took this one back.
    undone_by: Option<u64>,
}

/// Who did it.
#[derive(Serialize, ToSchema)]
pub(super) struct ByView {
    operator: String,
    name: String,
    address: String,
}

impl From<AuditLine> for EntryView {
    fn from(AuditLine { entry, undone_by }: AuditLine) -> Self {
        let by = ByView { operator: entry.by.operator.to_string(), name: entry.by.name, address: entry.by.address };
        Self {
            seq: entry.seq,
            at_ms: entry.at_ms.0,
            by,
            action: entry.action,
            target: entry.target,
            target_name: entry.target_name,
            reason: entry.reason,
            before: entry.before,
            after: entry.after,
            undo: entry.undo,
            undoes: entry.undoes,
            undone_by,
        }
    }
}

/// What operators did, newest first.
#[utoipa::path(
    tag = "audit",
    params(
        ("operator" = Option<uuid::Uuid>, Query, description = "Done by this operator"),
        ("action" = Option<String>, Query, description = "Only this action"),
        ("target" = Option<String>, Query, description = "Done to this, such as player:<uuid>"),
        ("limit" = Option<u16>, Query, description = "1 to 100", minimum = 1, maximum = 100),
        ("cursor" = Option<u64>, Query, description = "next_cursor of the page before")
    ),
    responses((status = 200, description = "A page", body = NumberedPage<EntryView>))
)]
#[get("/audit")]
pub(super) async fn list(
    request: HttpRequest,
    _: Viewer,
    console: web::Data<Console>,
) -> Result<HttpResponse, Problem> {
    let mut query = Parameters::of(&request)?;
    let filter = AuditFilter {
        operator: query.text::<OperatorId>("operator", "must be an operator's id"),
        action: query.text("action", "must be text"),
        target: query.text("target", "must be text"),
        undoes: None,
    };
    let (limit, before) = (query.limit().unwrap_or(ROWS), query.cursor("cursor"));
    query.done()?;
    let limit = usize::from(limit);
    let (node, store) = (&console.node, &console.node.store);
    let mut lines = store.audit_entries(filter, before, limit + 1).await.map_err(|error| unavailable(node, &error))?;
    erased_names::forget(&**store, &mut lines).await.map_err(|error| unavailable(node, &error))?;
    Ok(HttpResponse::Ok().json(NumberedPage::of(lines, limit, |line| line.entry.seq, EntryView::from)))
}

/// One thing that was done.
#[utoipa::path(
    tag = "audit",
    params(("seq" = u64, Path, description = "Its number")),
    responses((status = 200, description = "The entry", body = EntryView))
)]
#[get("/audit/{seq}")]
pub(super) async fn show(
    _: Viewer,
    console: web::Data<Console>,
    seq: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let mut line = find(&console, &seq).await?;
    let shown = std::slice::from_mut(&mut line);
    let node = &console.node;
    erased_names::forget(&*node.store, shown).await.map_err(|error| unavailable(node, &error))?;
    Ok(HttpResponse::Ok().json(EntryView::from(line)))
}

async fn find(console: &Console, seq: &str) -> Result<AuditLine, Problem> {
    let unknown = || Problem::new(StatusCode::NOT_FOUND, "unknown_entry", "there is no such entry");
    // The stores' numbers are signed.
    let seq = seq.parse::<u64>().ok().filter(|seq| i64::try_from(*seq).is_ok()).ok_or_else(unknown)?;
    let node = &console.node;
    node.store.audit_entry(seq).await.map_err(|error| unavailable(node, &error))?.ok_or_else(unknown)
}

fn unavailable(node: &Node, error: &StoreError) -> Problem {
    unreadable(node, "the audit log", error)
}
