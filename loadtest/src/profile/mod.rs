//! Profiles: fixed workloads whose figures can be compared between versions.

pub mod echo;
pub mod idle;
pub mod neighbours;
pub mod reads;
mod resident;
pub mod storm;
pub mod transfers;
