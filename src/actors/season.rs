//! The season actor: the leaderboards of the season, one for the whole node.
//!
//! Owns the boards; fills them at the start from the players' records. Players' actors leave changed scores in a tray
//! ([`Seasons::changed`]), where a later change takes an earlier one's place; the actor takes them from there a few
//! times a second and before it answers or ends a season. So a busy player costs an insertion, and what lies in the
//! tray outlives the actor.
//!
//! *The end of a season happens once*: one commit writes the results, the letters to the leaders, and the line that the
//! next season has begun. That last line, read at the start, says which season is running; if the wall clock says
//! another, the end was missed, and is made up for from the players' records, which keep the scores of the season
//! before. Wallets are then as they are at that moment. If a commit is not in the store, neither is its line, and
//! everything happens again; if it is, nothing does.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use actix::{
    Actor, ActorContext, ActorFutureExt, Addr, Arbiter, AsyncContext, Context, Handler, Message, MessageResult,
    WrapFuture,
};
use dashmap::DashMap;
use orrery_core::game::Effects;
use orrery_core::game::leaderboard::RankPage;
use orrery_core::game::season::{Boards, PastRank, Scores, past_ranks};
use orrery_core::types::economy::mission::Ranks;
use orrery_core::types::economy::season::{AskRanks, Board};
use orrery_core::types::{ErrorCode, PlayerId, Refusal};

use super::apply::apply;
use super::asks::understood;
use super::node::{Node, now};
use super::stats::Timing;
use crate::store::{Commit, Log, LogRow, Write};
use crate::telemetry::metrics::ActorLabel;

const KIND: ActorLabel = ActorLabel { kind: "season" };
/// How often the tray is emptied and the clock looked at.
const TURN_EVERY: Duration = Duration::from_millis(250);
/// How soon a failed actor is noticed.
const CHECK_EVERY: Duration = Duration::from_millis(200);
/// How long a past season's leaderboard that was read is good: names in it may be erased.
const PAST_GOOD_FOR: Duration = Duration::from_secs(5);
/// How many of them are kept: each has `season.kept` lines at most.
const PAST_MAX: usize = 16;
/// The stream with a line for each season that has begun, numbered by season.
const BEGUN: &str = "begun";

/// Where the season's actor is, and what it is to be told.
#[derive(Default)]
pub struct Seasons {
    changed: DashMap<PlayerId, Scores>,
    /// Locked while an actor is started, so that nobody is between two actors.
    actor: Mutex<Option<Addr<SeasonActor>>>,
    /// Leaderboards of past seasons that were read a moment ago, so that a crowd of readers costs one reading.
    past: Mutex<Vec<PastBoard>>,
}

/// A past season's leaderboard, as it was read.
struct PastBoard {
    season: u64,
    board: Board,
    read: Instant,
    lines: Arc<Vec<(u64, PastRank)>>,
}

impl Seasons {
    /// A player's scores have changed; the commit that did it is in the persister's queue.
    pub fn changed(&self, player: PlayerId, scores: Scores) {
        self.changed.insert(player, scores);
    }

    /// How many players' scores wait to be taken in.
    #[must_use]
    pub fn tray_len(&self) -> usize {
        self.changed.len()
    }

    /// What was read of a past season's leaderboard a moment ago.
    fn past(&self, season: u64, board: Board) -> Option<Arc<Vec<(u64, PastRank)>>> {
        let mut past = self.past.lock().unwrap_or_else(PoisonError::into_inner);
        past.retain(|known| known.read.elapsed() < PAST_GOOD_FOR);
        let found = past.iter().find(|known| (known.season, known.board) == (season, board));
        found.map(|known| Arc::clone(&known.lines))
    }

    fn keep_past(&self, season: u64, board: Board, lines: Arc<Vec<(u64, PastRank)>>) {
        let mut past = self.past.lock().unwrap_or_else(PoisonError::into_inner);
        past.retain(|known| (known.season, known.board) != (season, board));
        if past.len() >= PAST_MAX {
            past.remove(0);
        }
        past.push(PastBoard { season, board, read: Instant::now(), lines });
    }

