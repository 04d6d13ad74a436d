//! Who is inside: the sessions of operators, and the tokens that open. In memory only, so a restart logs operators out;
//! of ids and tokens only hashes are kept. One lock, held for a look at a map.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use orrery_core::game::operator::{LogInRefusal, Operator, SecretHash};
use orrery_core::types::{Millis, OperatorId, Role};
use uuid::Uuid;

use super::messages::{LogInError, TokenUsed};
use super::secrets;
use crate::config::ConsoleConfig;

/// Sessions that one operator has at most; the one that was quiet the longest makes room.
const SESSIONS_MAX: usize = 10;
/// How exactly it is kept when a token was used last.
const USE_NOTED_EVERY_MS: u64 = 3_600_000;

/// Sessions and tokens.
#[derive(Default)]
pub struct Doors(Mutex<Maps>);

#[derive(Default)]
struct Maps {
    sessions: HashMap<SecretHash, Session>,
    tokens: HashMap<SecretHash, Token>,
    /// How often the sessions of an operator were ended. A log-in that began before the last time opens none.
    endings: HashMap<OperatorId, u64>,
}

struct Session {
    operator: OperatorId,
    name: String,
    role: Role,
    totp: bool,
    opened: Millis,
    used: Millis,
    /// The secret of a second factor that is being set up.
    new_totp: Option<Vec<u8>>,
}

struct Token {
    operator: OperatorId,
    id: Uuid,
    name: String,
    role: Role,
    expires: Option<Millis>,
    last_used: Option<Millis>,
}

/// A session that was just opened. The secret is for the browser alone.
#[derive(Clone)]
pub struct OpenedSession {
    /// What the cookie holds.
    pub secret: String,
    /// Whose it is.
    pub inside: Inside,
}

impl std::fmt::Debug for OpenedSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OpenedSession").field("inside", &self.inside).finish_non_exhaustive()
    }
}

/// Somebody who is inside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inside {
    /// Who.
    pub operator: OperatorId,
    /// The name.
    pub name: String,
    /// As what: of a token the smaller one of its scope and its owner's role.
    pub role: Role,
    /// Whether a second factor is on.
    pub totp: bool,
    /// When it ends at the latest.
    pub expires: Option<Millis>,
    /// The session; `None` when it came by a token.
    pub session: Option<SecretHash>,
}

impl Doors {
    fn maps(&self) -> MutexGuard<'_, Maps> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How often this operator's sessions were ended; for [`Doors::open`].
    pub(super) fn endings(&self, id: OperatorId) -> u64 {
        self.maps().endings.get(&id).copied().unwrap_or_default()
    }

    /// Opens a session for who was let in when sessions had been ended `endings` times.
    ///
    /// # Errors
    /// They were ended since: who was let in may not be any more, or not as that. Or the system has no random numbers.
    pub(super) fn open(
        &self,
        id: OperatorId,
        (operator, endings): (&Operator, u64),
        config: &ConsoleConfig,
        now: Millis,
    ) -> Result<OpenedSession, LogInError> {
        let secret = secrets::fresh()?;
        let hash = secrets::hash(&secret);
        let mut maps = self.maps();
        if maps.endings.get(&id).copied().unwrap_or_default() != endings {
            return Err(LogInRefusal::Wrong.into());
        }
        maps.sessions.retain(|_, session| !session.is_over(config, now));
        while maps.sessions.values().filter(|session| session.operator == id).count() >= SESSIONS_MAX {
            let own = maps.sessions.iter().filter(|(_, session)| session.operator == id);
            let Some(quietest) = own.min_by_key(|(_, session)| session.used).map(|(hash, _)| *hash) else { break };
            maps.sessions.remove(&quietest);
        }
        let (name, role, totp) = (operator.name.clone(), operator.role, operator.totp.is_some());
        let session = Session { operator: id, name, role, totp, opened: now, used: now, new_totp: None };
        let inside = session.inside(hash, config);
        maps.sessions.insert(hash, session);
        Ok(OpenedSession { secret, inside })
    }

    /// Who has this session; notes that it was used.
    pub fn by_session(&self, secret: &str, config: &ConsoleConfig, now: Millis) -> Option<Inside> {
        let hash = secrets::hash(secret);
        let mut maps = self.maps();
        let session = maps.sessions.get_mut(&hash)?;
        if session.is_over(config, now) {
            maps.sessions.remove(&hash);
            return None;
        }
        session.used = now;
        Some(session.inside(hash, config))
    }

