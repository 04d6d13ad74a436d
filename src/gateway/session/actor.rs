//! The session actor.
//!
//! Owns a connection's protocol state: who is there, which world its ship is in, what was sent reliably. Its mailbox
//! holds notes from actors of this node only, each caused by something the client asked for within its limits, or by
//! an event of its player; so it needs no bound of its own. Commits nothing. Stops when the client leaves, when
//! another session takes its place, or when the resume window ends.

use std::cell::RefCell;
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix::{Actor, ActorContext, AsyncContext, Context, Handler, Recipient, StreamHandler};
use orrery_core::protocol::server_message::{Bye, ServerHeartbeat};
use orrery_core::protocol::{CloseCode, Encoding, Envelope, ErrorBody, ServerMessage, encode_server};
use orrery_core::types::{CommandId, Millis, PlayerId, Point, ShipId, Tick};

use super::frames::{FrameFault, Incoming};
use super::route::Gateway;
use crate::actors::fanout::{FAREWELL_TIME, Fanout, Lane, SlotId};
use crate::actors::node::now;
use crate::actors::player::{PlayerHandle, PlayerMessage};
use crate::actors::session_link::{Dismissal, Note, Reliable, RingLimits, SessionReport};
use crate::actors::world::{Leave, WorldHandle};
use crate::actors::ws_frame;
use crate::gateway::admission::Pass;
use crate::telemetry::metrics::ReasonLabel;

/// How long a session that handed over passes on what still comes for it.
const FORWARD_TIME: Duration = Duration::from_secs(2);
/// Silent heartbeats before a peer counts as gone.
const SILENT_HEARTBEATS: u32 = 3;

/// Where a session stands.
#[derive(Debug)]
pub(super) enum Phase {
    /// Connected, but has not said who it is.
    New,
    /// Has said who it is; being let in.
    Entering,
    /// Waits for what its interrupted predecessor left.
    TakingOver(Box<super::enter::Entering>),
    /// Plays.
    Live,
    /// Lost its connection; may come back as another session.
    Detached,
    /// Handed everything over to its successor.
    Forwarding(Recipient<Note>),
    /// Said farewell.
    Over,
}

/// One WebSocket session.
pub(super) struct Session {
    pub(super) gateway: Arc<Gateway>,
    pub(super) lane: Rc<Lane>,
    pub(super) fanout: Rc<RefCell<Fanout>>,
    pub(super) slot: SlotId,
    pub(super) encoding: Encoding,
    pub(super) address: Option<IpAddr>,
    pub(super) phase: Phase,
    /// Its place among those on their way in, until it is in or has failed.
    pub(super) pass: Option<Pass>,
    pub(super) reliable: Reliable,
    pub(super) player: Option<PlayerId>,
    pub(super) player_addr: Option<PlayerHandle>,
    pub(super) resume_token: String,
    /// Numbers the player's sessions.
    pub(super) attachment: u64,
    pub(super) world: Option<WorldHandle>,
    /// The ship, the number of its stay in that world, and where it came in; `None` while it is looked for.
    pub(super) ship: Option<(ShipId, u64, Point)>,
    pub(super) rejoining: bool,
    since: Millis,
    last_heard: Instant,
    /// The last commit that one of its answers waited for.
    durable: u64,
    /// What came before the welcome: the numbers of the session that is taken up are not known yet.
    pub(super) early: Vec<Note>,
}

impl Session {
    pub(super) fn new(
        gateway: Arc<Gateway>,
        lane: Rc<Lane>,
        fanout: Rc<RefCell<Fanout>>,
        slot: SlotId,
        encoding: Encoding,
        address: Option<IpAddr>,
        pass: Pass,
    ) -> Self {
        let config = &gateway.node.config.session;
        let limits = RingLimits { messages: config.ring_messages_max, bytes: config.reliable_bytes_max };
        let reliable = Reliable::new(limits);
        lane.hold_cells();
        gateway.node.metrics.sessions.inc();
        Self {
            gateway,
            lane,
            fanout,
            slot,
            encoding,
            address,
            phase: Phase::New,
            pass: Some(pass),
            reliable,
            player: None,
            player_addr: None,
            resume_token: String::new(),
            attachment: 0,
            world: None,
            ship: None,
            rejoining: false,
            since: now(),
            last_heard: Instant::now(),
            durable: 0,
            early: Vec::new(),
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.gateway.node.metrics.sessions.dec();
        if let Ok(mut fanout) = self.fanout.try_borrow_mut() {
            fanout.unregister(self.slot);
        }
    }
}

impl Actor for Session {
    type Context = Context<Self>;

