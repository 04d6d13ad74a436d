//! What the page's tests play with: the arena of the server's tests, where all is near, quick and cheap, with the page beside it.

use std::path::Path;

use tempfile::TempDir;
use toml::{Table, Value};

use crate::support::arena::Arena;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// One mission that has always just begun and does not end while a test runs.
const MISSIONS: &str = r#"
[[entry]]
key = "ice_run"
name = "Ice run"
about = "Luna's reservoirs are low."
hub = "luna_exchange"
every_seconds = 604800
seconds = 604800
reward = 3600
rank_permille = [200, 100, 50]
phases = [{ needs = { ice = 200, pure_water = 20 }, points = { pure_water = 3 } }]
"#;

/// A folder of assets with the arena's catalogue and the page.
pub(crate) fn with_page() -> TempDir {
    let assets = tempfile::tempdir().unwrap();
    // Hubs and gates are in reach from where a player begins, and not from the world's edge.
    Arena { objects: 60, reach_units: 250, missions: Some(MISSIONS) }.write(assets.path());
    let catalog = assets.path().join("catalog");
    edit(&catalog.join("blueprints.toml"), shorten_jobs);
    edit(&catalog.join("economy.toml"), allow_short_auctions);
    for page in ["client", "shared"] {
        std::os::unix::fs::symlink(Path::new(ROOT).join("assets").join(page), assets.path().join(page)).unwrap();
    }
    assets
}

fn shorten_jobs(blueprints: &mut Table) {
    for entry in blueprints["entry"].as_array_mut().unwrap() {
        entry.as_table_mut().unwrap().insert("seconds".into(), Value::Integer(1));
    }
}

/// Long enough that somebody bids in time on a machine that is busy, and short enough to be waited for.
fn allow_short_auctions(economy: &mut Table) {
    let auction = economy["auction"].as_table_mut().unwrap();
    auction.insert("seconds_min".into(), Value::Integer(20));
    auction.insert("extension_seconds".into(), Value::Integer(1));
}

fn edit(file: &Path, change: impl FnOnce(&mut Table)) {
    let mut content: Table = std::fs::read_to_string(file).unwrap().parse().unwrap();
    change(&mut content);
    std::fs::write(file, content.to_string()).unwrap();
}
