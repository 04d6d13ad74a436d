//! LIMITS.md says what configuration, catalogue and code say, and lacks no setting that clients meet.

use orrery::config::Config;

use crate::expect_none;
use crate::text::{all_quoted, quoted, read, rows};

const PAGE: &str = "src/core/protocol/LIMITS.md";

/// Settings of the configuration that clients meet, besides all numbers of these sections.
const SECTIONS: &[&str] = &["session", "limits"];
const SETTINGS: &[&str] = &[
    "auth.access_seconds",
    "auth.refresh_seconds",
    "store.answer_timeout_ms",
    "store.queue_commits_max",
    "world.tick_hz",
    "world.pace_min_percent",
    "world.cell_units",
    "world.interest_radius_units",
    "world.hysteresis_units",
    "world.every_tick_within_units",
    "world.every_2nd_tick_within_units",
    "world.inbox_max",
    "world.players_max",
];
/// Numbers of those sections that clients do not meet: this is the kernel's affair.
const NOT_MET: &[&str] = &["session.send_buffer_bytes"];
/// The catalogue's bounds. Prices and shares are not: they are what things cost.
const CATALOGUE: &[&str] = &["market", "auction", "contract", "craft", "guild", "season"];
const NO_BOUND: &[&str] = &["economy.guild.founding_fee"];

/// The limit as a test compares it: without the commas of thousands.
fn limit(cell: &str) -> String {
    cell.replace(',', "")
}

fn settings() -> toml::Table {
    toml::Table::try_from(Config::default()).unwrap()
}

fn catalogue() -> toml::Table {
    read("assets/catalog/economy.toml").parse().unwrap()
}

fn numbers<'a>(section: &'a str, table: &'a toml::Table) -> impl Iterator<Item = String> + 'a {
    let keys = table[section].as_table().unwrap().iter().filter(|(_, value)| value.is_integer());
    keys.map(move |(key, _)| format!("{section}.{key}"))
}

/// What a row's third cell leads to: the limit as it should stand in the second one.
fn expected(set_by: &str) -> Option<String> {
    let name = quoted(set_by)?;
    if let Some(path) = all_quoted(set_by).get(1) {
        return constant(&read(path), name);
    }
    let (table, key) = match name.strip_prefix("economy.") {
        Some(key) => (catalogue(), key),
        None => (settings(), name),
    };
    let (section, key) = key.split_once('.')?;
    table.get(section)?.get(key).map(ToString::to_string)
}

/// The value of a constant in a piece of source: numbers, products, ranges and durations.
fn constant(source: &str, name: &str) -> Option<String> {
    let line = source.lines().find(|line| line.contains(&format!("const {name}:")))?;
    let value = line.split_once(" = ")?.1.trim_end_matches(';').replace('_', "");
    let called = |function: &str| value.strip_prefix(function)?.strip_suffix(')').map(str::to_owned);
    if let Some(seconds) = called("Duration::fromsecs(") {
        return Some(format!("{seconds} s"));
    }
    if let Some(millis) = called("Duration::frommillis(") {
        return Some(format!("{millis} ms"));
    }
    if let Some((from, to)) = value.split_once("..=") {
        return Some(format!("{from} to {to}"));
    }
    if value == "(1 << 53) - 1" {
        return Some(((1_u64 << 53) - 1).to_string());
    }
    let factors: Option<Vec<u64>> = value.split(" * ").map(|factor| factor.parse().ok()).collect();
    factors.map(|factors| factors.iter().product::<u64>().to_string())
}

/// Whether the cell begins with this: `5000` is in `5000 ms`, not in `50000`.
fn begins_with(cell: &str, expected: &str) -> bool {
    cell.strip_prefix(expected).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

#[test]
fn every_limit_is_what_it_is_set_to() {
    let mut faults = Vec::new();
    for row in rows(&read(PAGE)) {
        let is = expected(&row[2]);
        if !is.as_ref().is_some_and(|is| begins_with(&limit(&row[1]), is)) {
            faults.push(format!("{PAGE}: {}: {} should be {is:?} of {}", row[0], row[1], row[2]));
        }
    }
    expect_none(&faults);
}

#[test]
fn no_setting_that_clients_meet_is_missing() {
    let page = read(PAGE);
    let table = rows(&page);
    let there: Vec<&str> = table.iter().filter_map(|row| quoted(&row[2])).collect();
    let (settings, catalogue) = (settings(), catalogue());
    let of_sections = SECTIONS.iter().flat_map(|section| numbers(section, &settings));
    let of_catalogue = CATALOGUE.iter().flat_map(|section| numbers(section, &catalogue));
    let bounds = of_catalogue.filter(|name| !name.ends_with("_permille")).map(|name| format!("economy.{name}"));
    let wanted = of_sections.chain(SETTINGS.iter().map(|name| (*name).to_owned())).chain(bounds);
    let faults: Vec<String> = wanted
        .filter(|name| !NOT_MET.contains(&name.as_str()) && !NO_BOUND.contains(&name.as_str()))
        .filter(|name| !there.contains(&name.as_str()))
        .map(|name| format!("{PAGE}: {name} is missing"))
        .collect();
    expect_none(&faults);
}

#[test]
fn constants_are_read_in_all_their_forms() {
    let source = "pub const A: usize = 64;\n    const B: Duration = Duration::from_secs(10);\nconst C: usize = 16 * 1_024;\n\
                  const D: RangeInclusive<usize> = 1..=300;\npub const E: u64 = (1 << 53) - 1;\n";
    let read: Vec<_> = ["A", "B", "C", "D", "E", "F"].iter().map(|name| constant(source, name)).collect();
    let expected = ["64", "10 s", "16384", "1 to 300", "9007199254740991"].map(|text| Some(text.to_owned()));
    assert_eq!(read, [&expected[..], &[None]].concat());
}
