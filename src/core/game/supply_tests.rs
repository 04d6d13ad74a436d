//! The money supply over a simulated month: people of different diligence, and newcomers every day, do what people do,
//! in steps of ten minutes, by the real rules of players and missions. Markets are stood in for by orders that sellers
//! fill, with the catalogue's fee and tax; hubs' contracts by a few per hub and time, as the catalogue says.
//!
//! Hubs pay for goods for ever, and so do sponsors and contracts, while a technology or a ship is bought once: without
//! more, money would pile up as soon as the tech tree is known. Three sinks keep the balance. Research is the great one
//! for months: its prices rise faster than incomes. Fees, taxes of trades, supplies and crafting take a little of all
//! that is done. And what hubs pay is taxed by how full the wallet is (`[[hub_tax]]` in `economy.toml`): nothing below
//! 10,000 credits, so newcomers see the prices on the board; nearly all of it for who has everything, who then earns by
//! dealing with other players. That was preferred to a tax on wealth itself, which takes from people who are away.
//!
//! Where the simulation is kinder than the game, it errs on the side of more money: distances between hubs are not
//! simulated, everything is sold where most is paid, and nobody ever makes a mistake or goes away.

mod books;
mod galaxy;
mod person;
mod trade;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use uuid::Uuid;

use self::galaxy::{Galaxy, STEP_SECONDS};
use self::person::{HOME, Person};
use super::Effects;
use super::player::Player;
use super::testing::own_catalog;
use crate::catalog::Catalog;
use crate::types::{Credits, HubKey, ItemKey, Millis, PlayerId};

const DAYS: usize = 30;
const STEPS_A_DAY: u64 = 24 * 3_600 / STEP_SECONDS;
/// People on the first day, and newcomers on each.
const FIRST_DAY: usize = 120;
const NEWCOMERS: usize = 3;
/// The first week is everybody's first week.
const WEEK: usize = 7;

#[test]
fn the_money_supply_is_stable_over_a_month() {
    let (galaxy, curve) = a_month(7);
    let mean = curve[WEEK..].iter().map(|day| day.per_player).sum::<u64>() / (DAYS - WEEK) as u64;
    let chart = chart(&galaxy, &curve);
    println!("{chart}");

    for (number, day) in curve.iter().enumerate().skip(WEEK) {
        let band = mean * 6 / 10..=mean * 14 / 10;
        assert!(band.contains(&day.per_player), "day {number} leaves the band {band:?}\n{chart}");
    }
    let (week_ago, last) = (&curve[DAYS - 1 - WEEK], &curve[DAYS - 1]);
    assert!(last.per_player * 10 <= week_ago.per_player * 11, "more than 10 % in the last week\n{chart}");
    assert!(last.supply * 10 <= week_ago.supply * 11, "more than 10 % in the last week\n{chart}");
    let (came, went) = galaxy.books.turnover(DAYS - WEEK..=DAYS - 1);
    assert!(went * 10 >= came * 9, "sinks take less than nine tenths of what comes\n{chart}");
}

/// The galaxy at a day's end.
struct Day {
    supply: u64,
    per_player: u64,
    median: u64,
    techs: usize,
}

fn a_month(seed: u64) -> (Galaxy, Vec<Day>) {
    let mut galaxy = Galaxy::new(Arc::new(next_door(&own_catalog())), seed);
    let (mut people, mut curve) = (Vec::new(), Vec::new());
    for day in 0..DAYS {
        galaxy.day = day;
        for _ in 0..if day == 0 { FIRST_DAY } else { NEWCOMERS } {
            join(&mut galaxy, &mut people);
        }
        for step in 0..STEPS_A_DAY {
            galaxy.tick(Millis((day as u64 * STEPS_A_DAY + step) * STEP_SECONDS * 1_000));
            for person in people.iter_mut().filter(|person| person.plays(step)) {
                person.play(&mut galaxy);
            }
        }
        curve.push(the_day(&galaxy));
        let supply = i64::try_from(galaxy.supply()).unwrap();
        assert_eq!(supply, galaxy.books.balance(day), "the ledger explains every credit");
    }
    (galaxy, curve)
}

fn the_day(galaxy: &Galaxy) -> Day {
    let players = &galaxy.players;
    let mut wallets: Vec<u64> = players.iter().map(|player| player.credits.0).collect();
    wallets.sort_unstable();
    let (supply, count) = (galaxy.supply(), players.len());
    let techs = players.iter().map(|player| player.known.len()).sum::<usize>() / count;
    Day { supply, per_player: supply / count as u64, median: wallets[count / 2], techs }
}

fn join(galaxy: &mut Galaxy, people: &mut Vec<Person>) {
    let index = galaxy.players.len();
    let (id, mut fx) = (PlayerId(Uuid::from_u128(index as u128)), Effects::default());
    galaxy.players.push(Player::new(id, &galaxy.catalog, galaxy.now, &mut fx));
    galaxy.carry_out(fx);
    // Half an hour a day, an hour and a half, four hours, ten hours; every second one makes things.
    let steps = match galaxy.rng.below(100) {
        0..60 => 3,
        60..85 => 9,
        85..97 => 24,
        _ => 60,
    };
    let begins = galaxy.rng.below(STEPS_A_DAY);
    people.push(Person::new(index, steps, begins, index.is_multiple_of(2)));
}

/// The catalogue as if everything were next door: all supplies at one hub, for the lowest price, and every blueprint.
fn next_door(catalog: &Catalog) -> Catalog {
    let mut catalog = catalog.clone();
    let mut supplies: BTreeMap<ItemKey, Credits> = BTreeMap::new();
    for (item, price) in catalog.hubs().flat_map(|hub| &hub.sells) {
        let known = supplies.entry(item.clone()).or_insert(*price);
        *known = (*known).min(*price);
    }
    let home = HubKey::parse(HOME).unwrap();
    for hub in catalog.sectors.values_mut().flat_map(|sector| &mut sector.hubs).filter(|hub| hub.key == home) {
        hub.sells = supplies.clone();
    }
    for blueprint in catalog.blueprints.values_mut() {
        blueprint.hubs.clear();
    }
    catalog
}

fn chart(galaxy: &Galaxy, curve: &[Day]) -> String {
    let top = curve.iter().map(|day| day.per_player).max().unwrap_or(1).max(1);
    let mut text = format!("{} people; credits at each day's end\n", galaxy.players.len());
    let _ = writeln!(text, "day       supply        came        went  a head  median techs  credits a head");
    for (number, day) in curve.iter().enumerate() {
        let (came, went) = galaxy.books.turnover(number..=number);
        let bar = "#".repeat(usize::try_from(day.per_player * 50 / top).unwrap_or(0));
        let Day { supply, per_player, median, techs } = day;
        let _ = writeln!(
            text,
            "{number:>3} {supply:>12} {came:>11} {went:>11} {per_player:>7} {median:>7} {techs:>5}  {bar}"
        );
    }
    let _ = writeln!(text, "the month:\n{}", galaxy.books.table(0..=DAYS - 1));
    let _ = writeln!(text, "the last week:\n{}", galaxy.books.table(DAYS - WEEK..=DAYS - 1));
    text
}
