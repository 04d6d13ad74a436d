//! The codes that an `error` carries: one list for the whole server.

macro_rules! error_codes {
    ($($(#[$doc:meta])* $code:ident = $text:literal,)*) => {
        /// Why a command was refused or a message was wrong.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ErrorCode { $($(#[$doc])* $code,)* }

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
}
