//! Puts an [`Export`] together out of what a backend reads, table by table.

use std::collections::BTreeMap;

use orrery_core::game::player::Inventory;
use orrery_core::types::{Account, CommandId, ItemKey, Party, PlayerId, TransferId};
use serde_json::Value;

use super::auditing::ledger_key;
use super::record::{AccountRecord, PlayerRecord};
use super::rows::corrupt;
use super::{BatchMark, Export, ExportedPlayer, PartKey, StoreError};

/// An export in the making. A log entry whose player has no account shows up as a player without a name, so that an
/// audit sees it.
#[derive(Default)]
pub(super) struct Exporting {
    players: BTreeMap<PlayerId, ExportedPlayer>,
    parts: BTreeMap<String, Value>,
}

impl Exporting {
    pub(super) fn account(&mut self, id: PlayerId, record: &AccountRecord) {
        self.entry(id).name = record.name().to_owned();
    }

    pub(super) fn player(&mut self, id: PlayerId, record: PlayerRecord) {
        let player = record.into_player(id);
        let entry = self.entry(id);
        entry.credits = player.credits.0;
        entry.goods = amounts(&player.cargo);
        entry.known = player.known.iter().map(ToString::to_string).collect();
        entry.researching = player.research.map(|running| running.tech.to_string());
        entry.storage = player.storage.iter().map(|(hub, stored)| (hub.to_string(), amounts(stored))).collect();
    }

    /// What the ledger's rows add up to for one account and item.
    pub(super) fn moved(&mut self, account: &str, item: Option<&str>, sum: i64) -> Result<(), StoreError> {
        let (Account::Party(Party::Player(id)), item) = ledger_key(account, item)? else { return Ok(()) };
        match item {
            None => self.entry(id).ledger_credits = sum,
            Some(_) if sum == 0 => drop(self.entry(id)),
            Some(item) => drop(self.entry(id).ledger_goods.insert(item, sum)),
        }
        Ok(())
    }

    pub(super) fn command(&mut self, id: PlayerId, command: CommandId) {
        self.entry(id).commands.push(command);
    }

    /// A transfer that a ledger row says has come to this account.
    pub(super) fn transfer(&mut self, account: &str, transfer: TransferId) -> Result<(), StoreError> {
        let to = Account::parse(account).map_err(|error| corrupt("ledger", &transfer, &error))?;
        if let Account::Party(Party::Player(id)) = to {
            self.entry(id).transfers.push(transfer);
        }
        Ok(())
    }

    pub(super) fn part(&mut self, key: &PartKey, doc: Value) {
        self.parts.insert(format!("{}/{}/{}", key.table.as_str(), key.owner, key.id), doc);
    }

    pub(super) fn finish(self, mark: BatchMark, outbox: Vec<TransferId>, objects: u64) -> Export {
        let mut players: Vec<ExportedPlayer> = self.players.into_values().collect();
        for player in &mut players {
            player.commands.sort_unstable();
            player.transfers.sort_unstable();
            // A row for each item that a transfer brought.
            player.transfers.dedup();
        }
        Export { epoch: mark.epoch, batch: mark.number, players, outbox, objects, parts: self.parts }
    }

    fn entry(&mut self, id: PlayerId) -> &mut ExportedPlayer {
        self.players.entry(id).or_insert_with(|| ExportedPlayer {
            player: id,
            name: String::new(),
            credits: 0,
            goods: BTreeMap::new(),
            known: Vec::new(),
            researching: None,
            storage: BTreeMap::new(),
            ledger_credits: 0,
            ledger_goods: BTreeMap::new(),
            commands: Vec::new(),
            transfers: Vec::new(),
        })
    }
}

fn amounts(inventory: &Inventory) -> BTreeMap<ItemKey, u64> {
    inventory.iter().map(|(item, quantity)| (item.clone(), quantity.0)).collect()
}
