//! The real program, started for one test on a free port with a folder of its own, and killed with the test.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Output, Stdio};

use rustix::process::Pid;
use serde_json::Value;
use tempfile::TempDir;

use super::arena::Arena;
use super::{Http, until};

/// A running server.
pub(crate) struct Server {
    child: Child,
    folder: TempDir,
    settings: Vec<(String, String)>,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// Where its console listens.
    pub(crate) console: SocketAddr,
}

impl Server {
    /// A server with tests' settings: no limits per address, and whoever comes is let in.
    pub(crate) fn start() -> Self {
        Self::with(&[])
    }

    /// A server with these settings on top, by `section.key`.
    pub(crate) fn with(settings: &[(&str, &str)]) -> Self {
        Self::in_arena(Arena::default(), settings)
    }

    /// A server with content of its own.
    pub(crate) fn in_arena(arena: Arena, settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        arena.write(&folder.path().join("assets"));
        let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        let (assets, data) = (path("assets"), path("data"));
        let ours = [
            ("server.listen", "127.0.0.1:0"),
            ("console.listen", "127.0.0.1:0"),
            ("server.assets", &assets),
            ("server.data", &data),
            ("limits.exempt_loopback", "true"),
            ("limits.logins_at_once", "1000"),
            ("limits.login_target_ms", "60000"),
            ("log.filter", "info"),
        ];
        let all = ours.into_iter().chain(settings.iter().copied());
        let settings: Vec<_> = all.map(|(key, value)| (variable(key), value.to_owned())).collect();
        let (child, address, console) = launch(&folder, &settings);
        Self { child, folder, settings, address, console }
    }

    /// Its HTTP side.
    pub(crate) fn http(&self) -> Http {
        Http::new(self.address)
    }

    /// The sum of a metric's samples whose line begins so: name, perhaps with labels.
    pub(crate) fn metric(&self, begin: &str) -> f64 {
        let text = self.http().get("/metrics").text();
        let samples = text.lines().filter(|line| line.starts_with(begin));
        samples.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum()
    }

    /// Waits until a metric has a value.
    pub(crate) fn until_metric(&self, begin: &str, wanted: f64) {
        until(&format!("{begin} becomes {wanted}, is {}", self.metric(begin)), || self.metric(begin) == wanted);
    }

    /// Memory in use, in MiB.
    pub(crate) fn resident_mib(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<f64>().unwrap() / 1_024.0
    }

    /// Sockets that the process holds.
    pub(crate) fn sockets(&self) -> usize {
        let handles = std::fs::read_dir(format!("/proc/{}/fd", self.child.id())).unwrap().flatten();
        let links = handles.filter_map(|handle| std::fs::read_link(handle.path()).ok());
        links.filter(|link| link.to_string_lossy().starts_with("socket:")).count()
    }

    /// Its process.
    pub(crate) fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// Everything it logged so far.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap()
    }

    /// Kills it as a crash would, and starts it again over the same data.
    pub(crate) fn crash_and_start(mut self) -> Self {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        (self.child, self.address, self.console) = launch(&self.folder, &self.settings);
        self
    }

    /// What the command line prints: one line.
    pub(crate) fn print(&self, arguments: &[&str]) -> String {
        let output = program(&self.settings).args(arguments).stderr(Stdio::null()).output().unwrap();
        assert!(output.status.success(), "{arguments:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// What the command line answers.
    pub(crate) fn call(&self, arguments: &[&str]) -> Output {
        program(&self.settings).args(arguments).output().unwrap()
    }

    /// Stops it as an operator would, and returns what `export` prints then. The books must agree.
    pub(crate) fn stop_and_export(mut self) -> Value {
        let kill = Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        assert!(kill.success());
        let ended = self.child.wait().unwrap();
        assert!(ended.success(), "{ended}: {}", self.log());
        let audit = program(&self.settings).args(["audit"]).output().unwrap();
        assert!(audit.status.success(), "the books disagree: {}", String::from_utf8_lossy(&audit.stdout));
        let exported = program(&self.settings).args(["export", "--json"]).stderr(Stdio::null()).output().unwrap();
        assert!(exported.status.success(), "export failed");
        serde_json::from_slice(&exported.stdout).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            let log = self.log();
            let lines: Vec<&str> = log.lines().collect();
            eprintln!("the server's last words:\n{}", lines[lines.len().saturating_sub(15)..].join("\n"));
        }
    }
}

fn variable(key: &str) -> String {
    format!("ORRERY_{}", key.replacen('.', "__", 1).to_uppercase())
}

fn program(settings: &[(String, String)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_orrery"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("ORRERY_")) {
        command.env_remove(name);
    }
    command.current_dir(env!("CARGO_MANIFEST_DIR")).stdin(Stdio::null());
    command.envs(settings.iter().map(|(name, value)| (name, value)));
    command
}

fn launch(folder: &TempDir, settings: &[(String, String)]) -> (Child, SocketAddr, SocketAddr) {
    let log = std::fs::File::create(folder.path().join("log")).unwrap();
    let mut child = program(settings).stdout(Stdio::piped()).stderr(log).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let mut address_after = |text: &str| {
        let line = lines.find_map(|line| line.split_once(text).map(|(_, rest)| rest.to_owned()))?;
        line.split([' ', '/']).next()?.parse().ok()
    };
    match (address_after("Orrery is listening on http://"), address_after("operate: http://")) {
        (Some(address), Some(console)) => (child, address, console),
        _ => panic!("no server: {}", std::fs::read_to_string(folder.path().join("log")).unwrap()),
    }
}
