//! Friends over sockets: asking, agreeing, parting, and who is here.

use orrery::protocol::{Encoding, ServerMessage};
use orrery::types::economy::event::{Notice, Presence};
use serde_json::{Value, json};

use crate::support::economy::code;
use crate::support::player::with_token;
use crate::support::social::{ask, deal, id, notice, server, token, whom};
use crate::support::{Player, Server};

fn become_friends(ada: &mut Player, bob: &mut Player) {
    assert_eq!(deal(ada, "befriend", whom(bob)).unwrap()["friends"], false);
    assert_eq!(notice(bob), Notice::FriendAsked { player: id(ada), name: ada.welcome.name.clone() });
    assert_eq!(deal(bob, "befriend", whom(ada)).unwrap()["friends"], true);
    assert_eq!(notice(ada), Notice::FriendAgreed { player: id(bob), name: bob.welcome.name.clone() });
}

fn friends(player: &mut Player) -> Value {
    ask(player, "friends", json!({})).unwrap()
}

fn presence(player: &mut Player) -> Presence {
    match player.event("presence") {
        ServerMessage::Presence(presence) => presence,
        other => panic!("{other:?} is not about presence"),
    }
}

#[test]
fn two_become_friends_and_part() {
    let server = server(&[]);
    let (mut ada, mut bob) = (Player::guest(&server), Player::guest(&server));
    become_friends(&mut ada, &mut bob);
    let friend = json!({ "player": id(&bob), "name": bob.welcome.name, "agreed": true, "online": true });
    assert_eq!(friends(&mut ada), json!({ "friends": [friend], "requests": [], "blocked": [], "muted": [] }));
    deal(&mut bob, "block", whom(&ada)).unwrap();
    deal(&mut ada, "befriend", whom(&bob)).unwrap();
    let ids = friends(&mut bob)["blocked"].clone();
    assert_eq!(ids, json!([id(&ada)]));
    assert_eq!(friends(&mut bob)["requests"], json!([]));
    assert_eq!(code(&deal(&mut bob, "unfriend", whom(&ada))), "not_found");
    assert_eq!(code(&deal(&mut bob, "befriend", whom(&ada))), "blocked");
    let nobody = json!({ "player": "00000000-0000-7000-8000-000000000000" });
    assert_eq!(code(&deal(&mut ada, "befriend", nobody)), "unknown_player");
}

#[test]
fn friendships_survive_a_crash_and_reach_who_is_away() {
    let mut server = server(&[]);
    let (mut ada, bob) = (Player::guest(&server), Player::guest(&server));
    let (ada_token, bob_token) = (token(&ada.welcome), token(&bob.welcome));
    deal(&mut ada, "befriend", whom(&bob)).unwrap();
    server = server.crash_and_start();
    let back = |server: &Server, token: &str| Player::hello(server, Encoding::Json, with_token(token)).unwrap();
    let mut bob = back(&server, &bob_token);
    assert_eq!(friends(&mut bob)["requests"][0]["player"], json!(id(&ada)));
    let mut ada = back(&server, &ada_token);
    deal(&mut bob, "befriend", whom(&ada)).unwrap();
    assert!(matches!(notice(&mut ada), Notice::FriendAgreed { .. }));
    assert_eq!(friends(&mut ada)["friends"][0]["agreed"], true);
}

#[test]
fn friends_are_told_when_a_session_begins_and_ends_for_good() {
    let server = server(&[("session.resume_window_ms", "1500")]);
    let (mut ada, mut bob) = (Player::guest(&server), Player::guest(&server));
    become_friends(&mut ada, &mut bob);
    let token = token(&bob.welcome);
    let (resume, seen) = bob.vanish();
    let bob = Player::resume(&server, Encoding::MessagePack, &resume, seen).unwrap();
    assert!(bob.welcome.resumed);
    let player = id(&bob);
    bob.vanish();
    assert_eq!(presence(&mut ada), Presence { player, online: false }, "nothing was told of the interruption");
    assert_eq!(friends(&mut ada)["friends"][0]["online"], false);
    let _bob = Player::hello(&server, Encoding::Json, with_token(&token)).unwrap();
    assert_eq!(presence(&mut ada), Presence { player, online: true });
    assert_eq!(friends(&mut ada)["friends"][0]["online"], true);
}
