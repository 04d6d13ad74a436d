//! Who can own something: the accounts of the ledger. A [`Party`] is an actor that owns; everything else that value
//! comes from or goes to is [`External`].

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use super::{GuildId, HubKey, MissionId, PlayerId};

/// An actor that owns credits and goods. As text `player:<uuid>`, `market:<hub>`, `mission:<id>`, `guild:<uuid>`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Party {
    /// A player: wallet, hold, storage at hubs, what is being crafted.
    Player(PlayerId),
    /// A hub's market: what is listed, bid or staked there.
    Market(HubKey),
    /// A running mission: what was contributed.
    Mission(MissionId),
    /// A guild: its treasury.
    Guild(GuildId),
}

/// Where value comes from and goes to that no actor owns. Their balances are what the ledger says; those of sources
/// are negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum External {
    /// Objects in space: where collected goods come from.
    Space,
    /// The hubs' own trade: buys goods from players and sells them supplies and ships.
    Hubs,
    /// What new players begin with.
    Start,
    /// What research, crafting and guilds cost.
    Services,
    /// Crafting: takes inputs, gives outputs.
    Workshop,
    /// Fees and taxes.
    Treasury,
    /// The sponsors of missions: pay rewards, take contributions.
    Sponsors,
    /// What operators gave and took.
    Operators,
}

/// A side of a ledger row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Account {
    /// An actor.
    Party(Party),
    /// Under way between two actors: in the outbox.
    Transit,
    /// Outside.
    External(External),
}

/// A text that names no account.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} names no account")]
pub struct PartyError(String);

impl External {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Space,
        Self::Hubs,
        Self::Start,
        Self::Services,
        Self::Workshop,
        Self::Treasury,
        Self::Sponsors,
        Self::Operators,
    ];

    /// The account as it is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Space => "space",
            Self::Hubs => "hubs",
            Self::Start => "start",
            Self::Services => "services",
            Self::Workshop => "workshop",
            Self::Treasury => "treasury",
            Self::Sponsors => "sponsors",
            Self::Operators => "operators",
        }
    }
}

impl Party {
    /// The player, if it is one.
    #[must_use]
    pub fn player(&self) -> Option<PlayerId> {
        match self {
            Self::Player(id) => Some(*id),
            Self::Market(_) | Self::Mission(_) | Self::Guild(_) => None,
        }
    }

    /// Reads what [`fmt::Display`] wrote.
    ///
    /// # Errors
    /// [`PartyError`] when the text names no party.
    pub fn parse(text: &str) -> Result<Self, PartyError> {
        let wrong = || PartyError(text.chars().take(80).collect());
        let (kind, id) = text.split_once(':').ok_or_else(wrong)?;
        match kind {
            "player" => Uuid::parse_str(id).map(|id| Self::Player(PlayerId(id))).map_err(|_| wrong()),
            "market" => HubKey::parse(id).map(Self::Market).map_err(|_| wrong()),
            "mission" => MissionId::parse(id).map(Self::Mission).map_err(|_| wrong()),
            "guild" => Uuid::parse_str(id).map(|id| Self::Guild(GuildId(id))).map_err(|_| wrong()),
            _ => Err(wrong()),
        }
    }
}

impl fmt::Display for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Player(id) => write!(f, "player:{id}"),
            Self::Market(hub) => write!(f, "market:{hub}"),
            Self::Mission(id) => write!(f, "mission:{id}"),
            Self::Guild(id) => write!(f, "guild:{id}"),
        }
    }
}

impl Serialize for Party {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Party {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

impl Account {
    /// Reads what [`fmt::Display`] wrote.
    ///
    /// # Errors
    /// [`PartyError`] when the text names no account.
    pub fn parse(text: &str) -> Result<Self, PartyError> {
        if text == "transit" {
            return Ok(Self::Transit);
        }
        match External::ALL.into_iter().find(|external| external.as_str() == text) {
            Some(external) => Ok(Self::External(external)),
            None => Party::parse(text).map(Self::Party),
        }
    }
}

impl From<Party> for Account {
    fn from(party: Party) -> Self {
        Self::Party(party)
    }
}

impl From<External> for Account {
    fn from(external: External) -> Self {
        Self::External(external)
    }
}

impl From<PlayerId> for Account {
    fn from(player: PlayerId) -> Self {
        Self::Party(Party::Player(player))
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Party(party) => party.fmt(f),
            Self::Transit => f.write_str("transit"),
            Self::External(external) => f.write_str(external.as_str()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_survive_being_written_and_read() {
        let mut accounts = vec![
            Account::Transit,
            Account::from(PlayerId(Uuid::from_u128(7))),
            Account::from(Party::Guild(GuildId(Uuid::from_u128(8)))),
            Account::from(Party::Market(HubKey::parse("luna").unwrap())),
            Account::from(Party::Mission(MissionId::parse("rush_12").unwrap())),
        ];
        accounts.extend(External::ALL.map(Account::External));
        for account in accounts {
            assert_eq!(Account::parse(&account.to_string()), Ok(account));
        }
        for wrong in ["", "player:", "player:x", "bank", "market:X", "transit:1"] {
            assert!(Account::parse(wrong).is_err(), "{wrong}");
        }
    }
}
