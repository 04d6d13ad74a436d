//! The server's metrics page, read from outside: OpenMetrics text as `GET /metrics` answers it.

use crate::http::{self, ServerUrl};

/// A metrics page: name, labels, value.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Metrics(Vec<(String, String, f64)>);

impl Metrics {
    pub(super) fn parse(text: &str) -> Self {
        let line = |line: &str| {
            let (series, value) = line.rsplit_once(' ')?;
            let (name, labels) = series.split_once('{').unwrap_or((series, ""));
            Some((name.to_owned(), labels.trim_end_matches('}').to_owned(), value.parse().ok()?))
        };
        Self(text.lines().filter(|line| !line.starts_with('#')).filter_map(line).collect())
    }

    pub(super) fn series<'m>(&'m self, name: &'m str) -> impl Iterator<Item = (&'m str, f64)> {
        self.0.iter().filter(move |(known, ..)| known == name).map(|(_, labels, value)| (labels.as_str(), *value))
    }

    /// The sum over all labels; `None` when the page does not know the name.
    pub(super) fn sum(&self, name: &str) -> Option<f64> {
        self.series(name).map(|(_, value)| value).reduce(|sum, value| sum + value)
    }
}

/// Fetches the page; `None` when there is none.
pub(super) async fn metrics(server: &ServerUrl) -> Option<Metrics> {
    let answer = http::get(server, "/metrics").await.ok().filter(|answer| answer.status == 200)?;
    Some(Metrics::parse(&String::from_utf8_lossy(&answer.body)))
}
