//! Ten thousand random missions against a model that counts piece by piece. The galaxy checks after every step that
//! the ledger explains what everybody holds and that a refusal has left no trace.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::tests::{galaxy, give, hub, id, item, join, kind, needs};
use super::*;
use crate::catalog::MissionPhase;
use crate::game::testing::{Galaxy, player_id};
use crate::types::economy::event::Notice;
use crate::types::economy::mission::Contributed;
use crate::types::{External, ItemKey, Quantity};

const PLAYERS: usize = 5;
const ITEMS: [&str; 2] = ["ice", "iron_ore"];

#[derive(Clone, Debug)]
enum Step {
    Join(usize),
    Give(usize, usize, u64),
    /// Asked before, arrives after so many milliseconds.
    GiveLate(usize, usize, u64, u64),
    Pass(u64),
    Crash,
}

/// What happens while rewards are paid.
#[derive(Clone, Copy, Debug)]
enum Event {
    Pay,
    Deliver(usize),
    Crash,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0..PLAYERS).prop_map(Step::Join),
        8 => (0..PLAYERS, 0..ITEMS.len(), 1..12_u64).prop_map(|(who, what, many)| Step::Give(who, what, many)),
        1 => (0..PLAYERS, 0..ITEMS.len(), 1..12_u64, 0..900_000_u64)
            .prop_map(|(who, what, many, after)| Step::GiveLate(who, what, many, after)),
        1 => (0..1_500_000_u64).prop_map(Step::Pass),
        1 => Just(Step::Crash),
    ]
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![Just(Event::Pay), (0..6_usize).prop_map(Event::Deliver), Just(Event::Crash)]
}

fn any_kind() -> impl Strategy<Value = MissionKind> {
    let phase = (0..15_u64, 0..9_u64, 0..4_u64).prop_map(|(ice, ore, points)| {
        let wanted: Vec<_> = [("ice", ice), ("iron_ore", ore)].into_iter().filter(|(_, many)| *many > 0).collect();
        needs(&wanted, &[("iron_ore", points)])
    });
    let phases = prop::collection::vec(phase, 1..4);
    (phases, 0..5_000_u64, prop::collection::vec(0..700_u64, 0..4)).prop_map(|(phases, reward, rank_permille)| {
        MissionKind { phases, reward: Credits(reward), rank_permille, ..kind() }
    })
}

/// The mission as a person would keep it on paper.
struct Paper {
    kind: MissionKind,
    /// What each phase still needs.
    missing: Vec<BTreeMap<ItemKey, u64>>,
    /// Score and number of its last change, of those who have joined.
    scores: BTreeMap<usize, (u64, u64)>,
    changes: u64,
    ended: bool,
}

impl Paper {
    fn new(kind: &MissionKind) -> Self {
        let amounts = |phase: &MissionPhase| phase.needs.iter().map(|(item, many)| (item.clone(), many.0)).collect();
        let missing = kind.phases.iter().map(amounts).collect();
        Self { kind: kind.clone(), missing, scores: BTreeMap::new(), changes: 0, ended: false }
    }

    fn phase(&self) -> usize {
        let open = |needs: &BTreeMap<ItemKey, u64>| needs.values().any(|many| *many > 0);
        self.missing.iter().position(open).unwrap_or(self.missing.len())
    }

    fn has_ended(&self) -> bool {
        self.ended || self.phase() == self.missing.len()
    }

    fn join(&mut self, player: usize) -> Result<(), ErrorCode> {
        if self.has_ended() {
            return Err(ErrorCode::Ended);
        }
        self.changes += 1;
        self.scores.entry(player).or_insert((0, self.changes));
        Ok(())
    }

    /// How many are taken.
    fn give(&mut self, player: usize, item: &ItemKey, many: u64) -> Result<u64, ErrorCode> {
        if self.has_ended() {
            return Err(ErrorCode::Ended);
        }
        let score_before = self.scores.get(&player).ok_or(ErrorCode::NotJoined)?.0;
        let (mut taken, mut score) = (0, score_before);
        while taken < many {
            let phase = self.phase();
            let Some(left) = self.missing.get_mut(phase).and_then(|needs| needs.get_mut(item)) else { break };
            if *left == 0 {
                break;
            }
            *left -= 1;
            taken += 1;
            score += self.kind.phases[phase].points.get(item).copied().unwrap_or(1);
        }
        if taken == 0 {
            return Err(ErrorCode::NotNeeded);
        }
        self.changes += 1;
        if score != score_before {
            self.scores.insert(player, (score, self.changes));
        }
        Ok(taken)
    }

    fn order(&self) -> Vec<(usize, u64)> {
        let mut order: Vec<_> = self.scores.iter().map(|(player, (score, since))| (*score, *since, *player)).collect();
        order.sort_by_key(|(score, since, _)| (std::cmp::Reverse(*score), *since));
        order.into_iter().map(|(score, _, player)| (player, score)).collect()
    }

