//! Puts the settings together. Layers, later ones win: the built-in defaults, `config/orrery.toml` if it is there,
//! the file given with `--config`, and environment variables `ORRERY_<SECTION>__<KEY>`.
//!
//! Merged by hand instead of with a library, so that every fault can name key, value and source, all of them at once,
//! and so that `check-config` can tell where a value comes from. A key has the type of its default: the text `0123`
//! of a variable stays text where text is wanted.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

use toml::{Table, Value};

use super::check::broken_by;
use super::fault::{ConfigError, Fault, Source};
use super::{Config, masked};

/// The file that is read if it is there; relative to the working directory.
pub const USUAL_FILE: &str = "config/orrery.toml";
/// Variables that begin so, and have two underscores between section and key, are settings.
const PREFIX: &str = "ORRERY_";

/// Settings that are sound, and where they come from.
#[derive(Clone, Debug)]
pub struct LoadedConfig {
    /// The settings.
    pub config: Config,
    /// Where each value comes from, by `section.key`; every key is there.
    pub sources: BTreeMap<String, Source>,
}

/// Reads the settings of this process; `file` is what `--config` names.
///
/// # Errors
/// Everything that is wrong in any of the layers, even in a value that a later layer replaces.
pub fn load(file: Option<&Path>) -> Result<LoadedConfig, ConfigError> {
    load_from(Path::new(USUAL_FILE), file, std::env::vars_os())
}

/// As [`load`], from the places given: `usual` may be missing, `file` may not.
///
/// # Errors
/// See [`load`].
pub fn load_from(
    usual: &Path,
    file: Option<&Path>,
    variables: impl IntoIterator<Item = (OsString, OsString)>,
) -> Result<LoadedConfig, ConfigError> {
    let mut layers = Layers::of_defaults();
    if usual.exists() {
        layers.add_file(usual);
    }
    if let Some(file) = file {
        layers.add_file(file);
    }
    let mut variables: Vec<_> = variables.into_iter().collect();
    variables.sort();
    for (name, value) in variables {
        layers.add_variable(&name.to_string_lossy(), value);
    }
    layers.finish()
}

/// The layers read so far. `merged` always holds every key, with a value of the right type and range.
struct Layers {
    merged: Table,
    sources: BTreeMap<String, Source>,
    faults: Vec<Fault>,
}

impl Layers {
    fn of_defaults() -> Self {
        let merged = Table::try_from(Config::default()).expect("the defaults are plain values");
        let keys = merged.iter().flat_map(|(section, keys)| {
            keys.as_table().into_iter().flat_map(Table::keys).map(move |key| format!("{section}.{key}"))
        });
        let sources = keys.map(|key| (key, Source::Default)).collect();
        Self { merged, sources, faults: Vec::new() }
    }

    fn add_file(&mut self, path: &Path) {
        let source = Source::File(path.to_owned());
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) => return self.fault(String::new(), None, &source, format!("cannot be read: {error}")),
        };
        let table = match text.parse::<Table>() {
            Ok(table) => table,
            // Only the message: the error's own text quotes the line, which may hold a secret.
            Err(error) => {
                let line = error.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
                return self.fault(format!("line {line}"), None, &source, error.message().to_owned());
            }
        };
        for (section, keys) in table {
            match keys {
                Value::Table(keys) => {
                    keys.into_iter().for_each(|(key, value)| self.set(&section, &key, value, &source))
                }
                _ => self.fault(section, None, &source, "must be a section with keys".to_owned()),
            }
        }
    }

    fn add_variable(&mut self, name: &str, value: OsString) {
        let Some((section, key)) = name.strip_prefix(PREFIX).and_then(|name| name.split_once("__")) else { return };
        let (section, key) = (section.to_lowercase(), key.to_lowercase());
        let source = Source::Variable(name.to_owned());
        let Ok(text) = value.into_string() else {
            return self.fault(format!("{section}.{key}"), None, &source, "must be UTF-8".to_owned());
        };
        let value = match self.current(&section, &key) {
            Some(current) => value_of_text(current, text),
            None => Value::String(text),
        };
        self.set(&section, &key, value, &source);
    }

    fn current(&self, section: &str, key: &str) -> Option<&Value> {
        self.merged.get(section)?.get(key)
    }

    fn set(&mut self, section: &str, key: &str, value: Value, source: &Source) {
        let name = format!("{section}.{key}");
        if let Some(rule) = self.refusal(section, key, &value) {
            let shown = masked(section, key, &value).to_string();
            return self.fault(name, Some(shown), source, rule);
        }
        if let Some(Value::Table(keys)) = self.merged.get_mut(section) {
            keys.insert(key.to_owned(), value);
            self.sources.insert(name, source.clone());
        }
    }

    /// The rule that a key or its value breaks.
    fn refusal(&self, section: &str, key: &str, value: &Value) -> Option<String> {
        let Some(Value::Table(keys)) = self.merged.get(section) else {
            return Some(format!("there is no section {section}; there are {}", names(&self.merged)));
        };
        let Some(current) = keys.get(key) else {
            return Some(format!("there is no such key; [{section}] has {}", names(keys)));
        };
        broken_by(section, key, current, value).or_else(|| self.unfit(section, key, value))
    }

    /// What the type of the field itself has against a text of the right form: not an address, not a log format.
    fn unfit(&self, section: &str, key: &str, value: &Value) -> Option<String> {
        let mut tried = self.merged.clone();
        tried.get_mut(section)?.as_table_mut()?.insert(key.to_owned(), value.clone());
        tried.try_into::<Config>().err().map(|error| error.message().to_owned())
    }

    fn fault(&mut self, key: String, value: Option<String>, source: &Source, rule: String) {
        self.faults.push(Fault { key, value, source: source.clone(), rule });
    }

    fn finish(mut self) -> Result<LoadedConfig, ConfigError> {
        let config: Config = self.merged.clone().try_into().expect("each value was tried when it was set");
        for (name, rule) in config.validate().0 {
            let (section, key) = name.split_once('.').unwrap_or((name, ""));
            let shown = self.current(section, key).map(|value| masked(section, key, value).to_string());
            let source = self.sources.get(name).cloned().unwrap_or(Source::Default);
            self.fault(name.to_owned(), shown, &source, rule);
        }
        match self.faults.is_empty() {
            true => Ok(LoadedConfig { config, sources: self.sources }),
            false => Err(ConfigError { faults: self.faults }),
        }
    }
}

