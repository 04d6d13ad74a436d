//! `GET /players/{id}/export`: everything that is stored about a player, as one JSON document, for who asks for their
//! own data. Written to the audit log before a byte of it leaves. It is put together while it is sent, page by page, so
//! that no ledger is too long for it. Left out are only the hashes of password and tokens.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION};
use actix_web::web::Bytes;
use actix_web::{HttpResponse, get, web};
use futures_util::{Stream, StreamExt as _, stream};
use orrery_core::game::account::Account;
use serde_json::{Value, json};

use super::player;
use super::view::{PlayerView, view};
use crate::actors::audit::Deed;
use crate::actors::node::{Node, now};
use crate::actors::player::Order;
use crate::console::Console;
use crate::console::access::Admin;
use crate::console::erased_names;
use crate::console::unreadable::unreadable;
use crate::http::problem::Problem;
use crate::store::{AuditFilter, Heard, LedgerLine, Log, LogRow, Spoken, StoreError, StoredPlayer, Write};
use crate::types::{AuditEntry, By, Millis, Party, PlayerId};

/// Rows that are read at once.
const PAGE: usize = 500;

/// Everything stored about a player.
#[utoipa::path(
    tag = "players",
    params(("id" = String, Path, description = "The player")),
    extensions(("x-role" = json!("admin"))),
    responses((status = 200, content_type = "application/json", body = Object))
)]
#[get("/players/{id}/export")]
pub(super) async fn export(
    who: Admin,
    console: web::Data<Console>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let (node, player) = (Arc::clone(&console.node), player(&id)?);
    let seen = view(&console, player).await?;
    write_down(&node, &who, player, &seen).await?;
    let stored = node.store.load_player(player).await.map_err(|error| unreadable(&node, "a player", &error))?;
    let stored = stored.ok_or_else(|| Problem::from(crate::actors::player::OperateError::Unknown))?;
    let head = stream::iter([Ok(head(&seen, stored))]);
    let disposition = format!("attachment; filename=\"player-{player}.json\"");
    Ok(HttpResponse::Ok()
        .content_type("application/json")
        .insert_header((CACHE_CONTROL, "private, no-store"))
        .insert_header((CONTENT_DISPOSITION, disposition))
        .streaming(head.chain(sections(node, player))))
}

/// The audit entry, durable: and with it everything that the player's actor has committed so far.
async fn write_down(node: &Node, by: &By, player: PlayerId, seen: &PlayerView) -> Result<(), Problem> {
    let busy = |code| Problem::new(StatusCode::SERVICE_UNAVAILABLE, code, "the export cannot be written down now");
    if !node.persister.has_room() {
        return Err(busy("busy"));
    }
    let deed = Deed {
        action: "export",
        target: Order::target(player),
        target_name: seen.name().to_owned(),
        ..Deed::default()
    };
    let commit = node.persister.enqueue(vec![Write::Audit(node.audit.entry(by, deed))]);
    let patience = Duration::from_millis(node.config.store.answer_timeout_ms);
    match tokio::time::timeout(patience, node.persister.wait_durable(commit)).await {
        Ok(Ok(())) => Ok(()),
        _ => Err(busy("storage_unavailable")),
    }
}

/// The document's beginning: all that is not a list.
fn head(seen: &PlayerView, stored: StoredPlayer) -> Bytes {
    let (version, account) = (stored.account.version, Account::from(stored.account.record));
    let commands = stored
        .commands
        .iter()
        .map(|row| json!({ "id": row.id, "applied": row.applied, "answer": row.answer, "at_ms": row.at }));
    let commands: Vec<Value> = commands.collect();
    let ship = stored.ship.map(|ship| json!({ "world": ship.world, "x": ship.at.x, "y": ship.at.y }));
    let log_ins =
        account.families.iter().map(|family| json!({ "number": family.number, "expires_ms": family.expires }));
    let head = json!({
        "exported_ms": now(),
        "player": seen,
        "account": {
            "version": version, "name": account.name, "has_password": !account.is_guest(), "created_ms": account.created,
            "log_ins": log_ins.collect::<Vec<_>>(),
        },
        "stored": { "version": stored.player.version, "document": stored.player.record, "ship": ship },
        "commands": commands,
    });
    let mut text = head.to_string();
    // The lists follow.
    text.pop();
    text.into()
}

/// A list of the document.
#[derive(Clone, Copy)]
enum Section {
    Ledger,
    Notifications,
    Chat,
    Snapshots,
    Audit,
}

/// Where the next page of a list begins.
enum Cursor {
    Number(u64),
    Spoken(Spoken),
}

/// What of the lists has not been sent yet.
struct Rest {
    node: Arc<Node>,
    player: PlayerId,
    section: Section,
    cursor: Option<Cursor>,
}