    /// What everybody is to be told, first rank first.
    fn notices(&self) -> Vec<(PlayerId, Notice)> {
        let order = self.order();
        let (done, all) = (self.phase() as u64, self.missing.len() as u64);
        let pool = self.kind.reward.0 * done / all;
        let with_score = order.iter().filter(|(_, score)| *score > 0).count();
        let mut ranked = vec![0; order.len()];
        let mut left = pool;
        for (place, permille) in self.kind.rank_permille.iter().take(with_score).enumerate() {
            ranked[place] = (pool * permille / 1_000).min(left);
            left -= ranked[place];
        }
        let total: u64 = order.iter().map(|(_, score)| score).sum();
        let notice = |(place, (player, score)): (usize, &(usize, u64))| {
            let credits = if *score == 0 { 0 } else { ranked[place] + left * score / total };
            let first = *score > 0 && place < self.kind.rank_permille.len();
            let goods = self.kind.rank_goods.iter().map(|(item, many)| (item.clone(), Quantity(many.0 * done / all)));
            let goods = goods.filter(|(_, many)| first && many.0 > 0).collect();
            let (rank, score, credits) = (place as u64 + 1, *score, Credits(credits));
            (player_id(*player), Notice::MissionOver { mission: id(), rank, score, credits, goods })
        };
        order.iter().enumerate().map(notice).collect()
    }
}

fn play(kind: &MissionKind, steps: &[Step], events: &[Event]) {
    let (mut galaxy, mut paper) = (galaxy(kind, PLAYERS), Paper::new(kind));
    let ends = galaxy.now.plus_seconds(kind.seconds);
    for step in steps {
        match step {
            Step::Join(player) => {
                let joined = galaxy.act(*player, join()).map(drop).map_err(|refusal| refusal.code);
                assert_eq!(joined, paper.join(*player));
            }
            Step::Give(player, what, many) => {
                let command = galaxy.ask(*player, give(ITEMS[*what], *many));
                galaxy.pump();
                check_gift(&galaxy, &mut paper, *player, command, *what, *many);
            }
            Step::GiveLate(player, what, many, after) => {
                let command = galaxy.ask(*player, give(ITEMS[*what], *many));
                galaxy.now = Millis(galaxy.now.0 + after);
                paper.ended |= galaxy.now >= ends;
                galaxy.pump();
                check_gift(&galaxy, &mut paper, *player, command, *what, *many);
            }
            // Time passes, and nothing that is due is done yet.
            Step::Pass(millis) => galaxy.now = Millis(galaxy.now.0 + millis),
            Step::Crash => galaxy.reload(),
        }
        paper.ended |= galaxy.now >= ends;
    }
    galaxy.now = galaxy.now.max(ends);
    paper.ended = true;
    finish(&mut galaxy, &paper, events);
}

/// Pays, delivers and crashes in any order; then all that is left.
fn finish(galaxy: &mut Galaxy<Mission>, paper: &Paper, events: &[Event]) {
    galaxy.notices.clear();
    for event in events {
        match event {
            Event::Pay => drop(galaxy.settle_once()),
            Event::Deliver(index) if *index < galaxy.under_way.len() => galaxy.deliver(*index),
            Event::Deliver(_) => {}
            Event::Crash => galaxy.reload(),
        }
    }
    galaxy.pass(1_000);
    galaxy.pass(1_000);
    assert!(galaxy.parties.values().all(PartyRules::is_over));
    let rank = |notice: &Notice| match notice {
        Notice::MissionOver { rank, .. } => *rank,
        _ => 0,
    };
    galaxy.notices.sort_by_key(|(_, notice)| rank(notice));
    assert_eq!(galaxy.notices, paper.notices());
    assert!(-galaxy.balance(External::Sponsors, None) <= i128::from(paper.kind.reward.0));
    for (player, state) in galaxy.players.iter().enumerate() {
        let score = paper.scores.get(&player).map_or(0, |(score, _)| *score);
        assert_eq!(state.season.last.missions, score);
    }
}

fn check_gift(
    galaxy: &Galaxy<Mission>,
    paper: &mut Paper,
    player: usize,
    command: crate::types::CommandId,
    what: usize,
    many: u64,
) {
    let item = item(ITEMS[what]);
    let stored = galaxy.players[player].storage.get(&hub()).map_or(Quantity::ZERO, |stored| stored.quantity(&item));
    let given = 100 - stored.0;
    match galaxy.answer_to(player, command).unwrap() {
        crate::game::Outcome::Refused(refusal) if refusal.code == ErrorCode::NotEnoughGoods => {
            assert!(stored.0 < many);
        }
        crate::game::Outcome::Refused(refusal) => assert_eq!(Err(refusal.code), paper.give(player, &item, many)),
        crate::game::Outcome::Done(receipt) => {
            let receipt: Contributed = serde_json::from_value(receipt.clone()).unwrap();
            assert_eq!(Ok(receipt.taken.0), paper.give(player, &item, many));
            let place = paper.order().iter().position(|(other, _)| *other == player).unwrap();
            assert_eq!((receipt.rank, receipt.score), (place as u64 + 1, paper.scores[&player].0));
            assert_eq!(receipt.phase as usize, paper.phase());
            assert!(given >= receipt.taken.0, "no more than was taken is gone");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]
    #[test]
    fn a_mission_is_what_its_paper_says_through_any_crash(
        kind in any_kind(),
        steps in prop::collection::vec(step(), 0..24),
        events in prop::collection::vec(event(), 0..24),
    ) {
        play(&kind, &steps, &events);
    }
}
