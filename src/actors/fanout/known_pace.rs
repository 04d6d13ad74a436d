//! What a client knows of its world's pace, so that it is told of changes and of nothing else.

use orrery_core::protocol::server_message::Dilation;

/// What one client was told last. In a world that it has just come to, it expects the full pace.
#[derive(Clone, Copy, Debug)]
pub(super) struct KnownPace {
    told: Dilation,
    /// How long a tick lasts at full pace, in ms.
    full_ms: u32,
}

impl KnownPace {
    /// A client that has not been told anything.
    pub(super) fn new(full_ms: u32) -> Self {
        Self { told: Dilation { world_number: 0, tick_ms: full_ms }, full_ms }
    }

    /// The client is in this world, whose ticks last so long: returns what it must be told, if anything.
    pub(super) fn news(&mut self, world_number: u16, tick_ms: u32) -> Option<Dilation> {
        let known = if self.told.world_number == world_number { self.told.tick_ms } else { self.full_ms };
        self.told = Dilation { world_number, tick_ms };
        (known != tick_ms).then_some(self.told)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_is_told_when_its_worlds_pace_is_not_what_it_expects() {
        let mut client = KnownPace::new(50);
        let told = |world_number, tick_ms| Some(Dilation { world_number, tick_ms });
        assert_eq!(client.news(1, 50), None);
        assert_eq!(client.news(1, 55), told(1, 55));
        assert_eq!(client.news(1, 55), None, "it knows");
        assert_eq!(client.news(2, 50), None, "another world, at full pace");
        assert_eq!(client.news(1, 55), told(1, 55), "back in the slow one, it has forgotten");
        assert_eq!(client.news(2, 60), told(2, 60));
        assert_eq!(client.news(2, 50), told(2, 50), "full pace again");
    }
}
