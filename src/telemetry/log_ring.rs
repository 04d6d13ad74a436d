//! The last log records, in memory, for operators who look at a running server. A layer of the subscriber writes them,
//! the console reads them.
//!
//! There is one ring per process, as there is one subscriber. A record is kept as it was logged, so what must not be
//! seen must not be logged; a field whose name sounds like a secret is masked all the same.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use prometheus_client::metrics::counter::Counter;
use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record as SpanRecord};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use super::trace::TRACE_ID;

/// The longest text that is kept of a message or a field, in bytes: 5,000 records are some 2 MB, and can never be more
/// than 100 MB.
const TEXT_MAX: usize = 1_024;
/// The most fields that are kept of one record.
const FIELDS_MAX: usize = 16;
/// How many records a reader takes at a time while every thread that logs has to wait.
const PIECE: usize = 256;
/// What stands in place of a secret.
const MASK: &str = "***";

/// One log record.
#[derive(Clone, Debug, PartialEq)]
pub struct LogRecord {
    /// Counts up by one from 1.
    pub seq: u64,
    /// When, in Unix milliseconds.
    pub at_ms: u64,
    /// How bad.
    pub level: Level,
    /// Which module.
    pub target: &'static str,
    /// What happened.
    pub message: String,
    /// The values that belong to it.
    pub fields: Map<String, Value>,
    /// The trace it belongs to, in hexadecimal digits.
    pub trace: Option<Arc<str>>,
}

/// Which records are wanted.
#[derive(Clone, Debug)]
pub struct LogFilter {
    /// Those after this number; `None`: the newest.
    pub after: Option<u64>,
    /// Those at least so bad.
    pub level: Level,
    /// Those of targets that begin so.
    pub target: String,
    /// Those whose message or fields have this in them; in lower case.
    pub text: String,
    /// Those of one trace.
    pub trace: Option<String>,
}

impl LogFilter {
    fn takes(&self, record: &LogRecord) -> bool {
        // Of two levels the worse one is the smaller.
        record.level <= self.level
            && record.target.starts_with(&self.target)
            && self.trace.as_ref().is_none_or(|trace| record.trace.as_deref() == Some(trace))
            && (self.text.is_empty() || self.is_in(record))
    }

    fn is_in(&self, record: &LogRecord) -> bool {
        let has = |text: &str| text.to_lowercase().contains(&self.text);
        has(&record.message) || record.fields.iter().any(|(name, value)| has(name) || has(&value.to_string()))
    }
}

/// A ring of log records.
pub struct LogRing {
    records: Mutex<Records>,
}

struct Records {
    kept: VecDeque<Arc<LogRecord>>,
    size: usize,
    last: u64,
}

impl LogRing {
    /// One that keeps so many.
    #[must_use]
    pub fn new(size: usize) -> Self {
        Self { records: Mutex::new(Records { kept: VecDeque::new(), size, last: 0 }) }
    }

    /// The process's ring. Its size is that of the first call.
    pub fn of_process(size: usize) -> &'static Self {
        static RING: OnceLock<LogRing> = OnceLock::new();
        RING.get_or_init(|| Self::new(size))
    }

    fn records(&self) -> MutexGuard<'_, Records> {
        // A push cannot leave it half done.
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, mut record: LogRecord) {
        let mut records = self.records();
        records.last += 1;
        record.seq = records.last;
        if records.kept.len() >= records.size {
            records.kept.pop_front();
        }
        records.kept.push_back(Arc::new(record));
    }

    /// The wanted records, oldest first: the first `limit` after a number, or the newest `limit`. And the number of the
    /// last record there was when the reading began: what is logged meanwhile comes with the next one.
    ///
    /// Whoever logs waits only while a piece is taken, not while it is searched.
    #[must_use]
    pub fn read(&self, filter: &LogFilter, limit: usize) -> (Vec<Arc<LogRecord>>, u64) {
        self.read_by(filter.after, limit, |record| filter.takes(record))
    }

    fn read_by(
        &self,
        after: Option<u64>,
        limit: usize,
        mut takes: impl FnMut(&LogRecord) -> bool,
    ) -> (Vec<Arc<LogRecord>>, u64) {
        let last = self.records().last;
        let (mut found, mut above, mut below) = (Vec::new(), after.unwrap_or(0), last.saturating_add(1));
        while found.len() < limit {
            let piece = self.piece(above, below, after.is_none());
            let Some(end) = piece.last().map(|record| record.seq) else { break };
            if after.is_some() {
                above = end;
            } else {
                below = end;
            }
            let wanted = piece.into_iter().filter(|record| takes(record));
            found.extend(wanted.take(limit - found.len()));
        }
        if after.is_none() {
            found.reverse();
        }
        (found, last)
    }

    /// The first or the last few of the records between two numbers, the last ones backwards.
    fn piece(&self, above: u64, below: u64, from_the_end: bool) -> Vec<Arc<LogRecord>> {
        let records = self.records();
        let first = records.kept.partition_point(|record| record.seq <= above);
        let end = records.kept.partition_point(|record| record.seq < below).max(first);
        let range = records.kept.range(first..end);
        if from_the_end { range.rev().take(PIECE).cloned().collect() } else { range.take(PIECE).cloned().collect() }
    }
}

