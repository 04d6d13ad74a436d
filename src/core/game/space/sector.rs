//! The sector: everything in one world.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::flight::{Goal, plan};
use super::news::News;
use super::ship::View;
use super::{
    Grid, Interest, ShipSpec, SpaceObject, SpaceShip, TickNews, TickOutput, Tier, TierBounds, ViewChange, WorldRefusal,
};
use crate::catalog::{Catalog, Gate, Hub, Sector as SectorContent, Spawn};
use crate::game::{Effects, LedgerReason, Purpose, Rng, Rule, Transfer};
use crate::protocol::{CellEntry, CellFrame, CellIndex, FrameKind};
use crate::types::{
    CommandId, Course, External, GateKey, Holdings, HubKey, ObjectId, ObjectKindKey, Party, PlayerId, Point, ShipId,
    Tick, TransferId, Volume, WorldKey, units_to_fixed,
};

/// The settings of a world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SectorSettings {
    /// Ticks per second.
    pub tick_hz: u32,
    /// A cell's side, in units.
    pub cell_units: u32,
    /// How far one sees, in units.
    pub interest_radius_units: u32,
    /// How far a ship strays from its anchor cell before its view moves, in units.
    pub hysteresis_units: u32,
    /// Cells to which a ship can come nearer than this, in units, are near.
    pub near_units: u32,
    /// Of the others, cells to which it can come nearer than this are in the middle; the rest is far.
    pub middle_units: u32,
}

/// What is in a cell.
#[derive(Clone, Debug, Default)]
pub(super) struct Cell {
    pub(super) ships: BTreeSet<ShipId>,
    pub(super) objects: BTreeSet<ObjectId>,
    /// What this tick has to say of it.
    news: Vec<News>,
}

/// The state of a world.
#[derive(Clone, Debug)]
pub struct Sector {
    pub(super) key: WorldKey,
    pub(super) number: u16,
    pub(super) size: i32,
    pub(super) seed: u64,
    pub(super) settings: SectorSettings,
    pub(super) interest: Interest,
    pub(super) cells: Vec<Cell>,
    pub(super) objects: BTreeMap<ObjectId, SpaceObject>,
    pub(super) object_counts: BTreeMap<ObjectKindKey, u32>,
    pub(super) spawns: Vec<Spawn>,
    pub(super) spawn_progress: Vec<u32>,
    pub(super) last_object: u64,
    tick: Tick,
    ships: BTreeMap<ShipId, SpaceShip>,
    ship_of: HashMap<PlayerId, ShipId>,
    pub(super) last_ship: u32,
    hubs: Vec<Hub>,
    gates: Vec<Gate>,
    entry: Point,
    entry_spread: i32,
    dirty: BTreeSet<CellIndex>,
    /// Ships that changed cells or left in this tick, with where they are now.
    crossings: Vec<(ShipId, Option<CellIndex>)>,
}

impl Sector {
    /// An empty world. `last_object` is the number of the object made last in it, 0 for a new one.
    #[must_use]
    pub fn new(content: &SectorContent, settings: SectorSettings, seed: u64, last_object: u64) -> Self {
        let fixed = |units: u32| units_to_fixed(i32::try_from(units).unwrap_or(i32::MAX));
        let grid = Grid::new(content.size_units, settings.cell_units);
        let cells = vec![Cell::default(); grid.cell_count() as usize];
        let tiers = TierBounds { near: fixed(settings.near_units), middle: fixed(settings.middle_units) };
        let (radius, hysteresis) = (fixed(settings.interest_radius_units), fixed(settings.hysteresis_units));
        let interest = Interest::new(grid, radius, hysteresis, tiers);
        Self {
            key: content.key.clone(),
            number: content.number,
            size: content.size(),
            seed,
            settings,
            interest,
            cells,
            objects: BTreeMap::new(),
            object_counts: BTreeMap::new(),
            spawns: content.spawns.clone(),
            spawn_progress: vec![0; content.spawns.len()],
            last_object,
            tick: Tick(1),
            ships: BTreeMap::new(),
            ship_of: HashMap::new(),
            last_ship: 0,
            hubs: content.hubs.clone(),
            gates: content.gates.clone(),
            entry: Point::from_units(content.entry.x, content.entry.y),
            entry_spread: fixed(content.entry_spread_units),
            dirty: BTreeSet::new(),
            crossings: Vec::new(),
        }
    }

    /// The world's key.
    #[must_use]
    pub fn key(&self) -> &WorldKey {
        &self.key
    }

    /// The world's number.
    #[must_use]
    pub fn number(&self) -> u16 {
        self.number
    }

    /// The seed of everything random here.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The number of the object made last.
    #[must_use]
    pub fn last_object(&self) -> u64 {
        self.last_object
    }

