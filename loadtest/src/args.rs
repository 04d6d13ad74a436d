//! The command line's form: what `loadtest` can be told, and what is made of it. Only `main` uses it.

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::{Args, Parser, Subcommand, ValueEnum};
use loadtest::floor::tape::Taping;
use loadtest::http::ServerUrl;
use loadtest::profile::echo::EchoOptions;
use loadtest::profile::idle::IdleOptions;
use loadtest::profile::reads::ReadOptions;
use loadtest::profile::storm::StormOptions;
use loadtest::profile::transfers::{Over, TransferOptions};
use loadtest::ramp::RampOptions;
use loadtest::report::compare::ChangeBound;
use loadtest::require::Requirement;
use loadtest::scenario::Scenario;
use loadtest::share::Share;
use loadtest::swarm::Options;
use orrery_core::protocol::Encoding;

#[cfg(target_os = "linux")]
use crate::floor::CompareFloorArgs;

pub(crate) const EXAMPLES: &str = "\
Examples (a server with config/loadtest.toml is running; `cargo bots` runs this program):
  Does it work?                 cargo bots --bots 100 --duration 10s --require 'violations=0' 'ack_p99_ms<200' --html report.html
  How many players does it take?
                                cargo bots --profile neighbours --ramp --slo 'seen_p99_ms<=100' 'ticks_on_time_percent>=95' --html limit.html
  Is the new version faster?    cargo bots --profile neighbours --bots 1000 --json before.json     (the old version)
                                cargo bots --profile neighbours --bots 1000 --json after.json      (the new version)
                                cargo bots compare before.json after.json --html change.html
  Two processes as one:         cargo bots --bots 2000 --share 1/2 --start-at $T --json 1.json     (T=$(( $(date +%s) + 60 )))
                                cargo bots --bots 2000 --share 2/2 --start-at $T --json 2.json     (at the same time)
                                cargo bots merge 1.json 2.json --html both.html";

pub(crate) const EXIT_CODES: &str = "Exit codes:\n  0  everything was kept\n  1  a violation, a broken threshold, or a difference\n  \
                          2  a wrong command line\n  3  the run could not be done";

/// Plays Orrery with many bots, measures it, and verifies what it says.
///
/// Each bot is a player of its own on a connection of its own. The bots come one after the other, get into place, and then
/// a window is measured: how long commands take until they are answered (economic ones durably), how long an input takes
/// until another bot sees it, how many bytes arrive, and what the server's metrics say meanwhile. Every answer and frame
/// is checked: a bot keeps books of what it has, and bots compare what they see of each other.
///
/// Bots are paced in an open loop: an action is due when its schedule says so, whether or not the server has answered the
/// one before, and it is timed from when it was due. A server that stands still for two seconds is charged with all that
/// was due in them. `the swarm's own delay` says how late the bots were themselves; when it is large, the figures speak of
/// the swarm and not of the server, and the report says so.
#[derive(Parser)]
#[command(name = "loadtest", version, args_conflicts_with_subcommands = true, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    #[cfg(target_os = "linux")]
    CompareFloor(CompareFloorArgs),
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
    /// Makes one result of those of several processes (see --share): histograms and counters are added up exactly.
    Merge {
        /// Results that --json wrote.
        #[arg(required = true, num_args = 2..)]
        results: Vec<PathBuf>,
        /// Where to write the merged result.
        #[arg(long)]
        json: Option<PathBuf>,
        /// Where to write it as a page with charts.
        #[arg(long)]
        html: Option<PathBuf>,
        /// A threshold of the merged result, NAME<NUMBER; may be given several times.
        #[arg(long, value_name = "THRESHOLD", num_args = 1..)]
        require: Vec<Requirement>,
    },
    /// Compares two results, figure by figure: by how much, and whether for the better.
    Compare {
        /// The result to compare with.
        before: PathBuf,
        /// The result that is compared.
        after: PathBuf,
        /// Where to write the comparison as a page with charts.
        #[arg(long)]
        html: Option<PathBuf>,
        /// A bound on a change, in per cent of before: 'ack_p99_ms<=110%'; may be given several times.
        #[arg(long, value_name = "BOUND", num_args = 1..)]
        require: Vec<ChangeBound>,
    },
}

