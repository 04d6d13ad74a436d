//! What a handler takes to say who may use it: [`Viewer`], [`Moderator`], [`Admin`]. A request that comes without a
//! session or token, or with too small a role, does not reach the handler.

use std::future::{Ready, ready};
use std::ops::Deref;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpRequest, web};

use crate::console::Console;
use crate::http::problem::Problem;
use crate::types::{By, Role};

/// Who a request comes from, and what it may do.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// Who.
    pub(crate) by: By,
    /// As what.
    pub(crate) role: Role,
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
    let console = request.app_data::<web::Data<Console>>();
    let caller = console.and_then(|_| None::<Caller>).ok_or_else(not_authenticated)?;
    if caller.role >= needed { Ok(caller) } else { Err(not_allowed(needed)) }
}

fn not_authenticated() -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "not_authenticated", "log in first, or bring a token")
}

fn not_allowed(needed: Role) -> Problem {
    Problem::new(StatusCode::FORBIDDEN, "not_allowed", format!("this is for {needed}s")).with("needed", needed.as_str())
}
