//! The HTTP server of players: its workers, what every request may use, and the service that WebSocket connections are
//! handed over by. It is put together from actix-http's parts, because `HttpServer` has no way to hand a connection over.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_http::{HttpService, Response};
use actix_service::{IntoServiceFactory as _, ServiceFactoryExt as _, map_config};
use actix_web::dev::{AppConfig, Server, ServerHandle};
use actix_web::{App, web};
use anyhow::Context as _;
use socket2::{Domain, Protocol, Socket, Type};

use super::{cores, forget_idle, readiness};
use crate::actors::accounts::Accounts;
use crate::actors::node::Node;
use crate::gateway::CommandLimits;
use crate::gateway::admission::Admission;
use crate::gateway::auth::{Auth, SigningKey};
use crate::gateway::http::{self, AllowedOrigins, CatalogDocument, ClientPage, Readiness};
use crate::gateway::session::{self, Gateway};
use crate::http::password::Passwords;

/// Connections that the kernel keeps until a worker has time for them: a burst of log-ins.
const BACKLOG: i32 = 4_096;

/// How long a client may take to read an answer that came before its request was read whole.
const DISCONNECT_TIME: Duration = Duration::from_secs(1);

/// Starts to listen; the server runs while what is returned last is polled.
///
/// # Errors
/// The address cannot be had, or the signing key not be read.
pub(super) fn start(node: &Arc<Node>, passwords: Passwords) -> anyhow::Result<(SocketAddr, ServerHandle, Server)> {
    let config = &node.config;
    let key = SigningKey::open(&config.auth, &config.server.data)?;
    let auth = Auth::new(Accounts::new(Arc::clone(node)), passwords, &key, &config.auth, &config.limits);
    let limits = CommandLimits::new(&config.limits);
    let admission = Admission::new(Arc::clone(node));
    let gateway = web::Data::new(Gateway { node: Arc::clone(node), auth: auth.clone(), admission, limits });
    actix::spawn(forget_idle(Arc::clone(&gateway)));
    let auth = web::Data::new(auth);
    let catalog = web::Data::new(CatalogDocument::new(&node.catalog)?);
    let metrics = web::Data::from(Arc::clone(&node.metrics));
    let readiness: Arc<dyn Readiness> = Arc::new(readiness::NodeReadiness::new(Arc::clone(node)));
    let readiness = web::Data::from(readiness);
    let origins = web::Data::new(AllowedOrigins(config.session.allowed_origins.clone()));
    let page = web::Data::new(ClientPage::of(&config.server.assets));
    let with_echo = config.debug.echo;
    let app = move || {
        App::new()
            .wrap(http::security_headers())
            .app_data(gateway.clone())
            .app_data(auth.clone())
            .app_data(catalog.clone())
            .app_data(metrics.clone())
            .app_data(readiness.clone())
            .app_data(origins.clone())
            .app_data(page.clone())
            .configure(|routes| session::configure(routes, with_echo))
            .configure(http::configure)
    };

    let listener = listen(config.server.listen)
        .with_context(|| format!("server.listen: failed to listen on {}", config.server.listen))?;
    let address = listener.local_addr().context("server.listen: no address")?;
    let workers = if config.server.workers == 0 { cores() } else { config.server.workers };
    // Those that are handed over do not count here.
    let connections = config.session.connections_max.div_ceil(workers) + 100;
    let session_config = config.session.clone();
    let builder = Server::build()
        .workers(workers)
        .max_concurrent_connections(connections)
        .shutdown_timeout(config.server.shutdown_grace_ms.div_ceil(1_000))
        .disable_signals();
    let stopping = builder.graceful_shutdown_signal();
    let server = builder.listen("players", listener, move || {
        let (stopping, session_config) = (stopping.clone(), session_config.clone());
        let plain = app().into_factory().map_err(|error: actix_web::Error| Response::from(error.error_response()));
        HttpService::build()
            .graceful_shutdown_signal(move || {
                let stopping = stopping.clone();
                async move { stopping.notified().await }
            })
            .client_disconnect_timeout(DISCONNECT_TIME)
            .local_addr(address)
            .on_connect_ext(move |stream, _| session::on_connect(&session_config, stream))
            .finish(map_config(plain, |()| AppConfig::default()))
            .upgrade(Some(session::upgrade(app.clone())))
            .tcp()
    })?;
    let server = server.run();
    Ok((address, server.handle(), server))
}

fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}
