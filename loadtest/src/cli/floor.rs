//! `loadtest compare-floor`: its command line.

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use loadtest::floor::{self, FloorOptions, RealServer};
use loadtest::http::ServerUrl;

/// Compares the server's cost per client and tick with the least any server could have.
///
/// Runs the same load twice, one after the other: against the real server, which it starts for this, and against a bare
/// writer that only accepts, reads, and hands each client at each tick, with one write, the very bytes that the real
/// server sent. The load is that of `--profile neighbours`: ships spread over a sector and turn five times a second, and
/// each client is shown the others around it.
///
/// The table shows both sides and their ratios. `cpu_ratio`, at its end, is the server's CPU time per client and tick
/// over the bare writer's: 1.00 would be a server that costs nothing but the kernel's work. Look first for a line that
/// begins with "doubt:": it names what makes the comparison unfair. "Tick due until received" counts from the instant
/// at which a tick was due by the schedule, so a server that slows its ticks down or leaves some out stays late.
///
/// Ships need a while to spread: a run takes twice --duration, and a minute or so more.
///
/// On a machine with two cores, give each side one of them:
///     loadtest compare-floor --bots 2000 --duration 30s --server-core 0 --swarm-core 1
#[derive(Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct CompareFloorArgs {
    /// How many clients.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    bots: u32,
    /// How long each side is measured once all clients are there and spread: 30s, 5m.
    #[arg(long, default_value = "30s", value_parser = crate::args::parse_duration)]
    duration: Duration,
    /// Where to write the comparison as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
    /// The server's program; `orrery` beside this one otherwise. It is started in the current folder, where it finds
    /// assets/ and config/, with a temporary data folder, a free port, and the limits of config/loadtest.toml. Variables
    /// ORRERY_SECTION__KEY that are set reach it.
    #[arg(long, value_name = "PROGRAM", conflicts_with = "url")]
    server: Option<PathBuf>,
    /// A server that runs already, instead of starting one; it goes on running beside the bare writer.
    #[arg(long)]
    url: Option<String>,
    /// The process of the server at --url; found by its port otherwise.
    #[arg(long, requires = "url")]
    server_pid: Option<u32>,
    /// Keep the servers on this core, counted from 0.
    #[arg(long, value_name = "CORE", conflicts_with = "url")]
    server_core: Option<u16>,
    /// Keep the swarm on this core.
    #[arg(long, value_name = "CORE")]
    swarm_core: Option<u16>,
    /// Threads for the clients.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=64))]
    threads: u16,
    /// How many clients come per second.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..))]
    ramp_per_second: u32,
    /// The seed of all plans.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// No progress bar.
    #[arg(long)]
    no_progress: bool,
}

/// Whether both sides could be measured.
pub(crate) fn compare(args: &CompareFloorArgs) -> anyhow::Result<bool> {
    let report = floor::run(&options(args)?)?;
    print!("{report}");
    crate::write_json(args.json.as_deref(), &report)?;
    Ok(report.is_sound())
}

fn options(args: &CompareFloorArgs) -> anyhow::Result<FloorOptions> {
    Ok(FloorOptions {
        server: match &args.url {
            Some(url) => RealServer::Running(ServerUrl::parse(url).context("--url")?, args.server_pid),
            None => RealServer::Program(program(args)?),
        },
        bots: args.bots as usize,
        duration: args.duration,
        seed: args.seed,
        ramp_per_second: args.ramp_per_second,
        threads: usize::from(args.threads),
        server_core: args.server_core,
        swarm_core: args.swarm_core,
        progress: !args.no_progress && std::io::stderr().is_terminal(),
    })
}

fn program(args: &CompareFloorArgs) -> anyhow::Result<PathBuf> {
    match &args.server {
        Some(program) => Ok(program.clone()),
        None => Ok(std::env::current_exe().context("failed to find this program")?.with_file_name("orrery")),
    }
}
