//! Traces: what one command went through, from the socket over the actors until it is durable.
//!
//! A trace begins where a command comes in ([`begin`], [`follow`]), for as many of them as `telemetry.trace_per_mille`
//! says. Messages between actors carry the span they were sent in ([`current`]); whoever handles one does so in a span of
//! its own below that ([`player`], [`world`], [`party`]); a commit's span ends when it is durable. All log lines within
//! have the trace's id. With traces off, all of this is a look at one number: nothing is allocated, no span is made.
//!
//! Spans are of level error: they are never less wanted than the lines within them.

use std::fmt::Display;
use std::sync::atomic::{AtomicU32, Ordering};

use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState};
use tracing::Span;
use tracing::field::{Empty, display};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

/// The target of all spans of traces.
pub(super) const TARGET: &str = "orrery::trace";
/// The field of a trace's first span that has its id, in 32 hexadecimal digits.
pub(super) const TRACE_ID: &str = "trace_id";
const TRACES_MAX: u32 = 1_000;

/// Of how many commands in a thousand a trace is made.
static PER_MILLE: AtomicU32 = AtomicU32::new(0);

/// From now on traces are made. Called once, when the subscriber is there.
pub(super) fn switch_on(per_mille: u32) {
    PER_MILLE.store(per_mille, Ordering::Relaxed);
}

/// Whether any traces are made.
#[must_use]
#[inline]
pub fn is_on() -> bool {
    PER_MILLE.load(Ordering::Relaxed) > 0
}

fn is_drawn() -> bool {
    rand::random::<u32>() % TRACES_MAX < PER_MILLE.load(Ordering::Relaxed)
}

/// A command has come over a session: the first span of its trace, or none.
#[must_use]
#[inline]
pub fn begin(command: &'static str) -> Span {
    if !is_on() || !is_drawn() {
        return Span::none();
    }
    with_id(tracing::error_span!(target: TARGET, "socket", trace_id = Empty, command))
}

/// A request has come over HTTP, maybe with a `traceparent`: the first span of its trace here, or none. Who sends a
/// `traceparent` decides whether there is one.
#[must_use]
#[inline]
pub fn follow(traceparent: Option<&str>, request: &'static str) -> Span {
    if !is_on() {
        return Span::none();
    }
    let parent = traceparent.and_then(parse);
    if !parent.as_ref().map_or_else(is_drawn, SpanContext::is_sampled) {
        return Span::none();
    }
    let span = tracing::error_span!(target: TARGET, "http", trace_id = Empty, request);
    if let Some(parent) = parent {
        // Fails only where there is no layer for it, or the span has begun; neither is so.
        let _ = span.set_parent(Context::new().with_remote_span_context(parent));
    }
    with_id(span)
}

fn with_id(span: Span) -> Span {
    let id = span.context().span().span_context().trace_id();
    if id != TraceId::INVALID {
        span.record(TRACE_ID, display(id));
    }
    span
}

/// The span that is being carried out: what a message takes along.
#[must_use]
#[inline]
pub fn current() -> Span {
    if is_on() { Span::current() } else { Span::none() }
}

/// A player's actor handles a message that was sent in a span.
#[must_use]
#[inline]
pub fn player(sent_in: &Span, player: impl Display, handling: &'static str) -> Span {
    if sent_in.is_none() {
        return Span::none();
    }
    tracing::error_span!(target: TARGET, parent: sent_in, "player", player = %player, handling)
}

/// A world takes an input that was sent in a span.
#[must_use]
#[inline]
pub fn world(sent_in: &Span, world: impl Display, handling: &'static str) -> Span {
    if sent_in.is_none() {
        return Span::none();
    }
    tracing::error_span!(target: TARGET, parent: sent_in, "world", world = %world, handling)
}

/// A market, mission or guild handles a message that was sent in a span.
#[must_use]
#[inline]
pub fn party(sent_in: &Span, party: impl Display, handling: &'static str) -> Span {
    if sent_in.is_none() {
        return Span::none();
    }
    tracing::error_span!(target: TARGET, parent: sent_in, "party", party = %party, handling)
}

/// A commit is enqueued; the span is to be dropped when it is durable.
#[must_use]
#[inline]
pub fn commit(caused_in: &Span, rows: usize) -> Span {
    if caused_in.is_none() {
        return Span::none();
    }
    tracing::error_span!(target: TARGET, parent: caused_in, "commit", rows)
}

/// The parent that a `traceparent` of W3C's Trace Context names.
fn parse(header: &str) -> Option<SpanContext> {
    let mut parts = header.trim().split('-');
    let (version, trace, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let is_hex = |text: &str, length| {
        text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    };
    let sound = is_hex(version, 2) && is_hex(trace, 32) && is_hex(span, 16) && is_hex(flags, 2);
    // Later versions may add parts; this one has none.
    if !sound || version == "ff" || (version == "00" && parts.next().is_some()) {
        return None;
    }
    let (trace, span) = (TraceId::from_hex(trace).ok()?, SpanId::from_hex(span).ok()?);
    let flags = TraceFlags::new(u8::from_str_radix(flags, 16).ok()?);
    let parent = SpanContext::new(trace, span, flags, true, TraceState::default());
    parent.is_valid().then_some(parent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sound_traceparent_is_taken() {
        let parent = parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01").unwrap();
        assert_eq!(parent.trace_id().to_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert!(parent.is_sampled() && parent.is_remote());
        assert!(!parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00").unwrap().is_sampled());
        assert!(parse("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more").is_some());
    }

    #[test]
    fn anything_else_is_passed_over() {
        for header in [
            "",
            "00",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
            "ä0-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ] {
            assert!(parse(header).is_none(), "{header}");
        }
    }

    #[test]
    fn with_traces_off_there_are_no_spans() {
        let none = begin("collect");
        assert!(none.is_none() && current().is_none());
        assert!(player(&none, 7, "execute").is_none() && commit(&none, 3).is_none());
        assert!(follow(Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"), "commands").is_none());
    }
}
