//! Carries effects out, in the one right order: commit, then messages, then what players see. Every actor whose rules
//! say [`Effects`] comes here.
//!
//! The order matters three times over. The commit is in the persister's queue before anybody hears of it, so that
//! whatever it causes is queued behind it. A transfer is in the outbox in memory only after that, so that nobody takes
//! in what is not queued. And a transfer that ends here is taken out of the outbox last, so that a command of which
//! the request ends and the reply begins is under way at every moment.

use std::sync::Arc;
use std::time::Instant;

use orrery_core::game::{Effects, Transfer};

use tracing::Span;

use super::missions;
use super::node::Node;
use crate::store::{Commit, OutboxRow, Write};
use crate::telemetry::trace;

/// Commits the rows of the actor's own state, together with the ledger and the transfers that begin and end here;
/// then sends the transfers and tells the followers of topics. Returns the commit's number; 0 when there was nothing
/// to commit. Takes out of `fx` what it has dealt with.
pub(super) fn apply(node: &Arc<Node>, mut rows: Commit, fx: &mut Effects) -> u64 {
    let (sent, received) = (std::mem::take(&mut fx.sent), std::mem::take(&mut fx.received));
    let row = |transfer: &Transfer| OutboxRow { id: transfer.id.clone(), record: transfer.into() };
    rows.extend(sent.iter().map(row).map(Write::PutOutbox));
    rows.extend(received.iter().cloned().map(Write::DeleteOutbox));
    rows.extend(std::mem::take(&mut fx.ledger).into_iter().map(Write::Ledger));
    rows.extend(std::mem::take(&mut fx.audit).into_iter().map(Write::Audit));
    rows.extend(missions::past_rows(std::mem::take(&mut fx.missions_over)));
    let commit = if rows.is_empty() { 0 } else { node.persister.enqueue_within(rows, causes(node, &sent)) };
    sent.iter().for_each(|transfer| node.outbox.insert(transfer.clone()));
    received.iter().for_each(|id| node.outbox.remove(id));
    if !received.is_empty() {
        node.only.outbox.count(u32::try_from(received.len()).unwrap_or(u32::MAX), Instant::now());
    }
    for transfer in sent {
        node.directory.deliver(node, transfer);
    }
    for (topic, event) in std::mem::take(&mut fx.events) {
        node.topics.publish(node, &topic, event);
    }
    commit
}

/// The spans of traces that a commit belongs to: the one that is carried out now, or, where an actor carries out many
/// at once as a world's tick does, those of the transfers that begin with it.
fn causes(node: &Node, sent: &[Transfer]) -> Vec<Span> {
    if !trace::is_on() {
        return Vec::new();
    }
    let now = trace::current();
    if !now.is_none() {
        return vec![now];
    }
    sent.iter().map(|transfer| node.outbox.begun_in(&transfer.id)).filter(|span| !span.is_none()).collect()
}
