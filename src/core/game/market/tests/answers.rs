//! What players are told when they ask, and prices over time.

use super::setup::{galaxy, hub, item, market, order, read, small_catalog};
use crate::game::PartTable;
use crate::game::market::Market;
use crate::game::testing::Galaxy;
use crate::types::economy::market::{AskMarket, AskPage, AskPrices, Book, Buy, OrderPlaced, PriceTicks, Quote, Span};
use crate::types::economy::storage::{AtHub, MyOffers};
use crate::types::economy::{Ask, Deal, contract::ContractPage};
use crate::types::{Credits, ErrorCode, ItemKey, Millis, Quantity};

const HOUR_MS: u64 = 3_600_000;

/// A trade of so many pieces at this price.
fn trade(galaxy: &mut Galaxy<Market>, quantity: u64, price: u64) {
    let listed: OrderPlaced = read(galaxy.act(0, Deal::List(order(quantity, price))));
    let (quantity, price) = (Quantity(quantity), Credits(price));
    galaxy.act(1, Deal::Buy(Buy { hub: hub(), order: listed.order, quantity, price })).unwrap();
}

fn ticks(galaxy: &Galaxy<Market>, span: Span, limit: u16, before_ms: Option<Millis>) -> PriceTicks {
    let ask = AskPrices { hub: hub(), item: item(0), span, before_ms, limit: Some(limit) };
    read(galaxy.question(&market(), 0, &Ask::PriceHistory(ask)))
}

fn quote(galaxy: &Galaxy<Market>) -> Quote {
    let ask = AskMarket { hub: hub(), item: Some(item(0)), limit: None };
    read::<Book>(galaxy.question(&market(), 0, &Ask::Market(ask))).quotes.remove(0)
}

#[test]
fn ticks_say_first_highest_lowest_and_last_price() {
    let mut galaxy = galaxy(small_catalog(0), 2);
    for (quantity, price) in [(1, 20), (2, 30), (1, 10), (3, 15)] {
        trade(&mut galaxy, quantity, price);
    }
    let minute = &ticks(&galaxy, Span::Minute, 10, None).items[0];
    assert_eq!(minute.at_ms.0 % 60_000, 0);
    assert_eq!((minute.open, minute.high, minute.low), (Credits(20), Credits(30), Credits(10)));
    assert_eq!((minute.close, minute.volume), (Credits(15), Quantity(7)));
    for span in [Span::Hour, Span::Day] {
        assert_eq!(ticks(&galaxy, span, 10, None).items[0].volume, Quantity(7));
    }
    assert_eq!((quote(&galaxy).last, quote(&galaxy).volume_day), (Some(Credits(15)), Quantity(7)));
}

#[test]
fn price_history_is_read_page_by_page_newest_first() {
    let mut galaxy = galaxy(small_catalog(0), 2);
    for price in 1..=5 {
        trade(&mut galaxy, 1, price);
        galaxy.pass(60_000);
    }
    let first = ticks(&galaxy, Span::Minute, 2, None);
    let closes = |page: &PriceTicks| page.items.iter().map(|tick| tick.close.0).collect::<Vec<_>>();
    assert_eq!(closes(&first), [5, 4]);
    let second = ticks(&galaxy, Span::Minute, 3, first.next_cursor);
    assert_eq!((closes(&second), second.next_cursor), (vec![3, 2, 1], None));
}

#[test]
fn minutes_are_kept_a_day_hours_a_month_and_days_for_ever() {
    let mut galaxy = galaxy(small_catalog(0), 2);
    trade(&mut galaxy, 4, 10);
    let kept = |galaxy: &Galaxy<Market>| {
        let of = |span| ticks(galaxy, span, 10, None).items.len();
        let parts = galaxy.stored_parts(&market());
        let stored = parts.iter().filter(|(table, ..)| *table == PartTable::Price).count();
        ((of(Span::Minute), of(Span::Hour), of(Span::Day)), stored)
    };
    galaxy.pass(23 * HOUR_MS);
    assert_eq!((kept(&galaxy), quote(&galaxy).volume_day), (((1, 1, 1), 3), Quantity(4)));
    galaxy.pass(HOUR_MS + 60_000);
    assert_eq!(quote(&galaxy).volume_day, Quantity::ZERO, "a day is a day, also while the minute is still there");
    galaxy.pass(HOUR_MS);
    assert_eq!(kept(&galaxy), ((0, 1, 1), 2));
    galaxy.pass(31 * 24 * HOUR_MS);
    assert_eq!(kept(&galaxy), ((0, 0, 1), 1));
    galaxy.reload();
    assert_eq!(quote(&galaxy).last, Some(Credits(10)), "the last price is known for ever");
}

#[test]
fn books_quotes_and_own_offers_show_the_same_orders() {
    let mut galaxy = galaxy(small_catalog(0), 3);
    for price in [12, 11, 11] {
        read::<OrderPlaced>(galaxy.act(0, Deal::List(order(2, price))));
    }
    read::<OrderPlaced>(galaxy.act(1, Deal::Order(order(3, 9))));
    let quote = quote(&galaxy);
    assert_eq!((quote.bid, quote.bid_quantity), (Some(Credits(9)), Quantity(3)));
    assert_eq!((quote.ask, quote.ask_quantity), (Some(Credits(11)), Quantity(4)), "both that ask the least");
    let all = Ask::Market(AskMarket { hub: hub(), item: None, limit: None });
    assert_eq!(read::<Book>(galaxy.question(&market(), 2, &all)).quotes, [quote]);
    let mine = Ask::MyOffers(AtHub { hub: hub() });
    let counts = [0, 1, 2].map(|player| read::<MyOffers>(galaxy.question(&market(), player, &mine)).orders.len());
    assert_eq!(counts, [3, 1, 0]);
}

#[test]
fn pages_go_on_where_the_one_before_ended() {
    let mut galaxy = galaxy(small_catalog(5), 1);
    galaxy.pass(0);
    let mut seen = Vec::new();
    let mut cursor = None;
    loop {
        let ask = Ask::Contracts(AskPage { hub: hub(), limit: Some(2), cursor });
        let page: ContractPage = read(galaxy.question(&market(), 0, &ask));
        seen.extend(page.items.iter().map(|view| view.contract.0));
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen, [1, 2, 3, 4, 5]);
}

#[test]
fn questions_out_of_bounds_are_refused() {
    let galaxy = galaxy(small_catalog(0), 1);
    let page = |limit| Ask::Auctions(AskPage { hub: hub(), limit: Some(limit), cursor: None });
    for limit in [0, 101] {
        let refusal = galaxy.question(&market(), 0, &page(limit)).unwrap_err();
        assert_eq!(refusal.code, ErrorCode::BadRequest);
    }
    let nothing = Some(ItemKey::parse("nothing").unwrap());
    let unknown = Ask::Market(AskMarket { hub: hub(), item: nothing, limit: None });
    assert_eq!(galaxy.question(&market(), 0, &unknown).unwrap_err().code, ErrorCode::UnknownItem);
}
