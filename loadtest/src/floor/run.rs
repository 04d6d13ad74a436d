//! Both runs, one after the other.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use orrery_core::catalog::Catalog;
use orrery_core::protocol::Encoding;

use super::process::{Pinned, Process};
use super::report::{Conditions, FloorReport};
use super::settings;
use super::tape::{Recorder, Tape, Taping};
use crate::http::{self, ServerUrl};
use crate::report::Report;
use crate::scenario::Scenario;
use crate::swarm::{self, Options};

/// Which server is compared with the floor.
#[derive(Clone, Debug)]
pub enum RealServer {
    /// This program, started for the run.
    Program(PathBuf),
    /// One that runs already, and its process if it cannot be found by its port.
    Running(ServerUrl, Option<u32>),
}

/// What to compare.
#[derive(Clone, Debug)]
pub struct FloorOptions {
    /// The real server.
    pub server: RealServer,
    /// How many members play.
    pub bots: usize,
    /// How long each of both runs measures.
    pub duration: Duration,
    /// The seed of all plans.
    pub seed: u64,
    /// How many members come per second.
    pub ramp_per_second: u32,
    /// Threads for the members.
    pub threads: usize,
    /// The core for the servers; all of them otherwise.
    pub server_core: Option<u16>,
    /// The core for the swarm; all of them otherwise.
    pub swarm_core: Option<u16>,
    /// Whether to draw progress bars.
    pub progress: bool,
}

/// Runs the real server and the bare writer under the same load.
///
/// # Errors
/// One of them cannot be started or reached, or nobody got in.
pub fn run(options: &FloorOptions) -> anyhow::Result<FloorReport> {
    let folder = tempfile::tempdir().context("failed to make a temporary folder")?;
    // A wrong core is found out before minutes are spent.
    drop(Pinned::to(options.server_core)?);
    drop(Pinned::to(options.swarm_core)?);
    let (real, tape) = run_real(options, folder.path())?;
    let floor = run_floor(options, folder.path(), &tape)?;
    let conditions = Conditions {
        bots: options.bots,
        seed: options.seed,
        server_core: options.server_core,
        swarm_core: options.swarm_core,
        shares_machine: matches!(options.server, RealServer::Running(..)),
    };
    Ok(FloorReport::of(conditions, &real, &floor, tape.recordings.len()))
}

fn run_real(options: &FloorOptions, folder: &Path) -> anyhow::Result<(Report, Tape)> {
    let (process, url, pid) = match &options.server {
        RealServer::Program(program) => {
            let process = start_real(program, options, folder).context("the real server")?;
            let (url, pid) = (process.url().clone(), process.pid());
            (Some(process), url, Some(pid))
        }
        RealServer::Running(url, pid) => (None, url.clone(), *pid),
    };
    let recorder = Arc::new(Recorder::default());
    let report =
        play(options, &url, pid, Taping::Record(Arc::clone(&recorder))).context("the run of the real server")?;
    let tape = recorder.into_tape(catalog(&url)?).context("failed to record the real server")?;
    process.map_or(Ok(()), Process::stop).context("the real server")?;
    Ok((report, tape))
}

fn start_real(program: &Path, options: &FloorOptions, folder: &Path) -> anyhow::Result<Process> {
    let mut command = Command::new(program);
    command.arg("serve").env("ORRERY_SERVER__LISTEN", "127.0.0.1:0").env("ORRERY_SERVER__DATA", folder.join("data"));
    // What is set in the environment wins.
    command.envs(settings::variables()?.into_iter().filter(|(name, _)| std::env::var_os(name).is_none()));
    Process::start(command, options.server_core, &folder.join("server.log"))
}

fn run_floor(options: &FloorOptions, folder: &Path, tape: &Tape) -> anyhow::Result<Report> {
    let path = folder.join("tape");
    let file = File::create(&path).and_then(|file| tape.write(BufWriter::new(file)));
    file.with_context(|| format!("failed to write {}", path.display()))?;
    let mut command = Command::new(std::env::current_exe().context("failed to find this program")?);
    command.arg("bare-writer").arg(&path);
    let process =
        Process::start(command, options.server_core, &folder.join("writer.log")).context("the bare writer")?;
    let report = play(options, process.url(), Some(process.pid()), Taping::Replayed);
    let report = report.context("the run of the bare writer")?;
    process.stop().context("the bare writer")?;
    Ok(report)
}

fn play(options: &FloorOptions, server: &ServerUrl, pid: Option<u32>, taping: Taping) -> anyhow::Result<Report> {
    let _pinned = Pinned::to(options.swarm_core)?;
    swarm::run(Options {
        server: server.clone(),
        bots: options.bots,
        duration: options.duration,
        scenario: Scenario::load("fly")?,
        seed: options.seed,
        encoding: Encoding::MessagePack,
        ramp_per_second: options.ramp_per_second,
        acks: None,
        until_disconnect: false,
        server_pid: pid,
        threads: options.threads,
        progress: options.progress,
        neighbours: true,
        taping,
        share: crate::share::Share::default(),
        start_at: None,
    })
}

fn catalog(server: &ServerUrl) -> anyhow::Result<Catalog> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(http::catalog(server))
}
