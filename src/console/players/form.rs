//! What a change looks like in a request. The rules check everything but its form.

use std::collections::BTreeMap;

use orrery_core::game::player::OperatorChange;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::http::form;
use crate::http::problem::Problem;
use crate::types::Role;

/// A change of a player.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum PlayerChange {
    /// Gives credits and goods: into the storage at `hub`, or into the hold, where they must fit. Admins.
    Grant {
        /// Credits.
        #[serde(default)]
        credits: u64,
        /// Goods, by item.
        #[serde(default)]
        goods: BTreeMap<String, u64>,
        /// The hub.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        hub: Option<String>,
    },
    /// Takes credits and goods: out of the storage at `hub`, or out of the hold. Refused when there is less. Admins.
    Revoke {
        /// Credits.
        #[serde(default)]
        credits: u64,
        /// Goods, by item.
        #[serde(default)]
        goods: BTreeMap<String, u64>,
        /// The hub.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        hub: Option<String>,
    },
    /// Shuts the player out. Moderators.
    Ban {
        /// Until when; `null`: for good.
        #[serde(default)]
        until_ms: Option<u64>,
        /// What the player is told.
        #[schema(min_length = 1, max_length = 500)]
        reason_shown: String,
    },
    /// Ends a ban. Moderators.
    Unban {},
    /// Lets the player not speak. Moderators.
    Mute {
        /// Until when; `null`: for good.
        #[serde(default)]
        until_ms: Option<u64>,
        /// What the player is told.
        #[schema(min_length = 1, max_length = 500)]
        reason_shown: String,
    },
    /// Ends a mute. Moderators.
    Unmute {},
    /// Gives the account another name. Admins.
    Rename {
        /// The name.
        #[schema(min_length = 3, max_length = 24)]
        name: String,
    },
    /// Puts the ship elsewhere. Admins.
    Move {
        /// The world.
        world: String,
        /// Units from its corner.
        x: f64,
        /// Units from its corner.
        y: f64,
    },
    /// Makes a technology known. Admins.
    GrantTech {
        /// Which.
        tech: String,
    },
    /// Makes a technology unknown. Admins.
    RevokeTech {
        /// Which.
        tech: String,
    },
    /// Erases everything personal, for good; what the player owns goes to the operators. Admins.
    Erase {
        /// The account's name.
        confirm: String,
    },
}

impl PlayerChange {
    /// The change that the rules know.
    ///
    /// # Errors
    /// A key is none.
    pub(super) fn read(&self) -> Result<OperatorChange, Problem> {
        // Forms have string keys only and always become JSON.
        let form = serde_json::to_value(self).unwrap_or_default();
        form::read(&form, &["change"]).map_err(|fault| Problem::bad_fields(vec![fault]))
    }
}

/// What one must be to do it.
pub(super) fn needed_role(change: &OperatorChange) -> Role {
    match change {
        OperatorChange::Ban(_) | OperatorChange::Unban {} | OperatorChange::Mute(_) | OperatorChange::Unmute {} => {
            Role::Moderator
        }
        OperatorChange::Grant(_)
        | OperatorChange::Revoke(_)
        | OperatorChange::Rename { .. }
        | OperatorChange::Move { .. }
        | OperatorChange::GrantTech { .. }
        | OperatorChange::RevokeTech { .. }
        | OperatorChange::Erase { .. } => Role::Admin,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_form_is_what_the_rules_know() {
        for change in [
            json!({ "kind": "grant", "credits": 5, "goods": { "ice": 3 }, "hub": "luna_exchange" }),
            json!({ "kind": "revoke", "credits": 5 }),
            json!({ "kind": "ban", "until_ms": null, "reason_shown": "spam" }),
            json!({ "kind": "unban" }),
            json!({ "kind": "mute", "until_ms": 7, "reason_shown": "spam" }),
            json!({ "kind": "unmute" }),
            json!({ "kind": "rename", "name": "Ada" }),
            json!({ "kind": "move", "world": "sol", "x": 1.5, "y": 2.0 }),
            json!({ "kind": "grant_tech", "tech": "ion_tuning" }),
            json!({ "kind": "revoke_tech", "tech": "ion_tuning" }),
            json!({ "kind": "erase", "confirm": "Ada" }),
        ] {
            let form: PlayerChange = serde_json::from_value(change.clone()).unwrap();
            assert_eq!(form.read().unwrap(), serde_json::from_value(change.clone()).unwrap(), "{change}");
            assert_eq!(form.read().unwrap().kind(), change["kind"], "{change}");
        }
        let wrong = json!({ "kind": "grant", "goods": { "ice": 1, "No Key": 1 }, "hub": "luna_exchange" });
        let refused = serde_json::from_value::<PlayerChange>(wrong).unwrap().read().unwrap_err().to_string();
        assert!(refused.starts_with("bad_request: change.goods.No Key "), "{refused}");
    }
}
