//! The scripts beside these tests (`js/`, `browser/`), where they are run: in a copy under `target/` that looks like the
//! repository, so that their packages can be installed there and paths such as `../../../assets/client` still lead somewhere.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::web;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
/// What scripts read of the repository, and the server that some of them start.
const LINKED: &[&str] = &["assets", "config", "src"];

/// A command that runs Node in one of the folders, with its packages installed. Nothing else that happens to be set
/// decides; `None`, loudly, when Node or a package cannot be had.
pub(crate) fn node(folder: &str) -> Option<Command> {
    let node = web::had(web::node())?;
    let folder = web::had(prepare(folder))?;
    let mut command = Command::new(node);
    command.current_dir(folder);
    let settings =
        std::env::vars().filter(|(name, _)| name.starts_with("ORRERY_") && !name.starts_with("ORRERY_CLIENT_"));
    for (name, _) in settings {
        command.env_remove(name);
    }
    Some(command)
}

/// Runs it; it must succeed. `also` is told beside what it said when it does not.
pub(crate) fn succeed(command: &mut Command, also: impl FnOnce() -> String) {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{command:?} failed:\n{}{}\n{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
        also()
    );
    print!("{}", String::from_utf8_lossy(&output.stdout));
}

fn prepare(folder: &str) -> Result<PathBuf, String> {
    static TREE: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let tree = TREE.get_or_init(tree).clone()?;
    let folder = tree.join("tests/client").join(folder);
    web::packages(&folder)?;
    Ok(folder)
}

fn tree() -> Result<PathBuf, String> {
    let tree = Path::new(env!("CARGO_TARGET_TMPDIR")).join("client");
    web::copy(&Path::new(ROOT).join("tests/client"), &tree.join("tests/client"))?;
    for name in LINKED {
        let (link, target) = (tree.join(name), Path::new(ROOT).join(name));
        if std::fs::read_link(&link).ok().as_ref() != Some(&target) {
            let _ = std::fs::remove_file(&link);
            std::os::unix::fs::symlink(&target, &link).map_err(|error| format!("{}: {error}", link.display()))?;
        }
    }
    Ok(tree)
}
