//! Chat over sockets: who hears what, once, and what is kept.

use orrery::protocol::Encoding;
use orrery::types::economy::chat::Channel;
use serde_json::{Value, json};

use crate::support::economy::code;
use crate::support::player::with_token;
use crate::support::social::{ask, deal, hears, hears_text, id, say, server, token, whom};
use crate::support::{Player, command};

fn texts(history: &Value) -> Vec<&str> {
    history["items"].as_array().unwrap().iter().map(|line| line["text"].as_str().unwrap()).collect()
}

fn direct(player: &Player) -> Value {
    json!({ "direct": id(player) })
}

#[test]
fn what_is_said_in_a_sector_is_heard_there_once_and_by_nobody_elsewhere() {
    let server = server(&[]);
    let (mut ada, mut bob, mut carol) = (Player::guest(&server), Player::guest(&server), Player::guest(&server));
    let gate = "sol_vega";
    carol.command(command::jump(gate)).unwrap();
    carol.event("entered");
    let said = say(&mut ada, "sector", "  hello there ").unwrap();
    for player in [&mut ada, &mut bob] {
        let heard = hears(player);
        assert_eq!((heard.channel, heard.line.text.as_str()), (Channel::Sector, "hello there"));
        assert_eq!((json!(heard.line.seq), json!(heard.line.at_ms)), (said["seq"].clone(), said["at_ms"].clone()));
    }
    say(&mut carol, "sector", "hello vega").unwrap();
    assert_eq!(hears_text(&mut carol), "hello vega", "the first that is heard there");
    say(&mut bob, "sector", "and you").unwrap();
    assert_eq!((hears_text(&mut ada), hears_text(&mut bob)), ("and you".to_owned(), "and you".to_owned()));
}

#[test]
fn a_line_that_is_sent_again_is_said_once_also_after_a_crash() {
    let mut server = server(&[]);
    let mut ada = Player::guest(&server);
    let line = || command::deal("say", json!({ "channel": "sector", "text": "just once" }));
    for _ in 0..5 {
        ada.send(line(), Some(7));
    }
    let first = ada.answer(7).unwrap();
    let token = token(&ada.welcome);
    server = server.crash_and_start();
    let mut ada = Player::hello(&server, Encoding::Json, with_token(&token)).unwrap();
    assert_eq!(ada.command_as(line(), 7).unwrap(), first);
    ada.command_as(command::deal("say", json!({ "channel": "sector", "text": "more" })), 8).unwrap();
    assert_eq!(hears_text(&mut ada), "more");
    let history = ask(&mut ada, "chat_history", json!({ "channel": "sector" })).unwrap();
    assert_eq!((texts(&history), &history["next_cursor"]), (vec!["more", "just once"], &Value::Null));
    assert!(history["items"][0]["seq"].as_u64() > first["seq"].as_u64());
}

#[test]
fn history_is_read_page_by_page() {
    let server = server(&[]);
    let mut ada = Player::guest(&server);
    for number in 0..130 {
        say(&mut ada, "sector", &format!("line {number}")).unwrap();
    }
    let (mut before, mut seen) = (Value::Null, Vec::new());
    loop {
        let page = json!({ "channel": "sector", "before": before, "limit": 40 });
        let history = ask(&mut ada, "chat_history", page).unwrap();
        seen.extend(texts(&history).into_iter().map(str::to_owned));
        before = history["next_cursor"].clone();
        if before.is_null() {
            break;
        }
    }
    let expected: Vec<String> = (0..130).rev().map(|number| format!("line {number}")).collect();
    assert_eq!(seen, expected);
    assert_eq!(code(&ask(&mut ada, "chat_history", json!({ "channel": "local" }))), "bad_request");
    assert_eq!(code(&ask(&mut ada, "chat_history", json!({ "channel": "guild" }))), "no_guild");
}

#[test]
fn local_talk_is_heard_within_the_interest_radius() {
    let server = server(&[]);
    let (mut ada, mut bob) = (Player::guest(&server), Player::guest(&server));
    assert_eq!(say(&mut ada, "local", "hi").unwrap()["seq"], 0);
    assert_eq!((hears_text(&mut ada), hears_text(&mut bob)), ("hi".to_owned(), "hi".to_owned()));
    let ship = bob.welcome.world.ship;
    ada.read_until("Bob is in sight", |ada| ada.picture.ships.contains_key(&ship));
    bob.command(command::fly_to(10, 10)).unwrap();
    ada.read_until("Bob is out of sight", |ada| !ada.picture.ships.contains_key(&ship));
    say(&mut ada, "local", "still there?").unwrap();
    assert_eq!(hears_text(&mut ada), "still there?");
    say(&mut ada, "sector", "far away").unwrap();
    assert_eq!(hears_text(&mut bob), "far away", "and not what was said before");
}

