//! What players rely on between each other: both sides agree, whatever crosses on the way.

use proptest::prelude::*;

use super::social::{FRIENDS_MAX, REQUESTS_MAX};
use crate::game::guild::Guild;
use crate::game::testing::{Galaxy, own_catalog, player_id};
use crate::types::economy::Deal;
use crate::types::economy::event::Notice;
use crate::types::economy::social::{Friends, Other};
use crate::types::economy::storage::Give;
use crate::types::{Credits, ErrorCode, PlayerId};

const ADA: usize = 0;
const BOB: usize = 1;

type Players = Galaxy<Guild>;

fn players(count: usize) -> Players {
    Galaxy::new(own_catalog(), count)
}

fn whom(player: usize) -> Other {
    Other { player: player_id(player) }
}

fn view(galaxy: &Players, player: usize) -> Friends {
    galaxy.players[player].social.view(|_| true)
}

/// What one player sees of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seen {
    Nothing,
    Asked,
    Asks,
    Friend,
}

fn seen(galaxy: &Players, by: usize, other: PlayerId) -> Seen {
    let view = view(galaxy, by);
    let friend = view.friends.iter().find(|friend| friend.player == other);
    let asks = view.requests.iter().any(|request| request.player == other);
    match (friend, asks) {
        (Some(friend), false) if friend.agreed => Seen::Friend,
        (Some(_), false) => Seen::Asked,
        (None, true) => Seen::Asks,
        (None, false) => Seen::Nothing,
        (Some(_), true) => unreachable!("{other} is in both lists"),
    }
}

#[test]
fn two_who_ask_become_friends_and_each_knows_the_others_name() {
    let mut galaxy = players(2);
    let asked = galaxy.act(ADA, Deal::Befriend(whom(BOB))).unwrap();
    assert_eq!(asked["friends"], false);
    assert_eq!((seen(&galaxy, ADA, player_id(BOB)), seen(&galaxy, BOB, player_id(ADA))), (Seen::Asked, Seen::Asks));
    assert!(view(&galaxy, ADA).friends.iter().all(|friend| !friend.online), "not before both agree");
    assert_eq!(galaxy.act(BOB, Deal::Befriend(whom(ADA))).unwrap()["friends"], true);
    for (player, other) in [(ADA, BOB), (BOB, ADA)] {
        let friends = view(&galaxy, player).friends;
        assert_eq!((friends.len(), friends[0].name.as_str()), (1, format!("Player {other}").as_str()));
        assert!(friends[0].agreed && friends[0].online);
    }
    let name = |player| format!("Player {player}");
    let expected = [
        (player_id(BOB), Notice::FriendAsked { player: player_id(ADA), name: name(ADA) }),
        (player_id(ADA), Notice::FriendAgreed { player: player_id(BOB), name: name(BOB) }),
    ];
    assert_eq!(galaxy.notices, expected);
}

#[test]
fn requests_that_cross_make_friends() {
    let mut galaxy = players(2);
    galaxy.ask(ADA, Deal::Befriend(whom(BOB)));
    galaxy.ask(BOB, Deal::Befriend(whom(ADA)));
    galaxy.pump();
    assert_eq!((seen(&galaxy, ADA, player_id(BOB)), seen(&galaxy, BOB, player_id(ADA))), (Seen::Friend, Seen::Friend));
}

#[test]
fn an_agreement_to_a_request_that_was_taken_back_and_made_anew_leaves_no_half_friendship() {
    let mut galaxy = players(2);
    galaxy.act(ADA, Deal::Befriend(whom(BOB))).unwrap();
    galaxy.ask(BOB, Deal::Befriend(whom(ADA)));
    galaxy.ask(ADA, Deal::Unfriend(whom(BOB)));
    galaxy.ask(ADA, Deal::Befriend(whom(BOB)));
    galaxy.pump();
    assert_eq!((seen(&galaxy, ADA, player_id(BOB)), seen(&galaxy, BOB, player_id(ADA))), (Seen::Friend, Seen::Friend));
}

#[test]
fn who_is_blocked_is_a_friend_no_longer_and_cannot_ask() {
    let mut galaxy = players(2);
    galaxy.act(ADA, Deal::Befriend(whom(BOB))).unwrap();
    galaxy.act(BOB, Deal::Befriend(whom(ADA))).unwrap();
    galaxy.act(BOB, Deal::Block(whom(ADA))).unwrap();
    galaxy.notices.clear();
    galaxy.act(ADA, Deal::Befriend(whom(BOB))).unwrap();
    galaxy.act(ADA, Deal::Give(Give { to: player_id(BOB), credits: Credits(5) })).unwrap();
    let told = |(to, notice): &(PlayerId, Notice)| *to == player_id(BOB) && matches!(notice, Notice::Given { .. });
    assert!(
        galaxy.notices.len() == 1 && told(&galaxy.notices[0]),
        "no request, but what is in the wallet is explained"
    );
    assert_eq!(
        (seen(&galaxy, ADA, player_id(BOB)), seen(&galaxy, BOB, player_id(ADA))),
        (Seen::Nothing, Seen::Nothing)
    );
    assert_eq!(galaxy.players[BOB].credits.0, galaxy.players[ADA].credits.0 + 10, "a gift stays all the same");
    let own = galaxy.act(BOB, Deal::Befriend(whom(ADA))).unwrap_err();
    assert_eq!(own.code, ErrorCode::Blocked);

    galaxy.act(BOB, Deal::Unblock(whom(ADA))).unwrap();
    galaxy.act(ADA, Deal::Befriend(whom(BOB))).unwrap();
    assert_eq!(seen(&galaxy, BOB, player_id(ADA)), Seen::Asks);
}

