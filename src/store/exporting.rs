//! Puts an [`Export`] together out of what a backend reads, table by table.

use std::collections::BTreeMap;

use orrery_core::game::account::Account;
use orrery_core::types::{CommandId, ItemKey, PlayerId, TransferId};

use super::record::{AccountRecord, PlayerRecord};
use super::{BatchMark, Export, ExportedPlayer};

/// An export in the making. A log entry whose player has no account shows up as a player without a name, so that an
/// audit sees it.
#[derive(Default)]
pub(super) struct Exporting {
    players: BTreeMap<PlayerId, ExportedPlayer>,
}

impl Exporting {
    pub(super) fn account(&mut self, id: PlayerId, record: AccountRecord) {
        self.entry(id).name = Account::from(record).name;
    }

    pub(super) fn player(&mut self, id: PlayerId, record: PlayerRecord) {
        let player = record.into_player(id);
        let entry = self.entry(id);
        entry.credits = player.credits.0;
        entry.goods = player.cargo.iter().map(|(item, quantity)| (item.clone(), quantity.0)).collect();
        entry.known = player.known.iter().map(ToString::to_string).collect();
        entry.researching = player.research.map(|running| running.tech.to_string());
    }

    pub(super) fn ledger_credits(&mut self, id: PlayerId, sum: i64) {
        self.entry(id).ledger_credits = sum;
    }

    pub(super) fn ledger_goods(&mut self, id: PlayerId, item: ItemKey, sum: i64) {
        if sum != 0 {
            self.entry(id).ledger_goods.insert(item, sum);
        }
    }

    pub(super) fn command(&mut self, id: PlayerId, command: CommandId) {
        self.entry(id).commands.push(command);
    }

    pub(super) fn transfer(&mut self, id: PlayerId, transfer: TransferId) {
        self.entry(id).transfers.push(transfer);
    }

    pub(super) fn finish(self, mark: BatchMark, outbox: Vec<TransferId>, objects: u64) -> Export {
        let mut players: Vec<ExportedPlayer> = self.players.into_values().collect();
        for player in &mut players {
            player.commands.sort_unstable();
            player.transfers.sort_unstable();
        }
        Export { epoch: mark.epoch, batch: mark.number, players, outbox, objects }
    }

    fn entry(&mut self, id: PlayerId) -> &mut ExportedPlayer {
        self.players.entry(id).or_insert_with(|| ExportedPlayer {
            player: id,
            name: String::new(),
            credits: 0,
            goods: BTreeMap::new(),
            known: Vec::new(),
            researching: None,
            ledger_credits: 0,
            ledger_goods: BTreeMap::new(),
            commands: Vec::new(),
            transfers: Vec::new(),
        })
    }
}