    /// The current tick.
    #[must_use]
    pub fn tick(&self) -> Tick {
        self.tick
    }

    /// Who sees what.
    #[must_use]
    pub fn interest(&self) -> &Interest {
        &self.interest
    }

    /// The ship with this id.
    #[must_use]
    pub fn ship(&self, id: ShipId) -> Option<&SpaceShip> {
        self.ships.get(&id)
    }

    /// A player's ship.
    #[must_use]
    pub fn ship_of(&self, player: PlayerId) -> Option<&SpaceShip> {
        self.ships.get(self.ship_of.get(&player)?)
    }

    /// All ships, by id.
    pub fn ships(&self) -> impl ExactSizeIterator<Item = &SpaceShip> {
        self.ships.values()
    }

    /// All objects, by id.
    #[must_use]
    pub fn objects(&self) -> &BTreeMap<ObjectId, SpaceObject> {
        &self.objects
    }

    /// Begins the next tick. Commands that follow belong to it.
    pub fn begin_tick(&mut self) {
        self.tick = self.tick.after(1);
    }

    /// Puts a ship into space: at `at`, or where the world lets ships appear. A player has one ship at most; one that
    /// is here already stays where it is and takes the new numbers.
    pub fn join(&mut self, spec: ShipSpec, at: Option<Point>) -> ShipId {
        if let Some(id) = self.ship_of.get(&spec.player).copied() {
            self.refit(spec);
            return id;
        }
        self.last_ship = self.last_ship.wrapping_add(1);
        let at = at.unwrap_or_else(|| self.place_at_entry(self.last_ship));
        let at = Point::new(at.x.clamp(0, self.size), at.y.clamp(0, self.size));
        let id = ShipId(self.last_ship);
        let cell = self.interest.grid().cell_of(at);
        self.ship_of.insert(spec.player, id);
        let course = Course::rest(at, self.tick);
        let ship =
            SpaceShip { id, spec, course, goal: Goal::Stop, cell, view: View::Closed, changed: false, unsaved: true };
        self.cells[cell as usize].ships.insert(id);
        self.say(cell, ship.introduction());
        self.ships.insert(id, ship);
        id
    }

    /// Where a ship of this number appears: around the entry, the farther the more ships there are, up to the spread.
    /// Each newcomer is shown all whom it can see, so thousands at one point would cost the square of their number.
    fn place_at_entry(&self, number: u32) -> Point {
        let crowd = i32::try_from(self.ships.len()).unwrap_or(i32::MAX);
        let reach = i64::from(self.entry_spread.min(crowd.saturating_mul(units_to_fixed(1))));
        let mut rng = Rng::seeded(self.seed ^ u64::from(number).wrapping_mul(0xd6e8_feb8_6659_fd93));
        let mut near = |middle: i32| {
            let place = rng.between(i64::from(middle) - reach, i64::from(middle) + reach);
            i32::try_from(place).unwrap_or(middle)
        };
        Point::new(near(self.entry.x), near(self.entry.y))
    }

    /// Takes a player's ship out of space; returns where it was.
    pub fn leave(&mut self, player: PlayerId) -> Option<Point> {
        let id = self.ship_of.remove(&player)?;
        let ship = self.ships.remove(&id)?;
        self.cells[ship.cell as usize].ships.remove(&id);
        self.say(ship.cell, News::ShipLeft(id));
        self.crossings.push((id, None));
        Some(ship.position(self.tick))
    }

    /// Gives a ship new numbers, as after a research. It flies on to where it was going, at its new speed.
    pub fn refit(&mut self, spec: ShipSpec) {
        let (tick, hz, size) = (self.tick, self.settings.tick_hz, self.size);
        let Some(ship) = self.ship_of.get(&spec.player).and_then(|id| self.ships.get_mut(id)) else { return };
        if ship.spec.speed != spec.speed && ship.course.arrives > tick {
            ship.course = plan(ship.position(tick), ship.goal, spec.speed, hz, size, tick);
            ship.changed = true;
        }
        let looks_different = (&ship.spec.name, &ship.spec.kind) != (&spec.name, &spec.kind);
        ship.spec = spec;
        if looks_different {
            let (cell, news) = (ship.cell, ship.introduction());
            self.say(cell, news);
        }
    }

    /// Sets a ship's course.
    ///
    /// # Errors
    /// [`WorldRefusal::NotHere`].
    pub fn navigate(&mut self, id: ShipId, goal: Goal) -> Result<Course, WorldRefusal> {
        let ship = self.ships.get_mut(&id).ok_or(WorldRefusal::NotHere)?;
        let from = ship.position(self.tick);
        ship.course = plan(from, goal, ship.spec.speed, self.settings.tick_hz, self.size, self.tick);
        ship.goal = goal;
        ship.changed = true;
        ship.unsaved = true;
        Ok(ship.course)
    }

