//! The names of guilds, which are unique, and a line about each. A name is taken before the rules of its founder run, given
//! back if they refuse, and free again when the guild has ended; the same names are found at the start, in the guilds that
//! are stored and in the requests under way that found one.
//!
//! The lines are for operators, who look through all guilds page by page: neither a guild's actor nor the store is asked.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ops::Bound;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use dashmap::DashMap;
use orrery_core::game::guild::Guild;
use orrery_core::game::{GuildLine, PartTable, Purpose};
use orrery_core::types::economy::Deal;
use orrery_core::types::{ErrorCode, GuildId, Party, Refusal};

use super::node::Node;
use crate::store::StoreError;
use crate::store::record::name_key;

/// The names in use. Usable from any thread; no guard outlives a call.
#[derive(Default)]
pub struct GuildNames {
    /// In the form in which they are unique.
    by_name: RwLock<BTreeMap<String, GuildId>>,
    by_guild: DashMap<GuildId, String>,
    lines: DashMap<GuildId, GuildLine>,
}

impl GuildNames {
    /// Takes a name for a guild that is to be.
    ///
    /// # Errors
    /// Another guild has it, or is about to.
    pub fn take(&self, name: &str, guild: GuildId) -> Result<(), Refusal> {
        let key = name_key(name);
        match self.write().entry(key.clone()) {
            Entry::Occupied(_) => return Err(Refusal::new(ErrorCode::NameTaken, "another guild has this name")),
            Entry::Vacant(free) => drop(free.insert(guild)),
        }
        self.by_guild.insert(guild, key);
        Ok(())
    }

    /// A guild is not to be, or not any more: its name is free. Does nothing when it has none.
    pub fn free(&self, guild: GuildId) {
        self.lines.remove(&guild);
        if let Some((_, key)) = self.by_guild.remove(&guild) {
            self.write().remove(&key);
        }
    }

    /// A guild has changed.
    pub fn tell(&self, guild: GuildId, line: GuildLine) {
        self.lines.insert(guild, line);
    }

    /// A guild's line; `None` when it is not there, or is just being founded.
    #[must_use]
    pub fn line(&self, guild: GuildId) -> Option<GuildLine> {
        self.lines.get(&guild).map(|line| line.clone())
    }

    /// Up to `limit` guilds whose names begin so, by name, after the one of this form; and the form of the last one, when
    /// there are more. Guilds that are just being founded are left out.
    #[must_use]
    pub fn page(&self, begin: &str, after: Option<&str>, limit: usize) -> (Vec<(GuildId, GuildLine)>, Option<String>) {
        let begin = name_key(begin);
        let from = after.filter(|after| *after >= begin.as_str()).map_or(Bound::Included(&*begin), Bound::Excluded);
        let names = self.read();
        let mut found = names.range::<str, _>((from, Bound::Unbounded)).take_while(|(key, _)| key.starts_with(&begin));
        let shown: Vec<(&String, &GuildId)> = found.by_ref().take(limit).collect();
        let next = shown.last().filter(|_| found.next().is_some()).map(|(key, _)| (*key).clone());
        (shown.into_iter().filter_map(|(_, guild)| Some((*guild, self.line(*guild)?))).collect(), next)
    }

    fn read(&self) -> RwLockReadGuard<'_, BTreeMap<String, GuildId>> {
        self.by_name.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, BTreeMap<String, GuildId>> {
        self.by_name.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Finds all names in use. To be called once, at the start, when the outbox is complete.
///
/// # Errors
/// The guilds cannot be read.
pub async fn find_all(node: &Node) -> Result<(), StoreError> {
    for (key, part) in node.store.parts_with_id(PartTable::Guild, "state").await? {
        let Party::Guild(guild) = key.owner else { continue };
        let line = Guild::line_of(part).map_err(|why| StoreError::Corrupt(format!("guild {guild}: {why}")))?;
        take_found(node, &line.name, guild);
        node.guild_names.tell(guild, line);
    }
    for transfer in node.outbox.all() {
        if let (Party::Guild(guild), Purpose::Request(request)) = (&transfer.to, &transfer.purpose)
            && let Deal::FoundGuild(body) = &request.deal
        {
            take_found(node, &body.name, *guild);
        }
    }
    Ok(())
}

fn take_found(node: &Node, name: &str, guild: GuildId) {
    if node.guild_names.take(name, guild).is_err() {
        tracing::error!(%guild, name, "two guilds have this name");
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use orrery_core::types::Credits;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_name_is_one_guilds_however_it_is_written_until_it_ends() {
        let (names, first, second) = (GuildNames::default(), GuildId(Uuid::from_u128(1)), GuildId(Uuid::from_u128(2)));
        names.take("Night Shift", first).unwrap();
        assert_eq!(names.take("NIGHT shift", second).unwrap_err().code, ErrorCode::NameTaken);
        names.free(second);
        assert!(names.take("night shift", second).is_err(), "it was not the second one's to give back");
        names.free(first);
        names.take("night shift", second).unwrap();
    }

    #[test]
    fn guilds_are_listed_by_name_page_by_page() {
        let names = GuildNames::default();
        for (number, name) in ["Ore Barons", "Orbit", "orchid", "Zephyr"].into_iter().enumerate() {
            let guild = GuildId(Uuid::from_u128(number as u128));
            names.take(name, guild).unwrap();
            let line = GuildLine { name: name.to_owned(), members: number, leader: None, treasury: Credits(7) };
            names.tell(guild, line);
        }
        names.take("Oracle", GuildId(Uuid::from_u128(99))).unwrap();
        let page = |begin: &str, after: Option<&str>, limit| {
            let (lines, next) = names.page(begin, after, limit);
            (lines.into_iter().map(|(_, line)| line.name).collect::<Vec<_>>(), next)
        };
        let (first, next) = page("OR", None, 3);
        assert_eq!(
            (first, next.as_deref()),
            (vec!["Orbit".to_owned(), "orchid".to_owned()], Some("orchid")),
            "one is new"
        );
        assert_eq!(page("OR", next.as_deref(), 3), (vec!["Ore Barons".to_owned()], None));
        assert_eq!(page("", Some("ore barons"), 3), (vec!["Zephyr".to_owned()], None));
        assert_eq!(page("x", None, 3), (vec![], None));
    }
}
