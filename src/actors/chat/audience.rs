//! Who listens to which channel: players who are here, with their ship's sector and their guild. Each player's actor
//! keeps its own entries right; one that failed leaves some behind, which go when they are used.

use std::collections::HashSet;

use dashmap::DashMap;
use orrery_core::types::PlayerId;

/// The listeners, by the channel's stream. Usable from any thread; no guard outlives a call.
#[derive(Default)]
pub struct Audience {
    listeners: DashMap<String, HashSet<PlayerId>>,
}

impl Audience {
    /// A player listens from now on.
    pub fn enter(&self, stream: &str, player: PlayerId) {
        self.listeners.entry(stream.to_owned()).or_default().insert(player);
    }

    /// A player listens no longer.
    pub fn leave(&self, stream: &str, player: PlayerId) {
        if let Some(mut listeners) = self.listeners.get_mut(stream) {
            listeners.remove(&player);
        }
        self.listeners.remove_if(stream, |_, listeners| listeners.is_empty());
    }

    /// How many listen.
    #[must_use]
    pub fn count(&self, stream: &str) -> usize {
        self.listeners.get(stream).map_or(0, |listeners| listeners.len())
    }

    /// Everybody who listens.
    #[must_use]
    pub fn of(&self, stream: &str) -> Vec<PlayerId> {
        self.listeners.get(stream).map(|listeners| listeners.iter().copied().collect()).unwrap_or_default()
    }
}
