//! What is kept of a player line by line: notifications, what the player has said, what operators did; and the session.

use actix_web::{HttpRequest, HttpResponse, get, web};
use orrery_core::protocol::Encoding;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::player;
use crate::actors::oversight;
use crate::actors::player::Order;
use crate::actors::session_link::SessionReport;
use crate::console::Console;
use crate::console::access::{Moderator, Viewer};
use crate::console::audit::EntryView;
use crate::console::erased_names;
use crate::console::paging::{Page, ROWS, asked};
use crate::console::unreadable::unreadable;
use crate::http::parameters::Parameters;
use crate::http::problem::Problem;
use crate::store::{AuditFilter, Heard, Log, LogRow, Spoken};
use crate::types::Millis;

/// A notification, as it was told.
#[derive(Serialize, ToSchema)]
pub(super) struct NotificationView {
    seq: u64,
    at_ms: u64,
    /// The kind, and what belongs to it.
    #[schema(value_type = Object)]
    notice: Value,
}

/// A line of chat.
#[derive(Serialize, ToSchema)]
pub(super) struct SpokenView {
    /// The channel.
    stream: String,
    /// Its number there.
    seq: u64,
    at_ms: u64,
    text: String,
}

/// A session.
#[derive(Serialize, ToSchema)]
pub(super) struct SessionView {
    /// Where the client is.
    address: Option<String>,
    /// Whether it is connected; one that is not waits to be resumed.
    connected: bool,
    /// Since when.
    since_ms: u64,
    /// `json` or `msgpack`.
    encoding: &'static str,
    /// Milliseconds since it was heard last.
    silent_ms: u64,
    /// By how much it is sent less of what is far away; 0: it gets everything.
    level: usize,
    /// The last commit that one of its answers waited for.
    durable: u64,
    /// Reliable messages it was sent.
    messages: u64,
}

/// What the player was told about its own affairs.
#[utoipa::path(
    tag = "players",
    params(
        ("id" = String, Path, description = "The player"),
        ("limit" = Option<u16>, Query, description = "1 to 100", minimum = 1, maximum = 100),
        ("cursor" = Option<u64>, Query, description = "Of the page before"),
    ),
    responses((status = 200, body = Page<NotificationView>))
)]
#[get("/players/{id}/notifications")]
pub(super) async fn notifications(
    _who: Viewer,
    request: HttpRequest,
    console: web::Data<Console>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let (node, player) = (&console.node, player(&id)?);
    let (limit, before) = asked(&request)?;
    let lines = node.store.read_log(Log::Notification, &player.to_string(), before, limit + 1).await;
    let lines = lines.map_err(|error| unreadable(node, "notifications", &error))?;
    let view = |line: LogRow| NotificationView { seq: line.seq, at_ms: line.at.0, notice: line.doc };
    Ok(HttpResponse::Ok().json(Page::of(lines, limit, |line| line.seq.to_string(), view)))
}

/// What the player has said, wherever it was; what two say to one another is shown to moderators.
#[utoipa::path(
    tag = "players",
    params(
        ("id" = String, Path, description = "The player"),
        ("limit" = Option<u16>, Query, description = "1 to 100", minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query, description = "Of the page before"),
    ),
    responses((status = 200, body = Page<SpokenView>))
)]
#[get("/players/{id}/chat")]
pub(super) async fn chat(
    _who: Viewer,
    moderator: Option<Moderator>,
    request: HttpRequest,
    console: web::Data<Console>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let (node, player) = (&console.node, player(&id)?);
    let mut query = Parameters::of(&request)?;
    let limit = usize::from(query.limit().unwrap_or(ROWS));
    let cursor: Option<String> = query.text("cursor", "must be a text");
    query.done()?;
    let heard = if moderator.is_some() { Heard::All } else { Heard::Public };
    let before = cursor.map(|cursor| spoken_before(&cursor)).transpose()?;
    let lines = node.store.lines_of(player, heard, before, limit + 1).await;
    let lines = lines.map_err(|error| unreadable(node, "chat", &error))?;
    let cursor = |line: &LogRow| format!("{}-{}-{}", line.at.0, line.seq, line.stream);
    let view = |line: LogRow| SpokenView {
        text: line.doc["text"].as_str().unwrap_or_default().to_owned(),
        stream: line.stream,
        seq: line.seq,
        at_ms: line.at.0,
    };
    Ok(HttpResponse::Ok().json(Page::of(lines, limit, cursor, view)))
}

/// Time, number and channel, as [`chat`] writes them.
fn spoken_before(cursor: &str) -> Result<Spoken, Problem> {
    let mut parts = cursor.splitn(3, '-');
    let mut number = || parts.next()?.parse::<u64>().ok();
    let (at, seq) = (number(), number());
    match (at, seq, parts.next()) {
        // PostgreSQL knows no text with a NUL, and no stream has one.
        (Some(at), Some(seq), Some(stream)) if !stream.contains('\0') => {
            Ok(Spoken { at: Millis(at), seq, stream: stream.to_owned() })
        }
        _ => Err(Problem::bad_request("cursor must be the next_cursor of the page before")),
    }
}

/// The player's session, if there is one: connected, or waiting to be resumed.
#[utoipa::path(
    tag = "players",
    params(("id" = String, Path, description = "The player")),
    responses((status = 200, body = Page<SessionView>))
)]
#[get("/players/{id}/sessions")]
pub(super) async fn sessions(
    _who: Viewer,
    console: web::Data<Console>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let report = oversight::session_of(&console.node, player(&id)?).await?;
    let items = report.into_iter().map(session).collect();
    Ok(HttpResponse::Ok().json(Page::<SessionView> { items, next_cursor: None }))
}

fn session(report: SessionReport) -> SessionView {
    SessionView {
        address: report.address.map(|address| address.to_string()),
        connected: report.connected,
        since_ms: report.since.0,
        encoding: match report.encoding {
            Encoding::Json => "json",
            Encoding::MessagePack => "msgpack",
        },
        silent_ms: report.silent_ms,
        level: report.level,
        durable: report.durable,
        messages: report.messages,
    }
}

/// What operators did to the player.
#[utoipa::path(
    tag = "players",
    params(
        ("id" = String, Path, description = "The player"),
        ("limit" = Option<u16>, Query, description = "1 to 100", minimum = 1, maximum = 100),
        ("cursor" = Option<u64>, Query, description = "Of the page before"),
    ),
    responses((status = 200, body = Page<EntryView>))
)]
#[get("/players/{id}/audit")]
pub(super) async fn audit(
    _who: Viewer,
    request: HttpRequest,
    console: web::Data<Console>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let (node, player) = (&console.node, player(&id)?);
    let (limit, before) = asked(&request)?;
    let filter = AuditFilter { target: Some(Order::target(player)), ..AuditFilter::default() };
    let lines = node.store.audit_entries(filter, before, limit + 1).await;
    let mut lines = lines.map_err(|error| unreadable(node, "audit", &error))?;
    let forgotten = erased_names::forget(&*node.store, &mut lines).await;
    forgotten.map_err(|error| unreadable(node, "audit", &error))?;
    Ok(HttpResponse::Ok().json(Page::of(lines, limit, |line| line.entry.seq.to_string(), EntryView::from)))
}
