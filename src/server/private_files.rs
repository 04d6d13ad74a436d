//! The production profile's look at `server.data`: what holds secrets must not be readable by everybody.

use std::path::Path;

use anyhow::{Context as _, bail};

/// Permissions of everybody but owner and group.
const EVERYBODY: u32 = 0o007;

/// Refuses a folder that everybody may look into.
///
/// # Errors
/// It is one, or it cannot be looked at.
pub(super) fn check(folder: &Path) -> anyhow::Result<()> {
    let name = folder.display();
    let metadata = std::fs::metadata(folder).with_context(|| format!("server.data: failed to look at {name}"))?;
    let mode = mode(&metadata);
    if mode & EVERYBODY != 0 {
        bail!(
            "server.data: {name} holds secrets and must not be open to everybody in server.profile production \
             (mode {mode:o}): chmod 700 it"
        );
    }
    Ok(())
}

#[cfg(unix)]
fn mode(metadata: &std::fs::Metadata) -> u32 {
    std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o777
}

#[cfg(not(unix))]
fn mode(_: &std::fs::Metadata) -> u32 {
    0
}
