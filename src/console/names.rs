//! The names of players that a page shows, all asked for at once, from memory.

use std::collections::{BTreeMap, BTreeSet};

use orrery_core::types::PlayerId;

use super::operated::Person;
use crate::actors::node::Node;
use crate::actors::season;

/// The names that are known.
pub(super) struct Names(BTreeMap<PlayerId, String>);

/// The names of these players.
pub(super) async fn names(node: &Node, players: impl Iterator<Item = PlayerId>) -> Names {
    let players: BTreeSet<PlayerId> = players.collect();
    Names(season::names(node, players.into_iter().collect()).await)
}

impl Names {
    /// A player by name.
    pub(super) fn of(&self, player: PlayerId) -> Person {
        Person { id: player.to_string(), name: self.0.get(&player).cloned().unwrap_or_default() }
    }
}
