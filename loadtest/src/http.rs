//! The little HTTP that bots speak: one request per connection, JSON in and out.

use anyhow::{Context as _, anyhow, bail};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::Request;
use hyper_util::rt::TokioIo;
use orrery_core::catalog::Catalog;
use serde_json::Value;
use tokio::net::TcpStream;

/// Where the server is: `host:port` out of an `http://` URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerUrl {
    /// Host and port.
    pub authority: String,
}

impl ServerUrl {
    /// Parses `http://host[:port][/]`.
    ///
    /// # Errors
    /// Another scheme, a path, or no host.
    pub fn parse(url: &str) -> anyhow::Result<Self> {
        let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("ws://"));
        let rest = rest.ok_or_else(|| anyhow!("{url:?} is not an http:// address"))?.trim_end_matches('/');
        if rest.is_empty() || rest.contains(['/', '?', '#', '@', ' ']) {
            bail!("{url:?} is not of the form http://host:port");
        }
        let has_port = rest.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        Ok(Self { authority: if has_port { rest.to_owned() } else { format!("{rest}:80") } })
    }

    /// The port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.authority.rsplit_once(':').and_then(|(_, port)| port.parse().ok()).unwrap_or(80)
    }
}

/// An answer: the status and the body.
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The body.
    pub body: Bytes,
}

/// Asks for a path.
///
/// # Errors
/// The server cannot be reached or does not speak HTTP.
pub async fn get(server: &ServerUrl, path: &str) -> anyhow::Result<Answer> {
    let request = Request::get(path).header("host", &server.authority).body(Full::default())?;
    send(server, request).await
}

/// Posts JSON.
///
/// # Errors
/// The server cannot be reached or does not speak HTTP.
pub async fn post(server: &ServerUrl, path: &str, body: &Value) -> anyhow::Result<Answer> {
    let request = Request::post(path)
        .header("host", &server.authority)
        .header("content-type", "application/json")
        .body(Full::from(body.to_string()))?;
    send(server, request).await
}

async fn send(server: &ServerUrl, request: Request<Full<Bytes>>) -> anyhow::Result<Answer> {
    let stream = TcpStream::connect(&server.authority).await.context("failed to connect")?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let exchange = async {
        let answer = sender.send_request(request).await?;
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await?.to_bytes();
        Ok(Answer { status, body })
    };
    // The connection has to be driven while the exchange goes on, and may end first.
    tokio::pin!(exchange);
    tokio::select! {
        answer = &mut exchange => answer,
        ended = connection => { ended?; exchange.await }
    }
}

/// The server's content.
///
/// # Errors
/// The server cannot be reached or answers something else.
pub async fn catalog(server: &ServerUrl) -> anyhow::Result<Catalog> {
    let answer = get(server, "/api/v1/catalog").await?;
    if answer.status != 200 {
        bail!("GET /api/v1/catalog answered {}", answer.status);
    }
    serde_json::from_slice(&answer.body).context("failed to read the catalogue")
}

/// An account's tokens.
#[derive(Clone)]
pub struct Tokens {
    /// For `hello`.
    pub access: String,
    /// For new tokens.
    pub refresh: String,
}

/// Makes an account with a password; the status when the server refuses.
///
/// # Errors
/// The server cannot be reached, or its answer has no tokens.
pub async fn register(server: &ServerUrl, name: &str, password: &str) -> anyhow::Result<Result<Tokens, u16>> {
    let body = serde_json::json!({ "name": name, "password": password });
    tokens(&post(server, "/api/v1/auth/register", &body).await?)
}

/// New tokens for old; the status when the server refuses.
///
/// # Errors
/// The server cannot be reached, or its answer has no tokens.
pub async fn refresh(server: &ServerUrl, refresh_token: &str) -> anyhow::Result<Result<Tokens, u16>> {
    let body = serde_json::json!({ "refresh_token": refresh_token });
    tokens(&post(server, "/api/v1/auth/refresh", &body).await?)
}

fn tokens(answer: &Answer) -> anyhow::Result<Result<Tokens, u16>> {
    if !(200..300).contains(&answer.status) {
        return Ok(Err(answer.status));
    }
    let value: Value = serde_json::from_slice(&answer.body).context("failed to read the tokens")?;
    let text = |name: &str| value[name].as_str().map(str::to_owned).ok_or_else(|| anyhow!("no {name} in the answer"));
    Ok(Ok(Tokens { access: text("access_token")?, refresh: text("refresh_token")? }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_a_host_and_no_path() {
        let authority = |url: &str| ServerUrl::parse(url).ok().map(|url| url.authority);
        assert_eq!(authority("http://127.0.0.1:8080/"), Some("127.0.0.1:8080".to_owned()));
        assert_eq!(authority("http://game.example"), Some("game.example:80".to_owned()));
        for wrong in ["https://x:1", "127.0.0.1:8080", "http://", "http://x/y"] {
            assert_eq!(authority(wrong), None, "{wrong}");
        }
    }
}
