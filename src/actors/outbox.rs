//! Transfers under way: what worlds have given and players have not yet received.
//!
//! The rows in the store are the truth; this is the same in memory, for three occasions: a player that is loaded takes
//! what is meant for it before anything else; what was lost on the way to a player that failed is sent again; and
//! after a start everything left over is sent.

use std::sync::Arc;
use std::time::{Duration, Instant};

use dashmap::DashMap;
use orrery_core::game::Transfer;
use orrery_core::types::{PlayerId, TransferId};

use super::node::Node;
use super::player::PlayerMessage;

/// A transfer that has not arrived after this long was lost on the way. Far longer than a busy mailbox takes.
const RESEND_AFTER: Duration = Duration::from_secs(2);

/// Transfers under way. Usable from any thread; no guard outlives a call.
#[derive(Default)]
pub struct Outbox {
    waiting: DashMap<TransferId, (Transfer, Instant)>,
}

impl Outbox {
    /// A transfer began, or was found at the start.
    pub fn insert(&self, transfer: Transfer) {
        self.waiting.insert(transfer.id.clone(), (transfer, Instant::now()));
    }

    /// A transfer arrived: its receipt is in the persister's queue.
    pub fn remove(&self, id: &TransferId) {
        self.waiting.remove(id);
    }

    /// How many are under way.
    #[must_use]
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Whether none is under way.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Everything that is meant for a player.
    #[must_use]
    pub fn meant_for(&self, player: PlayerId) -> Vec<Transfer> {
        let meant = self.waiting.iter().filter(|entry| entry.value().0.to == player);
        meant.map(|entry| entry.value().0.clone()).collect()
    }

    fn overdue(&self) -> Vec<Transfer> {
        let mut overdue = Vec::new();
        for mut entry in self.waiting.iter_mut() {
            let (transfer, sent) = entry.value_mut();
            if sent.elapsed() > RESEND_AFTER {
                *sent = Instant::now();
                overdue.push(transfer.clone());
            }
        }
        overdue
    }
}

/// Sends again, for ever, what has not arrived. To be spawned once.
pub async fn keep_sending(node: Arc<Node>) {
    let mut timer = tokio::time::interval(RESEND_AFTER);
    loop {
        timer.tick().await;
        for transfer in node.outbox.overdue() {
            tracing::warn!(transfer = %transfer.id, player = %transfer.to, "a transfer did not arrive; sent again");
            node.directory.tell(&node, transfer.to, PlayerMessage::Deliver(transfer));
        }
        node.metrics.outbox_rows.set(i64::try_from(node.outbox.len()).unwrap_or(i64::MAX));
    }
}
