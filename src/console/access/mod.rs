//! Who may come in, and as what: log-in, sessions, tokens, operators' accounts. The accounts themselves belong to the
//! actor of operators ([`crate::actors::operators`]); here passwords are hashed, cookies set, and requests let pass.

mod address_limit;
mod cookie;
mod extract;
mod operators;
mod own;
mod problems;
mod session;
mod tokens;

use actix_web::web;
use utoipa::OpenApi;

use self::address_limit::AddressLimit;
pub(super) use self::extract::not_allowed;
pub(crate) use self::extract::{Admin, Caller, Moderator, Viewer};
pub(super) use self::operators::undo;
use crate::config::ConsoleConfig;
use crate::http::password::Passwords;

/// The cookie that a session is known by; with a prefix when it is for HTTPS only.
pub(super) const COOKIE: &str = "orrery_console";

#[derive(OpenApi)]
#[openapi(paths(
    session::log_in,
    session::show,
    session::log_out,
    own::change_password,
    own::begin_totp,
    own::confirm_totp,
    own::clear_totp,
    operators::list,
    operators::create,
    operators::show,
    operators::change_operator,
    tokens::list,
    tokens::create,
    tokens::delete
))]
pub(super) struct Doc;

pub(super) fn configure(config: &mut web::ServiceConfig) {
    config
        .service(session::log_in)
        .service(session::show)
        .service(session::log_out)
        .service(own::change_password)
        .service(own::begin_totp)
        .service(own::confirm_totp)
        .service(own::clear_totp)
        .service(operators::list)
        .service(operators::create)
        .service(operators::show)
        .service(operators::change_operator)
        .service(tokens::list)
        .service(tokens::create)
        .service(tokens::delete);
}

/// The door.
pub(crate) struct Access {
    passwords: Passwords,
    log_ins: AddressLimit,
}

impl Access {
    pub(super) fn new(passwords: &Passwords, config: &ConsoleConfig) -> Self {
        Self { passwords: passwords.with_own_places(), log_ins: AddressLimit::new(config.logins_per_address) }
    }
}
