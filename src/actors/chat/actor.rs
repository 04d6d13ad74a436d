//! A channel: one stream of a log.
//!
//! Owns the number given out last and the last [`KEPT`] lines. Its mailbox holds at most what players may say within a
//! moment, which their limits bound. Commits nothing: those who speak do. Leaves memory when idle and when every number
//! it gave out was used or came back.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix::{Actor, ActorContext, ActorFutureExt, AsyncContext, Context, Handler, Message, MessageResult, WrapFuture};
use orrery_core::types::economy::chat::Channel;
use orrery_core::types::{ErrorCode, Millis, PlayerId, Refusal};

use super::{Said, Stream, tell};
use crate::actors::ending::{End, Ending, Stays};
use crate::actors::node::Node;
use crate::actors::stats::{Meter, Posted, Timing};
use crate::store::{LogRow, StoreError, erase_line};
use crate::telemetry::metrics::ActorLabel;

const KIND: ActorLabel = ActorLabel { kind: "channel" };
/// Lines kept in memory: a page of history.
const KEPT: usize = 100;
/// Numbers that may be given out and not used yet: more than players that speak in one channel at the same moment.
const TICKETS_MAX: u64 = 1_000;
/// How often a channel looks whether it may leave memory.
const IDLE_CHECK: Duration = Duration::from_secs(5);

/// The actor of one stream.
pub struct ChannelActor {
    node: Arc<Node>,
    stream: Stream,
    meter: Arc<Meter>,
    /// `None` until it is loaded, and when it cannot be.
    last: Option<u64>,
    recent: BTreeMap<u64, LogRow>,
    /// Whether no older lines than those in `recent` were ever written.
    is_whole: bool,
    tickets: u64,
    /// Whether an actor of this stream has failed before: numbers that it gave out may still be in use.
    after_failure: bool,
    last_used: Instant,
}

impl ChannelActor {
    pub(super) fn new(node: Arc<Node>, stream: Stream, after_failure: bool, meter: Arc<Meter>) -> Self {
        let (recent, last_used) = (BTreeMap::new(), Instant::now());
        Self { node, stream, meter, last: None, recent, is_whole: false, tickets: 0, after_failure, last_used }
    }

    fn take_in(&mut self, rows: Result<Vec<LogRow>, StoreError>, context: &mut Context<Self>) {
        match rows {
            Ok(rows) => {
                self.is_whole = rows.len() < KEPT;
                let last = rows.first().map_or(0, |row| row.seq);
                self.last = Some(if self.after_failure { last + TICKETS_MAX } else { last });
                self.recent = rows.into_iter().map(|row| (row.seq, row)).collect();
            }
            Err(error) => {
                self.node.metrics.store_errors.inc();
                tracing::error!(stream = self.stream.name, error = %error, "a channel cannot be loaded");
                // What waits in the mailbox is answered; then the next one to speak tries anew.
                self.leave_memory(context);
            }
        }
    }

    fn leave_memory(&self, context: &mut Context<Self>) {
        self.node.channels.forget(&self.stream, &context.address());
        context.run_later(Duration::from_millis(100), |_, context| context.stop());
    }

    fn leave_if_idle(&mut self, context: &mut Context<Self>) {
        // Nothing was ever said in it: asking for the history of made-up channels must not fill memory.
        let is_empty = self.is_whole && self.recent.is_empty();
        let idle = Duration::from_millis(self.node.config.world.player_idle_ms);
        let idle = if is_empty { idle.min(IDLE_CHECK) } else { idle };
        if self.tickets == 0 && self.last.is_some() && self.last_used.elapsed() >= idle {
            self.passivate(context);
        }
    }

    fn passivate(&mut self, context: &mut Context<Self>) {
        // Whoever still has the address is told to try anew, and loads it again.
        self.last = None;
        self.node.metrics.actors_passivated.get_or_create(&KIND).inc();
        self.leave_memory(context);
    }

