//! Guilds over sockets: from founding to the end, and that no credit is lost on the way.

use orrery::protocol::Encoding;
use orrery::types::economy::event::Notice;
use serde_json::{Value, json};

use crate::support::economy::{all_credits, books_agree, code, credits};
use crate::support::player::with_token;
use crate::support::social::{ask, deal, hears_text, id, notice, say, server, token, whom};
use crate::support::{Player, Server, command};

const FEE: u64 = 50;

/// The founder's guild.
fn found(player: &mut Player, name: &str) -> Value {
    let founded = deal(player, "found_guild", json!({ "name": name })).unwrap();
    assert_eq!((&founded["name"], &founded["fee"]), (&json!(name), &json!(FEE)));
    founded["guild"].clone()
}

fn join(leader: &mut Player, player: &mut Player, guild: &Value) {
    deal(leader, "invite", whom(player)).unwrap();
    assert!(matches!(notice(player), Notice::GuildInvited { .. }));
    deal(player, "accept_invite", json!({ "guild": guild })).unwrap();
}

fn view(player: &mut Player) -> Value {
    ask(player, "guild", json!({})).unwrap()
}

fn until_in_no_guild(player: &mut Player) {
    assert!(matches!(notice(player), Notice::GuildLeft { .. }));
    assert_eq!(code(&ask(player, "guild", json!({}))), "no_guild");
}

#[test]
fn a_guild_from_founding_to_its_end() {
    let server = server(&[]);
    let (mut ada, mut bob, mut carol) = (Player::guest(&server), Player::guest(&server), Player::guest(&server));
    let all = credits(&mut ada) + credits(&mut bob) + credits(&mut carol);
    let guild = found(&mut ada, "Night Shift");
    join(&mut ada, &mut bob, &guild);
    join(&mut ada, &mut carol, &guild);
    assert_eq!(code(&deal(&mut bob, "found_guild", json!({ "name": "Other" }))), "in_guild");
    assert_eq!(deal(&mut bob, "guild_deposit", json!({ "credits": 120 })).unwrap()["treasury"], 120);
    assert_eq!(deal(&mut carol, "guild_withdraw", json!({ "credits": 70 })).unwrap()["treasury"], 50);
    let refusal = deal(&mut carol, "guild_withdraw", json!({ "credits": 31 })).unwrap_err();
    assert_eq!(refusal.code, "limit_reached");
    assert_eq!((&refusal.details["limit"], &refusal.details["used"]), (&json!(100), &json!(70)));
    deal(&mut ada, "set_role", json!({ "player": id(&bob), "role": "officer" })).unwrap();
    assert!(matches!(notice(&mut bob), Notice::GuildRole { .. }));
    deal(&mut bob, "set_motd", json!({ "text": "Raid at nine" })).unwrap();
    assert_eq!(view(&mut carol)["motd"], "Raid at nine");
    deal(&mut bob, "kick", whom(&carol)).unwrap();
    until_in_no_guild(&mut carol);
    assert_eq!(code(&deal(&mut carol, "guild_withdraw", json!({ "credits": 1 }))), "no_guild");
    let seen = ask(&mut carol, "guild", json!({ "guild": guild })).unwrap();
    assert_eq!(
        (&seen["motd"], &seen["treasury"], seen["members"].as_array().unwrap().len()),
        (&json!(""), &json!(0), 2)
    );

    assert_eq!(code(&deal(&mut bob, "disband_guild", json!({}))), "not_allowed");
    deal(&mut ada, "disband_guild", json!({})).unwrap();
    until_in_no_guild(&mut bob);
    assert_eq!(code(&ask(&mut ada, "guild", json!({ "guild": guild }))), "unknown_guild");
    let export = server.stop_and_export();
    books_agree(&export);
    assert_eq!(all_credits(&export), all - FEE);
    assert_eq!(export["parts"].as_object().unwrap().keys().filter(|key| key.starts_with("guild/")).count(), 0);
}

