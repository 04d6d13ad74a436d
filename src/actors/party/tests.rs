//! The shell over the store's double: what is under way is taken in once, whatever happens.
#![allow(clippy::unwrap_used)]

use std::time::Duration;

use orrery_core::game::mission::Mission;
use orrery_core::game::{LedgerReason, Outcome, Purpose, Request, Transfer};
use orrery_core::types::economy::Deal;
use orrery_core::types::economy::mission::{AskMissions, AskRanks, Contribute, JoinMission};
use orrery_core::types::{
    Account, CommandId, ErrorCode, Holdings, HubKey, ItemKey, MissionId, PlayerId, Quantity, TransferId,
};
use uuid::Uuid;

use super::*;
use crate::actors::node::Node;
use crate::actors::testing;
use crate::config::Config;
use crate::store::memory::MemoryStore;
use orrery_core::types::economy::Ask;
use orrery_core::types::{Party, Refusal};
use std::sync::Arc;

async fn node() -> Arc<Node> {
    testing::node(Arc::new(MemoryStore::new()), testing::catalog(), Config::default()).await
}

fn ada() -> PlayerId {
    PlayerId(Uuid::from_u128(1))
}

/// The hub of a mission, and goods that it needs at first.
fn wanted(node: &Node) -> (HubKey, ItemKey) {
    let kind = node.catalog.missions.values().next().unwrap();
    (kind.hub.clone(), kind.phases[0].needs.keys().next().unwrap().clone())
}

/// A mission, running.
fn begun(node: &Arc<Node>) -> MissionId {
    let id = MissionId::parse("testing_1").unwrap();
    let mission = id.clone();
    let begin: Begin<Mission> = Box::new(move |rule, fx| {
        let kind = rule.catalog.missions.values().next().unwrap();
        Mission::begin(mission, kind, 1, rule.now, fx)
    });
    node.directory.begin_party(node, Party::Mission(id.clone()), begin);
    id
}

/// A request of Ada's, under way.
fn asked(node: &Node, command: u64, mission: &MissionId, deal: Deal, holdings: Holdings) -> Transfer {
    let command = CommandId(command);
    let request = Request { player: ada(), name: "Ada".to_owned(), command, fingerprint: deal.fingerprint(), deal };
    let transfer = Transfer {
        id: TransferId::of_request(ada(), command),
        from: Account::from(ada()),
        to: Party::Mission(mission.clone()),
        holdings,
        reason: LedgerReason::Mission,
        purpose: Purpose::Request(Box::new(request)),
    };
    node.outbox.insert(transfer.clone());
    transfer
}

fn joining(node: &Node, command: u64, mission: &MissionId) -> Transfer {
    asked(node, command, mission, Deal::JoinMission(JoinMission { mission: mission.clone() }), Holdings::default())
}

fn contributing(node: &Node, command: u64, mission: &MissionId) -> Transfer {
    let ((hub, item), quantity) = (wanted(node), Quantity(1));
    let body = Contribute { mission: mission.clone(), hub, item: item.clone(), quantity };
    asked(node, command, mission, Deal::Contribute(body), Holdings::of_goods(item, quantity))
}

/// The reply to a command of Ada's. Nobody takes it in: there is no such player.
async fn reply(node: &Node, command: u64) -> Transfer {
    let id = TransferId::of_reply(ada(), CommandId(command));
    while !node.outbox.contains(&id) {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    node.outbox.meant_for(&Party::Player(ada())).into_iter().find(|transfer| transfer.id == id).unwrap()
}

fn outcome(transfer: &Transfer) -> Result<(), ErrorCode> {
    let Purpose::Reply(reply) = &transfer.purpose else { unreachable!("a reply") };
    match &reply.outcome {
        Outcome::Done(_) => Ok(()),
        Outcome::Refused(refusal) => Err(refusal.code),
    }
}

async fn ranks(node: &Arc<Node>, mission: &MissionId) -> Result<serde_json::Value, Refusal> {
    let ask = Ask::MissionRanks(AskRanks { mission: mission.clone(), top: None, around: None });
    node.directory.ask_party(node, &Party::Mission(mission.clone()), ask, ada()).await
}

#[actix_web::test]
async fn what_comes_to_where_nobody_is_goes_back_whole() {
    let node = node().await;
    let nowhere = MissionId::parse("nowhere_1").unwrap();
    let request = contributing(&node, 1, &nowhere);
    node.directory.deliver(&node, request.clone());
    let reply = reply(&node, 1).await;
    assert_eq!((outcome(&reply), &reply.holdings), (Err(ErrorCode::UnknownMission), &request.holdings));
    assert!(!node.outbox.contains(&request.id));
    assert_eq!(ranks(&node, &nowhere).await.unwrap_err().code, ErrorCode::UnknownMission);
}

#[actix_web::test]
async fn what_is_delivered_twice_counts_once() {
    let node = node().await;
    let mission = begun(&node);
    let (join, contribution) = (joining(&node, 1, &mission), contributing(&node, 2, &mission));
    for transfer in [&join, &contribution, &join, &contribution] {
        node.directory.deliver(&node, transfer.clone());
    }
    assert_eq!((outcome(&reply(&node, 1).await), outcome(&reply(&node, 2).await)), (Ok(()), Ok(())));
    let ranks = ranks(&node, &mission).await.unwrap();
    assert_eq!((&ranks["participants"], &ranks["top"][0]["player"]), (&1.into(), &ada().to_string().into()));
    assert_eq!(node.outbox.len(), 2, "the two replies");
}

#[actix_web::test]
async fn a_party_that_panics_loses_nothing() {
    let node = node().await;
    let mission = begun(&node);
    let party = Party::Mission(mission.clone());
    node.directory.deliver(&node, joining(&node, 1, &mission));
    node.directory.tell_party(&node, &party, PartyMessage::Panic).unwrap();
    let contribution = contributing(&node, 2, &mission);
    node.directory.deliver(&node, contribution);
    while node.metrics.actor_panics.get_or_create(&crate::telemetry::metrics::ActorLabel { kind: "mission" }).get() == 0
    {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let keeping = actix::spawn(keep_running(Arc::clone(&node)));
    assert_eq!((outcome(&reply(&node, 1).await), outcome(&reply(&node, 2).await)), (Ok(()), Ok(())));
    let ask = Ask::Missions(AskMissions { past: false, limit: None, cursor: None });
    let view = node.directory.ask_party(&node, &party, ask, ada()).await.unwrap();
    assert_eq!(view["participants"], 1);
    keeping.abort();
}

#[actix_web::test]
async fn who_asks_too_early_does_not_keep_a_party_from_beginning() {
    let node = node().await;
    let mission = MissionId::parse("testing_1").unwrap();
    assert_eq!(ranks(&node, &mission).await.unwrap_err().code, ErrorCode::UnknownMission);
    begun(&node);
    begun(&node);
    assert_eq!(ranks(&node, &mission).await.unwrap()["participants"], 0);
    node.directory.deliver(&node, joining(&node, 1, &mission));
    assert_eq!(outcome(&reply(&node, 1).await), Ok(()));
}

#[actix_web::test]
async fn a_party_that_has_stopped_takes_nothing_in() {
    let node = node().await;
    let mission = begun(&node);
    stop_all(&node).await;
    let request = joining(&node, 1, &mission);
    node.directory.deliver(&node, request.clone());
    assert_eq!(ranks(&node, &mission).await.unwrap_err().code, ErrorCode::Busy);
    assert!(node.outbox.contains(&request.id), "it stays under way");
}
