//! A simulated person: gathers and sells, makes things, researches, buys better ships, founds a guild.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::galaxy::{Galaxy, STEP_SECONDS, rule};
use crate::catalog::{Blueprint, Catalog};
use crate::game::player::Player;
use crate::game::{Cause, Effects, LedgerReason};
use crate::types::economy::Deal;
use crate::types::economy::craft::Craft;
use crate::types::economy::storage::{BuyShip, Move, Supply};
use crate::types::{
    BlueprintKey, Credits, External, FIXED_PER_UNIT, Holdings, HubKey, ItemKey, Quantity, ShipKindKey, TechKey,
};

/// Objects that a person with a sloop's reach collects in a step: one every ten seconds.
const OBJECTS_PER_STEP: u64 = 60;
/// The way to a field and back to a hub, and what docking takes.
const WAY_UNITS: u64 = 1_500;
const DOCKING_SECONDS: u64 = 120;
/// Newcomers stay where they began until they know so much.
const TECHS_TO_LEAVE_HOME: usize = 3;
/// Who makes things loads jobs for so long.
const JOB_SECONDS: u64 = 4 * 3_600;
/// The hub where everybody works: the simulation knows no distances between hubs.
pub(super) const HOME: &str = "luna_exchange";

pub(super) struct Person {
    pub(super) index: usize,
    /// Steps a day, and the one with which a day of theirs begins.
    pub(super) diligence: u64,
    pub(super) begins: u64,
    /// Whether they make things.
    pub(super) makes: bool,
    goal: Option<(BlueprintKey, u64)>,
    founded: bool,
}

impl Person {
    pub(super) fn new(index: usize, diligence: u64, begins: u64, makes: bool) -> Self {
        Self { index, diligence, begins, makes, goal: None, founded: false }
    }

    /// Whether they play in this step of a day.
    pub(super) fn plays(&self, step: u64) -> bool {
        let day = 24 * 3_600 / STEP_SECONDS;
        (step + day - self.begins) % day < self.diligence
    }

    /// One step.
    pub(super) fn play(&mut self, galaxy: &mut Galaxy) {
        let catalog = Arc::clone(&galaxy.catalog);
        let mut fx = Effects::default();
        galaxy.players[self.index].finish_due_jobs(&rule(&catalog, galaxy.now), &mut fx);
        galaxy.carry_out(fx);
        self.research(galaxy, &catalog);
        self.buy_a_ship(galaxy, &catalog);
        self.found_a_guild(galaxy, &catalog);
        let wanted = if self.makes { self.work(galaxy, &catalog) } else { None };
        match wanted {
            Some(item) => self.gather(galaxy, &catalog, &item, true),
            None => {
                if let Some(item) = self.choose_field(galaxy, &catalog) {
                    self.gather(galaxy, &catalog, &item, false);
                }
            }
        }
    }

    /// The cheapest technology that can be begun.
    fn research(&self, galaxy: &mut Galaxy, catalog: &Catalog) {
        let player = &galaxy.players[self.index];
        let open = |key: &TechKey| !player.known.contains(key);
        let ready = catalog.techs.values().filter(|tech| open(&tech.key) && !tech.requires.iter().any(open));
        let Some(tech) = ready.min_by_key(|tech| tech.cost).filter(|tech| tech.cost <= player.credits) else { return };
        if player.research.is_none() {
            let (command, mut fx) = (galaxy.command(), Effects::default());
            galaxy.players[self.index].start_research(catalog, &tech.key, command, galaxy.now, &mut fx).unwrap();
            galaxy.carry_out(fx);
        }
    }

    /// The next better ship, when it costs less than half of what there is.
    fn buy_a_ship(&self, galaxy: &mut Galaxy, catalog: &Catalog) {
        let player = &galaxy.players[self.index];
        let has = catalog.ships[&player.ship].price;
        let affordable = |key: &ShipKindKey| {
            let price = catalog.ships[key].price;
            price > has && price.0 * 2 <= player.credits.0
        };
        let offers = catalog.hubs().flat_map(|hub| hub.ships.iter().map(move |ship| (&hub.key, ship)));
        let best = offers.filter(|(_, ship)| affordable(ship)).max_by_key(|(_, ship)| catalog.ships[*ship].price);
        if let Some((hub, ship)) = best {
            galaxy.deal(self.index, &Deal::BuyShip(BuyShip { hub: hub.clone(), ship: ship.clone() })).unwrap();
        }
    }

    /// One in ten does, once they can well afford it.
    fn found_a_guild(&mut self, galaxy: &mut Galaxy, catalog: &Catalog) {
        let fee = catalog.economy.guild.founding_fee;
        let player = &mut galaxy.players[self.index];
        if self.founded || !self.index.is_multiple_of(10) || player.credits.0 < fee.0 * 4 {
            return;
        }
        self.founded = true;
        player.credits.0 -= fee.0;
        let (id, mut fx) = (player.id, Effects::default());
        let fee = Holdings::of_credits(fee);
        fx.moved(id, External::Services, &fee, LedgerReason::Guild, &Cause::default(), galaxy.now);
        galaxy.carry_out(fx);
    }