impl Section {
    fn name(self) -> &'static str {
        match self {
            Self::Ledger => "ledger",
            Self::Notifications => "notifications",
            Self::Chat => "chat",
            Self::Snapshots => "snapshots_ms",
            Self::Audit => "audit",
        }
    }

    fn next(self) -> Option<Self> {
        match self {
            Self::Ledger => Some(Self::Notifications),
            Self::Notifications => Some(Self::Chat),
            Self::Chat => Some(Self::Snapshots),
            Self::Snapshots => Some(Self::Audit),
            Self::Audit => None,
        }
    }
}

fn sections(node: Arc<Node>, player: PlayerId) -> impl Stream<Item = io::Result<Bytes>> {
    let begin = Rest { node, player, section: Section::Ledger, cursor: None };
    stream::unfold(Some(begin), |rest| async {
        let mut rest = rest?;
        let page = match rest.page().await {
            Ok(page) => page,
            Err(error) => {
                rest.node.metrics.store_errors.inc();
                tracing::error!(player = %rest.player, error = %error, "an export broke off");
                return Some((Err(io::Error::other(error)), None));
            }
        };
        let mut text = match rest.cursor {
            None => format!(",\"{}\":[", rest.section.name()),
            Some(_) if page.is_empty() => String::new(),
            Some(_) => ",".to_owned(),
        };
        let is_last = page.len() < PAGE;
        let (rows, cursors): (Vec<String>, Vec<Cursor>) =
            page.into_iter().map(|(row, cursor)| (row.to_string(), cursor)).unzip();
        text.push_str(&rows.join(","));
        rest.cursor = cursors.into_iter().next_back();
        if is_last {
            text.push(']');
            rest.cursor = None;
            match rest.section.next() {
                Some(next) => rest.section = next,
                None => return Some((Ok((text + "}").into()), None)),
            }
        }
        Some((Ok(text.into()), Some(rest)))
    })
}

impl Rest {
    /// The next rows of the list, each with the cursor behind it.
    async fn page(&self) -> Result<Vec<(Value, Cursor)>, StoreError> {
        let store = &self.node.store;
        let before = match &self.cursor {
            Some(Cursor::Number(number)) => Some(*number),
            Some(Cursor::Spoken(_)) | None => None,
        };
        Ok(match self.section {
            Section::Ledger => {
                let lines = store.ledger(&Party::Player(self.player).into(), before, PAGE).await?;
                lines.into_iter().map(|line| (ledger(&line), Cursor::Number(line.seq))).collect()
            }
            Section::Notifications => {
                let lines = store.read_log(Log::Notification, &self.player.to_string(), before, PAGE).await?;
                let row = |line: LogRow| json!({ "seq": line.seq, "at_ms": line.at, "notice": line.doc });
                lines.into_iter().map(|line| (Cursor::Number(line.seq), row(line))).map(|(at, row)| (row, at)).collect()
            }
            Section::Chat => {
                let before = match &self.cursor {
                    Some(Cursor::Spoken(spoken)) => Some(spoken.clone()),
                    Some(Cursor::Number(_)) | None => None,
                };
                let lines = store.lines_of(self.player, Heard::All, before, PAGE).await?;
                let cursor =
                    |line: &LogRow| Cursor::Spoken(Spoken { at: line.at, seq: line.seq, stream: line.stream.clone() });
                let row = |line: LogRow| json!({ "stream": line.stream, "line": line.doc });
                lines.into_iter().map(|line| (cursor(&line), row(line))).map(|(at, row)| (row, at)).collect()
            }
            Section::Snapshots => {
                let times = store.snapshots(self.player, before.map(Millis), PAGE).await?;
                times.into_iter().map(|at| (json!(at), Cursor::Number(at.0))).collect()
            }
            Section::Audit => {
                let filter = AuditFilter { target: Some(Order::target(self.player)), ..AuditFilter::default() };
                let mut lines = store.audit_entries(filter, before, PAGE).await?;
                erased_names::forget(&**store, &mut lines).await?;
                let row = |entry: &AuditEntry| serde_json::to_value(entry).unwrap_or_default();
                lines.into_iter().map(|line| (row(&line.entry), Cursor::Number(line.entry.seq))).collect()
            }
        })
    }
}

fn ledger(line: &LedgerLine) -> Value {
    let LedgerLine { seq, entry } = line;
    json!({
        "seq": seq, "at_ms": entry.at, "reason": entry.reason, "from": entry.from.to_string(),
        "to": entry.to.to_string(), "item": entry.item, "amount": entry.amount, "command": entry.command,
        "transfer": entry.transfer,
    })
}
