//! Long player state and a crowded hub: 2,000 kinds of goods in one player's storage and hold, 10,000 open listings at one
//! hub; and how long the commands take that touch them, from sending until answered (durably, where there is an effect).
//!
//! Ignored, because it takes a while and says something in a release build only:
//! `cargo test --release --test process scale -- --ignored --nocapture`

use std::time::{Duration, Instant};

use orrery::protocol::ClientMessage;
use orrery::protocol::client_message::{Empty, Sell};
use orrery::types::economy::guild::Nothing;
use orrery::types::economy::market::{AskMarket, Buy, PlaceOrder};
use orrery::types::economy::storage::{AtHub, Move, Supply};
use orrery::types::economy::{Ask, Deal};
use orrery::types::{Credits, HubKey, ItemKey, OrderId, Quantity};

use crate::client::Client;
use crate::content;
use crate::server::{Home, Server};

/// Kinds of goods beyond the catalogue's own.
const KINDS: usize = 2_000;
/// Open listings at the hub.
const LISTINGS: usize = 10_000;
/// Listings of one player.
const PER_PLAYER: usize = 200;
/// How often each command is timed.
const TIMES: usize = 200;

#[tokio::test]
#[ignore = "measures, in a release build"]
async fn ten_thousand_listings_and_two_thousand_kinds_of_goods() {
    let home = Home::on_sqlite();
    let assets = content::with_many_items(&home.path("assets"), KINDS, hub().as_str());
    let home = home.with("server.assets", assets.display()).with("limits.query_per_second", 1_000);
    let server = home.start_server();
    let begun = Instant::now();
    fill_the_book(&server).await;
    eprintln!("{LISTINGS} listings after {:.1} s", begun.elapsed().as_secs_f64());
    let mut rich = fill_an_inventory(&server).await;
    eprintln!("{KINDS} kinds in one inventory after {:.1} s", begun.elapsed().as_secs_f64());

    let (mut newest, price) = (Vec::new(), Credits(20));
    let list = |index: usize| place(index, 1, price);
    for index in 0..TIMES {
        supply(&mut rich, index, 1).await;
    }
    time(
        "list, by who has 2,000 kinds",
        &mut rich,
        |index| deal(Deal::List(list(index))),
        |answer| {
            newest.push(OrderId(answer["order"].as_u64().unwrap()));
        },
    )
    .await;
    time("my_offers, 200 of them", &mut rich, |_| ask(Ask::MyOffers(AtHub { hub: hub() })), drop).await;
    let mut buyer = Client::enter_as_guest(&server, "buyer").await;
    let buy = |index: usize| Buy { hub: hub(), order: newest[index], quantity: Quantity(1), price };
    time("buy, among 10,000 listings", &mut buyer, |index| deal(Deal::Buy(buy(index))), drop).await;
    let quotes = AskMarket { hub: hub(), item: None, limit: None };
    time("market, all quotes", &mut rich, |_| ask(Ask::Market(quotes.clone())), drop).await;
    let book = |index: usize| AskMarket { hub: hub(), item: Some(item(index)), limit: Some(20) };
    time("market, one item", &mut rich, |index| ask(Ask::Market(book(index))), drop).await;
    time("storage, 2,000 kinds", &mut rich, |_| ask(Ask::Storage(Nothing {})), drop).await;
    time("status", &mut rich, |_| ClientMessage::Status(Empty {}), drop).await;
    let load = |index: usize| Move { hub: hub(), item: item(index), quantity: Quantity(1) };
    for index in 0..TIMES {
        rich.do_well(deal(Deal::Load(load(index)))).await;
    }
    time("status, 200 kinds in the hold", &mut rich, |_| ClientMessage::Status(Empty {}), drop).await;
    let sell = |index: usize| Sell { hub: hub(), item: item(index), quantity: Quantity(1) };
    time("sell, by who has 2,000 kinds", &mut rich, |index| ClientMessage::Sell(sell(index)), drop).await;
}

async fn fill_the_book(server: &Server) {
    // All at once: each listing waits for a tick, in which the world says that the ship is at the hub.
    let sellers = (0..LISTINGS / PER_PLAYER).map(|player| async move {
        let mut client = Client::enter_as_guest(server, &format!("seller{player}")).await;
        supply(&mut client, player, PER_PLAYER as u64).await;
        for index in 0..PER_PLAYER {
            client.do_well(deal(Deal::List(place(player, 1, Credits(30 + index as u64))))).await;
        }
    });
    futures_util::future::join_all(sellers).await;
}

async fn fill_an_inventory(server: &Server) -> Client {
    let mut client = Client::enter_as_guest(server, "collector").await;
    for index in 0..KINDS {
        supply(&mut client, index, 3).await;
    }
    client
}

async fn supply(client: &mut Client, index: usize, quantity: u64) {
    let supply = Supply { hub: hub(), item: item(index), quantity: Quantity(quantity) };
    client.do_well(deal(Deal::Supply(supply))).await;
}

async fn time(
    what: &str,
    client: &mut Client,
    message: impl Fn(usize) -> ClientMessage,
    mut answered: impl FnMut(serde_json::Value),
) {
    let mut took: Vec<Duration> = Vec::new();
    for index in 0..TIMES {
        let begun = Instant::now();
        let answer = client.do_well(message(index)).await;
        took.push(begun.elapsed());
        answered(answer);
    }
    took.sort_unstable();
    let at = |per_cent: usize| took[(TIMES * per_cent / 100).min(TIMES - 1)].as_secs_f64() * 1_000.0;
    eprintln!("{what:<32} p50 {:>7.2} ms  p99 {:>7.2} ms  max {:>7.2} ms", at(50), at(99), at(100));
    assert!(took[TIMES * 99 / 100] < Duration::from_millis(250), "{what} has become slow");
}

fn hub() -> HubKey {
    HubKey::parse("luna_exchange").unwrap()
}

fn item(index: usize) -> ItemKey {
    ItemKey::parse(&content::many_item(index % KINDS)).unwrap()
}

fn place(index: usize, quantity: u64, price: Credits) -> PlaceOrder {
    PlaceOrder { hub: hub(), item: item(index), quantity: Quantity(quantity), price }
}

fn deal(deal: Deal) -> ClientMessage {
    ClientMessage::Deal(deal)
}

fn ask(ask: Ask) -> ClientMessage {
    ClientMessage::Ask(ask)
}
