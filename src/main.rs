//! The program `orrery`; see `orrery --help`, or the crate's page for how it works.

use std::process::ExitCode;

fn main() -> ExitCode {
    orrery::cli::run()
}
