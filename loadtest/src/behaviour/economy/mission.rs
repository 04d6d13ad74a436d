//! A mission runner: joins what runs, brings what is needed, and looks at its rank.

use orrery_core::types::economy::event::Topic;
use orrery_core::types::economy::mission::{AskMissions, AskRanks, Contribute, JoinMission, MissionState, MissionView};
use orrery_core::types::economy::season::{AskRanks as AskSeason, Board};
use orrery_core::types::economy::{Ask, Deal};
use orrery_core::types::{MissionId, Quantity};

use super::{
    Act, Dice, View, approach, ask, can_spend, deal, earn, gather, is_found_in_space, is_waiting, next_gate, pick,
};
use crate::behaviour::Behaviour;

/// Takes part in missions.
#[derive(Default)]
pub(in crate::behaviour) struct Runner {
    plan: Option<MissionId>,
}

impl Behaviour for Runner {
    fn act(&mut self, view: &View<'_>, dice: &mut Dice) -> Act {
        if is_waiting(view) {
            return Act::Nothing;
        }
        match (dice.below(12), self.mission(view, dice)) {
            (0, _) | (_, None) => look(dice),
            (1, Some(mission)) => {
                let mission = mission.mission.clone();
                ask(Ask::MissionRanks(AskRanks { mission, top: Some(10), around: Some(5) }))
            }
            (2, Some(mission)) => ask(Ask::Subscribe(Topic::Mission(mission.mission.clone()))),
            (_, Some(mission)) if !view.account.missions.contains_key(&mission.mission) => {
                deal(Deal::JoinMission(JoinMission { mission: mission.mission.clone() }))
            }
            (_, Some(mission)) => contribute(view, mission, dice),
        }
    }
}

impl Runner {
    /// The mission it works for, as long as that one runs.
    fn mission<'v>(&mut self, view: &View<'v>, dice: &mut Dice) -> Option<&'v MissionView> {
        let over = |id: &MissionId| view.account.missions.get(id).is_some_and(|part| part.over.is_some());
        let here = |mission: &&MissionView| {
            let near =
                view.sector.hubs.iter().any(|hub| hub.key == mission.hub) || next_gate(view, &mission.hub).is_some();
            mission.state == MissionState::Running && near && !over(&mission.mission)
        };
        let running: Vec<&MissionView> = view.news.missions.iter().filter(here).collect();
        if let Some(mission) = running.iter().find(|mission| Some(&mission.mission) == self.plan.as_ref()) {
            return Some(mission);
        }
        let chosen = pick(&running, dice).copied();
        self.plan = chosen.map(|mission| mission.mission.clone());
        chosen
    }
}

fn look(dice: &mut Dice) -> Act {
    match dice.below(4) {
        0 => {
            let board = Board::ALL[usize::try_from(dice.below(Board::ALL.len() as u64)).unwrap_or(0)];
            ask(Ask::SeasonRanks(AskSeason { board, season: None, top: Some(10), around: Some(5) }))
        }
        1 => ask(Ask::Missions(AskMissions { past: true, limit: Some(10), cursor: None })),
        _ => ask(Ask::Missions(AskMissions { past: false, limit: Some(50), cursor: None })),
    }
}

fn contribute(view: &View<'_>, mission: &MissionView, dice: &mut Dice) -> Act {
    let mut needs = mission.needs.iter().filter(|need| need.given < need.needed);
    let Some(need) = needs.find(|need| {
        let there = view.account.available(&mission.hub, &need.item) > 0;
        there || is_found_in_space(view, &need.item) || can_buy(view, mission, need)
    }) else {
        return if dice.below(3) == 0 { look(dice) } else { earn(view, dice) };
    };
    let there = view.account.available(&mission.hub, &need.item);
    let enough = there.saturating_mul(4) >= view.cargo_capacity.min(40) || dice.below(20) == 0;
    if there == 0 && can_buy(view, mission, need) {
        let supply = super::supply(&mission.hub, &need.item, 5);
        return approach(view, &mission.hub, dice).unwrap_or(supply);
    }
    if there == 0 || (!enough && is_found_in_space(view, &need.item)) {
        return gather(view, &need.item, dice);
    }
    let quantity = Quantity(if dice.below(4) == 0 { 1 + dice.below(there) } else { there });
    let (mission, hub, item) = (mission.mission.clone(), mission.hub.clone(), need.item.clone());
    approach(view, &hub, dice)
        .unwrap_or_else(|| deal(Deal::Contribute(Contribute { mission, hub: hub.clone(), item, quantity })))
}

fn can_buy(view: &View<'_>, mission: &MissionView, need: &orrery_core::types::economy::mission::Need) -> bool {
    let price = view.catalog.hub(&mission.hub).and_then(|hub| hub.sells.get(&need.item));
    price.is_some_and(|price| can_spend(view, price.0.saturating_mul(5)))
}
