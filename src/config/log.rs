//! `[log]`: logs, written to standard error.

use serde::{Deserialize, Serialize};

use super::check::{Broken, Range};

/// Logs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogConfig {
    /// `text` for people, `json` for machines.
    pub format: LogFormat,
    /// What is logged, as a tracing filter: `info`, `orrery=debug,info`, …
    pub filter: String,
    /// How many of the last records are kept in memory for operators to look at. 100 to 100000.
    pub keep_records: usize,
}

/// The form of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines.
    Json,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self { format: LogFormat::Text, filter: "info".to_owned(), keep_records: 5_000 }
    }
}

impl LogConfig {
    pub(super) const RANGES: &[Range] = &[("keep_records", 100, 100_000)];

    /// The rules that are not ranges.
    pub(super) fn validate(&self, broken: &mut Broken) {
        if let Err(error) = tracing_subscriber::EnvFilter::try_new(&self.filter) {
            broken.add("log.filter", format!("must be a tracing filter such as \"orrery=debug,info\": {error}"));
        }
    }
}
