//! Many want the same: one outcome each, and the sums are kept, whatever the store.

use serde_json::{Value, json};

use crate::postgres;
use crate::support::arena::Arena;
use crate::support::economy::{
    HUB, ITEM, all_credits, books_agree, buying, code, collect, credits, exported, list, stored, without_limits,
};
use crate::support::player::with_token;
use crate::support::{Player, Server, command};

use orrery::protocol::Encoding;

const START: u64 = 200;
const BUYERS: usize = 500;
const BIDDERS: usize = 200;
/// The id that everybody's command has.
const ID: u64 = 1_000;

/// A database of PostgreSQL; `None` where there is none.
fn postgresql() -> Option<String> {
    let cluster = postgres::shared()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    Some(runtime.block_on(cluster.create_database()))
}

fn server(url: &str) -> Server {
    Server::in_arena(Arena::default(), &without_limits(&[("store.url", url), ("session.connections_max", "2000")]))
}

#[test]
fn the_last_piece_goes_to_one_of_five_hundred_on_sqlite() {
    last_piece("");
}

#[test]
fn the_last_piece_goes_to_one_of_five_hundred_on_postgresql() {
    if let Some(url) = postgresql() {
        last_piece(&url);
    }
}

fn last_piece(url: &str) {
    let server = server(url);
    let mut ada = Player::guest(&server);
    collect(&mut ada, 1);
    let order = list(&mut ada, 1, 100);
    let fee = START - credits(&mut ada);
    let mut buyers = Player::crowd(&server, BUYERS);
    for buyer in &mut buyers {
        buyer.send(command::deal("buy", buying(order, 1, 100)), Some(ID));
    }
    let answers: Vec<_> = buyers.iter_mut().map(|buyer| buyer.answer(ID)).collect();
    let winner = answers.iter().position(Result::is_ok).expect("somebody got it");
    let refused = answers.iter().filter(|answer| ["not_found", "not_available"].contains(&code(answer))).count();
    assert_eq!(refused, BUYERS - 1, "one got it, the others were refused");
    assert_eq!((stored(&mut buyers[winner]), credits(&mut buyers[winner])), (1, START - 100));
    let earned = credits(&mut ada) - (START - fee);
    let export = server.stop_and_export();
    books_agree(&export);
    let everything = (BUYERS as u64 + 1) * START;
    assert_eq!(all_credits(&export), everything - fee - (100 - earned), "what is missing are fee and tax");
    for (number, buyer) in buyers.iter().enumerate() {
        let wanted = if number == winner { START - 100 } else { START };
        assert_eq!(exported(&export, buyer)["credits"], json!(wanted));
    }
}

#[test]
fn of_two_hundred_bids_at_once_the_highest_leads_on_sqlite() {
    bids_at_once("");
}

#[test]
fn of_two_hundred_bids_at_once_the_highest_leads_on_postgresql() {
    if let Some(url) = postgresql() {
        bids_at_once(&url);
    }
}

fn bids_at_once(url: &str) {
    let server = server(url);
    let mut ada = Player::guest(&server);
    collect(&mut ada, 1);
    let body = json!({ "hub": HUB, "item": ITEM, "quantity": 1, "start": 1, "increment": 1, "seconds": 3_600 });
    let auction = ada.command(command::deal("auction", body)).unwrap()["auction"].clone();
    let fee = START - credits(&mut ada);
    let mut bidders = Player::crowd(&server, BIDDERS);
    let amount = |number: usize| number as u64 % 150 + 1;
    for (number, bidder) in bidders.iter_mut().enumerate() {
        let bid = json!({ "hub": HUB, "auction": auction, "amount": amount(number) });
        bidder.send(command::deal("bid", bid), Some(ID));
    }
    let answers: Vec<_> = bidders.iter_mut().map(|bidder| bidder.answer(ID)).collect();
    let refused = answers.iter().filter(|answer| code(answer) == "bid_too_low").count();
    let accepted: Vec<usize> = (0..BIDDERS).filter(|number| answers[*number].is_ok()).collect();
    assert_eq!(accepted.len() + refused, BIDDERS);
    let views = ada.command(command::ask("auctions", json!({ "hub": HUB }))).unwrap();
    let view = &views["items"][0];
    let leader = bidders.iter().position(|bidder| json!(bidder.welcome.player) == view["bidder"]).unwrap();
    assert!(accepted.contains(&leader));
    assert_eq!(view["bid"], json!(150), "the highest of all leads");
    assert_eq!(amount(leader), 150);
    for (number, bidder) in bidders.iter_mut().enumerate() {
        let wanted = if number == leader { START - 150 } else { START };
        crate::support::until("who was outbid has the bid back", || credits(bidder) == wanted);
    }
    let export = server.stop_and_export();
    books_agree(&export);
    assert_eq!(all_credits(&export), (BIDDERS as u64 + 1) * START - fee - 150, "the bid is in escrow");
}

#[test]
fn credits_are_spent_once_from_two_sessions_and_over_http_on_sqlite() {
    same_credits("");
}

#[test]
fn credits_are_spent_once_from_two_sessions_and_over_http_on_postgresql() {
    if let Some(url) = postgresql() {
        same_credits(&url);
    }
}

/// One player has credits for one of three purchases, and asks for all three at once.
fn same_credits(url: &str) {
    let server = server(url);
    let mut ada = Player::guest(&server);
    collect(&mut ada, 30);
    let order = list(&mut ada, 30, 150);
    let mut first = Player::guest(&server);
    let token = first.welcome.account.clone().unwrap().access_token;
    let mut spent = 0;
    // The second session takes the first one's place; what the first has sent counts all the same.
    for round in 0..5_u64 {
        let ids: [u64; 3] = std::array::from_fn(|place| round * 10 + place as u64 + 1);
        first.send(command::deal("buy", buying(order, 1, 150)), Some(ids[0]));
        let over_http = {
            let (http, token) = (server.http(), token.clone());
            let body = json!(["buy", buying(order, 1, 150), ids[1]]);
            std::thread::spawn(move || http.command(&token, &body).status)
        };
        let mut second = Player::hello(&server, Encoding::MessagePack, with_token(&token)).unwrap();
        second.send(command::deal("buy", buying(order, 1, 150)), Some(ids[2]));
        let answered = second.answer(ids[2]);
        let over_http = over_http.join().unwrap();
        // What became of the first one's command is told to whoever repeats it.
        let first_answered = second.command_as(command::deal("buy", buying(order, 1, 150)), ids[0]);
        let done = [answered.is_ok(), over_http == 200, first_answered.is_ok()];
        spent += done.iter().filter(|done| **done).count() as u64;
        assert_eq!((spent, stored(&mut second), credits(&mut second)), (1, 1, START - 150), "{done:?}");
        first = second;
    }
    let export = server.stop_and_export();
    books_agree(&export);
    let bought: &Value = exported(&export, &first);
    assert_eq!((&bought["credits"], &bought["commands"].as_array().unwrap().len()), (&json!(50), &1));
}
