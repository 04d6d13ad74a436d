//! `/announcements`: what all players are told.

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use orrery_core::game::announcements::Draft;
use orrery_core::types::{AnnouncementId, AnnouncementLevel, Millis, Role};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};
use uuid::Uuid;

use super::Console;
use super::access::{Moderator, Viewer};
use super::audit::Undo;
use super::change::{self, Change, Changed};
use super::operated::{changed, edited, made, shown, undoing};
use super::paging::Page;
use crate::actors::notices::{self, NoticeChange, Noticed};
use crate::actors::operation::Operation;
use crate::http::parameters::{Parameters, unknown};
use crate::http::problem::Problem;

#[derive(OpenApi)]
#[openapi(paths(list, create, edit))]
pub(super) struct Doc;

pub(super) fn configure(config: &mut web::ServiceConfig) {
    config.service(list).service(create).service(edit);
}

/// How loud an announcement is.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = AnnouncementLoudness)]
enum Level {
    /// Good to know.
    Info,
    /// Everybody should read it.
    Warning,
}

/// A change of announcements.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
enum AnnouncementChange {
    /// Announce something.
    Announce {
        /// What: 1 to 500 characters.
        #[schema(min_length = 1, max_length = 500)]
        text: String,
        /// How loud.
        level: Level,
        /// Until when, in Unix ms; until it is ended, when left out.
        until_ms: Option<u64>,
    },
    /// End it.
    End {},
}

/// An announcement that lasts.
#[derive(Debug, Serialize, ToSchema)]
struct AnnouncementView {
    id: String,
    text: String,
    level: Level,
    /// Since when.
    made_ms: u64,
    /// Who announced it.
    by: String,
    until_ms: Option<u64>,
    version: u64,
}

/// All announcements that last, newest first.
#[utoipa::path(
    tag = "announcements",
    params(("limit" = Option<u16>, Query, minimum = 1, maximum = 100), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Page<AnnouncementView>))
)]
#[get("/announcements")]
async fn list(_: Viewer, console: web::Data<Console>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut query = Parameters::of(&request)?;
    let limit = usize::from(query.limit().unwrap_or(100));
    let cursor = query.text::<Uuid>("cursor", "must be what the page before said");
    query.done()?;
    let lasting = notices::lasting(&console.node);
    let mut rest =
        lasting.iter().rev().filter(|one| cursor.is_none_or(|cursor| one.announcement.announcement.0 < cursor));
    let items: Vec<AnnouncementView> = rest.by_ref().take(limit).map(view).collect();
    let next_cursor = items.last().map(|last| last.id.clone()).filter(|_| rest.next().is_some());
    Ok(shown(&Page { items, next_cursor }))
}

fn view(noticed: &Noticed) -> AnnouncementView {
    let announcement = &noticed.announcement;
    AnnouncementView {
        id: announcement.announcement.to_string(),
        text: announcement.text.clone(),
        level: match announcement.level {
            AnnouncementLevel::Info => Level::Info,
            AnnouncementLevel::Warning | AnnouncementLevel::Maintenance => Level::Warning,
        },
        made_ms: announcement.at_ms.0,
        by: noticed.by.clone(),
        until_ms: announcement.until_ms.map(|until| until.0),
        version: notices::VERSION,
    }
}

/// Announces something to everybody, at once, and to who comes while it lasts.
#[utoipa::path(
    tag = "announcements",
    extensions(("x-role" = json!("moderator"))),
    request_body = Change<AnnouncementChange>,
    responses((status = 200, body = Changed))
)]
#[post("/announcements")]
async fn create(
    who: Moderator,
    console: web::Data<Console>,
    request: HttpRequest,
    body: web::Payload,
) -> Result<HttpResponse, Problem> {
    let (change, operation) = made(&who, change::new::<AnnouncementChange>(&request, body).await?);
    let NoticeChange::Announce(draft) = wanted(change) else {
        return Err(Problem::bad_request("change.kind must be announce: there is nothing to end here"));
    };
    let (_, outcome) = notices::announce(&console.node, draft, &operation).await?;
    Ok(changed(&operation, outcome).response())
}

/// Ends an announcement.
#[utoipa::path(
    tag = "announcements",
    extensions(("x-role" = json!("moderator"))),
    params(("id" = String, Path), ("If-Match" = Option<String>, Header)),
    request_body = Change<AnnouncementChange>,
    responses((status = 200, body = Changed))
)]
#[post("/announcements/{id}/changes")]
async fn edit(
    who: Moderator,
    console: web::Data<Console>,
    request: HttpRequest,
    path: web::Path<String>,
    body: web::Payload,
) -> Result<HttpResponse, Problem> {
    let id = Uuid::try_parse(&path).map_err(|_| unknown("not_found", "announcement", &path))?;
    let (change, operation) = edited(&who, change::edit::<AnnouncementChange>(&request, body).await?);
    if matches!(change, AnnouncementChange::Announce { .. }) {
        return Err(Problem::bad_request("change.kind must be end: an announcement is not written anew"));
    }
    apply(&console, AnnouncementId(id), wanted(change), &operation).await.map(|changed| changed.response())
}

/// Takes an entry of the audit log back: ends what was announced, or announces again what was ended.
pub(super) async fn undo(console: &Console, wanted: Undo) -> Result<Changed, Problem> {
    let id = Uuid::try_parse(&wanted.target).map_err(|_| unknown("not_found", "announcement", &wanted.target))?;
    let (change, operation) = undoing::<AnnouncementChange>(wanted, Role::Moderator)?;
    apply(console, AnnouncementId(id), self::wanted(change), &operation).await
}

async fn apply(
    console: &Console,
    id: AnnouncementId,
    change: NoticeChange,
    operation: &Operation,
) -> Result<Changed, Problem> {
    let outcome = notices::change(&console.node, id, change, operation).await?;
    Ok(changed(operation, outcome))
}

fn wanted(change: AnnouncementChange) -> NoticeChange {
    match change {
        AnnouncementChange::Announce { text, level, until_ms } => {
            let level = match level {
                Level::Info => AnnouncementLevel::Info,
                Level::Warning => AnnouncementLevel::Warning,
            };
            NoticeChange::Announce(Draft { text, level, until_ms: until_ms.map(Millis) })
        }
        AnnouncementChange::End {} => NoticeChange::End,
    }
}
