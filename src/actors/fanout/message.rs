//! Messages put together from encoded frames: WebSocket header, `cells` header and frames in one buffer, so that a
//! message can be given to any number of sessions by counting a reference.

use bytes::Bytes;
use orrery_core::game::space::{Level, ViewChange};
use orrery_core::protocol::{CellFrame, CellIndex, Encoding, FrameKind, cell_frame};

use super::cell_load::CellLoad;
use super::encoded::{EncodedFrame, EncodedTick};
use super::groups::Group;
use super::meters::{Meters, Reason, UpdatesByTier};
use crate::actors::ws_frame;

/// Room for the `cells` header and what closes the message, in either encoding.
const CELLS_HEADER_MAX: usize = 64;

/// The deltas that are due for a group at this tick, with the number of their entries; `None` when nothing changed.
pub(super) fn deltas(frames: &EncodedTick, group: &Group, meters: &Meters) -> Option<(Bytes, UpdatesByTier)> {
    let mut updates = UpdatesByTier::default();
    let mut due = Vec::new();
    for cell in group.due(frames.tick()) {
        let reason = Reason::Due(cell.period);
        if let Some(frame) = frames.delta(group.key().encoding, cell.cell, cell.period, reason, meters) {
            updates[cell.tier as usize] += frame.entries;
            due.push(&*frame.bytes);
        }
    }
    (!due.is_empty()).then(|| (join(frames, group.key().encoding, &due), updates))
}

/// Counts the bytes of what [`deltas`] put together for a group, so many of whose sessions were handed it.
pub(super) fn count_deltas(frames: &EncodedTick, group: &Group, sessions: u32, load: &CellLoad, meters: &Meters) {
    for cell in group.due(frames.tick()) {
        let reason = Reason::Due(cell.period);
        if let Some(frame) = frames.delta(group.key().encoding, cell.cell, cell.period, reason, meters) {
            load.add(cell.cell, frame.bytes.len(), sessions);
        }
    }
}

/// What a session whose view moved is to be told before the tick's deltas.
pub(super) struct Shown {
    /// The message.
    pub(super) bytes: Bytes,
    /// How many entries it has.
    pub(super) updates: u64,
    /// How many of them are farther away from the session's ship than anybody may see: a fault.
    pub(super) outside: u64,
}

/// Puts together what a session is to be told whose view moved: what to forget, snapshots of cells that came into
/// view, and for cells that came nearer what may not have been told yet. Counts their bytes, if wanted.
pub(super) fn view(
    frames: &EncodedTick,
    encoding: Encoding,
    level: Level,
    view: &ViewChange,
    meters: &Meters,
    load: Option<&CellLoad>,
) -> Shown {
    let reset = view.fresh.then(|| empty(encoding, FrameKind::Reset, 0));
    let forget = view.left.iter().map(|cell| empty(encoding, FrameKind::Forget, *cell));
    let forgotten: Vec<Vec<u8>> = reset.into_iter().chain(forget).collect();
    let snapshots = view.entered.iter().map(|cell| (*cell, frames.snapshot(encoding, *cell, meters)));
    let catch_up = level.catch_up_ticks(frames.tick().0).into_iter().flat_map(|ticks| {
        view.nearer.iter().map(move |cell| (*cell, frames.delta(encoding, *cell, ticks, Reason::CatchUp, meters)))
    });
    let told: Vec<(CellIndex, &EncodedFrame)> =
        snapshots.chain(catch_up).filter_map(|(cell, frame)| Some((cell, frame?))).collect();
    if let Some(load) = load {
        told.iter().for_each(|(cell, frame)| load.add(*cell, frame.bytes.len(), 1));
    }
    let entries = |(_, frame): &(CellIndex, &EncodedFrame)| frame.entries;
    let unseen = |(cell, _): &&(CellIndex, &EncodedFrame)| !frames.interest().may_see(*cell, view.at);
    let parts: Vec<&[u8]> =
        forgotten.iter().map(Vec::as_slice).chain(told.iter().map(|(_, frame)| &*frame.bytes)).collect();
    Shown {
        bytes: join(frames, encoding, &parts),
        updates: told.iter().map(entries).sum(),
        outside: told.iter().filter(unseen).map(entries).sum(),
    }
}

fn empty(encoding: Encoding, kind: FrameKind, cell: CellIndex) -> Vec<u8> {
    let mut bytes = Vec::new();
    CellFrame { cell, kind, entries: Vec::new() }.encode(encoding, &mut bytes);
    bytes
}

