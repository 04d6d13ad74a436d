//! What a player does in a game, and the rules of the first message.

use orrery::protocol::{Encoding, ServerMessage};
use orrery::types::ShipId;
use serde_json::json;

use crate::support::player::{guest, say_hello, with_token};
use crate::support::{Player, Server, Wire, command};

const BOTH: [Encoding; 2] = [Encoding::MessagePack, Encoding::Json];

#[test]
fn a_guest_sees_its_own_ship_and_others_see_it_fly() {
    let server = Server::start();
    for encoding in BOTH {
        let (mut ada, mut bob) = (Player::guest_in(&server, encoding), Player::guest(&server));
        let ship = ada.welcome.world.ship;
        assert!(ada.welcome.guest && ada.welcome.account.is_some() && !ada.welcome.resumed);
        ada.read_until("its own ship", |ada| ada.picture.ships.contains_key(&ship));
        assert_eq!(ada.picture.ships[&ship].name, ada.welcome.name);
        let course = ada.command(command::fly_to(1_050, 1_020)).unwrap();
        bob.read_until("the course", |bob| to_of(bob, ship) == course["to"]);
        ada.read_until("its own course", |ada| to_of(ada, ship) == course["to"]);
        assert_eq!(ada.picture.ships[&ship].course, bob.picture.ships[&ship].course);
        let stopped = ada.command(command::stop()).unwrap();
        bob.read_until("the stop", |bob| to_of(bob, ship) == stopped["to"]);
        ada.send(orrery::protocol::ClientMessage::Leave(Default::default()), None);
        assert_eq!(ada.read_to_end(), Some(1000));
        bob.read_until("the ship is gone", |bob| !bob.picture.ships.contains_key(&ship));
    }
}

fn to_of(player: &Player, ship: ShipId) -> serde_json::Value {
    player.picture.ships.get(&ship).map_or(json!(null), |ship| json!(ship.course.to))
}

#[test]
fn goods_are_collected_and_sold() {
    let server = Server::start();
    for encoding in BOTH {
        let mut player = Player::guest_in(&server, encoding);
        let object = player.objects()[0];
        let collected = player.command(command::collect(object)).unwrap();
        assert_eq!((&collected["object"], &collected["item"]), (&json!(object), &json!("ice")));
        player.read_until("it is gone from space", |player| !player.picture.objects.contains_key(&object));
        let quantity = collected["quantity"].as_u64().unwrap();
        let sold = player.command(command::sell("luna_exchange", "ice", quantity)).unwrap();
        assert_eq!(sold["balance"], json!(200 + 3 * quantity));
        let again = player.command(command::sell("luna_exchange", "ice", 1)).unwrap_err();
        assert_eq!((again.code.as_str(), &again.details["have"]), ("not_enough_goods", &json!(0)));
        let status = player.command(command::status()).unwrap();
        assert_eq!((&status["credits"], &status["cargo"]), (&sold["balance"], &json!([])));
        assert_eq!(status["lifetime"]["objects_collected"], json!(1));
        for (wrong, code) in [
            (command::collect(object), "object_gone"),
            (command::sell("luna_exchange", "relics", 1), "not_bought"),
            (command::sell("vega_refinery", "ice", 1), "unknown_hub"),
            (command::jump("vega_sol"), "unknown_gate"),
        ] {
            assert_eq!(player.command(wrong).unwrap_err().code, code);
        }
    }
}

#[test]
fn research_is_begun_given_up_and_finished() {
    let server = Server::start();
    let mut player = Player::guest(&server);
    let refused = |player: &mut Player, tech: &str| player.command(command::research(tech)).unwrap_err().code;
    assert_eq!(refused(&mut player, "fusion_drive"), "requirement_missing");
    assert_eq!(refused(&mut player, "perpetual_motion"), "unknown_tech");
    let begun = player.command(command::research("ion_tuning")).unwrap();
    assert_eq!(begun["balance"], json!(150));
    assert_eq!(refused(&mut player, "cargo_nets"), "research_running");
    let given_up = player.command(command::cancel_research()).unwrap();
    assert!(given_up["refund"].as_u64().unwrap() <= 50);
    assert_eq!(player.command(command::cancel_research()).unwrap_err().code, "no_research");
    let before = player.command(ship_stats()).unwrap();
    player.command(command::research("ion_tuning")).unwrap();
    let ServerMessage::ResearchDone(done) = player.event("research_done") else { panic!("not that event") };
    assert_eq!(done.tech.as_str(), "ion_tuning");
    let after = player.command(ship_stats()).unwrap();
    assert_eq!(after["speed"].as_u64().unwrap() * 10, before["speed"].as_u64().unwrap() * 11);
    let tree = player.command(orrery::protocol::ClientMessage::TechTree(Default::default())).unwrap();
    let state = |key: &str| {
        let techs = tree["techs"].as_array().unwrap();
        techs.iter().find(|tech| tech["tech"] == key).unwrap()["state"].as_str().unwrap().to_owned()
    };
    assert_eq!((state("ion_tuning"), state("fusion_drive")), ("known".to_owned(), "available".to_owned()));
}

