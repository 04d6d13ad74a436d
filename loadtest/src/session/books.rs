//! A session's books: what answers and notifications do to them, and the log of `--acks`.

use orrery_core::protocol::ClientMessage;
use orrery_core::protocol::answer::{ShipStats, Status};
use orrery_core::types::economy::social::Notifications;
use orrery_core::types::economy::storage::Storage;
use orrery_core::types::economy::{Ask, Deal};
use orrery_core::types::{CommandId, ItemKey};
use serde_json::Value;

use super::Session;
use super::commands::Pending;
use crate::account::{Account, check_answer, is_economic, items_taken, signed};
use crate::acks::{self, Line, May};
use crate::swarm::now_ms;

/// Refusals by the player's own actor: nothing had left it.
const REFUSED_AT_ONCE: [&str; 10] = [
    "not_enough_goods",
    "not_enough_credits",
    "out_of_range",
    "rate_limited",
    "busy",
    "in_transit",
    "disabled",
    "bad_request",
    "unknown_hub",
    "unknown_item",
];

impl Session {
    pub(super) fn economic(&mut self, id: CommandId, command: &ClientMessage, answer: &Value) {
        self.swarm.stats.acknowledged(1);
        match check_answer(&self.swarm.catalog, command, answer) {
            Ok(effect) => {
                if let Some(object) = effect.object {
                    self.swarm.oracle.collected(object, self.player(), id);
                }
                if let Some(books) = &mut self.books {
                    books.apply(&effect);
                    self.booked += 1;
                }
            }
            Err(why) => self.swarm.oracle.violation(format!("bot {}: {why}", self.index)),
        }
    }

    pub(super) fn status(&mut self, id: CommandId, answer: &Value) {
        let status: Status = match serde_json::from_value(answer.clone()) {
            Ok(status) => status,
            Err(error) => {
                return self.swarm.oracle.violation(format!("bot {}: malformed status: {error}", self.index));
            }
        };
        self.known_techs = status.known.iter().cloned().collect();
        self.cargo_capacity = status.cargo_capacity.0;
        if self.first_status == Some(id) && self.books.is_none() {
            let mut books = Account::opening(&status);
            books.player = Some(self.player());
            self.log(&acks::start_line(self.player(), &books));
            self.books = Some(books);
            self.swarm.peers.add(self.player());
        }
        self.stated(id, answer);
    }

    pub(super) fn ship_stats(&mut self, answer: &Value) {
        if let Ok(stats) = serde_json::from_value::<ShipStats>(answer.clone()) {
            self.collect_range = i32::try_from(stats.collect_range).unwrap_or(i32::MAX);
            self.cargo_capacity = stats.cargo_capacity.0;
        }
    }

    /// A deal was carried out.
    pub(super) fn dealt(&mut self, deal: &Deal, pending: &Pending, answer: &Value) {
        self.swarm.stats.acknowledged(1);
        self.booked += 1;
        let Some(books) = &mut self.books else { return };
        let items = items_taken(&self.swarm.catalog, deal);
        let explicit = matches!(deal, Deal::Load(_) | Deal::Unload(_));
        if !explicit && books.stamp(&items) != pending.stamp {
            // Storage is used before the hold, and what was in it at that moment is not known.
            books.blur(&items);
        }
        if let Err(why) = books.settle(&self.swarm.catalog, deal, answer) {
            self.swarm.oracle.violation(format!("bot {} ({}): {why}", self.index, self.player()));
        }
    }

    /// A deal was refused. Goods that had left come back into the storage, wherever they were before.
    pub(super) fn deal_refused(&mut self, deal: &Deal, error: &Value) {
        self.news.forget(deal);
        let at_once = error["code"].as_str().is_some_and(|code| REFUSED_AT_ONCE.contains(&code));
        if let Some(books) = self.books.as_mut().filter(|_| !at_once) {
            books.blur(&items_taken(&self.swarm.catalog, deal));
        }
    }

