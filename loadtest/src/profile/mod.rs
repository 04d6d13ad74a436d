//! Profiles: fixed workloads whose figures can be compared between versions.

pub mod echo;
pub mod neighbours;
pub mod transfers;
