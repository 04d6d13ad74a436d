//! The names of erased players in the audit log. The log is for ever and keeps the ids; what operators are shown of it
//! names an erased player as it is called since.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::store::{AuditLine, Store, StoreError};
use crate::types::AuditEntry;

/// Takes the names of erased players out of lines of the audit log that are about to be shown. Asks the store once for
/// all of them.
pub(super) async fn forget(store: &dyn Store, lines: &mut [AuditLine]) -> Result<(), StoreError> {
    let targets = lines.iter().map(|line| &line.entry.target).filter(|target| target.starts_with("player:"));
    let players: BTreeSet<String> = targets.cloned().collect();
    if players.is_empty() {
        return Ok(());
    }
    let erased = store.audit_on("erase", players.into_iter().collect()).await?;
    let names: BTreeMap<String, String> =
        erased.into_iter().map(|line| (line.entry.target, line.entry.target_name)).collect();
    for line in lines {
        if let Some(name) = names.get(&line.entry.target) {
            rename(&mut line.entry, name);
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
