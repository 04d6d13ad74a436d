//! Operators' accounts: one actor owns them all (`actor.rs`), for they are few and no two admins may take away each
//! other's role at once. Who is inside, and which tokens open, stands beside it in memory (`doors.rs`), where every
//! request of the console looks without waiting for anybody.
//!
//! Called by the console and the command line. Every change that is answered `Ok` is durable, together with its entry
//! in the audit log. Passwords are hashed and compared by the caller, who has the queue for that.

mod actor;
mod doors;
mod messages;
pub mod secrets;
pub mod totp;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use actix::{Actor, Addr, Arbiter};

use self::actor::OperatorsActor;
pub use self::doors::{Doors, Inside, OpenedSession};
pub use self::messages::{
    Account, AddToken, Adjust, BeginTotp, ChangePassword, ClearTotp, ConfirmTotp, Create, Done, FindHash, List, LogIn,
    LogInError, OperatorError, RemoveToken, TokenUsed,
};
use super::node::Node;

/// How soon a failed actor is noticed.
const CHECK_EVERY: Duration = Duration::from_millis(200);

/// Where the actor is, and who is inside.
#[derive(Default)]
pub struct OperatorAccounts {
    /// Who is inside.
    pub doors: Doors,
    /// Locked while an actor is started, so that nobody is between two actors.
    actor: Mutex<Option<Addr<OperatorsActor>>>,
}

impl OperatorAccounts {
    fn actor(&self) -> MutexGuard<'_, Option<Addr<OperatorsActor>>> {
        self.actor.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks the actor.
    ///
    /// # Errors
    /// What the actor answers; [`OperatorError::Busy`] when it is being started.
    pub async fn ask<M, T, E>(&self, message: M) -> Result<T, E>
    where
        M: actix::Message<Result = Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<OperatorError> + Send + 'static,
        OperatorsActor: actix::Handler<M>,
        <OperatorsActor as Actor>::Context: actix::dev::ToEnvelope<OperatorsActor, M>,
    {
        let actor = self.actor().clone();
        match actor {
            Some(actor) => actor.send(message).await.unwrap_or_else(|_| Err(OperatorError::Busy.into())),
            None => Err(OperatorError::Busy.into()),
        }
    }

    /// Notes that a token was used, for whoever wants to know when it was last.
    pub fn token_used(&self, used: TokenUsed) {
        if let Some(actor) = self.actor().as_ref() {
            actor.do_send(used);
        }
    }
}

/// Starts the actor, and starts it anew when it fails, for ever. To be spawned once.
pub async fn keep_running(node: Arc<Node>) {
    let arbiter = Arbiter::new();
    let mut timer = tokio::time::interval(CHECK_EVERY);
    loop {
        timer.tick().await;
        start_if_gone(&node, &arbiter);
    }
}

fn start_if_gone(node: &Arc<Node>, arbiter: &Arbiter) {
    let mut actor = node.operators.actor();
    if !actor.as_ref().is_some_and(Addr::connected) {
        let for_actor = Arc::clone(node);
        *actor = Some(OperatorsActor::start_in_arbiter(&arbiter.handle(), |_| OperatorsActor::new(for_actor)));
    }
}

/// Starts the actor once, for the command line.
pub fn start(node: &Arc<Node>) {
    start_if_gone(node, &Arbiter::new());
}
