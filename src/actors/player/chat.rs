//! What the player says and hears. A line and the answer to its command are one commit; the channel tells the others.

use std::sync::Arc;
use std::time::Duration;

use actix::{ActorFutureExt, AsyncContext, Context, WrapFuture};
use orrery_core::game::Effects;
use orrery_core::game::chat::{LINE_CHARS, REASON_CHARS, clean, stream};
use orrery_core::game::player::Membership;
use orrery_core::types::economy::Deal;
use orrery_core::types::economy::chat::{AskHistory, Channel, History, Line, Report, Reported, Said};
use orrery_core::types::{CommandId, ErrorCode, GuildId, PlayerId, Refusal, WorldKey};
use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::actor::{PlayerActor, State};
use super::commands::Commanded;
use super::messages::PlayerMessage;
use super::pending::{Asked, Waiters};
use crate::actors::answers;
use crate::actors::asks::{answered, next_cursor, page_size, understood};
use crate::actors::chat::{Said as SaidLine, Stream, Ticket, as_message};
use crate::actors::node::{Node, now};
use crate::actors::session_link::{Answer, Note};
use crate::actors::world::WorldInput;
use crate::store::{LogRow, Write};

/// Lines of a page of history, unless the question says how many.
const PAGE: u16 = 50;
/// Lines of a page at most.
const PAGE_MAX: u16 = 100;
/// How many of the lines before a reported one go along with the report.
const CONTEXT_LINES: usize = 5;

/// The channels that a player listens to.
#[derive(Default)]
pub(super) struct Tuned {
    world: Option<WorldKey>,
    guild: Option<GuildId>,
}

impl Tuned {
    fn streams(&self) -> impl Iterator<Item = String> {
        let sector = self.world.as_ref().map(|world| format!("sector:{world}"));
        sector.into_iter().chain(self.guild.map(|guild| format!("guild:{guild}")))
    }
}

/// What a report shows to operators: the line, and those before it.
struct ReportedLines {
    line: Value,
    before: Vec<Value>,
}

impl ReportedLines {
    /// Out of the channel's lines up to this one, newest first; `None` when it is not among them.
    fn of(page: Vec<LogRow>, seq: u64) -> Option<Self> {
        let mut rows = page.into_iter();
        let line = rows.next().filter(|row| row.seq == seq)?.doc;
        let mut before: Vec<Value> = rows.map(|row| row.doc).collect();
        before.reverse();
        Some(Self { line, before })
    }
}

/// What is to be written in a channel.
enum Spoken {
    Say(Channel, String),
    Report { channel: String, lines: ReportedLines, reason: String },
}

impl PlayerActor {
    /// `say` and `report`.
    pub(super) fn speak(&mut self, commanded: Commanded, deal: &Deal, context: &mut Context<Self>) {
        if matches!(deal, Deal::Say(_))
            && let Some(muted) = self.muted()
        {
            // Not remembered: once the mute is over the same command may come again.
            return self.refuse(commanded.id, muted, commanded.waiters);
        }
        let begun = match deal {
            Deal::Say(say) => clean("text", &say.text, LINE_CHARS).and_then(|text| match say.channel {
                Channel::Local => Ok(None),
                _ => Ok(Some((self.stream(&say.channel)?, text))),
            }),
            Deal::Report(report) => self.check_report(report).map(Some),
            _ => Err(Refusal::new(ErrorCode::Internal, "not said in a channel")),
        };
        match (begun, deal) {
            (Ok(Some((stream, text))), Deal::Say(say)) => {
                self.take_number(commanded, stream, &say.channel, text, context)
            }
            (Ok(Some((stream, reason))), Deal::Report(report)) => {
                self.take_report(commanded, stream, report.seq, reason, context);
            }
            (Ok(_), Deal::Say(say)) => self.say_locally(commanded, say.text.trim(), context),
            (Ok(_), _) => {}
            (Err(refusal), _) => self.refuse_or_settle(commanded, refusal, context),
        }
    }