    /// A question about the economy was answered.
    pub(super) fn told(&mut self, id: CommandId, ask: &Ask, pending: &Pending, answer: &Value) {
        self.stated(id, answer);
        let fault = match ask {
            Ask::Notifications(_) if self.reading == Some(id) => self.notifications_read(answer),
            Ask::Storage(_) => self.places_told(pending, answer),
            _ => self.books.as_mut().map_or(Ok(()), |books| self.news.learn(ask, answer, books)),
        };
        if let Err(why) = fault {
            self.swarm.oracle.violation(format!("bot {} ({}): {why}", self.index, self.player()));
        }
    }

    fn places_told(&mut self, pending: &Pending, answer: &Value) -> Result<(), String> {
        let storage: Storage = serde_json::from_value(answer.clone()).map_err(|error| format!("storage: {error}"))?;
        let deals = self.pending.values().any(|pending| is_economic(pending.message.name()));
        if let Some(books) = self.books.as_mut().filter(|_| !deals && pending.booked == self.booked) {
            books.sharpen(&storage);
        }
        Ok(())
    }

    fn notifications_read(&mut self, answer: &Value) -> Result<(), String> {
        self.reading = None;
        let page: Notifications =
            serde_json::from_value(answer.clone()).map_err(|error| format!("notifications: {error}"))?;
        let next = self.inbox.read(page)?;
        self.earlier_page = next;
        self.book_notices();
        Ok(())
    }

    /// Books the notifications that are there, in their order.
    pub(super) fn book_notices(&mut self) {
        while let Some(books) = &mut self.books
            && let Some(notice) = self.inbox.next()
        {
            self.booked += 1;
            self.news.hear(&notice);
            self.swarm.stats.notices(1);
            if let Err(why) = books.notice(&self.swarm.catalog, &notice) {
                self.swarm.oracle.violation(format!("bot {} ({}): {why}", self.index, self.player()));
            }
        }
    }

    pub(super) fn log_sent(&self, id: CommandId, message: &ClientMessage) {
        if self.swarm.acks.is_some() {
            let command = acks::sent_command(message);
            let may = self.may(message);
            self.log(&Line::Sent { player: self.player(), id, command, sent_ms: now_ms(), may });
        }
    }

    pub(super) fn log(&self, line: &Line) {
        if let Some(acks) = &self.swarm.acks
            && let Err(error) = acks.write(line)
        {
            self.swarm.failed(format!("failed to write the file of --acks: {error}"));
        }
    }

    /// The least and the most that a command can change.
    fn may(&self, message: &ClientMessage) -> Option<May> {
        let catalog = &self.swarm.catalog;
        match message {
            ClientMessage::Collect(collect) => {
                let kind = catalog.objects.get(&self.picture.objects.get(&collect.object)?.kind)?;
                let range = [signed(kind.quantity_min), signed(kind.quantity_max)];
                Some(May { credits: [0, 0], goods: Some((kind.item.clone(), range)) })
            }
            ClientMessage::Sell(sell) => {
                let mut hubs = catalog.sectors.values().flat_map(|sector| &sector.hubs);
                let price = hubs.find(|hub| hub.key == sell.hub)?.buys.get(&sell.item)?;
                let goods: (ItemKey, [i64; 2]) = (sell.item.clone(), [-signed(sell.quantity.0); 2]);
                Some(May { credits: [signed(price.0 * sell.quantity.0); 2], goods: Some(goods) })
            }
            ClientMessage::Research(research) => {
                let cost = signed(catalog.techs.get(&research.tech)?.cost.0);
                Some(May { credits: [-cost; 2], goods: None })
            }
            ClientMessage::CancelResearch(_) => {
                let most = catalog.techs.values().map(|tech| signed(tech.cost.0)).max().unwrap_or(0);
                Some(May { credits: [0, most], goods: None })
            }
            _ => None,
        }
    }
}
