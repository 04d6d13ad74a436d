//! Pages say what the code does: PROTOCOL.md, METRICS.md, the README.

use std::collections::BTreeSet;

use orrery::config::Config;
use orrery::protocol::{ClientMessage, CloseCode, ErrorCode, ServerMessage};
use orrery::telemetry::Metrics;
use orrery::types::economy::Deal;

use crate::expect_none;
use crate::text::{all_quoted, quoted, read, rows, section, sources};

const PROTOCOL: &str = "src/core/protocol/PROTOCOL.md";
/// The page's sections whose headings of the third rank are messages from clients.
const FROM_THE_CLIENT: &[&str] = &[
    "From the client",
    "Market",
    "Contracts",
    "Storage and hub trade",
    "Crafting",
    "Missions",
    "Seasons",
    "Guilds",
    "Chat",
    "Friends",
    "Notifications",
    "Topics",
];

/// Both directions of "the same names": what the code has and the page lacks, and the other way round.
fn compare<'a>(page: &str, wanted: impl IntoIterator<Item = &'a str>, written: impl IntoIterator<Item = &'a str>) {
    let wanted: BTreeSet<&str> = wanted.into_iter().collect();
    let written: BTreeSet<&str> = written.into_iter().collect();
    let missing = wanted.difference(&written).map(|name| format!("{page}: {name} is missing"));
    let foreign = written.difference(&wanted).map(|name| format!("{page}: {name} is not in the code"));
    expect_none(&missing.chain(foreign).collect::<Vec<_>>());
}

fn first_cells(table: &str) -> Vec<String> {
    rows(table).into_iter().filter_map(|row| row.into_iter().next()).collect()
}

#[test]
fn every_message_has_its_section_and_every_section_its_message() {
    let page = read(PROTOCOL);
    for (headings, names) in
        [(FROM_THE_CLIENT, ClientMessage::names()), (&["From the server"][..], ServerMessage::names())]
    {
        let parts: Vec<String> = headings.iter().map(|heading| section(&page, heading)).collect();
        let titles = parts.iter().flat_map(|part| part.lines()).filter_map(|line| line.strip_prefix("### "));
        compare(PROTOCOL, names, titles.map(|title| title.split(' ').next().unwrap_or_default()));
    }
}

#[test]
fn the_table_of_client_messages_has_each_with_its_class() {
    let page = read(PROTOCOL);
    let cells = first_cells(&section(&page, "From the client"));
    let written: Vec<&str> = cells.iter().flat_map(|cell| all_quoted(cell)).collect();
    // Deals without a class of their own are one row.
    let faults: Vec<String> = ClientMessage::names()
        .into_iter()
        .filter(|name| !written.contains(name) && !Deal::NAMES.contains(name))
        .map(|name| format!("{PROTOCOL}: the table of messages lacks {name}"))
        .collect();
    expect_none(&faults);
}

#[test]
fn every_notice_has_its_row_and_every_row_its_notice() {
    let page = read(PROTOCOL);
    let source = read("src/core/types/economy/event.rs");
    let of_enum = source.split("pub enum Notice {").nth(1).and_then(|rest| rest.split("\n}").next()).unwrap();
    let variants = of_enum.lines().filter_map(|line| {
        let line = line.strip_prefix("    ")?;
        line.strip_suffix(" {").or_else(|| line.strip_suffix(" {},"))
    });
    let names: Vec<String> = variants.filter(|name| !name.starts_with(' ')).map(snake_case).collect();
    let cells = first_cells(&section(&page, "Notifications"));
    let written = cells.iter().flat_map(|cell| all_quoted(cell));
    compare(PROTOCOL, names.iter().map(String::as_str), written);
}

fn snake_case(name: &str) -> String {
    let mut text = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.push(c.to_ascii_lowercase());
    }
    text
}

#[test]
fn every_error_code_has_its_row_and_every_row_its_code() {
    let page = read(PROTOCOL);
    let cells = first_cells(&section(&page, "Error codes"));
    compare(PROTOCOL, ErrorCode::ALL.iter().map(|code| code.as_str()), cells.iter().filter_map(|cell| quoted(cell)));
}

