//! The vocabulary of Orrery: ids, keys, units and time. Imports nothing of ours; everybody imports it.

mod course;
mod ids;
mod key;
mod tick;
mod units;

pub use course::Course;
pub use ids::{CommandId, ObjectId, PlayerId, ShipId, TransferId};
pub use key::{GateKey, HubKey, ItemKey, KeyError, ObjectKindKey, ShipKindKey, TechKey, WorldKey};
pub use tick::{Millis, Tick};
pub use units::{Credits, FIXED_PER_UNIT, Point, Quantity, Volume, units_to_fixed};
