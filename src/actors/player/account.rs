//! Changes of a player's account: tokens and names. Each is answered when it is durable.

use std::sync::Arc;
use std::time::Duration;

use actix::{Handler, ResponseFuture};
use orrery_core::game::Effects;
use orrery_core::game::account::TokenRefusal;

use super::actor::{PlayerActor, State};
use super::messages::{AccountChange, AccountReply};
use crate::actors::accounts::AccountError;
use crate::actors::node::now;
use crate::store::Commit;

impl Handler<AccountChange> for PlayerActor {
    type Result = ResponseFuture<Result<AccountReply, AccountError>>;

    fn handle(&mut self, change: AccountChange, context: &mut Self::Context) -> Self::Result {
        let _timing = self.touch("account_change");
        let changed = self.change_account(change);
        // A token that was replaced for good is refused, and the log-in it ended must be stored all the same.
        let commit = match &changed {
            Ok(Changed { touched: true, .. }) | Err(AccountError::Token(TokenRefusal::Reused)) => {
                self.commit(Effects::default(), Commit::new(), true, context)
            }
            Ok(_) => self.last_commit,
            Err(_) => 0,
        };
        let node = Arc::clone(&self.node);
        Box::pin(async move {
            let patience = Duration::from_millis(node.config.store.answer_timeout_ms);
            let durable = tokio::time::timeout(patience, node.persister.wait_durable(commit)).await;
            if !matches!(durable, Ok(Ok(()))) {
                return Err(AccountError::StorageUnavailable);
            }
            changed.map(|changed| changed.reply)
        })
    }
}

impl AccountChange {
    /// Whether somebody gets in by it, whom the operators may have shut out. Whoever is shut out may still leave.
    fn opens_a_door(&self) -> bool {
        match self {
            Self::OpenFamily { .. } | Self::Rotate { .. } | Self::Claim { .. } => true,
            Self::Created | Self::CloseFamily(_) => false,
        }
    }
}

struct Changed {
    reply: AccountReply,
    touched: bool,
}

impl PlayerActor {
    fn change_account(&mut self, change: AccountChange) -> Result<Changed, AccountError> {
        let live = match &mut self.state {
            State::Live(live) => live,
            State::Missing => return Err(AccountError::Unknown),
            State::Loading | State::Unreadable | State::Left => return Err(AccountError::StorageUnavailable),
        };
        if !matches!(change, AccountChange::Created) && !self.node.persister.has_room() {
            return Err(AccountError::Busy);
        }
        let account = &mut live.account;
        if change.opens_a_door() {
            account.moderation.check(now())?;
        }
        let mut changed = Changed { reply: AccountReply { name: account.name.clone(), family: 0 }, touched: true };
        match change {
            AccountChange::Created => changed.touched = false,
            AccountChange::OpenFamily { token, expires } => {
                changed.reply.family = account.open_family(token, now(), expires);
            }
            AccountChange::Rotate { family, presented, next, expires } => {
                account.rotate(family, presented, next, now(), expires)?;
            }
            AccountChange::CloseFamily(family) => account.close_family(family),
            AccountChange::Claim { name, password_hash } => {
                account.claim(name, password_hash).map_err(|_| AccountError::AlreadyClaimed)?;
                changed.reply.name = account.name.clone();
                self.refit_ship();
            }
        }
        Ok(changed)
    }
}
