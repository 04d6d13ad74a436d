//! The codes that an `error` carries: one list for the whole server.

macro_rules! error_codes {
    ($($(#[$doc:meta])* $code:ident = $text:literal,)*) => {
        /// Why a command was refused or a message was wrong.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[cfg_attr(test, derive(schemars::JsonSchema))]
        pub enum ErrorCode { $($(#[$doc])* #[cfg_attr(test, schemars(rename = $text))] $code,)* }

        impl ErrorCode {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$code),*];

            /// The code on the wire.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$code => $text,)* }
            }
        }
    };
}

impl serde::Serialize for ErrorCode {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> serde::Deserialize<'de> for ErrorCode {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <String as serde::Deserialize>::deserialize(deserializer)?;
        let known = Self::ALL.iter().copied().find(|code| code.as_str() == text);
        known.ok_or_else(|| serde::de::Error::custom(format_args!("{text:.60?} is no error code")))
    }
}

error_codes! {
    /// The message is not understood: its type is unknown.
    UnknownType = "unknown_type",
    /// A field is missing, of the wrong type or out of range; `message` names it.
    BadRequest = "bad_request",
    /// The command has an effect and therefore needs an id.
    IdRequired = "id_required",
    /// This id was used before, for another command.
    IdReused = "id_reused",
    /// Too many commands of this class; see `retry_after_ms`.
    RateLimited = "rate_limited",
    /// A queue is full; see `retry_after_ms`. Nothing happened.
    Busy = "busy",
    /// The store does not answer. Whether the command took effect is unknown: ask again with the same id.
    StorageUnavailable = "storage_unavailable",
    /// The server failed while it handled the command: ask again with the same id.
    Internal = "internal",
    /// The galaxy is closed for maintenance; see `retry_after_ms`. Nothing happened.
    Maintenance = "maintenance",
    /// Credentials are missing, wrong or expired.
    NotAuthenticated = "not_authenticated",
    /// The command is switched off in this server's configuration.
    Disabled = "disabled",
    /// The ship is between two worlds.
    InTransit = "in_transit",
    /// There is no such object (any more): somebody else may have been faster.
    ObjectGone = "object_gone",
    /// The object, gate or hub is out of reach; `distance` and `range` in fixed-point steps.
    OutOfRange = "out_of_range",
    /// The hold is too full; `needed` and `free` volume.
    CargoFull = "cargo_full",
    /// The world has no such gate.
    UnknownGate = "unknown_gate",
    /// The world has no such hub.
    UnknownHub = "unknown_hub",
    /// The catalogue has no such item.
    UnknownItem = "unknown_item",
    /// The hub does not buy this item.
    NotBought = "not_bought",
    /// The player has fewer; `have`.
    NotEnoughGoods = "not_enough_goods",
    /// The wallet holds less; `needed` and `have`.
    NotEnoughCredits = "not_enough_credits",
    /// The wallet or an amount would exceed its largest value.
    AmountTooLarge = "amount_too_large",
    /// The catalogue has no such technology.
    UnknownTech = "unknown_tech",
    /// The technology is known already.
    AlreadyKnown = "already_known",
    /// A requirement is not known yet; `missing`.
    RequirementMissing = "requirement_missing",
    /// Another research is under way; `tech` and `due_ms`.
    ResearchRunning = "research_running",
    /// No research is under way.
    NoResearch = "no_research",
    /// There is no such order, auction, contract, job, member, friend or line (any more).
    NotFound = "not_found",
    /// It is somebody else's.
    NotYours = "not_yours",
    /// It is the player's own: nobody trades with themselves.
    OwnOffer = "own_offer",
    /// The price has changed; `price` is what it is now.
    PriceChanged = "price_changed",
    /// Fewer are offered; `available`.
    NotAvailable = "not_available",
    /// The bid is too low; `minimum`.
    BidTooLow = "bid_too_low",
    /// It has ended.
    Ended = "ended",
    /// It has begun and cannot be taken back: there is a bid, or somebody has accepted.
    Committed = "committed",
    /// Somebody else has accepted the contract, or nobody has.
    NotAccepted = "not_accepted",
    /// A bound was reached; `limit` says how many are allowed.
    LimitReached = "limit_reached",
    /// The hub does not sell or make this.
    NotSold = "not_sold",
    /// The catalogue has no such blueprint.
    UnknownBlueprint = "unknown_blueprint",
    /// The catalogue has no such ship.
    UnknownShip = "unknown_ship",
    /// There is no such player.
    UnknownPlayer = "unknown_player",
    /// There is no such mission, or not any more.
    UnknownMission = "unknown_mission",
    /// The mission must be joined first.
    NotJoined = "not_joined",
    /// The mission does not need this now.
    NotNeeded = "not_needed",
    /// There is no such guild.
    UnknownGuild = "unknown_guild",
    /// The player is in a guild, or about to be.
    InGuild = "in_guild",
    /// The player is in no guild.
    NoGuild = "no_guild",
    /// The player was not invited.
    NotInvited = "not_invited",
    /// The player's role does not allow it.
    NotAllowed = "not_allowed",
    /// The name is taken.
    NameTaken = "name_taken",
    /// The other player does not want to be reached.
    Blocked = "blocked",
    /// The operators have shut the player out; `reason`, and `until_ms` unless it is for good.
    Banned = "banned",
    /// The operators let the player not speak; `reason`, and `until_ms` unless it is for good.
    Muted = "muted",
}
