//! Starts the worlds, and starts one anew that has failed.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use actix::{Actor, ArbiterHandle, AsyncContext};
use orrery_core::catalog::Sector as SectorContent;
use tokio::sync::mpsc;

use super::clock::{Clock, TickSource};
use super::{WorldActor, WorldHandle};
use crate::actors::node::Node;
use crate::actors::stats::Meter;
use crate::telemetry::metrics::ActorLabel;

/// How soon a failed world is noticed.
const CHECK_EVERY: Duration = Duration::from_millis(200);

/// Starts every world of the catalogue, spread over the arbiters.
pub fn start_all(node: &Arc<Node>, arbiters: &[ArbiterHandle]) {
    node.metrics.tick_hz.set(i64::from(node.config.world.tick_hz));
    for (sector, arbiter) in node.catalog.sectors.values().zip(arbiters.iter().cycle()) {
        start(node, sector, arbiter);
    }
}

fn start(node: &Arc<Node>, sector: &SectorContent, arbiter: &ArbiterHandle) {
    start_with(node, sector, arbiter, Box::new(Clock::ticks));
}

/// Starts a world whose ticks come from this source.
pub(super) fn start_with(node: &Arc<Node>, sector: &SectorContent, arbiter: &ArbiterHandle, source: TickSource) {
    let (inbox, receiver) = mpsc::channel(node.config.world.inbox_max);
    let tick = Arc::new(AtomicU64::new(0));
    let meter = Meter::of_queue();
    meter.set_name(&sector.name);
    let (for_actor, content) = (Arc::clone(node), sector.clone());
    let reach = (inbox.clone(), Arc::clone(&tick), Arc::clone(&meter));
    let addr = WorldActor::start_in_arbiter(arbiter, move |context| {
        let (inbox, tick, meter) = reach;
        let (key, number, size_units) = (content.key.clone(), content.number, content.size_units);
        let handle = WorldHandle { key, number, size_units, addr: context.address(), inbox, tick, meter };
        WorldActor::new(for_actor, content, receiver, handle, source)
    });
    node.metrics.actors_loaded.get_or_create(&ActorLabel { kind: "world" }).inc();
    let (key, number, size_units) = (sector.key.clone(), sector.number, sector.size_units);
    node.directory.insert_world(WorldHandle { key, number, size_units, addr, inbox, tick, meter });
}

/// Starts failed worlds anew, for ever: their objects are in the store, their ships join again. To be spawned once,
/// and stopped before the worlds are.
pub async fn keep_running(node: Arc<Node>, arbiters: Vec<ArbiterHandle>) {
    let mut timer = tokio::time::interval(CHECK_EVERY);
    loop {
        timer.tick().await;
        for (sector, arbiter) in node.catalog.sectors.values().zip(arbiters.iter().cycle()) {
            if node.directory.world(&sector.key).is_some_and(|world| !world.is_live()) {
                tracing::warn!(world = %sector.key, "the world is gone and is started anew");
                start(&node, sector, arbiter);
            }
        }
        node.directory.observe(&node);
    }
}
