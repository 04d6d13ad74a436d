//! Several processes' results of one run as one: histograms and counters are added up, timelines laid over each other
//! by the wall clock, and what was read of the server counts once.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::bail;

use super::{Neighbours, Report, Window, percentiles};
use crate::hdr::Hdr;
use crate::server_stats::ServerFigures;
use crate::stats::{Counts, Timing};
use crate::timeline::{Phase, Second, aligned};

/// The first violations that are kept with their description.
const VIOLATIONS_KEPT: usize = 20;

/// Merges two or more results.
///
/// # Errors
/// They are not of one run: other servers, the same bots twice, or windows at different times; or they are of
/// `--ramp`, whose steps cannot be added up.
pub fn merge(reports: &[Report]) -> anyhow::Result<Report> {
    let Some((first, others)) = reports.split_first().filter(|(_, others)| !others.is_empty()) else {
        bail!("there is nothing to merge: two results or more are needed");
    };
    check_that_they_belong_together(reports)?;
    let histograms = added_up(reports);
    let window = windows_together(reports);
    let server = one_server(reports);
    let mut codes = BTreeMap::new();
    for (code, count) in reports.iter().flat_map(|report| &report.codes) {
        *codes.entry(code.clone()).or_insert(0) += count;
    }
    Ok(Report {
        format: first.format,
        origins: reports.iter().flat_map(|report| report.origins.clone()).collect(),
        bots: reports.iter().map(|report| report.bots).sum(),
        seed: first.seed,
        counts: others.iter().fold(first.counts, |sum, report| sum.plus(&report.counts)),
        connect: percentiles(&histograms, Timing::Connect),
        ack: percentiles(&histograms, Timing::Ack),
        answer: percentiles(&histograms, Timing::Answer),
        seen: percentiles(&histograms, Timing::Seen),
        seen_far: percentiles(&histograms, Timing::SeenFar),
        lag: percentiles(&histograms, Timing::Lag),
        codes,
        violations: reports.iter().map(|report| report.violations).sum(),
        first_violations: first_violations(reports),
        neighbours: neighbours(reports, &window, &server),
        window,
        server,
        histograms,
        timeline: aligned(reports.iter().map(|report| report.timeline.as_slice())),
        judged: Vec::new(),
        limit: None,
    })
}

fn check_that_they_belong_together(reports: &[Report]) -> anyhow::Result<()> {
    if reports.iter().any(|report| report.limit.is_some()) {
        bail!("a result of --ramp cannot be merged: its steps are of different populations");
    }
    let servers: BTreeSet<&str> =
        reports.iter().flat_map(|report| &report.origins).map(|origin| &*origin.server).collect();
    if servers.len() > 1 {
        bail!("the results are of different servers: {}", servers.into_iter().collect::<Vec<_>>().join(", "));
    }
    let mut flown = BTreeSet::new();
    for report in reports {
        for origin in &report.origins {
            if !flown.insert((report.seed, origin.share.as_str())) {
                bail!("share {} of seed {} is there twice: the same bots, not more of them", origin.share, report.seed);
            }
        }
    }
    let windows: Vec<(u64, u64)> = reports.iter().filter_map(|report| window_of(&report.timeline)).collect();
    let begun = windows.iter().map(|(begun, _)| begun).max();
    let ended = windows.iter().map(|(_, ended)| ended).min();
    if begun > ended {
        bail!("the results are of windows at different times; --start-at opens them at the same instant");
    }
    Ok(())
}

/// The first and the last second of the window.
fn window_of(timeline: &[Second]) -> Option<(u64, u64)> {
    let mut seconds = timeline.iter().filter(|second| second.phase == Phase::Window).map(|second| second.at);
    let first = seconds.next()?;
    Some((first, seconds.next_back().unwrap_or(first)))
}

fn added_up(reports: &[Report]) -> BTreeMap<Timing, Hdr> {
    let mut sums: BTreeMap<Timing, Hdr> = BTreeMap::new();
    for (timing, hdr) in reports.iter().flat_map(|report| &report.histograms) {
        match sums.get_mut(timing) {
            Some(sum) => sum.add(hdr),
            None => drop(sums.insert(*timing, hdr.clone())),
        }
    }
    sums
}