#[derive(Args)]
pub(crate) struct RunArgs {
    /// The server.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    pub(crate) url: String,
    /// How many bots.
    #[arg(long, default_value_t = 100, default_value_ifs([("profile", "echo", "64"), ("profile", "reads", "64")]),
          value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) bots: u32,
    /// How long to measure once all bots are there: 500ms, 60s, 5m, 2h.
    #[arg(long, default_value = "60s", value_parser = parse_duration)]
    pub(crate) duration: Duration,
    /// mixed, fly, collect, trade, economy, bundled, or a file.
    #[arg(long, default_value = "mixed")]
    pub(crate) scenario: String,
    /// The seed of all plans.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Where to write the report as JSON.
    #[arg(long)]
    pub(crate) json: Option<PathBuf>,
    /// Where to write the report as a page with charts: one file that needs nothing else.
    #[arg(long)]
    pub(crate) html: Option<PathBuf>,
    /// A threshold, NAME<NUMBER; may be given several times. The names are listed below.
    #[arg(long, value_name = "THRESHOLD", num_args = 1..)]
    pub(crate) require: Vec<Requirement>,
    /// How many bots come per second.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) ramp_per_second: u32,
    /// How messages are encoded.
    #[arg(long, value_enum, default_value = "msgpack")]
    pub(crate) encoding: EncodingArg,
    /// Log every economic command before it is sent, and its answer, as JSON lines.
    #[arg(long)]
    pub(crate) acks: Option<PathBuf>,
    /// End without a fault when the server goes away.
    #[arg(long)]
    pub(crate) until_disconnect: bool,
    /// A fixed workload instead of a scenario.
    #[arg(long, value_enum)]
    pub(crate) profile: Option<Profile>,
    /// Profile echo: messages that each connection keeps under way.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1_000))]
    pub(crate) in_flight: u16,
    /// Profile reads: how many per second.
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) reads_per_second: u32,
    /// Profile reads: what is read, in turn, instead of the usual; may be given several times.
    #[arg(long, value_name = "PATH", num_args = 1..)]
    pub(crate) read: Vec<String>,
    /// Profile reads: where the operators' API listens.
    #[arg(long, default_value = "http://127.0.0.1:8081")]
    pub(crate) console: String,
    /// Profile reads: an API token for it; without one only the players' API is read.
    #[arg(long, value_name = "TOKEN", env = "ORRERY_CONSOLE_TOKEN", hide_env_values = true)]
    pub(crate) console_token: Option<String>,
    /// Profile storm: within which time all log in: 500ms, 10s.
    #[arg(long, default_value = "10s", value_parser = parse_duration)]
    pub(crate) storm_seconds: Duration,
    /// Profile transfers: how many accounts.
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(65..=1_000_000))]
    pub(crate) accounts: u32,
    /// Profile transfers: four of five transfers go to 20 accounts.
    #[arg(long)]
    pub(crate) hot_spot: bool,
    /// Profile transfers: how commands travel; over ws 64 accounts send, over http all of them.
    #[arg(long, value_enum, default_value = "ws")]
    pub(crate) over: OverArg,
    /// Profile transfers: afterwards, a plain client (pgbench) with a transaction per transfer on this PostgreSQL, in a
    /// schema of its own that is dropped again.
    #[arg(long, value_name = "postgres://…")]
    pub(crate) durable_compare: Option<String>,
    /// Which bots fly in this process, of several: 1/2 in one and 2/2 in the other. --bots counts those of all.
    #[arg(long, default_value_t, value_name = "NUMBER/PROCESSES", conflicts_with = "ramp")]
    pub(crate) share: Share,
    /// Open the measured window at this time, in all processes at the same instant.
    #[arg(long, value_name = "UNIX SECONDS", conflicts_with = "ramp")]
    pub(crate) start_at: Option<u64>,
    /// Find the largest population that meets --slo: it grows by half until they are broken twice, then is halved in
    /// between. --bots and --duration do not count.
    #[arg(long, requires = "slo", conflicts_with_all = ["until_disconnect", "bots", "duration"])]
    pub(crate) ramp: bool,
    /// What --ramp has to meet, NAME<NUMBER; may be given several times.
    #[arg(long, value_name = "OBJECTIVE", num_args = 1.., requires = "ramp")]
    pub(crate) slo: Vec<Requirement>,
    /// The first population of --ramp.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=100_000), requires = "ramp")]
    pub(crate) from: u32,
    /// The largest population of --ramp.
    #[arg(long, default_value_t = 20_000, value_parser = clap::value_parser!(u32).range(1..=100_000), requires = "ramp")]
    pub(crate) to: u32,
    /// How long --ramp measures each population.
    #[arg(long, default_value = "15s", value_parser = parse_duration, requires = "ramp")]
    pub(crate) step_duration: Duration,
    /// How exactly --ramp finds the limit, in per cent of it.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=50), requires = "ramp")]
    pub(crate) precision: u32,
    /// The server's process; found by its port otherwise.
    #[arg(long)]
    pub(crate) server_pid: Option<u32>,
    /// Threads for the bots.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub(crate) threads: u16,
    /// No progress bar.
    #[arg(long)]
    pub(crate) no_progress: bool,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum EncodingArg {
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
pub(crate) enum Profile {
    /// What it costs to show ships to each other.
    Neighbours,
    /// How many messages the server sends back in a second: only sockets, frames and codec. 64 connections unless --bots
    /// says otherwise; the server needs debug.echo = true and a high limits.frames_per_second.
    Echo,
    /// Credits from account to account, answered durably: 64 clients, 40 commands in flight each.
    Transfers,
    /// Log-ins of all bots within --storm-seconds, while a hundred pilots fly.
    Storm,
    /// How fast the HTTP APIs answer questions at --reads-per-second, path by path. 64 connections unless --bots says
    /// otherwise, each with an account of its own.
    Reads,
    /// What a connection costs that only sends heartbeats.
    Idle,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum OverArg {
    Ws,
    Http,
}

/// What to run, of a scenario or the profile `neighbours`.
///
/// # Errors
/// An address or a scenario that is none.
pub(crate) fn options(args: &RunArgs) -> anyhow::Result<Options> {
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
        share: args.share,
        start_at: args.start_at,
        taping: Taping::Off,
    })
}

