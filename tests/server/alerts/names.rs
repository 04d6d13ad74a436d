//! Rules and dashboard name what the server really exports.

use std::collections::{BTreeMap, BTreeSet};

use orrery::telemetry::Metrics;
use serde_json::Value;

use super::promtool::RULES;
use crate::support::{Player, Server};

const DASHBOARD: &str = "config/grafana/orrery.json";

/// The names of ours in an expression.
fn names(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    words.filter(|word| word.starts_with("orrery_") || word.starts_with("process_"))
}

/// Each metric's type, by name, of what a server exports.
fn exported() -> BTreeMap<String, String> {
    let server = Server::start();
    let _player = Player::guest(&server);
    let text = server.http().get("/metrics").text();
    let types = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' '));
    types.map(|(name, kind)| (name.to_owned(), kind.to_owned())).collect()
}

fn is_exported(name: &str, exported: &BTreeMap<String, String>) -> bool {
    let of = |suffix: &str| name.strip_suffix(suffix);
    let is = |name: Option<&str>, kinds: &[&str]| {
        name.is_some_and(|name| match exported.get(name) {
            Some(kind) => kinds.contains(&kind.as_str()),
            // A family without children has no type yet.
            None => Metrics::NAMES.contains(&name),
        })
    };
    is(of("_total"), &["counter"])
        || ["_bucket", "_sum", "_count"].iter().any(|suffix| is(of(suffix), &["histogram"]))
        || (is(Some(name), &["gauge"]))
}

#[test]
fn rules_and_dashboard_name_only_what_is_exported() {
    let exported = exported();
    let rules = std::fs::read_to_string(RULES).unwrap();
    let code: Vec<&str> = rules.lines().filter(|line| !line.trim_start().starts_with(['#'])).collect();
    // Advice names metrics as people know them, without suffixes.
    let rules: Vec<&str> = code.into_iter().filter(|line| !line.contains("advice:")).collect();
    let dashboard: Value = serde_json::from_str(&std::fs::read_to_string(DASHBOARD).unwrap()).unwrap();
    let mut expressions = rules.join("\n");
    for target in dashboard["panels"].as_array().unwrap().iter().filter_map(|panel| panel["targets"].as_array()) {
        target.iter().for_each(|target| expressions += &format!("\n{}", target["expr"].as_str().unwrap()));
    }
    let used: BTreeSet<&str> = names(&expressions).collect();
    let wrong: Vec<_> = used.iter().filter(|name| !is_exported(name, &exported)).collect();
    assert!(wrong.is_empty(), "not exported: {wrong:?}");

    let shown = |metric: &&&str| !used.iter().any(|name| name.starts_with(**metric));
    let hidden: Vec<_> = Metrics::NAMES.iter().filter(shown).collect();
    assert!(hidden.is_empty(), "on no panel and in no rule: {hidden:?}");
}
