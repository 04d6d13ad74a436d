//! How a session begins: from `hello` to `welcome`.
//!
//! Is it open to this player, and is there room (see [`admission`](crate::gateway::admission))? → who is it (token, new guest, or resume token)? → its
//! player's actor, which takes the session → for a resume, what the interrupted session left → the ship's world →
//! `welcome`, then what was missed, then cell frames.

use std::sync::Arc;
use std::time::Duration;

use actix::{ActorFutureExt, AsyncContext, Context, Recipient, WrapFuture};
use orrery_core::protocol::answer::Entered;
use orrery_core::protocol::client_message::Hello;
use orrery_core::protocol::server_message::{NewGuest, Welcome};
use orrery_core::protocol::{CloseCode, ErrorBody, ErrorCode, ServerMessage};
use orrery_core::types::PlayerId;
use ring::rand::{SecureRandom as _, SystemRandom};
use uuid::Uuid;

use super::actor::{Phase, Session};
use super::route::Gateway;
use crate::actors::player::{
    Attach, AttachHow, AttachRefusal, Attached, Place, PlayerHandle, PlayerMessage, WhereIsShip,
};
use crate::actors::session_link::{Note, Reliable};
use crate::actors::world::{Binding, Join, JoinAt, JoinRefusal, Joined, WorldHandle};
use crate::actors::ws_frame;
use crate::gateway::admission::{Closed, Kind, closed_to};
use crate::gateway::auth::AuthError;

/// An interrupted session on another thread answers within this; if it does not, it has failed.
const TAKE_OVER_PATIENCE: Duration = Duration::from_secs(2);
/// How long somebody waits for a world that is just being started, and the pause between two attempts.
const JOIN_PATIENCE: Duration = Duration::from_secs(8);
const JOIN_PAUSE: Duration = Duration::from_millis(100);
/// A ship that was not where it was said to be this often was lost between two worlds: the one it flew to failed.
const LOST_AFTER_MISSES: u32 = 20;
/// A world that has not taken a ship in after this long is being loaded.
const WORLD_PATIENCE: Duration = Duration::from_secs(1);
/// Between two rounds of looking for a ship whose world failed.
const REJOIN_PAUSE: Duration = Duration::from_secs(1);
/// The hint for whoever could not be let in just now.
const RETRY_AFTER_MS: u64 = 1_000;
/// Why an older session ends.
const ANEW: &str = "the same player connected anew";
/// Characters of a client's own name for itself.
const CLIENT_CHARS_MAX: usize = 64;

/// A session on its way in.
#[derive(Debug)]
pub(super) struct Entering {
    player: PlayerId,
    addr: PlayerHandle,
    attached: Attached,
    account: Option<NewGuest>,
    resume_token: String,
    /// What the client has seen, if this is a resume.
    seen: u64,
}

/// Why somebody is not let in.
struct Rejection {
    error: ErrorBody,
    close: CloseCode,
}

impl Rejection {
    fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        let close = match code {
            ErrorCode::NotAuthenticated => CloseCode::NotAuthenticated,
            ErrorCode::BadRequest => CloseCode::ProtocolOrder,
            ErrorCode::RateLimited => CloseCode::RateLimit,
            ErrorCode::Busy | ErrorCode::Maintenance => CloseCode::Busy,
            ErrorCode::Banned => CloseCode::Banned,
            _ => CloseCode::Internal,
        };
        let retry_after_ms = matches!(code, ErrorCode::Busy | ErrorCode::StorageUnavailable).then_some(RETRY_AFTER_MS);
        Self { error: ErrorBody { retry_after_ms, ..ErrorBody::new(code, message) }, close }
    }

    /// There is no room; there will be after this.
    fn crowded(wait: Duration) -> Self {
        let mut rejection = Self::new(ErrorCode::Busy, "too many are coming in at once");
        rejection.error.retry_after_ms = Some(u64::try_from(wait.as_millis()).unwrap_or(u64::MAX));
        rejection
    }
}

impl From<Closed> for Rejection {
    fn from(closed: Closed) -> Self {
        Self { error: closed.error(), close: CloseCode::Busy }
    }
}

