//! What players and operators rely on, one mission at a time.

use super::*;
use crate::catalog::MissionPhase;
use crate::game::testing::{Galaxy, START, own_catalog, player_id};
use crate::types::economy::Deal;
use crate::types::economy::event::{Event, Notice};
use crate::types::economy::mission::{
    AskRanks, Contribute, Contributed, JoinMission, MissionJoined, MissionState, MissionView, Ranks,
};
use crate::types::{External, HubKey, ItemKey, Quantity};

pub(super) fn hub() -> HubKey {
    HubKey::parse("luna_exchange").unwrap()
}

pub(super) fn item(name: &str) -> ItemKey {
    ItemKey::parse(name).unwrap()
}

pub(super) fn needs(needs: &[(&str, u64)], points: &[(&str, u64)]) -> MissionPhase {
    MissionPhase {
        needs: needs.iter().map(|(name, quantity)| (item(name), Quantity(*quantity))).collect(),
        points: points.iter().map(|(name, points)| (item(name), *points)).collect(),
    }
}

/// Ten ice, then ten ice and five ore, which count double; an hour long.
pub(super) fn kind() -> MissionKind {
    MissionKind {
        key: MissionKey::parse("rush").unwrap(),
        name: "Rush".to_owned(),
        about: "Hurry.".to_owned(),
        hub: hub(),
        every_seconds: 0,
        seconds: 3_600,
        phases: vec![needs(&[("ice", 10)], &[]), needs(&[("ice", 10), ("iron_ore", 5)], &[("iron_ore", 2)])],
        reward: Credits(1_000),
        rank_permille: vec![200, 100],
        rank_goods: [(item("salvage"), Quantity(4))].into(),
    }
}

pub(super) fn id() -> MissionId {
    MissionId::parse("rush_1").unwrap()
}

/// A galaxy with this mission, and a hundred of everything in everybody's storage.
pub(super) fn galaxy(kind: &MissionKind, players: usize) -> Galaxy<Mission> {
    let mut galaxy = Galaxy::new(own_catalog(), players);
    let mut fx = Effects::default();
    galaxy.add(Mission::begin(id(), kind, 1, START, &mut fx), fx);
    for player in 0..players {
        for name in ["ice", "iron_ore"] {
            galaxy.endow(player, &Holdings::of_goods(item(name), Quantity(100)), Some(&hub()));
        }
    }
    galaxy
}

pub(super) fn join() -> Deal {
    Deal::JoinMission(JoinMission { mission: id() })
}

pub(super) fn give(name: &str, quantity: u64) -> Deal {
    Deal::Contribute(Contribute { mission: id(), hub: hub(), item: item(name), quantity: Quantity(quantity) })
}

fn contribute(galaxy: &mut Galaxy<Mission>, player: usize, name: &str, quantity: u64) -> Contributed {
    serde_json::from_value(galaxy.act(player, give(name, quantity)).unwrap()).unwrap()
}

fn ranks(galaxy: &Galaxy<Mission>, player: usize, top: u16, around: u16) -> Ranks {
    let ask = Ask::MissionRanks(AskRanks { mission: id(), top: Some(top), around: Some(around) });
    serde_json::from_value(galaxy.question(&Party::Mission(id()), player, &ask).unwrap()).unwrap()
}

fn view(galaxy: &Galaxy<Mission>) -> MissionView {
    galaxy.party().view()
}

#[test]
fn what_the_phase_does_not_need_comes_back_into_the_storage() {
    let mut galaxy = galaxy(&kind(), 1);
    galaxy.act(0, join()).unwrap();
    contribute(&mut galaxy, 0, "ice", 8);
    let last = contribute(&mut galaxy, 0, "ice", 30);
    assert_eq!((last.taken, last.score, last.rank, last.phase), (Quantity(12), 20, 1, 1));
    assert_eq!(galaxy.players[0].storage[&hub()].quantity(&item("ice")), Quantity(80));
    let refused = galaxy.act(0, give("ice", 1)).unwrap_err();
    assert_eq!((refused.code, refused.details["phase"].as_u64()), (ErrorCode::NotNeeded, Some(1)));
}