#[test]
fn muting_changes_what_is_heard_and_nothing_else() {
    let mut galaxy = players(2);
    galaxy.act(ADA, Deal::Befriend(whom(BOB))).unwrap();
    galaxy.act(BOB, Deal::Befriend(whom(ADA))).unwrap();
    galaxy.act(ADA, Deal::Mute(whom(BOB))).unwrap();
    let social = &galaxy.players[ADA].social;
    assert!(!social.hears(player_id(BOB)) && !social.blocks(player_id(BOB)) && social.is_friend(player_id(BOB)));
    galaxy.act(ADA, Deal::Unmute(whom(BOB))).unwrap();
    assert!(galaxy.players[ADA].social.hears(player_id(BOB)));
}

#[test]
fn relations_have_bounds() {
    let mut galaxy = players(FRIENDS_MAX + 2);
    for other in 1..=FRIENDS_MAX {
        galaxy.act(ADA, Deal::Befriend(whom(other))).unwrap();
    }
    let one_more = galaxy.act(ADA, Deal::Befriend(whom(FRIENDS_MAX + 1))).unwrap_err();
    assert_eq!((one_more.code, one_more.details["limit"].as_u64()), (ErrorCode::LimitReached, Some(200)));

    let mut galaxy = players(REQUESTS_MAX + 2);
    for other in 1..=REQUESTS_MAX + 1 {
        galaxy.act(other, Deal::Befriend(whom(ADA))).unwrap();
    }
    assert_eq!(view(&galaxy, ADA).requests.len(), REQUESTS_MAX);
    assert_eq!(seen(&galaxy, REQUESTS_MAX + 1, player_id(ADA)), Seen::Nothing, "declined: the other side knows");
}

#[test]
fn nobody_is_their_own_friend_and_there_must_be_something_to_end() {
    let mut galaxy = players(2);
    assert_eq!(galaxy.act(ADA, Deal::Befriend(whom(ADA))).unwrap_err().code, ErrorCode::BadRequest);
    assert_eq!(galaxy.act(ADA, Deal::Unfriend(whom(BOB))).unwrap_err().code, ErrorCode::NotFound);
}

#[derive(Clone, Debug)]
enum Step {
    Befriend(usize, usize),
    Unfriend(usize, usize),
    Block(usize, usize),
    Unblock(usize, usize),
    Deliver(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let two = || (0..3_usize, 1..3_usize).prop_map(|(player, further)| (player, (player + further) % 3));
    prop_oneof![
        5 => two().prop_map(|(by, other)| Step::Befriend(by, other)),
        4 => two().prop_map(|(by, other)| Step::Unfriend(by, other)),
        1 => two().prop_map(|(by, other)| Step::Block(by, other)),
        1 => two().prop_map(|(by, other)| Step::Unblock(by, other)),
        8 => (0..20_usize).prop_map(Step::Deliver),
    ]
}

/// Delivers one of those that are the oldest from their sender to their receiver.
fn deliver(galaxy: &mut Players, nth: usize) {
    let way = |index: usize| (galaxy.under_way[index].from.clone(), galaxy.under_way[index].to.clone());
    let all = 0..galaxy.under_way.len();
    let firsts: Vec<usize> = all.filter(|index| !(0..*index).any(|older| way(older) == way(*index))).collect();
    if !firsts.is_empty() {
        galaxy.deliver(firsts[nth % firsts.len()]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]
    #[test]
    fn when_all_letters_have_come_both_sides_agree(steps in prop::collection::vec(step(), 0..40)) {
        let mut galaxy = players(3);
        for step in steps {
            let _ = match step {
                Step::Befriend(by, other) => galaxy.ask(by, Deal::Befriend(whom(other))),
                Step::Unfriend(by, other) => galaxy.ask(by, Deal::Unfriend(whom(other))),
                Step::Block(by, other) => galaxy.ask(by, Deal::Block(whom(other))),
                Step::Unblock(by, other) => galaxy.ask(by, Deal::Unblock(whom(other))),
                Step::Deliver(nth) => {
                    deliver(&mut galaxy, nth);
                    continue;
                }
            };
        }
        galaxy.pump();
        for (one, other) in [(0, 1), (1, 2), (2, 0)] {
            let sides = (seen(&galaxy, one, player_id(other)), seen(&galaxy, other, player_id(one)));
            prop_assert!(matches!(
                sides,
                (Seen::Nothing, Seen::Nothing)
                    | (Seen::Friend, Seen::Friend)
                    | (Seen::Asked, Seen::Asks)
                    | (Seen::Asks, Seen::Asked)
            ), "{:?}", sides);
            let block = galaxy.players[one].social.blocks(player_id(other));
            prop_assert!(!block || sides == (Seen::Nothing, Seen::Nothing), "blocked, and yet {:?}", sides);
        }
    }
}
