//! The subcommands, as a shell sees them: what is printed where, and the exit code.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::client::Client;
use crate::postgres;
use crate::server::{Home, error_text};

const SECRET: &str = "hunter2-hunter2-hunter2-hunter2-hunter2";

#[test]
fn check_config_tells_where_settings_come_from_and_masks_secrets() {
    let home = Home::on("postgres://ada:hunter2@db/orrery").with("auth.secret", SECRET).with("world.tick_hz", 30);
    fs::write(home.path("own.toml"), "[session]\nheartbeat_ms = 9000\n").unwrap();
    let text = home.run_well(&["check-config", "--config", "own.toml"]);
    assert!(!text.contains("hunter2"), "{text}");
    assert!(text.contains("postgres://ada:***@db/orrery"), "{text}");
    let all: Value = serde_json::from_str(&home.run_well(&["check-config", "--json", "--config", "own.toml"])).unwrap();
    assert_eq!(all["world.tick_hz"], json!({ "value": 30, "source": "ORRERY_WORLD__TICK_HZ" }));
    assert_eq!(all["session.heartbeat_ms"], json!({ "value": 9000, "source": "own.toml" }));
    assert_eq!(all["world.seed"]["source"], "default");
    assert!(!all.to_string().contains("hunter2"), "{all}");
}

#[test]
fn a_wrong_setting_is_refused_with_key_value_and_source() {
    let home = Home::on_sqlite().with("world.tick_hz", 900).with("world.tick_herz", 20);
    fs::write(home.path("own.toml"), "[session]\nheartbeat_ms = \"soon\"\n").unwrap();
    for command in ["check-config", "serve", "export"] {
        let output = home.run(&[command, "--config", "own.toml"]);
        let text = error_text(&output);
        assert_eq!(output.status.code(), Some(1), "{text}");
        for part in ["world.tick_hz", "900", "ORRERY_WORLD__TICK_HZ", "session.heartbeat_ms", "soon", "own.toml"] {
            assert!(text.contains(part), "{part} is missing: {text}");
        }
        assert!(text.contains("world.tick_herz") && text.contains("ORRERY_WORLD__TICK_HERZ"), "{text}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn check_assets_lists_all_faults_at_once() {
    let mut home = Home::on_sqlite();
    let sound = home.run_well(&["check-assets"]);
    assert!(sound.starts_with("sound: 6 sectors"), "{sound}");

    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/catalog"), &home.path("broken/catalog"));
    replace(&home.path("broken/catalog/techs.toml"), "requires = [\"ion_tuning\"]", "requires = [\"ion_drumming\"]");
    replace(&home.path("broken/catalog/sectors/sol.toml"), "to_gate = \"vega_sol\"", "to_gate = \"nowhere\"");
    replace(&home.path("broken/catalog/galaxy.toml"), "ship = \"sloop\"", "ship = \"raft\"");
    home.set("server.assets", home.path("broken").display());
    for command in ["check-assets", "serve"] {
        let output = home.run(&[command]);
        let text = error_text(&output);
        assert_eq!(output.status.code(), Some(1), "{text}");
        for part in ["techs.toml", "ion_drumming", "sol.toml", "nowhere", "galaxy.toml", "raft"] {
            assert!(text.contains(part), "{command}: {part} is missing: {text}");
        }
    }
    assert!(!home.path("data").exists(), "nothing is made for a catalogue that is not sound");
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn replace(file: &Path, old: &str, new: &str) {
    let text = fs::read_to_string(file).unwrap();
    assert!(text.contains(old), "{} has no {old}", file.display());
    fs::write(file, text.replacen(old, new, 1)).unwrap();
}

#[tokio::test]
async fn tokens_and_exports_work_on_sqlite() {
    tokens_and_exports_work(Home::on_sqlite()).await;
}

#[tokio::test]
async fn tokens_and_exports_work_on_postgres() {
    let Some(cluster) = postgres::shared() else { return };
    tokens_and_exports_work(Home::on(&cluster.create_database().await)).await;
}

async fn tokens_and_exports_work(home: Home) {
    let unmigrated = home.run(&["export", "--json"]);
    assert_eq!(unmigrated.status.code(), Some(1));
    assert!(error_text(&unmigrated).starts_with("error: "), "{}", error_text(&unmigrated));
    assert!(home.run_well(&["migrate"]).contains("up to date"));
    assert_eq!(home.export().all["players"], json!([]));

    let mut server = home.start_server();
    let ada = Client::enter_as_guest(&server, "Ada").await;
    let live = home.export();
    assert_eq!(live.compared.players.len(), 1);
    let token = home.run_well(&["token", "--player", "Ada"]);
    let again = Client::enter_with(&server, token.trim()).await;
    assert_eq!(again.welcome.player, ada.welcome.player);
    let nobody = home.run(&["token", "--player", "Zoe"]);
    assert_eq!(nobody.status.code(), Some(1));
    assert!(error_text(&nobody).contains("no player named \"Zoe\""), "{}", error_text(&nobody));

    server.terminate();
    assert_eq!(server.wait_for_end().await.code(), Some(0), "{}", server.log());
    let stopped = home.export();
    assert_eq!(stopped.all["players"], live.all["players"]);
    let token = home.run_well(&["token", "--player", "ada"]);
    assert_eq!(token.trim().split('.').count(), 3, "{token}");
}

#[test]
fn a_wrong_command_line_is_told_from_a_failure() {
    let home = Home::on_sqlite();
    assert_eq!(home.run(&["fly"]).status.code(), Some(2));
    assert_eq!(home.run(&["export", "--bots", "3"]).status.code(), Some(2));
    assert_eq!(home.run(&["export"]).status.code(), Some(1), "there is no database");
}