    fn started(&mut self, context: &mut Self::Context) {
        let config = &self.gateway.node.config.session;
        context.run_later(Duration::from_millis(config.hello_timeout_ms), |session, context| {
            if matches!(session.phase, Phase::New) {
                session.close(CloseCode::NotAuthenticated, "no hello in time", context);
            }
        });
        context.run_interval(Duration::from_millis(config.heartbeat_ms), |session, context| session.beat(context));
    }
}

impl StreamHandler<Result<Incoming, FrameFault>> for Session {
    fn handle(&mut self, incoming: Result<Incoming, FrameFault>, context: &mut Self::Context) {
        self.last_heard = Instant::now();
        if matches!(self.phase, Phase::Over | Phase::Detached | Phase::Forwarding(_)) {
            return;
        }
        match incoming {
            Ok(Incoming::Message { is_text, bytes }) if is_text == (self.encoding == Encoding::Json) => {
                self.take_message(&bytes, context);
            }
            Ok(Incoming::Message { .. }) => {
                let kind = "this subprotocol uses the other kind of frame: binary for msgpack, text for json";
                self.close(CloseCode::Unsupported, kind, context);
            }
            Ok(Incoming::Ping(payload)) => self.push(ws_frame::pong(&payload), context),
            Ok(Incoming::Pong) => {}
            Ok(Incoming::Close(code)) => {
                self.lane.close_after([ws_frame::close(code, "")]);
                self.detach(context);
            }
            Err(fault) => self.close(fault.code, fault.rule, context),
        }
    }

    fn finished(&mut self, context: &mut Self::Context) {
        self.lane.hang_up();
        if matches!(self.phase, Phase::Over) {
            return context.stop();
        }
        self.detach(context);
    }
}

impl Session {
    /// Sends a frame on the reliable lane; closes when too much waits there.
    pub(super) fn push(&mut self, frame: actix_web::web::Bytes, context: &mut Context<Self>) {
        if !self.lane.push_reliable(frame) {
            self.close(CloseCode::TooSlow, "too many unread messages", context);
        }
    }

    /// Sends a message that is not numbered.
    pub(super) fn send(&mut self, message: ServerMessage, id: Option<CommandId>, context: &mut Context<Self>) {
        let envelope = Envelope { message, id, number: None };
        self.push(ws_frame::data(self.encoding, &encode_server(self.encoding, &envelope)), context);
    }

    /// Sends a message that a resume will not lose.
    pub(super) fn send_reliable(&mut self, message: ServerMessage, id: Option<CommandId>, context: &mut Context<Self>) {
        let payload = self.reliable.push(message, id, self.encoding);
        if !matches!(self.phase, Phase::Detached) {
            let frame = ws_frame::data(self.encoding, payload);
            self.push(frame, context);
        }
    }

    /// Says farewell and ends the session, the ship's stay in space with it; but a client that was only too slow, or
    /// too fast, may resume.
    pub(super) fn close(&mut self, code: CloseCode, reason: &str, context: &mut Context<Self>) {
        if matches!(self.phase, Phase::Over | Phase::Detached | Phase::Forwarding(_)) {
            return;
        }
        tracing::info!(player = ?self.player, code = code.as_u16(), reason, "connection closed");
        self.say_farewell(code, reason, None);
        if code.reconnect() && matches!(self.phase, Phase::Live) && code != CloseCode::Restart {
            self.detach(context);
        } else {
            self.end(context);
        }
    }

