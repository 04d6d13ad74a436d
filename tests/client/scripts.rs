//! The scripts beside these tests (`js/`, `browser/`), and how they are run.

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use crate::web;

/// A command that runs Node in one of the folders, with the packages of a folder of the repository installed. Nothing
/// else that happens to be set decides; `None`, loudly, when Node or a package cannot be had.
pub(crate) fn node(folder: &str, packages: &str) -> Option<Command> {
    let node = web::had(web::node())?;
    let folder = web::had(prepare(folder, packages))?;
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

fn prepare(folder: &str, packages: &str) -> Result<PathBuf, String> {
    static TREE: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let tree = TREE.get_or_init(|| web::tree("client")).clone()?;
    web::packages(&tree.join(packages))?;
    Ok(tree.join("tests/client").join(folder))
}
