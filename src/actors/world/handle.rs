//! How others reach a world.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use actix::Addr;
use orrery_core::types::WorldKey;
use tokio::sync::mpsc;

use super::inbox::Sent;
use super::{WorldActor, WorldInput};
use crate::actors::stats::Meter;
use crate::telemetry::trace;

/// A world's handle. Cheap to clone. After the world failed it leads nowhere; the directory has the new one.
#[derive(Clone)]
pub struct WorldHandle {
    /// Which world.
    pub key: WorldKey,
    /// Its number on the wire.
    pub number: u16,
    /// Its side, in units.
    pub size_units: u32,
    pub(super) addr: Addr<WorldActor>,
    pub(super) inbox: mpsc::Sender<Sent>,
    pub(super) tick: Arc<AtomicU64>,
    /// What the actor shows of itself.
    pub meter: Arc<Meter>,
}

impl std::fmt::Debug for WorldHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "WorldHandle({})", self.key)
    }
}

/// An input that was not taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InboxRefusal {
    /// Too much waits for the next tick.
    #[error("the world is busy")]
    Busy,
    /// The world has failed and is being started anew.
    #[error("the world is being started anew")]
    Gone,
}

impl WorldHandle {
    /// Puts an input into the inbox; it is carried out at the next tick.
    ///
    /// # Errors
    /// [`InboxRefusal`]; nothing happened.
    pub fn try_send(&self, input: WorldInput) -> Result<(), InboxRefusal> {
        self.inbox.try_send(Sent { input, span: trace::current() }).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => InboxRefusal::Busy,
            mpsc::error::TrySendError::Closed(_) => InboxRefusal::Gone,
        })
    }

    /// The world's mailbox, for joins and the like.
    #[must_use]
    pub fn addr(&self) -> &Addr<WorldActor> {
        &self.addr
    }

    /// The world's current tick; 0 while it is being loaded.
    #[must_use]
    pub fn tick(&self) -> u64 {
        self.tick.load(Ordering::Relaxed)
    }

    /// How many inputs wait for the next tick.
    #[must_use]
    pub fn inbox_depth(&self) -> usize {
        self.inbox.max_capacity() - self.inbox.capacity()
    }

    /// Whether the world is alive.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.addr.connected()
    }
}
