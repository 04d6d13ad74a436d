//! The progress bar of a run, on stderr.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::stats::Timing;
use crate::swarm::Swarm;

/// The progress bar, when there is somebody to see it.
pub(crate) struct Progress(Option<ProgressBar>);

impl Progress {
    /// Draws nothing.
    pub(crate) fn hidden() -> Self {
        Self(None)
    }

    pub(crate) fn new(swarm: &Swarm) -> Self {
        let style = ProgressStyle::with_template("{prefix:<10} {wide_bar} {msg}");
        let bar = swarm.options.progress.then(|| ProgressBar::new(1000));
        Self(bar.zip(style.ok()).map(|(bar, style)| bar.with_style(style)))
    }

    pub(crate) fn draw(&mut self, swarm: &Swarm, what: &str, elapsed: Duration, total: Duration) {
        let Some(bar) = &self.0 else { return };
        let share = elapsed.as_secs_f64() / total.as_secs_f64().max(0.001);
        bar.set_prefix(what.to_owned());
        bar.set_position((share * 1000.0) as u64);
        bar.set_message(format!(
            "{} bots, ack p99 {:.0} ms, seen p99 {:.0} ms, {} errors, {} violations",
            swarm.stats.connected(),
            swarm.stats.percentiles(Timing::Ack).p99_ms,
            swarm.stats.percentiles(Timing::Seen).p99_ms,
            swarm.stats.counts().errors,
            swarm.oracle.violations().0
        ));
    }

    pub(crate) fn say(&self, line: &str) {
        match &self.0 {
            Some(bar) => bar.suspend(|| println!("{line}")),
            None => println!("{line}"),
        }
    }

    pub(crate) fn clear(&self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}
