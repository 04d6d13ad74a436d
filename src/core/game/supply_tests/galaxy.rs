//! What the simulated players share: fields, missions, hubs' contracts; and the one way in which effects are carried
//! out.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use uuid::Uuid;

use super::books::Books;
use super::trade::Order;
use crate::catalog::{Catalog, Hub};
use crate::game::mission::Mission;
use crate::game::player::{DealContext, Player, Prepared};
use crate::game::{Effects, LedgerReason, Parcel, PartyRules, Purpose, Rng, Rule, Transfer};
use crate::types::economy::Deal;
use crate::types::{
    CommandId, Credits, External, Holdings, HubKey, ItemKey, Millis, MissionId, ObjectId, Party, Quantity, Refusal,
    TransferId,
};

/// A step.
pub(super) const STEP_SECONDS: u64 = 600;
/// Contracts of hubs are worth so much (at the best price), at random.
const CONTRACT_WORTH: (u64, u64) = (200, 1_000);

/// A contract that a hub offers.
pub(super) struct HubContract {
    pub(super) hub: HubKey,
    pub(super) item: ItemKey,
    pub(super) quantity: Quantity,
    pub(super) reward: Credits,
}

/// Where an item lies, taken together.
#[derive(Default)]
pub(super) struct Field {
    /// Pieces now.
    pub(super) there: u64,
    /// Pieces at most.
    most: u64,
    /// Pieces that appear in a step.
    fresh: u64,
    /// Pieces of an object.
    pub(super) mean: u64,
    /// Whether newcomers find it.
    pub(super) at_home: bool,
}

pub(super) struct Galaxy {
    pub(super) catalog: Arc<Catalog>,
    pub(super) rng: Rng,
    pub(super) now: Millis,
    pub(super) day: usize,
    pub(super) books: Books,
    pub(super) players: Vec<Player>,
    /// What lies in space.
    pub(super) fields: BTreeMap<ItemKey, Field>,
    /// Who pays most for each item, and how much.
    pub(super) prices: BTreeMap<ItemKey, (Hub, Credits)>,
    /// What missions ask for in some phase.
    pub(super) asked: BTreeSet<ItemKey>,
    pub(super) missions: Vec<Mission>,
    begun: u64,
    pub(super) contracts: Vec<HubContract>,
    pub(super) orders: Vec<Order>,
    /// What waits in orders: players' money, in nobody's wallet.
    pub(super) escrow: u64,
    pub(super) commands: u64,
}

impl Galaxy {
    pub(super) fn new(catalog: Arc<Catalog>, seed: u64) -> Self {
        let needs = catalog.missions.values().flat_map(|kind| &kind.phases).flat_map(|phase| phase.needs.keys());
        Self {
            fields: fields(&catalog),
            prices: prices(&catalog),
            asked: needs.cloned().collect(),
            catalog,
            rng: Rng::seeded(seed),
            now: Millis(0),
            day: 0,
            books: Books::default(),
            players: Vec::new(),
            missions: Vec::new(),
            begun: 0,
            contracts: Vec::new(),
            orders: Vec::new(),
            escrow: 0,
            commands: 0,
        }
    }

    /// Everything that happens without players.
    pub(super) fn tick(&mut self, now: Millis) {
        self.now = now;
        let catalog = Arc::clone(&self.catalog);
        for field in self.fields.values_mut() {
            field.there = (field.there + field.fresh).min(field.most);
        }
        self.run_missions();
        if now.0.is_multiple_of(catalog.economy.contract.hub_contract_seconds * 1_000) {
            self.contracts = catalog.hubs().flat_map(|hub| self.hub_contracts(hub)).collect();
        }
    }

    fn hub_contracts(&mut self, hub: &Hub) -> Vec<HubContract> {
        let rules = &Arc::clone(&self.catalog).economy.contract;
        let goods: Vec<(ItemKey, Credits)> = hub.buys.keys().map(|item| (item.clone(), self.price(item))).collect();
        (0..rules.hub_contracts)
            .map(|_| {
                let (item, price) = goods[self.rng.below(goods.len() as u64) as usize].clone();
                let worth = CONTRACT_WORTH.0 + self.rng.below(CONTRACT_WORTH.1 - CONTRACT_WORTH.0);
                let quantity = Quantity((worth / price.0).max(1));
                let reward = Credits(price.0 * quantity.0 * rules.hub_reward_permille / 1_000);
                HubContract { hub: hub.key.clone(), item, quantity, reward }
            })
            .collect()
    }

