//! Each part of the server: what it is judged by, from when on it is out of order, and what helps.

use super::{Figures, Judging, Status, WorldFigures};

/// Every part, in the order of the report.
pub(super) const ALL: [fn(&Figures) -> Judging; 7] = [store, persister, worlds, sessions, memory, descriptors, audit];

fn store(figures: &Figures) -> Judging {
    let mut check = Judging::of("store");
    check.figure("ping_ms", figures.store_ping_ms);
    if let Some(error) = &figures.store_error {
        check.find(
            Status::Fail,
            error.clone(),
            "bring the store back; until then commits wait in memory, and economic answers fail after store.answer_timeout_ms",
        );
    } else if let Some(ping) = figures.store_ping_ms.filter(|ping| *ping > 250.0) {
        check.find(
            Status::Warn,
            format!("the store takes {ping:.0} ms to answer"),
            "look for what else uses its disk or its locks",
        );
    }
    check
}

fn persister(figures: &Figures) -> Judging {
    let mut check = Judging::of("persister");
    check.figure("queue_commits", figures.queue_commits as f64);
    check.figure("queue_commits_max", figures.queue_commits_max as f64);
    check.figure("durable_lag_p99_ms", figures.durable_lag_p99_ms);
    let (queue, most) = (figures.queue_commits as f64, figures.queue_commits_max as f64);
    let advice =
        "the store is down or too slow for what is played; at store.queue_commits_max new commands are refused as busy";
    check.judge_share(queue, most, [25.0, 90.0], "the persister's queue", advice);
    if let Some(lag) = figures.durable_lag_p99_ms.filter(|lag| *lag >= 500.0) {
        let status = if lag >= 5_000.0 { Status::Fail } else { Status::Warn };
        check.find(
            status,
            format!("it takes {lag:.0} ms at p99 until what was answered is durable"),
            "a faster disk for the store, or fewer players; players wait for each economic answer that long",
        );
    }
    check
}

fn worlds(figures: &Figures) -> Judging {
    let mut check = Judging::of("worlds");
    check.figure("worlds", figures.worlds.len() as f64);
    for world in &figures.worlds {
        let WorldFigures { key, stands_still, period_ms, nominal_ms, tick_p99_ms, late_percent } = world;
        check.figure(format!("{key}.tick_p99_ms"), *tick_p99_ms);
        check.figure(format!("{key}.late_percent"), *late_percent);
        check.figure(format!("{key}.period_ms"), *period_ms);
        if *stands_still {
            check.find(
                Status::Fail,
                format!("{key} does not tick"),
                "a world that failed is started anew within a second; if it stays so, the log says what it waits for",
            );
        } else if period_ms > &(nominal_ms * 1.05) {
            let status = if period_ms > &(nominal_ms * 2.0) { Status::Fail } else { Status::Warn };
            check.find(
                status,
                format!("{key} is slowed down: a tick lasts {period_ms:.0} ms instead of {nominal_ms:.0}"),
                "too much happens in one world for this machine: more cores, a lower world.tick_hz or interest radius",
            );
        } else if *late_percent >= 1.0 {
            let status = if *late_percent >= 10.0 { Status::Fail } else { Status::Warn };
            check.find(
                status,
                format!("{late_percent:.1} % of {key}'s ticks begin late"),
                "the machine is busy: look what else runs on it, and at cpu_percent",
            );
        }
    }
    check
}

fn sessions(figures: &Figures) -> Judging {
    let mut check = Judging::of("sessions");
    let (connections, most) = (figures.connections as f64, figures.connections_max as f64);
    check.figure("connections", connections);
    check.figure("connections_max", most);
    check.figure("logins_under_way", figures.logins_under_way as f64);
    check.figure("logins_limit", figures.logins_limit as f64);
    check.figure("slow_per_connection_and_minute", figures.slow_per_minute);
    let advice = "raise session.connections_max if the machine has room; further players are told to come back later";
    check.judge_share(connections, most, [80.0, 98.0], "the connections", advice);
    if figures.logins_limit > 0 && figures.logins_under_way >= figures.logins_limit {
        check.find(
            Status::Warn,
            format!("all {} places for log-ins are taken", figures.logins_limit),
            "more players want in than the machine takes in at once; they are told when to come back",
        );
    }
    if figures.connections >= 5 && figures.slow_per_minute >= 0.5 {
        check.find(
            Status::Warn,
            format!("clients are too slow {:.1} times a minute each", figures.slow_per_minute),
            "their networks or this one's are full: see bytes sent, and session.cells_bytes_per_second",
        );
    }
    check
}

fn memory(figures: &Figures) -> Judging {
    let mut check = Judging::of("memory");
    check.figure("resident_bytes", figures.resident_bytes);
    check.figure("available_bytes", figures.available_bytes);
    check.figure("resident_hour_ago_bytes", figures.resident_hour_ago_bytes);
    if let (Some(ours), Some(left)) = (figures.resident_bytes, figures.available_bytes) {
        let percent = 100.0 * left / (ours + left).max(1.0);
        if percent < 20.0 {
            let status = if percent < 5.0 { Status::Fail } else { Status::Warn };
            check.find(
                status,
                format!("the machine has {:.0} MiB left", left / 1_048_576.0),
                "lower world.players_max and store.queue_commits_max, or give the machine more memory",
            );
        }
    }
    if let (Some(now), Some(then)) = (figures.resident_bytes, figures.resident_hour_ago_bytes)
        && now > then * 1.5
        && now - then > 256.0 * 1_048_576.0
        && figures.players_hour_ago.is_some_and(|players| figures.players <= players * 1.2)
    {
        check.find(
            Status::Warn,
            format!("memory grew by {:.0} MiB in an hour without more players", (now - then) / 1_048_576.0),
            "see which actors grew (/actors), and report it with the history of rss_bytes",
        );
    }
    check
}

fn descriptors(figures: &Figures) -> Judging {
    let mut check = Judging::of("descriptors");
    check.figure("open_fds", figures.open_fds);
    check.figure("max_fds", figures.max_fds);
    if let (Some(open), Some(most)) = (figures.open_fds, figures.max_fds) {
        let advice =
            "raise the hard limit of open files (LimitNOFILE, ulimit -Hn); without a descriptor nobody can connect";
        check.judge_share(open, most, [80.0, 95.0], "the file descriptors", advice);
        if most < figures.connections_max as f64 {
            check.find(
                Status::Warn,
                format!("{most:.0} file descriptors are allowed, and {} connections", figures.connections_max),
                "raise the hard limit of open files, or lower session.connections_max to what can be",
            );
        }
    }
    check
}

fn audit(figures: &Figures) -> Judging {
    let mut check = Judging::of("audit");
    check.figure("runs", figures.audit_runs as f64);
    check.figure("differences", figures.audit_differences as f64);
    if figures.audit_differences > 0 {
        check.find(
            Status::Fail,
            format!("ledger and stored state differ in {} places", figures.audit_differences),
            "the log names each; close the doors (maintenance), run orrery audit, and do not correct anything by hand before",
        );
    }
    let overdue_ms = figures.audit_every_ms as f64 * 3.0 + 60_000.0;
    if figures.audit_every_ms == 0 {
        check.find(Status::Warn, "the books are never compared".to_owned(), "set audit.every_ms");
    } else if figures.audit_runs == 0 && figures.uptime_s * 1_000.0 > overdue_ms {
        check.find(
            Status::Warn,
            "the books have not been compared since the start".to_owned(),
            "the store does not let it read: see the log",
        );
    }
    check
}
