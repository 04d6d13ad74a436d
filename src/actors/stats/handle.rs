//! How actors are reached: an address or recipient together with the meter of who is behind it, so that what is sent
//! counts for as long as it waits.

use std::ops::Deref;
use std::sync::Arc;

use actix::Message;
use tracing::Span;

use super::Meter;
use crate::telemetry::trace;

/// How others reach an actor, and what it shows of itself. Cheap to clone. `T` is its address or recipient.
#[derive(Debug)]
pub struct Handle<T> {
    to: T,
    meter: Arc<Meter>,
}

impl<T> Handle<T> {
    /// A handle to an actor that counts with this meter.
    pub(in crate::actors) fn new(to: T, meter: Arc<Meter>) -> Self {
        Self { to, meter }
    }

    /// A message for it, which waits from now on.
    pub(in crate::actors) fn post<M>(&self, message: M) -> Posted<M> {
        Posted { message, waiting: Waiting::new(&self.meter) }
    }

    /// What it shows of itself.
    #[must_use]
    pub fn meter(&self) -> &Arc<Meter> {
        &self.meter
    }
}

impl<T: Clone> Clone for Handle<T> {
    fn clone(&self) -> Self {
        Self { to: self.to.clone(), meter: Arc::clone(&self.meter) }
    }
}

impl<T> Deref for Handle<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.to
    }
}

/// A message on its way to an actor: counted for as long as it waits.
#[derive(Debug)]
pub struct Posted<M> {
    pub(in crate::actors) message: M,
    pub(in crate::actors) waiting: Waiting,
}

impl<M: Message> Message for Posted<M> {
    type Result = M::Result;
}

/// A message waits, for as long as this lives. Carries the span of the trace that it was sent in.
#[derive(Debug)]
pub(in crate::actors) struct Waiting {
    meter: Arc<Meter>,
    sent_in: Span,
}

impl Waiting {
    /// One more waits for the actor with this meter.
    fn new(meter: &Arc<Meter>) -> Self {
        meter.waits();
        Self { meter: Arc::clone(meter), sent_in: trace::current() }
    }

    /// It waits no longer. Returns the span it was sent in.
    pub(in crate::actors) fn end(mut self) -> Span {
        std::mem::replace(&mut self.sent_in, Span::none())
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.meter.waits_no_longer();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::Metrics;
    use crate::telemetry::metrics::ActorLabel;

    #[test]
    fn what_waits_is_counted_per_actor_and_per_kind_until_it_is_dropped() {
        let metrics = Metrics::new();
        let (one, other) = (Meter::new("player", &metrics), Meter::new("player", &metrics));
        let waiting = [Waiting::new(&one), Waiting::new(&one), Waiting::new(&other)];
        let of_kind = metrics.mailbox_depth.get_or_create(&ActorLabel { kind: "player" }).clone();
        assert_eq!((one.read().depth, other.read().depth, of_kind.get()), (2, 1, 3));
        drop(waiting);
        assert_eq!((one.read().depth, other.read().depth, of_kind.get()), (0, 0, 0));
    }
}
