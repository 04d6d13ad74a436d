//! What tests of pages need besides the server: Debian's Chromium, Node, npm, and the scripts with their packages. What is
//! missing is installed by apt-get when root runs the tests; packages by `npm ci`, under `target/`. If that fails, the tests
//! say so and pass, but fail where the environment has `CI=1` or `CI=true`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::{env, fs};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
/// What drives the browser for the scripts of both pages, and has the packages for it.
pub(crate) const BROWSER: &str = "tests/support/browser";
/// What scripts read of the repository, and the server that some of them start.
const LINKED: &[&str] = &["assets", "config", "src"];
/// Where npm puts packages.
const PACKAGES: &str = "node_modules";

/// What is needed, if it can be had.
pub(crate) fn had<T>(needed: Result<T, String>) -> Option<T> {
    needed
        .inspect_err(|missing| {
            let in_ci = env::var("CI").is_ok_and(|value| value == "1" || value == "true");
            assert!(!in_ci, "not to be had, and CI is set: {missing}");
            eprintln!("SKIPPED: not to be had: {missing}");
        })
        .ok()
}

/// Debian's Chromium.
///
/// # Errors
/// There is none.
pub(crate) fn chromium() -> Result<PathBuf, String> {
    program("chromium", &["chromium"])
}

/// Node, which runs the scripts.
///
/// # Errors
/// There is none.
pub(crate) fn node() -> Result<PathBuf, String> {
    program("node", &["nodejs", "npm"])
}

/// The scripts of a suite, `tests/<suite>`, where they are run: in a copy under `target/` that looks like the repository,
/// so that packages can be installed there and paths such as `../../../assets/client` still lead somewhere. Beside it
/// is [`BROWSER`].
///
/// # Errors
/// A file could not be read or written.
pub(crate) fn tree(suite: &str) -> Result<PathBuf, String> {
    let tree = Path::new(env!("CARGO_TARGET_TMPDIR")).join(suite);
    for scripts in [&format!("tests/{suite}"), BROWSER] {
        copy(&Path::new(ROOT).join(scripts), &tree.join(scripts))?;
    }
    for name in LINKED {
        let (link, target) = (tree.join(name), Path::new(ROOT).join(name));
        if fs::read_link(&link).ok().as_ref() != Some(&target) {
            let _ = fs::remove_file(&link);
            std::os::unix::fs::symlink(&target, &link).map_err(|error| format!("{}: {error}", link.display()))?;
        }
    }
    Ok(tree)
}

/// Installs the packages that a folder's `package-lock.json` names; once for each set: the copy of the lock file says
/// for which.
///
/// # Errors
/// npm said no.
pub(crate) fn packages(folder: &Path) -> Result<(), String> {
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let npm = program("npm", &["npm"])?;
    let lock = fs::read(folder.join("package-lock.json")).map_err(|error| format!("{}: {error}", folder.display()))?;
    let installed = folder.join(PACKAGES).join("installed-lock.json");
    if fs::read(&installed).ok().as_ref() == Some(&lock) {
        return Ok(());
    }
    let arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
    run(Command::new(npm).args(arguments).current_dir(folder))?;
    fs::write(&installed, &lock).map_err(|error| error.to_string())
}

/// Makes one folder of scripts like another, but for the packages that are installed in either.
fn copy(from: &Path, to: &Path) -> Result<(), String> {
    mirror(from, to).map_err(|error| format!("{}: {error}", from.display()))
}

fn mirror(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for old in fs::read_dir(to)? {
        let old = old?;
        if old.file_name() == PACKAGES || from.join(old.file_name()).exists() {
            continue;
        }
        if old.file_type()?.is_dir() { fs::remove_dir_all(old.path())? } else { fs::remove_file(old.path())? }
    }
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_name() == PACKAGES {
            continue;
        }
        if entry.file_type()?.is_dir() {
            mirror(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// A program's path; installs its packages if it is missing and we may.
fn program(name: &str, packages: &[&str]) -> Result<PathBuf, String> {
    let find = || {
        let path = env::var_os("PATH").unwrap_or_default();
        env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
    };
    if let Some(found) = find() {
        return Ok(found);
    }
    apt(packages).map_err(|error| format!("there is no {name}: {error}"))?;
    find().ok_or_else(|| format!("there is no {name}, even after {packages:?} were installed"))
}

/// Installs packages of Debian's.
///
/// # Errors
/// We are not root, or apt-get said no.
pub(crate) fn apt(packages: &[&str]) -> Result<(), String> {
    if !rustix::process::geteuid().is_root() {
        return Err(format!("only root can install {packages:?}"));
    }
    let apt =
        |arguments: &[&str]| run(Command::new("apt-get").args(arguments).env("DEBIAN_FRONTEND", "noninteractive"));
    apt(&["update"])?;
    apt(&[&["install", "-y", "--no-install-recommends"], packages].concat())
}

/// Runs a program.
///
/// # Errors
/// It could not be run or failed; what it said is told.
pub(crate) fn run(command: &mut Command) -> Result<(), String> {
    let output = command.stdin(Stdio::null()).output().map_err(|error| format!("{command:?}: {error}"))?;
    let said = || format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    if output.status.success() { Ok(()) } else { Err(said()) }
}