#[test]
fn only_who_has_joined_contributes_and_only_at_the_missions_hub() {
    let mut galaxy = galaxy(&kind(), 1);
    assert_eq!(galaxy.act(0, give("ice", 1)).unwrap_err().code, ErrorCode::NotJoined);
    let joined = galaxy.act(0, join()).unwrap();
    assert_eq!(galaxy.act(0, join()).unwrap(), joined, "joining twice is joining once");
    assert_eq!(serde_json::from_value::<MissionJoined>(joined).unwrap().participants, 1);
    let elsewhere = HubKey::parse("ceres_depot").unwrap();
    galaxy.endow(0, &Holdings::of_goods(item("ice"), Quantity(5)), Some(&elsewhere));
    let deal = Contribute { mission: id(), hub: elsewhere.clone(), item: item("ice"), quantity: Quantity(5) };
    assert_eq!(galaxy.act(0, Deal::Contribute(deal)).unwrap_err().code, ErrorCode::BadRequest);
    assert_eq!(galaxy.players[0].storage[&elsewhere].quantity(&item("ice")), Quantity(5), "they are where they were");
}

#[test]
fn a_completed_mission_pays_by_rank_and_score_and_takes_nothing_any_more() {
    let mut galaxy = galaxy(&kind(), 3);
    (0..3).for_each(|player| drop(galaxy.act(player, join()).unwrap()));
    contribute(&mut galaxy, 0, "ice", 10);
    contribute(&mut galaxy, 1, "ice", 10);
    contribute(&mut galaxy, 1, "iron_ore", 9);
    assert_eq!(view(&galaxy).state, MissionState::Paying);
    assert_eq!(galaxy.act(0, give("ice", 1)).unwrap_err().code, ErrorCode::Ended);
    galaxy.notices.clear();
    galaxy.pass(0);
    let goods = BTreeMap::from([(item("salvage"), Quantity(4))]);
    let over = |player, rank, score, credits, goods| {
        let notice = Notice::MissionOver { mission: id(), rank, score, credits: Credits(credits), goods };
        (player_id(player), notice)
    };
    // 700 by score: 20 and 10 of 30.
    let expected =
        [over(1, 1, 20, 200 + 466, goods.clone()), over(0, 2, 10, 100 + 233, goods), over(2, 3, 0, 0, BTreeMap::new())];
    assert_eq!(galaxy.notices, expected);
    assert_eq!(galaxy.players[1].season.last.missions, 20);
    assert_eq!(galaxy.players[1].storage[&hub()].quantity(&item("salvage")), Quantity(4));
    assert_eq!(galaxy.balance(External::Sponsors, None), -999);
    assert_eq!(galaxy.balance(External::Sponsors, Some(&item("ice"))), 20, "contributions go to the sponsors");
}

#[test]
fn ranks_and_rewards_can_be_read_when_it_is_over_and_nobody_joins_any_more() {
    let mut galaxy = galaxy(&kind(), 2);
    galaxy.act(1, join()).unwrap();
    contribute(&mut galaxy, 1, "ice", 10);
    galaxy.pass(3_600_000);
    galaxy.pass(1_000);
    assert!(galaxy.parties.is_empty(), "it is forgotten");
    assert_eq!(galaxy.act(0, join()).unwrap_err().code, ErrorCode::Ended);
    let parts = galaxy.stored_parts(&Party::Mission(id()));
    let rule = Rule { catalog: &galaxy.catalog, now: galaxy.now, fresh: uuid::Uuid::nil() };
    assert!(parts.iter().all(|(_, part, _)| part != stored::STATE), "nothing is left to go on with");
    let mission = Mission::load(&Party::Mission(id()), parts, &rule).unwrap().unwrap();
    let ranks = mission.ranks(None, None, player_id(1)).unwrap();
    assert_eq!(ranks.top[0].reward, Credits(500), "half of the phases, half of the reward");
    assert_eq!((ranks.top, mission.view().state), (ranks.around, MissionState::Over));
}

#[test]
fn the_one_who_had_the_score_first_stays_before_also_after_a_restart() {
    let mut galaxy = galaxy(&kind(), 3);
    for player in [2, 0, 1] {
        galaxy.act(player, join()).unwrap();
        contribute(&mut galaxy, player, "ice", 3);
    }
    let order = |galaxy: &Galaxy<Mission>| {
        ranks(galaxy, 0, 100, 0).top.iter().map(|view| (view.rank, view.player)).collect::<Vec<_>>()
    };
    let expected = [(1, player_id(2)), (2, player_id(0)), (3, player_id(1))];
    assert_eq!(order(&galaxy), expected);
    galaxy.reload();
    assert_eq!(order(&galaxy), expected);
    assert_eq!(ranks(&galaxy, 1, 1, 1).around.iter().map(|view| view.rank).collect::<Vec<_>>(), [2, 3]);
}

