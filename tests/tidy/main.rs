//! Keeps the house in order: what the compiler does not check about layers, documents and dependencies.
//!
//! Reads the sources as text; runs nothing. A failure lists everything that is wrong, with its place.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests say what they expect")]

mod documents;
mod layers;
mod limits;
mod text;

use text::{read, sources};

/// Fails with a list of faults, if there are any.
fn expect_none(faults: &[String]) {
    assert!(faults.is_empty(), "\n  {}\n", faults.join("\n  "));
}

#[test]
fn every_module_begins_by_saying_what_it_is() {
    let silent: Vec<String> = sources(&["src", "loadtest", "tests"], "rs")
        .into_iter()
        .filter(|file| !file.text.starts_with("//!"))
        .map(|file| format!("{}: begins without //!", file.path))
        .collect();
    expect_none(&silent);
}

#[test]
fn there_is_one_cryptography_and_it_is_ring() {
    let lock = read("Cargo.lock");
    let foreign = ["aws-lc-sys", "aws-lc-rs", "openssl-sys"];
    let faults: Vec<String> = foreign
        .iter()
        .filter(|name| lock.contains(&format!("name = \"{name}\"")))
        .map(|name| {
            format!("Cargo.lock has {name}: two providers panic at the first handshake; find it with cargo tree -i")
        })
        .collect();
    expect_none(&faults);
}

#[test]
fn no_file_knows_the_machine_it_was_written_on() {
    let roots = ["/home/", "/root/", "/Users/"];
    let faults: Vec<String> = ["rs", "toml", "md", "sql", "json"]
        .iter()
        .flat_map(|kind| sources(&["src", "loadtest", "config", "assets", "tests", "README.md", ".ci", ".cargo"], kind))
        .filter(|file| !file.path.starts_with("tests/tidy/"))
        .flat_map(|file| {
            file.lines_with(|line| {
                roots.iter().any(|root| line.contains(&format!("\"{root}")) || line.contains(&format!(" {root}")))
            })
        })
        .collect();
    expect_none(&faults);
}
