//! `GET /outbox`: transfers under way, from memory, the oldest first.

use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::actors::outbox::UnderWay;
use crate::console::Console;
use crate::console::access::Viewer;
use crate::http::parameters::Parameters;
use crate::http::problem::Problem;

/// Transfers of a page, unless the question says how many.
const PAGE: u16 = 50;

/// A page of transfers under way.
#[derive(Serialize, ToSchema)]
struct OutboxPage {
    items: Vec<TransferView>,
    /// Where the next page begins; `null` after the last.
    next_cursor: Option<u64>,
}

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
    responses((status = 200, body = OutboxPage))
)]
#[get("/outbox")]
pub(super) async fn list_outbox(
    _who: Viewer,
    request: HttpRequest,
    console: web::Data<Console>,
) -> Result<HttpResponse, Problem> {
    let mut query = Parameters::of(&request)?;
    let (limit, after) = (query.limit().unwrap_or(PAGE), query.cursor("cursor"));
    query.done()?;
    let limit = usize::from(limit);
    let page = console.node.outbox.page(after, limit);
    let next_cursor = page.last().map(|last| last.turn).filter(|_| page.len() == limit);
    Ok(HttpResponse::Ok().json(OutboxPage { items: page.into_iter().map(transfer).collect(), next_cursor }))
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
