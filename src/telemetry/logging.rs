//! Logs: lines on standard error, as text or JSON, filtered as the settings say, and the last of them in memory. Traces:
//! spans for some commands, sent to a collector where the settings name one. Started once, by `cli`.

use std::io::IsTerminal as _;
use std::time::Duration;

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::ExporterBuildError;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_subscriber::filter::{FilterExt as _, ParseError, filter_fn};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::{SubscriberInitExt as _, TryInitError};
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt};

use super::log_ring::{LogRing, RingLayer};
use super::{otlp, trace};
use crate::config::{LogConfig, LogFormat, TelemetryConfig};

/// How long the last spans may take to be sent when the process ends.
const FAREWELL_TIME: Duration = Duration::from_secs(3);

/// Why there are no logs.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The filter cannot be understood; the settings' check finds this earlier.
    #[error("log.filter is not a tracing filter")]
    Filter(#[from] ParseError),
    /// Logs were started before.
    #[error("logs were started twice")]
    Started(#[source] TryInitError),
    /// The HTTP client cannot be made.
    #[error("telemetry.otlp_endpoint: no HTTP client for it")]
    Client(#[source] reqwest::Error),
    /// The exporter cannot be made.
    #[error("telemetry.otlp_endpoint cannot be used")]
    Exporter(#[source] ExporterBuildError),
}

/// What must live as long as the process logs: sends the last spans when it is dropped.
#[must_use]
pub struct Logging(Option<SdkTracerProvider>);

impl Drop for Logging {
    fn drop(&mut self) {
        if let Some(provider) = self.0.take() {
            // A collector that does not answer has been counted already.
            let _ = provider.shutdown_with_timeout(FAREWELL_TIME);
        }
    }
}

/// Starts logging for the whole process; with traces, if there are settings for them. Not to be called from async code.
///
/// # Errors
/// When the filter or the endpoint is wrong, or when logging has been started already.
pub fn start(config: &LogConfig, traces: Option<&TelemetryConfig>) -> Result<Logging, LogError> {
    // Colours are for people's eyes: in a file they only stand between words.
    let lines = fmt::layer().with_ansi(std::io::stderr().is_terminal()).with_writer(std::io::stderr);
    let lines: Box<dyn Layer<Registry> + Send + Sync> = match config.format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    // A trace's spans are told with the lines that are within them, whatever the filter says of their module.
    let wanted = EnvFilter::try_new(&config.filter)?.or(filter_fn(is_of_trace));
    let logs = lines.and_then(RingLayer(LogRing::of_process(config.keep_records))).with_filter(wanted);
    let traces = traces.filter(|traces| traces.trace_per_mille > 0);
    let provider = traces.map(|traces| otlp::provider(&traces.otlp_endpoint)).transpose()?;
    let spans = provider.as_ref().map(|provider| {
        let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("orrery"));
        let lean = layer.with_location(false).with_threads(false).with_target(false).with_tracked_inactivity(false);
        lean.with_context_activation(false).with_filter(filter_fn(is_of_trace))
    });
    tracing_subscriber::registry().with(logs).with(spans).try_init().map_err(LogError::Started)?;
    trace::switch_on(traces.map_or(0, |traces| traces.trace_per_mille));
    log_panics();
    Ok(Logging(provider))
}

fn is_of_trace(metadata: &tracing::Metadata<'_>) -> bool {
    metadata.is_span() && metadata.target() == trace::TARGET
}

/// A panic is contained by the actor it happens in; its message and place go to the log like everything else.
fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let message = panic.payload_as_str().unwrap_or("no message");
        tracing::error!(panic.message = message, panic.place = place, "a panic was caught");
    }));
}
