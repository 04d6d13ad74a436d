//! The numbers of the audit log, and its entries in the making. Whoever carries an operator's change out asks for the
//! entry when the change is sure, and puts it into the change's own commit ([`Write::Audit`](crate::store::Write)):
//! neither is ever durable without the other.

use std::sync::atomic::{AtomicU64, Ordering};

use orrery_core::types::{AuditEntry, By};
use serde_json::Value;

use super::node::{Node, now};
use crate::store::{AuditFilter, StoreError};

/// Characters of a name or target that are kept: both are columns, and a name that failed to log in is anybody's text.
const TEXT_CHARS_MAX: usize = 200;

/// The number of the entry that was made last. A number whose entry was never committed is used again after a restart
/// only, so that numbers are unique for ever.
#[derive(Default)]
pub struct AuditNumbers(AtomicU64);

/// What an operator did.
#[derive(Clone, Debug, Default)]
pub struct Deed {
    /// What: a snake_case word such as `grant`.
    pub action: &'static str,
    /// To what: `player:<uuid>`, `mission:<id>`, ….
    pub target: String,
    /// What that is called.
    pub target_name: String,
    /// Why, in the operator's words.
    pub reason: String,
    /// What was changed, as it was.
    pub before: Value,
    /// What was changed, as it is from now on.
    pub after: Value,
    /// The change that takes it back; `None`: nothing does.
    pub undo: Option<Value>,
    /// The number of the entry that this takes back.
    pub undoes: Option<u64>,
}

impl AuditNumbers {
    /// The entry for what an operator did, now, with the next number.
    pub fn entry(&self, by: &By, deed: Deed) -> AuditEntry {
        AuditEntry {
            seq: self.0.fetch_add(1, Ordering::SeqCst) + 1,
            at_ms: now(),
            by: By { name: plain(&by.name), ..by.clone() },
            action: deed.action.to_owned(),
            target: plain(&deed.target),
            target_name: deed.target_name,
            reason: deed.reason,
            before: deed.before,
            after: deed.after,
            undo: deed.undo,
            undoes: deed.undoes,
        }
    }

    fn seen(&self, number: u64) {
        self.0.fetch_max(number, Ordering::SeqCst);
    }
}

/// Goes on with the numbers where the log ends. To be called once, at the start, before anybody makes an entry.
///
/// # Errors
/// The store does not answer.
pub async fn restore(node: &Node) -> Result<(), StoreError> {
    let last = node.store.audit_entries(AuditFilter::default(), None, 1).await?;
    last.iter().for_each(|line| node.audit.seen(line.entry.seq));
    Ok(())
}

/// The text as any column takes it.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(TEXT_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use orrery_core::types::OperatorId;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn numbers_go_on_after_the_last_one_seen_and_no_text_breaks_a_column() {
        let numbers = AuditNumbers::default();
        numbers.seen(41);
        numbers.seen(7);
        let name = "a\0b".repeat(500);
        let by = By { operator: OperatorId(Uuid::nil()), name, address: "::1".to_owned() };
        let deed = || Deed { action: "log_in_failed", target: "operator:\0".to_owned(), ..Deed::default() };
        let first = numbers.entry(&by, deed());
        assert_eq!((first.seq, first.target.as_str()), (42, "operator:"));
        assert_eq!(first.by.name, "ab".repeat(TEXT_CHARS_MAX / 2));
        assert_eq!(numbers.entry(&by, deed()).seq, 43);
    }
}
