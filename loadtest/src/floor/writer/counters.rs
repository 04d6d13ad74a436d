//! What the bare writer counts, as a metrics page with the real server's names.

use std::fmt;

#[derive(Debug, Default)]
pub(super) struct Counters {
    /// Ticks per second.
    pub(super) tick_hz: u32,
    /// Ticks that were due.
    pub(super) due: u64,
    /// Ticks that were held; the others came too late and were left out.
    pub(super) ticks: u64,
    /// Ticks that began more than half a tick late.
    pub(super) late: u64,
    /// Ticks that took longer than a tick.
    pub(super) overruns: u64,
    /// Writes of a tick's frames.
    pub(super) writes: u64,
    /// Times that a client's socket was full and it went without.
    pub(super) skipped: u64,
    /// Bytes of a tick's frames.
    pub(super) bytes: u64,
}

impl fmt::Display for Counters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "orrery_tick_hz {}", self.tick_hz)?;
        writeln!(f, "orrery_ticks_total{{world=\"floor\"}} {}", self.ticks)?;
        writeln!(f, "orrery_ticks_late_total{{world=\"floor\"}} {}", self.late)?;
        writeln!(f, "orrery_tick_overruns_total{{world=\"floor\"}} {}", self.overruns)?;
        writeln!(f, "orrery_cell_messages_sent_total {}", self.writes)?;
        writeln!(f, "orrery_slow_clients_total {}", self.skipped)?;
        writeln!(f, "orrery_bytes_sent_total {}", self.bytes)
    }
}
