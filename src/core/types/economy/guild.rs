//! Guilds.

use serde::{Deserialize, Serialize};

use super::wire;
use crate::types::{Credits, GuildId, Millis, PlayerId};

/// What a member may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Deposits, and withdraws what the role's limit allows.
    Member,
    /// Also invites, throws members out, and sets the message of the day.
    Officer,
    /// Everything. There is one.
    Leader,
}

wire! {
    /// A body with nothing in it.
    Nothing {}
    /// `found_guild`.
    FoundGuild {
        /// Its name, unique: 3 to 24 characters like a player's.
        name: String,
    }
    /// `invite` and `kick`.
    Member {
        /// Whom.
        player: PlayerId,
    }
    /// `accept_invite` and `decline_invite`.
    Which {
        /// The guild.
        guild: GuildId,
    }
    /// `set_role`. Making somebody else leader makes the old one an officer.
    SetRole {
        /// Whose.
        player: PlayerId,
        /// Which.
        role: Role,
    }
    /// `guild_deposit` and `guild_withdraw`.
    Amount {
        /// How much; at least 1.
        credits: Credits,
    }
    /// `set_limit`.
    SetLimit {
        /// Whose limit; the leader has none.
        role: Role,
        /// How much each member of this role may withdraw a day.
        credits: Credits,
    }
    /// `set_motd`.
    SetMotd {
        /// The message of the day; at most 500 characters.
        text: String,
    }
    /// `guild`: the player's own, or another.
    AskGuild {
        /// Which; the player's own, when left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        guild: Option<GuildId>,
    }
    /// Answers `found_guild`.
    GuildFounded {
        /// Its id.
        guild: GuildId,
        /// Its name.
        name: String,
        /// What it cost.
        fee: Credits,
    }
    /// Answers the other deals with a guild.
    GuildChanged {
        /// The guild.
        guild: GuildId,
        /// The treasury after it; 0 for who may not see it.
        treasury: Credits,
    }
    /// A member.
    MemberView {
        /// Who.
        player: PlayerId,
        /// The name.
        name: String,
        /// The role.
        role: Role,
        /// Since when.
        joined_ms: Millis,
    }
    /// Answers `guild`. What only members may see is left empty for others.
    GuildView {
        /// Its id.
        guild: GuildId,
        /// Its name.
        name: String,
        /// The message of the day; members only.
        motd: String,
        /// The treasury; members only.
        treasury: Credits,
        /// The members, by role and name.
        members: Vec<MemberView>,
        /// Withdrawals a day of a member; members only.
        member_limit: Credits,
        /// Withdrawals a day of an officer; members only.
        officer_limit: Credits,
    }
}
