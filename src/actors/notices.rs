//! What operators announce: kept here for the whole node, stored with the console's state, and shown to every session.
//!
//! A keeper with a lock instead of a mailbox: changes are few, quick, and await nothing while the lock is held, and every
//! session reads the list when it is welcomed. A new announcement goes to all sessions at once, one message per worker;
//! who comes later gets it behind the welcome. Also carries the notice of [`maintenance`](super::maintenance).

use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use bytes::Bytes;
use orrery_core::game::announcements::{Announcements, Draft};
use orrery_core::protocol::{Encoding, Envelope, ServerMessage, encode_server};
use orrery_core::types::{Announcement, AnnouncementId, ErrorCode, Refusal};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::asks::understood;
use super::audit::Deed;
use super::fanout::FanoutMessage;
use super::node::{Node, now};
use super::operation::{NotDone, Operation, Outcome, durable};
use super::ws_frame;
use crate::store::{Row, Write};

/// How often it is looked whose time is over.
const CHECK_EVERY: Duration = Duration::from_millis(250);
/// What the keys of stored announcements begin with.
const PREFIX: &str = "announcement:";
/// Characters of a text by which operators know it again.
const NAME_CHARS: usize = 60;
/// An announcement does not change: it comes, and goes.
pub const VERSION: u64 = 1;

/// What every session is shown.
#[derive(Default)]
pub struct Notices {
    announced: Mutex<Announcements>,
    shown: RwLock<Arc<[Shown]>>,
}

/// An announcement, ready to be sent. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Shown {
    id: AnnouncementId,
    frames: [Bytes; 2],
}

/// What an operator wants with an announcement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoticeChange {
    /// It is to be announced.
    Announce(Draft),
    /// It is to end.
    End,
}

/// An announcement, and who made it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Noticed {
    /// The announcement.
    pub announcement: Announcement,
    /// The operator's name.
    pub by: String,
}

/// An announcement as it is stored.
#[derive(Serialize, Deserialize)]
#[serde(tag = "v")]
enum AnnouncementRecord {
    /// Since 0.3.
    #[serde(rename = "1")]
    V1(Noticed),
}

impl Shown {
    fn new(announcement: &Announcement) -> Self {
        let envelope = Envelope::from(ServerMessage::Announcement(announcement.clone()));
        let frame = |encoding| ws_frame::data(encoding, &encode_server(encoding, &envelope));
        Self { id: announcement.announcement, frames: [Encoding::MessagePack, Encoding::Json].map(frame) }
    }

    /// The frame for a session with this encoding.
    #[must_use]
    pub fn frame(&self, encoding: Encoding) -> Bytes {
        match encoding {
            Encoding::MessagePack => self.frames[0].clone(),
            Encoding::Json => self.frames[1].clone(),
        }
    }
}