    /// The galaxy is being drained: ends the session for good, also one that waits for a resume. Who may always come in
    /// stays.
    fn dismiss(&mut self, dismissal: &Dismissal, context: &mut Context<Self>) {
        let is_gone = matches!(self.phase, Phase::Over | Phase::Forwarding(_));
        if is_gone || self.gateway.node.doors.allows(self.player) {
            return;
        }
        tracing::debug!(player = ?self.player, "dismissed");
        if !matches!(self.phase, Phase::Detached) {
            self.say_farewell(CloseCode::Restart, &dismissal.reason, Some(dismissal.retry_after_ms));
        }
        self.end(context);
    }

    /// The client is told to wait for as long as the code says, unless a longer time is known.
    pub(super) fn say_farewell(&mut self, code: CloseCode, reason: &str, retry_after_ms: Option<u64>) {
        let label = ReasonLabel { reason: code.as_u16().to_string() };
        self.gateway.node.metrics.closes.get_or_create(&label).inc();
        let mut bye = Bye::new(code, reason);
        bye.retry_after_ms = bye.retry_after_ms.max(retry_after_ms.unwrap_or(0));
        let bye = Envelope::from(ServerMessage::Bye(bye));
        let bye = ws_frame::data(self.encoding, &encode_server(self.encoding, &bye));
        self.lane.close_after([bye, ws_frame::close(Some(code.as_u16()), reason)]);
    }

    /// The connection is gone; the session waits for a resume, if it ever began.
    fn detach(&mut self, context: &mut Context<Self>) {
        match self.phase {
            Phase::Live => {
                self.phase = Phase::Detached;
                self.lane.close_after([]);
                let window = Duration::from_millis(self.gateway.node.config.session.resume_window_ms);
                context.run_later(window, |session, context| {
                    if matches!(session.phase, Phase::Detached) {
                        session.end(context);
                    }
                });
            }
            Phase::New | Phase::Entering | Phase::TakingOver(_) => self.end(context),
            Phase::Detached | Phase::Forwarding(_) | Phase::Over => {}
        }
    }

    /// Ends the session for good: the ship leaves space, unless another session has it.
    pub(super) fn end(&mut self, context: &mut Context<Self>) {
        if let (Some(world), Some(player)) = (&self.world, self.player) {
            world.addr().do_send(Leave { player, attachment: self.attachment });
        }
        if let Some(player) = &self.player_addr {
            let recipient = context.address().recipient();
            player.tell(PlayerMessage::Detach(recipient));
        }
        self.lane.close_after([]);
        self.stop_later(FAREWELL_TIME + Duration::from_millis(100), context);
    }

    /// An operator sends the player away: there is nothing to resume.
    fn expel(&mut self, error: Option<ErrorBody>, reason: &str, context: &mut Context<Self>) {
        if matches!(self.phase, Phase::Detached) {
            return self.end(context);
        }
        if let Some(error) = error {
            self.send(ServerMessage::Error(error), None, context);
        }
        self.close(CloseCode::Banned, reason, context);
    }

    fn report(&self) -> SessionReport {
        let level = self.fanout.try_borrow().map_or(0, |fanout| fanout.level(self.slot));
        SessionReport {
            address: self.address,
            connected: matches!(self.phase, Phase::Live),
            since: self.since,
            encoding: self.encoding,
            silent_ms: u64::try_from(self.last_heard.elapsed().as_millis()).unwrap_or(u64::MAX),
            level,
            durable: self.durable,
            messages: self.reliable.count(),
        }
    }

    fn stop_later(&mut self, after: Duration, context: &mut Context<Self>) {
        self.pass = None;
        if !matches!(self.phase, Phase::Forwarding(_)) {
            self.phase = Phase::Over;
        }
        context.run_later(after, |_, context| context.stop());
    }

