//! A process of the comparison: started on a core, asked for its address by reading what it prints, stopped.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use rustix::process::{Pid, Signal, kill_process};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

use crate::http::ServerUrl;

/// How long it may take to stop before it is killed.
const STOP_WAIT: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(50);
/// How many lines of its log are shown when it does not start.
const LOG_LINES: usize = 15;
/// What both servers print when they are ready, before their address.
const READY: &str = " is listening on http://";

/// Keeps this thread, and what it starts, on one core until it is dropped. Without a core it does nothing.
pub(super) struct Pinned(Option<CpuSet>);

impl Pinned {
    /// # Errors
    /// There is no such core for this process.
    pub(super) fn to(core: Option<u16>) -> anyhow::Result<Self> {
        let Some(core) = core.map(usize::from) else { return Ok(Self(None)) };
        let before = sched_getaffinity(None)?;
        if core >= CpuSet::MAX_CPU || !before.is_set(core) {
            bail!("core {core} is none that this process may use; they are counted from 0");
        }
        let mut only = CpuSet::new();
        only.set(core);
        sched_setaffinity(None, &only).with_context(|| format!("failed to stay on core {core}"))?;
        Ok(Self(Some(before)))
    }
}

impl Drop for Pinned {
    fn drop(&mut self) {
        // It was allowed a moment ago.
        let _ = self.0.as_ref().map(|before| sched_setaffinity(None, before));
    }
}

/// A server of our own. Dropped without [`Process::stop`] it is killed.
pub(super) struct Process {
    child: Child,
    address: ServerUrl,
}

impl Process {
    /// Starts a program on a core, and waits until it says where it listens. Its log goes to a file.
    ///
    /// # Errors
    /// It cannot be started, or ends before it is ready.
    pub(super) fn start(mut command: Command, core: Option<u16>, log: &Path) -> anyhow::Result<Self> {
        let name = command.get_program().to_string_lossy().into_owned();
        let errors = File::create(log).with_context(|| format!("failed to write {}", log.display()))?;
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(errors);
        let pinned = Pinned::to(core)?;
        let mut child = command.spawn().with_context(|| format!("failed to start {name}"))?;
        drop(pinned);
        let output = child.stdout.take().context("no standard output")?;
        let mut lines = BufReader::new(output).lines().map_while(Result::ok);
        let ready = lines.find_map(|line| address_in(&line));
        // It may print more, and must not fail for want of a reader.
        thread::spawn(move || lines.for_each(drop));
        let Some(address) = ready else {
            let ended = child.kill().and_then(|()| child.wait());
            bail!(
                "{name} did not start ({}):\n{}",
                ended.map_or_else(|why| why.to_string(), |it| it.to_string()),
                tail(log)
            );
        };
        Ok(Self { child, address })
    }

    pub(super) fn url(&self) -> &ServerUrl {
        &self.address
    }

    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Tells it to stop, and waits for its end.
    ///
    /// # Errors
    /// It had ended before.
    pub(super) fn stop(mut self) -> anyhow::Result<()> {
        if let Some(ended) = self.child.try_wait()? {
            bail!("the server ended by itself: {ended}");
        }
        // Standard input's end is the bare writer's sign, SIGTERM the real server's.
        drop(self.child.stdin.take());
        kill_process(Pid::from_child(&self.child), Signal::TERM).context("failed to send SIGTERM")?;
        let begun = Instant::now();
        while begun.elapsed() < STOP_WAIT {
            if self.child.try_wait()?.is_some() {
                return Ok(());
            }
            thread::sleep(POLL);
        }
        eprintln!("loadtest: the server did not stop in {} s and is killed", STOP_WAIT.as_secs());
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        let _: io::Result<_> = self.child.kill().and_then(|()| self.child.wait());
    }
}

fn address_in(line: &str) -> Option<ServerUrl> {
    let address = line.split_once(READY)?.1.split(' ').next()?;
    ServerUrl::parse(&format!("http://{address}")).ok()
}

/// The last lines of a log.
fn tail(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(LOG_LINES)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_process_tells_its_address_and_stops() {
        let folder = tempfile::tempdir().unwrap();
        let script = "echo starting; echo 'It is listening on http://127.0.0.1:4711 (state in SQLite)'; cat";
        let process = Process::start(shell(script), None, &folder.path().join("log")).unwrap();
        assert_eq!(process.url().authority, "127.0.0.1:4711");
        process.stop().unwrap();
    }

    #[test]
    fn a_process_that_does_not_start_shows_its_log() {
        let folder = tempfile::tempdir().unwrap();
        let command = shell("echo 'world.tick_hz = 0 is wrong' >&2; exit 2");
        let error = Process::start(command, None, &folder.path().join("log")).err().unwrap().to_string();
        assert!(error.contains("exit status: 2") && error.contains("world.tick_hz = 0 is wrong"), "{error}");
    }

    #[test]
    fn a_thread_is_kept_on_a_core_and_let_go() {
        let before = sched_getaffinity(None).unwrap();
        let core = (0..CpuSet::MAX_CPU).find(|core| before.is_set(*core)).unwrap();
        let pinned = Pinned::to(Some(core as u16)).unwrap();
        assert_eq!(sched_getaffinity(None).unwrap().count(), 1);
        drop(pinned);
        assert_eq!(sched_getaffinity(None).unwrap().count(), before.count());
        assert!(Pinned::to(Some(u16::MAX)).is_err());
    }
}
