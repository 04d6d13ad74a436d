//! Lost connections: what was missed is replayed, once, and nobody else gets it.

use orrery::protocol::{Encoding, ServerMessage};

use crate::support::player::{Player, guest, resuming, say_hello, with_token};
use crate::support::{Server, Wire, command};

const MSGPACK: Encoding = Encoding::MessagePack;

#[test]
fn a_resume_replays_exactly_what_was_missed() {
    let server = Server::start();
    for encoding in [MSGPACK, Encoding::Json] {
        let mut ada = Player::guest_in(&server, encoding);
        let (ship, object) = (ada.welcome.world.ship, ada.objects()[0]);
        ada.command_as(command::research("ion_tuning"), 1).unwrap();
        ada.send(command::collect(object), Some(2));
        ada.send(command::status(), Some(3));
        let mut witness = Player::guest(&server);
        witness.read_until("her ship", |witness| witness.picture.ships.contains_key(&ship));
        // Neither answer was read: they are sent to a connection that is gone, or become ready after it.
        let (token, seen) = ada.vanish();
        witness.read_until("the effect", |witness| !witness.picture.objects.contains_key(&object));
        let mut back = Player::resume(&server, encoding, &token, seen).unwrap();
        assert!(back.welcome.resumed);
        assert_eq!(back.welcome.world.ship, ship, "the ship stayed");
        back.answer(2).unwrap();
        back.answer(3).unwrap();
        let ServerMessage::ResearchDone(done) = back.event("research_done") else { panic!("not that event") };
        assert_eq!(done.tech.as_str(), "ion_tuning");
        back.command_as(command::status(), 4).unwrap();
        assert_eq!(back.unasked().filter(|other| other.id.is_some()).count(), 0, "nothing twice");
        witness.command(command::status()).unwrap();
        assert!(witness.picture.ships.contains_key(&ship));
        back.read_until("her own ship", |back| back.picture.ships.contains_key(&ship));
        assert_eq!(back.picture.ships[&ship].name, back.welcome.name);
    }
}

#[test]
fn events_of_the_time_without_connection_are_replayed() {
    let server = Server::with(&[("limits.query_per_second", "1000")]);
    let mut ada = Player::guest(&server);
    ada.command_as(command::research("ion_tuning"), 1).unwrap();
    let (mut token, mut seen) = ada.vanish();
    // Again and again, so that the event falls before, into and behind a resumption.
    loop {
        let mut back = Player::resume(&server, MSGPACK, &token, seen).unwrap();
        assert!(back.welcome.resumed);
        back.command_as(command::status(), 100 + seen).unwrap();
        if back.unasked().any(|other| matches!(other.message, ServerMessage::ResearchDone(_))) {
            break;
        }
        (token, seen) = back.vanish();
    }
}

#[test]
fn what_cannot_be_resumed_is_refused_or_begins_anew() {
    let server = Server::with(&[("session.resume_window_ms", "400"), ("session.ring_messages_max", "8")]);
    let ada = Player::guest(&server);
    let account = ada.welcome.account.clone().unwrap();
    let (token, _) = ada.vanish();
    for wrong in ["", "nonsense", &format!("{}x", token), &token.replace('.', ".0")] {
        let (error, code) = Player::resume(&server, MSGPACK, wrong, 0).err().unwrap();
        assert_eq!((error.code.as_str(), code), ("not_authenticated", 4001), "{wrong}");
    }
    server.until_metric("orrery_sessions ", 0.0);
    let (error, code) = Player::resume(&server, MSGPACK, &token, 0).err().unwrap();
    assert_eq!((error.code.as_str(), code), ("not_authenticated", 4001), "the window is over");
    server.until_metric("orrery_ships{", 0.0);
    let both = orrery::protocol::client_message::Hello { token: Some(account.access_token), ..resuming(&token, 0) };
    let mut anew = Player::hello(&server, MSGPACK, both).unwrap();
    assert!(!anew.welcome.resumed);
    for id in 1..=20 {
        anew.command_as(command::fly_to(1_000, 1_000 + i32::try_from(id).unwrap()), id).unwrap();
    }
    let (token, _) = anew.vanish();
    let too_late = Player::resume(&server, MSGPACK, &token, 2).unwrap();
    assert!(!too_late.welcome.resumed, "message 3 is kept no longer, which is said");
}

