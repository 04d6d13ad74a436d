//! `/api/v1/markets/{hub}…`: book, auctions, contracts, prices; open to everybody. A player's own offers; with a token.

use actix_web::{HttpRequest, HttpResponse, web};
use orrery_core::types::economy::Ask;
use orrery_core::types::economy::market::{AskMarket, AskPage, AskPrices};
use orrery_core::types::economy::storage::AtHub;
use orrery_core::types::{ItemKey, Millis};

use super::desk::{Desk, private, public};
use crate::http::parameters::{Parameters, hub};
use crate::http::problem::Problem;

const KEY: &str = "must be a key of the catalogue";

/// The best prices of all items; with `item` its book.
pub(in super::super) async fn book(
    request: HttpRequest,
    desk: Desk,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let hub = hub(&path)?;
    let mut query = Parameters::of(&request)?;
    let ask = AskMarket { hub, item: query.text("item", KEY), limit: query.limit() };
    query.done()?;
    public(&request, &desk, Ask::Market(ask)).await
}

/// A page of auctions.
pub(in super::super) async fn auctions(
    request: HttpRequest,
    desk: Desk,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let ask = page(&request, &path)?;
    public(&request, &desk, Ask::Auctions(ask)).await
}

/// A page of contracts.
pub(in super::super) async fn contracts(
    request: HttpRequest,
    desk: Desk,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let ask = page(&request, &path)?;
    public(&request, &desk, Ask::Contracts(ask)).await
}

/// Prices of an item over time.
pub(in super::super) async fn prices(
    request: HttpRequest,
    desk: Desk,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let hub = hub(&path)?;
    let mut query = Parameters::of(&request)?;
    let item: Option<ItemKey> = query.wanted("item", KEY);
    let span = query.wanted("span", "must be minute, hour or day");
    let (before_ms, limit) = (query.cursor("before").map(Millis), query.small("limit", 1..=500));
    let (item, span) = query.done_with(item.zip(span))?;
    public(&request, &desk, Ask::PriceHistory(AskPrices { hub, item, span, before_ms, limit })).await
}

/// What the player has on offer, bid for or accepted.
pub(in super::super) async fn offers(
    request: HttpRequest,
    desk: Desk,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let hub = hub(&path)?;
    Parameters::of(&request)?.done()?;
    private(&request, &desk, Ask::MyOffers(AtHub { hub })).await
}

fn page(request: &HttpRequest, path: &str) -> Result<AskPage, Problem> {
    let hub = hub(path)?;
    let mut query = Parameters::of(request)?;
    let ask = AskPage { hub, limit: query.limit(), cursor: query.cursor("cursor") };
    query.done()?;
    Ok(ask)
}
