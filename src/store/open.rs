//! From a store's URL to the store.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::postgres::PostgresStore;
use super::sqlite::SqliteStore;
use super::{Store, StoreError};
use crate::config::StoreConfig;

/// The name of the database file in the data folder when no URL is given.
const DEFAULT_FILE: &str = "orrery.db";

enum Place<'a> {
    Sqlite(PathBuf),
    Postgres(&'a str),
}

/// The store that the settings name. Nothing is connected to or created before it is used; only
/// [`Store::claim`] creates a missing SQLite database.
///
/// # Errors
/// [`StoreError::Refused`] naming the key, the value and the rule when the URL is not understood.
pub fn open(config: &StoreConfig, data_dir: &Path) -> Result<Arc<dyn Store>, StoreError> {
    match place(&config.url, data_dir)? {
        Place::Sqlite(path) => Ok(Arc::new(SqliteStore::new(&path)?)),
        Place::Postgres(url) => Ok(Arc::new(PostgresStore::new(url, config)?)),
    }
}

/// Like [`open`], for reading without a claim: what is not there is an error.
///
/// # Errors
/// Those of [`open`], and [`StoreError::Refused`] when there is no such SQLite database.
pub fn open_for_reading(config: &StoreConfig, data_dir: &Path) -> Result<Arc<dyn Store>, StoreError> {
    if let Place::Sqlite(path) = place(&config.url, data_dir)?
        && !path.is_file()
    {
        return Err(StoreError::Refused(format!("there is no database at {}", path.display())));
    }
    open(config, data_dir)
}

fn place<'a>(url: &'a str, data_dir: &Path) -> Result<Place<'a>, StoreError> {
    if url.is_empty() {
        return Ok(Place::Sqlite(data_dir.join(DEFAULT_FILE)));
    }
    match url.strip_prefix("sqlite:") {
        Some(path) if !path.is_empty() => Ok(Place::Sqlite(PathBuf::from(path))),
        None if url.starts_with("postgres://") || url.starts_with("postgresql://") => Ok(Place::Postgres(url)),
        _ => Err(url_error(url, "it must be empty, sqlite:PATH, postgres://… or postgresql://…")),
    }
}

/// The error for a bad URL: key, value (without its password) and rule.
pub(super) fn url_error(url: &str, rule: &str) -> StoreError {
    StoreError::Refused(format!("store.url = {:?}: {rule}", masked(url)))
}

/// The URL without passwords: neither in front of the host nor among the parameters.
#[must_use]
pub(super) fn masked(url: &str) -> String {
    let (start, parameters) = url.split_once('?').map_or((url, None), |(start, rest)| (start, Some(rest)));
    let mut text = mask_user_info(start);
    for (index, parameter) in parameters.into_iter().flat_map(|all| all.split('&')).enumerate() {
        text.push(if index == 0 { '?' } else { '&' });
        text.push_str(if parameter.starts_with("password") { "password=***" } else { parameter });
    }
    text
}

fn mask_user_info(url: &str) -> String {
    let after_scheme = url.find("://").map_or(0, |at| at + 3);
    let (scheme, rest) = url.split_at(after_scheme);
    // The last @, because a password may hold one.
    match rest.rsplit_once('@').and_then(|(user_info, host)| Some((user_info.split_once(':')?.0, host))) {
        Some((user, host)) => format!("{scheme}{user}:***@{host}"),
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(url: &str) -> String {
        let config = StoreConfig { url: url.to_owned(), ..StoreConfig::default() };
        open(&config, Path::new("data")).err().map(|error| error.to_string()).unwrap_or_default()
    }

    #[test]
    fn a_bad_url_is_refused_with_key_value_and_rule_but_without_the_password() {
        for url in ["mysql://ada:s3cr@t@host/db", "mysql://host/db?password=s3cr@t", "ada:s3cr@t@host"] {
            let text = refusal(url);
            assert!(text.contains("store.url") && text.contains("host") && text.contains("sqlite:PATH"), "{text}");
            assert!(!text.contains("s3cr"), "{text}");
        }
        assert!(refusal("sqlite:").contains("sqlite:PATH"));
        assert!(!refusal("postgres://ada:s3cr@t@host:no/db").contains("s3cr"));
    }

    #[test]
    fn reading_does_not_create_a_database() {
        let folder = tempfile::tempdir().unwrap();
        let opened = open_for_reading(&StoreConfig::default(), folder.path());
        assert!(matches!(opened.err(), Some(StoreError::Refused(text)) if text.contains(DEFAULT_FILE)));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
