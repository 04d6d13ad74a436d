//! Logs and metrics. Anybody may count and log; nobody but `server` sets this up.

pub mod metrics;

pub use metrics::Metrics;