    /// Who has this token, and whether its use is worth noting.
    pub fn by_token(&self, secret: &str, now: Millis) -> Option<(Inside, Option<TokenUsed>)> {
        let mut maps = self.maps();
        let token = maps.tokens.get_mut(&secrets::hash(secret))?;
        if token.expires.is_some_and(|end| end <= now) {
            return None;
        }
        let (operator, role, name, expires) = (token.operator, token.role, token.name.clone(), token.expires);
        let stale = token.last_used.is_none_or(|last| now.since(last) >= USE_NOTED_EVERY_MS);
        let used = stale.then(|| {
            token.last_used = Some(now);
            TokenUsed { operator, token: token.id, at: now }
        });
        Some((Inside { operator, name, role, totp: false, expires, session: None }, used))
    }

    /// Ends a session.
    pub fn close(&self, session: SecretHash) {
        self.maps().sessions.remove(&session);
    }

    /// Keeps the secret of a second factor that is being set up, until the session confirms it or ends.
    pub(super) fn keep_new_totp(&self, session: SecretHash, secret: Vec<u8>) {
        if let Some(session) = self.maps().sessions.get_mut(&session) {
            session.new_totp = Some(secret);
        }
    }

    /// That secret.
    pub(super) fn new_totp(&self, session: SecretHash) -> Option<Vec<u8>> {
        self.maps().sessions.get(&session)?.new_totp.clone()
    }

    /// An account has changed: all its sessions end but one, and its tokens are these from now on.
    pub(super) fn changed(&self, id: OperatorId, operator: &Operator, sessions: Sessions) {
        let mut maps = self.maps();
        maps.sessions.retain(|hash, session| session.operator != id || sessions.stays(hash));
        let ends = matches!(sessions, Sessions::End(_));
        if ends {
            *maps.endings.entry(id).or_default() += 1;
        }
        for session in maps.sessions.values_mut().filter(|session| session.operator == id) {
            session.totp = operator.totp.is_some();
            if ends {
                session.new_totp = None;
            }
        }
        let before: HashMap<SecretHash, Option<Millis>> = maps
            .tokens
            .extract_if(|_, token| token.operator == id)
            .map(|(hash, token)| (hash, token.last_used))
            .collect();
        for token in operator.tokens.iter().filter(|_| !operator.disabled) {
            let last_used = before.get(&token.hash).copied().flatten().max(token.last_used);
            let (role, name) = (token.scope.min(operator.role), operator.name.clone());
            let token_door = Token { operator: id, id: token.id, name, role, expires: token.expires, last_used };
            maps.tokens.insert(token.hash, token_door);
        }
    }
}

/// What a change does to an account's sessions.
#[derive(Clone, Copy)]
pub(super) enum Sessions {
    /// They go on.
    Stay,
    /// They end, but for this one.
    End(Option<SecretHash>),
}

impl Sessions {
    fn stays(self, session: &SecretHash) -> bool {
        match self {
            Self::Stay => true,
            Self::End(but) => but.as_ref() == Some(session),
        }
    }
}

impl Session {
    fn expires(&self, config: &ConsoleConfig) -> Millis {
        self.opened.plus_seconds(config.session_seconds)
    }

    fn is_over(&self, config: &ConsoleConfig, now: Millis) -> bool {
        now >= self.expires(config) || now >= self.used.plus_seconds(config.idle_seconds)
    }

    fn inside(&self, hash: SecretHash, config: &ConsoleConfig) -> Inside {
        Inside {
            operator: self.operator,
            name: self.name.clone(),
            role: self.role,
            totp: self.totp,
            expires: Some(self.expires(config)),
            session: Some(hash),
        }
    }
}

#[cfg(test)]
mod tests {
    use orrery_core::game::operator::ApiToken;

    use super::*;

    fn config() -> ConsoleConfig {
        ConsoleConfig { idle_seconds: 60, session_seconds: 300, ..ConsoleConfig::default() }
    }

    fn ada() -> (OperatorId, Operator) {
        (OperatorId(Uuid::from_u128(1)), Operator::new("Ada".to_owned(), Role::Admin, String::new(), Millis(0)))
    }