impl From<AuthError> for Rejection {
    fn from(error: AuthError) -> Self {
        let close = match &error {
            AuthError::RateLimited { .. } => CloseCode::RateLimit,
            AuthError::Busy => CloseCode::Busy,
            AuthError::StorageUnavailable | AuthError::Internal => CloseCode::Internal,
            AuthError::Banned(_) => CloseCode::Banned,
            _ => CloseCode::NotAuthenticated,
        };
        let retry_after_ms = error.retry_after().map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX));
        let (message, details) = (error.to_string(), error.details());
        Self { error: ErrorBody { code: error.code().to_owned(), message, retry_after_ms, details }, close }
    }
}

impl Session {
    /// Takes the first message.
    pub(super) fn hello(&mut self, hello: Hello, context: &mut Context<Self>) {
        self.phase = Phase::Entering;
        // Before the gate: those who wait outside take no place from those who may come in.
        if let Some(closed) = closed_to_hello(&self.gateway, &hello) {
            return self.reject(closed.into(), context);
        }
        let kind = kind_of(&self.gateway, &hello);
        if let Some(Err(wait)) = self.pass.as_mut().map(|pass| pass.log_in(kind)) {
            return self.reject(Rejection::crowded(wait), context);
        }
        let gateway = Arc::clone(&self.gateway);
        let address = self.address;
        let recipient = context.address().recipient();
        let entering = async move { let_in(&gateway, address, hello, recipient).await };
        context.wait(entering.into_actor(self).map(|entering, session, context| match entering {
            Err(rejection) => session.reject(rejection, context),
            Ok(entering) => {
                session.player = Some(entering.player);
                session.player_addr = Some(entering.addr.clone());
                session.resume_token = entering.resume_token.clone();
                session.attachment = entering.attached.attachment;
                if entering.attached.resumed {
                    session.await_take_over(entering, context);
                } else {
                    session.join(entering, None, context);
                }
            }
        }));
    }

    fn reject(&mut self, rejection: Rejection, context: &mut Context<Self>) {
        self.gateway.node.metrics.count_refusal(&rejection.error.code);
        let (reason, retry_after_ms) = (rejection.error.message.clone(), rejection.error.retry_after_ms);
        self.send(ServerMessage::Error(rejection.error), None, context);
        // In a storm there are thousands; `orrery_logins_shed` counts them.
        if rejection.close == CloseCode::Busy {
            tracing::debug!(player = ?self.player, reason, "not let in");
        } else {
            tracing::info!(player = ?self.player, code = rejection.close.as_u16(), reason, "not let in");
        }
        self.say_farewell(rejection.close, &reason, retry_after_ms);
        self.end(context);
    }

    fn await_take_over(&mut self, entering: Entering, context: &mut Context<Self>) {
        self.phase = Phase::TakingOver(Box::new(entering));
        context.run_later(TAKE_OVER_PATIENCE, |session, context| session.go_on(None, context));
    }

    /// Goes on to enter the world, with what the interrupted session left, if it still waits for that.
    pub(super) fn go_on(&mut self, left: Option<Reliable>, context: &mut Context<Self>) {
        match std::mem::replace(&mut self.phase, Phase::Entering) {
            Phase::TakingOver(entering) => self.join(*entering, left, context),
            other => self.phase = other,
        }
    }

    /// Enters the ship's world, then welcomes the client.
    fn join(&mut self, entering: Entering, left: Option<Reliable>, context: &mut Context<Self>) {
        let joining = join_world(Arc::clone(&self.gateway), entering.addr.clone(), self.binding());
        context.wait(joining.into_actor(self).map(move |joined, session, context| match joined {
            Ok((joined, world)) => session.welcome(entering, left, joined, world, context),
            Err(JoinRefusal::Superseded) => session.close(CloseCode::Replaced, ANEW, context),
            Err(_) => session.reject(Rejection::new(ErrorCode::Busy, "the world is not ready"), context),
        }));
    }

