//! What a setting must be: its type (that of its default), its range, and the rules of its section. Called by `load`.

use toml::Value;

use super::production;
use super::{
    AuditConfig, AuthConfig, Config, ConsoleConfig, LimitsConfig, LogConfig, Profile, ServerConfig, SessionConfig,
    StoreConfig, TelemetryConfig, WorldConfig,
};

/// A key's smallest and largest value.
pub(super) type Range = (&'static str, i64, i64);

/// The rules that settings break, by `section.key`.
#[derive(Default)]
pub(super) struct Broken(pub(super) Vec<(&'static str, String)>);

impl Broken {
    pub(super) fn add(&mut self, key: &'static str, rule: impl Into<String>) {
        self.0.push((key, rule.into()));
    }
}

impl Config {
    /// Everything that is wrong although types and ranges are right.
    pub(super) fn validate(&self) -> Broken {
        let mut broken = Broken::default();
        self.server.validate(&mut broken);
        self.store.validate(&mut broken);
        self.world.validate(&mut broken);
        self.session.validate(&mut broken);
        self.auth.validate(&mut broken);
        self.console.validate(&mut broken);
        self.log.validate(&mut broken);
        self.telemetry.validate(&mut broken);
        if self.server.profile == Profile::Production {
            production::validate(self, &mut broken);
        }
        broken
    }
}

/// The rule of type or range that a value breaks, given the key's default.
pub(super) fn broken_by(section: &str, key: &str, default: &Value, value: &Value) -> Option<String> {
    match (default, value) {
        (Value::Integer(_), value) => broken_range(section, key, value),
        (Value::String(_), Value::String(_)) | (Value::Boolean(_), Value::Boolean(_)) => None,
        (Value::String(_), _) => Some("must be text".to_owned()),
        (Value::Boolean(_), _) => Some("must be true or false".to_owned()),
        (_, Value::Array(items)) if items.iter().all(Value::is_str) => None,
        _ => Some("must be a list of texts".to_owned()),
    }
}

fn broken_range(section: &str, key: &str, value: &Value) -> Option<String> {
    let (low, high) = range_of(section, key).unwrap_or((0, i64::MAX));
    let inside = value.as_integer().is_some_and(|number| (low..=high).contains(&number));
    (!inside).then(|| format!("must be a whole number from {low} to {high}"))
}

/// A key's range; `None` for what is not a whole number.
fn range_of(section: &str, key: &str) -> Option<(i64, i64)> {
    let ranges = match section {
        "server" => ServerConfig::RANGES,
        "store" => StoreConfig::RANGES,
        "world" => WorldConfig::RANGES,
        "session" => SessionConfig::RANGES,
        "limits" => LimitsConfig::RANGES,
        "auth" => AuthConfig::RANGES,
        "console" => ConsoleConfig::RANGES,
        "audit" => AuditConfig::RANGES,
        "log" => LogConfig::RANGES,
        "telemetry" => TelemetryConfig::RANGES,
        _ => &[],
    };
    ranges.iter().find(|range| range.0 == key).map(|range| (range.1, range.2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_whole_number_has_a_range_that_its_default_is_in() {
        let defaults = toml::Table::try_from(Config::default()).unwrap();
        for (section, keys) in &defaults {
            for (key, value) in keys.as_table().unwrap() {
                assert_eq!(range_of(section, key).is_some(), value.is_integer(), "{section}.{key}");
                assert_eq!(broken_by(section, key, value, value), None, "{section}.{key}");
            }
        }
    }
}