    fn beat(&mut self, context: &mut Context<Self>) {
        if !matches!(self.phase, Phase::Live) {
            return;
        }
        let interval = Duration::from_millis(self.gateway.node.config.session.heartbeat_ms);
        if self.last_heard.elapsed() > interval * SILENT_HEARTBEATS {
            return self.close(CloseCode::TooSlow, "no heartbeat for too long", context);
        }
        // A player's actor that failed has nobody to tell when its answers and events are ready.
        if self.player_addr.as_ref().is_some_and(|player| !player.connected()) {
            self.reattach(context);
        }
        self.send_heartbeat(context);
    }

    pub(super) fn send_heartbeat(&mut self, context: &mut Context<Self>) {
        let heartbeat = ServerHeartbeat {
            tick: Tick(self.world.as_ref().map_or(0, WorldHandle::tick)),
            time_ms: now(),
            durable: self.gateway.node.persister.durable(),
            session_durable: self.durable,
        };
        self.send(ServerMessage::Heartbeat(heartbeat), None, context);
    }

    fn hand_over(&mut self, successor: Recipient<Note>, context: &mut Context<Self>) {
        let fresh = Reliable::new(RingLimits { messages: 0, bytes: 0 });
        successor.do_send(Note::TakeOver(Box::new(std::mem::replace(&mut self.reliable, fresh))));
        if matches!(self.phase, Phase::Live) {
            self.say_farewell(CloseCode::Replaced, "the session was taken up by another connection", None);
        }
        self.phase = Phase::Forwarding(successor);
        self.stop_later(FORWARD_TIME, context);
    }
}

impl Handler<Note> for Session {
    type Result = ();

    fn handle(&mut self, note: Note, context: &mut Self::Context) {
        if let Phase::Forwarding(successor) = &self.phase {
            if note.is_for_client() {
                successor.do_send(note);
            }
            return;
        }
        if matches!(self.phase, Phase::TakingOver(_)) && note.is_for_client() {
            return self.early.push(note);
        }
        match note {
            Note::Answer { id, answer, commit } => {
                self.durable = self.durable.max(commit);
                self.send_reliable(answer.into_message(), id, context);
            }
            Note::Event(event) => self.send_reliable(event, None, context),
            Note::Entered(joined, world) => {
                let entered = self.settle_in(joined, world);
                self.send_reliable(ServerMessage::Entered(entered), None, context);
            }
            Note::Pace(dilation) => match self.phase {
                Phase::Live => self.send(ServerMessage::Dilation(dilation), None, context),
                // The welcome goes first.
                Phase::Entering | Phase::TakingOver(_) => self.early.push(Note::Pace(dilation)),
                Phase::New | Phase::Detached | Phase::Forwarding(_) | Phase::Over => {}
            },
            // Everybody is shown what lasts behind the welcome.
            Note::Announce(shown) if matches!(self.phase, Phase::Live) => {
                self.push(shown.frame(self.encoding), context);
            }
            Note::Announce(_) => {}
            Note::Dismiss(dismissal) => self.dismiss(&dismissal, context),
            Note::Rejoin => self.rejoin(context),
            Note::Reattach if matches!(self.phase, Phase::Live | Phase::Detached) => drop(self.reattach(context)),
            // One that is on its way in asks again by itself.
            Note::Reattach => {}
            Note::TooSlow => {
                self.close(CloseCode::TooSlow, "the connection has not taken anything for too long", context)
            }
            Note::Replaced if matches!(self.phase, Phase::Detached) => self.stop_later(Duration::ZERO, context),
            Note::Replaced => {
                self.say_farewell(CloseCode::Replaced, "the same player connected anew", None);
                self.stop_later(FAREWELL_TIME + Duration::from_millis(100), context);
            }
            Note::Expelled { error, reason } => self.expel(error, &reason, context),
            // Whoever asked may have given up.
            Note::Describe(reply) => drop(reply.send(self.report())),
            Note::HandOver(successor) => self.hand_over(successor, context),
            Note::TakeOver(reliable) => self.go_on(Some(*reliable), context),
            Note::Shutdown => self.close(CloseCode::Restart, "the server restarts", context),
        }
    }
}