/// How many records of level error there were in this process; exported as `orrery_log_errors`.
pub(super) fn error_count() -> &'static Counter {
    static ERRORS: OnceLock<Counter> = OnceLock::new();
    ERRORS.get_or_init(Counter::default)
}

/// The layer that writes into a ring.
pub(super) struct RingLayer(pub(super) &'static LogRing);

/// The trace that a span begins, kept with the span.
struct TraceOf(Arc<str>);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for RingLayer {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut visitor = TraceVisitor(None);
        attributes.record(&mut visitor);
        keep_trace(visitor, id, &context);
    }

    fn on_record(&self, id: &Id, values: &SpanRecord<'_>, context: Context<'_, S>) {
        let mut visitor = TraceVisitor(None);
        values.record(&mut visitor);
        keep_trace(visitor, id, &context);
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let metadata = event.metadata();
        if *metadata.level() == Level::ERROR {
            error_count().inc();
        }
        let mut visitor = FieldVisitor::default();
        event.record(&mut visitor);
        let trace = context.event_scope(event).and_then(|spans| {
            let mut traces = spans.filter_map(|span| span.extensions().get::<TraceOf>().map(|trace| trace.0.clone()));
            traces.next()
        });
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        self.0.push(LogRecord {
            seq: 0,
            at_ms: u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX),
            level: *metadata.level(),
            target: metadata.target(),
            message: visitor.message,
            fields: visitor.fields,
            trace,
        });
    }
}

fn keep_trace<S: Subscriber + for<'a> LookupSpan<'a>>(found: TraceVisitor, id: &Id, context: &Context<'_, S>) {
    if let (Some(trace), Some(span)) = (found.0, context.span(id)) {
        span.extensions_mut().replace(TraceOf(trace.into()));
    }
}

struct TraceVisitor(Option<String>);

impl Visit for TraceVisitor {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == TRACE_ID {
            self.0 = Some(format!("{value:?}"));
        }
    }
}

#[derive(Default)]
struct FieldVisitor {
    message: String,
    fields: Map<String, Value>,
}

impl FieldVisitor {
    fn put(&mut self, field: &Field, value: Value) {
        let sounds_secret = ["secret", "password", "token"].iter().any(|word| field.name().contains(word));
        if self.fields.len() < FIELDS_MAX {
            let value = if sounds_secret { Value::from(MASK) } else { value };
            self.fields.insert(field.name().to_owned(), value);
        }
    }
}

