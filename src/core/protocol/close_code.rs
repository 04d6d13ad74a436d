//! Why the server closes a connection, and what a client does about it.

/// A WebSocket close code of this protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum CloseCode {
    /// 1000: the client said `leave`.
    Normal,
    /// 1002: the frame breaks the WebSocket protocol.
    Protocol,
    /// 1003: a text frame on a binary subprotocol, or the other way round.
    Unsupported,
    /// 1007: the bytes are not a message in the session's encoding.
    Malformed,
    /// 1009: the frame or message is larger than allowed.
    TooLarge,
    /// 1011: the server failed.
    Internal,
    /// 1012: the server restarts.
    Restart,
    /// 1013: no room just now.
    Busy,
    /// 4000: the messages are well-formed but out of order.
    ProtocolOrder,
    /// 4001: no, wrong or expired credentials, or no `hello` in time.
    NotAuthenticated,
    /// 4003: banned or kicked.
    Banned,
    /// 4008: the client did not read for too long.
    TooSlow,
    /// 4009: the same player connected anew.
    Replaced,
    /// 4029: far too many messages.
    RateLimit,
}

impl CloseCode {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::Normal,
        Self::Protocol,
        Self::Unsupported,
        Self::Malformed,
        Self::TooLarge,
        Self::Internal,
        Self::Restart,
        Self::Busy,
        Self::ProtocolOrder,
        Self::NotAuthenticated,
        Self::Banned,
        Self::TooSlow,
        Self::Replaced,
        Self::RateLimit,
    ];

    /// The number on the wire.
    #[must_use]
    pub fn as_u16(self) -> u16 {
        match self {
            Self::Normal => 1000,
            Self::Protocol => 1002,
            Self::Unsupported => 1003,
            Self::Malformed => 1007,
            Self::TooLarge => 1009,
            Self::Internal => 1011,
            Self::Restart => 1012,
            Self::Busy => 1013,
            Self::ProtocolOrder => 4000,
            Self::NotAuthenticated => 4001,
            Self::Banned => 4003,
            Self::TooSlow => 4008,
            Self::Replaced => 4009,
            Self::RateLimit => 4029,
        }
    }

    /// Whether a client should come back by itself.
    #[must_use]
    pub fn reconnect(self) -> bool {
        matches!(self, Self::Internal | Self::Restart | Self::Busy | Self::TooSlow | Self::RateLimit)
    }

    /// How long it should wait before that at least, in milliseconds; [`Self::Busy`] always comes with a hint.
    #[must_use]
    pub fn retry_after_ms(self) -> u64 {
        match self {
            Self::Restart => 1_000,
            Self::Internal | Self::TooSlow => 2_000,
            Self::RateLimit => 10_000,
            _ => 0,
        }
    }
}