    fn actor(&self) -> MutexGuard<'_, Option<Addr<SeasonActor>>> {
        self.actor.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Starts the actor, and starts it anew when it fails, for ever. To be spawned once, before players can do anything.
pub async fn keep_running(node: Arc<Node>) {
    let arbiter = Arbiter::new();
    let mut timer = tokio::time::interval(CHECK_EVERY);
    loop {
        timer.tick().await;
        let mut actor = node.seasons.actor();
        if !actor.as_ref().is_some_and(Addr::connected) {
            let for_actor = Arc::clone(&node);
            *actor = Some(SeasonActor::start_in_arbiter(&arbiter.handle(), |_| SeasonActor::new(for_actor)));
        }
    }
}

/// Stops the actor, so that it commits nothing any more.
pub async fn stop(node: &Node) {
    let actor = node.seasons.actor().take();
    if let Some(actor) = actor {
        // One that failed commits nothing either.
        let _ = actor.send(Stop).await;
    }
}

/// Answers `season_ranks`, from memory for the running season, from the store for a past one.
///
/// # Errors
/// A page too large; no such season; the store does not answer.
pub async fn ranks(node: &Node, ask: &AskRanks, player: PlayerId) -> Result<Ranks, Refusal> {
    let page = RankPage::new(ask.top, ask.around)?;
    if let Some(season) = ask.season {
        let running = node.catalog.economy.season.number(now());
        let lines = past(node, season, ask.board).await?;
        match (lines.is_empty(), season == running) {
            (false, _) => return Ok(past_ranks(&lines, page, player)),
            (true, false) => {
                return Err(Refusal::new(ErrorCode::NotFound, format!("nothing is kept of season {season}")));
            }
            (true, true) => {}
        }
    }
    let actor = node.seasons.actor().clone();
    let answer = match actor {
        Some(actor) => actor.send(Running { board: ask.board, page, player }).await.ok().flatten(),
        None => None,
    };
    answer.ok_or_else(|| Refusal::new(ErrorCode::Busy, "the leaderboards are being loaded; ask again"))
}

/// The names of these players, from memory. Whoever is not known, or while the leaderboards are being loaded: nobody.
pub async fn names(node: &Node, players: Vec<PlayerId>) -> BTreeMap<PlayerId, String> {
    let actor = node.seasons.actor().clone();
    match actor {
        Some(actor) if !players.is_empty() => actor.send(Names(players)).await.unwrap_or_default(),
        _ => BTreeMap::new(),
    }
}

async fn past(node: &Node, season: u64, board: Board) -> Result<Arc<Vec<(u64, PastRank)>>, Refusal> {
    if let Some(lines) = node.seasons.past(season, board) {
        return Ok(lines);
    }
    let kept = node.catalog.economy.season.kept;
    let rows = node.store.read_log_up(Log::Season, &stream(season, board), 0, kept).await.map_err(|error| {
        node.metrics.store_errors.inc();
        tracing::error!(season, error = %error, "a past season cannot be read");
        Refusal::new(ErrorCode::StorageUnavailable, "the store does not answer")
    })?;
    let line = |row: LogRow| Some((row.seq, understood(row.doc, "a past rank")?));
    let lines: Arc<Vec<_>> = Arc::new(rows.into_iter().filter_map(line).collect());
    // Nothing may become something at any moment: when the season ends.
    if !lines.is_empty() {
        node.seasons.keep_past(season, board, Arc::clone(&lines));
    }
    Ok(lines)
}

fn stream(season: u64, board: Board) -> String {
    format!("{season}:{}", board.as_str())
}

/// The season's actor.
pub struct SeasonActor {
    node: Arc<Node>,
    /// `None` as long as they are being loaded, and when it has stopped.
    boards: Option<Boards>,
}

/// What it begins with.
struct Loaded {
    /// The season that has begun last, if ever one has.
    begun: Option<u64>,
    players: Vec<(PlayerId, Scores)>,
}

impl Actor for SeasonActor {
    type Context = Context<Self>;

    fn started(&mut self, context: &mut Self::Context) {
        self.node.metrics.actors_loaded.get_or_create(&KIND).inc();
        let loading = load(Arc::clone(&self.node)).into_actor(self);
        context.wait(loading.map(|loaded, season, _| season.take_in(loaded)));
        context.run_interval(TURN_EVERY, |season, _| season.turn());
    }
}

impl Drop for SeasonActor {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.node.metrics.actor_panics.get_or_create(&KIND).inc();
            tracing::error!("the season's actor panicked");
        }
    }
}

