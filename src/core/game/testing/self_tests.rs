//! The galaxy must see what goes wrong: a party that keeps its promises passes, and each broken promise is named.

use serde_json::Value;

use super::*;
use crate::types::economy::mission::Contribute;
use crate::types::{ErrorCode, MissionId, Quantity};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    None,
    LosesGoods,
    AnswersTwice,
    KeepsWhatItRefuses,
    RemembersWhatItRefuses,
    ForgetsToStore,
}

/// Takes contributions of up to 10 pieces.
#[derive(Clone, Debug, PartialEq)]
struct Box10 {
    held: Holdings,
    refused: u64,
    fault: Fault,
}

impl PartyRules for Box10 {
    fn load(_: &Party, parts: Vec<(PartTable, String, Value)>, _: &Rule<'_>) -> Result<Option<Self>, String> {
        let part = parts.into_iter().next().map(|(_, _, value)| serde_json::from_value(value));
        let held = part.transpose().map_err(|error| error.to_string())?.unwrap_or_default();
        Ok(Some(Self { held, refused: 0, fault: Fault::None }))
    }

    fn unknown() -> Refusal {
        Refusal::new(ErrorCode::UnknownMission, "nobody is there")
    }

    fn party(&self) -> Party {
        Party::Mission(MissionId::parse("box_1").unwrap())
    }

    fn receive(&mut self, transfer: &Transfer, rule: &Rule<'_>, fx: &mut Effects) {
        fx.receive(transfer, rule.now);
        let Purpose::Request(request) = &transfer.purpose else { return };
        let wrong = transfer.holdings.goods.values().any(|quantity| quantity.0 > 10);
        let (outcome, mut holdings) = if wrong {
            (Outcome::Refused(Refusal::bad_request("too many")), transfer.holdings.clone())
        } else {
            (Outcome::Done(Value::Null), Holdings::default())
        };
        match (wrong, self.fault) {
            (false, Fault::LosesGoods) => {}
            (true, Fault::KeepsWhatItRefuses) => self.held.add(&std::mem::take(&mut holdings)).unwrap(),
            (true, Fault::RemembersWhatItRefuses) => self.refused += 1,
            (true, _) => {}
            (false, _) => self.held.add(&transfer.holdings).unwrap(),
        }
        if !wrong && self.fault != Fault::ForgetsToStore {
            fx.touch_part(PartTable::Mission, "state");
        }
        for _ in 0..=usize::from(self.fault == Fault::AnswersTwice) {
            let (holdings, outcome) = (holdings.clone(), outcome.clone());
            let parts = ReplyParts { outcome, holdings, reason: LedgerReason::Mission, hub: None, changes: Vec::new() };
            fx.reply(&self.party(), request, parts, rule.now);
        }
    }

    fn answer(&self, _: &Ask, _: PlayerId, _: &Rule<'_>) -> Result<Value, Refusal> {
        Ok(Value::Null)
    }

    fn due(&self) -> Option<Millis> {
        None
    }

    fn on_due(&mut self, _: &Rule<'_>, _: &mut Effects) {}

    fn part(&self, _: PartTable, _: &str) -> Option<Value> {
        serde_json::to_value(&self.held).ok()
    }

    fn holdings(&self) -> Holdings {
        self.held.clone()
    }
}

/// A contribution that is taken, one that is refused, and a restart.
fn play(fault: Fault) {
    let catalog = own_catalog();
    let (hub, item) = (catalog.hubs().next().unwrap().key.clone(), catalog.items.keys().next().unwrap().clone());
    let mut galaxy = Galaxy::new(catalog, 2);
    let contents = Box10 { held: Holdings::default(), refused: 0, fault };
    let mission = MissionId::parse("box_1").unwrap();
    galaxy.add(contents, Effects::default());
    galaxy.endow(1, &Holdings::of_goods(item.clone(), Quantity(50)), Some(&hub));
    let contribute = |quantity| {
        let (hub, item, mission) = (hub.clone(), item.clone(), mission.clone());
        Deal::Contribute(Contribute { mission, hub, item, quantity: Quantity(quantity) })
    };
    assert_eq!(galaxy.act(1, contribute(7)), Ok(Value::Null));
    assert_eq!(galaxy.act(1, contribute(11)).unwrap_err().code, ErrorCode::BadRequest);
    assert_eq!(galaxy.act(1, contribute(44)).unwrap_err().code, ErrorCode::NotEnoughGoods);
    assert_eq!(galaxy.balance(Party::Mission(mission), Some(&item)), 7);
    galaxy.pass(1_000);
    assert_eq!(galaxy.party().holdings(), Holdings::of_goods(item.clone(), Quantity(7)));
    let name = galaxy.party().party();
    let question = Ask::Jobs(crate::types::economy::guild::Nothing {});
    assert_eq!(galaxy.question(&name, 1, &question), Ok(Value::Null));
    galaxy.parties.get_mut(&name).unwrap().fault = Fault::None;
    galaxy.reload();
}

#[test]
fn a_sound_party_passes() {
    play(Fault::None);
}

#[test]
#[should_panic(expected = "(account, held, ledger)")]
fn lost_goods_are_noticed() {
    play(Fault::LosesGoods);
}

#[test]
#[should_panic(expected = "two answers")]
fn a_second_answer_is_noticed() {
    play(Fault::AnswersTwice);
}

#[test]
#[should_panic(expected = "left a trace")]
fn goods_kept_from_a_refused_request_are_noticed() {
    play(Fault::KeepsWhatItRefuses);
}

#[test]
#[should_panic(expected = "left a trace")]
fn a_trace_of_a_refusal_is_noticed() {
    play(Fault::RemembersWhatItRefuses);
}

#[test]
#[should_panic(expected = "right: what was stored")]
fn a_part_that_was_not_stored_is_noticed() {
    play(Fault::ForgetsToStore);
}
