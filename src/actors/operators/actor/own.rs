//! What operators do to their own accounts: password, second factor, tokens.

use orrery_core::game::operator::{OperatorRefusal, RECOVERY_CODES};

use super::*;
use crate::actors::operators::secrets::fresh_recovery_code;

impl OperatorsActor {
    /// Changes one's own account, which tells of itself.
    fn own_change(
        &mut self,
        by: &By,
        action: &'static str,
        (version, before, after): (u64, Operator, Operator),
        sessions: Sessions,
    ) -> Answer<Done> {
        let (old, new) = difference(&before, &after);
        let deed = Deed {
            action,
            target: target(by.operator),
            target_name: after.name.clone(),
            before: old.clone(),
            after: new.clone(),
            ..Deed::default()
        };
        let committed = self.commit(by.operator, (version + 1, after), sessions, by, deed);
        let audit = Some(committed.audit);
        let done =
            Done { operator: by.operator, before: old, after: new, version: version + 1, audit, can_undo: false };
        self.when_durable(committed.commit, done)
    }

    /// Counts a wrong password or code of somebody who is inside, as log-ins are counted: a stolen session does not
    /// help to guess.
    fn own_failure<T: 'static>(
        &mut self,
        by: &By,
        (version, mut operator): (u64, Operator),
        error: OperatorError,
    ) -> Answer<T> {
        let before = operator.clone();
        let source = Source::new(&operator.name, &by.address);
        let mut here = self.networks.get(&source);
        let locks = operator.fail(&mut here, self.rule(), now());
        self.networks.set(source, here);
        let sessions = if locks { Sessions::End(None) } else { Sessions::Stay };
        let (old, new) = difference(&before, &operator);
        if locks {
            self.node.metrics.console_lockouts.inc();
        }
        let action = if locks { "locked_out" } else { "log_in_failed" };
        let deed = Deed {
            action,
            target: target(by.operator),
            target_name: operator.name.clone(),
            before: old,
            after: new,
            ..Deed::default()
        };
        let committed = self.commit(by.operator, (version, operator), sessions, by, deed);
        let durable = self.durable(committed.commit);
        Box::pin(async move { durable.await.and(Err(error)) })
    }

    /// One's account, for what needs the password again. Only failures from one's own network matter: what others fail
    /// at elsewhere does not keep somebody who is inside from changing a password.
    fn own_unlocked(&self, by: &By) -> Result<(u64, Operator), OperatorError> {
        self.has_room()?;
        let (version, operator) = self.own(by)?;
        match self.networks.get(&Source::new(&operator.name, &by.address)).locked(now()) {
            Some(until) => Err(OperatorError::Locked(until)),
            None => Ok((version, operator)),
        }
    }

    /// The same, if the password that was given is the account's now. `Err`: what is answered; the failure counts.
    fn own_proven<T: 'static>(
        &mut self,
        by: &By,
        compared: &str,
        password_right: bool,
    ) -> Result<(u64, Operator), Answer<T>> {
        let own = self.own_unlocked(by).map_err(refused)?;
        if password_right && own.1.password_hash == compared {
            return Ok(own);
        }
        Err(self.own_failure(by, own, OperatorError::WrongPassword))
    }

    /// The account after a code of its second factor was used. `Err`: what is answered; the failure counts.
    fn own_with_code<T: 'static>(
        &mut self,
        by: &By,
        (version, before): (u64, &Operator),
        code: &str,
    ) -> Result<Operator, Answer<T>> {
        let mut after = before.clone();
        let code = Self::attempt(&after, true, Some(code), now()).code;
        if code.is_some_and(|code| after.use_code(code)) {
            return Ok(after);
        }
        Err(self.own_failure(by, (version, before.clone()), OperatorError::WrongCode))
    }
}

impl Handler<ChangePassword> for OperatorsActor {
    type Result = Answer<Done>;

    fn handle(&mut self, change: ChangePassword, _: &mut Self::Context) -> Self::Result {
        let (version, before) = match self.own_proven(&change.by, &change.compared, change.password_right) {
            Ok(own) => own,
            Err(answer) => return answer,
        };
        let mut after = before.clone();
        after.set_password(change.hash);
        self.networks.forget(&after.name);
        let sessions = Sessions::End(change.session);
        self.own_change(&change.by, "password_change", (version, before, after), sessions)
    }
}

impl Handler<BeginTotp> for OperatorsActor {
    type Result = Answer<()>;

