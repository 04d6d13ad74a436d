//! A player's side of guilds: in which one the player is, and what the player asks it for. The guild itself decides.

use serde::{Deserialize, Serialize};

use super::{DealContext, Player, Prepared};
use crate::game::{Effects, PlayerChange};
use crate::types::economy::Deal;
use crate::types::{ErrorCode, GuildId, Refusal};

/// In which guild the player is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Membership {
    /// In none.
    #[default]
    None,
    /// About to join or found this one: the guild has not answered yet.
    Joining(GuildId),
    /// In this one.
    In(GuildId),
}

impl Player {
    pub(super) fn guild_deal(&mut self, _: &Deal, _: &DealContext<'_>, _: &mut Effects) -> Result<Prepared, Refusal> {
        Err(Refusal::new(ErrorCode::Disabled, "not built yet"))
    }

    pub(super) fn guild_change(&mut self, _: &PlayerChange) {}
}
