//! Profiles: fixed workloads whose figures can be compared between versions.

pub mod echo;
pub mod idle;
pub mod neighbours;
mod resident;
pub mod storm;
pub mod transfers;
