//! The vocabulary of Orrery: ids, keys, units and time. Imports nothing of ours; everybody imports it.

mod account;
mod announcement;
mod audit;
mod course;
#[cfg(test)]
mod described;
pub mod economy;
mod error_code;
mod holdings;
mod ids;
mod key;
mod network;
mod operator;
mod refusal;
mod tick;
mod units;

pub use account::{Account, External, Party, PartyError};
pub use announcement::{Announcement, AnnouncementLevel};
pub use audit::AuditEntry;
pub use course::Course;
#[cfg(test)]
pub(crate) use described::{Described, doc_text};
pub use error_code::ErrorCode;
pub use holdings::Holdings;
pub use ids::{
    AnnouncementId, AuctionId, CommandId, ContractId, GuildId, JobId, ObjectId, OrderId, PlayerId, ShipId, TransferId,
};
pub use key::{
    BlueprintKey, GateKey, HubKey, ItemKey, KeyError, MissionId, MissionKey, ObjectKindKey, ShipKindKey, TechKey,
    WorldKey,
};
pub use network::network_of;
pub use operator::{By, OperatorId, Role};
pub use refusal::Refusal;
pub use tick::{Millis, Tick};
pub use units::{Credits, FIXED_PER_UNIT, Point, Quantity, Volume, units_to_fixed};