    /// Gives an object to a player who has this much room for it. Whoever asks first gets it; it is gone for the rest.
    ///
    /// # Errors
    /// Not here, no such object, out of reach, or no room.
    #[allow(clippy::too_many_arguments, reason = "all of it goes into one transfer")]
    pub fn collect(
        &mut self,
        player: PlayerId,
        object: ObjectId,
        free: Volume,
        command: CommandId,
        rule: &Rule<'_>,
        fx: &mut Effects,
    ) -> Result<(), WorldRefusal> {
        let ship = self.ship_of(player).ok_or(WorldRefusal::NotHere)?;
        let found = self.objects.get(&object).ok_or(WorldRefusal::ObjectGone)?;
        check_range(ship.position(self.tick), found.at, ship.spec.collect_range)?;
        // An object whose kind the catalogue no longer has cannot be collected.
        let kind = rule.catalog.objects.get(&found.kind).ok_or(WorldRefusal::ObjectGone)?;
        let item = rule.catalog.items.get(&kind.item).ok_or(WorldRefusal::ObjectGone)?;
        let needed = item.volume.checked_mul(found.quantity.0).unwrap_or(Volume::MAX);
        if needed > free {
            return Err(WorldRefusal::CargoFull { needed, free });
        }
        let holdings = Holdings::of_goods(item.key.clone(), found.quantity);
        self.remove_object(object);
        fx.objects.insert(object);
        let transfer = Transfer {
            id: TransferId::of_collected(object),
            from: External::Space.into(),
            to: Party::Player(player),
            holdings,
            reason: LedgerReason::Collect,
            purpose: Purpose::Collected { command, object },
        };
        fx.send(transfer, rule.now);
        Ok(())
    }

    /// Checks that a player's ship is in reach of a hub.
    ///
    /// # Errors
    /// Not here, no such hub, or out of reach.
    pub fn near_hub(&self, player: PlayerId, hub: &HubKey) -> Result<(), WorldRefusal> {
        let ship = self.ship_of(player).ok_or(WorldRefusal::NotHere)?;
        let found = self.hubs.iter().find(|other| other.key == *hub);
        let found = found.ok_or_else(|| WorldRefusal::UnknownHub(hub.clone()))?;
        check_range(ship.position(self.tick), found.position(), found.range().unsigned_abs())
    }

    /// The players whose ships are within the interest radius of a player's ship, that player among them; nobody, when
    /// it is not here.
    #[must_use]
    pub fn within_hearing(&self, player: PlayerId) -> Vec<PlayerId> {
        let Some(ship) = self.ship_of(player) else { return Vec::new() };
        let speaker = ship.position(self.tick);
        let hears = |ship: &&SpaceShip| speaker.within(ship.position(self.tick), self.interest.radius());
        // The neighbourhood of its cell has everything within the radius.
        let cells = self.interest.neighbourhood(self.interest.grid().cell_of(speaker));
        let ships = cells.iter().flat_map(|cell| &self.cells[*cell as usize].ships);
        ships.filter_map(|id| self.ships.get(id)).filter(hears).map(|ship| ship.spec.player).collect()
    }

    /// Checks that a ship is in reach of a gate, and returns the gate.
    ///
    /// # Errors
    /// Not here, no such gate, or out of reach.
    pub fn near_gate(&self, id: ShipId, gate: &GateKey) -> Result<Gate, WorldRefusal> {
        let ship = self.ships.get(&id).ok_or(WorldRefusal::NotHere)?;
        let found = self.gates.iter().find(|other| other.key == *gate);
        let found = found.ok_or_else(|| WorldRefusal::UnknownGate(gate.clone()))?;
        check_range(ship.position(self.tick), found.position(), found.range().unsigned_abs())?;
        Ok(found.clone())
    }

    /// Opens a player's view, or shows everything anew.
    pub fn open_view(&mut self, id: ShipId) {
        if let Some(ship) = self.ships.get_mut(&id) {
            ship.view = View::Fresh;
        }
    }

    /// Closes a player's view: nobody looks.
    pub fn close_view(&mut self, id: ShipId) {
        if let Some(ship) = self.ships.get_mut(&id) {
            ship.view = View::Closed;
        }
    }

    /// The places of all ships that moved since they were stored last.
    pub fn take_unsaved(&mut self) -> Vec<(PlayerId, Point)> {
        let tick = self.tick;
        let unsaved = self.ships.values_mut().filter(|ship| ship.unsaved);
        unsaved
            .map(|ship| {
                ship.unsaved = ship.course.arrives > tick;
                (ship.spec.player, ship.position(tick))
            })
            .collect()
    }

