//! What operators announce to everybody: body on the wire, state of the rules and stored document in one.

use serde::{Deserialize, Serialize};

use super::{AnnouncementId, Millis};

/// How loud it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AnnouncementLevel {
    /// Good to know.
    Info,
    /// Everybody should read it.
    Warning,
    /// Maintenance is coming or under way.
    Maintenance,
}

/// An announcement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Announcement {
    /// Its id: one that comes again takes the place of the one before.
    pub announcement: AnnouncementId,
    /// What is announced: 1 to 500 characters.
    pub text: String,
    /// How loud it is.
    pub level: AnnouncementLevel,
    /// Since when.
    pub at_ms: Millis,
    /// Until when; without it, until it is said to be over.
    #[serde(default)]
    pub until_ms: Option<Millis>,
    /// When what it tells of begins: to count down to.
    #[serde(default)]
    pub starts_ms: Option<Millis>,
    /// Whether it is over, and need not be shown any longer.
    #[serde(default)]
    pub over: bool,
}
