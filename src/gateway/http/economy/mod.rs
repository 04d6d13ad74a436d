//! The economy over HTTP: commands in the protocol's envelope, questions as resources. One file per resource; all of
//! them come to the [`desk`].

mod commands;
mod desk;
mod markets;
mod missions;
mod own;

use actix_web::web;

use crate::http::resource::{reading, reading_and_sending, sending};

/// Adds the routes.
pub(super) fn configure(config: &mut web::ServiceConfig) {
    config
        .service(sending("/commands", commands::execute))
        .service(reading("/markets/{hub}", markets::book))
        .service(reading("/markets/{hub}/auctions", markets::auctions))
        .service(reading("/markets/{hub}/contracts", markets::contracts))
        .service(reading("/markets/{hub}/prices", markets::prices))
        .service(reading("/markets/{hub}/offers", markets::offers))
        .service(reading_and_sending("/missions", missions::list, missions::begin))
        .service(reading("/missions/{mission}/ranks", missions::ranks))
        .service(reading("/seasons/{season}/{board}", missions::season_ranks))
        .service(reading("/guilds/{guild}", own::any_guild))
        .service(reading("/me/status", own::status))
        .service(reading("/me/storage", own::storage))
        .service(reading("/me/jobs", own::jobs))
        .service(reading("/me/notifications", own::notifications))
        .service(reading("/me/friends", own::friends))
        .service(reading("/me/guild", own::guild))
        .service(reading("/chat/{channel}/history", own::chat_history));
}
