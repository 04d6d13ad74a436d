//! HTTP requests of tests.

use std::net::SocketAddr;

use reqwest::blocking::{Client, RequestBuilder, Response};
use serde_json::Value;

use super::PATIENCE;

/// A client for one server.
pub(crate) struct Http {
    client: Client,
    base: String,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: reqwest::header::HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// A text field of the JSON body.
    pub(crate) fn field(&self, name: &str) -> String {
        self.json()[name].as_str().unwrap_or_else(|| panic!("no {name} in {}", self.text())).to_owned()
    }
}

impl Http {
    pub(crate) fn new(address: SocketAddr) -> Self {
        // The program's HTTP client leaves the choice of a provider to whoever uses it; there is one.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().timeout(PATIENCE).no_proxy().build().unwrap();
        Self { client, base: format!("http://{address}") }
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send(self.client.get(format!("{}{path}", self.base)))
    }

    pub(crate) fn get_with(&self, path: &str, header: (&str, &str)) -> Answer {
        self.send(self.client.get(format!("{}{path}", self.base)).header(header.0, header.1))
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(self.client.post(format!("{}{path}", self.base)).json(body))
    }

    pub(crate) fn post_as(&self, token: &str, path: &str, body: &Value) -> Answer {
        self.send(self.client.post(format!("{}{path}", self.base)).bearer_auth(token).json(body))
    }

    pub(crate) fn get_as(&self, token: &str, path: &str) -> Answer {
        self.send(self.client.get(format!("{}{path}", self.base)).bearer_auth(token))
    }

    /// Any bytes as the body, of any type.
    pub(crate) fn post_bytes(&self, token: &str, path: &str, kind: &str, body: impl Into<Vec<u8>>) -> Answer {
        let request = self.client.post(format!("{}{path}", self.base)).bearer_auth(token);
        self.send(request.header("content-type", kind).body(body.into()))
    }

    /// An economic command, as over WebSocket.
    pub(crate) fn command(&self, token: &str, command: &Value) -> Answer {
        self.post_as(token, "/api/v1/commands", command)
    }

    /// The same, as a part of a trace.
    pub(crate) fn command_in_trace(&self, token: &str, command: &Value, traceparent: &str) -> Answer {
        let request = self.client.post(format!("{}/api/v1/commands", self.base)).bearer_auth(token);
        self.send(request.header("traceparent", traceparent).json(command))
    }

    fn send(&self, request: RequestBuilder) -> Answer {
        let response: Response = request.send().unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Answer { status, headers, body: response.bytes().unwrap().to_vec() }
    }
}
