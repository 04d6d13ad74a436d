//! Endings over the store's double: noted before they are done, refused where somebody would lose something, and nothing
//! that was acknowledged lost.
#![allow(clippy::unwrap_used)]

use std::sync::Mutex;

use actix::{Actor, Addr, Arbiter, Context, Handler};
use orrery_core::game::mission::Mission;
use orrery_core::types::economy::Ask;
use orrery_core::types::economy::mission::AskRanks;
use orrery_core::types::{By, MissionId, OperatorId, PlayerId};
use uuid::Uuid;

use super::*;
use crate::actors::accounts::Accounts;
use crate::actors::audit::Deed;
use crate::actors::chat::Stream;
use crate::actors::party::Begin;
use crate::actors::player::{Attach, AttachHow, PlayerHandle, Query, Via};
use crate::actors::session_link::{Answer, Note};
use crate::actors::{stats, testing, world};
use crate::config::{Config, StoreConfig};
use crate::store::memory::MemoryStore;
use crate::store::{AuditFilter, Log, LogRow, Store as _};

struct Fixture {
    store: Arc<MemoryStore>,
    node: Arc<Node>,
}

impl Fixture {
    async fn new(flush_delay_ms: u64) -> Self {
        let config = Config { store: StoreConfig { flush_delay_ms, ..StoreConfig::default() }, ..Config::default() };
        let store = Arc::new(MemoryStore::new());
        let node = testing::node(Arc::clone(&store), testing::catalog(), config).await;
        Self { store, node }
    }

