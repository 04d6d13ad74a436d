//! Logs: lines on standard error, as text or JSON, filtered as the settings say. Started once, by `cli`.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;
use tracing_subscriber::util::TryInitError;

use crate::config::{LogConfig, LogFormat};

/// Why there are no logs.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The filter cannot be understood; the settings' check finds this earlier.
    #[error("log.filter is not a tracing filter")]
    Filter(#[from] ParseError),
    /// Logs were started before.
    #[error("logs were started twice")]
    Started(#[source] TryInitError),
}

/// Starts logging for the whole process.
///
/// # Errors
/// When the filter is wrong, or when logging has been started already.
pub fn start(config: &LogConfig) -> Result<(), LogError> {
    use tracing_subscriber::util::SubscriberInitExt as _;
    let lines =
        tracing_subscriber::fmt().with_env_filter(EnvFilter::try_new(&config.filter)?).with_writer(std::io::stderr);
    match config.format {
        LogFormat::Text => lines.finish().try_init(),
        LogFormat::Json => lines.json().flatten_event(true).finish().try_init(),
    }
    .map_err(LogError::Started)?;
    log_panics();
    Ok(())
}

/// A panic is contained by the actor it happens in; its message and place go to the log like everything else.
fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let message = panic.payload_as_str().unwrap_or("no message");
        tracing::error!(panic.message = message, panic.place = place, "a panic was caught");
    }));
}
