//! News: what a tick changed in which cell, and what several ticks in a row add up to.
//!
//! A world makes a tick's news once, and they never change afterwards: whoever needs them as frames, on whatever
//! thread, puts them together from there. Nothing is done for a cell or a period that nobody looks at.

use std::sync::Arc;

use crate::protocol::cell_frame::WireCourse;
use crate::protocol::{CellEntry, CellFrame, CellIndex, FrameKind};
use crate::types::{Course, ObjectId, ObjectKindKey, Point, ShipId, ShipKindKey, Tick};

use super::cadence::CYCLE;

/// One thing that changed in a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum News {
    /// A ship in the cell has a new course.
    Course(ShipId, Course),
    /// A ship came into the cell, or looks different.
    Ship(ShipId, Course, ShipKindKey, String),
    /// A ship went from the cell to another one.
    ShipMoved(ShipId, CellIndex),
    /// A ship in the cell left the world.
    ShipLeft(ShipId),
    /// An object appeared in the cell.
    Object(ObjectId, Point, ObjectKindKey),
    /// An object in the cell is gone.
    ObjectGone(ObjectId),
}

/// What news are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Thing {
    Ship(ShipId),
    Object(ObjectId),
}

/// Everything that one tick changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TickNews {
    tick: Tick,
    /// By cell, ascending; in a cell in the order in which it happened.
    cells: Vec<(CellIndex, Vec<News>)>,
    /// Ships that changed cells, with where they are now, and those that left the world; by ship, ascending.
    crossings: Vec<(ShipId, Option<CellIndex>)>,
}

/// What is to be told of a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The delta, as of the last of its ticks.
    pub frame: CellFrame,
    /// How many ticks ago its entries happened, in sum.
    pub staleness_ticks: u64,
}

impl News {
    fn thing(&self) -> Thing {
        match self {
            Self::Course(ship, ..) | Self::Ship(ship, ..) | Self::ShipMoved(ship, _) | Self::ShipLeft(ship) => {
                Thing::Ship(*ship)
            }
            Self::Object(object, ..) | Self::ObjectGone(object) => Thing::Object(*object),
        }
    }

    /// How a frame of this tick says it.
    fn entry(&self, tick: Tick) -> CellEntry {
        match self {
            Self::Course(ship, course) => CellEntry::Course(*ship, WireCourse::new(course, tick)),
            Self::Ship(ship, course, kind, name) => {
                CellEntry::Ship(*ship, WireCourse::new(course, tick), kind.clone(), name.clone())
            }
            Self::ShipMoved(ship, to) => CellEntry::ShipMoved(*ship, *to),
            Self::ShipLeft(ship) => CellEntry::ShipLeft(*ship),
            Self::Object(object, at, kind) => CellEntry::Object(*object, *at, kind.clone()),
            Self::ObjectGone(object) => CellEntry::ObjectGone(*object),
        }
    }
}

impl TickNews {
    pub(super) fn new(
        tick: Tick,
        cells: Vec<(CellIndex, Vec<News>)>,
        mut crossings: Vec<(ShipId, Option<CellIndex>)>,
    ) -> Self {
        crossings.sort_unstable_by_key(|(ship, _)| *ship);
        Self { tick, cells, crossings }
    }

    /// Which tick.
    #[must_use]
    pub fn tick(&self) -> Tick {
        self.tick
    }

    /// The cells with news, ascending.
    pub fn cells(&self) -> impl ExactSizeIterator<Item = CellIndex> {
        self.cells.iter().map(|(cell, _)| *cell)
    }

    fn of(&self, cell: CellIndex) -> &[News] {
        let found = self.cells.binary_search_by_key(&cell, |(cell, _)| *cell);
        found.map_or(&[], |index| &self.cells[index].1)
    }

    fn crossed(&self, ship: ShipId) -> Option<Option<CellIndex>> {
        let found = self.crossings.binary_search_by_key(&ship, |(ship, _)| *ship);
        found.ok().map(|index| self.crossings[index].1)
    }
}

/// The news since the last tick that was divisible by [`CYCLE`]: what any period needs. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct RecentNews(Vec<Arc<TickNews>>);

impl RecentNews {
    /// Takes in the next tick's.
    pub fn push(&mut self, news: TickNews) {
        if news.tick.0 % CYCLE == 1 {
            self.0.clear();
        }
        self.0.push(Arc::new(news));
    }

    /// The last tick of which there is news.
    #[must_use]
    pub fn tick(&self) -> Tick {
        self.0.last().map_or(Tick(0), |news| news.tick)
    }

    /// The last so many ticks, or all there are.
    fn last(&self, ticks: u64) -> &[Arc<TickNews>] {
        let count = usize::try_from(ticks).unwrap_or(usize::MAX).min(self.0.len());
        &self.0[self.0.len() - count..]
    }

    /// The cells with news in the last so many ticks; a cell may come more than once.
    pub fn changed_cells(&self, ticks: u64) -> impl Iterator<Item = CellIndex> {
        self.last(ticks).iter().flat_map(|news| news.cells())
    }

