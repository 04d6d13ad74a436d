//! Surveys: what operators see of a world. The world hands out a compact copy of what is there; whoever asked makes a
//! picture of it on its own thread. From a world's first survey on, until nobody has surveyed it for [`COUNT_FOR`], the
//! workers count what its cells cost them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use actix::{Context, Handler, Message};
use orrery_core::game::space::{Interest, Sector};
use orrery_core::protocol::CellIndex;
use orrery_core::types::{Course, ObjectId, ObjectKindKey, PlayerId, Point, Quantity, ShipKindKey, Tick};

use super::WorldActor;
use crate::actors::fanout::CellLoad;
use crate::actors::stats::Timing;

/// How long after its last survey the cells of a world are still counted.
pub const COUNT_FOR: Duration = Duration::from_secs(10);

/// What is there? `None` while the world is being loaded, and when it has stopped.
#[derive(Message)]
#[rtype(result = "Option<Surveyed>")]
pub struct Survey;

/// What is in a world, between two ticks.
#[derive(Debug)]
pub struct Surveyed {
    /// The tick made last; everything is as of its end.
    pub tick: Tick,
    /// All ships, by id.
    pub ships: Vec<SurveyedShip>,
    /// All objects, by id.
    pub objects: Vec<SurveyedObject>,
    /// Who sees what.
    pub interest: Arc<Interest>,
    /// How long a tick lasts now, in ms, as players are told.
    pub tick_ms: u32,
    /// What the cells cost. Another one when counting has begun anew.
    pub load: Arc<CellLoad>,
}

/// A ship.
#[derive(Clone, Debug)]
pub struct SurveyedShip {
    /// Whose.
    pub player: PlayerId,
    /// The owner's name.
    pub name: String,
    /// What kind.
    pub kind: ShipKindKey,
    /// How it moves.
    pub course: Course,
    /// The cell that its owner's view is anchored to, if somebody looks.
    pub anchor: Option<CellIndex>,
}

/// An object.
#[derive(Clone, Debug)]
pub struct SurveyedObject {
    /// Its id.
    pub id: ObjectId,
    /// What kind.
    pub kind: ObjectKindKey,
    /// Where.
    pub at: Point,
    /// How many pieces it holds.
    pub quantity: Quantity,
}

impl Surveyed {
    /// A copy of what is in a sector.
    #[must_use]
    pub fn of(sector: &Sector, interest: Arc<Interest>, load: Arc<CellLoad>, tick_ms: u32) -> Self {
        let ships = sector.ships().map(|ship| SurveyedShip {
            player: ship.spec.player,
            name: ship.spec.name.clone(),
            kind: ship.spec.kind.clone(),
            course: ship.course,
            anchor: ship.anchor(),
        });
        let objects = sector.objects().iter().map(|(id, object)| SurveyedObject {
            id: *id,
            kind: object.kind.clone(),
            at: object.at,
            quantity: object.quantity,
        });
        Self { tick: sector.tick(), ships: ships.collect(), objects: objects.collect(), interest, tick_ms, load }
    }
}

/// What a world remembers of having been surveyed.
pub(super) struct Counting {
    load: Arc<CellLoad>,
    last: Instant,
}

impl Counting {
    /// Where the workers are to count what this world's cells cost; nowhere, when nobody has asked for a while.
    pub(super) fn load(counting: &mut Option<Self>) -> Option<Arc<CellLoad>> {
        if counting.as_ref().is_some_and(|counting| counting.last.elapsed() > COUNT_FOR) {
            *counting = None;
        }
        counting.as_ref().map(|counting| Arc::clone(&counting.load))
    }
}

impl Handler<Survey> for WorldActor {
    type Result = Option<Surveyed>;

    fn handle(&mut self, _: Survey, _: &mut Context<Self>) -> Self::Result {
        let _timing = Timing::begin(&self.handle.meter, "survey");
        let loaded = self.sector.as_ref()?;
        let load = Counting::load(&mut self.counting)
            .unwrap_or_else(|| Arc::new(CellLoad::new(loaded.interest.grid().cell_count())));
        self.counting = Some(Counting { load: Arc::clone(&load), last: Instant::now() });
        let tick_ms = self.clock.announced_ms();
        Some(Surveyed::of(&loaded.sector, Arc::clone(&loaded.interest), load, tick_ms))
    }
}
