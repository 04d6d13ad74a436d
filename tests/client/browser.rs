//! The page in a real browser: Debian's Chromium, driven by the scripts in `browser/`, each against a server of its own. The
//! tests here take turns: one browser at a time. `SCREENSHOTS=folder` keeps pictures, for people to look at.
//!
//! To add one: a script in `browser/` (`browser/lib/page.mjs` tells how), and a test below.

use std::sync::{Mutex, PoisonError};

use crate::content;
use crate::scripts::{node, succeed};
use crate::support::Server;
use crate::web;

/// Who asks the console how the worlds are.
const OPERATOR: (&str, &str) = ("Ada", "seven green boats");
/// How many lines of a log help who reads of a failure.
const LOG_LINES: usize = 30;

#[test]
fn one_signs_up_comes_back_and_is_told_what_is_wrong() {
    drive("accounts", &[]);
}

#[test]
fn the_whole_game_is_played_between_two_pages_and_nothing_is_lost() {
    drive("play", &["1280"]);
}

#[test]
fn so_it_is_on_a_small_screen() {
    drive("play", &["390"]);
}

#[test]
fn players_of_both_sizes_deal_and_talk_with_each_other() {
    drive("together", &[]);
}

#[test]
fn every_screen_comes_without_an_error_and_is_for_everybody() {
    drive("screens", &["1280"]);
}

#[test]
fn so_does_every_screen_on_a_small_one() {
    drive("screens", &["390"]);
}

#[test]
fn the_keyboard_alone_is_enough() {
    drive("keyboard", &[]);
}

#[test]
fn the_picture_is_the_world_s_on_a_bad_line() {
    drive("picture", &[]);
}

/// Runs a script; it must succeed, and then the books must agree.
fn drive(script: &str, arguments: &[&str]) {
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let node = node("browser", web::BROWSER);
    let (Some(chromium), Some(mut node)) = (web::had(web::chromium()), node) else { return };
    let assets = content::with_page();
    let server = Server::with(&[
        ("server.assets", assets.path().to_str().unwrap()),
        ("console.admin_name", OPERATOR.0),
        ("console.admin_password", OPERATOR.1),
        ("console.logins_per_address", "1000"),
    ]);
    node.arg(format!("{script}.mjs"))
        .args(arguments)
        .env("GAME_URL", format!("http://{}", server.address))
        .env("CONSOLE_URL", format!("http://{}", server.console))
        .env("OPERATOR_NAME", OPERATOR.0)
        .env("OPERATOR_PASSWORD", OPERATOR.1)
        .env("CHROMIUM", chromium);
    let last_words = || {
        let log = server.log();
        let lines: Vec<&str> = log.lines().collect();
        format!("the server's log:\n{}", lines[lines.len().saturating_sub(LOG_LINES)..].join("\n"))
    };
    succeed(&mut node, last_words);
    server.stop_and_export();
}
