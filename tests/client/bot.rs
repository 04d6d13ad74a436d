//! The second client: the bot in Python that was written from `PROTOCOL.md` alone, against the real server, and over a
//! line that is cut and a server that crashes. What it was told must be what is stored.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::line::Line;
use crate::python;
use crate::support::Server;
use crate::support::economy::books_agree;

/// How many sales make the bot content.
const SALES: usize = 2;
/// A bot that goes on for longer hangs: a limit for failures, in seconds.
const PATIENCE: &str = "150";

#[test]
fn it_decodes_all_vectors() {
    let Some(python) = python() else { return };
    let output = Command::new(python).arg(example("test_vectors.py")).stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn it_collects_and_sells() {
    let Some(python) = python() else { return };
    let server = Server::start();
    let bot = Bot::start(&python, &format!("http://{}", server.address));
    bot.play_on().agrees_with(server);
}

#[test]
fn it_comes_through_a_lost_line_and_two_crashes() {
    let Some(python) = python() else { return };
    let mut server = Server::start();
    let line = Line::to(server.address);
    let mut bot = Bot::start(&python, &format!("http://{}", line.address));
    bot.until("collect");
    line.cut();
    bot.until_line("resumed");
    for command in ["collect", "sell"] {
        bot.until(command);
        server = server.crash_and_start();
        line.lead_to(server.address);
        bot.until_line("new session");
    }
    bot.play_on().agrees_with(server);
}

/// A running bot, and what it said.
struct Bot {
    child: Child,
    lines: Box<dyn Iterator<Item = String>>,
    said: Vec<String>,
}

impl Bot {
    fn start(python: &Path, server: &str) -> Self {
        let mut command = Command::new("timeout");
        command.arg(PATIENCE).arg(python).arg(example("bot.py")).args([
            "--server",
            server,
            "--sales",
            &SALES.to_string(),
        ]);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let lines = Box::new(BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok));
        Self { child, lines, said: Vec::new() }
    }

    /// Waits until a command of this type was carried out.
    fn until(&mut self, command: &str) {
        self.until_line(&format!("[\"{command}\""));
    }

    /// Waits for a line with this in it.
    fn until_line(&mut self, text: &str) {
        let found = self.lines.by_ref().any(|line| {
            self.said.push(line);
            self.said.last().is_some_and(|line| line.contains(text))
        });
        assert!(found, "the bot ended before {text:?}: {:#?}", self.said);
    }

    /// Waits until it is content.
    fn play_on(mut self) -> Self {
        self.said.extend(self.lines.by_ref());
        let ended = self.child.wait().unwrap();
        assert!(ended.success(), "{ended}: {:#?}", self.said);
        self
    }

    /// The answers of the commands of a type that were carried out.
    fn answers(&self, command: &str) -> Vec<Value> {
        let told = self.said.iter().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let carried_out = told.filter(|told| told[0] == command && told[2] == "ok");
        carried_out.map(|mut told| told[3].take()).collect()
    }

    /// What it was told is what is stored, to the last credit and piece: nothing was lost, nothing doubled.
    fn agrees_with(&self, server: Server) {
        let sum = |command, field: &str| -> u64 {
            self.answers(command).iter().map(|answer| answer[field].as_u64().unwrap()).sum()
        };
        let (begin, end) = (self.answers("status").remove(0), self.answers("status").pop().unwrap());
        assert_eq!(self.answers("sell").len(), SALES, "{:#?}", self.said);
        assert!(sum("sell", "paid") > 0);
        assert_eq!(end["credits"], json!(begin["credits"].as_u64().unwrap() + sum("sell", "paid")));
        assert_eq!(end["lifetime"]["pieces_sold"], json!(sum("sell", "quantity")));
        assert_eq!(end["lifetime"]["objects_collected"], json!(self.answers("collect").len()));
        let export = server.stop_and_export();
        books_agree(&export);
        let players = export["players"].as_array().unwrap();
        assert_eq!(players.len(), 1, "it stayed the same player");
        assert_eq!(players[0]["credits"], end["credits"]);
        let held: u64 = players[0]["goods"].as_object().unwrap().values().map(|held| held.as_u64().unwrap()).sum();
        assert_eq!(held, sum("collect", "quantity") - sum("sell", "quantity"));
    }
}

impl Drop for Bot {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Python with the bot's packages.
fn python() -> Option<PathBuf> {
    let requirements = std::fs::read_to_string(example("requirements.txt")).unwrap();
    Some(python::environment("bot", &requirements)?.join("python"))
}

fn example(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("loadtest/examples").join(file)
}