#[test]
fn who_is_muted_is_not_heard_and_who_is_blocked_does_not_get_through() {
    let server = server(&[]);
    let (mut ada, mut bob) = (Player::guest(&server), Player::guest(&server));
    deal(&mut ada, "mute", whom(&bob)).unwrap();
    say(&mut bob, "sector", "muted").unwrap();
    say(&mut bob, direct(&ada), "muted, too").unwrap();
    deal(&mut ada, "unmute", whom(&bob)).unwrap();
    say(&mut bob, "sector", "heard").unwrap();
    assert_eq!(hears_text(&mut ada), "heard");
    deal(&mut ada, "block", whom(&bob)).unwrap();
    say(&mut bob, "sector", "blocked").unwrap();
    assert_eq!(code(&say(&mut bob, direct(&ada), "please")), "blocked");
    assert_eq!(code(&say(&mut ada, direct(&bob), "go away")), "blocked");
    let history = ask(&mut ada, "chat_history", json!({ "channel": "sector" })).unwrap();
    assert_eq!(texts(&history), Vec::<&str>::new(), "nor is it shown later");
    deal(&mut ada, "unblock", whom(&bob)).unwrap();
    say(&mut bob, direct(&ada), "thanks").unwrap();
    assert_eq!(hears_text(&mut ada), "thanks");
}

#[test]
fn direct_talk_is_between_two_and_waits_for_who_is_away() {
    let server = server(&[("world.player_idle_ms", "1000"), ("session.resume_window_ms", "100")]);
    let (mut ada, mut bob, mut carol) = (Player::guest(&server), Player::guest(&server), Player::guest(&server));
    say(&mut ada, direct(&bob), "psst").unwrap();
    let (at_ada, at_bob) = (hears(&mut ada), hears(&mut bob));
    assert_eq!((at_ada.channel, at_bob.channel), (Channel::Direct(id(&bob)), Channel::Direct(id(&ada))));
    assert_eq!(at_ada.line, at_bob.line);
    let token = token(&bob.welcome);
    let to_bob = direct(&bob);
    bob.vanish();
    server.until_metric("orrery_actors_live{kind=\"player\"}", 2.0);
    say(&mut ada, to_bob, "are you there?").unwrap();
    let mut bob = Player::hello(&server, Encoding::Json, with_token(&token)).unwrap();
    let history = ask(&mut bob, "chat_history", json!({ "channel": direct(&ada) })).unwrap();
    assert_eq!(texts(&history), ["are you there?", "psst"]);
    let others = ask(&mut carol, "chat_history", json!({ "channel": direct(&ada) })).unwrap();
    assert_eq!(texts(&others), Vec::<&str>::new());
    let nobody = json!({ "direct": "00000000-0000-7000-8000-000000000000" });
    assert_eq!(code(&say(&mut ada, nobody, "hello?")), "unknown_player");
}

#[test]
fn texts_that_deceive_are_refused_with_the_reason() {
    let server = server(&[]);
    let mut ada = Player::guest(&server);
    for (text, detail) in [("", "length"), ("\u{202e}abc", "character"), ("a\u{300}\u{300}\u{300}\u{300}", "max")] {
        let refusal = say(&mut ada, "sector", text).unwrap_err();
        assert!(refusal.code == "bad_request" && refusal.details.contains_key(detail), "{refusal:?}");
    }
}

#[test]
fn a_report_is_made_once_of_a_line_that_there_is() {
    let server = server(&[]);
    let (mut ada, mut bob) = (Player::guest(&server), Player::guest(&server));
    let seq = say(&mut bob, "sector", "buy my gold").unwrap()["seq"].clone();
    let report = |seq: &Value| command::deal("report", json!({ "channel": "sector", "seq": seq, "reason": "spam" }));
    let first = ada.command_as(report(&seq), 50).unwrap();
    assert_eq!(first, json!({ "report": 1 }));
    assert_eq!(ada.command_as(report(&seq), 50).unwrap(), first);
    assert_eq!(ada.command_as(report(&seq), 51).unwrap(), json!({ "report": 2 }));
    assert_eq!(code(&ada.command_as(report(&json!(999)), 52)), "not_found");
}
