//! Sends spans to a collector: OTLP over HTTP, protobuf, from a thread of its own. A collector that does not answer costs
//! its spans, and nothing else. Started by `logging`.

use std::sync::OnceLock;
use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData, SpanExporter as Export};
use prometheus_client::metrics::counter::Counter;

use super::logging::LogError;

/// A collector that has not answered after this long is not there.
const ANSWER_TIME: Duration = Duration::from_secs(5);

/// Makes spans, and sends them if there is an endpoint.
pub(super) fn provider(endpoint: &str) -> Result<SdkTracerProvider, LogError> {
    let resource = Resource::builder_empty().with_attributes([
        KeyValue::new("service.name", "orrery"),
        KeyValue::new("service.version", env!("CARGO_PKG_VERSION")),
    ]);
    let provider = SdkTracerProvider::builder().with_resource(resource.build());
    if endpoint.is_empty() {
        return Ok(provider.build());
    }
    // The one that `server` would install; fails only if it is there already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::blocking::Client::builder().timeout(ANSWER_TIME).build().map_err(LogError::Client)?;
    let exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(client)
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(endpoint)
        .with_timeout(ANSWER_TIME)
        .build()
        .map_err(LogError::Exporter)?;
    Ok(provider.with_batch_exporter(Counted(exporter)).build())
}

/// How many batches were not taken; exported as `orrery_trace_exports_failed`.
pub(super) fn failure_count() -> &'static Counter {
    static FAILURES: OnceLock<Counter> = OnceLock::new();
    FAILURES.get_or_init(Counter::default)
}

/// Counts what fails, which the crate itself passes over in silence.
#[derive(Debug)]
struct Counted(SpanExporter);

impl Export for Counted {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let sent = self.0.export(batch).await;
        if let Err(error) = &sent {
            // Once per outage would need to know when it ends; the count tells how long it lasts.
            if failure_count().inc() == 0 {
                tracing::warn!(error = %error, "the collector of traces does not take spans; further failures are counted");
            }
        }
        sent
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.0.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.0.set_resource(resource);
    }
}
