//! Who may come in, and as what: log-in, sessions, tokens, operators' accounts.

mod extract;

use utoipa::OpenApi;

pub(crate) use self::extract::{Admin, Moderator, Viewer};

/// The cookie that a session is known by.
pub(super) const COOKIE: &str = "orrery_console";

#[derive(OpenApi)]
pub(super) struct Doc;

/// The door.
pub(crate) struct Access;

impl Access {
    pub(super) fn new() -> Self {
        Self
    }
}
