//! Transfers under way: what has left one account and not yet come to another.
//!
//! The rows in the store are the truth; this is the same in memory. It is what makes a transfer happen once: its
//! receiver takes it in only as long as it is in here, and takes it out when the commit that has its effect is in the
//! persister's queue. A receiver is one actor, so nobody comes between. It also serves three occasions: an actor that
//! is loaded takes what is meant for it before anything else; what was lost on the way to an actor that failed is sent
//! again; and after a start everything left over is sent.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use dashmap::DashMap;
use orrery_core::game::{Purpose, Transfer};
use orrery_core::types::{CommandId, Millis, Party, PlayerId, TransferId};
use tracing::Span;

use super::node::{Node, now};
use crate::telemetry::trace;

/// A transfer that has not arrived after this long was lost on the way. Far longer than a busy mailbox takes.
const RESEND_AFTER: Duration = Duration::from_secs(2);
/// The longest wait before it is sent once more: each time the wait doubles, because what does not arrive may be more
/// than its receiver can take.
const RESEND_AFTER_MAX: Duration = Duration::from_secs(60);

/// A transfer under way.
struct Waiting {
    transfer: Transfer,
    /// Its place among those for the same receiver.
    turn: u64,
    /// When it began, or was found at the start.
    since: Millis,
    sent: Instant,
    resend_after: Duration,
}

/// A transfer under way, as operators see it.
#[derive(Clone, Debug, PartialEq)]
pub struct UnderWay {
    /// Its place among all; later ones have larger numbers.
    pub turn: u64,
    /// Since when; for what was left over by the last server, when it was found.
    pub since: Millis,
    /// The transfer.
    pub transfer: Transfer,
}

/// Transfers under way. Usable from any thread; no guard outlives a call, and no call holds guards of both maps.
#[derive(Default)]
pub struct Outbox {
    waiting: DashMap<TransferId, Waiting>,
    /// What is meant for whom, in the order in which it was sent.
    by_receiver: DashMap<Party, BTreeMap<u64, TransferId>>,
    /// The spans of traces that transfers were begun in; of those that belong to one.
    traces: DashMap<TransferId, Span>,
    last_turn: AtomicU64,
}

impl Outbox {
    /// A transfer began, or was found at the start. To be called when the commit that begins it is in the persister's
    /// queue, and not before: the receiver's commit must come behind it.
    pub fn insert(&self, transfer: Transfer) {
        let turn = self.last_turn.fetch_add(1, Ordering::Relaxed);
        let (id, to) = (transfer.id.clone(), transfer.to.clone());
        let (since, sent) = (now(), Instant::now());
        let waiting = Waiting { transfer, turn, since, sent, resend_after: RESEND_AFTER };
        // In this order: it can be removed only once it is whole.
        self.by_receiver.entry(to).or_default().insert(turn, id.clone());
        if trace::is_on() && !self.traces.contains_key(&id) {
            self.trace(&id, &trace::current());
        }
        self.waiting.insert(id, waiting);
    }

    /// A transfer that is about to begin belongs to a trace; to the current one, if nobody says.
    pub(super) fn trace(&self, id: &TransferId, span: &Span) {
        if !span.is_none() {
            self.traces.insert(id.clone(), span.clone());
        }
    }

    /// The span that a transfer was begun in.
    pub(super) fn begun_in(&self, id: &TransferId) -> Span {
        let known = trace::is_on().then(|| self.traces.get(id).map(|span| span.clone())).flatten();
        known.unwrap_or_else(Span::none)
    }

    /// A transfer arrived: the commit that ends it is in the persister's queue.
    pub fn remove(&self, id: &TransferId) {
        let Some((_, gone)) = self.waiting.remove(id) else { return };
        if trace::is_on() {
            self.traces.remove(id);
        }
        let to = &gone.transfer.to;
        if let Some(mut meant) = self.by_receiver.get_mut(to) {
            meant.remove(&gone.turn);
        }
        self.by_receiver.remove_if(to, |_, meant| meant.is_empty());
    }

    /// Whether a transfer is under way: whoever takes it in asks this, in the same turn in which its commit is enqueued.
    #[must_use]
    pub fn contains(&self, id: &TransferId) -> bool {
        self.waiting.contains_key(id)
    }

