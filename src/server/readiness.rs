//! Whether players can be served: the store answers, every world ticks, and nobody is being sent away.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;

use crate::actors::node::Node;
use crate::gateway::http::{Check, Readiness};
use crate::types::WorldKey;
use orrery_core::game::maintenance::Mode;

/// The store may take this long to answer.
const PING_TIME: Duration = Duration::from_millis(800);
/// A world whose tick has not changed for this long stands still, or for four of the slowest ticks if that is longer.
const STILL: Duration = Duration::from_secs(2);

/// Asks the node's parts.
pub(super) struct NodeReadiness {
    node: Arc<Node>,
    /// The tick of each world when it was last seen to change. Not game state: only who asks `/readyz` waits for it.
    ticks: Mutex<HashMap<WorldKey, (u64, Instant)>>,
}

impl NodeReadiness {
    pub(super) fn new(node: Arc<Node>) -> Self {
        Self { node, ticks: Mutex::default() }
    }

    async fn store(&self) -> Check {
        let check = |ok, detail: String| Check { name: "store", ok, detail };
        if let Some(error) = self.node.persister.store_error() {
            return check(false, format!("{error}; {} commits wait", self.node.persister.queue_len()));
        }
        match tokio::time::timeout(PING_TIME, self.node.store.ping()).await {
            Ok(Ok(())) => check(true, format!("{} commits wait", self.node.persister.queue_len())),
            Ok(Err(error)) => check(false, error.to_string()),
            Err(_) => check(false, "no answer in time".to_owned()),
        }
    }

    fn worlds(&self) -> Check {
        let now = Instant::now();
        let still_after = STILL.max(self.node.config.world.slowest_tick_period() * 4);
        let mut ticks = self.ticks.lock().unwrap_or_else(PoisonError::into_inner);
        let still: Vec<String> = self
            .node
            .directory
            .worlds()
            .into_iter()
            .filter(|world| {
                let seen = ticks.entry(world.key.clone()).or_insert((0, now));
                if seen.0 != world.tick() {
                    *seen = (world.tick(), now);
                }
                seen.0 == 0 || now.duration_since(seen.1) > still_after || !world.is_live()
            })
            .map(|world| world.key.to_string())
            .collect();
        let detail =
            if still.is_empty() { "all tick".to_owned() } else { format!("not ticking: {}", still.join(", ")) };
        Check { name: "worlds", ok: still.is_empty(), detail }
    }
}

impl NodeReadiness {
    /// Who is drained is to get no new players; who is closed answers them, and so is ready.
    fn maintenance(&self) -> Check {
        let state = self.node.doors.current();
        let ok = state.mode != Mode::Draining;
        let detail = if state.message.is_empty() {
            state.mode.as_str().to_owned()
        } else {
            format!("{}: {}", state.mode.as_str(), state.message)
        };
        Check { name: "maintenance", ok, detail }
    }
}

#[async_trait]
impl Readiness for NodeReadiness {
    async fn checks(&self) -> Vec<Check> {
        vec![self.store().await, self.worlds(), self.maintenance()]
    }
}