    fn binding(&self) -> Binding {
        let fanout = self.fanout.borrow().handle();
        Binding { fanout, slot: self.slot, encoding: self.encoding, attachment: self.attachment }
    }

    fn welcome(
        &mut self,
        entering: Entering,
        left: Option<Reliable>,
        joined: Joined,
        world: WorldHandle,
        context: &mut Context<Self>,
    ) {
        if !matches!(self.phase, Phase::Entering) {
            return;
        }
        self.phase = Phase::Live;
        if let Some(pass) = self.pass.take() {
            pass.welcome();
        }
        let entered = self.settle_in(joined, world);
        let missed = left.as_ref().and_then(|left| left.after(entering.seen, self.encoding));
        let resumed = missed.is_some();
        if let (true, Some(mut left)) = (resumed, left) {
            left.seen(entering.seen);
            self.reliable = left;
        }
        let node = &self.gateway.node;
        tracing::info!(player = %entering.player, name = entering.attached.name, world = %entered.world, resumed, "session began");
        let welcome = Welcome {
            player: entering.player,
            name: entering.attached.name,
            guest: entering.attached.guest,
            account: entering.account,
            resume_token: entering.resume_token,
            resumed,
            resume_window_ms: node.config.session.resume_window_ms,
            heartbeat_ms: node.config.session.heartbeat_ms,
            tick_hz: node.config.world.tick_hz,
            cell_units: node.config.world.cell_units,
            interest_radius_units: node.config.world.interest_radius_units,
            catalog: node.catalog_version.clone(),
            world: entered,
            durable: node.persister.durable(),
        };
        self.send(ServerMessage::Welcome(Box::new(welcome)), None, context);
        for shown in self.gateway.node.notices.shown().iter() {
            self.push(shown.frame(self.encoding), context);
        }
        for payload in missed.unwrap_or_default() {
            self.push(ws_frame::data(self.encoding, &payload), context);
        }
        self.lane.release_cells();
        for note in std::mem::take(&mut self.early) {
            <Self as actix::Handler<Note>>::handle(self, note, context);
        }
    }

    /// The player's actor failed: loads it anew and makes this its session again. What follows in its mailbox finds it
    /// as it was, but for what was not yet durable.
    pub(super) fn reattach(&mut self, context: &Context<Self>) -> Option<PlayerHandle> {
        let node = &self.gateway.node;
        let addr = node.directory.player(node, self.player?).ok()?;
        let session = context.address().recipient();
        let how = AttachHow::Again(self.attachment);
        addr.do_send(Attach { session, resume_token: self.resume_token.clone(), how });
        if let (Some(world), Some((_, stay, at))) = (self.world.clone(), self.ship) {
            addr.tell(PlayerMessage::ShipIn { world, stay, at });
        }
        self.player_addr = Some(addr.clone());
        Some(addr)
    }

    /// Finds the ship and enters its world again: the world failed, or the ship is not where it was. Tries until it
    /// succeeds or the session is not live any longer; the session goes on meanwhile.
    pub(super) fn rejoin(&mut self, context: &mut Context<Self>) {
        if !matches!(self.phase, Phase::Live) || self.rejoining {
            return;
        }
        let Some(player) =
            self.player_addr.clone().filter(|player| player.connected()).or_else(|| self.reattach(context))
        else {
            return;
        };
        self.rejoining = true;
        (self.world, self.ship) = (None, None);
        let joining = join_world(Arc::clone(&self.gateway), player, self.binding());
        context.spawn(joining.into_actor(self).map(|joined, session, context| {
            session.rejoining = false;
            match joined {
                Ok((joined, world)) => {
                    let entered = session.settle_in(joined, world);
                    session.send_reliable(ServerMessage::Entered(entered), None, context);
                }
                Err(JoinRefusal::Superseded) => session.close(CloseCode::Replaced, ANEW, context),
                Err(_) => drop(context.run_later(REJOIN_PAUSE, |session, context| session.rejoin(context))),
            }
        }));
    }

    /// Takes note of where the ship is now.
    pub(super) fn settle_in(&mut self, joined: Joined, world: WorldHandle) -> Entered {
        self.ship = Some((joined.entered.ship, joined.stay, joined.entered.position));
        self.world = Some(world);
        joined.entered
    }
}

