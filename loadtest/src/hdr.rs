//! Histograms of microseconds that can be stored and added up: HdrHistogram, serialised as V2 in base64, which any
//! HdrHistogram library reads. [`crate::stats`] fills them, a [`crate::report`] carries them.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::{Deserializer as Reader, Serializer as _, V2Serializer};
use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::stats::Percentiles;

/// The longest that is told apart: 10 minutes.
const LONGEST_US: u64 = 600_000_000;

/// Durations in microseconds, from 1 to 10 minutes; longer ones count as 10 minutes.
#[derive(Clone, Debug, PartialEq)]
pub struct Hdr(Histogram<u64>);

impl Hdr {
    /// An empty one that tells values apart to this many digits, 1 to 5.
    #[must_use]
    pub fn new(digits: u8) -> Self {
        // The bounds are constants that the crate accepts.
        #[allow(clippy::expect_used)]
        Self(Histogram::new_with_bounds(1, LONGEST_US, digits.clamp(1, 5)).expect("constant bounds are valid"))
    }

    /// Keeps a duration.
    pub fn record(&mut self, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.0.saturating_record(micros.clamp(1, LONGEST_US));
    }

    /// Adds another's samples.
    pub fn add(&mut self, other: &Self) {
        // Both have the same bounds; one from a file may have wider ones, whose values are then cut off.
        if self.0.add(&other.0).is_err() {
            for value in other.0.iter_recorded() {
                self.0.saturating_record_n(value.value_iterated_to().clamp(1, LONGEST_US), value.count_at_value());
            }
        }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.0.reset();
    }

    /// How many were kept.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.len()
    }

    /// The percentiles, in ms.
    #[must_use]
    pub fn percentiles(&self) -> Percentiles {
        Percentiles {
            count: self.count(),
            p50_ms: self.at(0.5),
            p90_ms: self.at(0.9),
            p99_ms: self.at(0.99),
            p999_ms: self.at(0.999),
            max_ms: self.0.max() as f64 / 1000.0,
        }
    }

    /// What this share of the samples, 0 to 1, did not exceed; in ms.
    #[must_use]
    pub fn at(&self, quantile: f64) -> f64 {
        self.0.value_at_quantile(quantile) as f64 / 1000.0
    }
}

impl Serialize for Hdr {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut bytes = Vec::new();
        V2Serializer::new().serialize(&self.0, &mut bytes).map_err(S::Error::custom)?;
        serializer.serialize_str(&STANDARD.encode(bytes))
    }
}

impl<'de> Deserialize<'de> for Hdr {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = STANDARD.decode(text).map_err(D::Error::custom)?;
        let histogram = Reader::new().deserialize(&mut bytes.as_slice());
        histogram.map(Self).map_err(|error| D::Error::custom(format!("not a histogram: {error}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(samples: impl Iterator<Item = u64>) -> Hdr {
        let mut hdr = Hdr::new(3);
        samples.for_each(|micros| hdr.record(Duration::from_micros(micros)));
        hdr
    }

    #[test]
    fn two_added_are_as_one_of_all_samples_also_by_way_of_a_file() {
        let (even, odd) = (of((2..9_000).step_by(2)), of((1..900_000).step_by(2)));
        let text = serde_json::to_string(&even).unwrap();
        let mut sum: Hdr = serde_json::from_str(&text).unwrap();
        sum.add(&odd);
        let all = of((2..9_000).step_by(2).chain((1..900_000).step_by(2)));
        assert_eq!(sum.percentiles(), all.percentiles());
        assert_eq!(sum, all);
    }

    #[test]
    fn nonsense_is_no_histogram() {
        for text in ["\"\"", "\"AAAA\"", "\"%\"", "5"] {
            assert!(serde_json::from_str::<Hdr>(text).is_err(), "{text}");
        }
    }
}
