//! Keeps the number of players in memory below its bound: when it comes near, those idle for longest are asked to
//! leave. Players also leave by themselves after `world.player_idle_ms`.

use std::sync::Arc;
use std::time::Duration;

use super::node::Node;
use super::player::{PlayerMessage, ToPlayer};

/// How often the bound is looked at.
const CHECK_EVERY: Duration = Duration::from_secs(1);

/// Makes room, for ever. To be spawned once.
pub async fn keep_room(node: Arc<Node>) {
    let bound = node.config.world.players_max;
    let mut timer = tokio::time::interval(CHECK_EVERY);
    loop {
        timer.tick().await;
        // A tenth of the bound stays free, so that a rush of log-ins finds room.
        let excess = node.directory.player_count().saturating_sub(bound - bound / 10);
        if excess == 0 {
            continue;
        }
        for addr in node.directory.least_recently_used(excess) {
            addr.do_send(ToPlayer::new(PlayerMessage::MakeRoom, &node));
        }
    }
}