/// Reads the records, if it takes several attempts.
async fn load(node: Arc<Node>) -> Loaded {
    node.read_at_last("the leaderboards", async || {
        let begun = node.store.read_log(Log::Season, BEGUN, None, 1).await?.first().map(|line| line.seq);
        let players = node.store.all_players().await?.into_iter().map(|(id, name, record)| {
            let player = record.into_player(id);
            (id, Scores::of(&player, &name))
        });
        Ok(Loaded { begun, players: players.collect() })
    })
    .await
}

impl SeasonActor {
    fn new(node: Arc<Node>) -> Self {
        Self { node, boards: None }
    }

    fn take_in(&mut self, loaded: Loaded) {
        let running = self.node.catalog.economy.season.number(now());
        let mut boards = Boards::new(loaded.begun.unwrap_or(running));
        for (player, scores) in loaded.players {
            boards.put(player, scores);
        }
        self.boards = Some(boards);
        if loaded.begun.is_none() {
            self.commit(vec![begun(running)], Effects::default());
        }
        self.turn();
    }

    /// Takes in what has changed, and ends the season when its time is over.
    fn turn(&mut self) {
        let Some(boards) = &mut self.boards else { return };
        let changed: Vec<PlayerId> = self.node.seasons.changed.iter().map(|scores| *scores.key()).collect();
        let (began, count) = (Instant::now(), u32::try_from(changed.len()).unwrap_or(u32::MAX));
        for player in changed {
            if let Some((player, scores)) = self.node.seasons.changed.remove(&player) {
                boards.put(player, scores);
            }
        }
        if count > 0 {
            self.node.only.season.count(count, began);
            self.node.only.season.note_time("scores", began.elapsed(), Instant::now());
        }
        let running = self.node.catalog.economy.season.number(now());
        // A clock that was set back ends nothing.
        if running > boards.season() && self.node.persister.has_room() {
            self.end(running);
        }
    }

    fn end(&mut self, next: u64) {
        let Some(boards) = self.boards.take() else { return };
        let mut rows = vec![begun(next)];
        for board in Board::ALL {
            let result = boards.result(board, self.node.catalog.economy.season.kept);
            rows.extend((1..).zip(result).map(|(rank, line)| past_row(boards.season(), board, rank, &line)));
        }
        let mut fx = Effects::default();
        boards.letters().into_iter().for_each(|letter| fx.send(letter, now()));
        tracing::info!(season = boards.season(), "the season is over");
        self.boards = Some(boards.turned(next));
        self.commit(rows, fx);
    }

    fn commit(&self, rows: Commit, mut fx: Effects) {
        apply(&self.node, rows, &mut fx);
        self.node.only.season.committed();
    }
}

fn begun(season: u64) -> Write {
    let doc = serde_json::json!({"v": "1"});
    Write::Log(LogRow { log: Log::Season, stream: BEGUN.to_owned(), seq: season, at: now(), doc })
}

fn past_row(season: u64, board: Board, rank: u64, line: &PastRank) -> Write {
    // Lines have string keys only and always become JSON.
    let doc = serde_json::to_value(line).unwrap_or_default();
    Write::Log(LogRow { log: Log::Season, stream: stream(season, board), seq: rank, at: now(), doc })
}

/// A page of a leaderboard of the running season; `None` when the boards are not there.
#[derive(Message)]
#[rtype(result = "Option<Ranks>")]
struct Running {
    board: Board,
    page: RankPage,
    player: PlayerId,
}

/// The names of players.
#[derive(Message)]
#[rtype(result = "BTreeMap<PlayerId, String>")]
struct Names(Vec<PlayerId>);

/// The server is about to stop.
#[derive(Message)]
#[rtype(result = "()")]
struct Stop;

impl Handler<Running> for SeasonActor {
    type Result = MessageResult<Running>;

    fn handle(&mut self, ask: Running, _: &mut Self::Context) -> Self::Result {
        let _timing = Timing::begin(&self.node.only.season, "season_ranks");
        self.turn();
        MessageResult(self.boards.as_ref().map(|boards| boards.ranks(ask.board, ask.page, ask.player)))
    }
}

impl Handler<Names> for SeasonActor {
    type Result = MessageResult<Names>;

    fn handle(&mut self, Names(players): Names, _: &mut Self::Context) -> Self::Result {
        self.turn();
        MessageResult(self.boards.as_ref().map(|boards| boards.names(&players)).unwrap_or_default())
    }
}

impl Handler<Stop> for SeasonActor {
    type Result = ();

    fn handle(&mut self, _: Stop, context: &mut Self::Context) {
        self.boards = None;
        context.stop();
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
