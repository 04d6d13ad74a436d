//! The command line of the bot swarm.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod args;
#[cfg(target_os = "linux")]
#[path = "cli/floor.rs"]
mod floor;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{CommandFactory as _, error::ErrorKind};
use loadtest::check_acks;
use loadtest::profile::{echo, idle, reads, storm, transfers};
use loadtest::ramp::{self, RampOptions};
use loadtest::report::compare::{ChangeBound, Comparison};
use loadtest::report::{Judged, Report, html, merge};
use loadtest::require::{self, Requirement};
use loadtest::swarm::{self, Options};

use crate::args::{
    Cli, Command, EXAMPLES, EXIT_CODES, Profile, RunArgs, echo_options, idle_options, options, ramp_options,
    read_options, storm_options, transfer_options,
};

/// A bot takes a file descriptor; many systems allow 1,024 at first and far more on demand.
fn raise_descriptor_limit() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    // If it fails, connecting says so soon enough.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
}

fn main() -> ExitCode {
    raise_descriptor_limit();
    let command = Cli::command().after_long_help(format!("{EXAMPLES}\n\n{}\n\n{EXIT_CODES}", require::help()));
    let cli = match command.try_get_matches().and_then(|matches| clap::FromArgMatches::from_arg_matches(&matches)) {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let Cli { command, run } = cli;
    let ended = match command {
        Some(Command::CheckAcks { acks, export }) => check_acks_file(&acks, &export),
        #[cfg(target_os = "linux")]
        Some(Command::CompareFloor(args)) => floor::compare(&args),
        #[cfg(target_os = "linux")]
        Some(Command::BareWriter { tape }) => loadtest::floor::writer::serve_file(&tape).map(|()| true),
        Some(Command::Merge { results, json, html, require }) => {
            merge_results(&results, json.as_deref(), html.as_deref(), &require)
        }
        Some(Command::Compare { before, after, html, require }) => {
            compare_results(&before, &after, html.as_deref(), &require)
        }
        None if run.profile.is_some_and(|profile| profile != Profile::Neighbours)
            && (run.ramp || run.html.is_some()) =>
        {
            eprintln!("loadtest: --ramp and --html are for scenarios and --profile neighbours (see --help)");
            return ExitCode::from(2);
        }
        None if run.profile == Some(Profile::Transfers) => run_transfers(&run),
        None if run.profile == Some(Profile::Echo) => run_echo(&run),
        None if run.profile == Some(Profile::Reads) => run_reads(&run),
        None if run.profile == Some(Profile::Storm) => run_storm(&run),
        None if run.profile == Some(Profile::Idle) => run_idle(&run),
        None => match options(&run).and_then(|options| Ok((options, ramp_options(&run)?))) {
            Ok((options, ramp)) => run_swarm(options, ramp, &run),
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

fn run_transfers(args: &RunArgs) -> anyhow::Result<bool> {
    let report = transfers::run(transfer_options(args)?)?;
    print!("{report}");
    write_json(args.json.as_deref(), &report)?;
    Ok(report.refused == 0)
}

fn run_echo(args: &RunArgs) -> anyhow::Result<bool> {
    let report = echo::run(echo_options(args)?)?;
    print!("{report}");
    write_json(args.json.as_deref(), &report)?;
    Ok(true)
}

fn run_reads(args: &RunArgs) -> anyhow::Result<bool> {
    let report = reads::run(read_options(args)?)?;
    print!("{report}");
    write_json(args.json.as_deref(), &report)?;
    Ok(report.errors == 0)
}

fn run_storm(args: &RunArgs) -> anyhow::Result<bool> {
    let report = storm::run(storm_options(args)?)?;
    print!("{report}");
    write_json(args.json.as_deref(), &report)?;
    Ok(report.is_survived())
}

fn run_idle(args: &RunArgs) -> anyhow::Result<bool> {
    let report = idle::run(idle_options(args)?)?;
    print!("{report}");
    write_json(args.json.as_deref(), &report)?;
    Ok(report.connected == report.wanted)
}

fn write_json(path: Option<&Path>, report: &impl serde::Serialize) -> anyhow::Result<()> {
    let Some(path) = path else { return Ok(()) };
    let json = serde_json::to_vec_pretty(report)?;
    std::fs::write(path, json).with_context(|| format!("failed to write {}", path.display()))
}

/// So that a run of many minutes does not end with a file that cannot be written.
fn check_writable(path: &Path) -> anyhow::Result<()> {
    let opened = std::fs::OpenOptions::new().append(true).create(true).open(path);
    opened.map(drop).with_context(|| format!("failed to write {}", path.display()))
}

fn write_html(path: Option<&Path>, page: impl FnOnce() -> String) -> anyhow::Result<()> {
    let Some(path) = path else { return Ok(()) };
    std::fs::write(path, page()).with_context(|| format!("failed to write {}", path.display()))
}

/// Whether everything was kept.
fn run_swarm(options: Options, ramp: Option<RampOptions>, args: &RunArgs) -> anyhow::Result<bool> {
    [&args.json, &args.html].into_iter().flatten().try_for_each(|path| check_writable(path))?;
    let mut report = match ramp {
        Some(ramp) => ramp::run(options, &ramp)?,
        None => swarm::run(options)?,
    };
    let kept = publish(&mut report, args.json.as_deref(), args.html.as_deref(), &args.require)?;
    // A few are offline on purpose at any time; a tenth is not a few. A ramp has judged that itself, step by step.
    let came = match &report.limit {
        Some(limit) => limit.largest.is_some(),
        None => report.window.connected * 10 >= report.bots as u64 * 9 || args.until_disconnect,
    };
    if !came && report.limit.is_none() {
        eprintln!(
            "loadtest: only {} of {} bots are connected; the codes above say why",
            report.window.connected, report.bots
        );
    }
    Ok(kept && came)
}

/// Judges a report, prints it and writes its files; whether the thresholds and all promises were kept.
fn publish(
    report: &mut Report,
    json: Option<&Path>,
    html: Option<&Path>,
    thresholds: &[Requirement],
) -> anyhow::Result<bool> {
    report.judge(thresholds);
    print!("{report}");
    write_json(json, report)?;
    write_html(html, || html::page(report))?;
    Ok(is_kept(&report.judged) && report.violations == 0)
}

/// Says which thresholds are broken.
fn is_kept(judged: &[Judged]) -> bool {
    let broken: Vec<&String> = judged.iter().filter_map(|judged| judged.broken.as_ref()).collect();
    broken.iter().for_each(|why| eprintln!("loadtest: not kept: {why}"));
    broken.is_empty()
}

fn merge_results(
    results: &[PathBuf],
    json: Option<&Path>,
    html: Option<&Path>,
    thresholds: &[Requirement],
) -> anyhow::Result<bool> {
    let reports: Vec<Report> = results.iter().map(|path| Report::read(path)).collect::<anyhow::Result<_>>()?;
    publish(&mut merge::merge(&reports)?, json, html, thresholds)
}

fn compare_results(before: &Path, after: &Path, html: Option<&Path>, bounds: &[ChangeBound]) -> anyhow::Result<bool> {
    let comparison = Comparison::of(Report::read(before)?, Report::read(after)?, bounds);
    print!("{comparison}");
    write_html(html, || html::comparison_page(&comparison))?;
    Ok(is_kept(&comparison.judged))
}

fn check_acks_file(acks: &Path, export: &Path) -> anyhow::Result<bool> {
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
