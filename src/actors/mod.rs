//! The actors: thin shells around the rules. A mailbox is the lock: no state of the game is shared.
//!
//! | actor | one per | owns | file |
//! | --- | --- | --- | --- |
//! | World | sector | ships in space, objects, grid, tick | `world/` |
//! | Player | account in use | account, wallet, hold, research | `player/` |
//! | Persister | node | the commit queue | `persister.rs` |
//!
//! Sessions are actors too, of the gateway; here they are known by [`session_link`]. To add an actor: a folder with its
//! messages and its shell, a row above, a kind in `orrery_actors_live`; its rules go to `game`.

pub mod accounts;
mod answers;
pub mod directory;
pub mod fanout;
pub mod node;
pub mod outbox;
pub mod passivation;
pub mod persister;
pub mod player;
pub mod session_link;
pub mod world;
pub mod ws_frame;
