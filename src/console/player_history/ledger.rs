//! `GET /players/{id}/ledger`: every movement of a player's credits and goods, newest first, by an index.

use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::{known_player, unanswered};
use crate::console::Console;
use crate::console::access::Viewer;
use crate::console::paging::{NumberedPage, asked};
use crate::http::problem::Problem;
use crate::store::LedgerLine;
use crate::types::Account;

/// A movement.
#[derive(Serialize, ToSchema)]
struct LedgerRowView {
    /// The row's number in the ledger.
    seq: u64,
    at_ms: u64,
    reason: &'static str,
    /// The account it left: `player:<uuid>`, `market:<hub>`, `transit`, ….
    from: String,
    /// The account it came to.
    to: String,
    /// What; `null`: credits.
    item: Option<String>,
    amount: u64,
    /// The command behind it.
    command: Option<u64>,
    /// The transfer behind it.
    transfer: Option<String>,
}

/// A player's rows of the ledger, newest first.
#[utoipa::path(
    tag = "players",
    params(
        ("id" = String, Path, description = "The player"),
        ("limit" = Option<u16>, Query, description = "1 to 100", minimum = 1, maximum = 100),
        ("cursor" = Option<u64>, Query, description = "The `next_cursor` of the page before"),
    ),
    responses((status = 200, body = NumberedPage<LedgerRowView>))
)]
#[get("/players/{id}/ledger")]
pub(super) async fn list_ledger(
    _who: Viewer,
    request: HttpRequest,
    console: web::Data<Console>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let (limit, before) = asked(&request)?;
    let player = known_player(&console, &id).await?;
    let lines = console.node.store.ledger(&Account::from(player), before, limit + 1).await;
    let lines = lines.map_err(|error| unanswered(&console, &error))?;
    Ok(HttpResponse::Ok().json(NumberedPage::of(lines, limit, |line| line.seq, row)))
}

fn row(LedgerLine { seq, entry }: LedgerLine) -> LedgerRowView {
    LedgerRowView {
        seq,
        at_ms: entry.at.0,
        reason: entry.reason.as_str(),
        from: entry.from.to_string(),
        to: entry.to.to_string(),
        item: entry.item.map(|item| item.to_string()),
        amount: entry.amount,
        command: entry.command.map(|command| command.0),
        transfer: entry.transfer.map(|transfer| transfer.to_string()),
    }
}
