//! The command line of the bot swarm.

#![cfg_attr(test, allow(clippy::unwrap_used))]

#[cfg(target_os = "linux")]
#[path = "cli/floor.rs"]
mod floor;

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use clap::{Args, CommandFactory as _, Parser, Subcommand, ValueEnum, error::ErrorKind};
use loadtest::check_acks;
use loadtest::floor::tape::Taping;
use loadtest::http::ServerUrl;
use loadtest::profile::echo::{self, EchoOptions};
use loadtest::profile::idle::{self, IdleOptions};
use loadtest::profile::storm::{self, StormOptions};
use loadtest::profile::transfers::{self, Over, TransferOptions};
use loadtest::require::{self, Requirement};
use loadtest::scenario::Scenario;
use loadtest::swarm::{self, Options};
use orrery_core::protocol::Encoding;

const EXIT_CODES: &str = "Exit codes:\n  0  everything was kept\n  1  a violation, a broken threshold, or a difference\n  \
                          2  a wrong command line\n  3  the run could not be done";

/// Plays Orrery with many bots, measures it, and verifies what it says.
#[derive(Parser)]
#[command(name = "loadtest", version, args_conflicts_with_subcommands = true, after_help = EXIT_CODES)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    run: RunArgs,
}

#[derive(Subcommand)]
enum Command {
    #[cfg(target_os = "linux")]
    CompareFloor(floor::CompareFloorArgs),
    /// The floor of compare-floor: plays a tape until standard input ends.
    #[cfg(target_os = "linux")]
    #[command(hide = true)]
    BareWriter {
        /// What compare-floor recorded.
        tape: PathBuf,
    },
    /// Compares a file of --acks with `orrery export --json`, after a crash.
    CheckAcks {
        /// The file that --acks wrote.
        #[arg(long)]
        acks: PathBuf,
        /// What `orrery export --json` printed.
        #[arg(long)]
        export: PathBuf,
    },
}

#[derive(Args)]
struct RunArgs {
    /// The server.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    url: String,
    /// How many bots.
    #[arg(long, default_value_t = 100, default_value_if("profile", "echo", "64"),
          value_parser = clap::value_parser!(u32).range(1..=100_000))]
    bots: u32,
    /// How long to measure once all bots are there: 500ms, 60s, 5m, 2h.
    #[arg(long, default_value = "60s", value_parser = parse_duration)]
    duration: Duration,
    /// mixed, fly, collect, trade, economy, bundled, or a file.
    #[arg(long, default_value = "mixed")]
    scenario: String,
    /// The seed of all plans.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where to write the report as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
    /// A threshold, NAME<NUMBER; may be given several times. The names are listed below.
    #[arg(long, value_name = "THRESHOLD", num_args = 1..)]
    require: Vec<Requirement>,
    /// How many bots come per second.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..))]
    ramp_per_second: u32,
    /// How messages are encoded.
    #[arg(long, value_enum, default_value = "msgpack")]
    encoding: EncodingArg,
    /// Log every economic command before it is sent, and its answer, as JSON lines.
    #[arg(long)]
    acks: Option<PathBuf>,
    /// End without a fault when the server goes away.
    #[arg(long)]
    until_disconnect: bool,
    /// A fixed workload instead of a scenario.
    #[arg(long, value_enum)]
    profile: Option<Profile>,
    /// Profile echo: messages that each connection keeps under way.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1_000))]
    in_flight: u16,
    /// Profile storm: within which time all log in: 500ms, 10s.
    #[arg(long, default_value = "10s", value_parser = parse_duration)]
    storm_seconds: Duration,
    /// Profile transfers: how many accounts.
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(65..=1_000_000))]
    accounts: u32,
    /// Profile transfers: four of five transfers go to 20 accounts.
    #[arg(long)]
    hot_spot: bool,
    /// Profile transfers: how commands travel; over ws 64 accounts send, over http all of them.
    #[arg(long, value_enum, default_value = "ws")]
    over: OverArg,
    /// Profile transfers: afterwards, a plain client (pgbench) with a transaction per transfer on this PostgreSQL, in a
    /// schema of its own that is dropped again.
    #[arg(long, value_name = "postgres://…")]
    durable_compare: Option<String>,
    /// The server's process; found by its port otherwise.
    #[arg(long)]
    server_pid: Option<u32>,
    /// Threads for the bots.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=64))]
    threads: u16,
    /// No progress bar.
    #[arg(long)]
    no_progress: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum EncodingArg {
    Msgpack,
    Json,
}

