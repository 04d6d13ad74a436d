//! Snapshots: what a player was like, kept for `store.snapshot_keep_days`, so that operators can look at it later. Goods
//! and credits at any time follow from the ledger exactly; all the rest is that of the newest snapshot before.
//!
//! One is taken with a change when the last one is `store.snapshot_every_minutes` old, one when the player leaves
//! memory changed, and one of what was before whenever an operator changes something.

use std::sync::Arc;
use std::time::Duration;

use orrery_core::types::Millis;

use super::actor::{Live, PlayerActor, State};
use crate::actors::node::{Node, now};
use crate::config::StoreConfig;
use crate::store::{Commit, SnapshotRow, Write};

const MINUTE_MS: u64 = 60_000;
const DAY_MS: u64 = 86_400_000;
/// How often old snapshots go. Each time up to [`SNAPSHOTS_PRUNED_MAX`](crate::store::SNAPSHOTS_PRUNED_MAX) do, more
/// than as many players can make in that time who each come, change and leave memory.
const PRUNE_EVERY: Duration = Duration::from_secs(60);

/// When the next snapshot is due.
pub(super) struct SnapshotClock {
    /// When the last one was taken, or the player was loaded.
    last: Millis,
    /// Whether the player has changed since.
    changed: bool,
}

impl SnapshotClock {
    /// The clock of a player who comes into memory.
    pub(super) fn new(now: Millis) -> Self {
        Self { last: now, changed: false }
    }

    /// The player has changed; says whether a snapshot is due.
    fn is_due(&mut self, now: Millis, every_minutes: u64) -> bool {
        self.changed = true;
        now.since(self.last) >= every_minutes.saturating_mul(MINUTE_MS) && self.take(now, every_minutes)
    }

    /// Says whether there is anything to take a snapshot of; it is taken then.
    fn take(&mut self, now: Millis, every_minutes: u64) -> bool {
        let take = self.changed && every_minutes > 0;
        if take {
            *self = Self::new(now);
        }
        take
    }
}

impl Live {
    /// The player as it is at this moment.
    pub(super) fn snapshot(&self, at: Millis) -> SnapshotRow {
        let record = (&self.player).into();
        SnapshotRow { player: self.player.id, at, account_name: self.account.name.clone(), record }
    }

    /// Adds a snapshot to the rows of a change, when one is due and none is among them.
    pub(super) fn add_due_snapshot(&mut self, rows: &mut Commit, config: &StoreConfig) {
        let now = now();
        if rows.iter().any(|row| matches!(row, Write::Snapshot(_))) {
            self.snapshots = SnapshotClock { last: now, changed: true };
        } else if self.snapshots.is_due(now, config.snapshot_every_minutes) {
            rows.push(Write::Snapshot(self.snapshot(now)));
        }
    }
}

impl PlayerActor {
    /// The player leaves memory: what it is like now is how it stays for a while.
    pub(super) fn snapshot_on_leaving(&mut self) {
        let (node, now) = (Arc::clone(&self.node), now());
        let State::Live(live) = &mut self.state else { return };
        if node.persister.has_room() && live.snapshots.take(now, node.config.store.snapshot_every_minutes) {
            node.persister.enqueue(vec![Write::Snapshot(live.snapshot(now))]);
        }
    }
}

/// Takes old snapshots away, for ever. To be spawned once.
pub async fn keep_pruning(node: Arc<Node>) {
    let keep = node.config.store.snapshot_keep_days.saturating_mul(DAY_MS);
    let mut timer = tokio::time::interval_at(tokio::time::Instant::now() + PRUNE_EVERY, PRUNE_EVERY);
    loop {
        timer.tick().await;
        if node.persister.has_room() {
            let before = Millis(now().0.saturating_sub(keep));
            node.persister.enqueue(vec![Write::PruneSnapshots { before }]);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::actors::accounts::Accounts;
    use crate::actors::player::PlayerMessage;
    use crate::actors::player_history::player_at;
    use crate::actors::testing;
    use crate::config::Config;
    use crate::store::Store as _;
    use crate::store::memory::MemoryStore;

    #[actix_web::test]
    async fn a_player_who_leaves_memory_changed_can_be_looked_at_as_it_left() {
        let store = Arc::new(MemoryStore::new());
        let node = testing::node(Arc::clone(&store), testing::catalog(), Config::default()).await;
        let made = Accounts::new(Arc::clone(&node)).create("Ada".to_owned(), Some("hash".to_owned())).await;
        let (ada, _) = made.unwrap();
        let before = player_at(&node, ada, now()).await.unwrap().unwrap();
        assert_eq!(before.snapshot, None);
        while let Some(player) = node.directory.live_player(ada) {
            player.tell(PlayerMessage::MakeRoom);
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        node.persister.flush().await.unwrap();
        let after = player_at(&node, ada, now()).await.unwrap().unwrap();
        let snapshot = after.snapshot.unwrap();
        assert_eq!(snapshot.account_name, "Ada");
        let stored = store.load_player(ada).await.unwrap().unwrap();
        assert_eq!(snapshot.record, stored.player.record);
        let start = i64::try_from(node.catalog.start.credits.0).unwrap();
        assert_eq!((before.holdings.credits, after.holdings.credits), (start, start));
        assert_eq!(player_at(&node, ada, Millis(1)).await.unwrap().unwrap().holdings.credits, 0, "not born yet");
        // Looking at it does not change it: nothing is kept a second time.
        node.directory.tell(&node, ada, PlayerMessage::MakeRoom);
        while node.directory.live_player(ada).is_some() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        node.persister.flush().await.unwrap();
        assert_eq!(store.snapshots(ada, None, 9).await.unwrap().len(), 1);
    }

    #[test]
    fn one_is_due_with_the_first_change_after_the_time() {
        let mut clock = SnapshotClock::new(Millis(0));
        assert!(!clock.is_due(Millis(59 * MINUTE_MS), 60));
        assert!(clock.is_due(Millis(60 * MINUTE_MS), 60));
        assert!(!clock.is_due(Millis(61 * MINUTE_MS), 60));
        assert!(clock.is_due(Millis(300 * MINUTE_MS), 60));
    }

    #[test]
    fn on_leaving_one_is_taken_of_what_has_changed_only() {
        let mut clock = SnapshotClock::new(Millis(0));
        assert!(!clock.take(Millis(1), 60));
        assert!(!clock.is_due(Millis(2), 60));
        assert!(clock.take(Millis(3), 60));
        assert!(!clock.take(Millis(4), 60));
    }

    #[test]
    fn none_is_taken_when_there_shall_be_none() {
        let mut clock = SnapshotClock::new(Millis(0));
        assert!(!clock.is_due(Millis(DAY_MS), 0));
        assert!(!clock.take(Millis(DAY_MS), 0));
    }
}