impl Visit for FieldVisitor {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let text = cut(format!("{value:?}"));
        if field.name() == "message" {
            self.message = text;
        } else {
            self.put(field, Value::from(text));
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "message" {
            self.message = cut(value.to_owned());
        } else {
            self.put(field, Value::from(cut(value.to_owned())));
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, Value::from(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, Value::from(value));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, Value::from(value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, Value::from(value));
    }
}

fn cut(mut text: String) -> String {
    if text.len() > TEXT_MAX {
        let end = (0..=TEXT_MAX).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        text.truncate(end);
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;

    fn ring_of(size: usize, log: impl FnOnce()) -> &'static LogRing {
        let ring: &'static LogRing = Box::leak(Box::new(LogRing::new(size)));
        let subscriber = tracing_subscriber::registry().with(RingLayer(ring));
        tracing::subscriber::with_default(subscriber, log);
        ring
    }

    fn everything() -> LogFilter {
        LogFilter { after: None, level: Level::TRACE, target: String::new(), text: String::new(), trace: None }
    }

    fn messages(ring: &LogRing, filter: &LogFilter) -> Vec<String> {
        ring.read(filter, 100).0.iter().map(|record| record.message.clone()).collect()
    }

    #[test]
    fn the_newest_records_are_kept_and_numbers_go_on() {
        let ring = ring_of(3, || (1..=5).for_each(|number| tracing::info!("line {number}")));
        assert_eq!(messages(ring, &everything()), ["line 3", "line 4", "line 5"]);
        let (records, last) = ring.read(&LogFilter { after: Some(4), ..everything() }, 100);
        assert_eq!((records.len(), records[0].seq, last), (1, 5, 5));
        let (records, _) = ring.read(&LogFilter { after: Some(0), ..everything() }, 2);
        assert_eq!(records[0].seq, 3, "the first after a number");
        assert_eq!(ring.read(&everything(), 2).0[0].seq, 4, "the newest of those wanted");
    }

    #[test]
    fn threads_can_log_while_a_reader_searches() {
        const LINES: u64 = 3 * PIECE as u64;
        for after in [None, Some(0)] {
            let ring = ring_of(10_000, || (1..=LINES).for_each(|number| tracing::info!("line {number}")));
            let mut searched = Vec::new();
            let (found, last) = ring.read_by(after, 2, |record| {
                searched.push(record.seq);
                // It would wait for ever if the reader held the lock.
                ring.push(record.clone());
                record.seq % LINES == 1
            });
            let found: Vec<u64> = found.iter().map(|record| record.seq).collect();
            assert_eq!((found, last, searched.len() as u64), (vec![1], LINES, LINES), "those there were, each once");
        }
    }

    #[test]
    fn each_filter_counts() {
        let ring = ring_of(9, || {
            tracing::warn!(target: "some::store", error = "Connection refused", "cannot write");
            tracing::info!(target: "some::world", ships = 3, "loaded");
        });
        let by = |filter: LogFilter| messages(ring, &filter);
        assert_eq!(by(LogFilter { level: Level::WARN, ..everything() }), ["cannot write"]);
        assert_eq!(by(LogFilter { target: "some::world".to_owned(), ..everything() }), ["loaded"]);
        assert_eq!(by(LogFilter { text: "refused".to_owned(), ..everything() }), ["cannot write"]);
        assert_eq!(by(LogFilter { text: "ships".to_owned(), ..everything() }), ["loaded"]);
        assert!(by(LogFilter { trace: Some("ab".to_owned()), ..everything() }).is_empty());
        assert_eq!(ring.read(&everything(), 9).0[1].fields["ships"], 3);
    }

    #[test]
    fn a_record_knows_the_trace_of_the_spans_around_it() {
        let ring = ring_of(9, || {
            let outer = tracing::error_span!("command", trace_id = tracing::field::Empty);
            outer.record("trace_id", tracing::field::display("0af7"));
            let inner = tracing::error_span!(parent: &outer, "player");
            inner.in_scope(|| tracing::info!("within"));
            tracing::info!("without");
        });
        let traces: Vec<_> = ring.read(&everything(), 9).0.iter().map(|record| record.trace.clone()).collect();
        assert_eq!(traces, [Some("0af7".into()), None]);
    }

    #[test]
    fn secrets_are_masked_and_long_texts_cut() {
        let long = "ä".repeat(TEXT_MAX);
        let ring = ring_of(9, || tracing::info!(access_token = "abc", long, "logged in"));
        let record = ring.read(&everything(), 1).0.remove(0);
        assert_eq!(record.fields["access_token"], MASK);
        assert!(record.fields["long"].as_str().unwrap().len() <= TEXT_MAX + '…'.len_utf8());
    }
}
