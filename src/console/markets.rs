//! `/markets`: what is on offer at each hub. Answered by the markets' actors from memory; all hubs are asked at once.

use actix_web::{HttpRequest, HttpResponse, get, web};
use futures_util::future::join_all;
use orrery_core::game::Inspect;
use orrery_core::types::economy::Ask;
use orrery_core::types::economy::contract::ContractPage;
use orrery_core::types::economy::market::{
    AskPage, AskPrices, AuctionPage, OrderView, PriceTicks, Quote as QuoteOf, Side, Span,
};
use orrery_core::types::{HubKey, ItemKey, Millis, OrderId, Party, PlayerId};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

use super::Console;
use super::access::Viewer;
use super::asking::{ask, read};
use super::names::{Names, names};
use super::operated::{Person, refused, shown};
use super::paging::Page;
use crate::http::parameters::{self, Parameters, unknown};
use crate::http::problem::Problem;

#[derive(OpenApi)]
#[openapi(paths(list, orders, auctions, contracts, prices))]
pub(super) struct Doc;

pub(super) fn configure(config: &mut web::ServiceConfig) {
    config.service(list).service(orders).service(auctions).service(contracts).service(prices);
}

/// The best prices of an item.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MarketQuote)]
struct Quote {
    item: String,
    bid: Option<u64>,
    bid_quantity: u64,
    ask: Option<u64>,
    ask_quantity: u64,
    last: Option<u64>,
    /// Pieces traded in 24 hours.
    volume_day: u64,
}

/// A hub's market.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MarketItem)]
struct Market {
    hub: String,
    name: String,
    sector: String,
    /// Sell orders.
    sells: u64,
    /// Buy orders.
    buys: u64,
    auctions: u64,
    contracts: u64,
    /// Pieces traded in 24 hours.
    volume_day: u64,
    quotes: Vec<Quote>,
}

/// All markets.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MarketPage)]
struct Markets {
    items: Vec<Market>,
}

/// What a market's actor says of itself.
#[derive(Deserialize)]
struct Whole {
    sells: u64,
    buys: u64,
    auctions: u64,
    contracts: u64,
    volume_day: u64,
    quotes: Vec<QuoteOf>,
}

/// Which side of the book.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = MarketSide)]
enum OrderSide {
    /// Goods for credits.
    Sell,
    /// Credits for goods.
    Buy,
}

/// An order in the book.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MarketOrder)]
struct Order {
    order: u64,
    side: OrderSide,
    item: String,
    /// Per piece.
    price: u64,
    /// What is left of it.
    open: u64,
    expires_ms: u64,
    owner: Person,
}

#[derive(Deserialize)]
struct OrderPage {
    items: Vec<OrderView>,
    next_cursor: Option<OrderId>,
}

/// An auction.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MarketAuction)]
struct Auction {
    auction: u64,
    owner: Person,
    item: String,
    quantity: u64,
    /// The least that the next bid must be.
    minimum: u64,
    buy_out: Option<u64>,
    bid: Option<u64>,
    bidder: Option<Person>,
    ends_ms: u64,
}

/// A contract.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MarketContract)]
struct Contract {
    contract: u64,
    /// Who offers it; the hub itself, when there is none.
    owner: Option<Person>,
    courier: Option<Person>,
    item: String,
    quantity: u64,
    delivered: u64,
    reward: u64,
    collateral: u64,
    due_ms: u64,
}

/// What happened to a price in a span of time.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MarketTick)]
struct Tick {
    at_ms: u64,
    open: u64,
    high: u64,
    low: u64,
    close: u64,
    volume: u64,
}