/// Whether it is closed to who says hello. A token that is not good is refused later, for what it is; a resume that comes
/// to nothing is looked at again when the token beside it counts.
fn closed_to_hello(gateway: &Gateway, hello: &Hello) -> Option<Closed> {
    let player = match (&hello.resume, &hello.token) {
        (Some(resume), _) => Some(player_of_resume_token(&resume.token)?),
        (None, Some(token)) => Some(gateway.auth.verify(token).ok()?.player),
        (None, None) => None,
    };
    closed_to(&gateway.node, player)
}

/// Only who names a player in memory comes before others; whether the token is good is seen once it has its turn.
fn kind_of(gateway: &Gateway, hello: &Hello) -> Kind {
    let player = hello.resume.as_ref().and_then(|resume| player_of_resume_token(&resume.token));
    match player.and_then(|player| gateway.node.directory.live_player(player)) {
        Some(_) => Kind::Resume,
        None => Kind::LogIn,
    }
}

/// A resume needs a player in memory: nobody is loaded for the sake of a token that only says it is one of ours.
fn find_player(gateway: &Gateway, player: PlayerId, how: &AttachHow) -> Result<PlayerHandle, Rejection> {
    let directory = &gateway.node.directory;
    match how {
        AttachHow::Resume(_) => {
            let nothing = || Rejection::new(ErrorCode::NotAuthenticated, AttachRefusal::NothingToResume.to_string());
            directory.live_player(player).ok_or_else(nothing)
        }
        AttachHow::New | AttachHow::Again(_) => {
            let full = |full: crate::actors::directory::Full| Rejection::new(ErrorCode::Busy, full.to_string());
            directory.player(&gateway.node, player).map_err(full)
        }
    }
}

async fn let_in(
    gateway: &Arc<Gateway>,
    address: Option<std::net::IpAddr>,
    hello: Hello,
    session: Recipient<Note>,
) -> Result<Entering, Rejection> {
    if hello.client.as_ref().is_some_and(|client| client.chars().count() > CLIENT_CHARS_MAX) {
        let rule = format!("client: at most {CLIENT_CHARS_MAX} characters");
        return Err(Rejection::new(ErrorCode::BadRequest, rule));
    }
    tracing::debug!(client = hello.client, "hello");
    match (hello.resume, hello.token, hello.guest) {
        (Some(resume), token, None) => {
            let player = player_of_resume_token(&resume.token);
            let resumed = match player {
                Some(player) => {
                    attach(gateway, player, session.clone(), AttachHow::Resume(resume.token), resume.seen).await
                }
                None => Err(Rejection::new(ErrorCode::NotAuthenticated, "resume.token: not one of ours")),
            };
            match (resumed, token) {
                (Err(_), Some(token)) => by_token(gateway, &token, session).await,
                (resumed, _) => resumed,
            }
        }
        (None, Some(token), None) => by_token(gateway, &token, session).await,
        (None, None, Some(guest)) => {
            let unknown = std::net::IpAddr::from([0, 0, 0, 0]);
            let (player, _, tokens) = gateway.auth.guest(address.unwrap_or(unknown), guest.name).await?;
            let mut entering = attach(gateway, player, session, AttachHow::New, 0).await?;
            entering.account =
                Some(NewGuest { access_token: tokens.access_token, refresh_token: tokens.refresh_token });
            Ok(entering)
        }
        _ => {
            let rule = "hello: exactly one of token, guest and resume; token may stand beside resume";
            Err(Rejection::new(ErrorCode::BadRequest, rule))
        }
    }
}

async fn by_token(gateway: &Arc<Gateway>, token: &str, session: Recipient<Note>) -> Result<Entering, Rejection> {
    let claims = gateway.auth.verify(token)?;
    if let Some(closed) = closed_to(&gateway.node, Some(claims.player)) {
        return Err(closed.into());
    }
    attach(gateway, claims.player, session, AttachHow::New, 0).await
}

