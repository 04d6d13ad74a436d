//! `[telemetry]`: traces of single commands.

use serde::{Deserialize, Serialize};

use super::check::{Broken, Range};

/// Traces.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TelemetryConfig {
    /// Of how many in a thousand commands a trace is made; 0: of none. 0 to 1000.
    pub trace_per_mille: u32,
    /// Where spans are sent to: the whole URL of a collector that takes OTLP over HTTP. Empty: nowhere; then only the log
    /// tells traces.
    pub otlp_endpoint: String,
}

impl TelemetryConfig {
    pub(super) const RANGES: &[Range] = &[("trace_per_mille", 0, 1_000)];

    /// The rules that are not ranges.
    pub(super) fn validate(&self, broken: &mut Broken) {
        let url = &self.otlp_endpoint;
        if url.is_empty() {
            return;
        }
        let host = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"));
        if !host.is_some_and(|host| host.starts_with(|c: char| c.is_alphanumeric() || c == '[')) {
            let rule = "must be the URL of a collector such as \"http://127.0.0.1:4318/v1/traces\"";
            broken.add("telemetry.otlp_endpoint", rule);
        }
        if self.trace_per_mille == 0 {
            broken.add(
                "telemetry.trace_per_mille",
                "must be 1 to 1000 where otlp_endpoint is set: no trace is made else",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(trace_per_mille: u32, url: &str) -> Vec<&'static str> {
        let mut broken = Broken::default();
        TelemetryConfig { trace_per_mille, otlp_endpoint: url.to_owned() }.validate(&mut broken);
        broken.0.into_iter().map(|(key, _)| key).collect()
    }

    #[test]
    fn an_endpoint_is_a_url_and_wants_traces() {
        assert!(broken(0, "").is_empty() && broken(1_000, "").is_empty());
        assert!(broken(10, "https://otlp.example/v1/traces").is_empty());
        assert_eq!(broken(10, "otlp.example:4318"), ["telemetry.otlp_endpoint"]);
        assert_eq!(broken(10, "http://"), ["telemetry.otlp_endpoint"]);
        assert_eq!(broken(0, "http://[::1]:4318/v1/traces"), ["telemetry.trace_per_mille"]);
    }
}