/// All markets, with counts and best prices.
#[utoipa::path(tag = "markets", responses((status = 200, body = Markets)))]
#[get("/markets")]
async fn list(_: Viewer, console: web::Data<Console>) -> Result<HttpResponse, Problem> {
    let node = &console.node;
    let sectors = node.catalog.sectors.values();
    let hubs: Vec<_> = sectors.flat_map(|sector| sector.hubs.iter().map(move |hub| (&sector.key, hub))).collect();
    let asked = hubs.iter().map(|(_, hub)| {
        let party = Party::Market(hub.key.clone());
        async move { node.directory.inspect_party(node, &party, Inspect::Whole).await }
    });
    let mut items = Vec::new();
    for ((sector, hub), answer) in hubs.iter().zip(join_all(asked).await) {
        let whole: Whole = read(answer.map_err(refused)?)?;
        items.push(Market {
            hub: hub.key.to_string(),
            name: hub.name.clone(),
            sector: sector.to_string(),
            sells: whole.sells,
            buys: whole.buys,
            auctions: whole.auctions,
            contracts: whole.contracts,
            volume_day: whole.volume_day,
            quotes: whole.quotes.into_iter().map(Quote::from).collect(),
        });
    }
    Ok(shown(&Markets { items }))
}

/// A hub's orders, by id.
#[utoipa::path(
    tag = "markets",
    params(
        ("hub" = String, Path), ("item" = Option<String>, Query),
        ("limit" = Option<u16>, Query, minimum = 1, maximum = 100), ("cursor" = Option<String>, Query)
    ),
    responses((status = 200, body = Page<Order>))
)]
#[get("/markets/{hub}/orders")]
async fn orders(
    _: Viewer,
    console: web::Data<Console>,
    request: HttpRequest,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let hub = hub(&console, &path)?;
    let mut query = Parameters::of(&request)?;
    let item = query.text::<ItemKey>("item", "must be the key of an item");
    let limit = usize::from(query.limit().unwrap_or(20));
    let after = query.cursor("cursor").map(OrderId);
    query.done()?;
    let (node, party) = (&console.node, Party::Market(hub));
    let answer = node.directory.inspect_party(node, &party, Inspect::Orders { item, after, limit }).await;
    let page: OrderPage = read(answer.map_err(refused)?)?;
    let names = names(node, page.items.iter().map(|order| order.owner)).await;
    let items = page.items.into_iter().map(|order| Order {
        order: order.order.0,
        side: match order.side {
            Side::Sell => OrderSide::Sell,
            Side::Buy => OrderSide::Buy,
        },
        item: order.item.to_string(),
        price: order.price.0,
        open: order.open.0,
        expires_ms: order.expires_ms.0,
        owner: names.of(order.owner),
    });
    Ok(shown(&Page { items: items.collect(), next_cursor: page.next_cursor.map(|id| id.to_string()) }))
}

/// A hub's auctions, by id.
#[utoipa::path(
    tag = "markets",
    params(
        ("hub" = String, Path), ("limit" = Option<u16>, Query, minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query)
    ),
    responses((status = 200, body = Page<Auction>))
)]
#[get("/markets/{hub}/auctions")]
async fn auctions(
    _: Viewer,
    console: web::Data<Console>,
    request: HttpRequest,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let asked = Ask::Auctions(page(&console, &request, &path)?);
    let page: AuctionPage = read(ask(&console.node, asked).await?)?;
    let people = page.items.iter().flat_map(|one| [Some(one.owner), one.bidder]).flatten();
    let names = names(&console.node, people).await;
    let items = page.items.into_iter().map(|one| Auction {
        auction: one.auction.0,
        owner: names.of(one.owner),
        item: one.item.to_string(),
        quantity: one.quantity.0,
        minimum: one.minimum.0,
        buy_out: one.buy_out.map(|credits| credits.0),
        bid: one.bid.map(|credits| credits.0),
        bidder: one.bidder.map(|bidder| names.of(bidder)),
        ends_ms: one.ends_ms.0,
    });
    Ok(shown(&Page { items: items.collect(), next_cursor: page.next_cursor.map(|id| id.to_string()) }))
}

