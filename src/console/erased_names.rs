//! The names of erased players in the audit log. The log is for ever and keeps the ids; what operators are shown of it
//! names an erased player as it is called since.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::store::{AuditFilter, AuditLine, Store, StoreError};
use crate::types::AuditEntry;

/// Takes the names of erased players out of lines of the audit log that are about to be shown. Asks the store once for
/// each player among them.
pub(super) async fn forget(store: &dyn Store, lines: &mut [AuditLine]) -> Result<(), StoreError> {
    let targets = lines.iter().map(|line| &line.entry.target).filter(|target| target.starts_with("player:"));
    let players: BTreeSet<String> = targets.cloned().collect();
    for player in players {
        let action = Some("erase".to_owned());
        let erasing = AuditFilter { action, target: Some(player.clone()), ..AuditFilter::default() };
        let Some(erased) = store.audit_entries(erasing, None, 1).await?.pop() else { continue };
        for line in lines.iter_mut().filter(|line| line.entry.target == player) {
            rename(&mut line.entry, &erased.entry.target_name);
        }
    }
    Ok(())
}

fn rename(entry: &mut AuditEntry, name: &str) {
    name.clone_into(&mut entry.target_name);
    if entry.action == "rename" {
        let told = [Some(&mut entry.before), Some(&mut entry.after), entry.undo.as_mut()];
        told.into_iter()
            .flatten()
            .filter_map(|values: &mut Value| values.get_mut("name"))
            .for_each(|old| *old = json!(name));
    }
}
