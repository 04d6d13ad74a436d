//! The operators' console: an HTTP API under `/console/api/v1`, and the page at `/` that uses it. On a listener of its
//! own; set up by `server`: `App::new().wrap(console::headers(…)).app_data(Data<Console>).configure(console::configure)`.
//!
//! Nothing in here changes the game's state: what owns a thing carries a change out in its mailbox, dry run included,
//! and writes the audit entry in the same commit. Reads are answered from memory or by an index of the store.
//!
//! To add an area: a file or folder with `configure` and `Doc`, a line in [`api`], a line in `openapi::areas`. A handler
//! takes [`Viewer`](access::Viewer), [`Moderator`](access::Moderator) or [`Admin`](access::Admin) as its first argument,
//! says the same as `x-role` in its `utoipa::path` (a test compares), and reads a change by [`change`].

mod access;
mod actors;
mod announcements;
mod asking;
mod audit;
pub(crate) mod change;
mod chat;
mod config;
mod content;
mod docs;
mod erased_names;
mod fallback;
mod guilds;
mod health;
mod leaderboards;
mod logs;
mod maintenance;
mod markets;
mod missions;
mod names;
mod openapi;
mod operated;
mod overview;
mod page;
mod paging;
mod player_history;
mod players;
mod ranks;
mod reports;
mod security_headers;
mod store;
mod unreadable;
mod worlds;

use std::sync::Arc;

use actix_web::middleware::{Compress, from_fn};
use actix_web::web;

use self::access::Access;
use self::fallback::KnownPaths;
use crate::actors::node::Node;
use crate::config::LoadedConfig;
use crate::http::page::Page;
use crate::http::password::Passwords;

pub use security_headers::headers;

/// Where the API is.
pub(crate) const API: &str = "/console/api/v1";

/// What every request may use.
pub struct Console {
    /// The server.
    pub(crate) node: Arc<Node>,
    /// The settings that hold, and where they come from.
    pub(crate) settings: LoadedConfig,
    /// Who may come in.
    pub(crate) access: Access,
    /// One undo at a time.
    undoing: audit::Undoing,
    /// Pictures of worlds.
    pictures: worlds::Pictures,
    /// How large the store's tables are.
    sizes: store::SizeCache,
    page: Arc<Page>,
    paths: KnownPaths,
}

impl Console {
    /// The console of a server.
    #[must_use]
    pub fn new(node: Arc<Node>, settings: LoadedConfig, passwords: &Passwords) -> Self {
        let page = page::of(&node.config.server.assets);
        let paths = KnownPaths::of(&openapi::document());
        let access = Access::new(passwords, &node.config.console);
        let (undoing, pictures) = (audit::Undoing::default(), worlds::Pictures::new(&node));
        Self { node, settings, access, undoing, pictures, sizes: store::SizeCache::default(), page, paths }
    }
}

/// Adds all routes. They need a `web::Data<Console>`, made once and cloned for each worker.
pub fn configure(config: &mut web::ServiceConfig) {
    config
        .service(
            web::scope(API)
                .configure(api)
                .default_service(web::to(fallback::refuse))
                .wrap(from_fn(fallback::head_as_get))
                .wrap(Compress::default()),
        )
        .default_service(web::to(page::show));
}

/// Every area's routes.
fn api(routes: &mut web::ServiceConfig) {
    routes
        .configure(openapi::configure)
        .configure(access::configure)
        .configure(audit::configure)
        .configure(docs::configure)
        .configure(worlds::configure)
        .configure(actors::configure)
        .configure(players::configure)
        .configure(overview::configure)
        .configure(health::configure)
        .configure(logs::configure)
        .configure(config::configure)
        .configure(content::configure)
        .configure(store::configure)
        .configure(player_history::configure)
        .configure(announcements::configure)
        .configure(maintenance::configure)
        .configure(missions::configure)
        .configure(markets::configure)
        .configure(guilds::configure)
        .configure(leaderboards::configure)
        .configure(chat::configure)
        .configure(reports::configure);
}
