//! Micro-benchmarks of what every tick and every commit is made of. `cargo bench` measures; `cargo test` runs each once,
//! to see that it still works. No timing here decides anything: this is for people who change the code measured.

#![allow(clippy::unwrap_used, missing_docs)]

mod persister;
mod ships;
mod space;
mod traces;
mod wire;

use criterion::{criterion_group, criterion_main};

criterion_group!(benches, space::bench, wire::bench, persister::bench, traces::bench);
criterion_main!(benches);
