//! Friends, blocks and mutes.

use serde::{Deserialize, Serialize};

use super::{DealContext, Player, Prepared};
use crate::game::{Effects, PlayerChange, Rule};
use crate::types::economy::Deal;
use crate::types::{ErrorCode, Refusal};

/// A player's relations.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Social {}

impl Player {
    pub(super) fn social_deal(&mut self, _: &Deal, _: &DealContext<'_>, _: &mut Effects) -> Result<Prepared, Refusal> {
        Err(Refusal::new(ErrorCode::Disabled, "not built yet"))
    }

    pub(super) fn social_change(&mut self, _: &PlayerChange, _: &Rule<'_>, _: &mut Effects) {}
}
