//! Pictures that are shared: whoever asks for a world within half a second of somebody else gets the same bytes, and who
//! asks while one is being made waits for that one. So any number of open consoles costs a world two surveys a second.

use std::collections::{BTreeMap, VecDeque};
use std::io::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::http::StatusCode;
use actix_web::web::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use tokio::sync::Mutex;

use super::picture::{Picture, Settings};
use crate::actors::fanout::CellLoad;
use crate::actors::node::Node;
use crate::actors::world::{Survey, Surveyed};
use crate::catalog::Sector;
use crate::http::problem::Problem;
use crate::types::WorldKey;

/// How long a picture is shared.
const FRESH_FOR: Duration = Duration::from_millis(500);
/// Bytes per second are taken over this long at least, if there were surveys for so long: far cells are told of less
/// often than once in half a second.
const RATE_OVER: Duration = Duration::from_secs(2);
/// A world that has not answered after this long is being loaded.
const PATIENCE: Duration = Duration::from_secs(2);

/// The pictures of all worlds.
pub(crate) struct Pictures(BTreeMap<WorldKey, Mutex<Shared>>);

#[derive(Default)]
struct Shared {
    made: Option<Made>,
    rates: Rates,
}

/// A picture as JSON.
struct Made {
    at: Instant,
    plain: Bytes,
    /// When somebody has asked for it: to press it costs more than to make it, so that is done once for all too.
    gzip: Option<Bytes>,
}

impl Made {
    fn new(picture: &Picture) -> Self {
        // Numbers and texts always make JSON.
        let plain = Bytes::from(serde_json::to_vec(picture).unwrap_or_default());
        Self { at: Instant::now(), plain, gzip: None }
    }

    fn gzip(&mut self) -> Bytes {
        self.gzip.get_or_insert_with(|| Bytes::from(gzip(&self.plain))).clone()
    }
}

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(plain.len() / 4), Compression::fast());
    // Writing into memory cannot fail.
    let _ = encoder.write_all(plain);
    encoder.finish().unwrap_or_default()
}

impl Pictures {
    /// None yet.
    pub(crate) fn new(node: &Node) -> Self {
        Self(node.catalog.sectors.keys().map(|key| (key.clone(), Mutex::default())).collect())
    }

    /// The picture of a world of the catalogue, as JSON, pressed by gzip if wanted.
    ///
    /// # Errors
    /// 503: the world is being loaded.
    pub(super) async fn of(&self, node: &Node, key: &WorldKey, pressed: bool) -> Result<Bytes, Problem> {
        let (shared, sector) = self.0.get(key).zip(node.catalog.sectors.get(key)).ok_or_else(Problem::not_found)?;
        let mut shared = shared.lock().await;
        if shared.made.as_ref().is_none_or(|made| made.at.elapsed() >= FRESH_FOR) {
            shared.made = Some(Self::make(node, sector, &mut shared.rates).await?);
        }
        let made = shared.made.as_mut().ok_or_else(not_there)?;
        Ok(if pressed { made.gzip() } else { made.plain.clone() })
    }

    async fn make(node: &Node, sector: &Sector, rates: &mut Rates) -> Result<Made, Problem> {
        let surveyed = survey(node, &sector.key).await.ok_or_else(not_there)?;
        let bytes_per_s = rates.read(&surveyed.load, Instant::now());
        let (cell_units, interest_radius_units) =
            (node.config.world.cell_units, node.config.world.interest_radius_units);
        let settings = Settings { sector, cell_units, interest_radius_units };
        let picture = Picture::of(&settings, &surveyed, bytes_per_s.as_deref());
        Ok(Made::new(&picture))
    }
}

async fn survey(node: &Node, key: &WorldKey) -> Option<Surveyed> {
    let world = node.directory.world(key)?;
    tokio::time::timeout(PATIENCE, world.addr().send(Survey)).await.ok()?.ok()?
}

fn not_there() -> Problem {
    let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "busy", "the world is being loaded; ask again");
    problem.retry_after(Some(Duration::from_secs(1)))
}

/// What cells cost per second, from what they had cost by each of the last surveys.
#[derive(Default)]
struct Rates {
    load: Option<Arc<CellLoad>>,
    /// The newest last.
    readings: VecDeque<(Instant, Vec<u64>)>,
}

impl Rates {
    /// Bytes per second, by cell; `None` when counting has just begun.
    fn read(&mut self, load: &Arc<CellLoad>, now: Instant) -> Option<Vec<u64>> {
        if !self.load.as_ref().is_some_and(|known| Arc::ptr_eq(known, load)) {
            self.readings.clear();
            self.load = Some(Arc::clone(load));
        }
        let totals = load.read();
        while self.readings.get(1).is_some_and(|(at, _)| now.duration_since(*at) >= RATE_OVER) {
            self.readings.pop_front();
        }
        let rates = self.readings.front().map(|(at, before)| {
            let seconds = now.duration_since(*at).as_secs_f64().max(FRESH_FOR.as_secs_f64());
            let rate = |(total, before): (&u64, &u64)| (total.saturating_sub(*before) as f64 / seconds).round() as u64;
            totals.iter().zip(before).map(rate).collect()
        });
        self.readings.push_back((now, totals));
        rates
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn what_is_pressed_is_the_same_when_it_is_read() {
        let plain = br#"{"tick":7}"#.repeat(1_000);
        let (pressed, mut read) = (gzip(&plain), Vec::new());
        flate2::read::GzDecoder::new(&pressed[..]).read_to_end(&mut read).unwrap();
        assert!(read == plain && pressed.len() < plain.len() / 10);
    }

    #[test]
    fn rates_are_of_the_last_seconds_and_begin_anew_with_the_counting() {
        let (mut rates, load, began) = (Rates::default(), Arc::new(CellLoad::new(2)), Instant::now());
        let at = |ms| began + Duration::from_millis(ms);
        assert_eq!(rates.read(&load, at(0)), None);
        load.add(1, 100, 10);
        assert_eq!(rates.read(&load, at(1_000)), Some(vec![0, 1_000]));
        assert_eq!(rates.read(&load, at(2_000)), Some(vec![0, 500]));
        assert_eq!(rates.read(&load, at(3_000)), Some(vec![0, 0]), "long ago");
        assert_eq!(rates.readings.len(), 3);
        assert_eq!(rates.read(&Arc::new(CellLoad::new(2)), at(4_000)), None);
    }
}
