//! `GET /ws`: from an HTTP request to a session.

use std::os::fd::{AsFd as _, OwnedFd};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix::{Actor as _, AsyncContext as _};
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, dev::Extensions, web};
use actix_web_actors::ws;
use orrery_core::protocol::{Encoding, SUBPROTOCOL_JSON, SUBPROTOCOL_MSGPACK};
use socket2::{SockRef, TcpKeepalive};

use super::actor::Session;
use super::body::SessionBody;
use super::echo;
use super::frames::{FrameLimits, Frames};
use crate::actors::fanout::{Fanout, Lane, LaneLimits};
use crate::actors::node::Node;
use crate::config::SessionConfig;
use crate::gateway::CommandLimits;
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
    /// Rates of commands.
    pub limits: CommandLimits,
}

/// A connection's socket, kept to cut a peer that reads nothing.
#[derive(Clone)]
pub struct ConnectionSocket(Arc<OwnedFd>);

impl ConnectionSocket {
    /// Cuts the connection, whatever still waits to be sent.
    pub(super) fn cut(&self) {
        // Fails only if the peer was faster.
        let _ = SockRef::from(&*self.0).shutdown(std::net::Shutdown::Both);
    }
}

/// Sets a new connection's socket up; for `HttpServer::on_connect`.
pub fn on_connect(config: &SessionConfig, connection: &dyn std::any::Any, data: &mut Extensions) {
    let Some(stream) = connection.downcast_ref::<actix_web::rt::net::TcpStream>() else { return };
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
    match stream.as_fd().try_clone_to_owned() {
        Ok(owned) => drop(data.insert(ConnectionSocket(Arc::new(owned)))),
        Err(error) => tracing::warn!(error = %error, "a socket's handle cannot be kept"),
    }
}

/// The routes: `/ws`, and `/debug/echo` if the configuration has it.
pub fn configure(config: &mut web::ServiceConfig, with_echo: bool) {
    config.route("/ws", web::get().to(open));
    if with_echo {
        config.route("/debug/echo", web::get().to(open_echo));
    }
}

async fn open(
    request: HttpRequest,
    payload: web::Payload,
    gateway: web::Data<Gateway>,
) -> Result<HttpResponse, actix_web::Error> {
    let config = &gateway.node.config.session;
    if let Some(refused) = refuse(&request, &gateway) {
        return Ok(refused);
    }
    // A client that asks for no subprotocol speaks JSON; one that asks only for others is told by their absence.
    let mut response = ws::handshake_with_protocols(&request, &[SUBPROTOCOL_MSGPACK, SUBPROTOCOL_JSON])?;
    let encoding = match response_protocol(&request) {
        Some(SUBPROTOCOL_MSGPACK) => Encoding::MessagePack,
        _ => Encoding::Json,
    };
    let limits = LaneLimits { reliable_bytes: config.reliable_bytes_max, cells_bytes: config.cells_bytes_max };
    let lane = Rc::new(Lane::new(limits));
    let body = SessionBody::new(Rc::clone(&lane), Arc::clone(&gateway.node.metrics));
    let frames = Frames::new(payload, frame_limits(&gateway));
    let socket = request.conn_data::<ConnectionSocket>().cloned();
    let address = request.peer_addr().map(|peer| peer.ip());
    let fanout = Fanout::local(&gateway.node);

    Session::create(move |context| {
        context.add_stream(frames);
        let recipient = context.address().recipient();
        let slot = fanout.borrow_mut().register(recipient, Rc::clone(&lane), encoding);
        Session::new(gateway.into_inner(), lane, fanout, slot, encoding, socket, address)
    });
    Ok(response.body(body))
}

async fn open_echo(
    request: HttpRequest,
    payload: web::Payload,
    gateway: web::Data<Gateway>,
) -> Result<HttpResponse, actix_web::Error> {
    let mut response = ws::handshake(&request)?;
    let config = &gateway.node.config.session;
    let limits = LaneLimits { reliable_bytes: config.reliable_bytes_max, cells_bytes: config.cells_bytes_max };
    let lane = Rc::new(Lane::new(limits));
    let frames = Frames::new(payload, frame_limits(&gateway));
    let body = SessionBody::new(Rc::clone(&lane), Arc::clone(&gateway.node.metrics));
    actix_web::rt::spawn(echo::run(frames, lane));
    Ok(response.body(body))
}

fn frame_limits(gateway: &Gateway) -> FrameLimits {
    let config = &gateway.node.config;
    FrameLimits { bytes_max: config.session.frame_bytes_max, per_second: config.limits.frames_per_second }
}

/// Refuses pages of foreign origins, and everybody when there is no room.
fn refuse(request: &HttpRequest, gateway: &Gateway) -> Option<HttpResponse> {
    let config = &gateway.node.config.session;
    let headers = request.headers();
    if !origin_allowed(headers.get(header::ORIGIN), headers.get(header::HOST), &config.allowed_origins) {
        return Some(HttpResponse::Forbidden().body("this origin is not in session.allowed_origins"));
    }
    if gateway.node.metrics.connections.get() >= i64::try_from(config.connections_max).unwrap_or(i64::MAX) {
        let full = "the server is full; try again later";
        return Some(HttpResponse::ServiceUnavailable().insert_header((header::RETRY_AFTER, "5")).body(full));
    }
    None
}

/// The first of the subprotocols a client asks for that we speak: the one the handshake chose.
fn response_protocol(request: &HttpRequest) -> Option<&'static str> {
    let asked = request.headers().get(header::SEC_WEBSOCKET_PROTOCOL)?.to_str().ok()?;
    asked
        .split(',')
        .find_map(|name| [SUBPROTOCOL_MSGPACK, SUBPROTOCOL_JSON].into_iter().find(|ours| *ours == name.trim()))
}