    /// What brings most, as far as people look; one time in three something else.
    fn choose_field(&self, galaxy: &mut Galaxy, catalog: &Catalog) -> Option<ItemKey> {
        let far = galaxy.players[self.index].known.len() >= TECHS_TO_LEAVE_HOME;
        let reach = Reach::of(&galaxy.players[self.index], catalog);
        let known: Vec<&ItemKey> =
            galaxy.fields.iter().filter(|(_, field)| far || field.at_home).map(|(item, _)| item).collect();
        let worth = |item: &ItemKey| galaxy.price(item).0 * reach.pieces(galaxy, item).min(galaxy.fields[item].there);
        let best = known.iter().copied().max_by_key(|item| worth(item)).cloned();
        let known: Vec<ItemKey> = known.into_iter().cloned().collect();
        let other = known.get(galaxy.rng.below(known.len() as u64) as usize).cloned();
        if galaxy.rng.below(3) == 0 { other } else { best }
    }

    fn gather(&self, galaxy: &mut Galaxy, catalog: &Catalog, item: &ItemKey, for_work: bool) {
        let reach = Reach::of(&galaxy.players[self.index], catalog);
        let pieces = reach.pieces(galaxy, item);
        if for_work {
            galaxy.collect(self.index, item, pieces, Some(&home()));
            return;
        }
        let load = reach.load(galaxy, item).min(pieces / reach.trips);
        for _ in 0..reach.trips {
            galaxy.collect(self.index, item, load, None);
            galaxy.dispose(self.index, item);
        }
    }

    /// Sells what was made, and begins jobs as long as slots are free. Returns what is to be gathered for the next one.
    fn work(&mut self, galaxy: &mut Galaxy, catalog: &Catalog) -> Option<ItemKey> {
        let (goal, runs) = match &self.goal {
            Some((goal, runs)) => (&catalog.blueprints[goal], *runs),
            None => {
                let (goal, runs) = self.choose_goal(galaxy, catalog)?;
                self.goal = Some((goal.key.clone(), runs));
                (goal, runs)
            }
        };
        self.sell_what_was_made(galaxy, catalog, goal);
        if self.busy(galaxy, catalog) {
            return None;
        }
        match self.make(galaxy, catalog, goal, runs) {
            Next::Begun(key) if key == goal.key => {
                self.goal = None;
                None
            }
            Next::Begun(_) | Next::Wait => None,
            Next::Gather(item) => Some(item),
            Next::GiveUp => {
                self.goal = None;
                None
            }
        }
    }

    fn busy(&self, galaxy: &Galaxy, catalog: &Catalog) -> bool {
        let jobs = galaxy.players[self.index].jobs_view(catalog);
        jobs.items.len() >= jobs.slots as usize
    }

