//! One connection's readings.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty};
use hyper::Request;
use hyper::client::conn::http1::SendRequest;
use hyper::header::{ETAG, HeaderValue};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until, timeout};

use super::report::Readings;
use super::{CONSOLE, ReadOptions};
use crate::http::ServerUrl;

/// An answer that takes longer than this never comes.
const PATIENCE: Duration = Duration::from_secs(60);

/// A reader with its account. It connects when it reads first, to each listener once.
pub(super) struct Reader {
    paths: Arc<Vec<String>>,
    /// The entity tag it was given, by path.
    tags: Vec<Option<HeaderValue>>,
    players: Line,
    operators: Option<Line>,
    number: usize,
    readers: usize,
    per_second: u32,
    pub(super) readings: Readings,
}

/// A connection that is kept alive.
struct Line {
    server: ServerUrl,
    token: String,
    sender: Option<SendRequest<Empty<Bytes>>>,
}

impl Reader {
    pub(super) fn new(options: &ReadOptions, paths: Arc<Vec<String>>, token: String, number: usize) -> Self {
        let line = |(server, token): (ServerUrl, String)| Line { server, token, sender: None };
        Self {
            tags: vec![None; paths.len()],
            readings: Readings::new(paths.len()),
            players: line((options.server.clone(), token)),
            operators: options.console.clone().map(line),
            number,
            readers: options.connections,
            per_second: options.per_second,
            paths,
        }
    }

    /// Does its share of the readings that are due within the time from `begin` on.
    pub(super) async fn play(&mut self, begin: Instant, how_long: Duration) -> anyhow::Result<()> {
        self.readings = Readings::new(self.paths.len());
        for turn in 0_u32.. {
            let reading = u64::from(turn) * self.readers as u64 + self.number as u64;
            let after = Duration::from_nanos(reading.saturating_mul(1_000_000_000) / u64::from(self.per_second.max(1)));
            if after >= how_long {
                break;
            }
            // Each turn another one, and each reader another one than the others.
            let at = (turn as usize).wrapping_add(self.number) % self.paths.len();
            let due = begin + after;
            sleep_until(due).await;
            let began = Instant::now();
            let status = timeout(PATIENCE, self.read(at)).await.context("no answer within a minute")??;
            self.readings.note(at, due.elapsed(), began - due, status);
        }
        Ok(())
    }

    async fn read(&mut self, at: usize) -> anyhow::Result<u16> {
        let path = &self.paths[at];
        let line = match &mut self.operators {
            Some(operators) if path.starts_with(CONSOLE) => operators,
            _ => &mut self.players,
        };
        let mut request = Request::get(path)
            .header("host", &line.server.authority)
            .header("authorization", format!("Bearer {}", line.token));
        if let Some(tag) = &self.tags[at] {
            request = request.header("if-none-match", tag);
        }
        let answer = line.send(request.body(Empty::new())?).await.with_context(|| format!("GET {path}"))?;
        let status = answer.status().as_u16();
        if let Some(tag) = answer.headers().get(ETAG) {
            self.tags[at] = Some(tag.clone());
        }
        answer.into_body().collect().await.with_context(|| format!("GET {path}"))?;
        Ok(status)
    }
}

impl Line {
    async fn send(&mut self, request: Request<Empty<Bytes>>) -> anyhow::Result<hyper::Response<hyper::body::Incoming>> {
        let mut sender = match self.sender.take().filter(|sender| !sender.is_closed()) {
            Some(sender) => sender,
            None => self.connect().await?,
        };
        sender.ready().await?;
        let answer = sender.send_request(request).await?;
        self.sender = Some(sender);
        Ok(answer)
    }

    async fn connect(&self) -> anyhow::Result<SendRequest<Empty<Bytes>>> {
        let stream = TcpStream::connect(&self.server.authority).await.context("failed to connect")?;
        stream.set_nodelay(true)?;
        let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        // Ends with the sender, or when the server closes; then the next reading connects anew.
        tokio::spawn(connection);
        Ok(sender)
    }
}
