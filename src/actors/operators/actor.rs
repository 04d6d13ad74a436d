//! The actor of operators.
//!
//! Owns every operator's account; reads them at the start. *Queue*: the console's own workers ask, each for one request
//! at a time, so it is as long as operators are many. *Commits* an account's row together with the entry that tells of
//! the change, and answers when both are durable; a failed log-in is a change too, since it is counted. *Stops* with
//! the process; one that panicked is started anew and reads the store again.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use actix::{Actor, ActorFutureExt as _, AsyncContext as _, Context, Handler, ResponseFuture, WrapFuture as _};
use orrery_core::game::account::is_valid_name;
use orrery_core::game::operator::{Attempt, Code, Failures, LockRule, LogInRefusal, Operator, Operators};
use orrery_core::types::{By, Millis, OperatorId};
use serde_json::{Value, json};
use uuid::Uuid;

use super::doors::Sessions;
use super::messages::*;
use super::secrets::hash_code;
use super::totp;
use crate::actors::audit::Deed;
use crate::actors::node::{Node, now};
use crate::store::record::{OperatorRecord, name_key};
use crate::store::{Row, Versioned, Write};

mod changes;
mod entering;
mod networks;
mod own;

use self::networks::{Networks, Source};

/// Names that nobody has, whose failures are counted. With more, all are forgotten: that many names can only come from
/// many addresses, each of which has its own limit.
const STRANGERS_MAX: usize = 10_000;

/// See the module.
pub struct OperatorsActor {
    node: Arc<Node>,
    operators: Operators,
    /// Failures of names that nobody has from all networks, by the name's key.
    strangers: HashMap<String, Failures>,
    /// Failures of all names, network by network.
    networks: Networks,
}

impl Actor for OperatorsActor {
    type Context = Context<Self>;

    fn started(&mut self, context: &mut Self::Context) {
        let loading = load(Arc::clone(&self.node)).into_actor(self);
        context.wait(loading.map(|accounts, actor, _| {
            for (id, Versioned { version, record }) in accounts {
                let operator = record.into();
                actor.node.operators.doors.changed(id, &operator, Sessions::Stay);
                actor.operators.insert(id, version, operator);
            }
        }));
    }
}

/// Reads the accounts, if it takes several attempts.
async fn load(node: Arc<Node>) -> Vec<(OperatorId, Versioned<OperatorRecord>)> {
    node.read_at_last("the operators", async || node.store.operators().await).await
}

type Answer<T> = ResponseFuture<Result<T, OperatorError>>;

/// What is put into the persister's queue: the number of the commit, and that of the entry.
struct Committed {
    commit: u64,
    audit: u64,
}

impl OperatorsActor {
    pub(super) fn new(node: Arc<Node>) -> Self {
        Self { node, operators: Operators::default(), strangers: HashMap::new(), networks: Networks::default() }
    }

    fn rule(&self) -> LockRule {
        let console = &self.node.config.console;
        LockRule { failures: console.lock_after_failures, seconds: console.lock_seconds }
    }

    fn by_name(&self, name: &str) -> Option<(OperatorId, u64, &Operator)> {
        let key = name_key(name);
        self.operators.iter().find(|(_, _, operator)| name_key(&operator.name) == key)
    }

    fn own(&self, by: &By) -> Result<(u64, Operator), OperatorError> {
        let found = self.operators.get(by.operator).map(|(version, operator)| (version, operator.clone()));
        found.ok_or(OperatorError::Refused(orrery_core::game::operator::OperatorRefusal::Unknown))
    }

    fn has_room(&self) -> Result<(), OperatorError> {
        if self.node.persister.has_room() { Ok(()) } else { Err(OperatorError::Busy) }
    }

    /// Takes an account in as it is from now on, and commits it with what is told of the change.
    fn commit(
        &mut self,
        id: OperatorId,
        (version, operator): (u64, Operator),
        sessions: Sessions,
        by: &By,
        deed: Deed,
    ) -> Committed {
        let record = OperatorRecord::from(&operator);
        self.node.operators.doors.changed(id, &operator, sessions);
        self.operators.insert(id, version, operator);
        let entry = self.node.audit.entry(by, deed);
        let audit = entry.seq;
        let row = Row::Put(Versioned { version, record });
        let commit = self.node.persister.enqueue(vec![Write::Operator(id, row), Write::Audit(entry)]);
        Committed { commit, audit }
    }

