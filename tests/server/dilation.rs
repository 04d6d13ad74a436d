//! Time dilation from outside: a server that gets too little of its processor slows its worlds down, tells everybody in
//! them, leaves nothing out, and recovers.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use orrery::protocol::ServerMessage;
use orrery::protocol::server_message::Dilation;
use rustix::process::{Pid, Signal, kill_process};

use crate::support::{Player, Server, command, until};

const FULL_PACE_MS: u32 = 50;
const PERIOD: &str = "orrery_tick_period_seconds{world=\"sol\"}";

/// A process that stands still for most of the time, until this is dropped.
struct Stutter {
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Stutter {
    fn of(process: Pid) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let is_over = Arc::clone(&over);
        let thread = std::thread::spawn(move || {
            while !is_over.load(Ordering::Relaxed) {
                let _ = kill_process(process, Signal::STOP);
                std::thread::sleep(Duration::from_millis(150));
                let _ = kill_process(process, Signal::CONT);
                std::thread::sleep(Duration::from_millis(20));
            }
        });
        Self { over, thread: Some(thread) }
    }
}

impl Drop for Stutter {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// Waits for the next word of the pace.
fn tick_ms(player: &mut Player) -> u32 {
    let ServerMessage::Dilation(Dilation { world_number, tick_ms }) = player.event("dilation") else { unreachable!() };
    assert_eq!(world_number, player.welcome.world.world_number);
    tick_ms
}

#[test]
fn a_world_that_cannot_hold_its_tick_slows_down_says_so_and_recovers() {
    let server = Server::with(&[("world.tick_hz", "20")]);
    let mut ada = Player::guest(&server);
    until("it holds its pace", || server.metric(PERIOD) == 0.05);
    let stutter = Stutter::of(server.pid());
    assert!(tick_ms(&mut ada) > FULL_PACE_MS);
    let mut bob = Player::guest(&server);
    assert!(tick_ms(&mut bob) > FULL_PACE_MS, "who comes to a slow world is told at once");
    // What happens meanwhile happens as ever; that ticks come in order, every player's picture checks.
    ada.command(command::fly_to(1_100, 1_100)).unwrap();
    assert!(server.metric(PERIOD) > 0.05);
    drop(stutter);

    while tick_ms(&mut ada) > FULL_PACE_MS {}
    while tick_ms(&mut bob) > FULL_PACE_MS {}
    until("the metric says so", || server.metric(PERIOD) == 0.05);
}