    fn run_missions(&mut self) {
        let catalog = Arc::clone(&self.catalog);
        let mut missions = std::mem::take(&mut self.missions);
        for mission in &mut missions {
            while !mission.is_over() && mission.due().is_some_and(|due| due <= self.now) {
                let mut fx = Effects::default();
                mission.on_due(&rule(&catalog, self.now), &mut fx);
                self.carry_out(fx);
            }
        }
        missions.retain(|mission| !mission.is_over());
        for kind in catalog.missions.values().filter(|kind| kind.every_seconds > 0) {
            if self.now.0.is_multiple_of(kind.every_seconds * 1_000) {
                self.begun += 1;
                let id = MissionId::parse(&format!("{}_{}", kind.key, self.begun)).unwrap();
                missions.push(Mission::begin(id, kind, self.begun, self.now, &mut Effects::default()));
            }
        }
        self.missions = missions;
    }

    /// Enters the ledger's rows, and delivers what is for players.
    pub(super) fn carry_out(&mut self, fx: Effects) {
        self.books.enter(self.day, &fx.ledger);
        for transfer in fx.sent {
            if let Party::Player(id) = transfer.to {
                let player = usize::try_from(id.0.as_u128()).unwrap();
                let mut fx = Effects::default();
                self.players[player].receive(&transfer, &rule(&self.catalog, self.now), &mut fx).unwrap();
                self.books.enter(self.day, &fx.ledger);
            }
        }
    }

    /// Does a deal; what it sends to a market is returned.
    pub(super) fn deal(&mut self, player: usize, deal: &Deal) -> Result<Option<Transfer>, Refusal> {
        self.commands += 1;
        let catalog = Arc::clone(&self.catalog);
        let (rule, command) = (rule(&catalog, self.now), CommandId(self.commands));
        let cx = DealContext { rule, command, fingerprint: 0, name: "somebody" };
        let mut fx = Effects::default();
        let prepared = self.players[player].deal(deal, &cx, &mut fx)?;
        let sent = if prepared == Prepared::Asked { fx.sent.pop() } else { None };
        self.carry_out(fx);
        Ok(sent)
    }

    pub(super) fn command(&mut self) -> CommandId {
        self.commands += 1;
        CommandId(self.commands)
    }

    /// The best price that any hub pays; 0 when none does.
    pub(super) fn price(&self, item: &ItemKey) -> Credits {
        self.prices.get(item).map_or(Credits::ZERO, |best| best.1)
    }

    /// Goods that somebody has collected, as far as there are any; into the hold, or into the storage at a hub.
    pub(super) fn collect(&mut self, player: usize, item: &ItemKey, wanted: u64, hub: Option<&HubKey>) -> u64 {
        let Some(field) = self.fields.get_mut(item) else { return 0 };
        let quantity = field.there.min(wanted);
        field.there -= quantity;
        if quantity > 0 {
            let goods = Holdings::of_goods(item.clone(), Quantity(quantity));
            self.parcel(External::Space, player, goods, hub, LedgerReason::Collect);
        }
        quantity
    }

    /// What comes to a player from outside.
    pub(super) fn parcel(
        &mut self,
        from: External,
        player: usize,
        holdings: Holdings,
        hub: Option<&HubKey>,
        reason: LedgerReason,
    ) {
        self.commands += 1;
        let parcel = Parcel { hub: hub.cloned(), ..Parcel::default() };
        let to = Party::Player(self.players[player].id);
        let id = TransferId::of_collected(ObjectId(self.commands));
        let purpose = Purpose::Parcel(Box::new(parcel));
        let mut fx = Effects::default();
        fx.send(Transfer { id, from: from.into(), to, holdings, reason, purpose }, self.now);
        self.carry_out(fx);
    }

    /// All credits that players have, in wallets and orders.
    pub(super) fn supply(&self) -> u64 {
        self.players.iter().map(|player| player.credits.0).sum::<u64>() + self.escrow
    }
}

pub(super) fn rule(catalog: &Catalog, now: Millis) -> Rule<'_> {
    Rule { catalog, now, fresh: Uuid::nil() }
}

fn fields(catalog: &Catalog) -> BTreeMap<ItemKey, Field> {
    let mut fields: BTreeMap<ItemKey, Field> = BTreeMap::new();
    for sector in catalog.sectors.values() {
        for spawn in &sector.spawns {
            let kind = &catalog.objects[&spawn.kind];
            let field = fields.entry(kind.item.clone()).or_default();
            field.mean = (kind.quantity_min + kind.quantity_max) / 2;
            field.fresh += u64::from(spawn.per_minute) * STEP_SECONDS / 60 * field.mean;
            field.most += (u64::from(spawn.count) + u64::from(spawn.per_minute) * STEP_SECONDS / 60) * field.mean;
            field.at_home |= sector.key == catalog.start.sector;
        }
    }
    fields
}

fn prices(catalog: &Catalog) -> BTreeMap<ItemKey, (Hub, Credits)> {
    let mut best: BTreeMap<ItemKey, (Hub, Credits)> = BTreeMap::new();
    for hub in catalog.hubs() {
        for (item, price) in &hub.buys {
            if best.get(item).is_none_or(|(_, known)| known < price) {
                best.insert(item.clone(), (hub.clone(), *price));
            }
        }
    }
    best
}
