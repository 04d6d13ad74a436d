//! Channels: what is said in the sectors, in guilds and between two players, and the operators' reports.
//!
//! Each stream of a log has one [`ChannelActor`], on demand, which gives out its numbers and keeps its last lines. Who
//! says something is a player's actor: it takes a [`Ticket`], writes the line and the command's answer in one commit,
//! and then has the channel publish it. So a line is there exactly once, whatever fails; a number that was given out and
//! not used is missing for ever. What is said in `local` has no channel: the world knows who is near.

mod actor;
mod audience;

use std::sync::Arc;
use std::time::Duration;

use actix::dev::Request;
use actix::{Actor, Addr, Handler, Message};
use dashmap::{DashMap, DashSet};
use futures_util::future::join_all;
use orrery_core::protocol::ServerMessage;
use orrery_core::types::economy::chat::Channel;
use orrery_core::types::economy::event::ChatLine;
use orrery_core::types::{ErrorCode, PlayerId, Refusal};

use super::ending::End;
use super::node::Node;
use super::player::PlayerMessage;
use super::stats::{Handle, Meter, Posted};
use crate::store::{Log, LogRow};

pub use actor::{ChannelActor, Glance};
use actor::{ForgetSpeaker, Page, Publish, ReadOn, ReadPage, Returned, TakeGlance, TakeNumber};
pub use audience::Audience;

/// A stream of a log.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Stream {
    /// Which log.
    pub log: Log,
    /// The stream's name in it.
    pub name: String,
}

impl Stream {
    /// A channel's, by the name that [`orrery_core::game::chat::stream`] gives it.
    #[must_use]
    pub fn chat(name: String) -> Self {
        Self { log: Log::Chat, name }
    }

    /// That of all reports.
    #[must_use]
    pub fn reports() -> Self {
        Self { log: Log::Report, name: "all".to_owned() }
    }
}

/// The channels of a node. Usable from any thread; no guard outlives a call.
#[derive(Default)]
pub struct Channels {
    live: DashMap<Stream, ChannelHandle>,
    /// Whose last actor has left while numbers that it gave out were in use.
    in_use: DashSet<Stream>,
    /// Who listens to which.
    pub audience: Audience,
}

/// The right to write one line of a stream. Given back when it is dropped unused.
pub struct Ticket {
    channel: ChannelHandle,
    /// Where the line belongs.
    pub stream: Stream,
    /// The line's number.
    pub seq: u64,
    used: bool,
}

impl Ticket {
    /// The line is in the persister's queue: the channel keeps it, and tells those who listen.
    pub fn publish(mut self, row: LogRow, line: Option<(Channel, Said)>) {
        self.used = true;
        self.channel.tell(Publish { row, line });
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if !self.used {
            self.channel.tell(Returned);
        }
    }
}

/// A line, as those who listen are told it. Shared by all of them.
pub type Said = Arc<orrery_core::types::economy::chat::Line>;

impl Channels {
    /// Leave to write the next line of a stream.
    ///
    /// # Errors
    /// Too many write in it at this moment, or it cannot be loaded.
    pub async fn ticket(&self, node: &Arc<Node>, stream: Stream) -> Result<Ticket, Refusal> {
        let channel = self.channel(node, stream.clone());
        let seq = in_time(node, channel.ask(TakeNumber)).await?;
        Ok(Ticket { channel, stream, seq, used: false })
    }

