//! Whether what an entry of the audit log did still stands. What it changed may have been changed again since, by
//! somebody else or by the same operator: taking the entry back would then take back, or overwrite, that later change,
//! which nobody asked for. Such an undo is refused, whatever kind of change it is; the later one is to be taken back
//! first, or a change of one's own is made. A later change that was itself taken back does not count.
//!
//! A name may have been changed by its bearer, of which no entry tells: so the name that is there is compared, too.
//!
//! Pure; what changed what is read from the entries' `before` and `after`. Used by `undo`.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::store::AuditLine;

/// Amounts: what was given can be taken again, whatever came and went since.
const AMOUNTS: [&str; 3] = ["credits", "cargo", "storage"];
/// In these every field is a thing of its own: one technology more says nothing about another.
const SETS: [&str; 1] = ["known"];

/// What a change touched, by name: the fields of what it told before and after.
pub(super) fn touched(before: &Value, after: &Value) -> BTreeSet<String> {
    let mut things = BTreeSet::new();
    for (name, value) in [before, after].into_iter().filter_map(Value::as_object).flatten() {
        match value.as_object() {
            _ if AMOUNTS.contains(&name.as_str()) => {}
            Some(set) if SETS.contains(&name.as_str()) => things.extend(set.keys().map(|key| format!("{name}.{key}"))),
            _ => drop(things.insert(name.clone())),
        }
    }
    things
}

/// Whether another name is there now than the one that an entry gave. `found`: what its undoing would change, as it is.
pub(super) fn is_renamed(given: &Value, found: &Value) -> bool {
    let names = given["name"].as_str().zip(found["name"].as_str());
    names.is_some_and(|(given, found)| given != found)
}

/// Looks for a change that replaced what an entry did.
pub(super) struct Later<'a> {
    /// The entry's number.
    entry: u64,
    /// What taking it back would change.
    things: &'a BTreeSet<String>,
    /// Entries that were taken back by one that stands.
    taken_back: BTreeSet<u64>,
}

impl<'a> Later<'a> {
    /// To look for changes of these things after an entry.
    pub(super) fn than(entry: u64, things: &'a BTreeSet<String>) -> Self {
        Self { entry, things, taken_back: BTreeSet::new() }
    }

    /// The newest change that replaced what the entry did, among these lines about the same target. They must come newest
    /// first, without a gap; further ones may follow in another call.
    pub(super) fn replaced_by<'l>(&mut self, lines: &'l [AuditLine]) -> Option<&'l AuditLine> {
        let entry = self.entry;
        lines.iter().take_while(|line| line.entry.seq > entry).find(|line| self.is_replacement(line))
    }

    fn is_replacement(&mut self, AuditLine { entry, .. }: &AuditLine) -> bool {
        if self.taken_back.contains(&entry.seq) {
            return false;
        }
        if let Some(undone) = entry.undoes {
            self.taken_back.insert(undone);
            // With what it took back it comes to nothing.
            if undone > self.entry {
                return false;
            }
        }
        !touched(&entry.before, &entry.after).is_disjoint(self.things)
    }
}

#[cfg(test)]
mod tests {
    use orrery_core::types::{AuditEntry, By, Millis, OperatorId};
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    fn line(seq: u64, undoes: Option<u64>, before: Value, after: Value) -> AuditLine {
        let by = By { operator: OperatorId(Uuid::nil()), name: "Grace".to_owned(), address: "::1".to_owned() };
        let (action, target, text) = ("ban".to_owned(), "player:1".to_owned(), String::new());
        let entry = AuditEntry {
            seq,
            at_ms: Millis(seq),
            by,
            action,
            target,
            target_name: text.clone(),
            reason: text,
            before,
            after,
            undo: None,
            undoes,
        };
        AuditLine { entry, undone_by: None }
    }

    fn ban(seq: u64, undoes: Option<u64>) -> AuditLine {
        line(seq, undoes, json!({ "ban": null }), json!({ "ban": { "until_ms": null, "reason": "spam" } }))
    }

    /// Which of the lines replaced what entry 1 did, a ban.
    fn replaced(newest_first: &[AuditLine]) -> Option<u64> {
        let things = ["ban".to_owned()].into();
        Later::than(1, &things).replaced_by(newest_first).map(|line| line.entry.seq)
    }

    #[test]
    fn a_later_change_of_the_same_replaces_an_earlier_one_even_if_it_is_alike() {
        assert_eq!(replaced(&[ban(3, None), ban(1, None)]), Some(3));
        assert_eq!(replaced(&[ban(4, None), ban(3, None), ban(1, None)]), Some(4));
        assert_eq!(replaced(&[ban(1, None)]), None);
    }

    #[test]
    fn a_change_of_something_else_does_not() {
        let mute = line(3, None, json!({ "mute": null }), json!({ "mute": { "reason": "spam" } }));
        let kick = line(2, None, json!({ "online": true }), json!({ "online": false }));
        let export = line(4, None, Value::Null, Value::Null);
        assert_eq!(replaced(&[export, mute, kick, ban(1, None)]), None);
    }

    #[test]
    fn what_was_taken_back_counts_no_more_and_counts_again_when_that_was() {
        assert_eq!(replaced(&[ban(3, Some(2)), ban(2, None), ban(1, None)]), None);
        assert_eq!(replaced(&[ban(4, Some(3)), ban(3, Some(2)), ban(2, None), ban(1, None)]), Some(2));
        // What was before the entry came back after it.
        assert_eq!(replaced(&[ban(3, Some(0)), ban(1, None)]), Some(3));
    }

    #[test]
    fn it_goes_on_from_page_to_page() {
        let things = ["ban".to_owned()].into();
        let mut later = Later::than(1, &things);
        assert_eq!(later.replaced_by(&[ban(4, Some(3))]), None);
        assert_eq!(later.replaced_by(&[ban(3, None)]), None, "taken back by a line of the page before");
        assert_eq!(later.replaced_by(&[ban(2, None)]).map(|line| line.entry.seq), Some(2));
    }

    #[test]
    fn a_name_that_its_bearer_has_taken_since_is_another() {
        let given = json!({ "name": "Robert" });
        assert!(is_renamed(&given, &json!({ "name": "Bobby" })) && !is_renamed(&given, &given));
        assert!(!is_renamed(&json!({ "role": "viewer" }), &json!({ "role": "admin" })));
    }

    #[test]
    fn amounts_add_up_and_technologies_are_each_of_their_own() {
        let granted = touched(&json!({ "credits": 5, "cargo": { "ice": 1 } }), &json!({ "credits": 9, "cargo": {} }));
        assert_eq!(granted, BTreeSet::new());
        let taught = touched(&json!({ "known": { "ion_tuning": false } }), &json!({ "known": { "ion_tuning": true } }));
        assert_eq!(taught, ["known.ion_tuning".to_owned()].into());
    }
}
