//! Persister and store: how far what happened is durable, what is under way, how large the tables are.

mod outbox;
mod state;
mod tables;

use actix_web::web::ServiceConfig;
use utoipa::OpenApi;

pub(super) use self::tables::SizeCache;

#[derive(OpenApi)]
#[openapi(paths(state::show_store, outbox::list_outbox))]
pub(super) struct Doc;

/// Adds the routes.
pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(state::show_store).service(outbox::list_outbox);
}