    fn muted(&self) -> Option<Answer> {
        let State::Live(live) = &self.state else { return None };
        live.account.moderation.mute(now()).map(|mute| Answer::Error(answers::of_mute(mute)))
    }

    /// A ban, or the account's end, may have come while the channel was asked for a number.
    fn shut_out(&self) -> Option<Answer> {
        let State::Live(live) = &self.state else { return None };
        live.account.moderation.check(now()).err().map(|shut_out| Answer::Error(answers::of_shut_out(&shut_out)))
    }

    fn check_report(&self, report: &Report) -> Result<(String, String), Refusal> {
        Ok((self.stream(&report.channel)?, clean("reason", &report.reason, REASON_CHARS)?))
    }

    /// Where the player stands between two worlds may be over in a moment, and a store answers again: these are not
    /// remembered, so that the same command may come again.
    fn refuse_or_settle(&mut self, commanded: Commanded, refusal: Refusal, context: &mut Context<Self>) {
        let passing = matches!(refusal.code, ErrorCode::InTransit | ErrorCode::Busy | ErrorCode::StorageUnavailable);
        let answer = answers::of_refusal(refusal);
        if passing {
            self.refuse(commanded.id, answer, commanded.waiters);
        } else {
            self.settle(commanded, answer, Effects::default(), context);
        }
    }

    /// The stream of a channel that the player is in and may speak in.
    fn stream(&self, channel: &Channel) -> Result<String, Refusal> {
        let State::Live(live) = &self.state else {
            return Err(Refusal::new(ErrorCode::StorageUnavailable, "the player is not in memory"));
        };
        let guild = match live.player.membership {
            Membership::In(guild) => Some(guild),
            Membership::None | Membership::Joining { .. } => None,
        };
        stream(channel, self.id, self.world().map(|world| &world.key), guild)
    }

    fn say_locally(&mut self, commanded: Commanded, text: &str, context: &mut Context<Self>) {
        let line = self.line(0, text.to_owned());
        let at_ms = line.at_ms;
        let spoken =
            self.world().map(|world| world.try_send(WorldInput::Speak { player: self.id, line: Arc::new(line) }));
        match spoken {
            Some(Ok(())) => {
                let answer = Answer::ok(&Said { seq: 0, at_ms });
                self.settle(commanded, answer, Effects::default(), context);
            }
            Some(Err(full)) => {
                let refusal = Refusal::new(ErrorCode::Busy, full.to_string());
                self.refuse_or_settle(commanded, refusal, context);
            }
            None => {
                let refusal = Refusal::new(ErrorCode::InTransit, "your ship is in no world");
                self.refuse_or_settle(commanded, refusal, context);
            }
        }
    }

    fn take_number(
        &mut self,
        commanded: Commanded,
        stream: String,
        channel: &Channel,
        text: String,
        context: &mut Context<Self>,
    ) {
        let other = match channel {
            Channel::Direct(other) => Some(*other),
            _ => None,
        };
        if other.is_some_and(|other| self.blocks(other)) {
            let refusal = Refusal::new(ErrorCode::Blocked, "you have blocked this player");
            return self.refuse_or_settle(commanded, refusal, context);
        }
        let (node, me) = (Arc::clone(&self.node), self.id);
        let taking = async move {
            if let Some(other) = other {
                may_reach(&node, me, other).await?;
            }
            node.channels.ticket(&node, Stream::chat(stream)).await
        };
        let channel = channel.clone();
        self.await_ticket(commanded, async move { Ok((taking.await?, Spoken::Say(channel, text))) }, context);
    }

    fn take_report(
        &mut self,
        commanded: Commanded,
        channel: String,
        seq: u64,
        reason: String,
        context: &mut Context<Self>,
    ) {
        let node = Arc::clone(&self.node);
        let taking = async move {
            let before = Some(seq.saturating_add(1));
            let page = node.channels.page(&node, Stream::chat(channel.clone()), before, CONTEXT_LINES + 1).await?;
            let lines = ReportedLines::of(page, seq);
            let lines = lines.ok_or_else(|| Refusal::new(ErrorCode::NotFound, "there is no such line"))?;
            let ticket = node.channels.ticket(&node, Stream::reports()).await?;
            Ok((ticket, Spoken::Report { channel, lines, reason }))
        };
        self.await_ticket(commanded, taking, context);
    }

