//! Party actors: markets, missions and guilds, all run by one shell, [`PartyActor`], over the rules of each
//! ([`PartyRules`](orrery_core::game::PartyRules)).
//!
//! Owns the state that its parts in the store add up to. Transfers come by the mailbox and are taken in once each, each
//! with a commit of its own (parts, ledger, transfers that begin and end); questions are answered from memory. One timer
//! does what is due. Markets, and missions as long as they run, are *kept*: started with the server and started anew
//! when they fail, see [`keep_running`]. Guilds are loaded on first need and leave memory when idle. A panic costs memory
//! only: whatever was under way is in the outbox, and the next actor takes it in.

mod actor;
mod keeper;
mod kinds;
mod messages;
#[cfg(test)]
mod tests;

pub use actor::{Begin, PartyActor};
pub use keeper::{keep_markets, keep_running, stop_all};
pub use kinds::{kind_of, start};
pub use messages::{PartyHandle, PartyMessage};
