//! Questions: what the player's own state answers, what the store answers, and what is passed on to the actor that
//! knows. Nothing here has an effect but on what is followed.

use std::sync::Arc;

use actix::{ActorFutureExt, AsyncContext, Context, WrapFuture};
use orrery_core::game::player::{Membership, Player};
use orrery_core::types::economy::Ask;
use orrery_core::types::economy::craft::{JobView, Jobs};
use orrery_core::types::economy::event::Notice;
use orrery_core::types::economy::guild::Nothing;
use orrery_core::types::economy::social::{AskNotifications, Notification, Notifications};
use orrery_core::types::economy::storage::{Storage, Stored};
use orrery_core::types::{CommandId, ErrorCode, Party, PlayerId, Refusal};
use serde::Serialize;
use serde_json::Value;

use super::actor::{PlayerActor, State};
use super::messages::{Query, Via};
use super::pending::Waiters;
use crate::actors::answers;
use crate::actors::node::{Node, now};
use crate::store::{Log, LogRow};

/// Lines of a page, unless the question says how many.
const PAGE: u16 = 20;
/// Lines of a page at most.
const PAGE_MAX: u16 = 100;

type Answered = Result<Value, Refusal>;

impl PlayerActor {
    pub(super) fn answer_query(&mut self, id: Option<CommandId>, query: Query, via: Via, context: &mut Context<Self>) {
        self.finish_due(context);
        let catalog = Arc::clone(&self.node.catalog);
        let waiters = Waiters::from(via);
        let State::Live(live) = &self.state else {
            return self.answer(id, answers::storage_unavailable(), 0, waiters);
        };
        let answer = match query {
            Query::Status => answers::status(&live.player, &live.account.name, &catalog),
            Query::ShipStats => answers::ship_stats(&live.player, &catalog),
            Query::TechTree => answers::tech_tree(&live.player, &catalog, now()),
            Query::Economy(ask) => match self.known_here(&live.player, &ask) {
                Some(answered) => answers::of_result(answered),
                None => return self.ask_elsewhere(id, *ask, waiters, context),
            },
        };
        self.answer(id, answer, 0, waiters);
    }

    /// What the player's own state answers; `None` when somebody else knows.
    fn known_here(&self, player: &Player, ask: &Ask) -> Option<Answered> {
        Some(match ask {
            Ask::Storage(_) => answered(&storage(player)),
            Ask::Jobs(_) => answered(&jobs(player, &self.node)),
            Ask::Subscribe(topic) => self.node.topics.subscribe(self.id, topic.clone()).and_then(|()| nothing()),
            Ask::Unsubscribe(topic) => {
                self.node.topics.unsubscribe(self.id, topic);
                nothing()
            }
            _ => return None,
        })
    }

    fn ask_elsewhere(&self, id: Option<CommandId>, ask: Ask, waiters: Waiters, context: &mut Context<Self>) {
        let State::Live(live) = &self.state else { return };
        let (node, player) = (Arc::clone(&self.node), self.id);
        let (membership, unread) = (live.player.membership, live.player.inbox.unread());
        let asking = async move {
            match ask {
                Ask::Notifications(page) => notifications(&node, player, &page, unread).await,
                ask => match party_of(&ask, membership) {
                    Ok(party) => node.directory.ask_party(&node, &party, ask, player).await,
                    Err(refusal) => Err(refusal),
                },
            }
        };
        context.spawn(asking.into_actor(self).map(move |answered, player, _| {
            player.answer(id, answers::of_result(answered), 0, waiters);
        }));
    }
}

/// The actor that knows the answer.
fn party_of(ask: &Ask, membership: Membership) -> Result<Party, Refusal> {
    let market = |hub: &orrery_core::types::HubKey| Ok(Party::Market(hub.clone()));
    match ask {
        Ask::Market(body) => market(&body.hub),
        Ask::Auctions(body) | Ask::Contracts(body) => market(&body.hub),
        Ask::MyOffers(body) => market(&body.hub),
        Ask::PriceHistory(body) => market(&body.hub),
        Ask::MissionRanks(body) => Ok(Party::Mission(body.mission.clone())),
        Ask::Guild(body) => match (body.guild, membership) {
            (Some(guild), _) | (None, Membership::In(guild)) => Ok(Party::Guild(guild)),
            (None, Membership::None | Membership::Joining(_)) => {
                Err(Refusal::new(ErrorCode::NoGuild, "you are in no guild"))
            }
        },
        _ => Err(Refusal::new(ErrorCode::Disabled, "this server does not answer that")),
    }
}

fn answered<T: Serialize>(body: &T) -> Answered {
    // Our own bodies have string keys only and always become JSON.
    Ok(serde_json::to_value(body).unwrap_or_default())
}

fn nothing() -> Answered {
    answered(&Nothing {})
}

fn storage(player: &Player) -> Storage {
    let stored = player.storage.iter().flat_map(|(hub, goods)| {
        goods.iter().map(|(item, quantity)| Stored { hub: hub.clone(), item: item.clone(), quantity })
    });
    Storage { items: stored.collect() }
}

fn jobs(player: &Player, node: &Node) -> Jobs {
    let view = |job: &orrery_core::game::player::Job| JobView {
        job: job.id,
        hub: job.hub.clone(),
        blueprint: job.blueprint.clone(),
        runs: job.runs,
        starts_ms: job.starts,
        due_ms: job.due,
    };
    Jobs { items: player.crafting.jobs.iter().map(view).collect(), slots: node.catalog.economy.craft.slots }
}

async fn notifications(node: &Node, player: PlayerId, page: &AskNotifications, unread: u64) -> Answered {
    let limit = page.limit.unwrap_or(PAGE);
    if !(1..=PAGE_MAX).contains(&limit) {
        return Err(Refusal::bad_request(format!("limit: must be 1 to {PAGE_MAX}")));
    }
    let limit = usize::from(limit);
    let rows = node.store.read_log(Log::Notification, &player.to_string(), page.before, limit).await;
    let rows = rows.map_err(|error| {
        node.metrics.store_errors.inc();
        tracing::error!(%player, error = %error, "notifications cannot be read");
        Refusal::new(ErrorCode::StorageUnavailable, "the store does not answer")
    })?;
    let next_cursor = rows.last().map(|row| row.seq).filter(|seq| rows.len() == limit && *seq > 1);
    let items = rows.into_iter().filter_map(notification).collect();
    answered(&Notifications { items, next_cursor, unread })
}

/// A line of the log, unless nobody understands it any more.
fn notification(row: LogRow) -> Option<Notification> {
    let notice: Result<Notice, _> = serde_json::from_value(row.doc);
    match notice {
        Ok(notice) => Some(Notification { seq: row.seq, at_ms: row.at, notice }),
        Err(error) => {
            tracing::error!(player = row.stream, seq = row.seq, error = %error, "a notification cannot be read");
            None
        }
    }
}
