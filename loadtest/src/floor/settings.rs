//! The settings of the real server, for a comparison: those of `config/loadtest.toml`, which let thousands of bots come
//! from one machine. As variables, so that a `config/orrery.toml` in the current folder holds for all the rest.

use anyhow::Context as _;
use toml::{Table, Value};

/// The file as it was when this program was built: where the program runs, it need not be there.
const FILE: &str = include_str!("../../../config/loadtest.toml");

/// Variables `ORRERY_<SECTION>__<KEY>` with their values, for every setting of the file.
///
/// # Errors
/// The file is not as settings are; only a build with such a file shows it.
pub(super) fn variables() -> anyhow::Result<Vec<(String, String)>> {
    let sections: Table = FILE.parse().context("config/loadtest.toml")?;
    let mut variables = Vec::new();
    for (section, keys) in &sections {
        let keys = keys.as_table().with_context(|| format!("config/loadtest.toml: {section} is no section"))?;
        let named = |key: &String| format!("ORRERY_{}__{}", section.to_uppercase(), key.to_uppercase());
        variables.extend(keys.iter().map(|(key, value)| (named(key), text(value))));
    }
    Ok(variables)
}

/// A value as a variable has it: texts without quotes, all else as in the file.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_of_the_file_reaches_the_server() {
        let variables = variables().unwrap();
        let settings = FILE.lines().filter(|line| !line.starts_with('#') && line.contains('=')).count();
        assert_eq!(variables.len(), settings);
        for (name, value) in [
            ("ORRERY_SESSION__CELLS_BYTES_PER_SECOND", "0"),
            ("ORRERY_LIMITS__EXEMPT_LOOPBACK", "true"),
            ("ORRERY_LIMITS__FRAMES_PER_SECOND", "10000"),
        ] {
            assert!(variables.contains(&(name.to_owned(), value.to_owned())), "{name}: {variables:?}");
        }
    }
}
