//! Erased players: account and state are erased at once, by the player's actor. What logs and snapshots keep may be any
//! amount; it goes afterwards, piece by piece, so that no commit of the game waits long for one of these. Until it is
//! gone, a value of the console's state says so, which is written with the erasing itself: a restart goes on.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use orrery_core::types::{Millis, PlayerId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::node::{Node, now};
use crate::store::{Erasure, Row, StoreError, Versioned, Write};

/// What the keys of what is to be erased begin with.
const PREFIX: &str = "erasure:";
/// How often there is a look whether anything is to be erased.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Between looks whether the persister has room.
const ROOM_EVERY: Duration = Duration::from_millis(50);
/// For so many times `store.answer_timeout_ms` others may still be about to write down what the player has said: a
/// report takes a page and a number first. Only a pass that begins later is the last one.
const SETTLED_AFTER: u64 = 3;

#[derive(Serialize, Deserialize)]
#[serde(tag = "v")]
enum IntentRecord {
    /// Since 0.3.
    #[serde(rename = "1")]
    V1 {
        /// When the player was erased.
        at_ms: Millis,
    },
}

/// What is to be in the commit that erases the player; [`begin`] follows it.
pub(super) fn intent(player: PlayerId, at: Millis) -> Write {
    Write::ConsoleState(key(player), Row::Put(value(at)))
}

/// The commit with the [`intent`] is in the persister's queue.
pub(super) fn begin(node: &Node, player: PlayerId, at: Millis) {
    node.console_state.know(key(player), value(at));
}

/// Erases what is to be erased, for ever. To be spawned once, after what operators have set was found again.
pub async fn keep_erasing(node: Arc<Node>) {
    let mut timer = tokio::time::interval(LOOK_EVERY);
    let mut seen = BTreeSet::new();
    loop {
        timer.tick().await;
        for (key, intent) in node.console_state.under(PREFIX) {
            let is_settled = is_settled(&node, &intent);
            if !seen.insert(key.clone()) && !is_settled {
                continue;
            }
            match erase(&node, &key).await {
                Ok(()) if is_settled => {
                    seen.remove(&key);
                    let Ok(_) = node
                        .console_state
                        .change::<Infallible>(&node.persister, &key, |_| Ok((Row::Delete, Vec::new())));
                }
                Ok(()) => {}
                Err(error) => {
                    seen.remove(&key);
                    node.metrics.store_errors.inc();
                    tracing::error!(key, error = %error, "a player cannot be erased from the logs; trying again");
                }
            }
        }
    }
}

/// One pass through everything that is kept. Goes on as fast as the store takes it, one piece after the other.
async fn erase(node: &Arc<Node>, key: &str) -> Result<(), StoreError> {
    let id = key.strip_prefix(PREFIX).and_then(|id| Uuid::try_parse(id).ok());
    let player = PlayerId(id.ok_or_else(|| StoreError::Corrupt(format!("table console_state, row {key}")))?);
    // What the player has said is in the queue before the erasing itself.
    durable(node, node.persister.last_enqueued()).await?;
    let (mut erasure, mut rows) = (Erasure::of(player), 0);
    while let Some(piece) = erasure.next(&*node.store).await? {
        if piece.is_empty() {
            continue;
        }
        rows += piece.len();
        while !node.persister.has_room() {
            tokio::time::sleep(ROOM_EVERY).await;
        }
        durable(node, node.persister.enqueue(piece)).await?;
    }
    // A channel may have been loaded meanwhile.
    node.channels.forget_speaker(player);
    tracing::info!(player = %player, rows, "erased from the logs");
    Ok(())
}

async fn durable(node: &Node, commit: u64) -> Result<(), StoreError> {
    node.persister.wait_durable(commit).await.map_err(|gone| StoreError::Unavailable(gone.to_string()))
}

fn is_settled(node: &Node, intent: &Versioned<serde_json::Value>) -> bool {
    let at = match serde_json::from_value(intent.record.clone()) {
        Ok(IntentRecord::V1 { at_ms }) => at_ms,
        Err(_) => Millis(0),
    };
    now().since(at) >= node.config.store.answer_timeout_ms.saturating_mul(SETTLED_AFTER)
}

fn key(player: PlayerId) -> String {
    format!("{PREFIX}{player}")
}

fn value(at: Millis) -> Versioned<serde_json::Value> {
    // Intents have string keys only and always become JSON.
    let record = serde_json::to_value(IntentRecord::V1 { at_ms: at }).unwrap_or_default();
    Versioned { version: 1, record }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::actors::testing;
    use crate::config::Config;
    use crate::store::memory::MemoryStore;
    use crate::store::{Log, LogRow, Store as _};

    fn is_under_way(node: &Node) -> bool {
        !node.console_state.under(PREFIX).is_empty()
    }

    fn said(player: PlayerId, seq: u64) -> Write {
        let doc = json!({ "seq": seq, "at_ms": seq, "player": player, "name": "Ada", "text": "a secret" });
        Write::Log(LogRow { log: Log::Chat, stream: "sector:sol".to_owned(), seq, at: Millis(seq), doc })
    }

    /// Many pieces, an outage, another process: in the end nothing is left, and no commit was larger than a piece.
    #[actix_web::test]
    async fn what_an_erased_player_said_goes_in_pieces_and_a_restart_goes_on() {
        let store = Arc::new(MemoryStore::new());
        let mut config = Config::default();
        config.store.answer_timeout_ms = 100;
        let ada = PlayerId(Uuid::from_u128(7));
        let first = testing::node(Arc::clone(&store), testing::catalog(), config.clone()).await;
        first.persister.enqueue((1..=1_700).map(|seq| said(ada, seq)).collect());
        first.persister.enqueue(vec![intent(ada, Millis(1))]);
        first.persister.flush().await.unwrap();
        store.release().await;
        drop(first);

        let node = testing::node(Arc::clone(&store), testing::catalog(), config).await;
        super::super::console_state::restore(&node).await.unwrap();
        assert!(is_under_way(&node));
        let before = store.written().len();
        store.fail_writes_before_applying(2);
        let keeper = actix::spawn(keep_erasing(Arc::clone(&node)));
        while is_under_way(&node) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        keeper.abort();
        node.persister.flush().await.unwrap();
        let rows = store.read_log_up(Log::Chat, "sector:sol", 0, 2_000).await.unwrap();
        assert_eq!(rows.len(), 1_700);
        assert!(rows.iter().all(|row| row.doc["text"] == "" && row.doc["name"] == "(erased)"));
        let sizes: Vec<usize> = store.written()[before..].iter().map(|batch| batch.rewritten.len()).collect();
        assert!(sizes.iter().all(|size| *size <= 500) && sizes.iter().sum::<usize>() == 1_700, "{sizes:?}");
        assert!(store.console_state().await.unwrap().is_empty());
    }
}
