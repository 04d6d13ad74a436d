//! A world whose worker cannot follow slows down, in order, and recovers.

use std::sync::Arc;

use actix::Arbiter;
use orrery_core::types::Tick;

use super::galaxy::{Pilot, World};
use crate::actors::fanout::{FanoutHandle, FanoutMessage, TickFrames};
use crate::actors::testing;
use crate::actors::world::JoinAt;
use crate::config::{Config, WorldConfig};
use crate::store::memory::MemoryStore;

/// Ticks within which the pace has changed: many times what it takes.
const TICKS_MAX: usize = 1_000;

/// What the worker is sent next; every tick of the world, one after the other.
async fn next(worker: &mut tokio::sync::mpsc::Receiver<FanoutMessage>, last: &mut Option<Tick>) -> TickFrames {
    let Some(FanoutMessage::Tick(frames)) = worker.recv().await else { unreachable!("the world goes on") };
    let tick = frames.frames.tick();
    assert!(last.is_none_or(|last| tick == last.after(1)), "{tick:?} after {last:?}");
    *last = Some(tick);
    frames
}

#[actix_web::test]
async fn a_world_waits_for_a_worker_that_is_behind_and_every_tick_comes_in_order() {
    let world = WorldConfig { tick_hz: 50, ..WorldConfig::default() };
    let config = Config { world, ..Config::default() };
    let node = testing::node(Arc::new(MemoryStore::new()), testing::catalog(), config).await;
    let world = World::on_its_clock(&node, &Arbiter::new().handle());
    let (handle, mut worker) = FanoutHandle::played(0, 1_000);
    let fleet = Pilot::fleet(&node, 1, &[handle]).await;
    fleet[0].join(&world, JoinAt::Entry).await;

    let (mut last, mut behind, mut told) = (None, Vec::new(), vec![20]);
    // The worker takes ticks in, and is not done with any.
    while *told.last().unwrap() < 40 {
        let frames = next(&mut worker, &mut last).await;
        if told.last() != Some(&frames.tick_ms) {
            told.push(frames.tick_ms);
        }
        behind.push(frames);
        assert!(behind.len() < TICKS_MAX, "it goes on as if nothing were: {told:?}");
    }
    assert!(told.is_sorted() && told.len() > 2, "step by step: {told:?}");
    // It has caught up, and does its work from now on.
    behind.clear();
    let slow = last.unwrap();
    while next(&mut worker, &mut last).await.tick_ms > 20 {
        assert!(last.unwrap() < slow.after(TICKS_MAX as u64), "it stays slow");
    }
}
