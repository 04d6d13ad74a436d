//! The timer of an actor for what is due next in its state: one at most, however often its state changes.

use std::time::Duration;

use actix::{Actor, AsyncContext, Context, SpawnHandle};
use orrery_core::types::Millis;

use super::node::now;

/// An actor's timer.
#[derive(Debug, Default)]
pub(super) struct DueTimer(Option<(Millis, SpawnHandle)>);

impl DueTimer {
    /// From now on this is when something is due, if anything is; `ring` is called then, and is to call
    /// [`DueTimer::rang`]. Cheap when nothing has changed: it may be called with every command.
    pub(super) fn set<A>(&mut self, due: Option<Millis>, context: &mut Context<A>, ring: fn(&mut A, &mut Context<A>))
    where
        A: Actor<Context = Context<A>>,
    {
        if self.0.map(|(due, _)| due) == due {
            return;
        }
        if let Some((_, timer)) = self.0.take() {
            context.cancel_future(timer);
        }
        self.0 = due.map(|due| {
            let wait = Duration::from_millis(due.since(now()).max(1));
            (due, context.run_later(wait, ring))
        });
    }

    /// It has rung.
    pub(super) fn rang(&mut self) {
        self.0 = None;
    }
}
