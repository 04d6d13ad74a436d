//! Logs, metrics, traces, and what is kept of them in memory for the console. Anybody may count and log; nobody but `cli`
//! and `server` sets this up.

pub mod histogram;
pub mod history;
pub mod log_ring;
pub mod logging;
pub mod metrics;
mod otlp;
pub mod process;
pub mod trace;

pub use history::History;
pub use metrics::Metrics;
