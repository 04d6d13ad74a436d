//! A histogram that can be read back: what `GET /metrics` exports, and what the console takes percentiles of windows
//! from. Counting is two atomic additions and takes no lock. Used by `metrics`, `history` and the console.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use prometheus_client::encoding::{EncodeMetric, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::{MetricType, TypedMetric};

/// Counts values by buckets whose upper bounds were given when it was made. Cheap to clone: clones count together.
#[derive(Clone, Debug)]
pub struct Histogram(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    bounds: &'static [f64],
    /// One more than bounds: the last has what is above all of them.
    counts: Box<[AtomicU64]>,
    /// The sum of all values, as the bits of an `f64`.
    sum: AtomicU64,
}

impl Histogram {
    /// One with nothing in it. The bounds must ascend.
    #[must_use]
    pub fn new(bounds: &'static [f64]) -> Self {
        let counts = (0..=bounds.len()).map(|_| AtomicU64::new(0)).collect();
        Self(Arc::new(Inner { bounds, counts, sum: AtomicU64::new(0.0_f64.to_bits()) }))
    }

    /// Counts a value.
    pub fn observe(&self, value: f64) {
        let bucket = self.0.bounds.partition_point(|bound| *bound < value);
        self.0.counts[bucket].fetch_add(1, Ordering::Relaxed);
        let add = |sum| Some((f64::from_bits(sum) + value).to_bits());
        // The function never returns `None`, so this never fails.
        let _ = self.0.sum.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
    }

    /// What was counted so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let counts = self.0.counts.iter().map(|count| count.load(Ordering::Relaxed)).collect();
        Counts { bounds: self.0.bounds, counts }
    }
}

/// What a histogram has counted up to a moment, or within a window.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Counts {
    bounds: &'static [f64],
    counts: Vec<u64>,
}

impl Counts {
    /// How many values there are.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// What came after `earlier`, which must be of the same histogram.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        let before = |bucket: usize| earlier.counts.get(bucket).copied().unwrap_or(0);
        let counts = self.counts.iter().enumerate().map(|(bucket, count)| count.saturating_sub(before(bucket)));
        Self { bounds: self.bounds, counts: counts.collect() }
    }

    /// The value that the share `quantile` (0 to 1) of all values does not exceed, taken as spread evenly within their
    /// bucket; the largest bound when it is above that. `None` when there are no values.
    #[must_use]
    pub fn quantile(&self, quantile: f64) -> Option<f64> {
        let total = self.total();
        if total == 0 {
            return None;
        }
        let wanted = quantile.clamp(0.0, 1.0) * total as f64;
        let mut below = 0.0;
        let mut lower = 0.0;
        for (bound, count) in self.bounds.iter().zip(&self.counts) {
            let count = *count as f64;
            if count > 0.0 && below + count >= wanted {
                return Some(lower + (bound - lower) * ((wanted - below) / count).clamp(0.0, 1.0));
            }
            below += count;
            lower = *bound;
        }
        self.bounds.last().copied()
    }
}

impl EncodeMetric for Histogram {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> Result<(), std::fmt::Error> {
        let counts = self.counts();
        let bounds = counts.bounds.iter().copied().chain([f64::INFINITY]);
        let buckets: Vec<(f64, u64)> = bounds.zip(counts.counts.iter().copied()).collect();
        let sum = f64::from_bits(self.0.sum.load(Ordering::Relaxed));
        encoder.encode_histogram::<NoLabelSet>(sum, counts.total(), &buckets, None)
    }

    fn metric_type(&self) -> MetricType {
        MetricType::Histogram
    }
}

impl TypedMetric for Histogram {
    const TYPE: MetricType = MetricType::Histogram;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_counts_in_the_first_bucket_that_is_not_below_it() {
        let histogram = Histogram::new(&[1.0, 2.0]);
        for value in [0.0, 1.0, 1.5, 2.0, 9.0] {
            histogram.observe(value);
        }
        assert_eq!(histogram.counts().counts, [2, 2, 1]);
        assert_eq!(histogram.counts().total(), 5);
    }

    #[test]
    fn quantiles_are_of_the_window_alone() {
        let histogram = Histogram::new(&[1.0, 2.0, 4.0]);
        assert_eq!(histogram.counts().quantile(0.5), None);
        for _ in 0..100 {
            histogram.observe(0.5);
        }
        let before = histogram.counts();
        for _ in 0..4 {
            histogram.observe(3.0);
        }
        let window = histogram.counts().since(&before);
        assert_eq!(window.total(), 4);
        assert_eq!(window.quantile(0.5), Some(3.0));
        assert_eq!(window.quantile(1.0), Some(4.0));
        assert_eq!(histogram.counts().quantile(0.5), Some(0.52));
    }

    #[test]
    fn what_is_above_all_bounds_is_told_as_the_largest_bound() {
        let histogram = Histogram::new(&[1.0]);
        histogram.observe(100.0);
        assert_eq!(histogram.counts().quantile(0.99), Some(1.0));
    }

    #[test]
    fn it_is_exported_as_prometheus_expects_it() {
        let mut registry = prometheus_client::registry::Registry::default();
        let histogram = Histogram::new(&[1.0, 2.0]);
        registry.register("h", "help", histogram.clone());
        histogram.observe(0.5);
        histogram.observe(1.5);
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &registry).unwrap();
        for line in
            ["# TYPE h histogram", "h_sum 2.0", "h_count 2", "h_bucket{le=\"1.0\"} 1", "h_bucket{le=\"+Inf\"} 2"]
        {
            assert!(text.lines().any(|found| found == line), "{line} is missing in\n{text}");
        }
    }
}
