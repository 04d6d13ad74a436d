//! Ships that are sent into a world which is just being started anew: none is lost, and its session sees it again.

use std::sync::Arc;
use std::time::Duration;

use actix::{Arbiter, ArbiterHandle};
use orrery_core::catalog::Gate;
use orrery_core::game::player::OperatorChange;
use orrery_core::types::{Point, WorldKey};
use tokio::sync::{mpsc, oneshot};

use super::galaxy::{Pilot, World};
use crate::actors::ending::{End, Ending};
use crate::actors::fanout::{FanoutHandle, FanoutMessage};
use crate::actors::node::Node;
use crate::actors::oversight;
use crate::actors::player::{OperateError, OperateReply, Order, Place};
use crate::actors::testing;
use crate::actors::world::{Appear, JoinAt, Passage, StopWorld, WorldInput};
use crate::config::Config;
use crate::store::ShipRow;
use crate::store::memory::MemoryStore;

/// Two worlds with a gate from the one to the other, and a pilot in front of it.
struct Fixture {
    node: Arc<Node>,
    arbiter: ArbiterHandle,
    gate: Gate,
    here: World,
    there: World,
    pilot: Pilot,
    _worker: mpsc::Receiver<FanoutMessage>,
}

impl Fixture {
    async fn new() -> Self {
        let node = testing::node(Arc::new(MemoryStore::new()), testing::catalog(), Config::default()).await;
        let arbiter = Arbiter::new().handle();
        let (worker, messages) = FanoutHandle::played(0, 1_024);
        let pilot = Pilot::fleet(&node, 1, &[worker]).await.remove(0);
        let start = &node.catalog.sectors[&node.catalog.start.sector];
        let gate = start.gates[0].clone();
        let here = World::by_hand(&node, start, &arbiter);
        let there = World::by_hand(&node, &node.catalog.sectors[&gate.to_sector], &arbiter);
        pilot.join(&here, JoinAt::Point(gate.position())).await;
        there.look().await;
        Self { node, arbiter, gate, here, there, pilot, _worker: messages }
    }

    /// Lets the world behind the gate live on without a state, as one does that is about to stop.
    async fn stop(&self) {
        self.there.handle.addr().send(StopWorld).await.unwrap();
    }

    /// Lets the world behind the gate be gone.
    async fn end(&self) {
        let (reply, ended) = oneshot::channel();
        self.there.handle.addr().send(End { how: Ending::Restart, is_meant: true, reply }).await.unwrap();
        self.there.tick();
        ended.await.unwrap().unwrap();
        while self.there.handle.is_live() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    fn start_anew(&mut self) {
        self.there = World::by_hand(&self.node, &self.node.catalog.sectors[&self.gate.to_sector], &self.arbiter);
    }

    async fn move_there(&self, dry_run: bool) -> Result<OperateReply, OperateError> {
        let change = OperatorChange::Move { world: self.gate.to_sector.clone(), x: 100.0, y: 50.0 };
        let order = Order {
            by: testing::operation().by,
            change,
            reason: "because".to_owned(),
            dry_run,
            expect: None,
            undoes: None,
        };
        oversight::change(&self.node, self.pilot.id, order).await
    }

    /// Where the session was sent to when it was told to join again; it has done so.
    async fn rejoined(&mut self) -> Option<(WorldKey, Point)> {
        match self.pilot.rejoin(&self.node).await {
            Place::Last(world, at) => Some((world, at)),
            Place::InSpace(_) | Place::Nowhere => None,
        }
    }

    /// Where the ship is in the world behind the gate.
    async fn is_there(&self) -> Option<Point> {
        let ships = self.there.look().await.ships;
        ships.iter().find(|ship| ship.player == self.pilot.id).map(|ship| ship.at)
    }
}

#[actix_web::test]
async fn a_jump_into_a_world_that_is_about_to_stop_ends_in_the_next_one() {
    let mut test = Fixture::new().await;
    let before = test.here.look().await;
    test.stop().await;
    let (player, ship, gate) = (test.pilot.id, before.ships[0].ship, test.gate.key.clone());
    test.here.handle.try_send(WorldInput::Jump { player, ship, gate, command: None }).unwrap();
    test.here.tick();
    test.here.reach(before.tick.after(1)).await;
    test.start_anew();
    let behind = &test.node.catalog.sectors[&test.gate.to_sector];
    let exit = behind.gates.iter().find(|gate| gate.key == test.gate.to_gate).unwrap().position();
    assert_eq!(test.rejoined().await, Some((test.gate.to_sector.clone(), exit)));
    assert_eq!((test.is_there().await, test.here.look().await.ships.len()), (Some(exit), 0));
}

#[actix_web::test]
async fn a_move_into_a_world_that_is_about_to_stop_ends_in_the_next_one() {
    let mut test = Fixture::new().await;
    test.stop().await;
    test.move_there(false).await.unwrap();
    test.start_anew();
    let (world, at) = test.rejoined().await.unwrap();
    assert_eq!((world, test.is_there().await), (test.gate.to_sector.clone(), Some(at)));
    assert!(test.here.look().await.ships.is_empty());
}

#[actix_web::test]
async fn a_move_into_a_world_that_is_gone_is_refused_until_it_is_there_again() {
    let mut test = Fixture::new().await;
    test.end().await;
    let refused = Err(OperateError::WorldNotReady(test.gate.to_sector.clone()));
    assert_eq!((test.move_there(true).await, test.move_there(false).await), (refused.clone(), refused));
    assert_eq!(test.here.look().await.ships.len(), 1, "it has stayed");
    test.start_anew();
    test.move_there(false).await.unwrap();
    assert!(test.is_there().await.is_some() && test.here.look().await.ships.is_empty());
}

#[actix_web::test]
async fn a_ship_that_is_sent_to_a_world_that_is_gone_is_looked_for() {
    let mut test = Fixture::new().await;
    test.end().await;
    test.pilot.leave(&test.here).await;
    let row = ShipRow { player: test.pilot.id, world: test.gate.to_sector.clone(), at: Point::new(0, 0) };
    let passage = Passage::begin(&test.node, test.pilot.spec(300), None, 0, row);
    test.there.handle.addr().do_send(Appear { passage, at: Point::new(0, 0) });
    assert!(test.rejoined().await.is_some());
}
