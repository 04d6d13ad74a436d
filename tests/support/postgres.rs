//! A throw-away PostgreSQL for tests: its own cluster in a temporary folder on a free port of 127.0.0.1.
//!
//! Test binaries include this file by `#[path]`. [`shared`] is one cluster per test run, with a database for each test;
//! a test that stops its server starts a [`Cluster`] of its own. A watchdog process removes a cluster when the test
//! process ends, however it ends. PostgreSQL does not run as root, so root's tests start it as another user.
//!
//! No PostgreSQL found: tests say so and pass, but fail where the environment has `CI=1` or `CI=true`.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio_postgres::NoTls;

/// A running PostgreSQL, or one that a test has stopped.
pub struct Cluster {
    programs: PathBuf,
    folder: PathBuf,
    port: u16,
    owner: Option<(u32, u32)>,
    fsync: &'static str,
    database_count: AtomicU32,
    watchdog: Child,
}

/// The cluster of this test run; `None`, loudly, when there is no PostgreSQL here.
pub fn shared() -> Option<&'static Cluster> {
    static SHARED: OnceLock<Option<Cluster>> = OnceLock::new();
    SHARED.get_or_init(Cluster::new).as_ref()
}

impl Cluster {
    /// A running cluster; `None`, loudly, when there is no PostgreSQL here.
    pub fn new() -> Option<Self> {
        Self::with("off")
    }

    /// A running cluster that waits for its disk, as one in service does: for measurements.
    pub fn with_fsync() -> Option<Self> {
        Self::with("on")
    }

    fn with(fsync: &'static str) -> Option<Self> {
        let Some(programs) = find_programs() else {
            let in_ci = std::env::var("CI").is_ok_and(|value| value == "1" || value == "true");
            assert!(!in_ci, "no PostgreSQL was found, and CI is set");
            eprintln!("SKIPPED: no PostgreSQL was found in /usr/lib/postgresql/*/bin or PATH");
            return None;
        };
        let owner = owner_for_postgres();
        let folder = tempfile::Builder::new().prefix("orrery-pg-").tempdir().unwrap().keep();
        if let Some((user, group)) = owner {
            chown(&folder, Some(user), Some(group)).unwrap();
        }
        let watchdog = watch(&programs, &folder, owner);
        let database_count = AtomicU32::new(0);
        let mut cluster = Self { programs, folder, port: 0, owner, fsync, database_count, watchdog };
        cluster.run("initdb", &["-D", "data", "-U", "orrery", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]);
        cluster.start_on_a_free_port();
        Some(cluster)
    }

    /// An empty database; returns its URL.
    pub async fn create_database(&self) -> String {
        self.create_database_with("").await
    }

    /// An empty database with these options of `CREATE DATABASE`; returns its URL.
    pub async fn create_database_with(&self, options: &str) -> String {
        let name = format!("test_{}", self.database_count.fetch_add(1, Ordering::Relaxed));
        execute(&self.url("postgres"), &format!("CREATE DATABASE {name} TEMPLATE template0 {options}")).await;
        self.url(&name)
    }

    /// Ends the server as a crash would: no checkpoint, connections cut.
    pub fn stop_immediate(&self) {
        self.run("pg_ctl", &["-D", "data", "-m", "immediate", "-w", "stop"]);
    }

    /// Starts the server again, on the same port.
    pub fn start(&self) {
        assert!(self.try_start(self.port), "PostgreSQL did not start again: {}", self.log());
    }

    fn start_on_a_free_port(&mut self) {
        for _ in 0..5 {
            // Somebody else may take it before PostgreSQL does; then the next one.
            self.port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            if self.try_start(self.port) {
                return;
            }
        }
        panic!("PostgreSQL did not start: {}", self.log());
    }

    fn try_start(&self, port: u16) -> bool {
        let options = format!(
            "-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync={} -c max_connections=200",
            self.fsync
        );
        let mut start = self.command("pg_ctl");
        start.args(["-D", "data", "-l", "log", "-w", "-o", &options, "start"]);
        start.status().unwrap().success()
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let status = self.command(program).args(arguments).status().unwrap();
        assert!(status.success(), "{program} failed: {status}; {}", self.log());
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command.current_dir(&self.folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        // Not in our group: an interrupt from the keyboard is ours alone, and the watchdog cleans up after us.
        command.process_group(0);
        run_as(&mut command, self.owner);
        command
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://orrery@127.0.0.1:{}/{database}", self.port)
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // The end of its input is what the watchdog waits for.
        drop(self.watchdog.stdin.take());
        let _ = self.watchdog.wait();
    }
}

/// Runs statements in a database, past the store.
pub async fn execute(url: &str, sql: &str) {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    let driver = tokio::spawn(connection);
    client.batch_execute(sql).await.unwrap();
    drop(client);
    driver.await.unwrap().unwrap();
}

fn find_programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut installed: Vec<PathBuf> = versions.map(|version| version.path().join("bin")).collect();
    installed.sort();
    installed.reverse();
    let path = std::env::var_os("PATH").unwrap_or_default();
    installed.extend(std::env::split_paths(&path));
    installed.into_iter().find(|folder| folder.join("initdb").is_file() && folder.join("pg_ctl").is_file())
}

/// User and group to run PostgreSQL as when we are root.
fn owner_for_postgres() -> Option<(u32, u32)> {
    if std::fs::metadata("/proc/self").ok()?.uid() != 0 {
        return None;
    }
    let users = std::fs::read_to_string("/etc/passwd").unwrap();
    let ids_of = |name: &str| {
        let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut fields = line.split(':').skip(2);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    };
    Some(ids_of("postgres").or_else(|| ids_of("nobody")).expect("root needs a user postgres or nobody"))
}

fn run_as(command: &mut Command, owner: Option<(u32, u32)>) {
    if let Some((user, group)) = owner {
        command.uid(user).gid(group);
    }
}

/// A process that waits for the end of its input, which comes when we end, and then removes the cluster.
fn watch(programs: &Path, folder: &Path, owner: Option<(u32, u32)>) -> Child {
    let mut shell = Command::new("/bin/sh");
    let script = r#"read -r _; "$0" -D "$1/data" -m immediate -w stop; rm -rf "$1""#;
    shell.arg("-c").arg(script).arg(programs.join("pg_ctl")).arg(folder);
    shell.current_dir("/").stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
    run_as(&mut shell, owner);
    shell.spawn().unwrap()
}
