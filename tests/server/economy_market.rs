//! Trades between players, as both of them see it.

use orrery::protocol::{Encoding, ServerMessage};
use serde_json::json;

use crate::support::economy::{
    HUB, ITEM, all_credits, books_agree, buying, carried_out, code, collect, credits, list, stored, without_limits,
};
use crate::support::player::with_token;
use crate::support::{Player, Server, command};

const START: u64 = 200;

#[test]
fn goods_go_from_who_lists_to_who_buys_and_both_are_told() {
    let server = Server::with(&without_limits(&[]));
    let (mut ada, mut bob) = (Player::guest(&server), Player::guest(&server));
    collect(&mut ada, 5);
    let order = list(&mut ada, 5, 10);
    let fee = START - credits(&mut ada);
    let book = bob.command(command::ask("market", json!({ "hub": HUB, "item": ITEM }))).unwrap();
    assert_eq!((&book["sells"][0]["order"], &book["sells"][0]["open"]), (&json!(order), &json!(5)));
    let bought = bob.command(command::deal("buy", buying(order, 2, 10))).unwrap();
    assert_eq!((&bought["quantity"], &bought["paid"]), (&json!(2), &json!(20)));
    assert_eq!((stored(&mut bob), credits(&mut bob)), (2, START - 20));
    let ServerMessage::Notification(told) = ada.event("notification") else { panic!("not that event") };
    let notice = serde_json::to_value(&told.notice).unwrap();
    assert_eq!((&notice["sold"]["order"], &notice["sold"]["quantity"]), (&json!(order), &json!(2)));
    let earned = notice["sold"]["credits"].as_u64().unwrap();
    assert!(earned > 0 && earned <= 20);
    assert_eq!(credits(&mut ada), START - fee + earned);
    let kept = ada.command(command::ask("notifications", json!({}))).unwrap();
    assert_eq!((&kept["items"][0]["notice"], &kept["unread"]), (&notice, &json!(1)));
    ada.command(command::deal("read_notifications", json!({ "up_to": told.seq }))).unwrap();

    let dearer = bob.command(command::deal("buy", buying(order, 1, 9))).unwrap_err();
    assert_eq!(dearer.code, "price_changed");
    let back = ada.command(command::deal("cancel_order", json!({ "hub": HUB, "order": order }))).unwrap();
    assert_eq!(back["quantity"], json!(3));
    assert_eq!(stored(&mut ada), 3);
    let gone = bob.command(command::deal("buy", buying(order, 1, 10)));
    assert_eq!(code(&gone), "not_found");

    let export = server.stop_and_export();
    books_agree(&export);
    assert_eq!(all_credits(&export), 2 * START - fee - (20 - earned), "what is missing are fee and tax");
}

#[test]
fn a_deal_is_answered_alike_from_every_place() {
    let server = Server::with(&without_limits(&[]));
    let (mut ada, mut bob) = (Player::guest(&server), Player::guest(&server));
    collect(&mut ada, 4);
    let order = list(&mut ada, 4, 10);
    let buy = || command::deal("buy", buying(order, 3, 10));
    let bought = bob.command_as(buy(), 1_000).unwrap();
    let refused = bob.command_as(command::deal("buy", buying(order, 2, 10)), 1_001).unwrap_err();
    assert_eq!((refused.code.as_str(), &refused.details["available"]), ("not_available", &json!(1)));
    let token = bob.welcome.account.clone().unwrap().access_token;
    let (resume_token, seen) = bob.vanish();
    let mut bob = Player::resume(&server, Encoding::MessagePack, &resume_token, seen).unwrap();
    assert_eq!(bob.command_as(buy(), 1_000).unwrap(), bought);
    let mut bob = Player::hello(&server, Encoding::Json, with_token(&token)).unwrap();
    assert_eq!(bob.command_as(buy(), 1_000).unwrap(), bought);
    let http = server.http();
    let over_http = http.command(&token, &json!(["buy", buying(order, 3, 10), 1_000]));
    assert_eq!((over_http.status, over_http.json()), (200, bought));
    let over_http = http.command(&token, &json!(["buy", buying(order, 2, 10), 1_001]));
    assert_eq!((over_http.field("code"), &over_http.json()["available"]), ("not_available".to_owned(), &json!(1)));
    let reused = bob.command_as(command::deal("buy", buying(order, 1, 10)), 1_000).unwrap_err();
    assert_eq!(reused.code, "id_reused");
    assert_eq!((stored(&mut bob), credits(&mut bob)), (3, START - 30));
    let export = server.stop_and_export();
    books_agree(&export);
    assert_eq!(carried_out(&export, &bob).len(), 1);
}

#[test]
fn a_deal_that_was_under_way_in_a_crash_takes_effect_once() {
    let mut server = Server::with(&without_limits(&[("store.flush_delay_ms", "20")]));
    let mut ada = Player::guest(&server);
    let bob = Player::guest(&server);
    let token = bob.welcome.account.clone().unwrap().access_token;
    drop(bob);
    collect(&mut ada, 8);
    let order = list(&mut ada, 8, 1);
    drop(ada);
    for round in 0..8_u64 {
        let mut bob = Player::hello(&server, Encoding::MessagePack, with_token(&token)).unwrap();
        bob.send(command::deal("buy", buying(order, 1, 1)), Some(round + 1));
        // From before it is taken in until after it is answered.
        std::thread::sleep(std::time::Duration::from_millis(round * 8));
        server = server.crash_and_start();
        let mut bob = Player::hello(&server, Encoding::MessagePack, with_token(&token)).unwrap();
        bob.command_as(command::deal("buy", buying(order, 1, 1)), round + 1).unwrap();
        assert_eq!((stored(&mut bob), credits(&mut bob)), (round + 1, START - round - 1));
    }
    books_agree(&server.stop_and_export());
}