fn windows_together(reports: &[Report]) -> Window {
    Window {
        seconds: reports.iter().map(|report| report.window.seconds).fold(0.0, f64::max),
        counts: reports.iter().fold(Counts::default(), |sum, report| sum.plus(&report.window.counts)),
        connected: reports.iter().map(|report| report.window.connected).sum(),
    }
}

/// All looked at the same server: one of them speaks for it. Who came first knows its memory without anybody.
fn one_server(reports: &[Report]) -> ServerFigures {
    let figures = || reports.iter().map(|report| &report.server);
    let told = figures().find(|server| server.ticks.is_some()).or_else(|| figures().next());
    ServerFigures {
        rss_bytes_before: figures().filter_map(|server| server.rss_bytes_before).min(),
        ..told.cloned().unwrap_or_default()
    }
}

fn neighbours(reports: &[Report], window: &Window, server: &ServerFigures) -> Option<Neighbours> {
    let parts: Vec<(&Neighbours, f64)> = reports
        .iter()
        .filter_map(|report| Some((report.neighbours.as_ref()?, report.window.connected as f64)))
        .collect();
    let clients: f64 = parts.iter().map(|(_, clients)| clients).sum();
    let density = parts.iter().map(|(part, clients)| part.density * clients).sum::<f64>() / clients.max(1.0);
    let updates_due = parts.iter().map(|(part, _)| part.updates_due).sum();
    let ticks = parts.iter().map(|(part, _)| part.ticks).max().unwrap_or(0);
    // Each process measures deliveries from its own fastest one: there is no sum of two such.
    let merged = Neighbours { density, updates_due, ticks, ..Neighbours::default() };
    (!parts.is_empty()).then(|| merged.with_costs(window, server))
}

fn first_violations(reports: &[Report]) -> Vec<String> {
    reports.iter().flat_map(|report| report.first_violations.clone()).take(VIOLATIONS_KEPT).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::tests::report;
    use super::*;
    use crate::report::Origin;

    fn share(share: &str, samples: impl Iterator<Item = u64>) -> Report {
        let mut ack = Hdr::new(3);
        samples.for_each(|ms| ack.record(Duration::from_millis(ms)));
        let origin = Origin { share: share.to_owned(), ..Origin::default() };
        Report { origins: vec![origin], histograms: BTreeMap::from([(Timing::Ack, ack)]), ..report() }
    }

    #[test]
    fn two_results_merged_are_as_one_of_all_samples() {
        let parts = [share("1/2", 1..400), share("2/2", 300..5_000)];
        let merged = merge(&parts).unwrap();
        let all = share("1/1", (1..400).chain(300..5_000));
        assert_eq!(merged.histograms, all.histograms);
        assert_eq!(merged.ack, all.histograms[&Timing::Ack].percentiles());
        assert_eq!((merged.bots, merged.window.connected, merged.window.counts.bytes), (4, 4, 800));
        assert_eq!((merged.codes["busy"], merged.violations), (6, 2));
        // The server is one: its CPU time is not added up, but shared by more updates and clients.
        assert_eq!(merged.server, parts[0].server);
        let (one, both) = (parts[0].neighbours.unwrap(), merged.neighbours.unwrap());
        assert_eq!((both.density, both.updates_due), (one.density, one.updates_due * 2.0));
        assert_eq!(both.cpu_us_per_update, one.cpu_us_per_update.map(|cpu| cpu / 2.0));
    }

    #[test]
    fn a_merged_result_survives_its_file() {
        let merged = merge(&[share("1/2", 1..9), share("2/2", 1..9)]).unwrap();
        let text = serde_json::to_vec(&merged).unwrap();
        assert_eq!(Report::parse(&text).unwrap(), merged);
    }

    #[test]
    fn what_does_not_belong_together_is_not_merged() {
        let why = |reports: &[Report]| merge(reports).unwrap_err().to_string();
        let one = share("1/2", 1..9);
        assert!(why(std::slice::from_ref(&one)).contains("nothing to merge"));
        assert!(why(&[one.clone(), one.clone()]).contains("twice"));
        let mut elsewhere = share("2/2", 1..9);
        elsewhere.origins[0].server = "other:80".to_owned();
        assert!(why(&[one.clone(), elsewhere]).contains("different servers"));
        let mut later = share("2/2", 1..9);
        later.timeline.iter_mut().for_each(|second| second.at += 1_000);
        assert!(why(&[one, later]).contains("different times"));
    }
}