    /// How many are under way.
    #[must_use]
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Whether none is under way.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Everything that is meant for somebody, in the order in which it was sent.
    #[must_use]
    pub fn meant_for(&self, party: &Party) -> Vec<Transfer> {
        let ids: Vec<TransferId> =
            self.by_receiver.get(party).map(|meant| meant.values().cloned().collect()).unwrap_or_default();
        ids.iter().filter_map(|id| Some(self.waiting.get(id)?.transfer.clone())).collect()
    }

    /// A transfer that has come, behind those of its sender's to the same receiver that were sent before it and have not
    /// arrived: what one actor sends another is taken in in its order, also when something was lost on the way. Nothing
    /// when it is not under way any longer.
    #[must_use]
    pub fn in_order(&self, come: &TransferId) -> Vec<Transfer> {
        let Some((turn, from, to)) = self.waiting.get(come).map(|waiting| {
            let transfer = &waiting.transfer;
            (waiting.turn, transfer.from.clone(), transfer.to.clone())
        }) else {
            return Vec::new();
        };
        let ids: Vec<TransferId> = self
            .by_receiver
            .get(&to)
            .map(|meant| meant.range(..=turn).map(|(_, id)| id.clone()).collect())
            .unwrap_or_default();
        let before = ids.iter().filter_map(|id| Some(self.waiting.get(id)?.transfer.clone()));
        before.filter(|transfer| transfer.from == from).collect()
    }

    /// The hash of a player's command that another actor is deciding or has decided, if its request or the reply is
    /// under way.
    #[must_use]
    pub fn under_way(&self, player: PlayerId, command: CommandId) -> Option<u64> {
        let fingerprint = |id: &TransferId| match &self.waiting.get(id)?.transfer.purpose {
            Purpose::Request(request) => Some(request.fingerprint),
            Purpose::Reply(reply) => Some(reply.fingerprint),
            Purpose::Collected { .. } | Purpose::Parcel(_) => None,
        };
        // In this order: a reply is in here before its request is taken out.
        fingerprint(&TransferId::of_request(player, command))
            .or_else(|| fingerprint(&TransferId::of_reply(player, command)))
    }

    /// Everything, in the order in which it was sent.
    #[must_use]
    pub fn all(&self) -> Vec<Transfer> {
        let mut all: Vec<(u64, Transfer)> =
            self.waiting.iter().map(|waiting| (waiting.turn, waiting.transfer.clone())).collect();
        all.sort_unstable_by_key(|(turn, _)| *turn);
        all.into_iter().map(|(_, transfer)| transfer).collect()
    }

    /// Up to `limit` of them, the oldest first, behind the one with the turn `after`.
    #[must_use]
    pub fn page(&self, after: Option<u64>, limit: usize) -> Vec<UnderWay> {
        let behind = self.waiting.iter().map(|waiting| (waiting.turn, waiting.key().clone()));
        let mut behind: Vec<_> = behind.filter(|(turn, _)| after.is_none_or(|after| *turn > after)).collect();
        behind.sort_unstable();
        behind.truncate(limit);
        let one = |(turn, id)| {
            let waiting = self.waiting.get(&id)?;
            Some(UnderWay { turn, since: waiting.since, transfer: waiting.transfer.clone() })
        };
        behind.into_iter().filter_map(one).collect()
    }

    /// When the oldest one began.
    #[must_use]
    pub fn oldest(&self) -> Option<Millis> {
        self.waiting.iter().map(|waiting| waiting.since).min()
    }

    fn overdue(&self) -> Vec<Transfer> {
        let mut overdue = Vec::new();
        for mut waiting in self.waiting.iter_mut() {
            if waiting.sent.elapsed() > waiting.resend_after {
                waiting.sent = Instant::now();
                waiting.resend_after = (waiting.resend_after * 2).min(RESEND_AFTER_MAX);
                overdue.push((waiting.turn, waiting.transfer.clone()));
            }
        }
        overdue.sort_unstable_by_key(|(turn, _)| *turn);
        overdue.into_iter().map(|(_, transfer)| transfer).collect()
    }
}

/// Sends everything that the last server left over. To be called once, at the start.
pub fn send_left_over(node: &Arc<Node>) {
    for transfer in node.outbox.all() {
        node.directory.deliver(node, transfer);
    }
}

