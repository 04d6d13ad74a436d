//! Alerts and the dashboard: each rule fires under its condition, and names what the server exports.

mod caused;
mod each;
mod names;
mod promtool;