    /// Returns when a commit is durable.
    fn durable(&self, commit: u64) -> impl Future<Output = Result<(), OperatorError>> + use<> {
        let node = Arc::clone(&self.node);
        async move {
            let limit = Duration::from_millis(node.config.store.answer_timeout_ms);
            match tokio::time::timeout(limit, node.persister.wait_durable(commit)).await {
                Ok(Ok(())) => Ok(()),
                _ => Err(OperatorError::StorageUnavailable),
            }
        }
    }

    /// Returns `answer` when a commit is durable.
    fn when_durable<T: 'static>(&self, commit: u64, answer: T) -> Answer<T> {
        let durable = self.durable(commit);
        Box::pin(async move { durable.await.map(|()| answer) })
    }

    fn attempt(operator: &Operator, right: bool, code: Option<&str>, now: Millis) -> Attempt {
        let secret = operator.totp.as_ref().map(|totp| totp.secret.as_slice());
        let compared = |code: &str| Code {
            step: secret.and_then(|secret| totp::step_of(secret, code, now)),
            hash: hash_code(code),
        };
        Attempt { password_right: right, code: code.map(compared) }
    }
}

fn refused<T: 'static>(error: impl Into<OperatorError>) -> Answer<T> {
    Box::pin(std::future::ready(Err(error.into())))
}

fn target(id: OperatorId) -> String {
    format!("operator:{id}")
}

/// What the audit log tells of an account.
fn summary(operator: &Operator) -> Value {
    json!({
        "name": operator.name,
        "role": operator.role,
        "disabled": operator.disabled,
        "totp": operator.totp.is_some(),
        "failures": operator.failures.count,
        "locked_until_ms": operator.failures.locked_until,
        "tokens": operator.tokens.iter().map(|token| token.name.as_str()).collect::<Vec<_>>(),
    })
}

/// What differs between two summaries.
fn difference(before: &Operator, after: &Operator) -> (Value, Value) {
    let (Value::Object(mut before), Value::Object(mut after)) = (summary(before), summary(after)) else {
        return (Value::Null, Value::Null);
    };
    let same: Vec<String> =
        before.iter().filter(|(key, value)| after.get(*key) == Some(value)).map(|p| p.0.clone()).collect();
    for key in same {
        before.remove(&key);
        after.remove(&key);
    }
    (before.into(), after.into())
}

impl Handler<FindHash> for OperatorsActor {
    type Result = Result<Option<String>, OperatorError>;

    fn handle(&mut self, ask: FindHash, _: &mut Self::Context) -> Self::Result {
        Ok(self.by_name(&ask.name).map(|(_, _, operator)| operator.password_hash.clone()))
    }
}

impl Handler<List> for OperatorsActor {
    type Result = Result<Vec<Account>, OperatorError>;

    fn handle(&mut self, _: List, _: &mut Self::Context) -> Self::Result {
        let now = now();
        let account = |(id, version, operator): (OperatorId, u64, &Operator)| {
            let locked_until = operator.failures.locked(now).max(self.networks.locked(&operator.name, now));
            Account { id, version, operator: operator.clone(), locked_until }
        };
        Ok(self.operators.iter().map(account).collect())
    }
}

impl Handler<TokenUsed> for OperatorsActor {
    type Result = ();

    fn handle(&mut self, used: TokenUsed, _: &mut Self::Context) {
        let Some((version, operator)) = self.operators.get(used.operator) else { return };
        let mut operator = operator.clone();
        let Some(token) = operator.tokens.iter_mut().find(|token| token.id == used.token) else { return };
        token.last_used = Some(used.at);
        let record = OperatorRecord::from(&operator);
        self.operators.insert(used.operator, version, operator);
        // Nothing that an operator did: no entry, and no other version.
        self.node.persister.enqueue(vec![Write::Operator(used.operator, Row::Put(Versioned { version, record }))]);
    }
}
