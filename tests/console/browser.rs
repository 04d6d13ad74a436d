//! The page in a real browser: Debian's Chromium, driven by the scripts in `browser/`, each against a server of its own
//! with some bots in it. The tests here take turns: one browser at a time.
//!
//! `tests/support/web.rs` has what they need. `SCREENSHOTS=folder` keeps pictures of every screen, for people to look at.
//!
//! To add one: a script in `browser/` (`browser/lib/console.mjs` tells how), and a test below.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};

use crate::web;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const NAME: &str = "ada";
const PASSWORD: &str = "correct horse battery staple";
/// How many lines of a log help who reads of a failure.
const LOG_LINES: usize = 30;
/// Enough that something flies in some world.
const BOTS: &str = "12";

#[test]
fn one_logs_in_with_a_second_factor() {
    drive("login");
}

#[test]
fn ships_move_on_the_map_between_two_frames() {
    drive("map");
}

#[test]
fn every_screen_comes_without_an_error_in_both_widths_and_colours() {
    drive("screens");
}

#[test]
fn so_does_every_screen_below_those() {
    drive("details");
}

#[test]
fn the_keyboard_alone_is_enough() {
    drive("keyboard");
}

#[test]
fn a_change_is_made_by_the_keyboard_alone() {
    drive("grant-keys");
}

#[test]
fn a_grant_is_tried_carried_out_and_undone() {
    drive("grant");
}

#[test]
fn who_is_kicked_is_sent_away_and_told_why() {
    drive("kick");
}

#[test]
fn a_mission_is_created() {
    drive("mission");
}

#[test]
fn a_stale_edit_is_refused_and_goes_on_from_the_current_state() {
    drive("stale");
}

#[test]
fn maintenance_is_announced_and_lets_nobody_in() {
    drive("maintenance");
}

#[test]
fn a_report_is_dealt_with() {
    drive("report");
}

#[test]
fn a_role_is_offered_what_it_may_do() {
    drive("roles");
}

#[test]
fn data_are_exported_and_erased() {
    drive("export");
}

#[test]
fn the_page_s_own_pieces_keep_their_word() {
    drive("pure");
}

/// Runs a script; it must succeed.
fn drive(script: &str) {
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(tools) = tools() else { return };
    let server = Server::start();
    let output = Command::new(&tools.node)
        .arg(tools.scripts.join(format!("{script}.mjs")))
        .current_dir(&tools.scripts)
        .env("CONSOLE_URL", &server.console)
        .env("CONSOLE_NAME", NAME)
        .env("CONSOLE_PASSWORD", PASSWORD)
        .env("GAME_URL", &server.game)
        .env("CHROMIUM", &tools.chromium)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{script}.mjs failed:\n{}{}\nthe server's log:\n{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
        server.log()
    );
}

/// A server in a throw-away folder, with one operator. Killed when dropped.
struct Server {
    process: Child,
    console: String,
    game: String,
    folder: tempfile::TempDir,
}

impl Server {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        make_admin(folder.path());
        let log = fs::File::create(folder.path().join("log")).unwrap();
        let mut serve = command(folder.path(), &["serve", "--bots", BOTS]);
        let mut process = serve.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut address = |before: &str| {
            let line = lines.find_map(|line| Some(line.split_once(before)?.1.to_owned())).unwrap_or_default();
            line.split([' ', '/']).next().unwrap_or_default().to_owned()
        };
        let game = format!("http://{}", address("listening on http://"));
        let console = format!("http://{}/", address("operate: http://"));
        // It may print more, and must not fail for want of a reader.
        std::thread::spawn(move || lines.for_each(drop));
        Self { process, console, game, folder }
    }

    /// What it logged last.
    fn log(&self) -> String {
        let text = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(LOG_LINES)..].join("\n")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Makes the operator that the scripts log in as.
fn make_admin(folder: &Path) {
    let arguments = ["admin", "create", "--name", NAME, "--role", "admin", "--password-stdin"];
    let mut create = command(folder, &arguments);
    let mut process = create.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    process.stdin.take().unwrap().write_all(PASSWORD.as_bytes()).unwrap();
    let made = process.wait_with_output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

/// The program, with its data in a folder and on free ports. Nothing else that happens to be set decides.
fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_orrery"));
    command.args(arguments).current_dir(folder).stdin(Stdio::null()).env_clear();
    command.env("ORRERY_SERVER__ASSETS", Path::new(ROOT).join("assets"));
    command.env("ORRERY_SERVER__LISTEN", "127.0.0.1:0").env("ORRERY_CONSOLE__LISTEN", "127.0.0.1:0");
    // Each browser window logs in, some of them wrongly, and all from this machine.
    command.env("ORRERY_CONSOLE__LOGINS_PER_ADDRESS", "1000");
    command
}

struct Tools {
    chromium: PathBuf,
    node: PathBuf,
    scripts: PathBuf,
}

/// What the scripts need; `None`, loudly, when it cannot be had.
fn tools() -> Option<&'static Tools> {
    static TOOLS: OnceLock<Option<Tools>> = OnceLock::new();
    TOOLS.get_or_init(|| web::had(find_tools())).as_ref()
}

fn find_tools() -> Result<Tools, String> {
    let (chromium, node) = (web::chromium()?, web::node()?);
    let tree = web::tree("console")?;
    web::packages(&tree.join(web::BROWSER))?;
    Ok(Tools { chromium, node, scripts: tree.join("tests/console/browser") })
}