    /// Ends the tick: ships change cells, objects appear, views move. Without a catalogue nothing appears: for times
    /// when nothing more can be stored.
    pub fn end_tick(&mut self, catalog: Option<&Catalog>, fx: &mut Effects) -> TickOutput {
        self.move_ships();
        if let Some(catalog) = catalog {
            self.spawn_due(catalog, fx);
        }
        let views = self.move_views();
        let dirty = std::mem::take(&mut self.dirty).into_iter();
        let cells = dirty.map(|cell| (cell, std::mem::take(&mut self.cells[cell as usize].news))).collect();
        let crossings = std::mem::take(&mut self.crossings);
        TickOutput { news: TickNews::new(self.tick, cells, crossings), views }
    }

    /// Everything in a cell, as of the current tick's end.
    #[must_use]
    pub fn snapshot(&self, cell: CellIndex) -> CellFrame {
        let mut entries = Vec::new();
        if let Some(content) = self.cells.get(cell as usize) {
            let ships = content.ships.iter().filter_map(|id| self.ships.get(id));
            entries.extend(ships.map(|ship| ship.seen(self.tick)));
            let objects = content.objects.iter().filter_map(|id| Some((id, self.objects.get(id)?)));
            entries.extend(objects.map(|(id, object)| CellEntry::Object(*id, object.at, object.kind.clone())));
        }
        CellFrame { cell, kind: FrameKind::Snapshot, entries }
    }

    pub(super) fn say(&mut self, cell: CellIndex, news: News) {
        self.cells[cell as usize].news.push(news);
        self.dirty.insert(cell);
    }

    fn move_ships(&mut self) {
        let tick = self.tick;
        for ship in self.ships.values_mut() {
            if !ship.changed && !ship.course.moves_at(tick) {
                continue;
            }
            ship.unsaved = true;
            let changed = std::mem::take(&mut ship.changed);
            let cell = self.interest.grid().cell_of(ship.course.position(tick));
            if cell != ship.cell {
                let old = std::mem::replace(&mut ship.cell, cell);
                self.cells[old as usize].ships.remove(&ship.id);
                self.cells[old as usize].news.push(News::ShipMoved(ship.id, cell));
                self.cells[cell as usize].ships.insert(ship.id);
                self.cells[cell as usize].news.push(ship.introduction());
                self.crossings.push((ship.id, Some(cell)));
                self.dirty.extend([old, cell]);
            } else if changed {
                self.cells[cell as usize].news.push(News::Course(ship.id, ship.course));
                self.dirty.insert(cell);
            }
        }
    }

    fn move_views(&mut self) -> Vec<ViewChange> {
        let mut changes = Vec::new();
        for ship in self.ships.values_mut() {
            let at = ship.course.position(self.tick);
            let old = match ship.view {
                View::Closed => continue,
                View::Anchored(anchor) if self.interest.keeps_anchor(anchor, at) => continue,
                View::Anchored(anchor) => self.interest.tiers(anchor),
                View::Fresh => Vec::new(),
            };
            let (anchor, fresh) = (ship.cell, ship.view == View::Fresh);
            let new = self.interest.tiers(anchor);
            ship.view = View::Anchored(anchor);
            changes.push(ViewChange {
                ship: ship.id,
                at,
                fresh,
                anchor,
                entered: select(&new, |cell, _| tier_in(&old, cell).is_none()),
                left: select(&old, |cell, _| tier_in(&new, cell).is_none()),
                nearer: select(&new, |cell, tier| tier_in(&old, cell).is_some_and(|before| before > tier)),
            });
        }
        changes
    }
}

fn tier_in(cells: &[(CellIndex, Tier)], cell: CellIndex) -> Option<Tier> {
    cells.binary_search_by_key(&cell, |(cell, _)| *cell).ok().map(|index| cells[index].1)
}

fn select(cells: &[(CellIndex, Tier)], which: impl Fn(CellIndex, Tier) -> bool) -> Vec<CellIndex> {
    cells.iter().filter(|(cell, tier)| which(*cell, *tier)).map(|(cell, _)| *cell).collect()
}

fn check_range(from: Point, to: Point, range: u32) -> Result<(), WorldRefusal> {
    let squared = from.distance_squared(to).unsigned_abs();
    if squared <= u128::from(range) * u128::from(range) {
        return Ok(());
    }
    let distance = u64::try_from(squared.isqrt()).unwrap_or(u64::MAX).saturating_add(1);
    Err(WorldRefusal::OutOfRange { distance, range: u64::from(range) })
}
