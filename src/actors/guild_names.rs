//! The names of guilds, which are unique. A name is taken before the rules of its founder run, given back if they
//! refuse, and free again when the guild has ended; the same names are found at the start, in the guilds that are stored
//! and in the requests under way that found one.

use dashmap::DashMap;
use dashmap::mapref::entry::Entry;
use orrery_core::game::guild::Guild;
use orrery_core::game::{PartTable, Purpose};
use orrery_core::types::economy::Deal;
use orrery_core::types::{ErrorCode, GuildId, Party, Refusal};

use super::node::Node;
use crate::store::StoreError;
use crate::store::record::name_key;

/// The names in use. Usable from any thread; no guard outlives a call.
#[derive(Default)]
pub struct GuildNames {
    /// In the form in which they are unique.
    by_name: DashMap<String, GuildId>,
    by_guild: DashMap<GuildId, String>,
}

impl GuildNames {
    /// Takes a name for a guild that is to be.
    ///
    /// # Errors
    /// Another guild has it, or is about to.
    pub fn take(&self, name: &str, guild: GuildId) -> Result<(), Refusal> {
        let key = name_key(name);
        match self.by_name.entry(key.clone()) {
            Entry::Occupied(_) => return Err(Refusal::new(ErrorCode::NameTaken, "another guild has this name")),
            Entry::Vacant(free) => drop(free.insert(guild)),
        }
        self.by_guild.insert(guild, key);
        Ok(())
    }

    /// A guild is not to be, or not any more: its name is free. Does nothing when it has none.
    pub fn free(&self, guild: GuildId) {
        if let Some((_, key)) = self.by_guild.remove(&guild) {
            self.by_name.remove(&key);
        }
    }
}

/// Finds all names in use. To be called once, at the start, when the outbox is complete.
///
/// # Errors
/// The guilds cannot be read.
pub async fn find_all(node: &Node) -> Result<(), StoreError> {
    for (key, part) in node.store.parts_with_id(PartTable::Guild, "state").await? {
        let Party::Guild(guild) = key.owner else { continue };
        let name = Guild::name_of(part).map_err(|why| StoreError::Corrupt(format!("guild {guild}: {why}")))?;
        take_found(node, &name, guild);
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
}
