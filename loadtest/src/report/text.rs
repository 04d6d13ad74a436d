//! A report as a table for people.

use std::fmt::{self, Write as _};

use super::{Neighbours, Report};
use crate::stats::Percentiles;

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let window = &self.window;
        writeln!(f, "{} of {} bots connected, window {:.1} s", window.connected, self.bots, window.seconds)?;
        writeln!(f)?;
        self.write_timings(f)?;
        if let Some(warning) = self.lag_warning() {
            writeln!(f, "warning: {warning}")?;
        }
        self.write_counts(f)?;
        self.write_server(f)?;
        self.write_codes(f)?;
        if let Some(limit) = &self.limit {
            writeln!(f, "{limit}")?;
        }
        writeln!(f, "\nviolations: {}", self.violations)?;
        self.first_violations.iter().try_for_each(|violation| writeln!(f, "  {violation}"))
    }
}

impl Report {
    fn write_timings(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<28}{:>9}{:>9}{:>9}{:>9}{:>9}{:>9}", "ms", "count", "p50", "p90", "p99", "p999", "max")?;
        for (name, timing) in self.timed() {
            let Percentiles { count, p50_ms, p90_ms, p99_ms, p999_ms, max_ms } = timing;
            writeln!(f, "{name:<28}{count:>9}{p50_ms:>9.1}{p90_ms:>9.1}{p99_ms:>9.1}{p999_ms:>9.1}{max_ms:>9.1}")?;
        }
        Ok(())
    }

    fn write_counts(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (window, whole) = (&self.window.counts, &self.counts);
        writeln!(
            f,
            "\nper bot and second: {:.0} bytes, {:.1} frames, {:.1} updates (decoded), {:.2} sent",
            self.per_bot_second(window.bytes),
            self.per_bot_second(window.frames),
            self.per_bot_second(window.updates),
            self.per_bot_second(window.sent)
        )?;
        writeln!(
            f,
            "answers: {} ok ({} economic), {} errors; connections: {} lost, {} dropped on purpose, {} resumed, {} not, \
             {} attempts failed",
            whole.ok,
            whole.acknowledged,
            whole.errors,
            whole.disconnects,
            whole.drops,
            whole.resumed,
            whole.not_resumed,
            whole.failed_connects
        )?;
        writeln!(
            f,
            "verified: {} accounts ({} could not be), {} positions, {} courses, {} notifications, {} repeats",
            whole.accounts_verified,
            whole.accounts_unverified,
            whole.positions_compared,
            whole.courses_compared,
            whole.notices,
            whole.repeats_compared
        )?;
        writeln!(f, "{}", self.pacing())
    }

    fn write_server(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let server = &self.server;
        let mut line = String::new();
        if let Some(cpu) = server.cpu_seconds_per_second {
            write!(line, " {cpu:.2} CPU s/s,")?;
        }
        if let Some(rss) = server.rss_bytes {
            write!(line, " {:.0} MiB resident,", rss as f64 / 1048576.0)?;
        }
        if let (Some(percent), Some(overruns)) = (server.ticks_on_time_percent(), server.tick_overruns) {
            write!(line, " {percent:.2} % of ticks on time where they were fewest, {overruns:.0} overruns,")?;
        }
        if !line.is_empty() {
            writeln!(f, "server:{}", line.trim_end_matches(','))?;
        }
        match &self.neighbours {
            Some(neighbours) => write_neighbours(f, neighbours),
            None => Ok(()),
        }
    }

    fn write_codes(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.codes.is_empty() {
            return Ok(());
        }
        let codes: Vec<String> = self.codes.iter().map(|(code, count)| format!("{code} {count}")).collect();
        writeln!(f, "codes: {}", codes.join(", "))
    }
}

fn write_neighbours(f: &mut fmt::Formatter<'_>, neighbours: &Neighbours) -> fmt::Result {
    let Neighbours { density, updates_due, cpu_us_per_update, rss_bytes_per_client, .. } = neighbours;
    write!(f, "neighbours: {density:.1} moving ships per view, {updates_due:.0} updates due")?;
    if let Some(cpu) = cpu_us_per_update {
        write!(f, ", {cpu:.3} CPU us per update")?;
    }
    if let Some(cpu) = neighbours.cpu_us_per_client_tick {
        write!(f, ", {cpu:.2} per client and tick")?;
    }
    if let Some(bytes) = neighbours.bytes_per_update {
        write!(f, ", {bytes:.1} bytes per update")?;
    }
    if let Some(rss) = rss_bytes_per_client {
        write!(f, ", {:.1} KiB resident per client", rss / 1024.0)?;
    }
    writeln!(f)
}
