//! Random deals of a few players at one market, beside the [`Model`]: every answer is the model's, every purse, the
//! treasury and the book. The galaxy checks after each delivery that the ledger explains what everybody holds and that
//! refusals leave no trace. Deals are sent in bursts and arrive in any order; time passes, with and without the market
//! looking at what is due; the market is loaded from its parts again and again.

use std::sync::{Arc, OnceLock};

use proptest::prelude::*;
use serde_json::Value;

use super::model::{Model, Purse};
use super::setup::{galaxy, hub, item, small_catalog};
use crate::catalog::Catalog;
use crate::game::market::Market;
use crate::game::testing::{Galaxy, player_id};
use crate::game::{Outcome, PartyRules, Rule};
use crate::types::economy::Deal;
use crate::types::economy::contract::{AcceptContract, CancelContract, Deliver, OfferContract};
use crate::types::economy::market::{
    AskMarket, Bid, Buy, CancelAuction, CancelOrder, OpenAuction, OrderView, PlaceOrder, Side,
};
use crate::types::{
    AuctionId, CommandId, ContractId, Credits, ErrorCode, External, Millis, OrderId, Quantity, Refusal,
};

const PLAYERS: usize = 4;
const HUB_CONTRACTS: usize = 2;
/// Of each of the four tests.
const CASES: u32 = 2_500;

#[derive(Clone, Debug)]
enum Step {
    /// Deals that are sent one after the other and arrive in an order drawn by the numbers.
    Burst(Vec<(usize, Choice, usize)>),
    /// Seconds pass, and everything due is done.
    Pass(u64),
    /// Seconds pass, and the market has not looked yet.
    Sleep(u64),
    Reload,
}

/// A deal before it is known what there is: `nth` counts from the newest.
#[derive(Clone, Debug)]
enum Choice {
    Place { side: Side, item: usize, quantity: u64, price: u64 },
    Buy { nth: usize, quantity: u64, wrong_price: bool },
    CancelOrder { nth: usize },
    Auction { item: usize, quantity: u64, start: u64, increment: u64, buy_out: Option<u64>, seconds: u64 },
    Bid { nth: usize, amount: u64 },
    CancelAuction { nth: usize },
    Offer { item: usize, quantity: u64, reward: u64, collateral: u64, seconds: u64 },
    Accept { nth: usize, wrong_collateral: bool },
    Deliver { nth: usize, quantity: u64, wrong_item: bool },
    CancelContract { nth: usize },
}

fn side() -> impl Strategy<Value = Side> {
    prop_oneof![Just(Side::Sell), Just(Side::Buy)]
}

fn rarely() -> impl Strategy<Value = bool> {
    prop::bool::weighted(0.1)
}

fn orders() -> impl Strategy<Value = Choice> {
    prop_oneof![
        6 => (side(), 0..2_usize, 1..8_u64, 1..7_u64)
            .prop_map(|(side, item, quantity, price)| Choice::Place { side, item, quantity, price: price * 7 }),
        3 => (0..6_usize, 1..6_u64, rarely())
            .prop_map(|(nth, quantity, wrong_price)| Choice::Buy { nth, quantity, wrong_price }),
        1 => (0..6_usize).prop_map(|nth| Choice::CancelOrder { nth }),
    ]
}

fn auctions() -> impl Strategy<Value = Choice> {
    prop_oneof![
        2 => (0..2_usize, 1..8_u64, 1..50_u64, 1..20_u64, prop::option::of(0..80_u64), 60..200_u64).prop_map(
            |(item, quantity, start, increment, more, seconds)| {
                let buy_out = more.map(|more| start + more);
                Choice::Auction { item, quantity, start, increment, buy_out, seconds }
            }
        ),
        5 => (0..3_usize, 1..150_u64).prop_map(|(nth, amount)| Choice::Bid { nth, amount }),
        1 => (0..3_usize).prop_map(|nth| Choice::CancelAuction { nth }),
    ]
}

fn contracts() -> impl Strategy<Value = Choice> {
    prop_oneof![
        2 => (0..2_usize, 1..8_u64, 1..300_u64, 0..90_u64, 60..300_u64).prop_map(
            |(item, quantity, reward, collateral, seconds)| {
                Choice::Offer { item, quantity, reward, collateral, seconds }
            }
        ),
        3 => (0..4_usize, rarely()).prop_map(|(nth, wrong_collateral)| Choice::Accept { nth, wrong_collateral }),
        4 => (0..4_usize, 1..6_u64, rarely())
            .prop_map(|(nth, quantity, wrong_item)| Choice::Deliver { nth, quantity, wrong_item }),
        1 => (0..4_usize).prop_map(|nth| Choice::CancelContract { nth }),
    ]
}

