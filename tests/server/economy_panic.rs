//! An actor that fails in the middle of a deal costs nobody anything but a moment.

use orrery::protocol::ClientMessage;
use orrery::protocol::client_message::DebugPanic;
use orrery::types::Party;
use serde_json::json;

use crate::support::economy::{HUB, books_agree, buying, collect, credits, list, stored, without_limits};
use crate::support::{Player, Server, command};

const START: u64 = 200;

fn server() -> Server {
    Server::with(&without_limits(&[("debug.commands", "true")]))
}

fn panics(kind: &str) -> String {
    format!("orrery_actor_panics_total{{kind=\"{kind}\"}}")
}

#[test]
fn a_market_that_panics_in_the_middle_of_a_deal_does_it_once() {
    let server = server();
    let (mut ada, mut bob) = (Player::guest(&server), Player::guest(&server));
    collect(&mut ada, 10);
    let order = list(&mut ada, 10, 1);
    for round in 1..=5_u32 {
        let party = Some(Party::parse(&format!("market:{HUB}")).unwrap());
        ada.send(ClientMessage::DebugPanic(DebugPanic { party, ..DebugPanic::default() }), None);
        // Answered after the panic was told: so the market knows.
        ada.command(command::status()).unwrap();
        let bought = bob.command(command::deal("buy", buying(order, 1, 1))).unwrap();
        assert_eq!(bought["paid"], json!(1));
        server.until_metric(&panics("market"), f64::from(round));
        assert_eq!((stored(&mut bob), credits(&mut bob)), (u64::from(round), START - u64::from(round)));
    }
    let book = bob.command(command::ask("market", json!({ "hub": HUB, "item": "ice" }))).unwrap();
    assert_eq!(book["sells"][0]["open"], json!(5));
    books_agree(&server.stop_and_export());
}

#[test]
fn a_player_who_panics_in_the_middle_of_a_deal_has_done_it_once() {
    let server = server();
    let (mut ada, mut bob) = (Player::guest(&server), Player::guest(&server));
    collect(&mut ada, 10);
    let order = list(&mut ada, 10, 1);
    for round in 1..=5_u32 {
        let (buy, id) = (|| command::deal("buy", buying(order, 1, 1)), u64::from(round));
        bob.send(buy(), Some(id));
        bob.send(ClientMessage::DebugPanic(DebugPanic::default()), None);
        server.until_metric(&panics("player"), f64::from(round));
        // The answer may have been lost with the actor: whoever repeats the command gets it.
        assert_eq!(bob.command_as(buy(), id).unwrap()["quantity"], json!(1));
    }
    // Ids of questions do not matter; those above are used.
    let wallet = bob.command_as(command::status(), 100).unwrap()["credits"].clone();
    assert_eq!((wallet, stored(&mut bob)), (json!(START - 5), 5));
    books_agree(&server.stop_and_export());
}