/// What --ramp looks for; `None` without it.
///
/// # Errors
/// It would begin above its end.
pub(crate) fn ramp_options(args: &RunArgs) -> anyhow::Result<Option<RampOptions>> {
    if args.ramp && args.from > args.to {
        bail!("--from: {} is more than --to, {}", args.from, args.to);
    }
    Ok(args.ramp.then(|| RampOptions {
        objectives: args.slo.clone(),
        from: args.from as usize,
        to: args.to as usize,
        step_duration: args.step_duration,
        precision_percent: f64::from(args.precision),
    }))
}

/// What to run, of the profile `echo`.
///
/// # Errors
/// An address that is none.
pub(crate) fn echo_options(args: &RunArgs) -> anyhow::Result<EchoOptions> {
    Ok(EchoOptions {
        server: ServerUrl::parse(&args.url).context("--url")?,
        connections: args.bots as usize,
        in_flight: usize::from(args.in_flight),
        duration: args.duration,
        server_pid: args.server_pid,
    })
}

/// What to run, of the profile `reads`.
///
/// # Errors
/// An address that is none.
pub(crate) fn read_options(args: &RunArgs) -> anyhow::Result<ReadOptions> {
    let console = args.console_token.clone().map(|token| {
        let server = ServerUrl::parse(&args.console).context("--console")?;
        anyhow::Ok((server, token))
    });
    Ok(ReadOptions {
        server: ServerUrl::parse(&args.url).context("--url")?,
        console: console.transpose()?,
        connections: args.bots as usize,
        per_second: args.reads_per_second,
        paths: args.read.clone(),
        duration: args.duration,
        server_pid: args.server_pid,
    })
}

/// What to run, of the profile `storm`.
///
/// # Errors
/// An address that is none.
pub(crate) fn storm_options(args: &RunArgs) -> anyhow::Result<StormOptions> {
    Ok(StormOptions {
        server: ServerUrl::parse(&args.url).context("--url")?,
        logins: args.bots as usize,
        within: args.storm_seconds,
        encoding: args.encoding.into(),
        server_pid: args.server_pid,
        seed: args.seed,
    })
}

/// What to run, of the profile `idle`.
///
/// # Errors
/// An address that is none.
pub(crate) fn idle_options(args: &RunArgs) -> anyhow::Result<IdleOptions> {
    Ok(IdleOptions {
        server: ServerUrl::parse(&args.url).context("--url")?,
        connections: args.bots as usize,
        ramp_per_second: args.ramp_per_second,
        duration: args.duration,
        encoding: args.encoding.into(),
        server_pid: args.server_pid,
        seed: args.seed,
    })
}

/// What to run, of the profile `transfers`.
///
/// # Errors
/// An address that is none.
pub(crate) fn transfer_options(args: &RunArgs) -> anyhow::Result<TransferOptions> {
    Ok(TransferOptions {
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
    })
}

/// A number and ms, s, m or h.
pub(crate) fn parse_duration(text: &str) -> Result<Duration, String> {
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
    use clap::CommandFactory as _;

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
        let ramp = |from, to| {
            let args = ["loadtest", "--ramp", "--slo", "seen_p99_ms<=100", "--from", from, "--to", to];
            ramp_options(&Cli::parse_from(args).run)
        };
        assert!(ramp("10", "20").unwrap().is_some() && ramp("20", "10").is_err());
        let echo = |more: &[&str]| Cli::parse_from([&["loadtest", "--profile", "echo"], more].concat()).run;
        assert_eq!((echo(&[]).bots, echo(&["--bots", "7"]).bots, echo(&[]).in_flight), (64, 7, 1));
        assert_eq!(Cli::parse_from(["loadtest"]).run.bots, 100);
        let reads =
            Cli::parse_from(["loadtest", "--profile", "reads", "--read", "/a", "/b", "--console-token", "x"]).run;
        let options = read_options(&reads).unwrap();
        assert_eq!((options.connections, options.paths.len(), options.console.unwrap().1.as_str()), (64, 2, "x"));
    }
}
