//! Where a result comes from: what a reader needs to repeat it. Names of machines and people are not in it.

use std::fs;
use std::thread;

use serde::{Deserialize, Serialize};

use crate::swarm::{Options, now_ms};

/// A process that took part, and the machine it ran on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// What was typed, without the path of the program.
    pub command: String,
    /// This program's version.
    pub version: String,
    /// The server: host and port.
    pub server: String,
    /// Its share of the bots.
    pub share: String,
    /// Threads for the bots.
    pub threads: usize,
    /// When it ended, in seconds since the Unix epoch.
    pub ended_at: u64,
    /// Cores that this process may use.
    pub cores: usize,
    /// The processor.
    pub processor: String,
    /// The machine's memory, in bytes.
    pub memory_bytes: u64,
    /// The kernel.
    pub kernel: String,
}

impl Origin {
    /// This process, on this machine.
    #[must_use]
    pub fn of(options: &Options) -> Self {
        Self {
            command: command_line(std::env::args().skip(1)),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            server: options.server.authority.clone(),
            share: options.share.to_string(),
            threads: options.threads,
            ended_at: now_ms() / 1000,
            cores: thread::available_parallelism().map_or(0, usize::from),
            processor: field("/proc/cpuinfo", "model name").unwrap_or_default(),
            memory_bytes: field("/proc/meminfo", "MemTotal").map_or(0, |text| kibibytes(&text)),
            kernel: fs::read_to_string("/proc/sys/kernel/osrelease")
                .map(|release| format!("{} {}", std::env::consts::OS, release.trim()))
                .unwrap_or_default(),
        }
    }
}

/// As it can be typed again.
fn command_line(arguments: impl Iterator<Item = String>) -> String {
    let plain = |argument: &String| {
        argument.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_./:=,%+@".contains(letter))
            && !argument.is_empty()
    };
    let quote =
        |argument: String| if plain(&argument) { argument } else { format!("'{}'", argument.replace('\'', "'\\''")) };
    std::iter::once("loadtest".to_owned()).chain(arguments.map(quote)).collect::<Vec<_>>().join(" ")
}

/// What stands after `name:` in a file of `/proc`, where it is first.
fn field(path: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

fn kibibytes(text: &str) -> u64 {
    text.split_whitespace().next().and_then(|number| number.parse::<u64>().ok()).unwrap_or(0) * 1024
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_line_can_be_typed_again() {
        let arguments = ["--bots", "5", "--require", "ack_p99_ms<200", "it's"].map(str::to_owned);
        assert_eq!(command_line(arguments.into_iter()), r"loadtest --bots 5 --require 'ack_p99_ms<200' 'it'\''s'");
    }
}
