//! Questions about the economy that no player's own state answers: to whom they go, whoever asks.
//!
//! Markets, missions and guilds answer from memory; lists of past missions come from the store. A player's actor asks
//! here for its player, the HTTP API for those who have no token.

use std::sync::Arc;

use futures_util::future::join_all;
use orrery_core::game::player::Membership;
use orrery_core::types::economy::Ask;
use orrery_core::types::economy::mission::{AskMissions, MissionPage, MissionState, MissionView};
use orrery_core::types::{ErrorCode, HubKey, Party, PlayerId, Refusal};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::answers;
use super::missions::PAST;
use super::node::Node;
use super::season;
use super::session_link::Answer;
use crate::store::{Log, LogRow, StoreError};

/// Lines of a page, unless the question says how many.
const PAGE: u16 = 20;
/// Lines of a page at most.
const PAGE_MAX: u16 = 100;

/// The answer to a question, or why there is none.
pub(super) type Answered = Result<Value, Refusal>;

/// Answers a question that anybody may ask, without saying who.
pub async fn anonymous(node: &Arc<Node>, ask: Ask) -> Answer {
    let is_public = match &ask {
        Ask::Market(_)
        | Ask::Auctions(_)
        | Ask::Contracts(_)
        | Ask::PriceHistory(_)
        | Ask::Missions(_)
        | Ask::MissionRanks(_)
        | Ask::SeasonRanks(_) => true,
        Ask::Guild(body) => body.guild.is_some(),
        _ => false,
    };
    if !is_public {
        let private = Refusal::new(ErrorCode::NotAuthenticated, format!("{} is a player's own", ask.name()));
        return answers::of_refusal(private);
    }
    // Nobody has this id.
    let nobody = PlayerId(Uuid::nil());
    answers::of_result(ask_others(node, ask, nobody, Membership::None).await)
}

/// Answers a question for a player.
pub(super) async fn ask_others(node: &Arc<Node>, ask: Ask, player: PlayerId, membership: Membership) -> Answered {
    if let Ask::Missions(page) = &ask {
        return missions(node, page, player).await;
    }
    if let Ask::SeasonRanks(body) = &ask {
        return answered(&season::ranks(node, body, player).await?);
    }
    let party = party_of(node, &ask, membership)?;
    node.directory.ask_party(node, &party, ask, player).await
}

/// The actor that knows the answer.
fn party_of(node: &Node, ask: &Ask, membership: Membership) -> Result<Party, Refusal> {
    let market = |hub: &HubKey| {
        let unknown = || Refusal::new(ErrorCode::UnknownHub, format!("there is no hub {hub}"));
        node.catalog.hub(hub).map(|hub| Party::Market(hub.key.clone())).ok_or_else(unknown)
    };
    match ask {
        Ask::Market(body) => market(&body.hub),
        Ask::Auctions(body) | Ask::Contracts(body) => market(&body.hub),
        Ask::MyOffers(body) => market(&body.hub),
        Ask::PriceHistory(body) => market(&body.hub),
        Ask::MissionRanks(body) => Ok(Party::Mission(body.mission.clone())),
        Ask::Guild(body) => match (body.guild, membership) {
            (Some(guild), _) | (None, Membership::In(guild)) => Ok(Party::Guild(guild)),
            (None, _) => Err(Refusal::new(ErrorCode::NoGuild, "you are in no guild")),
        },
        _ => Err(Refusal::new(ErrorCode::Disabled, "this server does not answer that")),
    }
}

async fn missions(node: &Arc<Node>, ask: &AskMissions, player: PlayerId) -> Answered {
    let limit = page_size(ask.limit, PAGE, PAGE_MAX)?;
    if ask.past {
        let rows = read_page(node, Log::Mission, PAST, ask.cursor, limit).await?;
        let next_cursor = next_cursor(&rows, limit);
        let items = rows.into_iter().filter_map(|row| understood(row.doc, "a past mission")).collect();
        return answered(&MissionPage { items, next_cursor });
    }
    let running = node.directory.kept_parties().into_iter().filter(|party| matches!(party, Party::Mission(_)));
    let views = running.map(|party| async move {
        let view = node.directory.ask_party(node, &party, Ask::Missions(ask.clone()), player).await;
        view.ok().and_then(|view| understood::<MissionView>(view, "a running mission"))
    });
    // One that is over is kept for a moment more: until its actor looks whether it may leave.
    let is_running = |view: &MissionView| view.state != MissionState::Over;
    let mut items: Vec<MissionView> = join_all(views).await.into_iter().flatten().filter(is_running).collect();
    items.sort_by(|a, b| (a.due_ms, &a.mission).cmp(&(b.due_ms, &b.mission)));
    let from = ask.cursor.map_or(0, |cursor| usize::try_from(cursor).unwrap_or(usize::MAX));
    let total = items.len();
    let items: Vec<MissionView> = items.into_iter().skip(from).take(limit).collect();
    let shown = from.saturating_add(items.len());
    let next_cursor = (shown < total).then(|| u64::try_from(shown).unwrap_or(u64::MAX));
    answered(&MissionPage { items, next_cursor })
}

/// How many lines a page is to have.
///
/// # Errors
/// None, or too many.
pub(super) fn page_size(asked: Option<u16>, usual: u16, max: u16) -> Result<usize, Refusal> {
    let size = asked.unwrap_or(usual);
    if (1..=max).contains(&size) {
        return Ok(usize::from(size));
    }
    Err(Refusal::bad_request(format!("limit: must be 1 to {max}")))
}

/// A page of a log, newest first.
///
/// # Errors
/// The store does not answer.
pub(super) async fn read_page(
    node: &Node,
    log: Log,
    stream: &str,
    before: Option<u64>,
    limit: usize,
) -> Result<Vec<LogRow>, Refusal> {
    node.store.read_log(log, stream, before, limit).await.map_err(|error| unreadable(node, log, stream, &error))
}

/// Lines of a log after a number, in their order.
///
/// # Errors
/// The store does not answer.
pub(super) async fn read_on(
    node: &Node,
    log: Log,
    stream: &str,
    after: u64,
    limit: usize,
) -> Result<Vec<LogRow>, Refusal> {
    node.store.read_log_up(log, stream, after, limit).await.map_err(|error| unreadable(node, log, stream, &error))
}

fn unreadable(node: &Node, log: Log, stream: &str, error: &StoreError) -> Refusal {
    node.metrics.store_errors.inc();
    tracing::error!(log = log.as_str(), stream, error = %error, "a log cannot be read");
    Refusal::new(ErrorCode::StorageUnavailable, "the store does not answer")
}

/// Where the next page begins; `None` after the last.
pub(super) fn next_cursor(rows: &[LogRow], limit: usize) -> Option<u64> {
    rows.last().map(|row| row.seq).filter(|seq| rows.len() == limit && *seq > 1)
}

/// What was stored or answered as JSON, unless nobody understands it any more.
pub(super) fn understood<T: serde::de::DeserializeOwned>(doc: Value, what: &str) -> Option<T> {
    serde_json::from_value(doc).map_err(|error| tracing::error!(error = %error, "{what} cannot be read")).ok()
}

/// An answer.
pub(super) fn answered<T: Serialize>(body: &T) -> Answered {
    // Our own bodies have string keys only and always become JSON.
    Ok(serde_json::to_value(body).unwrap_or_default())
}
