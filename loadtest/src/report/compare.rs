//! Two results side by side: what has changed, figure by figure, and whether for the better.

use std::fmt;
use std::str::FromStr;

use super::{Judged, Report};
use crate::require::{NAMES, Requirement};

/// Figures of which more is better; of all others less is.
const MORE_IS_BETTER: &[&str] = &["connected", "acknowledged", "ticks_on_time_percent"];
/// A change of so many per cent is none: two runs of the same server differ by more.
const SAME_PERCENT: f64 = 2.0;

/// Which way a figure went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// For the better.
    Better,
    /// For the worse.
    Worse,
    /// About as before.
    Same,
    /// One of the two did not measure it.
    Unknown,
}

/// A figure before and after.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Its name, as `--require` knows it.
    pub name: &'static str,
    /// Before; `None` when it was not measured.
    pub before: Option<f64>,
    /// After.
    pub after: Option<f64>,
}

impl Change {
    /// What it is now, in per cent of what it was: 100 when nothing has changed.
    #[must_use]
    pub fn percent(&self) -> Option<f64> {
        let (before, after) = (self.before?, self.after?);
        match before == 0.0 {
            true if after == 0.0 => Some(100.0),
            true => Some(f64::INFINITY),
            false => Some(100.0 * after / before),
        }
    }

    /// Which way it went.
    #[must_use]
    pub fn direction(&self) -> Direction {
        let Some(percent) = self.percent() else { return Direction::Unknown };
        if (percent - 100.0).abs() < SAME_PERCENT {
            return Direction::Same;
        }
        if (percent > 100.0) == MORE_IS_BETTER.contains(&self.name) { Direction::Better } else { Direction::Worse }
    }

    /// The change in per cent, with its sign.
    #[must_use]
    pub fn text(&self) -> String {
        match self.percent() {
            None => "not measured".to_owned(),
            Some(percent) if percent.is_infinite() => "from nothing".to_owned(),
            Some(percent) => format!("{:+.1} %", percent - 100.0),
        }
    }
}

/// A bound on a change: `NAME<=110%` means at most a tenth more than before.
#[derive(Clone, Debug, PartialEq)]
pub struct ChangeBound(Requirement);

impl FromStr for ChangeBound {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = text.trim_end().strip_suffix('%');
        let number = number.ok_or("expected NAME<PERCENT%, for example 'ack_p99_ms<=110%'")?;
        number.parse().map(Self)
    }
}

/// What has changed from one result to another.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// The result to compare with.
    pub before: Report,
    /// The result that is compared.
    pub after: Report,
    /// All figures that one of them measured.
    pub changes: Vec<Change>,
    /// The bounds on changes, and whether they were kept.
    pub judged: Vec<Judged>,
}

impl Comparison {
    /// Compares.
    #[must_use]
    pub fn of(before: Report, after: Report, bounds: &[ChangeBound]) -> Self {
        let (old, new) = (before.figures(), after.figures());
        let change =
            |name: &'static str| Change { name, before: old.get(name).copied(), after: new.get(name).copied() };
        let changes: Vec<Change> = NAMES
            .iter()
            .map(|(name, _)| change(name))
            .filter(|change| change.before.is_some() || change.after.is_some())
            .collect();
        let percent = changes.iter().filter_map(|change| Some((change.name, change.percent()?))).collect();
        let judge = |bound: &ChangeBound| Judged {
            threshold: format!("{}%", bound.0),
            broken: bound.0.broken_by(&percent).map(|why| format!("{why} per cent of before")),
        };
        let judged = bounds.iter().map(judge).collect();
        Self { before, after, changes, judged }
    }

