//! `GET /outbox`: transfers under way, from memory, the oldest first.

use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::actors::outbox::UnderWay;
use crate::console::Console;
use crate::console::access::Viewer;
use crate::console::paging::{NumberedPage, asked};
use crate::http::problem::Problem;

/// A transfer under way.
#[derive(Serialize, ToSchema)]
struct TransferView {
    id: String,
    /// The account it left, as in the ledger.
    from: String,
    /// The account it comes to.
    to: String,
    holdings: HoldingsView,
    /// As in the ledger.
    reason: &'static str,
    /// Since when; for what an earlier server left over, when this one found it.
    since_ms: u64,
}

/// Credits and goods.
#[derive(Serialize, ToSchema)]
struct HoldingsView {
    credits: u64,
    /// By item.
    goods: BTreeMap<String, u64>,
}

/// Transfers under way, the oldest first.
#[utoipa::path(
    tag = "ops",
    params(
        ("limit" = Option<u16>, Query, description = "1 to 100", minimum = 1, maximum = 100),
        ("cursor" = Option<u64>, Query, description = "The `next_cursor` of the page before"),
    ),
    responses((status = 200, body = NumberedPage<TransferView>))
)]
#[get("/outbox")]
pub(super) async fn list_outbox(
    _who: Viewer,
    request: HttpRequest,
    console: web::Data<Console>,
) -> Result<HttpResponse, Problem> {
    let (limit, after) = asked(&request)?;
    let rows = console.node.outbox.page(after, limit + 1);
    Ok(HttpResponse::Ok().json(NumberedPage::of(rows, limit, |row| row.turn, transfer)))
}

fn transfer(UnderWay { since, transfer, .. }: UnderWay) -> TransferView {
    let goods = transfer.holdings.goods.iter().map(|(item, quantity)| (item.to_string(), quantity.0));
    TransferView {
        id: transfer.id.to_string(),
        from: transfer.from.to_string(),
        to: transfer.to.to_string(),
        holdings: HoldingsView { credits: transfer.holdings.credits.0, goods: goods.collect() },
        reason: transfer.reason.as_str(),
        since_ms: since.0,
    }
}
