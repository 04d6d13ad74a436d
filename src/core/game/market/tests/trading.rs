//! Fees, taxes and prices of orders, and markets with very many of them.

use std::sync::Arc;
use std::time::Instant;

use super::setup::{CREDITS, galaxy, hub, item, market, new_market, order, read, small_catalog};
use crate::catalog::{Catalog, MarketRules};
use crate::game::testing::{Galaxy, START, player_id};
use crate::game::{Effects, LedgerReason, Outcome, PartyRules, Purpose, Request, Rule, Transfer};
use crate::types::economy::Deal;
use crate::types::economy::event::{Event, Notice, Topic};
use crate::types::economy::market::{Bought, Buy, OrderPlaced};
use crate::types::{CommandId, Credits, ErrorCode, External, Holdings, Quantity, TransferId};

fn catalog_of(rules: impl FnOnce(&mut MarketRules)) -> Arc<Catalog> {
    let mut catalog = (*small_catalog(0)).clone();
    rules(&mut catalog.economy.market);
    Arc::new(catalog)
}

#[test]
fn fees_are_rounded_up_taxes_down_and_neither_is_more_than_the_value() {
    let rules = small_catalog(0).economy.market.clone();
    assert_eq!((rules.listing_fee_permille, rules.sale_tax_permille), (30, 70));
    for (value, fee, tax) in [(0, 0, 0), (1, 1, 0), (33, 1, 2), (34, 2, 2), (1_000, 30, 70), (1_001, 31, 70)] {
        let value = Credits(value);
        assert_eq!((rules.listing_fee(value), rules.sale_tax(value)), (Credits(fee), Credits(tax)), "{value}");
    }
    let all = MarketRules { sale_tax_permille: 5_000, ..rules };
    assert_eq!(all.sale_tax(Credits(7)), Credits(7));
}

#[test]
fn a_new_order_pays_the_price_that_was_there_first() {
    let mut galaxy = galaxy(small_catalog(0), 2);
    let listed: OrderPlaced = read(galaxy.act(0, Deal::List(order(5, 10))));
    assert_eq!((listed.open, listed.fee), (Quantity(5), Credits(2)));
    let placed: OrderPlaced = read(galaxy.act(1, Deal::Order(order(8, 12))));
    assert_eq!((placed.filled, placed.credits, placed.open), (Quantity(5), Credits(50), Quantity(3)));
    // The buyer paid 50 and has 3 at 12 in escrow; the seller got 50 less 3 of tax, and had paid 2 for listing.
    assert_eq!(galaxy.players[1].credits, Credits(CREDITS - 50 - 36));
    assert_eq!(galaxy.players[0].credits, Credits(CREDITS - 2 + 47));
    assert_eq!(galaxy.balance(External::Treasury, None), 5);
    assert_eq!((galaxy.players[0].season.last.traded, galaxy.players[1].season.last.traded), (50, 50));
    let sold =
        Notice::Sold { hub: hub(), order: listed.order, item: item(0), quantity: Quantity(5), credits: Credits(47) };
    assert_eq!(galaxy.notices, [(player_id(0), sold)]);
}

#[test]
fn of_those_who_want_the_last_piece_at_once_one_gets_it() {
    let mut galaxy = galaxy(small_catalog(0), 60);
    let listed: OrderPlaced = read(galaxy.act(0, Deal::List(order(1, 10))));
    let buy = Buy { hub: hub(), order: listed.order, quantity: Quantity(1), price: Credits(10) };
    let commands: Vec<_> = (1..60).map(|player| (player, galaxy.ask(player, Deal::Buy(buy.clone())))).collect();
    galaxy.pump();
    let done = |(player, command)| matches!(galaxy.answer_to(player, command), Some(Outcome::Done(_)));
    assert_eq!(commands.into_iter().filter(|sent| done(*sent)).count(), 1);
    let poorer = galaxy.players[1..].iter().filter(|player| player.credits == Credits(CREDITS - 10)).count();
    assert_eq!(poorer, 1, "the others have their credits back");
}