    fn await_ticket(
        &mut self,
        commanded: Commanded,
        taking: impl Future<Output = Result<(Ticket, Spoken), Refusal>> + 'static,
        context: &mut Context<Self>,
    ) {
        let id = commanded.id;
        let attempt = self.remember_pending(commanded, Asked::Channel);
        context.spawn(taking.into_actor(self).map(move |taken, player, context| {
            let Some((commanded, _)) = player.take_pending(id, attempt) else { return };
            match taken {
                Ok((ticket, Spoken::Say(channel, text))) => player.say(commanded, ticket, channel, text, context),
                Ok((ticket, Spoken::Report { channel, lines, reason })) => {
                    player.report(commanded, ticket, &channel, lines, reason, context);
                }
                Err(refusal) => player.refuse_or_settle(commanded, refusal, context),
            }
        }));
    }

    fn say(
        &mut self,
        commanded: Commanded,
        ticket: Ticket,
        channel: Channel,
        text: String,
        context: &mut Context<Self>,
    ) {
        if let Some(refused) = self.shut_out().or_else(|| self.muted()) {
            return self.refuse(commanded.id, refused, commanded.waiters);
        }
        // The ship may have jumped, the guild thrown the player out.
        let stream = match self.stream(&channel) {
            Ok(stream) if ticket.stream.name == stream => stream,
            Ok(_) => return self.refuse(commanded.id, answers::busy(), commanded.waiters),
            Err(refusal) => return self.refuse_or_settle(commanded, refusal, context),
        };
        let line = self.line(ticket.seq, text);
        let at = line.at_ms;
        // Lines have string keys only and always become JSON.
        let doc = serde_json::to_value(&line).unwrap_or_default();
        let row = LogRow { log: ticket.stream.log, stream, seq: ticket.seq, at, doc };
        let answer = Answer::ok(&Said { seq: ticket.seq, at_ms: at });
        self.settle_with(commanded, answer, Effects::default(), vec![Write::Log(row.clone())], context);
        ticket.publish(row, Some((channel, Arc::new(line))));
    }

    fn report(
        &mut self,
        commanded: Commanded,
        ticket: Ticket,
        channel: &str,
        lines: ReportedLines,
        reason: String,
        context: &mut Context<Self>,
    ) {
        if let Some(refused) = self.shut_out() {
            return self.refuse(commanded.id, refused, commanded.waiters);
        }
        let ReportedLines { line, before } = lines;
        let doc = json!({
            "by": self.id, "by_name": self.name(), "channel": channel, "line": line, "before": before, "reason": reason,
        });
        let (log, stream) = (ticket.stream.log, ticket.stream.name.clone());
        let row = LogRow { log, stream, seq: ticket.seq, at: now(), doc };
        let answer = Answer::ok(&Reported { report: ticket.seq });
        self.settle_with(commanded, answer, Effects::default(), vec![Write::Log(row.clone())], context);
        ticket.publish(row, None);
    }

    fn line(&self, seq: u64, text: String) -> Line {
        Line { seq, at_ms: now(), player: self.id, name: self.name(), text }
    }

    fn name(&self) -> String {
        match &self.state {
            State::Live(live) => live.account.name.clone(),
            State::Loading | State::Missing | State::Unreadable | State::Left => String::new(),
        }
    }

    fn blocks(&self, other: PlayerId) -> bool {
        matches!(&self.state, State::Live(live) if live.player.social.blocks(other))
    }