#[test]
fn every_close_code_has_its_row_and_every_row_its_code() {
    let page = read(PROTOCOL);
    let table = rows(&section(&page, "Close codes"));
    let numbers: Vec<String> = CloseCode::ALL.iter().map(|code| code.as_u16().to_string()).collect();
    compare(PROTOCOL, numbers.iter().map(String::as_str), table.iter().map(|row| row[0].as_str()));
    let faults = CloseCode::ALL.iter().filter_map(|code| {
        let row = table.iter().find(|row| row[0] == code.as_u16().to_string())?;
        let says = row[3].contains("come back after");
        (says != code.reconnect()).then(|| format!("{PROTOCOL}: {} and CloseCode::reconnect disagree", row[0]))
    });
    expect_none(&faults.collect::<Vec<_>>());
}

#[test]
fn the_http_codes_are_those_of_the_gateway() {
    let page = read(PROTOCOL);
    let gateway: String = sources(&["src/gateway", "src/http"], "rs").into_iter().map(|file| file.text).collect();
    let table = rows(&section(&page, "HTTP API"));
    let codes = table.iter().filter(|row| row.len() == 3 && row[1].len() == 3).filter_map(|row| quoted(&row[0]));
    let faults: Vec<String> = codes
        .filter(|code| !gateway.contains(&format!("\"{code}\"")))
        .map(|code| format!("{PROTOCOL}: {code} is not in the code"))
        .collect();
    expect_none(&faults);
}

#[test]
fn settings_that_pages_name_exist() {
    let defaults = toml::Table::try_from(Config::default()).unwrap();
    let mut faults = Vec::new();
    for path in [PROTOCOL, "src/core/protocol/LIMITS.md", "README.md"] {
        for name in all_quoted(&read(path)) {
            let Some((section, key)) = name.split_once('.') else { continue };
            let is_name =
                |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
            if let Some(keys) = defaults.get(section).filter(|_| is_name(key))
                && keys.get(key).is_none()
                && !["rs", "toml", "md"].contains(&key)
            {
                faults.push(format!("{path}: there is no setting {name}"));
            }
        }
    }
    expect_none(&faults);
}

#[test]
fn every_metric_has_its_row_and_every_row_its_metric() {
    let cells = first_cells(&read("src/telemetry/METRICS.md"));
    compare("METRICS.md", Metrics::NAMES.iter().copied(), cells.iter().filter_map(|cell| quoted(cell)));
}

#[test]
fn the_readmes_map_is_true() {
    let page = read("README.md");
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let map = section(&page, "The map");
    let is_place = |word: &&str| word.starts_with("src/") || word.ends_with('/') || *word == "Cargo.toml";
    let places: BTreeSet<&str> = map.split_whitespace().filter(is_place).collect();
    let mut faults: Vec<String> = places
        .iter()
        .filter(|place| !root.join(place).exists())
        .map(|place| format!("README.md: there is no {place}"))
        .collect();
    for folder in ["src", "."] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let place = if folder == "." { format!("{name}/") } else { format!("src/{name}/") };
            let known = places
                .iter()
                .any(|known| known.starts_with(&place) || known.trim_end_matches('/') == place.trim_end_matches('/'))
                || places.contains(format!("src/{name}.rs").as_str());
            if entry.path().is_dir() && !name.starts_with('.') && !["target", "data"].contains(&name.as_str()) && !known
            {
                faults.push(format!("README.md: the map lacks {place}"));
            }
        }
    }
    expect_none(&faults);
}

#[test]
fn every_place_that_the_readme_names_is_there() {
    let page = read("README.md");
    let is_place =
        |name: &&str| name.contains('/') && !name.contains(' ') && !name.contains("://") && !name.starts_with('/');
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let faults: Vec<String> = all_quoted(&page)
        .into_iter()
        .filter(is_place)
        .filter(|name| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte)))
        .filter(|name| !root.join(name).exists() && !name.starts_with("target/") && !name.starts_with("data/"))
        .map(|name| format!("README.md: there is no {name}"))
        .collect();
    expect_none(&faults);
}
