//! Who may import whom. The compiler keeps `src/core` free of I/O; this keeps the floors of the house apart.

use crate::expect_none;
use crate::text::{File, sources};

/// A layer's folder or file, and the modules of ours that it may name besides itself.
const LAYERS: &[(&str, &[&str])] = &[
    ("src/core/types/", &[]),
    ("src/core/catalog/", &["types"]),
    ("src/core/protocol/", &["types"]),
    ("src/core/game/", &["types", "catalog", "protocol"]),
    ("src/config/", &["types"]),
    ("src/telemetry/", &["types", "config"]),
    ("src/store/", &["types", "game", "config", "telemetry"]),
    ("src/actors/", &["types", "catalog", "protocol", "game", "config", "telemetry", "store"]),
    ("src/http/", &["types", "protocol", "config"]),
    ("src/gateway/", &["types", "catalog", "protocol", "game", "config", "telemetry", "actors", "http"]),
    ("src/console/", &["types", "catalog", "protocol", "game", "config", "telemetry", "store", "actors", "http"]),
    ("loadtest/src/", &["types", "catalog", "protocol"]),
];
/// What the rules may name of the protocol: what players see in space, and nothing else.
const WIRE_IN_GAME: &[&str] = &["CellEntry", "CellFrame", "CellIndex", "FrameKind", "cell_frame", "picture"];
/// Crates that do I/O or tell the time. The rules' manifest must not have them.
const NOT_IN_CORE: &[&str] = &["tokio", "actix", "rusqlite", "hyper", "reqwest", "tracing", "rand", "ring"];

#[test]
fn every_layer_imports_only_what_is_below_it() {
    let mut faults = Vec::new();
    for (folder, allowed) in LAYERS {
        let own = folder.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        for file in sources(&[folder], "rs") {
            for (line, path) in our_paths(&file) {
                let module = path.first().map_or("", String::as_str);
                // The swarm is one crate without layers: only what it takes from others counts.
                let inside_swarm = *folder == "loadtest/src/" && matches!(line.1, "crate" | "loadtest");
                if inside_swarm || module == own || allowed.contains(&module) || !is_module(module) {
                    continue;
                }
                faults.push(format!("{}:{}: {folder} must not use {module}", file.path, line.0));
            }
        }
    }
    expect_none(&faults);
}

#[test]
fn the_rules_know_nothing_of_the_wire_but_cells() {
    let mut faults = Vec::new();
    // Tests may compare a world with what a client of it decodes.
    for file in sources(&["src/core/game"], "rs").into_iter().filter(|file| !file.path.ends_with("_tests.rs")) {
        for (line, path) in our_paths(&file) {
            if let [module, name, ..] = path.as_slice()
                && module == "protocol"
                && !WIRE_IN_GAME.contains(&name.as_str())
            {
                faults.push(format!("{}:{}: the rules must not use protocol::{name}", file.path, line.0));
            }
        }
    }
    expect_none(&faults);
}

#[test]
fn the_rules_manifest_has_no_crate_that_does_io() {
    let manifest: toml::Table = crate::read("src/core/Cargo.toml").parse().unwrap();
    let dependencies = manifest["dependencies"].as_table().unwrap();
    let faults: Vec<String> = NOT_IN_CORE
        .iter()
        .filter(|name| dependencies.contains_key(**name))
        .map(|name| format!("src/core/Cargo.toml: {name}"))
        .collect();
    expect_none(&faults);
}

fn is_module(name: &str) -> bool {
    let of_layers = LAYERS.iter().filter_map(|(folder, _)| folder.trim_end_matches('/').rsplit('/').next());
    of_layers.chain(["server", "cli"]).any(|module| module == name && module != "src")
}

/// Where a path stands (line, and the crate it begins with), and its segments behind that crate.
type Place = (usize, &'static str);

/// Every path of ours in a file, also inside braces: `crate::{a::b, c}` are two. Comments do not count.
fn our_paths(file: &File) -> Vec<(Place, Vec<String>)> {
    let mut found = Vec::new();
    let code: Vec<&str> = file.text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect();
    let code = code.join("\n");
    for start in ["crate", "orrery_core", "orrery", "loadtest"] {
        let needle = format!("{start}::");
        for (at, _) in code.match_indices(&needle) {
            let before = code[..at].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | ':' | '$')) {
                continue;
            }
            let line = code[..at].matches('\n').count() + 1;
            let rest = &code[at + needle.len()..];
            let paths =
                if let Some(list) = rest.strip_prefix('{') { heads_of_list(list) } else { vec![segments(rest)] };
            found.extend(paths.into_iter().flat_map(without_list).map(|path| ((line, start), path)));
        }
    }
    found
}

/// The items of a brace list, each as its segments; nested lists count by what is before them.
fn heads_of_list(list: &str) -> Vec<Vec<String>> {
    let mut depth = 1_usize;
    let mut items = vec![String::new()];
    for c in list.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 1 => items.push(String::new()),
            _ => {}
        }
        if depth == 0 {
            break;
        }
        if c != ',' || depth > 1 {
            items.last_mut().unwrap().push(c);
        }
    }
    items.iter().map(|item| segments(item.trim_start())).filter(|path| !path.is_empty()).collect()
}

/// `a::b::{c, d}` as `[a, b, "{c, d"]`: the list is taken apart by [`without_list`].
fn segments(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text;
    loop {
        let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
        if end == 0 {
            if let Some(list) = rest.strip_prefix('{') {
                found.push(format!("{{{list}"));
            }
            return found;
        }
        found.push(rest[..end].to_owned());
        match rest[end..].strip_prefix("::") {
            Some(next) => rest = next,
            None => return found,
        }
    }
}

/// Takes a list at a path's end apart, one level deep: enough for `protocol::{A, b::C}`.
fn without_list(mut path: Vec<String>) -> Vec<Vec<String>> {
    let Some(heads) = path.last().and_then(|last| last.strip_prefix('{')).map(heads_of_list) else { return vec![path] };
    path.pop();
    heads.into_iter().map(|head| path.iter().cloned().chain(head).collect()).collect()
}

#[test]
fn paths_are_found_in_all_their_forms() {
    let text = "use crate::a::B;\nuse orrery_core::{c::D, e}; // crate::no\nfn f() { crate::g::h() }\n\
                use crate::protocol::{\n    CellFrame, x::Y,\n};\n$crate::macros::m!()";
    let file = File { path: "x.rs".to_owned(), text: text.to_owned() };
    let mut found: Vec<String> =
        our_paths(&file).into_iter().map(|(place, path)| format!("{} {}", place.0, path.join("::"))).collect();
    found.sort();
    assert_eq!(found, ["1 a::B", "2 c::D", "2 e", "3 g::h", "4 protocol::CellFrame", "4 protocol::x::Y"]);
}
