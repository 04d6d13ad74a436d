//! What goes from one account to another: value, and why. A transfer is in the outbox from the commit in which it
//! leaves its sender until the commit in which its receiver has it, and so is never lost and never doubled.
//!
//! A player asks another actor for something by a [`Request`] that takes the value along that it may cost; the actor
//! answers every request with exactly one [`Reply`] that brings back what was not used, or what was bought. Everything
//! else that comes to a player is a [`Parcel`].

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::LedgerReason;
use crate::types::economy::Deal;
use crate::types::economy::event::Notice;
use crate::types::{
    Account, CommandId, Credits, GuildId, Holdings, HubKey, ObjectId, Party, PlayerId, Refusal, TransferId,
};

/// Value on its way. Under way it is on the account [`Account::Transit`].
#[derive(Clone, Debug, PartialEq)]
pub struct Transfer {
    /// What makes it happen once only.
    pub id: TransferId,
    /// Where it comes from.
    pub from: Account,
    /// Who gets it.
    pub to: Party,
    /// The value; may be nothing, then it is a letter.
    pub holdings: Holdings,
    /// Why, for the ledger: the same at both ends.
    pub reason: LedgerReason,
    /// What it is for.
    pub purpose: Purpose,
}

/// What a transfer is for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// A collected object's goods; settles the command.
    Collected {
        /// The command that collected it.
        command: CommandId,
        /// The object.
        object: ObjectId,
    },
    /// A player's deal that another actor decides.
    Request(Box<Request>),
    /// The answer to a request.
    Reply(Box<Reply>),
    /// Something else, to a player; to a guild, that a member has another name.
    Parcel(Box<Parcel>),
}

/// A player's deal that another actor decides.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// Who asks.
    pub player: PlayerId,
    /// The player's name.
    pub name: String,
    /// The command.
    pub command: CommandId,
    /// The command's hash, for who repeats it.
    pub fingerprint: u64,
    /// What is asked for.
    pub deal: Deal,
}

/// The answer to a request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reply {
    /// To which command.
    pub command: CommandId,
    /// The command's hash.
    pub fingerprint: u64,
    /// What became of it.
    pub outcome: Outcome,
    /// The hub in whose storage goods that come along are put; into the hold, when there is none.
    pub hub: Option<HubKey>,
    /// What changes for the player besides.
    pub changes: Vec<PlayerChange>,
}

/// Something that comes to a player without having been asked for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Parcel {
    /// The hub in whose storage goods that come along are put; into the hold, when there is none.
    pub hub: Option<HubKey>,
    /// What to tell the player.
    pub notice: Option<Notice>,
    /// What changes for the player besides.
    pub changes: Vec<PlayerChange>,
}

/// What became of a request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Done; the receipt is what the player is answered.
    Done(Value),
    /// Refused, without a trace: all value comes back.
    Refused(Refusal),
}

impl Outcome {
    /// From a rule's result.
    pub fn of<T: Serialize>(result: &Result<T, Refusal>) -> Self {
        match result {
            // Receipts have string keys only and always become JSON.
            Ok(receipt) => Self::Done(serde_json::to_value(receipt).unwrap_or_default()),
            Err(refusal) => Self::Refused(refusal.clone()),
        }
    }
}

/// What another actor changes about a player, along with a transfer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlayerChange {
    /// The player is a member of this guild now.
    JoinedGuild(GuildId),
    /// The player is no longer a member of this guild, or did not become one.
    LeftGuild(GuildId),
    /// This much has changed hands in a trade of the player's: for the season.
    Traded(Credits),
    /// Score in a mission: for the season.
    MissionScore(u64),
    /// Another player wishes to be friends.
    FriendAsked {
        /// Who.
        player: PlayerId,
        /// The name.
        name: String,
        /// The number of the letter that says so.
        wish: u64,
    },
    /// Another player ends the friendship or the request.
    FriendGone {
        /// Who.
        player: PlayerId,
        /// The receiver's last wish that this ends: the number of its letter; 0 for none.
        ended: u64,
    },
    /// Another player, a friend or a member of the guild that is told, has another name now.
    Renamed {
        /// Who.
        player: PlayerId,
        /// The name.
        name: String,
    },
}