impl Notices {
    /// What a session is shown that is welcomed now.
    #[must_use]
    pub fn shown(&self) -> Arc<[Shown]> {
        Arc::clone(&self.shown.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn with<T>(&self, act: impl FnOnce(&mut Announcements) -> T) -> T {
        act(&mut self.announced.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Shows an announcement to everybody, in place of the one with its id; or takes it away, if it is over.
pub(super) fn show(node: &Node, announcement: &Announcement) {
    let new = Shown::new(announcement);
    // Within the lock, so that no two tell sessions in another order.
    let mut shown = node.notices.shown.write().unwrap_or_else(PoisonError::into_inner);
    let others = shown.iter().filter(|one| one.id != new.id).cloned();
    *shown = others.chain((!announcement.over).then(|| new.clone())).collect();
    node.tell_workers(|| FanoutMessage::Announce(new.clone()));
}

/// Finds the announcements that were stored. To be called once, at the start, after the console's state was found.
pub fn restore(node: &Node) {
    for Noticed { announcement, .. } in lasting(node) {
        show(node, &announcement);
        node.notices.with(|announced| announced.put(announcement));
    }
    expire(node);
}

/// All announcements that last, the oldest first.
#[must_use]
pub fn lasting(node: &Node) -> Vec<Noticed> {
    let stored = node.console_state.under(PREFIX).into_iter();
    let records = stored.filter_map(|(_, stored)| understood(stored.record, "an announcement"));
    records.map(|AnnouncementRecord::V1(noticed)| noticed).collect()
}

/// Ends announcements whose time is over, for ever. To be spawned once.
pub async fn keep_expiring(node: Arc<Node>) {
    let mut timer = tokio::time::interval(CHECK_EVERY);
    loop {
        timer.tick().await;
        expire(&node);
    }
}

fn expire(node: &Node) {
    node.notices.with(|announced| {
        for over in announced.expire(now()) {
            let gone = |_: Option<&_>| Ok::<_, NotDone>((Row::Delete, Vec::new()));
            // Nothing in it can refuse.
            let _ = node.console_state.change(&node.persister, &key(over.announcement), gone);
            show(node, &Announcement { over: true, ..over });
        }
    });
}

/// Announces something new.
///
/// # Errors
/// A rule refuses it; the store does not answer.
pub async fn announce(node: &Node, draft: Draft, operation: &Operation) -> Result<(AnnouncementId, Outcome), NotDone> {
    let id = AnnouncementId(Uuid::now_v7());
    Ok((id, change(node, id, NoticeChange::Announce(draft), operation).await?))
}

/// Carries out what an operator wants with the announcement of this id.
///
/// # Errors
/// There is no such announcement, or a rule refuses it; the store does not answer.
pub async fn change(
    node: &Node,
    id: AnnouncementId,
    change: NoticeChange,
    operation: &Operation,
) -> Result<Outcome, NotDone> {
    operation.check_room(node)?;
    let (outcome, commit) = node.notices.with(|announced| match change {
        NoticeChange::Announce(draft) => begin(node, announced, id, &draft, operation),
        NoticeChange::End => end(node, announced, id, operation),
    })?;
    durable(node, commit).await?;
    Ok(outcome)
}

fn begin(
    node: &Node,
    announced: &mut Announcements,
    id: AnnouncementId,
    draft: &Draft,
    operation: &Operation,
) -> Result<(Outcome, u64), NotDone> {
    let announcement = announced.plan(id, draft, now())?;
    if operation.dry_run {
        return Ok((Outcome::tried(Value::Null, view(&announcement), VERSION, true), 0));
    }
    let deed = Deed {
        action: "announce",
        after: view(&announcement),
        undo: Some(json!({"kind": "end"})),
        ..deed(&announcement)
    };
    // Announcements have string keys only and always become JSON.
    let noticed = Noticed { announcement: announcement.clone(), by: operation.by.name.clone() };
    let record = serde_json::to_value(AnnouncementRecord::V1(noticed)).unwrap_or_default();
    let done = commit(node, id, operation, deed, Row::Put(record))?;
    show(node, &announcement);
    announced.put(announcement);
    Ok(done)
}

fn end(
    node: &Node,
    announced: &mut Announcements,
    id: AnnouncementId,
    operation: &Operation,
) -> Result<(Outcome, u64), NotDone> {
    let unknown = || Refusal::new(ErrorCode::NotFound, "there is no such announcement, or it has ended");
    let lasting = announced.get(id).ok_or_else(unknown)?.clone();
    operation.check_version(VERSION)?;
    if operation.dry_run {
        return Ok((Outcome::tried(view(&lasting), Value::Null, VERSION, true), 0));
    }
    let again = json!({"kind": "announce", "text": lasting.text, "level": lasting.level, "until_ms": lasting.until_ms});
    let deed = Deed { action: "announcement_end", before: view(&lasting), undo: Some(again), ..deed(&lasting) };
    let done = commit(node, id, operation, deed, Row::Delete)?;
    announced.end(id);
    show(node, &Announcement { over: true, ..lasting });
    Ok(done)
}

fn commit(
    node: &Node,
    id: AnnouncementId,
    operation: &Operation,
    deed: Deed,
    row: Row<Value>,
) -> Result<(Outcome, u64), NotDone> {
    let entry = operation.entry(node, deed);
    let outcome = Outcome::done(&entry, VERSION);
    let changed =
        node.console_state.change(&node.persister, &key(id), |_| Ok::<_, NotDone>((row, vec![Write::Audit(entry)])))?;
    Ok((outcome, changed.commit))
}

fn deed(announcement: &Announcement) -> Deed {
    let target_name = announcement.text.chars().take(NAME_CHARS).collect();
    Deed { target: key(announcement.announcement), target_name, ..Deed::default() }
}

fn key(id: AnnouncementId) -> String {
    format!("{PREFIX}{id}")
}

fn view(announcement: &Announcement) -> Value {
    let Announcement { announcement: id, text, level, until_ms, .. } = announcement;
    json!({"id": id, "text": text, "level": level, "until_ms": until_ms})
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use orrery_core::types::{AnnouncementLevel, Millis};

    use super::*;
    use crate::actors::{console_state, testing};
    use crate::config::Config;
    use crate::store::AuditFilter;
    use crate::store::memory::MemoryStore;

    async fn node(store: MemoryStore) -> Arc<Node> {
        let node = testing::node(Arc::new(store), testing::catalog(), Config::default()).await;
        console_state::restore(&node).await.unwrap();
        restore(&node);
        node
    }

    fn draft(text: &str, until_ms: Option<Millis>) -> Draft {
        Draft { text: text.to_owned(), level: AnnouncementLevel::Warning, until_ms }
    }

    fn texts(node: &Node) -> Vec<String> {
        lasting(node).into_iter().map(|noticed| noticed.announcement.text).collect()
    }

    #[actix_web::test]
    async fn announcements_survive_a_restart_but_not_their_end() {
        let store = MemoryStore::new();
        let next = store.another_process();
        let first = node(store).await;
        let order = testing::operation();
        let dry = Operation { dry_run: true, ..order.clone() };
        announce(&first, draft("Never", None), &dry).await.unwrap();
        announce(&first, draft("For ever", None), &order).await.unwrap();
        let soon = Some(Millis(now().0 + 100));
        announce(&first, draft("For a moment", soon), &order).await.unwrap();
        assert_eq!(
            (texts(&first), first.notices.shown().len()),
            (vec!["For ever".to_owned(), "For a moment".to_owned()], 2)
        );
        first.persister.shutdown().await.unwrap();
        first.store.release().await;

        tokio::time::sleep(Duration::from_millis(150)).await;
        let second = node(next).await;
        assert_eq!((texts(&second), second.notices.shown().len()), (vec!["For ever".to_owned()], 1));
        assert_eq!(lasting(&second)[0].by, "Grace");
    }

    #[actix_web::test]
    async fn ending_one_is_audited_and_can_be_taken_back() {
        let node = node(MemoryStore::new()).await;
        let order = testing::operation();
        let (id, made) = announce(&node, draft("Hello", None), &order).await.unwrap();
        let stale = Operation { expected: Some(2), ..order.clone() };
        assert_eq!(change(&node, id, NoticeChange::End, &stale).await, Err(NotDone::Changed(VERSION)));
        let ended =
            change(&node, id, NoticeChange::End, &Operation { undoes: made.audit, ..order.clone() }).await.unwrap();
        assert!(texts(&node).is_empty() && node.notices.shown().is_empty());
        let again = change(&node, id, NoticeChange::End, &order).await.unwrap_err();
        assert!(matches!(again, NotDone::Refused(refusal) if refusal.code == ErrorCode::NotFound));
        let lines = node.store.audit_entries(AuditFilter::default(), None, 10).await.unwrap();
        let seen: Vec<_> = lines.iter().map(|line| (&*line.entry.action, line.entry.undoes)).collect();
        assert_eq!(seen, [("announcement_end", made.audit), ("announce", None)]);
        assert_eq!(ended.before["text"], "Hello");
        let back = lines[0].entry.undo.clone().unwrap();
        assert_eq!(
            (&back["kind"], &back["text"], &back["level"]),
            (&"announce".into(), &"Hello".into(), &"warning".into())
        );
        change(&node, id, NoticeChange::Announce(draft("Hello", None)), &order).await.unwrap();
        assert_eq!(texts(&node), ["Hello"]);
    }
}
