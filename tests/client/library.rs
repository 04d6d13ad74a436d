//! The client library `assets/client/orrery.js`, and what of the page only calculates: their types, and their own tests in
//! `js/`, which start servers by themselves.

use crate::scripts::{node, succeed};

const PACKAGES: &str = "tests/client/js";

#[test]
fn the_library_is_typed() {
    let Some(mut node) = node("js", PACKAGES) else { return };
    succeed(node.args(["node_modules/typescript/bin/tsc", "-p", "."]), String::new);
}

#[test]
fn the_library_keeps_its_word() {
    let Some(mut node) = node("js", PACKAGES) else { return };
    succeed(node.arg("--test").env("ORRERY_BINARY", env!("CARGO_BIN_EXE_orrery")), String::new);
}
