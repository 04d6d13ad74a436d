//! What the actor of operators is asked for.

use actix::Message;
use orrery_core::game::operator::{Adjustment, ApiToken, LogInRefusal, Operator, OperatorRefusal, SecretHash};
use orrery_core::types::{By, Millis, OperatorId, Role};
use serde_json::Value;
use uuid::Uuid;

use super::doors::OpenedSession;

/// Why something was not done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OperatorError {
    /// A rule.
    #[error(transparent)]
    Refused(#[from] OperatorRefusal),
    /// Names have to differ.
    #[error("another operator has this name")]
    NameTaken,
    /// A name must be possible.
    #[error("a name must have 3 to 24 letters, digits, _ or -, with single spaces between them")]
    BadName,
    /// The present password, which has to be told, is wrong.
    #[error("the password is wrong")]
    WrongPassword,
    /// Neither a code of the second factor nor a recovery code, or used before.
    #[error("the code is wrong or was used before")]
    WrongCode,
    /// A second factor is on: who changes it must have it.
    #[error("a second factor is on: a code of it, or a recovery code, is needed too")]
    CodeRequired,
    /// There is no second factor to be confirmed.
    #[error("begin to set the second factor up first")]
    TotpNotBegun,
    /// Too many wrong ones.
    #[error("too many wrong passwords or codes: the account is locked for a while")]
    Locked(Millis),
    /// There is no such token.
    #[error("there is no such token")]
    UnknownToken,
    /// Too much waits, or the actor is being started; try again shortly.
    #[error("the server is busy")]
    Busy,
    /// The store does not answer; whether the change took effect is unknown.
    #[error("the store does not answer")]
    StorageUnavailable,
}

/// Why a log-in came to nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LogInError {
    /// The rules.
    #[error(transparent)]
    Refused(#[from] LogInRefusal),
    /// Something behind.
    #[error(transparent)]
    Failed(#[from] OperatorError),
}

/// What a change did, or would do.
#[derive(Clone, Debug, PartialEq)]
pub struct Done {
    /// Whose account.
    pub operator: OperatorId,
    /// What it was, as far as it changes.
    pub before: Value,
    /// What it becomes.
    pub after: Value,
    /// The version afterwards; the one that holds, when it was only tried.
    pub version: u64,
    /// The entry in the audit log; `None` when it was only tried.
    pub audit: Option<u64>,
    /// Whether it can be undone.
    pub can_undo: bool,
}

/// An account as it is.
#[derive(Clone, Debug)]
pub struct Account {
    /// Whose.
    pub id: OperatorId,
    /// Counts its changes; log-ins are none.
    pub version: u64,
    /// The account.
    pub operator: Operator,
    /// Until when it is locked after failed log-ins, for all networks or for one.
    pub locked_until: Option<Millis>,
}

/// The Argon2id hash that a name's password must have; `None` when nobody is called so.
#[derive(Clone, Debug, Message)]
#[rtype(result = "Result<Option<String>, OperatorError>")]
pub struct FindHash {
    /// The name.
    pub name: String,
}

/// Lets somebody in, or counts a failure.
#[derive(Clone, Debug, Message)]
#[rtype(result = "Result<OpenedSession, LogInError>")]
pub struct LogIn {
    /// The name that was given.
    pub name: String,
    /// From where.
    pub address: String,
    /// The hash that the password was compared with; `None` for a name that nobody has.
    pub compared: Option<String>,
    /// Whether it has that hash.
    pub password_right: bool,
    /// The code that came along.
    pub code: Option<String>,
    /// The session that the browser had until now: it ends.
    pub replaces: Option<SecretHash>,
}

/// Every account.
#[derive(Clone, Debug, Message)]
#[rtype(result = "Result<Vec<Account>, OperatorError>")]
pub struct List;

/// Makes an account.
#[derive(Clone, Debug, Message)]
#[rtype(result = "Result<Done, OperatorError>")]
pub struct Create {
    /// Who does it.
    pub by: By,
    /// The new operator's name.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// The password's Argon2id hash.
    pub hash: String,
    /// Why.
    pub reason: String,
    /// Whether it is only tried.
    pub dry_run: bool,
    /// Whether it is for the first account only: with others there, nothing is done.
    pub only_first: bool,
}

/// Changes somebody's account.
#[derive(Clone, Debug, Message)]
#[rtype(result = "Result<Done, OperatorError>")]
pub struct Adjust {
    /// Who does it.
    pub by: By,
    /// Whose.
    pub operator: OperatorId,
    /// What.
    pub adjustment: Adjustment,
    /// The version that it must have.
    pub expected: Option<u64>,
    /// Why.
    pub reason: String,
    /// Whether it is only tried.
    pub dry_run: bool,
    /// The entry of the audit log that it takes back.
    pub undoes: Option<u64>,
}

/// Gives oneself another password. All sessions but `session` end, and all tokens.
#[derive(Clone, Debug, Message)]
#[rtype(result = "Result<Done, OperatorError>")]
pub struct ChangePassword {
    /// Who.
    pub by: By,
    /// The hash that the present password was compared with.
    pub compared: String,
    /// Whether it has that hash.
    pub password_right: bool,
    /// The new password's Argon2id hash.
    pub hash: String,
    /// The session that stays.
    pub session: Option<SecretHash>,
}

/// Begins to set a second factor up: the session keeps its secret until it is confirmed.
#[derive(Clone, Debug, Message)]
#[rtype(result = "Result<(), OperatorError>")]
pub struct BeginTotp {
    /// Who.
    pub by: By,
    /// The hash that the password was compared with.
    pub compared: String,
    /// Whether it has that hash.
    pub password_right: bool,
    /// A code of the second factor that is on, or a recovery code; needed only if one is.
    pub code: Option<String>,
    /// The secret that the device is given.
    pub secret: Vec<u8>,
    /// The session that sets it up.
    pub session: SecretHash,
}

/// Turns one's second factor on, with the secret that the session keeps. All sessions but `session` end.
#[derive(Clone, Debug, Message)]
#[rtype(result = "Result<Vec<String>, OperatorError>")]
pub struct ConfirmTotp {
    /// Who.
    pub by: By,
    /// The session that set it up.
    pub session: SecretHash,
    /// What the device shows.
    pub code: String,
}

/// Turns one's second factor off.
#[derive(Clone, Debug, Message)]
#[rtype(result = "Result<Done, OperatorError>")]
pub struct ClearTotp {
    /// Who.
    pub by: By,
    /// The hash that the password was compared with.
    pub compared: String,
    /// Whether it has that hash.
    pub password_right: bool,
    /// A code of the second factor.
    pub code: String,
}

/// Makes a token for programs.
#[derive(Clone, Debug, Message)]
#[rtype(result = "Result<Done, OperatorError>")]
pub struct AddToken {
    /// Who.
    pub by: By,
    /// The token; its secret is known to who asks only.
    pub token: ApiToken,
}

/// Takes a token away.
#[derive(Clone, Debug, Message)]
#[rtype(result = "Result<Done, OperatorError>")]
pub struct RemoveToken {
    /// Who.
    pub by: By,
    /// Whether it may be another operator's.
    pub any: bool,
    /// Which.
    pub token: Uuid,
}

/// A token was used.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "()")]
pub struct TokenUsed {
    /// Whose.
    pub operator: OperatorId,
    /// Which.
    pub token: Uuid,
    /// When.
    pub at: Millis,
}