    /// What speaks against comparing the two; nothing when they are of the same load.
    #[must_use]
    pub fn differences(&self) -> Vec<String> {
        let (before, after) = (&self.before, &self.after);
        let machine = |report: &Report| {
            report.origins.first().map(|origin| (origin.cores, origin.processor.clone(), origin.kernel.clone()))
        };
        let mut differences = Vec::new();
        if before.bots != after.bots {
            differences.push(format!("{} bots before, {} after", before.bots, after.bots));
        }
        if before.neighbours.is_some() != after.neighbours.is_some() {
            differences.push("only one is of --profile neighbours".to_owned());
        }
        if before.seed != after.seed {
            differences.push(format!("seed {} before, {} after", before.seed, after.seed));
        }
        if machine(before) != machine(after) {
            differences.push("the machines or their kernels differ".to_owned());
        }
        let warned =
            [("before", before), ("after", after)].into_iter().filter(|(_, report)| report.lag_warning().is_some());
        differences
            .extend(warned.map(|(when, _)| format!("the figures {when} speak of the swarm, which was late itself")));
        differences
    }

    /// Whether all bounds were kept.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        self.judged.iter().all(|judged| judged.broken.is_none())
    }
}

/// A figure with as many digits as it takes.
#[must_use]
pub fn figure(value: Option<f64>) -> String {
    match value {
        None => "-".to_owned(),
        Some(value) if value == value.round() && value.abs() < 1e15 => format!("{value:.0}"),
        Some(value) if value.abs() >= 1000.0 => format!("{value:.0}"),
        Some(value) if value.abs() >= 10.0 => format!("{value:.1}"),
        Some(value) => format!("{value:.3}"),
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for difference in self.differences() {
            writeln!(f, "not the same load: {difference}")?;
        }
        writeln!(f, "{:<32}{:>14}{:>14}{:>14}", "", "before", "after", "change")?;
        for change in &self.changes {
            let word = match change.direction() {
                Direction::Better => "better",
                Direction::Worse => "worse",
                Direction::Same | Direction::Unknown => "",
            };
            let (before, after) = (figure(change.before), figure(change.after));
            writeln!(f, "{:<32}{before:>14}{after:>14}{:>14}  {word}", change.name, change.text())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::report;
    use super::*;

    fn compared(bounds: &[&str]) -> Comparison {
        let (before, mut after) = (report(), report());
        after.ack.p99_ms = 2.2;
        after.server.worlds.insert("a".into(), [100.0, 20.0, 0.0]);
        after.violations = 0;
        let bounds: Vec<ChangeBound> = bounds.iter().map(|bound| bound.parse().unwrap()).collect();
        Comparison::of(before, after, &bounds)
    }

    #[test]
    fn a_change_is_better_or_worse_by_the_sense_of_its_figure() {
        let comparison = compared(&[]);
        let direction = |name: &str| comparison.changes.iter().find(|change| change.name == name).unwrap().direction();
        assert_eq!(direction("ack_p99_ms"), Direction::Worse);
        assert_eq!(direction("ticks_on_time_percent"), Direction::Worse);
        assert_eq!(direction("violations"), Direction::Better);
        assert_eq!(direction("seen_p99_ms"), Direction::Same);
        let text = comparison.to_string();
        assert!(text.contains("+10.0 %  worse") && text.contains("-100.0 %  better"), "{text}");
        assert!(comparison.differences().is_empty() && comparison.is_kept());
    }

    #[test]
    fn bounds_on_changes_are_kept_or_broken() {
        let kept = |bound: &str| compared(&[bound]).is_kept();
        assert!(kept("ack_p99_ms<=110.5%") && !kept("ack_p99_ms<105%"));
        assert!(kept("errors<=100%") && kept("ticks_on_time_percent>=80%") && !kept("ticks_on_time_percent>=90%"));
        assert!("ack_p99_ms<=110".parse::<ChangeBound>().is_err() && "acks<=110%".parse::<ChangeBound>().is_err());
    }

    #[test]
    fn what_comes_from_nothing_is_worse() {
        let change = Change { name: "violations", before: Some(0.0), after: Some(1.0) };
        assert_eq!((change.direction(), change.text().as_str()), (Direction::Worse, "from nothing"));
        let nothing = Change { after: Some(0.0), ..change };
        assert_eq!(nothing.direction(), Direction::Same);
    }
}
