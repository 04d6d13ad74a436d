//! `/reports`: what players have reported, and what was made of it.

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use orrery_core::types::Role;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{OpenApi, ToSchema};

use super::Console;
use super::access::{Moderator, Viewer};
use super::audit::Undo;
use super::change::{self, Change, Changed};
use super::chat::ChatLine;
use super::operated::{Person, changed, edited, refused, shown, undoing, versioned};
use super::paging::Page;
use crate::actors::operation::Operation;
use crate::actors::reports::{self, Report, ReportChange};
use crate::http::parameters::{Parameters, unknown};
use crate::http::problem::Problem;
use crate::store::Heard;

#[derive(OpenApi)]
#[openapi(paths(list, show, edit))]
pub(super) struct Doc;

pub(super) fn configure(config: &mut web::ServiceConfig) {
    config.service(list).service(show).service(edit);
}

/// Where a report stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ReportState)]
enum State {
    /// Nobody has dealt with it.
    Open,
    /// Somebody has.
    Closed,
}

/// What came of a report.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ReportResolution)]
enum Resolution {
    /// Nothing was wrong.
    Dismissed,
    /// The player was warned.
    Warned,
    /// The player was muted.
    Muted,
    /// The player was banned.
    Banned,
}

/// A report.
#[derive(Debug, Serialize, ToSchema)]
struct ReportView {
    seq: u64,
    at_ms: u64,
    /// Who reported it.
    by: Person,
    /// Who said it.
    about: Option<Person>,
    /// Why, in the words of who reported it; empty for viewers when two said it to one another.
    text: String,
    /// The channel it was said in.
    stream: String,
    /// The number of the line that was reported.
    line: u64,
    /// That line, and some before it, oldest first; none for viewers when two said it to one another.
    lines: Vec<ChatLine>,
    state: State,
    resolution: Option<Resolution>,
    /// Who decided it last.
    decided_by: Option<String>,
    decided_ms: Option<u64>,
    version: u64,
}

/// A change of a report.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[schema(as = ReportChange)]
enum Request {
    /// It is dealt with.
    Close {
        /// What came of it.
        resolution: Resolution,
    },
    /// It is not, after all.
    Reopen {},
}

/// Reports, newest first.
///
/// There may be more although the page is short: follow it.
#[utoipa::path(
    tag = "reports",
    params(
        ("state" = Option<String>, Query, description = "open or closed"), ("limit" = Option<u16>, Query, minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query)
    ),
    responses((status = 200, body = Page<ReportView>))
)]
#[get("/reports")]
async fn list(
    _: Viewer,
    moderator: Option<Moderator>,
    console: web::Data<Console>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let mut query = Parameters::of(&request)?;
    let state = query.text::<State>("state", "must be open or closed");
    let (limit, before) = (usize::from(query.limit().unwrap_or(20)), query.cursor("cursor"));
    query.done()?;
    let open = state.map(|state| state == State::Open);
    let (found, next) = reports::page(&console.node, open, before, limit).await.map_err(refused)?;
    let items = found.into_iter().map(|report| view(report, moderator.is_some())).collect();
    Ok(shown(&Page { items, next_cursor: next.map(|seq| seq.to_string()) }))
}

/// A report.
#[utoipa::path(tag = "reports", params(("seq" = u64, Path)), responses((status = 200, body = ReportView)))]
#[get("/reports/{seq}")]
async fn show(
    _: Viewer,
    moderator: Option<Moderator>,
    console: web::Data<Console>,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let report = reports::find(&console.node, parse(&path)?).await.map_err(refused)?;
    Ok(versioned(report.version, &view(report, moderator.is_some())))
}

/// Closes a report, or opens it again.
#[utoipa::path(
    tag = "reports",
    extensions(("x-role" = json!("moderator"))),
    params(("seq" = u64, Path), ("If-Match" = Option<String>, Header)),
    request_body = Change<Request>,
    responses((status = 200, body = Changed))
)]
#[post("/reports/{seq}/changes")]
async fn edit(
    who: Moderator,
    console: web::Data<Console>,
    request: HttpRequest,
    path: web::Path<String>,
    body: web::Payload,
) -> Result<HttpResponse, Problem> {
    let (change, operation) = edited(&who, change::edit::<Request>(&request, body).await?);
    apply(&console, parse(&path)?, change, &operation).await.map(|changed| changed.response())
}

/// Takes an entry of the audit log back.
pub(super) async fn undo(console: &Console, wanted: Undo) -> Result<Changed, Problem> {
    let seq = parse(&wanted.target)?;
    let (change, operation) = undoing(wanted, Role::Moderator)?;
    apply(console, seq, change, &operation).await
}

async fn apply(console: &Console, seq: u64, change: Request, operation: &Operation) -> Result<Changed, Problem> {
    let change = match change {
        Request::Close { resolution } => ReportChange::Close(resolution.into()),
        Request::Reopen {} => ReportChange::Reopen,
    };
    let outcome = reports::change(&console.node, seq, change, operation).await?;
    Ok(changed(operation, outcome))
}

fn parse(seq: &str) -> Result<u64, Problem> {
    seq.parse().map_err(|_| unknown("not_found", "report", seq))
}

/// What two players say to one another, and why it was reported, is for moderators.
fn view(report: Report, is_moderator: bool) -> ReportView {
    let mut seen = whole_view(report);
    if !is_moderator && !Heard::Public.includes(&seen.stream) {
        seen.lines.clear();
        seen.text.clear();
    }
    seen
}

fn whole_view(report: Report) -> ReportView {
    let Report { row, verdict, version } = report;
    let doc = row.doc;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut lines: Vec<ChatLine> =
        doc["before"].as_array().into_iter().flatten().cloned().filter_map(ChatLine::of).collect();
    lines.extend(ChatLine::of(doc["line"].clone()));
    let about = doc["line"]["player"].as_str().map(str::to_owned);
    let decided = version > 0;
    ReportView {
        seq: row.seq,
        at_ms: row.at.0,
        by: Person { id: text(&doc["by"]), name: text(&doc["by_name"]) },
        about: about.map(|id| Person { id, name: text(&doc["line"]["name"]) }),
        text: text(&doc["reason"]),
        stream: text(&doc["channel"]),
        line: doc["line"]["seq"].as_u64().unwrap_or_default(),
        lines,
        state: if verdict.resolution.is_some() { State::Closed } else { State::Open },
        resolution: verdict.resolution.map(Resolution::from),
        decided_by: decided.then_some(verdict.by),
        decided_ms: decided.then_some(verdict.at_ms.0),
        version,
    }
}

impl From<Resolution> for reports::Resolution {
    fn from(resolution: Resolution) -> Self {
        match resolution {
            Resolution::Dismissed => Self::Dismissed,
            Resolution::Warned => Self::Warned,
            Resolution::Muted => Self::Muted,
            Resolution::Banned => Self::Banned,
        }
    }
}

impl From<reports::Resolution> for Resolution {
    fn from(resolution: reports::Resolution) -> Self {
        match resolution {
            reports::Resolution::Dismissed => Self::Dismissed,
            reports::Resolution::Warned => Self::Warned,
            reports::Resolution::Muted => Self::Muted,
            reports::Resolution::Banned => Self::Banned,
        }
    }
}
