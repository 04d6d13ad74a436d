//! Keeps the number of players in memory below its bound: when it comes near, those idle for longest are asked to
//! leave. Players also leave by themselves after `world.player_idle_ms`.

use std::sync::Arc;
use std::time::Duration;

use super::directory::LastUse;
use super::node::Node;
use super::player::PlayerMessage;

/// How often the bound is looked at.
const CHECK_EVERY: Duration = Duration::from_secs(1);

/// Makes room, for ever. To be spawned once.
pub async fn keep_room(node: Arc<Node>) {
    let bound = node.config.world.players_max;
    // A tenth of the bound stays free, so that a rush of log-ins finds room.
    let excess = || node.directory.player_count().saturating_sub(bound - bound / 10);
    let mut timer = tokio::time::interval(CHECK_EVERY);
    let mut last: Option<LastUse> = None;
    loop {
        timer.tick().await;
        if excess() > 0 {
            node.directory.forget_failed();
        }
        let count = excess();
        if count == 0 {
            last = None;
            continue;
        }
        for player in take_turns(node.directory.players_by_use(), &mut last, count) {
            player.tell(PlayerMessage::MakeRoom);
        }
    }
}

/// The next `count` in the order of their keys, from behind `last` on and round to the start. Players who are in the
/// game stay where they are in the order, and do not leave: asking from the start each time, nobody behind them would
/// ever be asked.
fn take_turns<K: Ord + Copy, T>(mut all: Vec<(K, T)>, last: &mut Option<K>, count: usize) -> Vec<T> {
    all.sort_unstable_by_key(|(key, _)| *key);
    let done = last.map_or(0, |last| all.partition_point(|(key, _)| *key <= last));
    all.rotate_left(done);
    all.truncate(count);
    *last = all.last().map(|(key, _)| *key);
    all.into_iter().map(|(_, item)| item).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turn(keys: &[u32], last: &mut Option<u32>, count: usize) -> Vec<u32> {
        take_turns(keys.iter().map(|key| (*key, *key)).collect(), last, count)
    }

    #[test]
    fn those_behind_players_who_stay_get_their_turn() {
        let mut last = None;
        assert_eq!(turn(&[40, 10, 30, 20, 50], &mut last, 2), [10, 20]);
        assert_eq!(turn(&[40, 10, 30, 20, 50], &mut last, 2), [30, 40]);
        assert_eq!(turn(&[40, 10, 30, 20, 50], &mut last, 2), [50, 10]);
    }

    #[test]
    fn the_turn_goes_on_when_players_come_and_go() {
        let mut last = None;
        assert_eq!(turn(&[10, 20, 30], &mut last, 2), [10, 20]);
        assert_eq!(turn(&[10, 30, 60], &mut last, 1), [30]);
        assert_eq!(turn(&[10, 15], &mut last, 1), [10]);
        assert_eq!(turn(&[], &mut last, 1), [0; 0]);
    }

    #[test]
    fn nobody_is_asked_twice_at_once() {
        let mut last = Some(20);
        assert_eq!(turn(&[10, 20, 30], &mut last, 9), [30, 10, 20]);
    }
}
