//! The HTTP API for players, their page, and what operators' tools poll. Set up by `server`:
//! `App::new().wrap(http::security_headers()).app_data(…).configure(http::configure)`.
//!
//! To add an endpoint: a handler in its resource's file, a line in `api` (or in `economy`), a row in PROTOCOL.md, and a
//! test here or in `tests/server`.

mod asyncapi;
mod auth;
mod auth_problem;
mod bearer;
mod catalog;
mod cross_origin;
mod document;
mod economy;
mod health;
mod page;

use actix_web::dev::HttpServiceFactory;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use actix_web::middleware::{Compress, DefaultHeaders, from_fn};
use actix_web::web;

pub use catalog::CatalogDocument;
pub use cross_origin::AllowedOrigins;
pub use health::{Check, Readiness};
pub use page::ClientPage;

use crate::http::resource::{not_found, reading, sending};

/// Adds all routes; every other address is a file of the page, or not found. They need these `app_data`, each in a `web::Data` that is made
/// once and cloned for each worker:
/// - [`Auth`](super::auth::Auth),
/// - [`CatalogDocument`],
/// - [`Metrics`](crate::telemetry::Metrics),
/// - `dyn` [`Readiness`] (`web::Data::from(Arc<dyn Readiness>)`),
/// - [`Gateway`](super::session::Gateway),
/// - [`AllowedOrigins`],
/// - [`ClientPage`].
pub fn configure(config: &mut web::ServiceConfig) {
    config
        .service(api())
        .service(reading("/healthz", health::alive))
        .service(reading("/readyz", health::ready))
        .service(reading("/metrics", health::metrics))
        .default_service(web::to(page::show));
}

/// What every answer carries, unless it brings its own: nothing is sniffed, told to other sites, shown in a frame, or
/// kept by caches.
#[must_use]
pub fn security_headers() -> DefaultHeaders {
    DefaultHeaders::new()
        .add((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .add((REFERRER_POLICY, "no-referrer"))
        .add((CONTENT_SECURITY_POLICY, "frame-ancestors 'none'"))
        .add((CACHE_CONTROL, "no-store"))
}

fn api() -> impl HttpServiceFactory {
    web::scope("/api/v1")
        .service(sending("/auth/register", auth::register))
        .service(sending("/auth/login", auth::login))
        .service(sending("/auth/refresh", auth::refresh))
        .service(sending("/auth/logout", auth::logout))
        .service(sending("/auth/claim", auth::claim))
        .service(reading("/catalog", catalog::show))
        .service(reading("/asyncapi.json", asyncapi::show))
        .configure(economy::configure)
        .default_service(web::to(not_found))
        .wrap(from_fn(cross_origin::share))
        .wrap(Compress::default())
}

#[cfg(test)]
mod tests;