    /// Up to `limit` lines of a stream with numbers below `before`, newest first.
    ///
    /// # Errors
    /// The stream cannot be read.
    pub async fn page(
        &self,
        node: &Arc<Node>,
        stream: Stream,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<LogRow>, Refusal> {
        let channel = self.channel(node, stream.clone());
        let Page { mut rows, rest } = in_time(node, channel.ask(ReadPage { before, limit })).await?;
        if let Some(below) = rest {
            let older = super::asks::read_page(node, stream.log, &stream.name, below, limit - rows.len()).await?;
            rows.extend(older);
        }
        Ok(rows)
    }

    /// Tells a channel that is in memory what an operator wants; `None` when it is not.
    pub(super) fn end(&self, stream: &Stream, end: End) -> Option<()> {
        let channel = self.live.get(stream).map(|live| live.clone()).filter(|live| live.connected())?;
        channel.tell(end);
        Some(())
    }

    /// What a channel shows that is in memory.
    pub(super) fn live_meter(&self, stream: &Stream) -> Option<Arc<Meter>> {
        self.live.get(stream).filter(|live| live.connected()).map(|live| Arc::clone(live.meter()))
    }

    /// The next actor of this stream must give out no number that may still be in use.
    fn note_numbers_in_use(&self, stream: &Stream) {
        self.in_use.insert(stream.clone());
    }

    /// Loads a channel, if it is not in memory.
    pub(super) fn load(&self, node: &Arc<Node>, stream: &Stream) {
        let _ = self.channel(node, stream.clone());
    }

    /// Up to `limit` lines of a stream with numbers above `after`, in their order: what a reader asks for who follows it.
    ///
    /// # Errors
    /// The stream cannot be read.
    pub async fn page_on(
        &self,
        node: &Arc<Node>,
        stream: Stream,
        after: u64,
        limit: usize,
    ) -> Result<Vec<LogRow>, Refusal> {
        let channel = self.channel(node, stream.clone());
        match in_time(node, channel.ask(ReadOn { after, limit })).await? {
            Some(rows) => Ok(rows),
            None => super::asks::read_on(node, stream.log, &stream.name, after, limit).await,
        }
    }

    /// The streams of chat that are in memory, in no order.
    #[must_use]
    pub fn live_chats(&self) -> Vec<String> {
        let chats = self.live.iter().filter(|live| live.key().log == Log::Chat);
        chats.map(|live| live.key().name.clone()).collect()
    }

    /// How channels look from outside, in the order of their names; those that are not in memory have nothing to show.
    /// All are asked at once.
    pub async fn glances(&self, node: &Node, streams: &[String]) -> Vec<Glance> {
        let ask = |stream: &String| {
            let live = self.live.get(&Stream::chat(stream.clone())).map(|live| live.clone());
            async move {
                let channel = live?;
                let patience = Duration::from_millis(node.config.store.answer_timeout_ms);
                tokio::time::timeout(patience, channel.ask(TakeGlance)).await.ok()?.ok()
            }
        };
        join_all(streams.iter().map(ask)).await.into_iter().map(Option::unwrap_or_default).collect()
    }

    fn channel(&self, node: &Arc<Node>, stream: Stream) -> ChannelHandle {
        let start = |failed| ChannelActor::start_on(node, stream.clone(), failed);
        let mut entry = self.live.entry(stream.clone()).or_insert_with(|| start(self.in_use.remove(&stream).is_some()));
        if !entry.connected() {
            *entry = start(true);
        }
        entry.clone()
    }

    /// How many are in memory.
    #[must_use]
    pub fn live_count(&self) -> usize {
        self.live.len()
    }

    /// Nothing that a player has said is shown any more: it was erased from the store, in a commit that is enqueued.
    pub fn forget_speaker(&self, player: PlayerId) {
        for channel in &self.live {
            channel.tell(ForgetSpeaker(player));
        }
    }

    fn forget(&self, stream: &Stream, addr: &Addr<ChannelActor>) {
        self.live.remove_if(stream, |_, live| **live == *addr);
    }

    /// Shows every channel that is alive, with its figures. `show` must not come back here.
    pub(super) fn each(&self, mut show: impl FnMut(Stream, &Arc<Meter>)) {
        let live = self.live.iter().filter(|live| live.connected());
        live.for_each(|live| show(live.key().clone(), live.meter()));
    }
}

/// How others reach a channel's actor.
type ChannelHandle = Handle<Addr<ChannelActor>>;

impl ChannelHandle {
    fn tell<M: Message<Result = ()> + Send + 'static>(&self, message: M)
    where
        ChannelActor: Handler<Posted<M>>,
    {
        self.do_send(self.post(message));
    }

    fn ask<M: Message<Result: Send> + Send + 'static>(&self, message: M) -> Request<ChannelActor, Posted<M>>
    where
        ChannelActor: Handler<Posted<M>>,
    {
        self.send(self.post(message))
    }
}

impl ChannelActor {
    fn start_on(node: &Arc<Node>, stream: Stream, after_failure: bool) -> ChannelHandle {
        let meter = Meter::new("channel", &node.metrics);
        meter.set_name(&stream.name);
        let actor = Self::new(Arc::clone(node), stream, after_failure, Arc::clone(&meter));
        ChannelHandle::new(Self::start_in_arbiter(node.directory.arbiter(), move |_| actor), meter)
    }
}

async fn in_time<T>(
    node: &Node,
    asked: impl Future<Output = Result<Result<T, Refusal>, actix::MailboxError>>,
) -> Result<T, Refusal> {
    let patience = Duration::from_millis(node.config.store.answer_timeout_ms);
    match tokio::time::timeout(patience, asked).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(_)) => Err(Refusal::new(ErrorCode::Busy, "the channel is just being loaded anew")),
        Err(_) => Err(Refusal::new(ErrorCode::StorageUnavailable, "the store does not answer")),
    }
}

/// Tells a player what was said; whether the player wants to hear it, the player's actor knows.
fn tell(node: &Arc<Node>, player: PlayerId, stream: Option<&str>, channel: Channel, line: &Said) {
    let stream = stream.map(str::to_owned);
    let heard = PlayerMessage::Hear { stream, channel, line: Arc::clone(line) };
    node.directory.tell_if_live(player, heard);
}

/// What was said, as a client is told it.
#[must_use]
pub fn as_message(channel: Channel, line: &Said) -> ServerMessage {
    ServerMessage::Chat(ChatLine { channel, line: (**line).clone() })
}
