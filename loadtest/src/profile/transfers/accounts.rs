//! The accounts: guests that come, and over WebSocket hand what they have to one of the senders, and go.

use std::sync::Arc;

use anyhow::{Context as _, anyhow, bail};
use orrery_core::protocol::client_message::{Empty, Guest, Hello};
use orrery_core::protocol::server_message::Welcome;
use orrery_core::protocol::{ClientMessage, Encoding, Envelope, ServerMessage};
use orrery_core::types::economy::Deal;
use orrery_core::types::economy::storage::Give;
use orrery_core::types::{CommandId, Credits, PlayerId};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::{CLIENTS, Over, Purse, TransferOptions};
use crate::connection::{Connection, Received};
use crate::dice::Dice;
use crate::entering::enter_patiently;
use crate::http::{self, ServerUrl};
use crate::swarm::now_ms;

/// Guests that are on their way in at a time.
const AT_A_TIME: usize = 64;
/// What a giver keeps.
const KEPT: u64 = 1;

/// Makes them all. The senders are the first ones.
///
/// # Errors
/// The server cannot be reached or turns a guest away.
pub(super) async fn make(options: &TransferOptions) -> anyhow::Result<Vec<Purse>> {
    let catalog = http::catalog(&options.server).await?;
    let spare = Credits(catalog.start.credits.0.saturating_sub(KEPT));
    let senders = come_all(&options.server, 0..CLIENTS, None).await?;
    let funds = match options.over {
        Over::Ws => Some((Arc::new(senders.iter().map(|purse| purse.player).collect::<Vec<_>>()), spare)),
        Over::Http => None,
    };
    let others = come_all(&options.server, CLIENTS..options.accounts, funds).await?;
    Ok(senders.into_iter().chain(others).collect())
}

type Funds = (Arc<Vec<PlayerId>>, Credits);

async fn come_all(
    server: &ServerUrl,
    numbers: std::ops::Range<usize>,
    funds: Option<Funds>,
) -> anyhow::Result<Vec<Purse>> {
    let turns = Arc::new(Semaphore::new(AT_A_TIME));
    let mut coming = JoinSet::new();
    for number in numbers {
        let turn = turns.clone().acquire_owned().await?;
        let (server, funds) = (server.clone(), funds.clone());
        coming.spawn(async move {
            let _turn = turn;
            come(&server, number, funds).await.with_context(|| format!("account {number}"))
        });
    }
    let mut purses = Vec::new();
    while let Some(come) = coming.join_next().await {
        purses.push(come??);
    }
    Ok(purses)
}

async fn come(server: &ServerUrl, number: usize, funds: Option<Funds>) -> anyhow::Result<Purse> {
    let guest = Some(Guest { name: Some(format!("purse{number}")) });
    let hello = Hello { guest, ..Hello::default() };
    let (mut connection, welcome) = enter(server, hello, number).await?;
    let account = welcome.account.as_ref().ok_or_else(|| anyhow!("a guest without an account"))?;
    let purse = Purse { player: welcome.player, token: account.access_token.clone() };
    if let Some((senders, credits)) = funds.filter(|(_, credits)| *credits > Credits::ZERO) {
        let to = senders[number % senders.len()];
        let message = ClientMessage::Deal(Deal::Give(Give { to, credits }));
        connection.send(&Envelope { message, id: Some(CommandId(1)), number: None })?;
        answered(&mut connection).await?;
    }
    connection.send(&ClientMessage::Leave(Empty {}).into())?;
    connection.framing.close()?;
    Ok(purse)
}

async fn answered(connection: &mut Connection) -> anyhow::Result<()> {
    loop {
        match connection.next().await? {
            Received::Message(envelope) => match envelope.message {
                ServerMessage::Ok(_) => return Ok(()),
                ServerMessage::Error(error) => bail!("give: {} {}", error.code, error.message),
                _ => {}
            },
            _ => bail!("the connection ended"),
        }
    }
}

/// Connects and says hello, as often as the server asks to come back.
///
/// # Errors
/// The server cannot be reached or turns the player away.
pub(super) async fn enter(
    server: &ServerUrl,
    hello: Hello,
    number: usize,
) -> anyhow::Result<(Connection, Box<Welcome>)> {
    let mut dice = Dice::of(now_ms(), number, 0);
    Ok(enter_patiently(server, Encoding::MessagePack, hello, &mut dice).await?)
}