#[test]
fn nobody_meets_an_order_of_their_own() {
    let mut galaxy = galaxy(small_catalog(0), 2);
    let own: OrderPlaced = read(galaxy.act(0, Deal::List(order(2, 10))));
    let refusal = galaxy.act(0, Deal::Order(order(1, 10))).unwrap_err();
    assert_eq!((refusal.code, &refusal.details["order"]), (ErrorCode::OwnOffer, &own.order.0.into()));
    // Somebody's cheaper one comes before it and is enough.
    read::<OrderPlaced>(galaxy.act(1, Deal::List(order(1, 9))));
    let placed: OrderPlaced = read(galaxy.act(0, Deal::Order(order(1, 10))));
    assert_eq!(placed.credits, Credits(9));
    assert_eq!(galaxy.act(0, Deal::Order(order(1, 10))).unwrap_err().code, ErrorCode::OwnOffer);
    assert_eq!(read::<OrderPlaced>(galaxy.act(0, Deal::Order(order(1, 9)))).open, Quantity(1));
}

#[test]
fn refusals_say_what_is_there() {
    let mut galaxy = galaxy(small_catalog(0), 2);
    let listed: OrderPlaced = read(galaxy.act(0, Deal::List(order(3, 10))));
    let buy = |quantity, price| {
        Deal::Buy(Buy { hub: hub(), order: listed.order, quantity: Quantity(quantity), price: Credits(price) })
    };
    let few = galaxy.act(1, buy(4, 10)).unwrap_err();
    assert_eq!((few.code, &few.details["available"]), (ErrorCode::NotAvailable, &3.into()));
    let dear = galaxy.act(1, buy(1, 9)).unwrap_err();
    assert_eq!((dear.code, &dear.details["price"]), (ErrorCode::PriceChanged, &10.into()));
    for _ in 0..3 {
        read::<OrderPlaced>(galaxy.act(0, Deal::List(order(1, 10))));
    }
    let many = galaxy.act(0, Deal::List(order(1, 10))).unwrap_err();
    assert_eq!((many.code, &many.details["limit"]), (ErrorCode::LimitReached, &4.into()));
}

#[test]
fn an_order_that_would_meet_too_many_is_told_how_far_it_would_get() {
    let catalog = catalog_of(|rules| (rules.orders_per_player, rules.orders_per_hub) = (1_000, 1_000));
    let mut galaxy = galaxy(catalog, 2);
    galaxy.endow(0, &Holdings::of_goods(item(0), Quantity(1_000)).with_credits(Credits(10_000)), Some(&hub()));
    galaxy.endow(1, &Holdings::of_credits(Credits(10_000)), None);
    for _ in 0..201 {
        read::<OrderPlaced>(galaxy.act(0, Deal::List(order(2, 10))));
    }
    let refusal = galaxy.act(1, Deal::Order(order(402, 10))).unwrap_err();
    assert_eq!(refusal.code, ErrorCode::LimitReached);
    assert_eq!((&refusal.details["limit"], &refusal.details["available"]), (&200.into(), &400.into()));
    let placed: OrderPlaced = read(galaxy.act(1, Deal::Order(order(400, 10))));
    assert_eq!((placed.filled, placed.open), (Quantity(400), Quantity::ZERO));
}