impl From<EncodingArg> for Encoding {
    fn from(arg: EncodingArg) -> Self {
        match arg {
            EncodingArg::Msgpack => Self::MessagePack,
            EncodingArg::Json => Self::Json,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Profile {
    /// What it costs to show ships to each other.
    Neighbours,
    /// How many messages the server sends back in a second: only sockets, frames and codec. 64 connections unless --bots
    /// says otherwise; the server needs debug.echo = true and a high limits.frames_per_second.
    Echo,
    /// Credits from account to account, answered durably: 64 clients, 40 commands in flight each.
    Transfers,
    /// Log-ins of all bots within --storm-seconds, while a hundred pilots fly.
    Storm,
    /// What a connection costs that only sends heartbeats.
    Idle,
}

#[derive(Clone, Copy, ValueEnum)]
enum OverArg {
    Ws,
    Http,
}

/// A bot takes a file descriptor; many systems allow 1,024 at first and far more on demand.
fn raise_descriptor_limit() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    // If it fails, connecting says so soon enough.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
}

fn main() -> ExitCode {
    raise_descriptor_limit();
    let command = Cli::command().after_long_help(format!("{}\n\n{EXIT_CODES}", require::help()));
    let cli = match command.try_get_matches().and_then(|matches| clap::FromArgMatches::from_arg_matches(&matches)) {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let Cli { command, run } = cli;
    let ended = match command {
        Some(Command::CheckAcks { acks, export }) => compare(&acks, &export),
        #[cfg(target_os = "linux")]
        Some(Command::CompareFloor(args)) => floor::compare(&args),
        #[cfg(target_os = "linux")]
        Some(Command::BareWriter { tape }) => loadtest::floor::writer::serve_file(&tape).map(|()| true),
        None if run.profile == Some(Profile::Echo) => run_echo(&run),
        None if run.profile == Some(Profile::Transfers) => run_transfers(&run),
        None if run.profile == Some(Profile::Storm) => run_storm(&run),
        None if run.profile == Some(Profile::Idle) => run_idle(&run),
        None => match options(&run) {
            Ok(options) => run_swarm(options, &run),
            Err(error) => {
                eprintln!("loadtest: {error:#} (see --help)");
                return ExitCode::from(2);
            }
        },
    };
    match ended {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("loadtest: {error:#}");
            ExitCode::from(3)
        }
    }
}

fn usage(error: &clap::Error) -> ExitCode {
    let _ = error.print();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => ExitCode::SUCCESS,
        _ => ExitCode::from(2),
    }
}

fn options(args: &RunArgs) -> anyhow::Result<Options> {
    Ok(Options {
        server: ServerUrl::parse(&args.url).context("--url")?,
        bots: args.bots as usize,
        duration: args.duration,
        scenario: Scenario::load(&args.scenario).context("--scenario")?,
        seed: args.seed,
        encoding: args.encoding.into(),
        ramp_per_second: args.ramp_per_second,
        acks: args.acks.clone(),
        until_disconnect: args.until_disconnect,
        server_pid: args.server_pid,
        threads: usize::from(args.threads),
        progress: !args.no_progress && std::io::stderr().is_terminal(),
        neighbours: args.profile == Some(Profile::Neighbours),
        taping: Taping::Off,
    })
}

fn run_transfers(args: &RunArgs) -> anyhow::Result<bool> {
    let report = transfers::run(TransferOptions {
        server: ServerUrl::parse(&args.url).context("--url")?,
        accounts: args.accounts as usize,
        duration: args.duration,
        hot_spot: args.hot_spot,
        over: match args.over {
            OverArg::Ws => Over::Ws,
            OverArg::Http => Over::Http,
        },
        compare: args.durable_compare.clone(),
        server_pid: args.server_pid,
        seed: args.seed,
    })?;
    print!("{report}");
    write_json(args.json.as_deref(), &report)?;
    Ok(report.refused == 0)
}

fn run_echo(args: &RunArgs) -> anyhow::Result<bool> {
    let report = echo::run(EchoOptions {
        server: ServerUrl::parse(&args.url).context("--url")?,
        connections: args.bots as usize,
        in_flight: usize::from(args.in_flight),
        duration: args.duration,
        server_pid: args.server_pid,
    })?;
    print!("{report}");
    write_json(args.json.as_deref(), &report)?;
    Ok(true)
}

fn run_storm(args: &RunArgs) -> anyhow::Result<bool> {
    let report = storm::run(StormOptions {
        server: ServerUrl::parse(&args.url).context("--url")?,
        logins: args.bots as usize,
        within: args.storm_seconds,
        encoding: args.encoding.into(),
        server_pid: args.server_pid,
        seed: args.seed,
    })?;
    print!("{report}");
    write_json(args.json.as_deref(), &report)?;
    Ok(report.is_survived())
}

fn run_idle(args: &RunArgs) -> anyhow::Result<bool> {
    let report = idle::run(IdleOptions {
        server: ServerUrl::parse(&args.url).context("--url")?,
        connections: args.bots as usize,
        ramp_per_second: args.ramp_per_second,
        duration: args.duration,
        encoding: args.encoding.into(),
        server_pid: args.server_pid,
        seed: args.seed,
    })?;
    print!("{report}");
    write_json(args.json.as_deref(), &report)?;
    Ok(report.connected == report.wanted)
}

fn write_json(path: Option<&Path>, report: &impl serde::Serialize) -> anyhow::Result<()> {
    let Some(path) = path else { return Ok(()) };
    let json = serde_json::to_vec_pretty(report)?;
    std::fs::write(path, json).with_context(|| format!("failed to write {}", path.display()))
}

/// Whether everything was kept.
fn run_swarm(options: Options, args: &RunArgs) -> anyhow::Result<bool> {
    let report = swarm::run(options)?;
    print!("{report}");
    write_json(args.json.as_deref(), &report)?;
    let figures = report.figures();
    let broken: Vec<String> = args.require.iter().filter_map(|required| required.broken_by(&figures)).collect();
    for threshold in &broken {
        eprintln!("loadtest: not kept: {threshold}");
    }
    // A few are offline on purpose at any time; a tenth is not a few.
    let came = report.window.connected * 10 >= report.bots as u64 * 9 || args.until_disconnect;
    if !came {
        eprintln!(
            "loadtest: only {} of {} bots are connected; the codes above say why",
            report.window.connected, report.bots
        );
    }
    Ok(broken.is_empty() && came && report.violations == 0)
}

fn compare(acks: &Path, export: &Path) -> anyhow::Result<bool> {
    let read =
        |path: &Path| std::fs::read_to_string(path).with_context(|| format!("failed to read {}", path.display()));
    let export = serde_json::from_str(&read(export)?)
        .with_context(|| format!("{} is not what `orrery export --json` prints", export.display()))?;
    let log = read(acks)?;
    let outcome = check_acks::check(&log, &export).map_err(|why| anyhow::anyhow!("{}: {why}", acks.display()))?;
    println!(
        "{} players: {} commands acknowledged, {} refused, {} without an answer ({} of them applied)",
        outcome.players, outcome.acknowledged, outcome.refused, outcome.unanswered, outcome.unanswered_applied
    );
    println!("{} wallets and holds summed from the log, {} rewards of missions", outcome.summed, outcome.rewards);
    outcome.differences.iter().for_each(|difference| println!("  {difference}"));
    println!("differences: {}", outcome.differences.len());
    Ok(outcome.differences.is_empty())
}

fn parse_duration(text: &str) -> Result<Duration, String> {
    let digits = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let millis = match unit {
        "ms" => 1,
        "s" | "" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return Err("expected a number and ms, s, m or h, for example 60s".to_owned()),
    };
    let number: u64 = number.parse().map_err(|_| "expected a number and ms, s, m or h, for example 60s".to_owned())?;
    let millis = number.checked_mul(millis).filter(|millis| (1..=604_800_000).contains(millis));
    millis.map(Duration::from_millis).ok_or_else(|| "must be 1ms to a week".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_a_unit() {
        assert_eq!(parse_duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(parse_duration("2m"), Ok(Duration::from_secs(120)));
        for wrong in ["", "s", "1d", "0s", "-1s", "99999999999999999999s", "9999h"] {
            assert!(parse_duration(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
        let cli = Cli::parse_from(["loadtest", "--require", "ack_p99_ms<200", "violations=0", "--bots", "5"]);
        assert_eq!((cli.run.require.len(), cli.run.bots), (2, 5));
        assert!(Cli::try_parse_from(["loadtest", "--require", "ack<2"]).is_err());
        let echo = |more: &[&str]| Cli::parse_from([&["loadtest", "--profile", "echo"], more].concat()).run;
        assert_eq!((echo(&[]).bots, echo(&["--bots", "7"]).bots, echo(&[]).in_flight), (64, 7, 1));
        assert_eq!(Cli::parse_from(["loadtest"]).run.bots, 100);
    }
}