    #[test]
    fn a_session_ends_when_idle_and_at_its_end_however_busy() {
        let (doors, (id, ada)) = (Doors::default(), ada());
        let at = |second: u64| Millis(second * 1_000);
        let idle = doors.open(id, (&ada, 0), &config(), at(0)).unwrap().secret;
        let busy = doors.open(id, (&ada, 0), &config(), at(0)).unwrap().secret;
        for second in (0..300).step_by(30) {
            assert!(doors.by_session(&busy, &config(), at(second)).is_some(), "{second}");
        }
        assert!(doors.by_session(&busy, &config(), at(300)).is_none());
        assert!(doors.by_session(&idle, &config(), at(60)).is_none());
        assert!(doors.by_session(&idle, &config(), at(1)).is_none(), "what is over stays over");
        assert!(doors.by_session("guess", &config(), at(0)).is_none());
    }

    #[test]
    fn a_change_ends_the_others_sessions() {
        let (doors, (id, ada)) = (Doors::default(), ada());
        let [one, other] = [(); 2].map(|()| doors.open(id, (&ada, 0), &config(), Millis(0)).unwrap());
        doors.changed(id, &ada, Sessions::Stay);
        assert!(doors.by_session(&other.secret, &config(), Millis(0)).is_some());
        doors.changed(id, &ada, Sessions::End(one.inside.session));
        assert!(doors.by_session(&one.secret, &config(), Millis(0)).is_some());
        assert!(doors.by_session(&other.secret, &config(), Millis(0)).is_none());
        doors.close(one.inside.session.unwrap());
        assert!(doors.by_session(&one.secret, &config(), Millis(0)).is_none());
    }

    #[test]
    fn who_was_let_in_before_the_sessions_ended_gets_none() {
        let (doors, (id, ada)) = (Doors::default(), ada());
        let begun = doors.endings(id);
        doors.changed(id, &ada, Sessions::Stay);
        assert!(doors.open(id, (&ada, begun), &config(), Millis(0)).is_ok());
        let demoted = Operator { role: Role::Viewer, ..ada.clone() };
        doors.changed(id, &demoted, Sessions::End(None));
        let late = doors.open(id, (&ada, begun), &config(), Millis(0));
        assert_eq!(late.map(|opened| opened.inside), Err(LogInRefusal::Wrong.into()));
        let again = doors.open(id, (&demoted, doors.endings(id)), &config(), Millis(0)).unwrap();
        assert_eq!(again.inside.role, Role::Viewer);
    }

    #[test]
    fn a_second_factor_that_is_being_set_up_is_forgotten_only_when_sessions_end() {
        let (doors, (id, ada)) = (Doors::default(), ada());
        let opened = doors.open(id, (&ada, 0), &config(), Millis(0)).unwrap();
        let session = opened.inside.session.unwrap();
        doors.keep_new_totp(session, vec![7]);
        doors.changed(id, &ada, Sessions::Stay);
        assert_eq!(doors.new_totp(session), Some(vec![7]), "somebody's failed log-in");
        doors.changed(id, &ada, Sessions::End(Some(session)));
        assert_eq!(doors.new_totp(session), None);
    }

    #[test]
    fn an_operator_has_so_many_sessions() {
        let (doors, (id, ada)) = (Doors::default(), ada());
        let secrets: Vec<String> = (0..=SESSIONS_MAX as u64)
            .map(|at| doors.open(id, (&ada, 0), &config(), Millis(at)).unwrap().secret)
            .collect();
        let inside = secrets.iter().filter(|secret| doors.by_session(secret, &config(), Millis(20)).is_some());
        assert_eq!(inside.count(), SESSIONS_MAX);
        assert!(doors.by_session(&secrets[0], &config(), Millis(20)).is_none());
    }

    #[test]
    fn a_token_opens_as_long_as_its_owner_may_come_in() {
        let (doors, (id, mut ada)) = (Doors::default(), ada());
        let hash = secrets::hash("token");
        let token = ApiToken {
            id: Uuid::from_u128(7),
            name: "bot".to_owned(),
            hash,
            scope: Role::Moderator,
            created: Millis(0),
            expires: Some(Millis(100)),
            last_used: None,
        };
        ada.tokens.push(token);
        doors.changed(id, &ada, Sessions::Stay);
        let (inside, used) = doors.by_token("token", Millis(99)).unwrap();
        assert_eq!((inside.role, used.map(|used| used.at)), (Role::Moderator, Some(Millis(99))));
        assert!(doors.by_token("token", Millis(99)).unwrap().1.is_none(), "noted once an hour");
        assert!(doors.by_token("token", Millis(100)).is_none(), "expired");
        ada.disabled = true;
        doors.changed(id, &ada, Sessions::End(None));
        assert!(doors.by_token("token", Millis(0)).is_none(), "disabled");
    }
}
