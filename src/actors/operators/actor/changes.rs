//! What admins do to accounts.

use orrery_core::game::operator::{Adjustment, OperatorRefusal};

use super::*;

impl Handler<Create> for OperatorsActor {
    type Result = Answer<Done>;

    fn handle(&mut self, create: Create, _: &mut Self::Context) -> Self::Result {
        if let Err(error) = self.has_room().and_then(|()| self.check_new(&create)) {
            return refused(error);
        }
        let id = OperatorId(Uuid::now_v7());
        let operator = Operator::new(create.name, create.role, create.hash, now());
        let undo = json!({"kind": "disable"});
        let (before, after) = (json!({}), summary(&operator));
        let mut done = Done { operator: id, before, after, version: 1, audit: None, can_undo: true };
        if create.dry_run {
            return Box::pin(std::future::ready(Ok(done)));
        }
        let deed = Deed {
            action: "operator_create",
            target: target(id),
            target_name: operator.name.clone(),
            reason: create.reason,
            before: done.before.clone(),
            after: done.after.clone(),
            undo: Some(undo),
            undoes: None,
        };
        let committed = self.commit(id, (1, operator), Sessions::Stay, &create.by, deed);
        done.audit = Some(committed.audit);
        self.when_durable(committed.commit, done)
    }
}

impl OperatorsActor {
    fn check_new(&self, create: &Create) -> Result<(), OperatorError> {
        if !is_valid_name(&create.name) {
            return Err(OperatorError::BadName);
        }
        let taken = self.by_name(&create.name).is_some() || (create.only_first && !self.operators.is_empty());
        if taken { Err(OperatorError::NameTaken) } else { Ok(()) }
    }
}

impl Handler<Adjust> for OperatorsActor {
    type Result = Answer<Done>;

    fn handle(&mut self, adjust: Adjust, _: &mut Self::Context) -> Self::Result {
        if let Err(error) = self.has_room() {
            return refused(error);
        }
        let id = adjust.operator;
        let adjusted = match self.operators.adjust(id, &adjust.adjustment, adjust.expected) {
            Ok(adjusted) => adjusted,
            Err(refusal) => return refused(refusal),
        };
        // Failures of single networks are not part of the account.
        let forgets = matches!(adjust.adjustment, Adjustment::Unlock) && self.networks.count(&adjusted.before.name);
        if adjusted.before == adjusted.after && !forgets {
            return refused(OperatorRefusal::NoChange);
        }
        let (mut before, mut after) = difference(&adjusted.before, &adjusted.after);
        if let Adjustment::Password(_) = adjust.adjustment {
            // Neither password is told, nor its hash.
            (before["password"], after["password"]) = ("the one before".into(), "another".into());
        }
        let undo = undo(&adjust.adjustment, &adjusted.before);
        let can_undo = undo.is_some();
        let version = adjusted.version;
        let mut done = Done { operator: id, before, after, version, audit: None, can_undo };
        if adjust.dry_run {
            done.version = adjusted.version_before;
            return Box::pin(std::future::ready(Ok(done)));
        }
        let deed = Deed {
            action: "operator_change",
            target: target(id),
            target_name: adjusted.after.name.clone(),
            reason: adjust.reason,
            before: done.before.clone(),
            after: done.after.clone(),
            undo,
            undoes: adjust.undoes,
        };
        if let Adjustment::Unlock | Adjustment::Password(_) = adjust.adjustment {
            self.networks.forget(&adjusted.after.name);
        }
        let sessions = match adjust.adjustment {
            Adjustment::Unlock | Adjustment::Enable => Sessions::Stay,
            _ => Sessions::End(None),
        };
        let committed = self.commit(id, (version, adjusted.after), sessions, &adjust.by, deed);
        done.audit = Some(committed.audit);
        self.when_durable(committed.commit, done)
    }
}

/// The change that takes one back: what was secret does not come back.
fn undo(adjustment: &Adjustment, before: &Operator) -> Option<Value> {
    match adjustment {
        Adjustment::Role(_) => Some(json!({"kind": "role", "role": before.role})),
        Adjustment::Disable => Some(json!({"kind": "enable"})),
        Adjustment::Enable => Some(json!({"kind": "disable"})),
        Adjustment::Unlock | Adjustment::Password(_) | Adjustment::ClearTotp => None,
    }
}
