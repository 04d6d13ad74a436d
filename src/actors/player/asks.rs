//! Questions: what the player's own state answers, its notifications, and what is passed on to others. Nothing here
//! has an effect but on what is followed.

use std::sync::Arc;

use actix::{ActorFutureExt, AsyncContext, Context, WrapFuture};
use orrery_core::game::player::Player;
use orrery_core::types::CommandId;
use orrery_core::types::economy::Ask;
use orrery_core::types::economy::guild::Nothing;
use orrery_core::types::economy::social::{AskNotifications, Notification, Notifications};
use orrery_core::types::economy::storage::{Storage, Stored};
use orrery_core::types::{PlayerId, Refusal};

use super::actor::{PlayerActor, State};
use super::messages::{Query, Via};
use super::pending::Waiters;
use crate::actors::answers;
use crate::actors::asks::{Answered, answered, ask_others, next_cursor, page_size, read_page, understood};
use crate::actors::node::{Node, now};
use crate::actors::session_link::Answer;
use crate::store::{Log, LogRow};

/// Notifications of a page, unless the question says how many.
const PAGE: u16 = 20;
/// Notifications of a page at most.
const PAGE_MAX: u16 = 100;

impl PlayerActor {
    pub(super) fn answer_query(&mut self, id: Option<CommandId>, query: Query, via: Via, context: &mut Context<Self>) {
        self.finish_due(context);
        let catalog = Arc::clone(&self.node.catalog);
        let waiters = Waiters::from(via);
        let State::Live(live) = &self.state else {
            return self.answer(id, answers::storage_unavailable(), 0, waiters);
        };
        if let Err(shut_out) = live.account.moderation.check(now()) {
            return self.answer(id, Answer::Error(answers::of_shut_out(&shut_out)), 0, waiters);
        }
        let answer = match query {
            Query::Status => answers::status(&live.player, &live.account.name, &catalog),
            Query::ShipStats => answers::ship_stats(&live.player, &catalog),
            Query::TechTree => answers::tech_tree(&live.player, &catalog, now()),
            Query::Economy(ask) => match (self.known_here(&live.player, &ask), *ask) {
                (Some(answered), _) => answers::of_result(answered),
                (None, Ask::ChatHistory(page)) => return self.history(id, &page, waiters, context),
                (None, ask) => return self.pass_on(id, ask, waiters, context),
            },
        };
        self.answer(id, answer, 0, waiters);
    }

    /// What the player's own state answers; `None` when somebody else knows.
    fn known_here(&self, player: &Player, ask: &Ask) -> Option<Answered> {
        Some(match ask {
            Ask::Storage(_) => answered(&storage(player)),
            Ask::Friends(_) => answered(&player.social.view(|friend| self.node.topics.is_online(friend))),
            Ask::Jobs(_) => answered(&player.jobs_view(&self.node.catalog)),
            Ask::Subscribe(topic) => self.node.topics.subscribe(self.id, topic.clone()).and_then(|()| nothing()),
            Ask::Unsubscribe(topic) => {
                self.node.topics.unsubscribe(self.id, topic);
                nothing()
            }
            _ => return None,
        })
    }

    fn pass_on(&self, id: Option<CommandId>, ask: Ask, waiters: Waiters, context: &mut Context<Self>) {
        let State::Live(live) = &self.state else { return };
        let (node, player) = (Arc::clone(&self.node), self.id);
        let (membership, unread) = (live.player.membership, live.player.inbox.unread());
        let asking = async move {
            match ask {
                Ask::Notifications(page) => notifications(&node, player, &page, unread).await,
                ask => ask_others(&node, ask, player, membership).await,
            }
        };
        context.spawn(asking.into_actor(self).map(move |answered, player, _| {
            player.answer(id, answers::of_result(answered), 0, waiters);
        }));
    }
}

fn nothing() -> Result<serde_json::Value, Refusal> {
    answered(&Nothing {})
}

fn storage(player: &Player) -> Storage {
    let stored = player.storage.iter().flat_map(|(hub, goods)| {
        goods.iter().map(|(item, quantity)| Stored { hub: hub.clone(), item: item.clone(), quantity })
    });
    Storage { items: stored.collect() }
}

async fn notifications(node: &Node, player: PlayerId, page: &AskNotifications, unread: u64) -> Answered {
    let limit = page_size(page.limit, PAGE, PAGE_MAX)?;
    let rows = read_page(node, Log::Notification, &player.to_string(), page.before, limit).await?;
    let next_cursor = next_cursor(&rows, limit);
    let notification = |row: LogRow| {
        let notice = understood(row.doc, "a notification")?;
        Some(Notification { seq: row.seq, at_ms: row.at, notice })
    };
    answered(&Notifications { items: rows.into_iter().filter_map(notification).collect(), next_cursor, unread })
}
