//! Deals: named players are looked up, the ship's place is asked for, then the player's rules decide, or ask the actor
//! that decides.

use std::sync::Arc;
use std::time::Duration;

use actix::{ActorFutureExt, AsyncContext, Context, WrapFuture};
use orrery_core::game::Effects;
use orrery_core::game::player::{DealContext, Prepared};
use orrery_core::types::economy::Deal;
use orrery_core::types::economy::chat::{Channel, Say};
use orrery_core::types::{ErrorCode, GuildId, PlayerId, Refusal};

use super::actor::{PlayerActor, State};
use super::commands::Commanded;
use super::pending::Asked;
use crate::actors::answers;
use crate::store::StoreError;
use crate::telemetry::trace;

impl PlayerActor {
    /// Finds out what the rules must know beforehand: that another player who is named exists, that the ship is there.
    pub(super) fn begin_deal(&mut self, commanded: Commanded, deal: Box<Deal>, context: &mut Context<Self>) {
        match named_player(&deal) {
            Some(other) if other != self.id && self.node.directory.live_player(other).is_none() => {
                self.look_up(commanded, deal, other, context);
            }
            _ => self.place_deal(commanded, deal, context),
        }
    }

    /// The player is not in memory: is there one?
    fn look_up(&mut self, commanded: Commanded, deal: Box<Deal>, other: PlayerId, context: &mut Context<Self>) {
        let (node, id) = (Arc::clone(&self.node), commanded.id);
        let attempt = self.remember_pending(commanded, Asked::Named(deal));
        let patience = Duration::from_millis(node.config.store.answer_timeout_ms);
        let looking = async move {
            let exists = tokio::time::timeout(patience, node.store.player_exists(other)).await;
            exists.unwrap_or_else(|_| Err(StoreError::Unavailable("no answer in time".to_owned())))
        };
        let span = trace::current();
        context.spawn(looking.into_actor(self).map(move |exists, player, context| match exists {
            Ok(exists) => {
                let _within = span.enter();
                let Some((commanded, Asked::Named(deal))) = player.take_pending(id, attempt) else { return };
                if exists {
                    player.place_deal(commanded, deal, context);
                } else {
                    let refusal = Refusal::new(ErrorCode::UnknownPlayer, "there is no such player");
                    player.settle(commanded, answers::of_refusal(refusal), Effects::default(), context);
                }
            }
            Err(error) => {
                player.node.metrics.store_errors.inc();
                tracing::warn!(player = %player.id, error = %error, "a named player cannot be looked up");
                player.give_up(id, attempt, answers::storage_unavailable());
            }
        }));
    }

    /// Asks the world whether the ship is where the deal is made.
    fn place_deal(&mut self, commanded: Commanded, deal: Box<Deal>, context: &mut Context<Self>) {
        if deal.at_hub().is_some() {
            return self.ask_world(commanded, Asked::Near(deal), context);
        }
        match &*deal {
            Deal::Say(_) | Deal::Report(_) => self.speak(commanded, &deal, context),
            _ => self.deal(commanded, &deal, context),
        }
    }

    /// Lets the rules decide.
    pub(super) fn deal(&mut self, commanded: Commanded, deal: &Deal, context: &mut Context<Self>) {
        let (node, mut fx) = (Arc::clone(&self.node), Effects::default());
        let State::Live(live) = &mut self.state else {
            return self.refuse(commanded.id, answers::storage_unavailable(), commanded.waiters);
        };
        let rule = node.rule();
        let new_guild = GuildId(rule.fresh);
        if let Deal::FoundGuild(body) = deal
            && let Err(refusal) = node.guild_names.take(&body.name, new_guild)
        {
            return self.settle(commanded, answers::of_refusal(refusal), fx, context);
        }
        let before = live.player.ship_stats(&node.catalog);
        let (command, fingerprint) = (commanded.id, commanded.fingerprint);
        let cx = DealContext { rule, command, fingerprint, name: &live.account.name };
        let prepared = live.player.deal(deal, &cx, &mut fx);
        let refit = live.player.ship_stats(&node.catalog) != before;
        match prepared {
            Ok(Prepared::Done(receipt)) => self.settle(commanded, answers::of_result(Ok(receipt)), fx, context),
            Ok(Prepared::Asked) => {
                self.commit(fx, Vec::new(), false, context);
                self.await_party(commanded, context);
            }
            Err(refusal) => {
                node.guild_names.free(new_guild);
                self.settle(commanded, answers::of_refusal(refusal), Effects::default(), context);
            }
        }
        if refit {
            self.refit_ship();
        }
        self.finish_due(context);
    }

    /// Waits for the reply of the actor that decides. If it does not come in time whoever waits is told so; the command
    /// stays under way, and can be asked for again.
    pub(super) fn await_party(&mut self, commanded: Commanded, context: &mut Context<Self>) {
        let id = commanded.id;
        let attempt = self.remember_pending(commanded, Asked::Party);
        let patience = Duration::from_millis(self.node.config.store.answer_timeout_ms);
        context.run_later(patience, move |player, _| {
            player.give_up(id, attempt, answers::undecided("the answer takes too long"));
        });
    }
}

/// The other player whom a deal names and who must exist.
fn named_player(deal: &Deal) -> Option<PlayerId> {
    match deal {
        Deal::Give(give) => Some(give.to),
        Deal::Invite(member) => Some(member.player),
        Deal::Befriend(other) | Deal::Block(other) | Deal::Mute(other) => Some(other.player),
        Deal::Say(Say { channel: Channel::Direct(other), .. }) => Some(*other),
        _ => None,
    }
}