    fn handle(&mut self, begin: BeginTotp, _: &mut Self::Context) -> Self::Result {
        let (version, before) = match self.own_proven(&begin.by, &begin.compared, begin.password_right) {
            Ok(own) => own,
            Err(answer) => return answer,
        };
        if before.totp.is_none() {
            self.node.operators.doors.keep_new_totp(begin.session, begin.secret);
            return Box::pin(std::future::ready(Ok(())));
        }
        let Some(code) = begin.code else { return refused(OperatorError::CodeRequired) };
        let after = match self.own_with_code(&begin.by, (version, &before), &code) {
            Ok(after) => after,
            Err(answer) => return answer,
        };
        let done = self.own_change(&begin.by, "totp_begin", (version, before, after), Sessions::Stay);
        let node = Arc::clone(&self.node);
        Box::pin(async move {
            done.await?;
            node.operators.doors.keep_new_totp(begin.session, begin.secret);
            Ok(())
        })
    }
}

impl Handler<ConfirmTotp> for OperatorsActor {
    type Result = Answer<Vec<String>>;

    fn handle(&mut self, confirm: ConfirmTotp, _: &mut Self::Context) -> Self::Result {
        let (version, before) = match self.own_unlocked(&confirm.by) {
            Ok(own) => own,
            Err(error) => return refused(error),
        };
        // Asked of the account's owner here: what was begun may have been confirmed or forgotten since.
        let Some(secret) = self.node.operators.doors.new_totp(confirm.session) else {
            return refused(OperatorError::TotpNotBegun);
        };
        let Some(step) = totp::step_of(&secret, &confirm.code, now()) else {
            return refused(OperatorError::WrongCode);
        };
        let codes: Result<Vec<String>, _> = (0..RECOVERY_CODES).map(|_| fresh_recovery_code()).collect();
        let codes = match codes {
            Ok(codes) => codes,
            Err(error) => return refused(error),
        };
        let mut after = before.clone();
        after.set_totp(secret, step, codes.iter().map(|code| hash_code(code)).collect());
        let sessions = Sessions::End(Some(confirm.session));
        let done = self.own_change(&confirm.by, "totp_on", (version, before, after), sessions);
        Box::pin(async move { done.await.map(|_| codes) })
    }
}

impl Handler<ClearTotp> for OperatorsActor {
    type Result = Answer<Done>;

    fn handle(&mut self, clear: ClearTotp, _: &mut Self::Context) -> Self::Result {
        let (version, before) = match self.own_proven(&clear.by, &clear.compared, clear.password_right) {
            Ok(own) => own,
            Err(answer) => return answer,
        };
        let mut after = match self.own_with_code(&clear.by, (version, &before), &clear.code) {
            Ok(after) => after,
            Err(answer) => return answer,
        };
        after.clear_totp();
        self.own_change(&clear.by, "totp_off", (version, before, after), Sessions::Stay)
    }
}

impl Handler<AddToken> for OperatorsActor {
    type Result = Answer<Done>;

    fn handle(&mut self, add: AddToken, _: &mut Self::Context) -> Self::Result {
        let own = self.has_room().and_then(|()| self.own(&add.by));
        let (version, before) = match own {
            Ok(own) => own,
            Err(error) => return refused(error),
        };
        let mut after = before.clone();
        if let Err(refusal) = after.add_token(add.token, now()) {
            return refused(refusal);
        }
        self.own_change(&add.by, "token_create", (version, before, after), Sessions::Stay)
    }
}

impl Handler<RemoveToken> for OperatorsActor {
    type Result = Answer<Done>;

    fn handle(&mut self, remove: RemoveToken, _: &mut Self::Context) -> Self::Result {
        if let Err(error) = self.has_room() {
            return refused(error);
        }
        let has_it = |operator: &Operator| operator.tokens.iter().any(|token| token.id == remove.token);
        let owner = self
            .operators
            .iter()
            .filter(|(id, _, _)| remove.any || *id == remove.by.operator)
            .find(|(_, _, operator)| has_it(operator))
            .map(|(id, version, before)| (id, version, before.clone()));
        let Some((id, version, before)) = owner else { return refused(OperatorError::UnknownToken) };
        let mut after = before.clone();
        if after.remove_token(remove.token).is_none() {
            return refused(OperatorRefusal::Unknown);
        }
        let (old, new) = difference(&before, &after);
        let deed = Deed {
            action: "token_delete",
            target: target(id),
            target_name: after.name.clone(),
            before: old.clone(),
            after: new.clone(),
            ..Deed::default()
        };
        let committed = self.commit(id, (version + 1, after), Sessions::Stay, &remove.by, deed);
        let audit = Some(committed.audit);
        let done = Done { operator: id, before: old, after: new, version: version + 1, audit, can_undo: false };
        self.when_durable(committed.commit, done)
    }
}
