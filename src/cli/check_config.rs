//! `orrery check-config`: the settings that hold and where they come from. Secrets are masked.

use serde_json::{Map, json};
use toml::{Table, Value};

use crate::config::{LoadedConfig, Source, masked};

/// The report: as TOML with each source in a comment, or as JSON `{"section.key": {"value": …, "source": …}}`.
pub(super) fn report(loaded: &LoadedConfig, as_json: bool) -> String {
    let sections = Table::try_from(&loaded.config).unwrap_or_default();
    let rows: Vec<Row> = sections.iter().flat_map(|(section, keys)| rows(loaded, section, keys)).collect();
    if as_json { json_of(&rows) } else { text_of(&rows) }
}

/// One setting.
struct Row<'a> {
    section: &'a str,
    key: &'a str,
    value: Value,
    source: &'a Source,
}

fn rows<'a>(loaded: &'a LoadedConfig, section: &'a str, keys: &'a Value) -> impl Iterator<Item = Row<'a>> {
    keys.as_table().into_iter().flatten().map(move |(key, value)| Row {
        section,
        key,
        value: masked(section, key, value),
        source: loaded.sources.get(&format!("{section}.{key}")).unwrap_or(&Source::Default),
    })
}

fn text_of(rows: &[Row<'_>]) -> String {
    let mut text = String::new();
    let mut section = "";
    for row in rows {
        if row.section != section {
            section = row.section;
            let gap = if text.is_empty() { "" } else { "\n" };
            text.push_str(&format!("{gap}[{section}]\n"));
        }
        let setting = format!("{} = {}", row.key, row.value);
        text.push_str(&format!("{setting:<40} # {}\n", row.source));
    }
    text
}

fn json_of(rows: &[Row<'_>]) -> String {
    let entries = rows.iter().map(|row| {
        let entry = json!({ "value": row.value, "source": row.source.to_string() });
        (format!("{}.{}", row.section, row.key), entry)
    });
    format!("{:#}\n", serde_json::Value::Object(entries.collect::<Map<_, _>>()))
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::path::Path;

    use super::*;
    use crate::config::load_from;

    fn loaded() -> LoadedConfig {
        let variable = |name: &str, value: &str| (OsString::from(name), OsString::from(value));
        let variables = [
            variable("ORRERY_WORLD__TICK_HZ", "30"),
            variable("ORRERY_STORE__URL", "postgres://ada:hunter2@db/orrery"),
            variable("ORRERY_AUTH__SECRET", "hunter2-hunter2-hunter2-hunter2-hunter2"),
        ];
        load_from(Path::new("none"), None, variables).unwrap()
    }

    #[test]
    fn values_come_with_their_sources() {
        let json: serde_json::Value = serde_json::from_str(&report(&loaded(), true)).unwrap();
        assert_eq!(json["world.tick_hz"], json!({ "value": 30, "source": "ORRERY_WORLD__TICK_HZ" }));
        assert_eq!(json["world.seed"], json!({ "value": 1, "source": "default" }));
    }

    #[test]
    fn the_text_is_toml_again() {
        let table: Table = report(&loaded(), false).parse().unwrap();
        assert_eq!(table["world"]["tick_hz"].as_integer(), Some(30));
    }

    #[test]
    fn secrets_are_masked() {
        for as_json in [true, false] {
            let text = report(&loaded(), as_json);
            assert!(!text.contains("hunter2") && text.contains("postgres://ada:***@db/orrery"), "{text}");
        }
    }
}