/// Sends again, for ever, what has not arrived. To be spawned once.
pub async fn keep_sending(node: Arc<Node>) {
    let mut timer = tokio::time::interval(RESEND_AFTER);
    loop {
        timer.tick().await;
        for transfer in node.outbox.overdue() {
            tracing::warn!(transfer = %transfer.id, to = %transfer.to, "a transfer did not arrive; sent again");
            node.directory.deliver(&node, transfer);
        }
        node.metrics.outbox_rows.set(i64::try_from(node.outbox.len()).unwrap_or(i64::MAX));
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use orrery_core::game::{LedgerReason, Request};
    use orrery_core::types::economy::Deal;
    use orrery_core::types::economy::storage::Give;
    use orrery_core::types::{Account, Credits, External, Holdings, HubKey};
    use uuid::Uuid;

    use super::*;

    fn player(number: u128) -> PlayerId {
        PlayerId(Uuid::from_u128(number))
    }

    fn parcel(id: &str, to: &Party) -> Transfer {
        Transfer {
            id: TransferId::from_stored(id.to_owned()),
            from: External::Treasury.into(),
            to: to.clone(),
            holdings: Holdings::of_credits(Credits(1)),
            reason: LedgerReason::Gift,
            purpose: Purpose::Parcel(Box::default()),
        }
    }

    #[test]
    fn all_under_way_are_listed_page_by_page_the_oldest_first() {
        let outbox = Outbox::default();
        let ada = Party::Player(player(1));
        ["z", "m", "a", "k"].into_iter().for_each(|id| outbox.insert(parcel(id, &ada)));
        outbox.remove(&TransferId::from_stored("m".to_owned()));
        let page = |after, limit| {
            let page = outbox.page(after, limit);
            (page.iter().map(|one| one.transfer.id.to_string()).collect::<Vec<_>>(), page.last().map(|one| one.turn))
        };
        let (first, last) = page(None, 2);
        assert_eq!(first, ["z", "a"]);
        assert_eq!(page(last, 2).0, ["k"]);
        assert!(outbox.oldest().is_some());
    }

    #[test]
    fn each_receiver_gets_its_own_in_order_and_nothing_twice() {
        let outbox = Outbox::default();
        let (ada, market) = (Party::Player(player(1)), Party::Market(HubKey::parse("luna").unwrap()));
        for (id, to) in [("z", &ada), ("m", &market), ("a", &ada), ("k", &ada)] {
            outbox.insert(parcel(id, to));
        }
        let ids = |party| outbox.meant_for(party).into_iter().map(|transfer| transfer.id.to_string()).collect();
        let meant: Vec<String> = ids(&ada);
        assert_eq!(meant, ["z", "a", "k"]);
        outbox.remove(&TransferId::from_stored("a".to_owned()));
        outbox.remove(&TransferId::from_stored("a".to_owned()));
        let meant: Vec<String> = ids(&ada);
        assert_eq!(meant, ["z", "k"]);
        assert!(!outbox.contains(&TransferId::from_stored("a".to_owned())));
        assert_eq!(outbox.all().len(), 3);
        outbox.remove(&TransferId::from_stored("m".to_owned()));
        assert!(outbox.meant_for(&market).is_empty());
    }

    #[test]
    fn what_was_lost_on_the_way_comes_before_what_was_sent_after_it() {
        let outbox = Outbox::default();
        let ada = Party::Player(player(1));
        let by_bob = |id: &str| Transfer { from: Account::from(player(2)), ..parcel(id, &ada) };
        for transfer in [by_bob("lost"), parcel("another", &ada), by_bob("come"), by_bob("later")] {
            outbox.insert(transfer);
        }
        let come = TransferId::from_stored("come".to_owned());
        let ids: Vec<String> = outbox.in_order(&come).iter().map(|transfer| transfer.id.to_string()).collect();
        assert_eq!(ids, ["lost", "come"]);
        outbox.remove(&come);
        assert!(outbox.in_order(&come).is_empty());
    }

    #[test]
    fn a_command_is_under_way_as_long_as_its_request_is() {
        let outbox = Outbox::default();
        let (ada, command) = (player(1), CommandId(7));
        let deal = Deal::Give(Give { to: player(2), credits: Credits(1) });
        let request = Request { player: ada, name: "Ada".to_owned(), command, fingerprint: 99, deal };
        let transfer = Transfer {
            id: TransferId::of_request(ada, command),
            from: Account::from(ada),
            to: Party::Market(HubKey::parse("luna").unwrap()),
            purpose: Purpose::Request(Box::new(request)),
            ..parcel("", &Party::Player(ada))
        };
        outbox.insert(transfer.clone());
        assert_eq!(outbox.under_way(ada, command), Some(99));
        assert_eq!(outbox.under_way(player(2), command), None);
        outbox.remove(&transfer.id);
        assert_eq!(outbox.under_way(ada, command), None);
    }
}
