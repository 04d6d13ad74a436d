//! What a handler takes to say who may use it: [`Viewer`], [`Moderator`], [`Admin`]. A request that comes without a
//! session or token, with too small a role, or without proof that our own page sent it, does not reach the handler.

use std::future::{Ready, ready};
use std::ops::Deref;

use actix_web::dev::Payload;
use actix_web::http::{Method, StatusCode};
use actix_web::{FromRequest, HttpRequest, web};

use super::cookie;
use crate::actors::node::now;
use crate::actors::operators::Inside;
use crate::console::Console;
use crate::http::problem::Problem;
use crate::http::who::{address, bearer};
use crate::types::{By, Role};

/// Who a request comes from, and what it may do.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// Who.
    pub(crate) by: By,
    /// As what, and by which session.
    pub(crate) inside: Inside,
}

macro_rules! roles {
    ($($(#[$doc:meta])* $name:ident,)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub(crate) struct $name(pub(crate) Caller);

        impl Deref for $name {
            type Target = By;

            fn deref(&self) -> &By {
                &self.0.by
            }
        }

        impl FromRequest for $name {
            type Error = Problem;
            type Future = Ready<Result<Self, Problem>>;

            fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
                ready(admit(request, Role::$name).map(Self))
            }
        }
    )*};
}
roles! {
    /// Any operator.
    Viewer,
    /// An operator who keeps order, or an admin.
    Moderator,
    /// An admin.
    Admin,
}

fn admit(request: &HttpRequest, needed: Role) -> Result<Caller, Problem> {
    let inside = identify(request)?;
    if inside.role < needed {
        return Err(not_allowed(needed));
    }
    let by = By { operator: inside.operator, name: inside.name.clone(), address: address(request).to_string() };
    Ok(Caller { by, inside })
}

/// Who sends a request; by a token when it brings one, else by the cookie.
fn identify(request: &HttpRequest) -> Result<Inside, Problem> {
    let console = request.app_data::<web::Data<Console>>().ok_or_else(not_authenticated)?;
    let (operators, config) = (&console.node.operators, &console.node.config.console);
    if let Some(token) = bearer(request) {
        let (inside, used) = operators.doors.by_token(token, now()).ok_or_else(not_authenticated)?;
        used.into_iter().for_each(|used| operators.token_used(used));
        return Ok(inside);
    }
    let secret = cookie::read(request, config.secure_cookies).ok_or_else(not_authenticated)?;
    let inside = operators.doors.by_session(&secret, config, now()).ok_or_else(not_authenticated)?;
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        cookie::check_csrf(request, &secret)?;
    }
    Ok(inside)
}

fn not_authenticated() -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "not_authenticated", "log in first, or bring a token")
}

/// 403: the role is too small.
pub(crate) fn not_allowed(needed: Role) -> Problem {
    Problem::new(StatusCode::FORBIDDEN, "not_allowed", format!("this is for {needed}s")).with("needed", needed.as_str())
}