    /// One of the four most valuable things they know how to make, as many as their money is good for.
    fn choose_goal<'a>(&self, galaxy: &mut Galaxy, catalog: &'a Catalog) -> Option<(&'a Blueprint, u64)> {
        let player = &galaxy.players[self.index];
        let known = |made: &&Blueprint| made.requires.iter().all(|tech| player.known.contains(tech));
        let mut made: Vec<&Blueprint> = catalog.blueprints.values().filter(known).collect();
        made.sort_by_key(|made| std::cmp::Reverse(galaxy.price(&made.output)));
        let goal = *made.get(galaxy.rng.below(made.len().min(4) as u64) as usize)?;
        let cost = galaxy.price(&goal.output).0 * goal.output_quantity.0;
        let runs = (JOB_SECONDS / goal.seconds).min(galaxy.players[self.index].credits.0 / cost.max(1));
        Some((goal, runs.clamp(1, catalog.economy.craft.runs_max.into())))
    }

    /// The next thing to do to make something: itself, or what it is made of.
    fn make(&self, galaxy: &mut Galaxy, catalog: &Catalog, what: &Blueprint, runs: u64) -> Next {
        for (input, quantity) in &what.inputs {
            let missing = (quantity.0 * runs).saturating_sub(self.stored(galaxy, input));
            if missing == 0 {
                continue;
            }
            if let Some(next) = self.procure(galaxy, catalog, input, missing) {
                return next;
            }
        }
        let runs = u32::try_from(runs).unwrap_or(u32::MAX).min(catalog.economy.craft.runs_max);
        let body = Craft { hub: home(), blueprint: what.key.clone(), runs };
        match galaxy.deal(self.index, &Deal::Craft(body)) {
            Ok(_) => Next::Begun(what.key.clone()),
            Err(_) => Next::GiveUp,
        }
    }

    /// Gets goods; `None` when they are there now.
    fn procure(&self, galaxy: &mut Galaxy, catalog: &Catalog, item: &ItemKey, missing: u64) -> Option<Next> {
        let quantity = Quantity(missing);
        if catalog.hub(&home()).is_some_and(|hub| hub.sells.contains_key(item)) {
            let body = Supply { hub: home(), item: item.clone(), quantity };
            return galaxy.deal(self.index, &Deal::Supply(body)).err().map(|_| Next::GiveUp);
        }
        if galaxy.has_order(self.index, item) {
            return Some(Next::Wait);
        }
        let player = &galaxy.players[self.index];
        let price = Credits(galaxy.price(item).0 * 11 / 10 + 1);
        let can_buy = price.0 * missing * 4 < player.credits.0 && galaxy.rng.below(2) == 0;
        let made = catalog.blueprints.values().find(|made| made.output == *item && made.key.as_str() != "iron_plates");
        if can_buy {
            galaxy.order(self.index, &home(), item, quantity, price);
            return Some(Next::Wait);
        }
        let Some(made) = made.filter(|_| !galaxy.fields.contains_key(item)) else {
            return Some(if galaxy.fields.contains_key(item) { Next::Gather(item.clone()) } else { Next::GiveUp });
        };
        let player = &galaxy.players[self.index];
        if player.crafting.jobs.iter().any(|job| job.output == *item) {
            return Some(Next::Wait);
        }
        if !made.requires.iter().all(|tech| player.known.contains(tech)) {
            return Some(Next::GiveUp);
        }
        Some(self.make(galaxy, catalog, made, missing.div_ceil(made.output_quantity.0).min(100)))
    }

    fn stored(&self, galaxy: &Galaxy, item: &ItemKey) -> u64 {
        galaxy.players[self.index].storage.get(&home()).map_or(0, |stored| stored.quantity(item).0)
    }

    /// Everything in the storage that the goal, and what it is made of, has no use for.
    fn sell_what_was_made(&self, galaxy: &mut Galaxy, catalog: &Catalog, goal: &Blueprint) {
        let mut needed = BTreeSet::new();
        needs_of(catalog, goal, &mut needed);
        let stored: BTreeMap<ItemKey, Quantity> = galaxy.players[self.index]
            .storage
            .get(&home())
            .map(|stored| stored.iter().map(|(item, quantity)| (item.clone(), quantity)).collect())
            .unwrap_or_default();
        for (item, quantity) in stored.into_iter().filter(|(item, _)| !needed.contains(item)) {
            let fits = galaxy.players[self.index].free_volume(catalog).0 / catalog.items[&item].volume.0;
            let quantity = Quantity(quantity.0.min(fits));
            if quantity > Quantity::ZERO && galaxy.price(&item) > Credits::ZERO {
                let body = Move { hub: home(), item: item.clone(), quantity };
                galaxy.deal(self.index, &Deal::Load(body)).unwrap();
                galaxy.dispose(self.index, &item);
            }
        }
    }
}

/// What a ship can do in a step.
struct Reach {
    /// Ways to a field and back.
    trips: u64,
    /// Room in the hold.
    room: u64,
    /// Objects that can be collected.
    objects: u64,
}

impl Reach {
    fn of(player: &Player, catalog: &Catalog) -> Self {
        let stats = player.ship_stats(catalog);
        let units = |fixed: u32| u64::from(fixed / FIXED_PER_UNIT.unsigned_abs()).max(1);
        let trips = STEP_SECONDS / (WAY_UNITS / units(stats.speed) + DOCKING_SECONDS);
        let sloop = catalog.ships[&catalog.start.ship].collect_range_units;
        let objects = OBJECTS_PER_STEP * units(stats.collect_range) / u64::from(sloop);
        let room = stats.cargo_capacity.0.saturating_sub(player.cargo.volume(catalog).0);
        Self { trips: trips.max(1), room, objects: objects.min(OBJECTS_PER_STEP * 3) }
    }

    /// Pieces that fit into the hold.
    fn load(&self, galaxy: &Galaxy, item: &ItemKey) -> u64 {
        self.room / galaxy.catalog.items[item].volume.0
    }

    /// Pieces that can be gathered.
    fn pieces(&self, galaxy: &Galaxy, item: &ItemKey) -> u64 {
        let mean = galaxy.fields.get(item).map_or(0, |field| field.mean);
        (self.objects * mean).min(self.trips * self.load(galaxy, item))
    }
}

/// What comes next on the way to a goal.
enum Next {
    Begun(BlueprintKey),
    Gather(ItemKey),
    Wait,
    GiveUp,
}

fn needs_of<'a>(catalog: &'a Catalog, what: &'a Blueprint, needed: &mut BTreeSet<&'a ItemKey>) {
    for input in what.inputs.keys() {
        if needed.insert(input) {
            for made in catalog.blueprints.values().filter(|made| made.output == *input) {
                needs_of(catalog, made, needed);
            }
        }
    }
}

fn home() -> HubKey {
    HubKey::parse(HOME).unwrap()
}
