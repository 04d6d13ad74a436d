//! Logs and metrics. Anybody may count and log; nobody but `cli` and `server` sets this up.

pub mod logging;
pub mod metrics;
mod process;

pub use metrics::Metrics;
