//! Worlds as real actors, over the store's double, with workers and clocks that the tests play.
#![allow(clippy::unwrap_used)]

mod crossing;
mod dilation;
mod galaxy;
mod threads;