#[test]
fn followers_are_told_once_a_second_and_of_the_last_change_at_last() {
    let mut galaxy = galaxy(&kind(), 1);
    galaxy.pass(0);
    galaxy.act(0, join()).unwrap();
    galaxy.events.clear();
    (0..5).for_each(|_| drop(contribute(&mut galaxy, 0, "ice", 1)));
    assert_eq!(galaxy.events.len(), 0, "they were told less than a second ago");
    galaxy.pass(1_000);
    let [(_, Event::Mission(progress))] = &galaxy.events[..] else { panic!("{:?}", galaxy.events) };
    assert_eq!((progress.needs[0].given, progress.top[0].score), (Quantity(5), 5));
    galaxy.pass(5_000);
    assert_eq!(galaxy.events.len(), 1, "nothing new, nothing told");
}

#[test]
fn a_mission_that_nobody_joined_ends_without_a_payment() {
    let mut galaxy = galaxy(&kind(), 1);
    galaxy.pass(3_600_000);
    galaxy.pass(1_000);
    assert!(galaxy.parties.is_empty());
    assert_eq!(galaxy.balance(External::Sponsors, None), 0);
}

#[test]
fn an_operator_ends_it_and_it_pays_as_at_its_deadline() {
    let mut galaxy = galaxy(&kind(), 2);
    (0..2).for_each(|player| drop(galaxy.act(player, join()).unwrap()));
    contribute(&mut galaxy, 1, "ice", 10);
    let tried = galaxy.intervene(Intervention::End, true).unwrap();
    assert_eq!((&tried.before["state"], &tried.after["state"]), (&"running".into(), &"paying".into()));
    assert_eq!(tried.after["pays_credits"], 500, "half of the phases");
    assert_eq!(galaxy.intervene(Intervention::End, false).unwrap(), tried);
    assert_eq!(galaxy.act(0, give("ice", 1)).unwrap_err().code, ErrorCode::Ended);
    assert_eq!(galaxy.intervene(Intervention::End, false).unwrap_err().code, ErrorCode::Ended);
    galaxy.pass(0);
    galaxy.pass(1_000);
    assert!(galaxy.parties.is_empty(), "it is over");
    assert_eq!((galaxy.balance(External::Sponsors, None), galaxy.notices.len()), (-500, 2));
}

#[test]
fn a_mission_is_cancelled_only_before_anybody_has_contributed() {
    let mut first = galaxy(&kind(), 1);
    first.act(0, join()).unwrap();
    first.intervene(Intervention::Cancel, false).unwrap();
    let mut second = galaxy(&kind(), 1);
    second.act(0, join()).unwrap();
    contribute(&mut second, 0, "ice", 1);
    assert_eq!(second.intervene(Intervention::Cancel, false).unwrap_err().code, ErrorCode::Committed);
}

#[test]
fn the_line_in_the_list_of_past_missions_is_written_once_when_all_are_paid() {
    let mut fx = Effects::default();
    let mut mission = Mission::begin(id(), &kind(), 7, START, &mut fx);
    let catalog = own_catalog();
    let rule = Rule { catalog: &catalog, now: START.plus_seconds(3_600), fresh: uuid::Uuid::nil() };
    (0..5).for_each(|_| mission.on_due(&rule, &mut fx));
    assert_eq!(fx.missions_over, [(7, mission.view())]);
    assert!(mission.part(PartTable::Mission, stored::STATE).is_none());
}

#[test]
fn parts_of_the_first_version_stay_readable() {
    let state = serde_json::json!({
        "v": "1", "kind": "rush", "number": 7, "started_ms": 1000, "due_ms": 2000, "arrivals": 3,
        "terms": {
            "hub": "luna_exchange",
            "phases": [{"needs": {"ice": 10}, "points": {"ice": 2}}],
            "reward": 100, "rank_permille": [200], "rank_goods": {"salvage": 1},
        },
        "progress": {"phase": 0, "given": {"ice": 4}},
        "held": {"credits": 0, "goods": {"ice": 4}},
        "stage": {"paying": {"ended_ms": 2000, "paid": 1}},
    });
    let participant = serde_json::json!({"v": "1", "name": "Ada", "score": 8, "since": 2, "reward": 50});
    let parts = [
        (PartTable::Mission, "state".to_owned(), state),
        (PartTable::Participant, player_id(0).to_string(), participant),
    ];
    let mission = Mission::from_parts(&id(), parts.to_vec()).unwrap().unwrap();
    for (table, part, value) in parts {
        assert_eq!(mission.part(table, &part), Some(value));
    }
}