fn join(frames: &EncodedTick, encoding: Encoding, parts: &[&[u8]]) -> Bytes {
    let length: usize = parts.iter().map(|part| part.len() + 1).sum();
    let mut message = ws_frame::with_room_for_header(CELLS_HEADER_MAX + length);
    cell_frame::join(encoding, frames.world_number(), frames.tick(), parts.iter().copied(), &mut message);
    ws_frame::data_in_place(encoding, message)
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use orrery_core::catalog;
    use orrery_core::game::Effects;
    use orrery_core::game::space::{Goal, RecentNews, Sector, SectorSettings, ShipSpec, TickOutput};
    use orrery_core::protocol::picture::Picture;
    use orrery_core::protocol::{ServerMessage, decode_server};
    use orrery_core::types::{PlayerId, Point, ShipId, ShipKindKey, Tick};
    use uuid::Uuid;

    use super::super::groups::{GroupKey, Groups};
    use super::*;
    use crate::telemetry::Metrics;

    const SETTINGS: SectorSettings = SectorSettings {
        tick_hz: 20,
        cell_units: 100,
        interest_radius_units: 200,
        hysteresis_units: 10,
        near_units: 150,
        middle_units: 190,
    };
    fn viewer_place() -> Point {
        Point::from_units(1_050, 1_050)
    }

    struct World {
        sector: Sector,
        news: RecentNews,
        meters: Meters,
    }

    impl World {
        fn new() -> Self {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/catalog");
            let catalog = catalog::load(&folder).unwrap();
            let sector = Sector::new(&catalog.sectors[&catalog.start.sector], SETTINGS, 1, 0);
            Self { sector, news: RecentNews::default(), meters: Meters::new(&Arc::new(Metrics::new())) }
        }

        fn join(&mut self, number: u128, at: Point) -> ShipId {
            let kind = ShipKindKey::parse("sloop").unwrap();
            let player = PlayerId(Uuid::from_u128(number));
            let spec = ShipSpec { player, name: "Ada".to_owned(), kind, speed: 256, collect_range: 256 };
            self.sector.join(spec, Some(at))
        }

        /// A tick, with what happens in it.
        fn tick(&mut self, act: impl FnOnce(&mut Sector)) -> (EncodedTick, Vec<ViewChange>) {
            self.sector.begin_tick();
            act(&mut self.sector);
            let TickOutput { news, views } = self.sector.end_tick(None, &mut Effects::default());
            self.news.push(news);
            let entered = views.iter().flat_map(|view| &view.entered);
            let snapshots = entered.map(|cell| self.sector.snapshot(*cell)).collect();
            let interest = Arc::new(self.sector.interest().clone());
            (EncodedTick::new(1, interest, self.news.clone(), snapshots), views)
        }

        fn seat(&self, groups: &mut Groups<()>, encoding: Encoding) {
            let anchor = self.sector.interest().grid().cell_of(viewer_place());
            groups.join(GroupKey { anchor, encoding, level: Level::default() }, 0, (), self.sector.interest());
        }
    }

    fn take(picture: &mut Picture, encoding: Encoding, frame: &Bytes) {
        // A server's frame: two bytes, and two more for the length when it is not short.
        let header = if frame[1] < 126 { 2 } else { 4 };
        let ServerMessage::Cells(body) = decode_server(encoding, &frame[header..]).unwrap().message else {
            panic!("it is a message of cells");
        };
        picture.apply(&body).unwrap();
    }

    #[test]
    fn near_news_come_at_once_and_far_news_with_the_fourth_tick_in_both_encodings() {
        for encoding in [Encoding::MessagePack, Encoding::Json] {
            let (mut world, mut groups, mut picture) = (World::new(), Groups::<()>::default(), Picture::default());
            let viewer = world.join(1, viewer_place());
            let near = world.join(2, Point::from_units(1_150, 1_050));
            let far = world.join(3, Point::from_units(1_350, 1_050));
            while world.sector.tick() < Tick(16) {
                world.tick(|_| {});
            }
            let (frames, views) = world.tick(|sector| sector.open_view(viewer));
            let shown = view(&frames, encoding, Level::default(), &views[0], &world.meters, None);
            assert_eq!((shown.updates, shown.outside), (3, 0));
            take(&mut picture, encoding, &shown.bytes);
            world.seat(&mut groups, encoding);
            let group = groups.of(0).unwrap();
            let stop_at = |ship, x, y| {
                move |sector: &mut Sector| {
                    sector.navigate(ship, Goal::To(Point::from_units(x, y))).unwrap();
                }
            };
            let (frames, _) = world.tick(stop_at(far, 1_350, 1_060));
            assert!(deltas(&frames, group, &world.meters).is_none(), "the far cell is not due");
            let (frames, _) = world.tick(stop_at(near, 1_150, 1_060));
            let (bytes, updates) = deltas(&frames, group, &world.meters).unwrap();
            assert_eq!(updates, [1, 0, 0]);
            take(&mut picture, encoding, &bytes);
            let (frames, _) = world.tick(|_| {});
            let (bytes, updates) = deltas(&frames, group, &world.meters).unwrap();
            assert_eq!(updates, [0, 0, 1]);
            take(&mut picture, encoding, &bytes);
            for ship in world.sector.ships() {
                assert_eq!(picture.ships[&ship.id].course.position(Tick(99)), ship.position(Tick(99)));
            }
            assert!(deltas(&world.tick(|_| {}).0, group, &world.meters).is_none(), "nothing changed: they sleep");
        }
    }

    #[test]
    fn a_cell_is_encoded_once_however_many_ask() {
        let mut world = World::new();
        let ship = world.join(1, viewer_place());
        let (frames, _) = world.tick(|sector| drop(sector.navigate(ship, Goal::Stop)));
        let cell = frames.interest().grid().cell_of(viewer_place());
        let ask = || frames.delta(Encoding::Json, cell, 1, Reason::Due(1), &world.meters).unwrap();
        let first = ask();
        std::thread::scope(|scope| {
            let others = [(); 4].map(|()| scope.spawn(ask));
            assert!(others.into_iter().all(|other| std::ptr::eq(other.join().unwrap(), first)));
        });
        let text = world.meters.metrics.render();
        assert!(text.contains(&format!("orrery_entries_encoded_total{{period=\"1\"}} {}", first.entries)), "{text}");
    }
}