    fn end(&mut self, how: Ending, is_meant: bool, context: &mut Context<Self>) -> Result<(), Stays> {
        self.last.ok_or(Stays::NotLoaded)?;
        match (how, self.tickets, is_meant) {
            (Ending::Passivate, 1.., _) => return Err(Stays::UnderWay),
            (.., false) => {}
            (_, tickets, true) => {
                if tickets > 0 {
                    self.node.channels.note_numbers_in_use(&self.stream);
                }
                self.passivate(context);
            }
        }
        Ok(())
    }

    fn tell_listeners(&self, channel: &Channel, line: &Said) {
        match channel {
            Channel::Direct(other) => {
                tell(&self.node, line.player, None, Channel::Direct(*other), line);
                tell(&self.node, *other, None, Channel::Direct(line.player), line);
            }
            channel => {
                for player in self.node.channels.audience.of(&self.stream.name) {
                    tell(&self.node, player, Some(&self.stream.name), channel.clone(), line);
                }
            }
        }
    }
}

impl Actor for ChannelActor {
    type Context = Context<Self>;

    fn started(&mut self, context: &mut Self::Context) {
        self.node.metrics.actors_loaded.get_or_create(&KIND).inc();
        let loading = load(Arc::clone(&self.node), self.stream.clone()).into_actor(self);
        context.wait(loading.map(|rows, channel, context| channel.take_in(rows, context)));
        context.run_interval(IDLE_CHECK, |channel, context| channel.leave_if_idle(context));
    }
}

impl Drop for ChannelActor {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.node.metrics.actor_panics.get_or_create(&KIND).inc();
            tracing::error!(stream = self.stream.name, "a channel's actor panicked");
        }
    }
}

/// Reads the last lines when everything that was ever committed of them is in the store.
async fn load(node: Arc<Node>, stream: Stream) -> Result<Vec<LogRow>, StoreError> {
    node.all_durable().await?;
    node.store.read_log(stream.log, &stream.name, None, KEPT).await
}

fn unavailable() -> Refusal {
    Refusal::new(ErrorCode::StorageUnavailable, "the channel cannot be loaded")
}

/// What a channel is told.
pub(super) trait Told: Message + Sized {
    /// Its name, for the figures of its handlers.
    const NAME: &'static str;

    /// Does it.
    fn take(self, channel: &mut ChannelActor, context: &mut Context<ChannelActor>) -> Self::Result;
}

impl<M: Told> Handler<Posted<M>> for ChannelActor {
    type Result = MessageResult<Posted<M>>;

    fn handle(&mut self, Posted { message, waiting }: Posted<M>, context: &mut Self::Context) -> Self::Result {
        drop(waiting);
        let _timing = Timing::begin(&self.meter, M::NAME);
        MessageResult(message.take(self, context))
    }
}

/// The number of the next line, please. It is used by [`Publish`] or comes back by [`Returned`].
#[derive(Message)]
#[rtype(result = "Result<u64, Refusal>")]
pub(super) struct TakeNumber;

impl Told for TakeNumber {
    const NAME: &'static str = "take_number";

    fn take(self, channel: &mut ChannelActor, _: &mut Context<ChannelActor>) -> Self::Result {
        channel.last_used = Instant::now();
        if channel.tickets >= TICKETS_MAX {
            return Err(Refusal::new(ErrorCode::Busy, "too many speak at once"));
        }
        let last = channel.last.as_mut().ok_or_else(unavailable)?;
        *last += 1;
        channel.tickets += 1;
        Ok(*last)
    }
}

/// A number will not be used.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) struct Returned;

impl Told for Returned {
    const NAME: &'static str = "returned";

    fn take(self, channel: &mut ChannelActor, _: &mut Context<ChannelActor>) {
        channel.tickets = channel.tickets.saturating_sub(1);
    }
}

/// A line is in the persister's queue.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) struct Publish {
    /// As it is kept.
    pub(super) row: LogRow,
    /// As those who listen hear it, if anybody does.
    pub(super) line: Option<(Channel, Said)>,
}