fn steps(choice: impl Strategy<Value = Choice>) -> impl Strategy<Value = Vec<Step>> {
    let burst = prop::collection::vec((0..PLAYERS, choice, 0..4_usize), 1..4);
    let step = prop_oneof![
        10 => burst.prop_map(Step::Burst),
        2 => (1..150_u64).prop_map(Step::Pass),
        1 => (1..80_u64).prop_map(Step::Sleep),
        1 => Just(Step::Reload),
    ];
    prop::collection::vec(step, 10..30)
}

/// The id counted from the newest; one that never was, when there are not so many.
fn newest<T>(list: &[T], nth: usize, id: impl Fn(&T) -> u64) -> u64 {
    list.iter().rev().nth(nth).map_or(1_000_000, id)
}

/// The deal that a choice comes to.
fn deal(choice: &Choice, player: usize, model: &Model) -> Deal {
    let hub = hub();
    let contract = |nth| newest(&model.contracts, nth, |contract| contract.id);
    match *choice {
        Choice::Place { side, item: index, quantity, price } => {
            let body = PlaceOrder { hub, item: item(index), quantity: Quantity(quantity), price: Credits(price) };
            if side == Side::Sell { Deal::List(body) } else { Deal::Order(body) }
        }
        Choice::Buy { nth, quantity, wrong_price } => {
            let order = newest(&model.orders, nth, |order| order.id);
            let price = newest(&model.orders, nth, |order| order.price).min(100) + u64::from(wrong_price);
            Deal::Buy(Buy { hub, order: OrderId(order), quantity: Quantity(quantity), price: Credits(price) })
        }
        Choice::CancelOrder { nth } => {
            let own: Vec<_> = model.orders.iter().filter(|order| order.owner == player || nth > 3).collect();
            Deal::CancelOrder(CancelOrder { hub, order: OrderId(newest(&own, nth, |order| order.id)) })
        }
        Choice::Auction { item: index, quantity, start, increment, buy_out, seconds } => Deal::Auction(OpenAuction {
            hub,
            item: item(index),
            quantity: Quantity(quantity),
            start: Credits(start),
            increment: Credits(increment),
            buy_out: buy_out.map(Credits),
            seconds,
        }),
        Choice::Bid { nth, amount } => {
            let auction = AuctionId(newest(&model.auctions, nth, |auction| auction.id));
            Deal::Bid(Bid { hub, auction, amount: Credits(amount) })
        }
        Choice::CancelAuction { nth } => {
            let auction = AuctionId(newest(&model.auctions, nth, |auction| auction.id));
            Deal::CancelAuction(CancelAuction { hub, auction })
        }
        Choice::Offer { item: index, quantity, reward, collateral, seconds } => Deal::OfferContract(OfferContract {
            hub,
            item: item(index),
            quantity: Quantity(quantity),
            reward: Credits(reward),
            collateral: Credits(collateral),
            seconds,
        }),
        Choice::Accept { nth, wrong_collateral } => {
            let collateral = newest(&model.contracts, nth, |contract| contract.collateral).min(100);
            let collateral = Credits(collateral + u64::from(wrong_collateral));
            Deal::AcceptContract(AcceptContract { hub, contract: ContractId(contract(nth)), collateral })
        }
        Choice::Deliver { nth, quantity, wrong_item } => {
            let own: Vec<_> = model.contracts.iter().filter(|other| other.courier == Some(player) || nth > 2).collect();
            let contract = ContractId(newest(&own, nth, |contract| contract.id));
            let index = newest(&own, nth, |contract| contract.item as u64).min(1) ^ u64::from(wrong_item);
            Deal::Deliver(Deliver { hub, contract, item: item(index as usize), quantity: Quantity(quantity) })
        }
        Choice::CancelContract { nth } => {
            Deal::CancelContract(CancelContract { hub, contract: ContractId(contract(nth)) })
        }
    }
}

/// The market and its model.
struct Both {
    galaxy: Galaxy<Market>,
    model: Model,
}