fn ship_stats() -> orrery::protocol::ClientMessage {
    orrery::protocol::ClientMessage::ShipStats(Default::default())
}

#[test]
fn a_jump_leads_to_another_world_and_back() {
    let server = Server::start();
    for encoding in BOTH {
        let mut player = Player::guest_in(&server, encoding);
        for (gate, world) in [("sol_vega", "vega"), ("vega_sol", "sol"), ("sol_vega", "vega")] {
            let jumped = player.command(command::jump(gate)).unwrap();
            assert_eq!((&jumped["gate"], &jumped["world"]), (&json!(gate), &json!(world)));
            let ServerMessage::Entered(entered) = player.event("entered") else { panic!("not that event") };
            assert_eq!(entered.world.as_str(), world);
            player.read_until("its own ship there", |player| {
                player.picture.world_number == entered.world_number && player.picture.ships.contains_key(&entered.ship)
            });
            player.command(command::fly_to(1_000, 1_000)).unwrap();
        }
        assert_eq!(player.command(command::status()).unwrap()["lifetime"]["jumps"], json!(3));
    }
}

#[test]
fn commands_on_the_way_through_a_gate_are_answered() {
    let server = Server::start();
    let mut player = Player::guest(&server);
    for round in 0..20 {
        let gate = if round % 2 == 0 { "sol_vega" } else { "vega_sol" };
        let first = 100 * (round + 1);
        player.send(command::jump(gate), Some(first));
        player.send(command::fly_to(900, 900), Some(first + 1));
        player.send(command::jump(gate), Some(first + 2));
        player.answer(first).unwrap();
        for id in [first + 1, first + 2] {
            assert_eq!(player.answer(id).unwrap_err().code, "in_transit");
        }
        player.event("entered");
    }
}

#[test]
fn an_account_comes_back_by_token_to_where_it_was() {
    let server = Server::start();
    let http = server.http();
    let who = json!({ "name": "Ada Lovelace", "password": "difference engine" });
    assert_eq!(http.post("/api/v1/auth/register", &who).status, 201);
    let token = http.post("/api/v1/auth/login", &who).field("access_token");
    let mut ada = Player::hello(&server, Encoding::Json, with_token(&token)).unwrap();
    assert_eq!((ada.welcome.name.as_str(), ada.welcome.guest), ("Ada Lovelace", false));
    ada.command(command::jump("sol_cygnus")).unwrap();
    ada.event("entered");
    ada.send(orrery::protocol::ClientMessage::Leave(Default::default()), None);
    assert_eq!(ada.read_to_end(), Some(1000));
    let back = Player::hello(&server, Encoding::MessagePack, with_token(&token)).unwrap();
    assert_eq!((back.welcome.player, back.welcome.world.world.as_str()), (ada.welcome.player, "cygnus"));
}

#[test]
fn the_first_message_must_be_a_good_hello() {
    let server = Server::with(&[("session.hello_timeout_ms", "300")]);
    for encoding in BOTH {
        let (error, code) = Player::hello(&server, encoding, with_token("not.a.token")).err().unwrap();
        assert_eq!((error.code.as_str(), code), ("not_authenticated", 4001));
        let both = orrery::protocol::client_message::Hello { token: Some("x".to_owned()), ..guest() };
        let (error, code) = Player::hello(&server, encoding, both).err().unwrap();
        assert_eq!((error.code.as_str(), code), ("bad_request", 4000));
        assert_eq!(Wire::open(server.address, encoding).close_code(), Some(4001), "no hello in time");
        let mut early = Wire::open(server.address, encoding);
        let opcode = if encoding == Encoding::Json { 1 } else { 2 };
        let status = orrery::protocol::Envelope::from(command::status());
        early.send(opcode, &orrery::protocol::encode_client(encoding, &status));
        assert_eq!(early.close_code(), Some(4000), "a command before hello");
        let mut twice = Player::guest_in(&server, encoding);
        say_hello(&mut twice.wire, encoding, guest());
        assert_eq!(twice.read_to_end(), Some(4000), "a second hello");
        assert_eq!(twice.bye.as_ref().map(|bye| (bye.code, bye.reconnect)), Some((4000, false)));
    }
}

#[test]
fn commands_right_behind_hello_do_not_harm() {
    let server = Server::start();
    let mut wire = Wire::open(server.address, Encoding::Json);
    say_hello(&mut wire, Encoding::Json, guest());
    wire.send(1, br#"["status",{},1]"#);
    let mut player = Player::welcomed(wire, Encoding::Json, 0).unwrap();
    assert_eq!(player.answer(1).unwrap()["credits"], json!(200));
}