async fn attach(
    gateway: &Arc<Gateway>,
    player: PlayerId,
    session: Recipient<Note>,
    how: AttachHow,
    seen: u64,
) -> Result<Entering, Rejection> {
    let resume_token = new_resume_token(player)?;
    // Twice: the actor may be leaving memory just now, and is then loaded anew.
    for _ in 0..2 {
        let addr = find_player(gateway, player, &how)?;
        let attach = Attach { session: session.clone(), resume_token: resume_token.clone(), how: how.clone() };
        match addr.send(attach).await {
            Ok(Ok(attached)) => {
                return Ok(Entering { player, addr, attached, account: None, resume_token, seen });
            }
            Ok(Err(refusal @ (AttachRefusal::Unknown | AttachRefusal::NothingToResume))) => {
                return Err(Rejection::new(ErrorCode::NotAuthenticated, refusal.to_string()));
            }
            Ok(Err(AttachRefusal::ShutOut(shut_out))) => return Err(AuthError::from(shut_out).into()),
            Ok(Err(refusal @ AttachRefusal::StorageUnavailable)) => {
                return Err(Rejection::new(ErrorCode::StorageUnavailable, refusal.to_string()));
            }
            Err(_) => {}
        }
    }
    Err(Rejection::new(ErrorCode::Internal, "the player's actor failed; try again"))
}

/// Finds the player's ship and joins its world. Bounded in time.
async fn join_world(
    gateway: Arc<Gateway>,
    player: PlayerHandle,
    binding: Binding,
) -> Result<(Joined, WorldHandle), JoinRefusal> {
    let attempts = async {
        let mut misses = 0;
        loop {
            match try_join(&gateway, &player, &binding, misses == LOST_AFTER_MISSES).await {
                // The ship has just left for somewhere else, or the world is being started: ask again.
                Err(JoinRefusal::NotHere) => misses += 1,
                Err(JoinRefusal::NotLoaded) => {}
                decided => return decided,
            }
            tokio::time::sleep(JOIN_PAUSE).await;
        }
    };
    tokio::time::timeout(JOIN_PATIENCE, attempts).await.unwrap_or(Err(JoinRefusal::NotLoaded))
}

async fn try_join(
    gateway: &Gateway,
    player: &PlayerHandle,
    binding: &Binding,
    is_lost: bool,
) -> Result<(Joined, WorldHandle), JoinRefusal> {
    let found = player.send(WhereIsShip { is_lost }).await.ok().flatten();
    let (spec, place) = found.ok_or(JoinRefusal::NotLoaded)?;
    let node = &gateway.node;
    let known = match &place {
        Place::InSpace(world) => node.directory.world(world).map(|world| (world, JoinAt::InSpace)),
        // A place in a world that the catalogue no longer has is no place.
        Place::Last(world, at) => node.directory.world(world).map(|world| (world, JoinAt::Point(*at))),
        Place::Nowhere => None,
    };
    let start = || Some((node.directory.world(&node.catalog.start.sector)?, JoinAt::Entry));
    let (world, at) = known.or_else(start).ok_or(JoinRefusal::NotLoaded)?;
    let join = world.addr().send(Join { spec, at, binding: binding.clone() });
    match tokio::time::timeout(WORLD_PATIENCE, join).await {
        Ok(Ok(joined)) => joined.map(|joined| (joined, world)),
        Ok(Err(_)) | Err(_) => Err(JoinRefusal::NotLoaded),
    }
}

/// `<player>.<random>`: the first part finds the player, the second is the secret.
fn new_resume_token(player: PlayerId) -> Result<String, Rejection> {
    let mut secret = [0_u8; 16];
    let drawn = SystemRandom::new().fill(&mut secret);
    drawn.map_err(|_| Rejection::new(ErrorCode::Internal, "no random numbers"))?;
    Ok(format!("{}.{:032x}", player.0.simple(), u128::from_be_bytes(secret)))
}

fn player_of_resume_token(token: &str) -> Option<PlayerId> {
    let (player, _) = token.split_once('.')?;
    Uuid::try_parse(player).ok().map(PlayerId)
}
