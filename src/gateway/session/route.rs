//! `GET /ws`: from an HTTP request to a session.

use std::net::IpAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix::{Actor as _, AsyncContext as _};
use actix_web::http::header;
use actix_web::rt::net::TcpStream;
use actix_web::web::BytesMut;
use actix_web::{HttpRequest, HttpResponse, web};
use actix_web_actors::ws;
use orrery_core::protocol::{Encoding, SUBPROTOCOL_JSON, SUBPROTOCOL_MSGPACK};
use socket2::{SockRef, TcpKeepalive};
use tokio::net::tcp::OwnedReadHalf;

use super::actor::Session;
use super::echo;
use super::frames::{FrameLimits, Frames};
use super::upgrade::HandOver;
use crate::actors::fanout::{Fanout, Lane, LaneLimits};
use crate::actors::node::Node;
use crate::config::SessionConfig;
use crate::gateway::CommandLimits;
use crate::gateway::admission::{Admission, Pass};
use crate::gateway::auth::Auth;
use crate::gateway::origin::origin_allowed;

/// A peer that acknowledges nothing for this long is gone: also one that stopped reading, whom no Close reaches.
/// Shorter would cut honest readers on bad lines.
const UNACKNOWLEDGED_MAX: Duration = Duration::from_secs(20);
/// When a silent connection is probed by the kernel.
const KEEPALIVE_AFTER: Duration = Duration::from_secs(60);

/// What sessions need. One per process, shared.
pub struct Gateway {
    /// The actors.
    pub node: Arc<Node>,
    /// Who somebody is.
    pub auth: Auth,
    /// Who comes in, and when.
    pub admission: Admission,
    /// Rates of commands.
    pub limits: CommandLimits,
}

/// Sets a new connection's socket up.
pub fn on_connect(config: &SessionConfig, stream: &TcpStream) {
    let socket = SockRef::from(stream);
    let keepalive = TcpKeepalive::new().with_time(KEEPALIVE_AFTER);
    let set = [
        socket.set_tcp_nodelay(true),
        socket.set_tcp_user_timeout(Some(UNACKNOWLEDGED_MAX)),
        socket.set_tcp_keepalive(&keepalive),
        if config.send_buffer_bytes > 0 { socket.set_send_buffer_size(config.send_buffer_bytes) } else { Ok(()) },
    ];
    if let Some(error) = set.into_iter().find_map(Result::err) {
        tracing::warn!(error = %error, "a socket option cannot be set");
    }
}

/// The routes: `/ws`, and `/debug/echo` if the configuration has it.
pub fn configure(config: &mut web::ServiceConfig, with_echo: bool) {
    config.route("/ws", web::get().to(open));
    if with_echo {
        config.route("/debug/echo", web::get().to(open_echo));
    }
}

async fn open(request: HttpRequest, gateway: web::Data<Gateway>) -> Result<HttpResponse, actix_web::Error> {
    let address = peer(&request);
    let pass = match let_in(&request, &gateway, address) {
        Ok(pass) => pass,
        Err(refused) => return Ok(*refused),
    };
    // A client that asks for no subprotocol speaks JSON; one that asks only for others is told by their absence.
    let mut response = ws::handshake_with_protocols(&request, &[SUBPROTOCOL_MSGPACK, SUBPROTOCOL_JSON])?.finish();
    let encoding = match response_protocol(&request) {
        Some(SUBPROTOCOL_MSGPACK) => Encoding::MessagePack,
        _ => Encoding::Json,
    };
    HandOver::put(&mut response, move |stream, early| {
        begin_session(gateway.into_inner(), stream, early, encoding, address, pass);
    });
    Ok(response)
}

fn begin_session(
    gateway: Arc<Gateway>,
    stream: TcpStream,
    early: BytesMut,
    encoding: Encoding,
    address: Option<IpAddr>,
    pass: Pass,
) {
    let (frames, lane) = split(&gateway, stream, early);
    let fanout = Fanout::local(&gateway.node);
    Session::create(move |context| {
        context.add_stream(frames);
        let recipient = context.address().recipient();
        let slot = fanout.borrow_mut().register(recipient, Rc::clone(&lane), encoding);
        Session::new(gateway, lane, fanout, slot, encoding, address, pass)
    });
}

async fn open_echo(request: HttpRequest, gateway: web::Data<Gateway>) -> Result<HttpResponse, actix_web::Error> {
    // An echo says no hello, so it is no stranger: it gives the place back at once.
    if let Err(refused) = let_in(&request, &gateway, peer(&request)) {
        return Ok(*refused);
    }
    let mut response = ws::handshake(&request)?.finish();
    HandOver::put(&mut response, move |stream, early| {
        let (frames, lane) = split(&gateway, stream, early);
        actix_web::rt::spawn(echo::run(frames, lane));
    });
    Ok(response)
}

/// The two sides of a connection: messages that come in, and the lane for what goes out.
fn split(gateway: &Gateway, stream: TcpStream, early: BytesMut) -> (Frames<OwnedReadHalf>, Rc<Lane>) {
    let config = &gateway.node.config.session;
    let limits = LaneLimits { reliable_bytes: config.reliable_bytes_max, cells_bytes: config.cells_bytes_max };
    let (reading, writing) = stream.into_split();
    let lane = Lane::new(limits, writing, Arc::clone(&gateway.node.metrics));
    (Frames::new(reading, early, frame_limits(gateway)), Rc::new(lane))
}

fn frame_limits(gateway: &Gateway) -> FrameLimits {
    let config = &gateway.node.config;
    FrameLimits { bytes_max: config.session.frame_bytes_max, per_second: config.limits.frames_per_second }
}

fn peer(request: &HttpRequest) -> Option<IpAddr> {
    request.peer_addr().map(|peer| peer.ip())
}

/// Lets a connection in as a stranger; refuses pages of foreign origins, and everybody when there is no room.
fn let_in(request: &HttpRequest, gateway: &Gateway, address: Option<IpAddr>) -> Result<Pass, Box<HttpResponse>> {
    let config = &gateway.node.config.session;
    let headers = request.headers();
    if !origin_allowed(headers.get(header::ORIGIN), headers.get(header::HOST), &config.allowed_origins) {
        return Err(HttpResponse::Forbidden().body("this origin is not in session.allowed_origins").into());
    }
    if gateway.node.metrics.connections.get() >= i64::try_from(config.connections_max).unwrap_or(i64::MAX) {
        let full = "the server is full; try again later";
        return Err(HttpResponse::ServiceUnavailable().insert_header((header::RETRY_AFTER, "5")).body(full).into());
    }
    gateway.admission.handshake(address).map_err(|seconds| {
        let crowded = "too many are coming in at once; try again later";
        HttpResponse::ServiceUnavailable().insert_header((header::RETRY_AFTER, seconds)).body(crowded).into()
    })
}

/// The first of the subprotocols a client asks for that we speak: the one the handshake chose.
fn response_protocol(request: &HttpRequest) -> Option<&'static str> {
    let asked = request.headers().get(header::SEC_WEBSOCKET_PROTOCOL)?.to_str().ok()?;
    asked
        .split(',')
        .find_map(|name| [SUBPROTOCOL_MSGPACK, SUBPROTOCOL_JSON].into_iter().find(|ours| *ours == name.trim()))
}
