//! A home for a server's data, and the server's process in it. What is done to either is a verb.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

use loadtest::check_acks::Export;
use loadtest::http::{self, ServerUrl};
use serde_json::Value;
use tempfile::TempDir;
use tokio::time::sleep;

/// How long a state may take to come about; far longer than it ever should.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// How many lines of a log help who reads of a failure.
const LOG_LINES: usize = 40;
const POLL: Duration = Duration::from_millis(20);
const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// A folder, a store, and settings.
pub struct Home {
    folder: TempDir,
    settings: Vec<(String, String)>,
}

impl Home {
    /// With the store that is used when none is named.
    pub fn on_sqlite() -> Self {
        let assets = Path::new(ROOT).join("assets").display().to_string();
        let home = Self { folder: tempfile::tempdir().unwrap(), settings: Vec::new() };
        let free = "127.0.0.1:0";
        home.with("server.assets", assets).with("server.listen", free).with("console.listen", free)
    }

    /// With the store at a URL.
    pub fn on(url: &str) -> Self {
        Self::on_sqlite().with("store.url", url)
    }

    /// With a setting, by its `section.key`.
    pub fn with(mut self, key: &str, value: impl ToString) -> Self {
        self.set(key, value);
        self
    }

    /// Changes a setting.
    pub fn set(&mut self, key: &str, value: impl ToString) {
        let name = format!("ORRERY_{}", key.replace('.', "__").to_uppercase());
        self.settings.retain(|(other, _)| *other != name);
        self.settings.push((name, value.to_string()));
    }

    /// A path in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The program, about to be called with these arguments.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_orrery"));
        command.args(arguments).current_dir(self.folder.path()).stdin(Stdio::null());
        // Nothing that happens to be set where the tests run may decide what they find.
        command.env_clear().envs(self.settings.iter().cloned());
        command
    }

    /// Calls the program and waits for its end.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Calls the program, which must succeed; returns what it printed.
    pub fn run_well(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", error_text(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    /// What is stored, as the program exports it.
    pub fn export(&self) -> Exported {
        let all: Value = serde_json::from_str(&self.run_well(&["export", "--json"])).unwrap();
        Exported { compared: serde_json::from_value(all.clone()).unwrap(), all }
    }

    /// Starts a server and returns when it says where it listens.
    pub fn start_server(&self) -> Server {
        let log = self.path("stderr.log");
        let errors = File::options().create(true).append(true).open(&log).unwrap();
        let limits = Path::new(ROOT).join("config/loadtest.toml");
        let mut command = self.command(&["serve", "--config", limits.to_str().unwrap()]);
        let mut child = command.stdout(Stdio::piped()).stderr(errors).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let address = lines.find_map(|line| {
            let rest = line.strip_prefix("Orrery is listening on http://")?;
            rest.split(' ').next()?.parse().ok()
        });
        // It may print more, and must not fail for want of a reader.
        std::thread::spawn(move || lines.for_each(drop));
        let server = Server { child, address: address.unwrap_or_else(|| SocketAddr::from(([0; 4], 0))), log };
        assert!(address.is_some(), "the server did not start: {}", server.log());
        server
    }

    /// Starts a server again where an earlier one listened, so that its clients find it.
    pub fn restart_server(&mut self, address: SocketAddr) -> Server {
        self.set("server.listen", address);
        self.start_server()
    }
}

/// What a program said when it failed.
pub fn error_text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// An export, as it is printed and as it is compared.
pub struct Exported {
    pub all: Value,
    pub compared: Export,
}

impl Exported {
    pub fn epoch(&self) -> u64 {
        self.all["epoch"].as_u64().unwrap()
    }
}

/// A server's process. Killed when dropped.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
    log: PathBuf,
}

impl Server {
    /// Ends it as a power cut would.
    pub fn kill_9(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to stop.
    pub fn terminate(&self) {
        let kill = ["-c", "kill -TERM \"$0\"", &self.child.id().to_string()];
        assert!(Command::new("/bin/sh").args(kill).status().unwrap().success());
    }

    /// Returns how it ended.
    pub async fn wait_for_end(&mut self) -> ExitStatus {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(begun.elapsed() < PATIENCE, "the server does not end: {}", self.log());
            sleep(POLL).await;
        }
    }

    /// What it logged last; it, or an earlier server in this home.
    pub fn log(&self) -> String {
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(LOG_LINES)..].join("\n")
    }

    pub fn url(&self) -> ServerUrl {
        ServerUrl { authority: self.address.to_string() }
    }

    /// `/readyz`: the status and the body.
    pub async fn readiness(&self) -> (u16, Value) {
        let answer = http::get(&self.url(), "/readyz").await.unwrap();
        (answer.status, serde_json::from_slice(&answer.body).unwrap())
    }

    /// Returns when `/readyz` has this status, with its body.
    pub async fn wait_until_readiness_is(&self, status: u16) -> Value {
        let begun = Instant::now();
        loop {
            let (now, body) = self.readiness().await;
            if now == status {
                return body;
            }
            assert!(begun.elapsed() < PATIENCE, "readyz is {now} {body}, not {status}: {}", self.log());
            sleep(POLL).await;
        }
    }

    /// The sum of a metric over its labels.
    pub async fn metric(&self, name: &str) -> f64 {
        let answer = http::get(&self.url(), "/metrics").await.unwrap();
        let text = String::from_utf8(answer.body.to_vec()).unwrap();
        let of_name = |line: &&str| line.strip_prefix(name).is_some_and(|rest| rest.starts_with([' ', '{']));
        let values = text.lines().filter(of_name).map(|line| line.rsplit(' ').next().unwrap());
        values.map(|value| value.parse::<f64>().unwrap()).sum()
    }

    /// Returns when a metric's sum satisfies a condition.
    pub async fn wait_for_metric(&self, name: &str, is_good: impl Fn(f64) -> bool) -> f64 {
        let begun = Instant::now();
        loop {
            let value = self.metric(name).await;
            if is_good(value) {
                return value;
            }
            assert!(begun.elapsed() < PATIENCE, "{name} stays {value}: {}", self.log());
            sleep(POLL).await;
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
