//! The writing half of a connection. A write is a plain system call on a non-blocking socket; the runtime is asked only
//! when the socket is full.

use std::io::{self, IoSlice};
use std::net::Shutdown;
use std::sync::Arc;

use rustix::net::{SendFlags, send};
use socket2::SockRef;
use tokio::io::Interest;
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedWriteHalf;

use crate::telemetry::Metrics;

/// An open connection; counted while it is.
#[derive(Debug)]
pub(super) struct Socket {
    half: OwnedWriteHalf,
    metrics: Arc<Metrics>,
}

impl Socket {
    pub(super) fn new(half: OwnedWriteHalf, metrics: Arc<Metrics>) -> Self {
        metrics.connections.inc();
        Self { half, metrics }
    }

    fn stream(&self) -> &TcpStream {
        self.half.as_ref()
    }

    /// Writes as much of it as the socket takes at once.
    pub(super) fn write(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        let written = match slices {
            [one] => send(self.stream(), one, SendFlags::DONTWAIT | SendFlags::NOSIGNAL)?,
            many => rustix::io::writev(self.stream(), many)?,
        };
        self.metrics.bytes_sent.inc_by(written as u64);
        Ok(written)
    }

    /// Waits until the socket takes more. Tries first with `attempt`, because what the runtime remembers of the socket
    /// may be older than the write that failed.
    pub(super) async fn wait_for_room(&self, attempt: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
        match self.stream().try_io(Interest::WRITABLE, attempt) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.half.writable().await,
            done => done,
        }
    }

    /// Says that nothing more will come, or also that nothing more is wanted.
    pub(super) fn shut_down(&self, how: Shutdown) {
        // Fails only if the peer was faster.
        let _ = SockRef::from(self.stream()).shutdown(how);
    }

    #[cfg(test)]
    pub(super) fn metrics(&self) -> &Arc<Metrics> {
        &self.metrics
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.metrics.connections.dec();
    }
}
