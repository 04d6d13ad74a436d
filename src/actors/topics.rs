//! Who follows what, and who is here. In memory only: a session says anew what it wants to follow.
//!
//! A player's actor subscribes and unsubscribes for its session; any actor publishes.

use std::collections::BTreeSet;

use std::sync::Arc;

use dashmap::{DashMap, DashSet};
use orrery_core::protocol::ServerMessage;
use orrery_core::types::economy::event::{Event, Topic};
use orrery_core::types::{ErrorCode, PlayerId, Refusal};

use super::node::Node;
use super::player::PlayerMessage;

/// Topics that one player may follow: a few hubs and missions. Each costs a message per event.
pub const TOPICS_PER_PLAYER: usize = 20;

/// The followers of a node's topics. Usable from any thread; no guard outlives a call.
#[derive(Default)]
pub struct Topics {
    followers: DashMap<Topic, BTreeSet<PlayerId>>,
    followed: DashMap<PlayerId, BTreeSet<Topic>>,
    online: DashSet<PlayerId>,
}

impl Topics {
    /// A player follows a topic; following it twice is the same as once.
    ///
    /// # Errors
    /// The player follows [`TOPICS_PER_PLAYER`] others.
    pub fn subscribe(&self, player: PlayerId, topic: Topic) -> Result<(), Refusal> {
        let mut followed = self.followed.entry(player).or_default();
        if !followed.contains(&topic) && followed.len() >= TOPICS_PER_PLAYER {
            let text = format!("at most {TOPICS_PER_PLAYER} topics can be followed");
            return Err(Refusal::new(ErrorCode::LimitReached, text).with("limit", TOPICS_PER_PLAYER));
        }
        followed.insert(topic.clone());
        drop(followed);
        self.followers.entry(topic).or_default().insert(player);
        Ok(())
    }

    /// A player does not follow a topic any longer.
    pub fn unsubscribe(&self, player: PlayerId, topic: &Topic) {
        if let Some(mut followed) = self.followed.get_mut(&player) {
            followed.remove(topic);
        }
        self.followed.remove_if(&player, |_, followed| followed.is_empty());
        if let Some(mut followers) = self.followers.get_mut(topic) {
            followers.remove(&player);
        }
        self.followers.remove_if(topic, |_, followers| followers.is_empty());
    }

    /// A player follows nothing any longer: the session is over for good.
    pub fn forget(&self, player: PlayerId) {
        let followed = self.followed.get(&player).map(|followed| followed.clone());
        for topic in followed.unwrap_or_default() {
            self.unsubscribe(player, &topic);
        }
    }

    /// Whether anybody follows a topic.
    #[must_use]
    pub fn is_followed(&self, topic: &Topic) -> bool {
        self.followers.contains_key(topic)
    }

    /// Tells everybody who follows a topic.
    pub fn publish(&self, node: &Arc<Node>, topic: &Topic, event: Event) {
        let followers: Vec<PlayerId> =
            self.followers.get(topic).map(|followers| followers.iter().copied().collect()).unwrap_or_default();
        let message = ServerMessage::from(event);
        for player in followers {
            node.directory.tell_if_live(player, PlayerMessage::Event(message.clone()));
        }
    }

    /// A player has come or gone. Returns whether that is news.
    pub fn set_online(&self, player: PlayerId, online: bool) -> bool {
        if online { self.online.insert(player) } else { self.online.remove(&player).is_some() }
    }

    /// Whether a player is here, or may still take up an interrupted session.
    #[must_use]
    pub fn is_online(&self, player: PlayerId) -> bool {
        self.online.contains(&player)
    }

    /// Everybody who is here, in no order.
    #[must_use]
    pub fn online_players(&self) -> Vec<PlayerId> {
        self.online.iter().map(|player| *player).collect()
    }

    /// How many players are here.
    #[must_use]
    pub fn online_count(&self) -> usize {
        self.online.len()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use orrery_core::types::HubKey;
    use uuid::Uuid;

    use super::*;

    fn topic(number: usize) -> Topic {
        Topic::Ticker(HubKey::parse(&format!("hub_{number}")).unwrap())
    }

    #[test]
    fn a_player_follows_a_bounded_number_of_topics_and_is_forgotten_whole() {
        let (topics, ada) = (Topics::default(), PlayerId(Uuid::from_u128(1)));
        (0..TOPICS_PER_PLAYER).for_each(|number| topics.subscribe(ada, topic(number)).unwrap());
        topics.subscribe(ada, topic(0)).unwrap();
        let refused = topics.subscribe(ada, topic(TOPICS_PER_PLAYER)).unwrap_err();
        assert_eq!((refused.code, refused.details["limit"].as_u64()), (ErrorCode::LimitReached, Some(20)));
        assert!(!topics.is_followed(&topic(TOPICS_PER_PLAYER)));
        topics.unsubscribe(ada, &topic(3));
        topics.subscribe(ada, topic(TOPICS_PER_PLAYER)).unwrap();
        topics.forget(ada);
        assert!((0..=TOPICS_PER_PLAYER).all(|number| !topics.is_followed(&topic(number))));
        assert!(topics.followed.is_empty());
    }

    #[test]
    fn coming_twice_is_no_news() {
        let (topics, ada) = (Topics::default(), PlayerId(Uuid::from_u128(1)));
        assert!(topics.set_online(ada, true));
        assert!(!topics.set_online(ada, true));
        assert!(topics.is_online(ada));
        assert!(topics.set_online(ada, false));
        assert!(!topics.set_online(ada, false));
    }
}
