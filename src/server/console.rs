//! The HTTP server of the operators' console: a listener and workers of its own, so that neither a crowd of players nor
//! what keeps strangers out is in the operators' way.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use actix_web::dev::{Server, ServerHandle};
use actix_web::{App, HttpServer, web};
use anyhow::Context as _;

use crate::actors::node::Node;
use crate::config::LoadedConfig;
use crate::console::{self, Console};
use crate::gateway::auth::SigningKey;
use crate::http::password::Passwords;

/// Operators are few.
const WORKERS: usize = 2;
const CONNECTIONS_MAX: usize = 256;
/// How long a stop waits for answers under way, in seconds.
const SHUTDOWN_SECONDS: u64 = 2;

/// Starts to listen; `None` when `console.listen` is empty. The server runs while what is returned last is polled.
///
/// # Errors
/// The address cannot be had.
pub(super) fn start(
    node: &Arc<Node>,
    settings: LoadedConfig,
    passwords: &Passwords,
) -> anyhow::Result<Option<(SocketAddr, ServerHandle, Server)>> {
    let Some(address) = node.config.console.address() else { return Ok(None) };
    let https = node.config.console.secure_cookies;
    let console = web::Data::new(Console::new(Arc::clone(node), settings, passwords));
    let key = SigningKey::open(&node.config.auth, &node.config.server.data)?;
    let pass = web::Data::new(key.pass_key());
    let app = move || {
        let app = App::new().wrap(console::headers(https)).app_data(console.clone()).app_data(pass.clone());
        app.configure(console::configure)
    };
    let taken = || format!("console.listen: failed to listen on {address}");
    let listener = TcpListener::bind(address).with_context(taken)?;
    let address = listener.local_addr().context("console.listen: no address")?;
    let server = HttpServer::new(app)
        .workers(WORKERS)
        .max_connections(CONNECTIONS_MAX)
        .shutdown_timeout(SHUTDOWN_SECONDS)
        .disable_signals()
        .listen(listener)?
        .run();
    Ok(Some((address, server.handle(), server)))
}
