//! The actors: thin shells around the rules. A mailbox is the lock: no state of the game is shared.
//!
//! | actor | one per | owns | file |
//! | --- | --- | --- | --- |
//! | World | sector | ships in space, objects, grid, tick | `world/` |
//! | Player | account in use | account, wallet, hold, storage, research, crafting, relations | `player/` |
//! | Market | hub | orders, auctions, contracts, price ticks | `party/` |
//! | Mission | running mission | participants, progress, leaderboard | `party/` |
//! | Season | node | the season's leaderboards | `season.rs` |
//! | Guild | guild in use | members, treasury | `party/` |
//! | Channel | channel in use | its last lines, its numbers | `chat/` |
//! | Operators | node | operators' accounts | `operators/` |
//! | Auditor | node | the books: ledger and states compared | `auditor/` |
//! | Persister | node | the commit queue | `persister.rs` |
//!
//! [`stats`] has what each shows of itself, [`ending`] how operators end one.
//!
//! [`apply`] carries out what their rules say; [`outbox`] holds what is under way between them; [`topics`] says who
//! follows what; [`console_state`] what operators have set; [`audit`] makes the entries of what they did; [`erasures`] takes erased players out of the logs. Sessions are actors too, of the gateway; here they are known by [`session_link`]. To add an actor: a
//! folder with its messages and its shell, a row above, a kind in `orrery_actors_live`; its rules go to `game`.

pub mod accounts;
pub mod answers;
mod apply;
pub mod asks;
pub mod audit;
pub mod auditor;
pub mod chat;
pub mod console_state;
pub mod directory;
mod due_timer;
pub mod ending;
pub mod erasures;
pub mod fanout;
pub mod guild_names;
pub mod maintenance;
pub mod missions;
pub mod node;
pub mod notices;
pub mod operation;
pub mod operators;
pub mod outbox;
pub mod oversight;
pub mod party;
pub mod passivation;
pub mod persister;
pub mod player;
pub mod player_history;
pub mod reports;
pub mod season;
pub mod session_link;
pub mod stats;
#[cfg(test)]
pub(crate) mod testing;
pub mod topics;
pub mod world;
pub mod ws_frame;
