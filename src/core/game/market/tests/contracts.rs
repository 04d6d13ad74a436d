//! Settlement of contracts, and those that hubs offer.

use super::setup::{CREDITS, galaxy, hub, item, read, small_catalog};
use crate::game::market::Market;
use crate::game::testing::{Galaxy, player_id};
use crate::types::economy::Deal;
use crate::types::economy::contract::{
    AcceptContract, CancelContract, ContractAccepted, ContractOffered, ContractView, Deliver, Delivered, OfferContract,
};
use crate::types::economy::event::Notice;
use crate::types::{ContractId, Credits, ErrorCode, External, Quantity};

/// 7 pieces for 100 credits, with 50 at stake, and accepted.
fn accepted() -> (Galaxy<Market>, ContractId) {
    let mut galaxy = galaxy(small_catalog(0), 3);
    let body = OfferContract {
        hub: hub(),
        item: item(0),
        quantity: Quantity(7),
        reward: Credits(100),
        collateral: Credits(50),
        seconds: 600,
    };
    let offered: ContractOffered = read(galaxy.act(0, Deal::OfferContract(body)));
    let contract = offered.contract;
    read::<ContractAccepted>(galaxy.act(1, accept(contract, 50)));
    let courier = player_id(1);
    let notice = Notice::ContractAccepted { hub: hub(), contract, courier };
    assert_eq!(std::mem::take(&mut galaxy.notices), [(player_id(0), notice)]);
    (galaxy, contract)
}

fn accept(contract: ContractId, collateral: u64) -> Deal {
    Deal::AcceptContract(AcceptContract { hub: hub(), contract, collateral: Credits(collateral) })
}

fn deliver(contract: ContractId, index: usize, quantity: u64) -> Deal {
    Deal::Deliver(Deliver { hub: hub(), contract, item: item(index), quantity: Quantity(quantity) })
}

#[test]
fn the_last_piece_brings_reward_and_collateral() {
    let (mut galaxy, contract) = accepted();
    let part: Delivered = read(galaxy.act(1, deliver(contract, 0, 3)));
    assert_eq!((part.delivered, part.paid), (Quantity(3), Credits::ZERO));
    let much = galaxy.act(1, deliver(contract, 0, 5)).unwrap_err();
    assert_eq!((much.code, &much.details["needed"]), (ErrorCode::NotNeeded, &4.into()));
    assert_eq!(galaxy.act(2, deliver(contract, 0, 1)).unwrap_err().code, ErrorCode::NotAccepted);
    let rest: Delivered = read(galaxy.act(1, deliver(contract, 0, 4)));
    assert_eq!(rest.paid, Credits(150));
    // The fee for 100 was 3.
    assert_eq!(galaxy.players[0].credits, Credits(CREDITS - 103));
    assert_eq!(galaxy.players[1].credits, Credits(CREDITS + 100));
    let fulfilled = Notice::ContractFulfilled { hub: hub(), contract, item: item(0), quantity: Quantity(7) };
    assert_eq!(galaxy.notices, [(player_id(0), fulfilled)]);
}

#[test]
fn a_late_contract_parts_the_two_by_what_was_delivered() {
    let (mut galaxy, contract) = accepted();
    read::<Delivered>(galaxy.act(1, deliver(contract, 0, 3)));
    galaxy.reload();
    galaxy.pass(600_000);
    // 3 of 7: 42 of the reward and 21 of the collateral, rounded down; the rest, and the 3 pieces, are the owner's.
    let expired = |credits, quantity| Notice::ContractExpired {
        hub: hub(),
        contract,
        credits: Credits(credits),
        quantity: Quantity(quantity),
    };
    assert_eq!(galaxy.notices, [(player_id(0), expired(58 + 29, 3)), (player_id(1), expired(42 + 21, 0))]);
    assert_eq!(galaxy.players[0].credits, Credits(CREDITS - 103 + 87));
    assert_eq!(galaxy.players[1].credits, Credits(CREDITS - 50 + 63));
    assert_eq!(galaxy.act(1, deliver(contract, 0, 1)).unwrap_err().code, ErrorCode::NotFound);
}

#[test]
fn a_contract_can_be_taken_back_until_somebody_has_accepted() {
    let (mut galaxy, contract) = accepted();
    let cancel = || Deal::CancelContract(CancelContract { hub: hub(), contract });
    assert_eq!(galaxy.act(0, cancel()).unwrap_err().code, ErrorCode::Committed);
    assert_eq!(galaxy.act(2, cancel()).unwrap_err().code, ErrorCode::NotYours);
    assert_eq!(galaxy.act(2, accept(contract, 50)).unwrap_err().code, ErrorCode::NotAccepted);
}

fn of_hub(galaxy: &Galaxy<Market>) -> Vec<ContractView> {
    let mut views: Vec<_> = galaxy.party().contracts.iter().map(super::super::contracts::Contract::view).collect();
    views.retain(|view| view.owner.is_none() && view.courier.is_none());
    views
}

#[test]
fn a_hub_keeps_contracts_on_offer_that_follow_from_their_numbers() {
    let mut one = galaxy(small_catalog(3), 2);
    one.pass(0);
    let mut other = galaxy(small_catalog(3), 2);
    other.pass(0);
    let views = of_hub(&one);
    assert_eq!((views.len(), &views), (3, &of_hub(&other)));
    for view in &views {
        let price = if view.item == item(0) { 90 } else { 301 };
        assert_eq!(view.reward.0, price * view.quantity.0 * 1_300 / 1_000, "{view:?}");
        assert!(view.quantity.0 >= 1 && view.collateral == Credits::ZERO, "{view:?}");
    }
    // One is accepted, and another takes its place after a third of the time that one runs, not at once: what hubs pay
    // in a day is bounded. A courier has one of them at a time.
    read::<ContractAccepted>(one.act(0, accept(views[0].contract, 0)));
    one.pass(99_000);
    assert_eq!(of_hub(&one).len(), 2);
    one.pass(1_000);
    assert_eq!(of_hub(&one).len(), 3);
    let second = one.act(0, accept(views[1].contract, 0)).unwrap_err();
    assert_eq!((second.code, &second.details["limit"]), (ErrorCode::LimitReached, &1.into()));
    for _ in 0..6 {
        one.pass(100_000);
    }
    assert!(of_hub(&one).iter().all(|view| view.due_ms > one.now), "those that expire are followed by others");
    assert!((2..=3).contains(&of_hub(&one).len()), "{:?}", of_hub(&one));
}

#[test]
fn hubs_pay_when_it_is_earned_and_by_what_was_delivered() {
    let mut galaxy = galaxy(small_catalog(1), 1);
    galaxy.pass(0);
    let view = of_hub(&galaxy).remove(0);
    let index = usize::from(view.item == item(1));
    read::<ContractAccepted>(galaxy.act(0, accept(view.contract, 0)));
    assert_eq!(galaxy.balance(External::Hubs, None), 0, "nothing is paid before");
    read::<Delivered>(galaxy.act(0, deliver(view.contract, index, 1)));
    galaxy.pass(300_000);
    let earned = view.reward.0 / view.quantity.0;
    assert_eq!(galaxy.balance(External::Hubs, None), -i128::from(earned));
    assert_eq!(galaxy.balance(External::Hubs, Some(&view.item)), 1, "the hubs have the goods");
    assert_eq!(galaxy.players[0].credits, Credits(CREDITS + earned));
}
