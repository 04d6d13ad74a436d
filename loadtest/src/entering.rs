//! Coming in: from an address to a welcome, or the reason why not and when to try again. For bots and profiles.

use std::fmt;
use std::io;
use std::time::Duration;

use orrery_core::protocol::client_message::Hello;
use orrery_core::protocol::server_message::Welcome;
use orrery_core::protocol::{ClientMessage, DecodeError, Encoding, ErrorBody, ErrorCode, ServerMessage};
use tokio::time::sleep;

use crate::connection::{Connection, Received, Refusal};
use crate::dice::Dice;
use crate::http::ServerUrl;

/// The share by which a hint is stretched at random, at most.
const STRETCH: f64 = 0.05;

/// Why somebody is not in.
#[derive(Debug)]
pub enum NotIn {
    /// The handshake was answered with another status than 101.
    Handshake(Refusal),
    /// `hello` was answered with an error.
    Refused(Box<ErrorBody>),
    /// `hello` was answered with bytes that are no message: a fault of the server.
    Undecodable(DecodeError),
    /// There is no connection.
    Lost(io::Error),
}

impl NotIn {
    /// How long the server asks to wait, if it does.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Handshake(refusal) => refusal.retry_after,
            Self::Refused(error) => error.retry_after_ms.map(Duration::from_millis),
            Self::Undecodable(_) | Self::Lost(_) => None,
        }
    }

    /// A short name to count it by.
    #[must_use]
    pub fn code(&self) -> String {
        match self {
            Self::Handshake(refusal) => format!("handshake_{}", refusal.status),
            Self::Refused(error) => error.code.clone(),
            Self::Undecodable(_) => "undecodable".to_owned(),
            Self::Lost(error) => format!("connect_{:?}", error.kind()).to_lowercase(),
        }
    }

    /// Whether the server only has no room now, or is closed for maintenance: it says when to come back.
    #[must_use]
    pub fn is_crowded(&self) -> bool {
        match self {
            Self::Handshake(refusal) => refusal.status == 503,
            Self::Refused(error) => {
                [ErrorCode::Busy, ErrorCode::Maintenance].iter().any(|code| error.code == code.as_str())
            }
            Self::Undecodable(_) | Self::Lost(_) => false,
        }
    }
}

impl fmt::Display for NotIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Handshake(refusal) => refusal.fmt(f),
            Self::Refused(error) => write!(f, "hello was refused: {} {}", error.code, error.message),
            Self::Undecodable(error) => write!(f, "hello was answered with nonsense: {error}"),
            Self::Lost(error) => write!(f, "no connection: {error}"),
        }
    }
}

impl std::error::Error for NotIn {}

impl From<io::Error> for NotIn {
    fn from(error: io::Error) -> Self {
        match error.get_ref().and_then(|inner| inner.downcast_ref::<Refusal>()) {
            Some(refusal) => Self::Handshake(refusal.clone()),
            None => Self::Lost(error),
        }
    }
}

/// How long to wait for what a server asked: never shorter, and longer by a little chance.
#[must_use]
pub fn stretched(asked: Duration, dice: &mut Dice) -> Duration {
    asked.mul_f64(1.0 + STRETCH * dice.unit())
}

/// Connects and says hello, once. `salt` makes masks differ between connections.
///
/// # Errors
/// [`NotIn`].
pub async fn enter(
    server: &ServerUrl,
    encoding: Encoding,
    hello: Hello,
    salt: u32,
) -> Result<(Connection, Box<Welcome>), NotIn> {
    let mut connection = Connection::open(server, encoding, salt).await?;
    connection.send(&ClientMessage::Hello(hello).into())?;
    loop {
        match connection.next().await? {
            Received::Message(envelope) => match envelope.message {
                ServerMessage::Welcome(welcome) => return Ok((connection, welcome)),
                ServerMessage::Error(error) => return Err(NotIn::Refused(Box::new(error))),
                ServerMessage::Bye(_) => return Err(NotIn::Lost(io::ErrorKind::ConnectionAborted.into())),
                _ => {}
            },
            Received::Undecodable(error) => return Err(NotIn::Undecodable(error)),
            Received::Closed(_) => return Err(NotIn::Lost(io::ErrorKind::ConnectionAborted.into())),
        }
    }
}

/// The same, coming back as long as the server is only crowded.
///
/// # Errors
/// [`NotIn`], for any other reason.
pub async fn enter_patiently(
    server: &ServerUrl,
    encoding: Encoding,
    hello: Hello,
    dice: &mut Dice,
) -> Result<(Connection, Box<Welcome>), NotIn> {
    loop {
        match enter(server, encoding, hello.clone(), dice.bits() as u32).await {
            Err(crowded) if crowded.is_crowded() => {
                sleep(stretched(crowded.retry_after().unwrap_or(Duration::from_secs(1)), dice)).await;
            }
            decided => return decided,
        }
    }
}