/// A variable's text as a value of the key's type; as text, when it is none, so that the check can show it.
fn value_of_text(current: &Value, text: String) -> Value {
    let parsed = match current {
        Value::Integer(_) => text.parse().ok().map(Value::Integer),
        Value::Boolean(_) => text.parse().ok().map(Value::Boolean),
        Value::Array(_) => Some(Value::Array(list_of_text(&text))),
        _ => None,
    };
    parsed.unwrap_or(Value::String(text))
}

fn list_of_text(text: &str) -> Vec<Value> {
    text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(Value::from).collect()
}

fn names(table: &Table) -> String {
    table.keys().map(String::as_str).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load_with(file: &str, variables: &[(&str, &str)]) -> Result<LoadedConfig, ConfigError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("given.toml");
        std::fs::write(&path, file).unwrap();
        let variables = variables.iter().map(|(name, value)| (OsString::from(name), OsString::from(value)));
        load_from(Path::new("no/such/file.toml"), Some(&path), variables.collect::<Vec<_>>())
    }

    /// The text of the error, without the folder of the file.
    fn error_of(file: &str, variables: &[(&str, &str)]) -> String {
        let error = load_with(file, variables).unwrap_err();
        let lines = error.faults.iter().map(|fault| match &fault.source {
            Source::File(path) => {
                fault.to_string().replace(&*path.to_string_lossy(), &path.file_name().unwrap().to_string_lossy())
            }
            _ => fault.to_string(),
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn later_layers_win_and_sources_are_known() {
        let file = "[world]\ntick_hz = 30\nseed = 7\n[server]\nlisten = \"0.0.0.0:1\"";
        let loaded =
            load_with(file, &[("ORRERY_WORLD__TICK_HZ", "10"), ("ORRERY_CONFIG", "x"), ("HOME", "/")]).unwrap();
        assert_eq!((loaded.config.world.tick_hz, loaded.config.world.seed), (10, 7));
        assert_eq!(loaded.config.server.listen.to_string(), "0.0.0.0:1");
        assert_eq!(loaded.sources["world.tick_hz"], Source::Variable("ORRERY_WORLD__TICK_HZ".to_owned()));
        assert!(matches!(loaded.sources["world.seed"], Source::File(_)));
        assert_eq!(loaded.sources["world.cell_units"], Source::Default);
    }

    #[test]
    fn variables_take_the_type_of_their_key() {
        let loaded = load_with(
            "",
            &[
                ("ORRERY_SERVER__DATA", "0123"),
                ("ORRERY_AUTH__SECRET", "00000000000000000000000000000123"),
                ("ORRERY_DEBUG__ECHO", "true"),
                ("ORRERY_SESSION__ALLOWED_ORIGINS", "https://a.example, http://b.example:81"),
            ],
        );
        let config = loaded.unwrap().config;
        assert_eq!(config.server.data, Path::new("0123"));
        assert_eq!(config.auth.secret, "00000000000000000000000000000123");
        assert!(config.debug.echo);
        assert_eq!(config.session.allowed_origins, ["https://a.example", "http://b.example:81"]);
        let emptied = load_with("", &[("ORRERY_SESSION__ALLOWED_ORIGINS", "")]).unwrap();
        assert!(emptied.config.session.allowed_origins.is_empty());
    }

    #[test]
    fn errors_name_key_value_source_and_rule() {
        for (file, variables, expected) in [
            ("[world]\ntick_hz = 0", &[][..], "given.toml: world.tick_hz = 0: must be a whole number from 1 to 60"),
            ("[world]\ntick_hz = -1", &[], "given.toml: world.tick_hz = -1: must be a whole number from 1 to 60"),
            ("[world]\ntick_hz = 1.5", &[], "given.toml: world.tick_hz = 1.5: must be a whole number from 1 to 60"),
            ("[debug]\necho = 1", &[], "given.toml: debug.echo = 1: must be true or false"),
            ("[server]\ndata = 1", &[], "given.toml: server.data = 1: must be text"),
            (
                "[session]\nallowed_origins = [1]",
                &[],
                "given.toml: session.allowed_origins = [1]: must be a list of texts",
            ),
            ("world = 3", &[], "given.toml: world: must be a section with keys"),
            (
                "[log]\nformat = \"xml\"",
                &[],
                "given.toml: log.format = \"xml\": unknown variant `xml`, expected `text` or `json`",
            ),
            (
                "",
                &[("ORRERY_SERVER__LISTEN", "8080")],
                "ORRERY_SERVER__LISTEN: server.listen = \"8080\": invalid socket address syntax",
            ),
            (
                "",
                &[("ORRERY_WORLD__TICK_HZ", "fast")],
                "ORRERY_WORLD__TICK_HZ: world.tick_hz = \"fast\": must be a whole number from 1 to 60",
            ),
            (
                "",
                &[("ORRERY_LOG__COLOUR", "red")],
                "ORRERY_LOG__COLOUR: log.colour = \"red\": there is no such key; [log] has filter, format, keep_records",
            ),
            (
                "[world]\ncell_units = 20\nhysteresis_units = 11",
                &[],
                "given.toml: world.hysteresis_units = 11: must be 0 to 10, half a cell",
            ),
        ] {
            assert_eq!(error_of(file, variables), expected);
        }
    }

    #[test]
    fn a_file_that_is_no_toml_is_named_with_the_line() {
        assert!(error_of("[world]\n\ntick_hz = = 3", &[]).starts_with("given.toml: line 3: "));
    }

    #[test]
    fn a_chosen_file_must_exist() {
        let error = load_from(Path::new("none"), Some(Path::new("missing.toml")), []).unwrap_err();
        assert!(error.to_string().contains("missing.toml: cannot be read"), "{error}");
    }

    #[test]
    fn all_faults_are_reported_at_once() {
        let error = error_of("[world]\ntick_hz = 0\n[log]\nfilter = \"a=b=c\"", &[("ORRERY_X__Y", "1")]);
        assert_eq!(error.lines().count(), 3, "{error}");
    }

    #[test]
    fn secrets_do_not_appear() {
        for (file, variables) in [
            ("[auth]\nsecret = \"hunter2\"", &[][..]),
            ("[auth]\nsecret = \"hunter2", &[]),
            ("[auth]\nsecert = \"hunter2\"", &[]),
            ("[auth.secret]\nx = \"hunter2\"", &[]),
            ("auth = \"hunter2\"", &[]),
            ("", &[("ORRERY_AUTH__SECRET", "hunter2")]),
            ("", &[("ORRERY_STORE__URL", "mysql://ada:hunter2@db/x")]),
        ] {
            let error = error_of(file, variables);
            assert!(!error.contains("hunter2"), "{error}");
        }
    }

    /// A file of this repository.
    fn repository(file: &str) -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join(file)
    }

    #[test]
    fn the_commented_file_holds_every_default_and_nothing_else() {
        let loaded = load_from(&repository(USUAL_FILE), None, []).unwrap();
        assert_eq!(loaded.config, Config::default());
        let missing: Vec<_> = loaded.sources.iter().filter(|(_, source)| **source == Source::Default).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn every_key_of_the_commented_file_has_a_comment() {
        let text = std::fs::read_to_string(repository(USUAL_FILE)).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        for pair in lines.windows(2).filter(|pair| pair[1].contains(" = ") && !pair[1].starts_with('#')) {
            assert!(pair[0].starts_with("# "), "{} has no comment", pair[1]);
        }
    }

    #[test]
    fn the_other_files_hold_differences_only() {
        for file in ["config/loadtest.toml", "config/production.toml"] {
            let loaded = load_from(Path::new("none"), Some(&repository(file)), []).unwrap();
            let given = Table::try_from(&loaded.config).unwrap();
            let defaults = Table::try_from(Config::default()).unwrap();
            for (name, _) in loaded.sources.iter().filter(|(_, source)| **source != Source::Default) {
                let (section, key) = name.split_once('.').unwrap();
                assert_ne!(given[section][key], defaults[section][key], "{file}: {name}");
            }
        }
    }
}
