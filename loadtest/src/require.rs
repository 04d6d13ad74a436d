//! `--require 'NAME<NUMBER'`: thresholds that a run must keep.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// The names that `--require` knows, and what they mean. [`crate::report::Report::figures`] has a number for each.
pub const NAMES: &[(&str, &str)] = &[
    ("ack_p50_ms", "economic command sent until answered: median"),
    ("ack_p99_ms", "the same: 99th percentile"),
    ("ack_max_ms", "the same: longest"),
    ("answer_p99_ms", "any other command sent until answered: 99th percentile"),
    ("seen_p50_ms", "input due until another bot within the interest radius sees the new course: median"),
    ("seen_p99_ms", "the same: 99th percentile"),
    ("seen_max_ms", "the same: longest"),
    ("seen_far_p50_ms", "the same by a bot farther away, where news may come every few ticks only: median"),
    ("seen_far_p99_ms", "the same: 99th percentile"),
    ("connect_p99_ms", "TCP connect until welcome: 99th percentile"),
    ("lag_p99_ms", "an action due until the swarm came to it, its own delay: 99th percentile"),
    ("violations", "promises the server broke"),
    ("errors", "answers `error`, of any code"),
    ("disconnects", "connections lost without a plan"),
    ("connected", "bots connected when the window ended"),
    ("acknowledged", "economic commands answered `ok`"),
    ("bytes_per_bot_per_second", "received"),
    (
        "ticks_on_time_percent",
        "of the ticks that a world should have made in the window at full pace: in the world where it is least",
    ),
    ("server_cpu_seconds_per_second", "user and system time of the server's process"),
    ("server_cpu_us_per_update", "per ship update due (profile neighbours)"),
    ("server_rss_bytes_per_client", "resident memory added per client (profile neighbours)"),
    ("delivery_p50_ms", "tick due until its frame was received: median (profile neighbours)"),
    ("delivery_p99_ms", "the same: 99th percentile"),
    ("server_cpu_us_per_client_tick", "user and system time (profile neighbours)"),
    ("bytes_per_update", "received per ship update due (profile neighbours)"),
];

/// How a figure must stand to its bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Relation {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
}

/// One threshold.
#[derive(Clone, Debug, PartialEq)]
pub struct Requirement {
    /// Which figure.
    pub name: String,
    relation: Relation,
    bound: f64,
    text: String,
}

impl FromStr for Requirement {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // Two-character signs first, so that `<=` is not read as `<`.
        let signs = [
            ("<=", Relation::LessOrEqual),
            (">=", Relation::GreaterOrEqual),
            ("<", Relation::Less),
            (">", Relation::Greater),
            ("=", Relation::Equal),
        ];
        let found = signs.iter().find_map(|(sign, relation)| Some((text.split_once(sign)?, *relation)));
        let ((name, bound), relation) = found.ok_or("expected NAME<NUMBER, for example ack_p99_ms<200")?;
        let name = name.trim();
        if !NAMES.iter().any(|(known, _)| *known == name) {
            let known: Vec<&str> = NAMES.iter().map(|(known, _)| *known).collect();
            return Err(format!("there is no figure {name:?}; known are {}", known.join(", ")));
        }
        let bound = bound.trim().parse().ok().filter(|bound: &f64| bound.is_finite());
        let bound = bound.ok_or_else(|| format!("what follows {name} is not a number"))?;
        Ok(Self { name: name.to_owned(), relation, bound, text: text.to_owned() })
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Requirement {
    /// Why the figures do not keep it; `None` when they do. A figure that was not measured keeps nothing.
    #[must_use]
    pub fn broken_by(&self, figures: &BTreeMap<&'static str, f64>) -> Option<String> {
        let Some(figure) = figures.get(self.name.as_str()) else {
            return Some(format!("{}: {} was not measured", self.text, self.name));
        };
        let kept = match self.relation {
            Relation::Less => *figure < self.bound,
            Relation::LessOrEqual => *figure <= self.bound,
            Relation::Greater => *figure > self.bound,
            Relation::GreaterOrEqual => *figure >= self.bound,
            Relation::Equal => (*figure - self.bound).abs() < f64::EPSILON,
        };
        if kept { None } else { Some(format!("{}: {} is {figure}", self.text, self.name)) }
    }
}

/// The list of names for `--help`.
#[must_use]
pub fn help() -> String {
    let lines: Vec<String> = NAMES.iter().map(|(name, meaning)| format!("  {name:<30} {meaning}")).collect();
    format!("Figures for --require and --slo (relations: < <= > >= =):\n{}", lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_are_kept_or_broken() {
        let figures = BTreeMap::from([("ack_p99_ms", 150.0), ("violations", 0.0)]);
        let broken = |text: &str| text.parse::<Requirement>().unwrap().broken_by(&figures);
        for kept in ["ack_p99_ms<200", "ack_p99_ms <= 150", "ack_p99_ms>149.5", "ack_p99_ms>=150", "violations=0"] {
            assert_eq!(broken(kept), None, "{kept}");
        }
        assert_eq!(broken("ack_p99_ms<150").unwrap(), "ack_p99_ms<150: ack_p99_ms is 150");
        assert!(broken("seen_p99_ms<150").unwrap().contains("not measured"));
    }

    #[test]
    fn nonsense_is_refused() {
        for wrong in ["ack_p99_ms", "ack<5", "ack_p99_ms<fast", "ack_p99_ms<", "<5", "ack_p99_ms<inf"] {
            assert!(wrong.parse::<Requirement>().is_err(), "{wrong}");
        }
    }
}
