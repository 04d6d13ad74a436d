//! For tests that play a worker: what a session would be sent, without sessions and sockets.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use orrery_core::game::space::{Level, ViewChange};
use orrery_core::protocol::{CellIndex, Encoding};

use super::groups::{GroupKey, Groups};
use super::meters::Meters;
use super::{EncodedTick, message};
use crate::telemetry::Metrics;

/// The messages of a worker whose sessions all have the full detail.
pub(in crate::actors) struct PlayedMessages {
    meters: Meters,
    /// By world, each with one group: how those see who have this in common.
    groups: HashMap<(u16, GroupKey), Groups<()>>,
}

impl Default for PlayedMessages {
    fn default() -> Self {
        Self { meters: Meters::new(&Arc::new(Metrics::new())), groups: HashMap::new() }
    }
}

impl PlayedMessages {
    /// What a session is told whose view moved.
    pub(in crate::actors) fn view(&self, frames: &EncodedTick, encoding: Encoding, view: &ViewChange) -> Bytes {
        message::view(frames, encoding, Level::default(), view, &self.meters, None).bytes
    }

    /// What is due at this tick for who is anchored to this cell.
    pub(in crate::actors) fn deltas(
        &mut self,
        frames: &EncodedTick,
        encoding: Encoding,
        anchor: CellIndex,
    ) -> Option<Bytes> {
        let key = GroupKey { anchor, encoding, level: Level::default() };
        let groups = self.groups.entry((frames.world_number(), key)).or_insert_with(|| {
            let mut groups = Groups::default();
            groups.join(key, 0, (), frames.interest());
            groups
        });
        Some(message::deltas(frames, groups.all().first()?, &self.meters)?.0)
    }
}
