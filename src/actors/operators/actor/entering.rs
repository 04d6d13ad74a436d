//! Log-ins.

use super::*;
use crate::actors::operators::doors::OpenedSession;

/// Stands in the audit log in place of a name that nobody has.
const UNKNOWN_NAME: &str = "(unknown name)";

impl Handler<LogIn> for OperatorsActor {
    type Result = ResponseFuture<Result<OpenedSession, LogInError>>;

    fn handle(&mut self, log_in: LogIn, _: &mut Self::Context) -> Self::Result {
        if let Err(error) = self.has_room() {
            return Box::pin(std::future::ready(Err(error.into())));
        }
        match self.by_name(&log_in.name).map(|(id, version, operator)| (id, version, operator.clone())) {
            Some((id, version, operator)) => self.known(id, version, operator, log_in),
            None => self.stranger(log_in),
        }
    }
}

impl OperatorsActor {
    fn known(
        &mut self,
        id: OperatorId,
        version: u64,
        before: Operator,
        log_in: LogIn,
    ) -> ResponseFuture<Result<OpenedSession, LogInError>> {
        let now = now();
        // The password may have been changed while it was compared.
        let right = log_in.password_right && log_in.compared.as_ref() == Some(&before.password_hash);
        let source = Source::new(&before.name, &log_in.address);
        let mut here = self.networks.get(&source);
        let mut operator = before.clone();
        let attempt = Self::attempt(&operator, right, log_in.code.as_deref(), now);
        let entered = operator.log_in(attempt, &mut here, self.rule(), now);
        if let Err(refusal) = entered
            && operator == before
        {
            // A code is asked for, or the account is locked already: nothing has changed.
            return Box::pin(std::future::ready(Err(refusal.into())));
        }
        self.networks.set(source, here);
        let by = By { operator: id, name: operator.name.clone(), address: log_in.address };
        let locks = operator.failures.locked(now).max(here.locked(now));
        let deed = deed_of(&before, &operator, id, (entered, locks));
        if deed.action == "locked_out" {
            self.node.metrics.console_lockouts.inc();
        }
        let committed = self.commit(id, (version, operator.clone()), Sessions::Stay, &by, deed);
        let durable = self.durable(committed.commit);
        let node = Arc::clone(&self.node);
        // Who is disabled or demoted while the store writes does not come in as what he or she was.
        let endings = node.operators.doors.endings(id);
        Box::pin(async move {
            durable.await?;
            entered?;
            if let Some(replaced) = log_in.replaces {
                node.operators.doors.close(replaced);
            }
            node.operators.doors.open(id, (&operator, endings), &node.config.console, now)
        })
    }

    /// A name that nobody has answers like any other.
    fn stranger(&mut self, log_in: LogIn) -> ResponseFuture<Result<OpenedSession, LogInError>> {
        let (now, rule) = (now(), self.rule());
        if self.strangers.len() >= STRANGERS_MAX {
            self.strangers.clear();
        }
        let source = Source::new(&log_in.name, &log_in.address);
        let mut here = self.networks.get(&source);
        let everywhere = self.strangers.entry(name_key(&log_in.name)).or_default();
        if let Some(until) = everywhere.locked(now).max(here.locked(now)) {
            return Box::pin(std::future::ready(Err(LogInRefusal::Locked { until }.into())));
        }
        let locks = everywhere.count(rule.everywhere(), now) | here.count(rule, now);
        self.networks.set(source, here);
        // What was typed is not kept: it may be a password in the wrong field.
        let by = By { operator: OperatorId(Uuid::nil()), name: UNKNOWN_NAME.to_owned(), address: log_in.address };
        if locks {
            self.node.metrics.console_lockouts.inc();
        }
        let action = if locks { "locked_out" } else { "log_in_failed" };
        let deed = Deed { action, target: target(by.operator), target_name: by.name.clone(), ..nothing() };
        let commit = self.node.persister.enqueue(vec![Write::Audit(self.node.audit.entry(&by, deed))]);
        let durable = self.durable(commit);
        Box::pin(async move {
            durable.await?;
            Err(LogInRefusal::Wrong.into())
        })
    }
}

fn deed_of(
    before: &Operator,
    after: &Operator,
    id: OperatorId,
    (entered, locked): (Result<(), LogInRefusal>, Option<Millis>),
) -> Deed {
    let action = match entered {
        Ok(()) => "log_in",
        Err(_) if locked.is_some() => "locked_out",
        Err(_) => "log_in_failed",
    };
    let (before, after_values) = difference(before, after);
    Deed { action, target: target(id), target_name: after.name.clone(), before, after: after_values, ..nothing() }
}

/// A deed that changed nothing, for no reason given.
fn nothing() -> Deed {
    Deed { before: json!({}), after: json!({}), ..Deed::default() }
}
