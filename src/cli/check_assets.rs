//! `orrery check-assets`: everything that is wrong with the catalogue, at once.

use std::fmt;
use std::path::Path;

use orrery_core::catalog::{Fault, content_version, load};

/// The catalogue is not sound.
#[derive(Debug)]
pub(super) struct FaultyAssets(Vec<Fault>);

impl fmt::Display for FaultyAssets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the catalogue is not right:")?;
        self.0.iter().try_for_each(|fault| write!(f, "\n  {fault}"))
    }
}

impl std::error::Error for FaultyAssets {}

/// What there is in the catalogue of an assets folder, in one line.
pub(super) fn report(assets: &Path) -> Result<String, FaultyAssets> {
    let catalog = load(&assets.join("catalog")).map_err(FaultyAssets)?;
    Ok(format!(
        "sound: {} sectors, {} items, {} ships, {} kinds of objects, {} technologies; content version {}\n",
        catalog.sectors.len(),
        catalog.items.len(),
        catalog.ships.len(),
        catalog.objects.len(),
        catalog.techs.len(),
        content_version(&catalog),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_name_their_files() {
        let folder = tempfile::tempdir().unwrap();
        let error = report(folder.path()).unwrap_err().to_string();
        assert!(error.contains("galaxy.toml: cannot be read") && error.contains("items.toml"), "{error}");
    }
}
