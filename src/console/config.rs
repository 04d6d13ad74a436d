//! `GET /config`: the settings that hold, and where they come from. Secrets are masked.

use std::collections::HashMap;

use actix_web::{HttpResponse, get, web};
use serde::Serialize;
use serde_json::Value;
use toml::Table;
use utoipa::{OpenApi, ToSchema};

use super::Console;
use super::access::Viewer;
use crate::config::{Config, LoadedConfig, Source, masked};

/// Every setting with its unit and range in a comment above it; a test compares its keys with the code's.
const EXPLAINED: &str = include_str!("../../config/orrery.toml");

#[derive(OpenApi)]
#[openapi(paths(show), components(schemas(Settings, Setting)))]
pub(super) struct Doc;

pub(super) fn configure(config: &mut web::ServiceConfig) {
    config.service(show);
}

/// Every setting.
#[derive(Serialize, ToSchema)]
struct Settings {
    items: Vec<Setting>,
}

/// A setting.
#[derive(Debug, Serialize, ToSchema)]
struct Setting {
    /// `section.key`.
    key: String,
    /// What holds; `***` for secrets.
    value: Value,
    /// What holds when nobody says anything.
    default: Value,
    /// `default`, a file, or an environment variable.
    source: String,
    /// What it is for, its unit and range.
    unit_and_range: String,
}

/// The settings that hold, where each comes from, and what it may be.
#[utoipa::path(tag = "config", responses((status = 200, body = Settings)))]
#[get("/config")]
async fn show(_viewer: Viewer, console: web::Data<Console>) -> HttpResponse {
    HttpResponse::Ok().json(Settings { items: settings(&console.settings) })
}

fn settings(loaded: &LoadedConfig) -> Vec<Setting> {
    let table = |config: &Config| Table::try_from(config).unwrap_or_default();
    let (values, defaults, explained) = (table(&loaded.config), table(&Config::default()), explained());
    let mut items = Vec::new();
    for (section, keys) in &values {
        for (key, value) in keys.as_table().into_iter().flatten() {
            let name = format!("{section}.{key}");
            let shown = |value: &toml::Value| serde_json::to_value(masked(section, key, value)).unwrap_or_default();
            let default = defaults.get(section).and_then(|keys| keys.get(key)).map(shown).unwrap_or_default();
            let source = loaded.sources.get(&name).unwrap_or(&Source::Default).to_string();
            let unit_and_range = explained.get(name.as_str()).cloned().unwrap_or_default();
            items.push(Setting { value: shown(value), default, source, unit_and_range, key: name });
        }
    }
    items
}

/// The comments above the keys.
fn explained() -> HashMap<String, String> {
    let (mut found, mut section, mut comment) = (HashMap::new(), "", String::new());
    for line in EXPLAINED.lines() {
        if let Some(text) = line.strip_prefix('#') {
            if !comment.is_empty() {
                comment.push(' ');
            }
            comment.push_str(text.trim());
            continue;
        }
        if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']');
        } else if let Some((key, _)) = line.split_once(" = ") {
            found.insert(format!("{section}.{key}"), std::mem::take(&mut comment));
        }
        comment.clear();
    }
    found
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::path::Path;

    use super::*;
    use crate::config::load_from;

    #[test]
    fn every_setting_is_shown_explained_and_no_secret_is() {
        let variable = |name: &str, value: &str| (OsString::from(name), OsString::from(value));
        let variables = [
            variable("ORRERY_WORLD__TICK_HZ", "30"),
            variable("ORRERY_STORE__URL", "postgres://ada:hunter2@db/orrery"),
            variable("ORRERY_AUTH__SECRET", "hunter2-hunter2-hunter2-hunter2-hunter2"),
        ];
        let items = settings(&load_from(Path::new("none"), None, variables).unwrap());
        let of = |key: &str| items.iter().find(|item| item.key == key).unwrap();
        let tick_hz = of("world.tick_hz");
        assert_eq!((&tick_hz.value, &tick_hz.default), (&Value::from(30), &Value::from(20)));
        assert_eq!(tick_hz.source, "ORRERY_WORLD__TICK_HZ");
        assert_eq!(tick_hz.unit_and_range, "Ticks per second. 1 to 60.");
        let unexplained: Vec<_> = items.iter().filter(|item| item.unit_and_range.is_empty()).collect();
        assert!(unexplained.is_empty(), "{unexplained:?}");
        assert!(!format!("{items:?}").contains("hunter2"));
        assert_eq!(of("auth.secret").value, "***");
    }
}