/// A hub's contracts, by id.
#[utoipa::path(
    tag = "markets",
    params(
        ("hub" = String, Path), ("limit" = Option<u16>, Query, minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query)
    ),
    responses((status = 200, body = Page<Contract>))
)]
#[get("/markets/{hub}/contracts")]
async fn contracts(
    _: Viewer,
    console: web::Data<Console>,
    request: HttpRequest,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let asked = Ask::Contracts(page(&console, &request, &path)?);
    let page: ContractPage = read(ask(&console.node, asked).await?)?;
    let people = page.items.iter().flat_map(|one| [one.owner, one.courier]).flatten();
    let names = names(&console.node, people).await;
    let person = |player: Option<PlayerId>, names: &Names| player.map(|player| names.of(player));
    let items = page.items.into_iter().map(|one| Contract {
        contract: one.contract.0,
        owner: person(one.owner, &names),
        courier: person(one.courier, &names),
        item: one.item.to_string(),
        quantity: one.quantity.0,
        delivered: one.delivered.0,
        reward: one.reward.0,
        collateral: one.collateral.0,
        due_ms: one.due_ms.0,
    });
    Ok(shown(&Page { items: items.collect(), next_cursor: page.next_cursor.map(|id| id.to_string()) }))
}

/// The prices of an item at a hub over time, newest first; spans without a trade are left out.
#[utoipa::path(
    tag = "markets",
    params(
        ("hub" = String, Path), ("item" = String, Query), ("span" = String, Query, description = "minute, hour or day"),
        ("limit" = Option<u16>, Query, minimum = 1, maximum = 500), ("cursor" = Option<String>, Query)
    ),
    responses((status = 200, body = Page<Tick>))
)]
#[get("/markets/{hub}/prices")]
async fn prices(
    _: Viewer,
    console: web::Data<Console>,
    request: HttpRequest,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let hub = hub(&console, &path)?;
    let mut query = Parameters::of(&request)?;
    let item = query.wanted::<ItemKey>("item", "must be the key of an item");
    let span = query.wanted::<Span>("span", "must be minute, hour or day");
    let (limit, before_ms) = (query.small("limit", 1..=500), query.cursor("cursor").map(Millis));
    let (item, span) = query.done_with(item.zip(span))?;
    let asked = Ask::PriceHistory(AskPrices { hub, item, span, before_ms, limit });
    let page: PriceTicks = read(ask(&console.node, asked).await?)?;
    let items = page.items.into_iter().map(|tick| Tick {
        at_ms: tick.at_ms.0,
        open: tick.open.0,
        high: tick.high.0,
        low: tick.low.0,
        close: tick.close.0,
        volume: tick.volume.0,
    });
    Ok(shown(&Page { items: items.collect(), next_cursor: page.next_cursor.map(|at| at.0.to_string()) }))
}

fn page(console: &Console, request: &HttpRequest, path: &str) -> Result<AskPage, Problem> {
    let hub = hub(console, path)?;
    let mut query = Parameters::of(request)?;
    let asked = AskPage { hub, limit: query.limit(), cursor: query.cursor("cursor") };
    query.done()?;
    Ok(asked)
}

fn hub(console: &Console, text: &str) -> Result<HubKey, Problem> {
    let key = parameters::hub(text)?;
    console.node.catalog.hub(&key).map(|hub| hub.key.clone()).ok_or_else(|| unknown("unknown_hub", "hub", text))
}

impl From<QuoteOf> for Quote {
    fn from(quote: QuoteOf) -> Self {
        Self {
            item: quote.item.to_string(),
            bid: quote.bid.map(|credits| credits.0),
            bid_quantity: quote.bid_quantity.0,
            ask: quote.ask.map(|credits| credits.0),
            ask_quantity: quote.ask_quantity.0,
            last: quote.last.map(|credits| credits.0),
            volume_day: quote.volume_day.0,
        }
    }
}
