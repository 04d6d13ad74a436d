//! A lane over HTTP: a connection that is kept alive, one gift under way; each gift from another account.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::Request;
use hyper::client::conn::http1::SendRequest;
use hyper_util::rt::TokioIo;
use orrery_core::protocol::{ClientMessage, Encoding, Envelope, encode_client};
use orrery_core::types::economy::Deal;
use orrery_core::types::economy::storage::Give;
use orrery_core::types::{CommandId, Credits};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::sync::watch;

use super::Workload;
use crate::dice::Dice;
use crate::stats::Timing;
use crate::swarm::now_ms;

/// Gives until it is told to stop.
pub(super) async fn lane(workload: Arc<Workload>, index: usize, stop: watch::Receiver<bool>) -> anyhow::Result<()> {
    let stream = TcpStream::connect(&workload.options.server.authority).await?;
    stream.set_nodelay(true)?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let driver = tokio::spawn(connection);
    let mut dice = Dice::of(workload.options.seed ^ now_ms(), index, 1);
    while !*stop.borrow() {
        give(&workload, &mut sender, &mut dice).await?;
    }
    driver.abort();
    Ok(())
}

async fn give(workload: &Workload, sender: &mut SendRequest<Full<Bytes>>, dice: &mut Dice) -> anyhow::Result<()> {
    let from = usize::try_from(dice.below(workload.purses.len() as u64)).unwrap_or(0);
    let to = workload.receiver(from, dice);
    let message = ClientMessage::Deal(Deal::Give(Give { to, credits: Credits(1) }));
    let id = CommandId(dice.below(CommandId::MAX));
    let body = encode_client(Encoding::Json, &Envelope { message, id: Some(id), number: None });
    let request = Request::post("/api/v1/commands")
        .header("host", &workload.options.server.authority)
        .header("authorization", format!("Bearer {}", workload.purses[from].token))
        .header("content-type", "application/json")
        .body(Full::from(body))?;
    let sent = Instant::now();
    sender.ready().await?;
    let answer = sender.send_request(request).await?;
    let status = answer.status().as_u16();
    let body = answer.into_body().collect().await?.to_bytes();
    if status == 200 {
        workload.stats.acknowledged(1);
        workload.stats.time(Timing::Ack, sent.elapsed());
        return Ok(());
    }
    workload.stats.errors(1);
    let problem: Value = serde_json::from_slice(&body).unwrap_or_default();
    workload.stats.code(problem["code"].as_str().unwrap_or("unknown"));
    Ok(())
}
