//! Keeps the parties going that must always be there: starts them, and starts one anew that has failed.

use std::sync::Arc;
use std::time::Duration;

use orrery_core::types::Party;
use tokio::sync::oneshot;

use super::PartyMessage;
use crate::actors::node::Node;

/// How soon a failed party is noticed.
const CHECK_EVERY: Duration = Duration::from_millis(200);
/// A party that has not stopped after this long has failed; what it was told is under way.
const STOP_PATIENCE: Duration = Duration::from_secs(2);

/// Every hub of the catalogue has a market, from now on.
pub fn keep_markets(node: &Arc<Node>) {
    for hub in node.catalog.hubs() {
        node.directory.keep_party(node, Party::Market(hub.key.clone()));
    }
}

/// Starts kept parties anew that have failed, for ever. To be spawned once.
pub async fn keep_running(node: Arc<Node>) {
    let mut timer = tokio::time::interval(CHECK_EVERY);
    loop {
        timer.tick().await;
        for party in node.directory.kept_parties() {
            // Asking for it starts it.
            let _ = node.directory.party(&node, &party);
        }
    }
}

/// Stops every party, so that nothing is committed any more. Waits until each has finished what it is doing.
pub async fn stop_all(node: &Arc<Node>) {
    let mut stopping = Vec::new();
    for party in node.directory.live_parties() {
        let (stopped, wait) = oneshot::channel();
        party.tell(PartyMessage::Stop(stopped));
        stopping.push(wait);
    }
    for wait in stopping {
        // One that failed has dropped its end.
        let _ = tokio::time::timeout(STOP_PATIENCE, wait).await;
    }
}
