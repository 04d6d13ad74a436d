//! `/audit`: what operators did, newest first, and taking it back. An undo sends the compensating change that stands in
//! the entry to what it was done to, and so is itself an entry.
//!
//! To let an area's changes be undone: its function and a line in `dispatch`.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use serde::Serialize;
use serde_json::Value;
use tokio::sync::Mutex;
use utoipa::{OpenApi, ToSchema};

use super::Console;
use super::access::{self, Caller, Moderator, Viewer};
use super::change::{self, Changed, Reason};
use super::paging::{NumberedPage, ROWS};
use super::unreadable::unreadable;
use super::{announcements, erased_names, maintenance, missions, players, reports};
use crate::actors::node::Node;
use crate::http::parameters::Parameters;
use crate::http::problem::Problem;
use crate::store::{AuditFilter, AuditLine, StoreError};
use crate::types::{By, OperatorId, Role};

#[derive(OpenApi)]
#[openapi(paths(list, show, undo))]
pub(super) struct Doc;

pub(super) fn configure(config: &mut web::ServiceConfig) {
    config.service(list).service(show).service(undo);
}

/// One undo at a time: so none can begin before another of the same entry can be seen.
pub(super) type Undoing = Mutex<()>;

/// A change to be taken back.
#[derive(Clone, Debug)]
pub(crate) struct Undo {
    /// Who does it.
    pub(crate) by: By,
    /// As what.
    pub(crate) role: Role,
    /// The id of what it is done to: what stands behind `kind:` in the entry's target.
    pub(crate) target: String,
    /// The compensating change, in the form of a request's `change`.
    pub(crate) change: Value,
    /// Why.
    pub(crate) reason: String,
    /// Whether it is only tried.
    pub(crate) dry_run: bool,
    /// The entry that is taken back: goes into the new entry's `undoes`.
    pub(crate) undoes: u64,
}

/// By the kind of what it was done to.
async fn dispatch(console: &Console, kind: &str, wanted: Undo) -> Result<Changed, Problem> {
    match kind {
        "operator" => access::undo(console, wanted).await,
        "announcement" => announcements::undo(console, wanted).await,
        "maintenance" => maintenance::undo(console, wanted).await,
        "mission" => missions::undo(console, wanted).await,
        "report" => reports::undo(console, wanted).await,
        "player" => players::undo(console, wanted).await,
        _ => Err(cannot("what this was done to cannot be changed back from here")),
    }
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

/// Takes back what was done. The role that it needs is that of the change itself.
#[utoipa::path(
    tag = "audit",
    extensions(("x-role" = json!("moderator"))),
    params(("seq" = u64, Path, description = "The entry's number")),
    request_body = Reason,
    responses((status = 200, description = "Taken back, or tried", body = Changed))
)]
#[post("/audit/{seq}/undo")]
pub(super) async fn undo(
    request: HttpRequest,
    who: Moderator,
    console: web::Data<Console>,
    seq: web::Path<String>,
    body: web::Payload,
) -> Result<HttpResponse, Problem> {
    let form = change::reason(&request, body).await?;
    // A task of its own: a caller who goes away must not let the next one in while the order is still in a mailbox.
    let undone = actix_web::rt::spawn(async move { take_back(&console, who.0, &seq, form).await });
    let undone = undone.await.map_err(|error| {
        tracing::error!(%error, "an undo failed");
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "the server failed")
    })?;
    Ok(undone?.response())
}

/// Takes an entry back, one at a time.
async fn take_back(console: &Console, who: Caller, seq: &str, form: Reason) -> Result<Changed, Problem> {
    let _one_at_a_time = console.undoing.lock().await;
    // An undo whose answer came too late may still be under way: what is in the queue is looked at too.
    console.node.all_durable().await.map_err(|error| unavailable(&console.node, &error))?;
    let AuditLine { entry, undone_by } = find(console, seq).await?;
    if let Some(by) = undone_by {
        let detail = "this was taken back already";
        return Err(Problem::new(StatusCode::CONFLICT, "already_undone", detail).with("undone_by", by));
    }
    let change = entry.undo.ok_or_else(|| cannot("this cannot be taken back"))?;
    let (kind, target) = entry.target.split_once(':').unwrap_or((entry.target.as_str(), ""));
    let wanted = Undo {
        by: who.by,
        role: who.inside.role,
        target: target.to_owned(),
        change,
        reason: form.reason,
        dry_run: form.dry_run,
        undoes: entry.seq,
    };
    dispatch(console, kind, wanted).await
}

fn cannot(detail: &str) -> Problem {
    Problem::new(StatusCode::CONFLICT, "cannot_be_undone", detail)
}

fn unavailable(node: &Node, error: &StoreError) -> Problem {
    unreadable(node, "the audit log", error)
}
