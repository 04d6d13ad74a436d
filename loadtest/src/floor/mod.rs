//! `compare-floor`: what the real server costs per client and tick, over what no server can avoid.
//!
//! Two runs of the same load, one after the other, each alone on the machine with the members of `--profile neighbours`:
//!
//! 1. The real server, as a process of its own ([`process`]). Some members keep the messages that they receive in the
//!    measured window, tick by tick: the [`tape`].
//! 2. The [`writer`], again a process of its own: one thread that accepts, shakes hands, throws away what clients send,
//!    and gives each client at each tick the messages that one of the recorded members got at that tick, with one write.
//!    Only the tick's number is put in anew.
//!
//! So both hand the same bytes in the same number of writes to the same clients, and what is left between them is the
//! work of a game server: [`report`] divides one's CPU time per client and tick by the other's.

pub mod tape;

#[cfg(target_os = "linux")]
mod process;
#[cfg(target_os = "linux")]
pub mod report;
#[cfg(target_os = "linux")]
mod run;
#[cfg(target_os = "linux")]
mod settings;
#[cfg(target_os = "linux")]
pub mod writer;

#[cfg(target_os = "linux")]
pub use run::{FloorOptions, RealServer, run};

#[cfg(all(test, target_os = "linux"))]
mod tests;