impl Told for Publish {
    const NAME: &'static str = "publish";

    fn take(self, channel: &mut ChannelActor, _: &mut Context<ChannelActor>) {
        channel.tickets = channel.tickets.saturating_sub(1);
        if let Some((heard_in, line)) = &self.line {
            channel.tell_listeners(heard_in, line);
        }
        channel.recent.insert(self.row.seq, self.row);
        while channel.recent.len() > KEPT {
            channel.recent.pop_first();
            channel.is_whole = false;
        }
    }
}

/// What a player has said is erased.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) struct ForgetSpeaker(pub(super) PlayerId);

impl Told for ForgetSpeaker {
    const NAME: &'static str = "forget_speaker";

    fn take(self, channel: &mut ChannelActor, _: &mut Context<ChannelActor>) {
        for row in channel.recent.values_mut() {
            erase_line(row, self.0);
        }
    }
}

/// Lines, please.
#[derive(Message)]
#[rtype(result = "Result<Page, Refusal>")]
pub(super) struct ReadPage {
    pub(super) before: Option<u64>,
    pub(super) limit: usize,
}

/// Lines from a number on, in their order, please; `None`: not all of them are in memory.
#[derive(Message)]
#[rtype(result = "Result<Option<Vec<LogRow>>, Refusal>")]
pub(super) struct ReadOn {
    pub(super) after: u64,
    pub(super) limit: usize,
}

impl Told for ReadOn {
    const NAME: &'static str = "read_on";

    fn take(self, channel: &mut ChannelActor, _: &mut Context<ChannelActor>) -> Self::Result {
        channel.last_used = Instant::now();
        channel.last.ok_or_else(unavailable)?;
        let from = self.after.saturating_add(1);
        let are_here = channel.is_whole || channel.recent.keys().next().is_some_and(|first| *first <= from);
        let rows = channel.recent.range(from..).take(self.limit).map(|(_, row)| row.clone());
        Ok(are_here.then(|| rows.collect()))
    }
}

/// How it looks from outside, please. Does not count as use.
#[derive(Message)]
#[rtype(result = "Glance")]
pub(super) struct TakeGlance;

/// A channel from outside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Glance {
    /// The number given out last: about as many lines were ever said.
    pub lines: u64,
    /// When the last of them was said, if any was.
    pub last_at: Option<Millis>,
}

impl Told for TakeGlance {
    const NAME: &'static str = "take_glance";

    fn take(self, channel: &mut ChannelActor, _: &mut Context<ChannelActor>) -> Glance {
        let last_at = channel.recent.values().next_back().map(|row| row.at);
        Glance { lines: channel.last.unwrap_or_default(), last_at }
    }
}

/// What a channel knows of a page.
pub(super) struct Page {
    /// Newest first.
    pub(super) rows: Vec<LogRow>,
    /// Where the store is to be read on from: below this, or from the newest. `None`: that is all.
    pub(super) rest: Option<Option<u64>>,
}

impl Told for ReadPage {
    const NAME: &'static str = "read_page";

    fn take(self, channel: &mut ChannelActor, _: &mut Context<ChannelActor>) -> Self::Result {
        channel.last_used = Instant::now();
        channel.last.ok_or_else(unavailable)?;
        let below = self.before.unwrap_or(u64::MAX);
        let rows: Vec<LogRow> =
            channel.recent.range(..below).rev().take(self.limit).map(|(_, row)| row.clone()).collect();
        let is_all = channel.is_whole || rows.len() == self.limit;
        let rest = rows.last().map(|row| row.seq).or(self.before);
        Ok(Page { rest: (!is_all).then_some(rest), rows })
    }
}

impl Told for End {
    const NAME: &'static str = "end";

    fn take(self, channel: &mut ChannelActor, context: &mut Context<ChannelActor>) {
        // Who asked may have given up.
        let _ = self.reply.send(channel.end(self.how, self.is_meant, context));
    }
}