#[test]
fn a_newer_session_replaces_the_older() {
    let server = Server::start();
    let mut old = Player::guest(&server);
    let token = old.welcome.account.clone().unwrap().access_token;
    let mut new = Player::hello(&server, Encoding::Json, with_token(&token)).unwrap();
    assert_eq!(old.read_to_end(), Some(4009));
    assert_eq!(old.bye.as_ref().map(|bye| (bye.code, bye.reconnect)), Some((4009, false)));
    assert_eq!(new.welcome.world.ship, old.welcome.world.ship, "the ship stays in space");
    let (resume_token, seen) = old.vanish();
    let (error, _) = Player::resume(&server, MSGPACK, &resume_token, seen).err().unwrap();
    assert_eq!(error.code, "not_authenticated");
    new.command(command::status()).unwrap();
}

#[test]
fn a_resume_while_the_old_socket_is_open_takes_over() {
    let server = Server::start();
    let mut old = Player::guest(&server);
    let token = old.welcome.resume_token.clone();
    old.command_as(command::fly_to(1_010, 1_000), 1).unwrap();
    let object = old.objects()[0];
    old.send(command::collect(object), Some(2));
    // Answered, so what was sent before it has been read: what a socket still holds when it is replaced is lost.
    old.command_as(command::status(), 9).unwrap();
    let mut new = Player::resume(&server, MSGPACK, &token, 0).unwrap();
    assert!(new.welcome.resumed);
    assert_eq!(new.welcome.world.ship, old.welcome.world.ship);
    new.answer(1).unwrap();
    assert_eq!(old.read_to_end(), Some(4009));
    let in_old = old.unasked().any(|other| other.id.map(|id| id.0) == Some(2));
    // It was on its way to the old socket, or came after the take-over; in either case it is in the new session.
    new.answer(2).unwrap_or_else(|error| panic!("{error:?} {in_old}"));
    new.command_as(command::status(), 3).unwrap();
}

#[test]
fn answers_that_race_with_a_resume_are_neither_lost_nor_doubled() {
    let server = Server::with(&[("limits.economy_per_second", "1000")]);
    let mut ada = Player::guest(&server);
    let objects = ada.objects();
    let mut id = 0;
    for object in objects.into_iter().take(30) {
        id += 1;
        ada.send(command::collect(object), Some(id));
        let (token, seen) = ada.vanish();
        ada = Player::resume(&server, MSGPACK, &token, seen).unwrap();
        assert!(ada.welcome.resumed, "attempt {id}");
        // Lost with the connection before the server read it, perhaps: then the repeat is the first.
        ada.command_as(command::collect(object), id).unwrap();
    }
    let status = ada.command_as(command::status(), 1_000).unwrap();
    assert_eq!(status["lifetime"]["objects_collected"], serde_json::json!(id));
}

#[test]
fn sessions_that_end_while_they_begin_leave_no_ship_behind() {
    let server = Server::with(&[("session.resume_window_ms", "100")]);
    for _ in 0..20 {
        let ada = Player::guest(&server);
        let (token, seen) = ada.vanish();
        let mut wire = Wire::open(server.address, MSGPACK);
        say_hello(&mut wire, MSGPACK, resuming(&token, seen));
        drop(wire);
        let mut wire = Wire::open(server.address, MSGPACK);
        say_hello(&mut wire, MSGPACK, guest());
        drop(wire);
    }
    server.until_metric("orrery_sessions ", 0.0);
    server.until_metric("orrery_ships{", 0.0);
    server.until_metric("orrery_connections ", 0.0);
}