    /// Another player would like to write to this one.
    pub(super) fn answer_may_reach(&self, from: PlayerId, reply: oneshot::Sender<Result<(), Refusal>>) {
        let answer = match &self.state {
            State::Live(live) if live.player.social.blocks(from) => {
                Err(Refusal::new(ErrorCode::Blocked, "this player does not want to hear from you"))
            }
            State::Live(_) => Ok(()),
            State::Missing => Err(Refusal::new(ErrorCode::UnknownPlayer, "there is no such player")),
            State::Loading | State::Unreadable | State::Left => {
                Err(Refusal::new(ErrorCode::StorageUnavailable, "the store does not answer"))
            }
        };
        // Who asked may be gone.
        let _ = reply.send(answer);
    }

    /// Somebody has said something where this player was a moment ago.
    pub(super) fn hear(&self, stream: Option<&str>, channel: Channel, line: &SaidLine) {
        let State::Live(live) = &self.state else { return };
        if let Some(stream) = stream
            && !self.tuned.streams().any(|tuned| tuned == stream)
        {
            return self.node.channels.audience.leave(stream, self.id);
        }
        if line.player == self.id || live.player.social.hears(line.player) {
            self.tell(Note::Event(as_message(channel, line)));
        }
    }

    /// Listens to what there is to listen to now. To be called when session, world or guild may have changed; cheap when
    /// they have not.
    pub(super) fn tune_in(&mut self) {
        let here = self.whereabouts.session().is_some();
        let world = self.world().filter(|_| here).map(|world| &world.key);
        let guild = match &self.state {
            State::Live(live) if here => live.player.own_guild().ok(),
            _ => None,
        };
        if self.tuned.world.as_ref() == world && self.tuned.guild == guild {
            return;
        }
        let tuned = Tuned { world: world.cloned(), guild };
        let audience = &self.node.channels.audience;
        self.tuned.streams().for_each(|stream| audience.leave(&stream, self.id));
        tuned.streams().for_each(|stream| audience.enter(&stream, self.id));
        self.tuned = tuned;
    }

    /// `chat_history`.
    pub(super) fn history(
        &self,
        id: Option<CommandId>,
        ask: &AskHistory,
        waiters: Waiters,
        context: &mut Context<Self>,
    ) {
        let wanted = page_size(ask.limit, PAGE, PAGE_MAX).and_then(|limit| Ok((self.stream(&ask.channel)?, limit)));
        let (stream, limit) = match wanted {
            Ok(wanted) => wanted,
            Err(refusal) => return self.answer(id, answers::of_refusal(refusal), 0, waiters),
        };
        let (node, before) = (Arc::clone(&self.node), ask.before);
        let reading = async move { node.channels.page(&node, Stream::chat(stream), before, limit).await };
        context.spawn(reading.into_actor(self).map(move |rows, player, _| {
            let page = rows.map(|rows| player.heard_of(rows, limit));
            player.answer(id, answers::of_result(page.and_then(|page| answered(&page))), 0, waiters);
        }));
    }

    fn heard_of(&self, rows: Vec<LogRow>, limit: usize) -> History {
        let next_cursor = next_cursor(&rows, limit);
        let lines = rows.into_iter().filter_map(|row| understood::<Line>(row.doc, "a line of chat"));
        let wanted = |line: &Line| match &self.state {
            State::Live(live) => line.player == self.id || live.player.social.hears(line.player),
            _ => false,
        };
        History { items: lines.filter(wanted).collect(), next_cursor }
    }
}

/// Whether the other player may be written to.
async fn may_reach(node: &Arc<Node>, me: PlayerId, other: PlayerId) -> Result<(), Refusal> {
    let (reply, answer) = oneshot::channel();
    node.directory.tell(node, other, PlayerMessage::MayReach { from: me, reply });
    let patience = Duration::from_millis(node.config.store.answer_timeout_ms);
    match tokio::time::timeout(patience, answer).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(_)) => Err(Refusal::new(ErrorCode::Busy, "the other player cannot be reached now")),
        Err(_) => Err(Refusal::new(ErrorCode::StorageUnavailable, "the store does not answer")),
    }
}
