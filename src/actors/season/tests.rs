//! The end of a season over the store's double: once, whatever happens.

use orrery_core::catalog::Catalog;
use orrery_core::game::player::{Player, SeasonScore, Tally};
use orrery_core::types::Credits;
use uuid::Uuid;

use super::*;
use crate::actors::testing;
use crate::config::Config;
use crate::store::Versioned;
use crate::store::memory::MemoryStore;

/// Seasons of an hour.
fn catalog() -> Catalog {
    let mut catalog = testing::catalog();
    (catalog.economy.season.seconds, catalog.economy.season.kept) = (3_600, 100);
    catalog
}

async fn node(store: MemoryStore) -> Arc<Node> {
    testing::node(Arc::new(store), catalog(), Config::default()).await
}

async fn stopped(node: &Arc<Node>) {
    stop(node).await;
    node.persister.shutdown().await.unwrap();
    node.store.release().await;
}

fn running(node: &Node) -> u64 {
    node.catalog.economy.season.number(now())
}

fn ada() -> PlayerId {
    PlayerId(Uuid::from_u128(1))
}

/// Ada, who has collected so much in this season, and before.
fn player(node: &Node, last: Tally, before: Option<Tally>) -> Commit {
    let mut player = Player::new(ada(), &node.catalog, now(), &mut Effects::default());
    player.credits = Credits(77);
    player.season = SeasonScore { last, before };
    let account = orrery_core::game::account::Account::new("Ada".to_owned(), None, now());
    vec![
        Write::Account(ada(), Versioned { version: 1, record: (&account).into() }),
        Write::Player(ada(), Versioned { version: 1, record: (&player).into() }),
    ]
}

fn collected(season: u64, collected: u64) -> Tally {
    Tally { season, collected, ..Tally::default() }
}

async fn asked(node: &Node, board: Board, season: Option<u64>) -> Ranks {
    let ask = AskRanks { board, season, top: None, around: None };
    loop {
        match ranks(node, &ask, ada()).await {
            Err(refusal) if refusal.code == ErrorCode::Busy => tokio::time::sleep(Duration::from_millis(2)).await,
            answer => return answer.unwrap(),
        }
    }
}

/// What is kept of a season's collectors.
async fn kept(node: &Node, season: u64) -> Vec<u64> {
    let lines = past(node, season, Board::Collected).await.unwrap();
    lines.iter().map(|(_, PastRank::V1 { score, .. })| *score).collect()
}

/// Ada's notifications, when no letter is under way any more.
async fn notifications(node: &Node) -> usize {
    while !node.outbox.is_empty() {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    node.persister.flush().await.unwrap();
    node.store.read_log(Log::Notification, &ada().to_string(), None, 100).await.unwrap().len()
}

#[actix_web::test]
async fn an_end_that_was_missed_is_made_up_for_once() {
    let store = MemoryStore::new();
    let (second, third) = (store.another_process(), store.another_process());
    let first = node(store).await;
    let season = running(&first) - 1;
    // The server was stopped, or killed, in the season before; Ada may even have scored since.
    first.persister.enqueue(vec![begun(season)]);
    first.persister.enqueue(player(&first, collected(season + 1, 2), Some(collected(season, 5))));
    stopped(&first).await;

    let second = node(second).await;
    let keeper = actix::spawn(keep_running(Arc::clone(&second)));
    assert_eq!(asked(&second, Board::Collected, None).await.top[0].score, 2);
    assert_eq!(notifications(&second).await, 2, "one letter for each board Ada leads");
    assert_eq!(kept(&second, season).await, [5]);
    assert_eq!(asked(&second, Board::Wealth, Some(season)).await.around[0].score, 77);
    keeper.abort();
    stopped(&second).await;

    let third = node(third).await;
    let keeper = actix::spawn(keep_running(Arc::clone(&third)));
    asked(&third, Board::Collected, None).await;
    assert_eq!((notifications(&third).await, kept(&third, season).await), (2, vec![5]));
    keeper.abort();
}

#[actix_web::test]
async fn a_new_store_begins_with_the_running_season_and_nothing_is_over() {
    let node = node(MemoryStore::new()).await;
    let keeper = actix::spawn(keep_running(Arc::clone(&node)));
    assert_eq!(asked(&node, Board::Wealth, None).await.participants, 0);
    node.persister.flush().await.unwrap();
    assert_eq!(node.store.read_log(Log::Season, BEGUN, None, 9).await.unwrap().len(), 1);
    let past = AskRanks { board: Board::Wealth, season: Some(running(&node) - 1), top: None, around: None };
    assert_eq!(ranks(&node, &past, ada()).await.unwrap_err().code, ErrorCode::NotFound);
    keeper.abort();
}

#[actix_web::test]
async fn a_change_is_seen_by_the_next_question_also_when_the_actor_has_failed() {
    let node = node(MemoryStore::new()).await;
    let keeper = actix::spawn(keep_running(Arc::clone(&node)));
    asked(&node, Board::Wealth, None).await;
    let scores = |wealth| Scores { name: "Ada".to_owned(), wealth: Credits(wealth), season: SeasonScore::default() };
    node.seasons.changed(ada(), scores(5));
    node.seasons.changed(ada(), scores(6));
    assert_eq!(asked(&node, Board::Wealth, None).await.top[0].score, 6);
    let failed = node.seasons.actor().clone().unwrap();
    failed.send(Stop).await.unwrap();
    node.seasons.changed(ada(), scores(7));
    assert_eq!(asked(&node, Board::Wealth, None).await.top[0].score, 7);
    keeper.abort();
}