impl Both {
    fn new() -> Self {
        static CATALOG: OnceLock<Arc<Catalog>> = OnceLock::new();
        let catalog = CATALOG.get_or_init(|| small_catalog(HUB_CONTRACTS));
        let galaxy = galaxy(catalog.clone(), PLAYERS);
        let model = Model::new(catalog.economy.clone(), galaxy.now, PLAYERS);
        let mut both = Self { galaxy, model };
        both.settle();
        both
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Burst(choices) => self.burst(choices),
            Step::Pass(seconds) => {
                self.sleep(*seconds);
                self.settle();
            }
            Step::Sleep(seconds) => self.sleep(*seconds),
            Step::Reload => self.galaxy.reload(),
        }
        self.compare();
    }

    fn sleep(&mut self, seconds: u64) {
        self.galaxy.now = self.galaxy.now.plus_seconds(seconds);
        self.model.now = self.galaxy.now.0;
    }

    fn settle(&mut self) {
        self.galaxy.pass(0);
        self.model.settle();
        let of_hub: Vec<_> = self.galaxy.party().contracts.iter().filter(|contract| contract.owner.is_none()).collect();
        let on_offer = of_hub.iter().filter(|contract| contract.courier.is_none());
        assert!(on_offer.count() <= HUB_CONTRACTS, "the hub offers no more than it should");
        for contract in of_hub {
            if !self.model.contracts.iter().any(|known| known.id == contract.id.0) {
                self.model.add_hub_contract(&contract.view());
            }
        }
        assert!(self.galaxy.party().due().is_none_or(|due| due > self.galaxy.now), "nothing stays due");
    }

    fn burst(&mut self, choices: &[(usize, Choice, usize)]) {
        let mut sent: Vec<(usize, Deal, CommandId)> = Vec::new();
        for (player, choice, _) in choices {
            let deal = deal(choice, *player, &self.model);
            let command = self.galaxy.ask(*player, deal.clone());
            match self.model.ask(*player, &deal) {
                Ok(()) => sent.push((*player, deal, command)),
                Err(code) => self.expect(*player, &deal, command, &Err(code)),
            }
        }
        let mut expected = Vec::new();
        for (_, _, draw) in choices.iter().take(sent.len()) {
            let index = draw % sent.len();
            let (player, deal, command) = sent.remove(index);
            self.galaxy.deliver(index);
            expected.push((player, self.model.decide(player, &deal), deal, command));
        }
        self.galaxy.pump();
        for (player, answer, deal, command) in expected {
            self.expect(player, &deal, command, &answer);
        }
    }

    fn expect(&self, player: usize, deal: &Deal, command: CommandId, expected: &Result<Value, ErrorCode>) {
        let answer = match self.galaxy.answer_to(player, command).expect("it was answered") {
            Outcome::Done(receipt) => Ok(receipt.clone()),
            Outcome::Refused(Refusal { code, .. }) => Err(*code),
        };
        assert_eq!(answer, *expected, "{deal:?}; left: the market, right: the model");
    }

    /// Purses, treasury and books are the model's.
    fn compare(&self) {
        for (player, purse) in self.model.purses.iter().enumerate() {
            let held = self.galaxy.players[player].holdings();
            let pieces = [0, 1].map(|index| held.goods.get(&item(index)).map_or(0, |quantity| quantity.0));
            let held = Purse { credits: held.credits.0, pieces };
            assert_eq!(held, *purse, "player {player}; left: the galaxy, right: the model");
        }
        let treasury = self.galaxy.balance(External::Treasury, None);
        assert_eq!(treasury, i128::from(self.model.treasury), "the treasury");
        let hubs = self.galaxy.balance(External::Hubs, None);
        assert_eq!(-hubs, i128::from(self.model.hubs_paid), "what hubs have paid");
        for index in 0..2 {
            let ask = AskMarket { hub: hub(), item: Some(item(index)), limit: Some(100) };
            let rule = Rule { catalog: &self.galaxy.catalog, now: self.galaxy.now, fresh: uuid::Uuid::nil() };
            let book = self.galaxy.party().book(&ask, &rule).expect("the item is known");
            assert_eq!(book.sells, self.views(index, Side::Sell), "who sells, in order");
            assert_eq!(book.buys, self.views(index, Side::Buy), "who buys, in order");
        }
    }

    fn views(&self, index: usize, side: Side) -> Vec<OrderView> {
        let view = |order: super::model::Order| OrderView {
            order: OrderId(order.id),
            side,
            item: item(index),
            price: Credits(order.price),
            open: Quantity(order.open),
            expires_ms: Millis(order.expires),
            owner: player_id(order.owner),
        };
        self.model.side(index, side).into_iter().map(view).collect()
    }
}

fn play(steps: &[Step]) {
    let mut both = Both::new();
    for step in steps {
        both.step(step);
    }
    // However it went, in the end everybody has back what nobody took.
    both.sleep(10_000);
    both.settle();
    both.compare();
    assert!(both.model.orders.is_empty() && both.model.auctions.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(CASES))]

    #[test]
    fn orders_do_what_the_model_does(steps in steps(orders())) {
        play(&steps);
    }

    #[test]
    fn auctions_do_what_the_model_does(steps in steps(auctions())) {
        play(&steps);
    }

    #[test]
    fn contracts_do_what_the_model_does(steps in steps(contracts())) {
        play(&steps);
    }

    #[test]
    fn all_of_it_together_does_what_the_model_does(
        steps in steps(prop_oneof![orders(), auctions(), contracts()]),
    ) {
        play(&steps);
    }
}
