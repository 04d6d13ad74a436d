//! `POST /audit/{seq}/undo`: takes an entry back, by sending the compensating change that stands in it to what it was
//! done to. One rule for every kind of change: it is refused when what the entry did does not stand any more (`standing`),
//! when it was taken back before, and when the change itself would be refused, by its rules or for the caller's role.
//!
//! To let an area's changes be undone: its function and a line in [`dispatch`].

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, post, web};
use serde_json::Value;
use tokio::sync::Mutex;

use super::standing::{Later, is_renamed, touched};
use super::{find, unavailable};
use crate::console::access::{self, Caller, Moderator};
use crate::console::change::{self, Changed, Reason};
use crate::console::{Console, announcements, maintenance, missions, players, reports};
use crate::http::problem::Problem;
use crate::store::{AuditFilter, AuditLine};
use crate::types::{AuditEntry, By, Role};

/// Lines of the audit log that are read at once.
const READ_AT_ONCE: usize = 100;

/// One undo at a time: so none can begin before another of the same entry can be seen.
pub(in crate::console) type Undoing = Mutex<()>;

/// A change to be taken back.
#[derive(Clone, Debug)]
pub(in crate::console) struct Undo {
    /// Who does it.
    pub(in crate::console) by: By,
    /// As what.
    pub(in crate::console) role: Role,
    /// The id of what it is done to: what stands behind `kind:` in the entry's target.
    pub(in crate::console) target: String,
    /// The compensating change, in the form of a request's `change`.
    pub(in crate::console) change: Value,
    /// Why.
    pub(in crate::console) reason: String,
    /// Whether it is only tried.
    pub(in crate::console) dry_run: bool,
    /// The version that what it is done to must have; `None`: whichever it is.
    pub(in crate::console) expected: Option<u64>,
    /// The entry that is taken back: goes into the new entry's `undoes`.
    pub(in crate::console) undoes: u64,
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

/// Takes back what was done, unless it was changed again since. The role that it needs is that of the change itself.
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
    let change = entry.undo.clone().ok_or_else(|| cannot("this cannot be taken back"))?;
    let (kind, target) = entry.target.split_once(':').unwrap_or((entry.target.as_str(), ""));
    let wanted = Undo {
        by: who.by,
        role: who.inside.role,
        target: target.to_owned(),
        change,
        reason: form.reason,
        dry_run: true,
        expected: None,
        undoes: entry.seq,
    };
    // Tried first: it says what would change, and the version before which every later change has been made that is to
    // be looked for now. One that comes in between makes another version.
    let tried = dispatch(console, kind, wanted.clone()).await?;
    check_stands(console, &entry, &tried).await?;
    if form.dry_run {
        return Ok(tried);
    }
    dispatch(console, kind, Undo { dry_run: false, expected: Some(tried.version), ..wanted }).await
}

/// Whether nothing was changed again since the entry that its undoing would change.
async fn check_stands(console: &Console, entry: &AuditEntry, tried: &Changed) -> Result<(), Problem> {
    let node = &console.node;
    let things = touched(&tried.before, &tried.after);
    if things.is_empty() {
        return Ok(());
    }
    node.all_durable().await.map_err(|error| unavailable(node, &error))?;
    let of_target = AuditFilter { target: Some(entry.target.clone()), ..AuditFilter::default() };
    let (mut later, mut before) = (Later::than(entry.seq, &things), None);
    loop {
        let lines = node.store.audit_entries(of_target.clone(), before, READ_AT_ONCE).await;
        let lines = lines.map_err(|error| unavailable(node, &error))?;
        if let Some(newer) = later.replaced_by(&lines) {
            return Err(superseded_by(&newer.entry));
        }
        match lines.last() {
            Some(oldest) if oldest.entry.seq > entry.seq => before = Some(oldest.entry.seq),
            _ => break,
        }
    }
    if is_renamed(&entry.after, &tried.before) {
        return Err(superseded("the player has taken another name since; make a change of your own"));
    }
    Ok(())
}

fn superseded_by(newer: &AuditEntry) -> Problem {
    let AuditEntry { seq, by, .. } = newer;
    let what =
        format!("{} changed it since (entry {seq}); take that back first, or make a change of your own", by.name);
    superseded(&what).with("superseded_by", *seq)
}

fn superseded(what: &str) -> Problem {
    Problem::new(StatusCode::CONFLICT, "superseded", format!("this does not stand any more: {what}"))
}

fn cannot(detail: &str) -> Problem {
    Problem::new(StatusCode::CONFLICT, "cannot_be_undone", detail)
}