#[test]
fn a_name_is_one_guilds_whoever_is_faster_and_free_again_at_its_end() {
    let mut server = server(&[]);
    let mut founders = Player::crowd(&server, 8);
    let message = || command::deal("found_guild", json!({ "name": "Ore Barons" }));
    founders.iter_mut().for_each(|founder| founder.send(message(), Some(9)));
    let answers: Vec<_> = founders.iter_mut().map(|founder| founder.answer(9)).collect();
    let codes: Vec<&str> = answers.iter().map(code).collect();
    assert_eq!(codes.iter().filter(|code| **code == "ok").count(), 1, "{codes:?}");
    assert_eq!(codes.iter().filter(|code| **code == "name_taken").count(), 7, "{codes:?}");
    let winner = codes.iter().position(|code| *code == "ok").unwrap();
    let start = credits(&mut founders[winner]) + FEE;
    let loser = (winner + 1) % 8;
    assert_eq!(credits(&mut founders[loser]), start, "who was too late has paid nothing");

    let back = |server: &Server, token: &str| Player::hello(server, Encoding::Json, with_token(token)).unwrap();
    let tokens = [token(&founders[winner].welcome), token(&founders[loser].welcome)];
    server = server.crash_and_start();
    let (mut ada, mut bob) = (back(&server, &tokens[0]), back(&server, &tokens[1]));
    assert_eq!(ada.command_as(message(), 9).as_ref(), answers[winner].as_ref(), "founded once");
    let again =
        |player: &mut Player, id| player.command_as(command::deal("found_guild", json!({ "name": "ORE barons" })), id);
    assert_eq!(code(&again(&mut bob, 10)), "name_taken", "also after a crash");
    ada.command_as(command::deal("leave_guild", json!({})), 11).unwrap();
    again(&mut bob, 12).unwrap();
    books_agree(&server.stop_and_export());
}

#[test]
fn only_members_hear_their_guild_and_read_what_was_said() {
    let server = server(&[]);
    let (mut ada, mut bob, mut carol) = (Player::guest(&server), Player::guest(&server), Player::guest(&server));
    let guild = found(&mut ada, "Night Shift");
    join(&mut ada, &mut bob, &guild);
    assert_eq!(code(&say(&mut carol, "guild", "let me in")), "no_guild");
    say(&mut bob, "guild", "here").unwrap();
    assert_eq!((hears_text(&mut ada), hears_text(&mut bob)), ("here".to_owned(), "here".to_owned()));
    deal(&mut ada, "kick", whom(&bob)).unwrap();
    until_in_no_guild(&mut bob);
    say(&mut ada, "guild", "he is gone").unwrap();
    assert_eq!(hears_text(&mut ada), "he is gone");
    say(&mut ada, "sector", "hello all").unwrap();
    assert_eq!((hears_text(&mut bob), hears_text(&mut carol)), ("hello all".to_owned(), "hello all".to_owned()));
    assert_eq!(code(&ask(&mut bob, "chat_history", json!({ "channel": "guild" }))), "no_guild");
    let history = ask(&mut ada, "chat_history", json!({ "channel": "guild" })).unwrap();
    assert_eq!(history["items"].as_array().unwrap().len(), 2);
}

#[test]
fn an_answer_that_was_lost_in_a_crash_is_given_again_and_the_treasury_counts_it_once() {
    let mut server = server(&[]);
    let mut ada = Player::guest(&server);
    found(&mut ada, "Night Shift");
    let token = token(&ada.welcome);
    let deposit = || command::deal("guild_deposit", json!({ "credits": 3 }));
    for id in 100..120 {
        ada.send(deposit(), Some(id));
    }
    ada.answer(103).unwrap();
    server = server.crash_and_start();
    let mut ada = Player::hello(&server, Encoding::Json, with_token(&token)).unwrap();
    for id in 100..120 {
        ada.command_as(deposit(), id).unwrap();
    }
    assert_eq!(view(&mut ada)["treasury"], 60);
    books_agree(&server.stop_and_export());
}
