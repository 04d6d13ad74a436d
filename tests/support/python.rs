//! Python packages for tests, each set in a virtual environment of its own under `target/`. Debian's part that makes them
//! is installed by apt-get when it is missing and root runs the tests. If that fails, the tests say so and pass, but fail
//! where the environment has `CI=1` or `CI=true`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use crate::web::{apt, had, run};

/// The folder with the programs of an environment that has what `requirements` lists, as pip reads it; made, or made
/// anew, when it is not there. `None`, loudly, when it cannot be had.
pub(crate) fn environment(name: &str, requirements: &str) -> Option<PathBuf> {
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    had(install(&folder, requirements))
}

/// The list beside what was installed says which it was, and that all of it was.
fn install(folder: &Path, requirements: &str) -> Result<PathBuf, String> {
    let (programs, installed) = (folder.join("bin"), folder.join("installed.txt"));
    if fs::read_to_string(&installed).is_ok_and(|list| list == requirements) {
        return Ok(programs);
    }
    make(folder)?;
    let wanted = folder.join("wanted.txt");
    fs::write(&wanted, requirements).map_err(|error| error.to_string())?;
    run(Command::new(programs.join("pip")).args(["install", "-q", "-r"]).arg(&wanted))?;
    fs::rename(wanted, installed).map_err(|error| error.to_string())?;
    Ok(programs)
}

/// Makes an empty environment. Debian has what this needs in a package of its own.
fn make(folder: &Path) -> Result<(), String> {
    let make = || run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(folder));
    make().or_else(|_| apt(&["python3", "python3-venv"]).and_then(|()| make()))
}