#[test]
fn a_fee_that_has_changed_under_way_is_not_taken_unseen() {
    let mut galaxy = galaxy(small_catalog(0), 1);
    let command = galaxy.ask(0, Deal::List(order(5, 100)));
    galaxy.catalog = catalog_of(|rules| rules.listing_fee_permille = 100);
    galaxy.pump();
    match galaxy.answer_to(0, command) {
        Some(Outcome::Refused(refusal)) => {
            assert_eq!((refusal.code, &refusal.details["price"]), (ErrorCode::PriceChanged, &50.into()));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(galaxy.players[0].credits, Credits(CREDITS));
}

#[test]
fn an_order_that_expires_comes_back_with_a_notice() {
    let mut galaxy = galaxy(small_catalog(0), 2);
    let listed: OrderPlaced = read(galaxy.act(0, Deal::List(order(5, 10))));
    let wanted: OrderPlaced = read(galaxy.act(1, Deal::Order(order(5, 9))));
    let before = galaxy.players[0].available(&item(0), Some(&hub()));
    galaxy.pass(599_999);
    assert_eq!(galaxy.notices, []);
    galaxy.reload();
    galaxy.pass(1);
    let expired = |order| Notice::OrderExpired { hub: hub(), order };
    assert_eq!(galaxy.notices, [(player_id(0), expired(listed.order)), (player_id(1), expired(wanted.order))]);
    assert_eq!(galaxy.players[1].credits, Credits(CREDITS));
    assert_eq!(galaxy.players[0].available(&item(0), Some(&hub())).0, before.0 + 5);
}

#[test]
fn followers_hear_of_an_item_four_times_a_second_at_most() {
    let mut galaxy = galaxy(small_catalog(0), 2);
    let tickers = |galaxy: &mut Galaxy<_>| -> Vec<(Option<Credits>, Quantity, Option<Credits>)> {
        let told = std::mem::take(&mut galaxy.events).into_iter().filter_map(|(topic, event)| match event {
            Event::Ticker(ticker) if topic == Topic::Ticker(hub()) => Some((ticker.last, ticker.quantity, ticker.ask)),
            _ => None,
        });
        told.collect()
    };
    let listed: OrderPlaced = read(galaxy.act(0, Deal::List(order(5, 10))));
    assert_eq!(tickers(&mut galaxy), [(None, Quantity::ZERO, Some(Credits(10)))]);
    for _ in 0..2 {
        let buy = Buy { hub: hub(), order: listed.order, quantity: Quantity(1), price: Credits(10) };
        read::<Bought>(galaxy.act(1, Deal::Buy(buy)));
    }
    galaxy.pass(249);
    assert_eq!(tickers(&mut galaxy), [], "not yet");
    galaxy.pass(1);
    assert_eq!(tickers(&mut galaxy), [(Some(Credits(10)), Quantity(2), Some(Credits(10)))], "both trades in one");
    galaxy.pass(10_000);
    assert_eq!(tickers(&mut galaxy), [], "nothing has changed");
}

/// The bound is wide: it fails when something walks over all orders, not when the machine is slow.
#[test]
#[allow(clippy::disallowed_methods, reason = "it measures")]
fn ten_thousand_listings_do_not_slow_a_market() {
    let catalog = catalog_of(|rules| (rules.orders_per_player, rules.orders_per_hub) = (20_000, 20_000));
    let mut fx = Effects::default();
    let rule = Rule { catalog: &catalog, now: START, fresh: uuid::Uuid::nil() };
    let mut state = new_market(&catalog, START);
    for number in 0..10_000_u64 {
        let listing = request(0, number, Deal::List(order(1, 10 + number % 500)), &catalog);
        state.receive(&listing, &rule, &mut fx);
    }
    let begun = Instant::now();
    for number in 10_000..11_000_u64 {
        let listing = request(0, number, Deal::List(order(1, 10 + number % 500)), &catalog);
        state.receive(&listing, &rule, &mut fx);
        let best = Deal::Order(order(1, 600));
        let bought = request(1, number, best, &catalog);
        state.receive(&bought, &rule, &mut fx);
    }
    let each = begun.elapsed() / 2_000;
    assert!(each.as_millis() < 5, "a command took {each:?} in a market of 10,000");
    assert_eq!(state.orders.len(), 10_000);
}

fn request(player: usize, number: u64, deal: Deal, catalog: &Catalog) -> Transfer {
    let holdings = match &deal {
        Deal::List(body) => {
            let fee = catalog.economy.market.listing_fee(Credits(body.price.0 * body.quantity.0));
            Holdings::of_goods(body.item.clone(), body.quantity).with_credits(fee)
        }
        Deal::Order(body) => Holdings::of_credits(Credits(body.price.0 * body.quantity.0)),
        _ => Holdings::default(),
    };
    let (player, command) = (player_id(player), CommandId(number));
    let request = Request { player, name: String::new(), command, fingerprint: 0, deal };
    Transfer {
        id: TransferId::of_request(player, command),
        from: player.into(),
        to: market(),
        holdings,
        reason: LedgerReason::Trade,
        purpose: Purpose::Request(Box::new(request)),
    }
}
