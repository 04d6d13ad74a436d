//! A swarm in another program's hands: it begins, flies through whatever happens to the server, and ends when told.
//!
//! The process tests kill and stop servers under it. Unlike [`crate::swarm::run`] it draws nothing and measures from
//! first to last; like it, it settles every bot's books before it reports.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::bail;
use tokio::sync::watch;
use tokio::time::sleep;

use crate::flock::Population;
use crate::http;
use crate::report::{Report, Window};
use crate::server_stats::ServerFigures;
use crate::swarm::{Options, Swarm, start_threads, wait_for_the_end};

/// How often the number of bots is looked at.
const GLANCE: Duration = Duration::from_millis(20);
/// How long the last bot may take to get in, after the ramp.
const ARRIVAL_WAIT: Duration = Duration::from_secs(60);

/// A swarm under way.
pub struct Flight {
    swarm: Arc<Swarm>,
    population: watch::Sender<Population>,
    threads: Vec<JoinHandle<()>>,
    begun: Instant,
}

impl Flight {
    /// Fetches the catalogue and lets the bots come. `duration` and `progress` of the options do not count.
    ///
    /// # Errors
    /// No server there, or the file of acks cannot be opened.
    pub async fn begin(options: Options) -> anyhow::Result<Self> {
        let catalog = http::catalog(&options.server).await?;
        let swarm = Swarm::new(options, catalog)?;
        let (population, populations) = watch::channel(Population::of(swarm.options.bots));
        let threads = start_threads(&swarm, &populations)?;
        Ok(Self { swarm, population, threads, begun: Instant::now() })
    }

    /// What the bots share: counters and findings so far.
    #[must_use]
    pub fn swarm(&self) -> &Swarm {
        &self.swarm
    }

    /// Returns when every bot is connected.
    ///
    /// # Errors
    /// Some bot does not get in.
    pub async fn wait_for_all(&self) -> anyhow::Result<()> {
        let (begun, all) = (Instant::now(), self.swarm.options.bots as u64);
        let ramp = Duration::from_secs(all / u64::from(self.swarm.options.ramp_per_second.max(1)));
        while self.swarm.stats.connected() < all {
            if begun.elapsed() > ramp + ARRIVAL_WAIT {
                let (connected, codes) = (self.swarm.stats.connected(), self.swarm.stats.codes());
                bail!("{connected} of {all} bots are connected; codes: {codes:?}");
            }
            sleep(GLANCE).await;
        }
        Ok(())
    }

    /// Tells the bots to settle and leave, and reports when they have.
    ///
    /// # Errors
    /// A bot failed by a fault of its own.
    pub async fn end(self) -> anyhow::Result<Report> {
        let window = Window {
            seconds: self.begun.elapsed().as_secs_f64(),
            counts: self.swarm.stats.counts(),
            connected: self.swarm.stats.connected(),
        };
        let _ = self.population.send(Population::NOBODY);
        wait_for_the_end(&self.swarm, self.threads).await?;
        Ok(Report::of(&self.swarm, window, ServerFigures::default()))
    }
}