    async fn player(&self, name: &str) -> PlayerId {
        let (accounts, before) = (Accounts::new(Arc::clone(&self.node)), self.node.persister.last_enqueued());
        let created = accounts.create(name.to_owned(), Some("hash".to_owned()));
        let flushing = async {
            while self.node.persister.last_enqueued() == before {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            self.node.persister.flush().await.unwrap();
        };
        let (created, ()) = tokio::join!(created, flushing);
        created.unwrap().0
    }

    fn entry(&self, action: &'static str) -> AuditEntry {
        let by = By { operator: OperatorId(Uuid::nil()), name: "root".to_owned(), address: "local".to_owned() };
        self.node.audit.entry(&by, Deed { action, ..Deed::default() })
    }

    async fn passivate(&self, id: &ActorId) -> Result<(), EndRefusal> {
        end(&self.node, id, Ending::Passivate, self.entry("passivate")).await
    }

    async fn restart(&self, id: &ActorId) -> Result<(), EndRefusal> {
        end(&self.node, id, Ending::Restart, self.entry("restart")).await
    }

    /// The actions that the audit log tells of, the newest first.
    async fn noted(&self) -> Vec<String> {
        let lines = self.store.audit_entries(AuditFilter::default(), None, 100).await.unwrap();
        lines.into_iter().map(|line| line.entry.action).collect()
    }
}

fn of_player(player: PlayerId) -> ActorId {
    ActorId::Party(Party::Player(player))
}

async fn gone<T: Actor>(addr: &Addr<T>) {
    while addr.connected() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// A session that writes down what it is told.
#[derive(Default)]
struct Listening(Arc<Mutex<Vec<Note>>>);

impl Actor for Listening {
    type Context = Context<Self>;
}

impl Handler<Note> for Listening {
    type Result = ();

    fn handle(&mut self, note: Note, _: &mut Self::Context) {
        self.0.lock().unwrap().push(note);
    }
}

async fn attach(player: &PlayerHandle, how: AttachHow) -> (Addr<Listening>, Arc<Mutex<Vec<Note>>>) {
    let heard = Arc::<Mutex<Vec<Note>>>::default();
    let session = Listening(Arc::clone(&heard)).start();
    let attach = Attach { session: session.clone().recipient(), resume_token: String::new(), how };
    player.send(attach).await.unwrap().unwrap();
    (session, heard)
}

async fn status(player: &PlayerHandle) -> Option<Answer> {
    let (reply, answer) = oneshot::channel();
    player.tell(PlayerMessage::Ask { id: None, query: Query::Status, via: Via::Http(reply) });
    answer.await.ok()
}

#[actix_web::test]
async fn a_player_whom_nobody_needs_leaves_memory_and_comes_back_when_asked() {
    let test = Fixture::new(1).await;
    let ada = test.player("Ada").await;
    let before = test.node.directory.live_player(ada).unwrap();
    assert_eq!(test.passivate(&of_player(ada)).await, Ok(()));
    assert!(test.node.directory.live_player(ada).is_none());
    gone(&before).await;
    assert!(stats::all(&test.node).iter().all(|actor| actor.id != of_player(ada)), "its figures go with it");
    assert_eq!(test.noted().await, ["passivate"]);
    assert_eq!(test.passivate(&of_player(ada)).await, Err(EndRefusal::NotThere));
    assert!(matches!(status(&test.node.directory.player(&test.node, ada).unwrap()).await, Some(Answer::Ok(_))));
    assert_eq!(test.noted().await, ["passivate"], "what was not done is not noted");
}

#[actix_web::test]
async fn a_player_with_a_session_stays_and_a_restart_hands_the_session_over() {
    let test = Fixture::new(1).await;
    let ada = test.player("Ada").await;
    let before = test.node.directory.live_player(ada).unwrap();
    let (_session, heard) = attach(&before, AttachHow::New).await;
    assert_eq!(test.passivate(&of_player(ada)).await, Err(EndRefusal::Stays(Stays::HasSession)));
    assert!(test.noted().await.is_empty());
    assert_eq!(test.restart(&of_player(ada)).await, Ok(()));
    gone(&before).await;
    assert!(heard.lock().unwrap().iter().any(|note| matches!(note, Note::Reattach)));
    let after = test.node.directory.live_player(ada).unwrap();
    assert!(*after != *before);
    let (_session, _) = attach(&after, AttachHow::Again(1)).await;
    assert!(matches!(status(&after).await, Some(Answer::Ok(_))));
    assert_eq!(test.noted().await, ["restart"]);
}

#[actix_web::test]
async fn nothing_is_done_before_the_audit_entry_is_durable() {
    let test = Fixture::new(600_000).await;
    let ada = test.player("Ada").await;
    let (before, enqueued) = (test.node.directory.live_player(ada).unwrap(), test.node.persister.last_enqueued());
    let id = of_player(ada);
    let restarting = test.restart(&id);
    tokio::pin!(restarting);
    tokio::select! {
        done = &mut restarting => unreachable!("{done:?} before it was durable"),
        () = async {
            while test.node.persister.last_enqueued() == enqueued {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            // It still does what it is asked for.
            assert!(matches!(status(&before).await, Some(Answer::Ok(_))));
        } => {}
    }
    assert!(test.noted().await.is_empty());
    test.node.persister.flush().await.unwrap();
    assert_eq!(restarting.await, Ok(()));
    assert_eq!(test.noted().await, ["restart"]);
}

#[actix_web::test]
async fn a_mission_that_runs_is_kept_and_a_restart_loses_nothing_of_it() {
    let test = Fixture::new(1).await;
    let mission = MissionId::parse("testing_1").unwrap();
    let (id, party) = (mission.clone(), Party::Mission(mission.clone()));
    let begin: Begin<Mission> = Box::new(move |rule, fx| {
        let kind = rule.catalog.missions.values().next().unwrap();
        Mission::begin(id, kind, 1, rule.now, fx)
    });
    test.node.directory.begin_party(&test.node, party.clone(), begin);
    let id = ActorId::Party(party.clone());
    while may_end(&test.node, &id, Ending::Restart).await.is_err() {}
    assert_eq!(test.passivate(&id).await, Err(EndRefusal::Stays(Stays::Kept)));
    let before = test.node.directory.live_party(&party).unwrap();
    assert_eq!(test.restart(&id).await, Ok(()));
    assert!(*test.node.directory.live_party(&party).unwrap() != *before);
    let ask = Ask::MissionRanks(AskRanks { mission, top: None, around: None });
    let ranks = test.node.directory.ask_party(&test.node, &party, ask, PlayerId(Uuid::nil())).await.unwrap();
    assert_eq!(ranks["participants"], 0);
}

#[actix_web::test]
async fn a_channel_goes_on_with_its_numbers_whether_or_not_one_is_in_use() {
    let test = Fixture::new(1).await;
    let (node, stream) = (&test.node, Stream::chat("sector:sol".to_owned()));
    let id = ActorId::Channel(stream.clone());
    let say = |seq| {
        let doc = serde_json::json!({});
        node.persister.enqueue(vec![Write::Log(LogRow {
            log: Log::Chat,
            stream: stream.name.clone(),
            seq,
            at: crate::actors::node::now(),
            doc,
        })]);
    };
    let ticket = node.channels.ticket(node, stream.clone()).await.unwrap();
    assert_eq!(test.passivate(&id).await, Err(EndRefusal::Stays(Stays::UnderWay)));
    say(ticket.seq);
    drop(ticket);
    assert_eq!(test.restart(&id).await, Ok(()));
    let ticket = node.channels.ticket(node, stream.clone()).await.unwrap();
    assert_eq!(ticket.seq, 2, "the next number");
    assert_eq!(test.restart(&id).await, Ok(()));
    let other = node.channels.ticket(node, stream.clone()).await.unwrap();
    assert!(other.seq > 2, "not one that may be in use: {}", other.seq);
}

#[actix_web::test]
async fn a_world_is_restarted_and_not_passivated() {
    let test = Fixture::new(1).await;
    let arbiters = vec![Arbiter::new().handle()];
    world::start_all(&test.node, &arbiters);
    let keeping = actix::spawn(world::keep_running(Arc::clone(&test.node), arbiters));
    let key = test.node.catalog.start.sector.clone();
    let (before, id) = (test.node.directory.world(&key).unwrap(), ActorId::World(key.clone()));
    while may_end(&test.node, &id, Ending::Restart).await.is_err() {}
    assert_eq!(test.passivate(&id).await, Err(EndRefusal::Stays(Stays::Kept)));
    assert_eq!(test.restart(&id).await, Ok(()));
    let after = test.node.directory.world(&key).unwrap();
    assert!(after.is_live() && after.addr() != before.addr());
    assert_eq!(test.noted().await, ["restart"]);
    let only = ActorId::Only("persister");
    assert_eq!(test.restart(&only).await, Err(EndRefusal::Stays(Stays::Only)));
    keeping.abort();
}