    /// What the last so many ticks add up to in a cell: one entry per thing, all of them true at the end of the last
    /// tick. A ship that came into the cell during these ticks is introduced, whatever it did since.
    #[must_use]
    pub fn delta(&self, cell: CellIndex, ticks: u64) -> Told {
        let (tick, recent) = (self.tick(), self.last(ticks));
        let (mut entries, mut staleness_ticks) = (Vec::new(), 0);
        if let [only] = recent {
            // By far the most frequent case. A thing that is mentioned twice is so in the order in which it happened.
            entries.extend(only.of(cell).iter().map(|news| news.entry(tick)));
        } else {
            let mut all: Vec<(Tick, &News)> = Vec::new();
            for news in recent {
                all.extend(news.of(cell).iter().map(|item| (news.tick, item)));
            }
            // Stable: the news of one thing stay in their order.
            all.sort_by_key(|(_, news)| news.thing());
            for of_thing in all.chunk_by(|(_, a), (_, b)| a.thing() == b.thing()) {
                let Some((happened, _)) = of_thing.last() else { continue };
                entries.extend(latest(recent, of_thing).map(|news| news.entry(tick)));
                staleness_ticks += tick.since(*happened);
            }
        }
        Told { frame: CellFrame { cell, kind: FrameKind::Delta, entries }, staleness_ticks }
    }
}

/// What the news of one thing in one cell, oldest first, add up to.
fn latest(recent: &[Arc<TickNews>], of_thing: &[(Tick, &News)]) -> Option<News> {
    let (happened, last) = of_thing.last()?;
    let introduced = of_thing.iter().rev().find_map(|(_, news)| match news {
        News::Ship(_, _, kind, name) => Some((kind, name)),
        _ => None,
    });
    Some(match (last, introduced) {
        (News::Course(ship, course), Some((kind, name))) => News::Ship(*ship, *course, kind.clone(), name.clone()),
        (News::ShipMoved(ship, to), _) => {
            // Where it is now, not where it went first: the frames of the cells in between may be long sent.
            let later = recent.iter().rev().take_while(|news| news.tick > *happened);
            let now = later.filter_map(|news| news.crossed(*ship)).next();
            now.unwrap_or(Some(*to)).map_or(News::ShipLeft(*ship), |cell| News::ShipMoved(*ship, cell))
        }
        _ => (*last).clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHIP: ShipId = ShipId(7);

    fn course(to: i32) -> Course {
        Course { from: Point::new(0, 0), to: Point::new(to, 0), departs: Tick(17), arrives: Tick(117) }
    }

    fn ship(to: i32) -> News {
        News::Ship(SHIP, course(to), ShipKindKey::parse("sloop").unwrap(), "Ada".to_owned())
    }

    type OfTick = (u64, Vec<(CellIndex, Vec<News>)>, Vec<(ShipId, Option<CellIndex>)>);

    fn recent(ticks: Vec<OfTick>) -> RecentNews {
        let mut recent = RecentNews::default();
        ticks.into_iter().for_each(|(tick, cells, crossings)| recent.push(TickNews::new(Tick(tick), cells, crossings)));
        recent
    }

    #[test]
    fn a_ship_that_came_in_is_introduced_with_its_latest_course() {
        let recent = recent(vec![
            (18, vec![(1, vec![ship(100)])], vec![]),
            (20, vec![(1, vec![News::Course(SHIP, course(5))])], vec![]),
        ]);
        let both = recent.delta(1, 4);
        assert_eq!(both.frame.entries, vec![ship(5).entry(Tick(20))]);
        let last = recent.delta(1, 1);
        assert_eq!(last.frame.entries, vec![News::Course(SHIP, course(5)).entry(Tick(20))]);
    }

    #[test]
    fn a_ship_that_went_on_is_said_to_be_where_it_is_now() {
        let went = |to| vec![(SHIP, to)];
        let mut ticks = vec![
            (18, vec![(1, vec![News::ShipMoved(SHIP, 2)]), (2, vec![ship(1)])], went(Some(2))),
            (19, vec![(2, vec![News::ShipMoved(SHIP, 3)]), (3, vec![ship(1)])], went(Some(3))),
        ];
        let told = recent(ticks.clone()).delta(1, 4);
        assert_eq!((told.frame.entries, told.staleness_ticks), (vec![CellEntry::ShipMoved(SHIP, 3)], 1));
        ticks.push((20, vec![(3, vec![News::ShipLeft(SHIP)])], went(None)));
        assert_eq!(recent(ticks).delta(1, 4).frame.entries, vec![CellEntry::ShipLeft(SHIP)]);
    }

    #[test]
    fn a_cycle_begins_after_a_tick_that_it_divides() {
        let ticks = (15..=18).map(|tick| (tick, vec![(tick as u32, vec![ship(1)])], vec![])).collect();
        let recent = recent(ticks);
        assert_eq!(recent.changed_cells(CYCLE).collect::<Vec<_>>(), vec![17, 18]);
        assert_eq!(recent.changed_cells(1).collect::<Vec<_>>(), vec![18]);
    }
}
