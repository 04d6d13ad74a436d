//! An operator with a browser or a token: what the tests of the console are written with.

use reqwest::blocking::{Client, RequestBuilder};
use reqwest::header::HeaderMap;
use serde_json::{Value, json};

use crate::support::{PATIENCE, Server};

/// Where the API is.
pub(crate) const API: &str = "/console/api/v1";
/// The admin that every server here begins with.
pub(crate) const ADMIN: &str = "Ada";
pub(crate) const PASSWORD: &str = "seven green boats";
/// A change that tests make.
pub(crate) const REASON: &str = "as a test";

/// A server whose settings name its first admin.
pub(crate) fn server(settings: &[(&str, &str)]) -> Server {
    let ours = [
        ("console.admin_name", ADMIN),
        ("console.admin_password", PASSWORD),
        ("console.logins_per_address", "1000000"),
    ];
    let all: Vec<_> = ours.into_iter().chain(settings.iter().copied()).collect();
    Server::with(&all)
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Status and code of a problem.
    pub(crate) fn problem(&self) -> (u16, String) {
        assert_eq!(self.header("content-type"), "application/problem+json", "{self:?}");
        (self.status, self.json()["code"].as_str().unwrap().to_owned())
    }

    /// The body of what must have gone well.
    pub(crate) fn well(self) -> Value {
        assert!((200..300).contains(&self.status), "{self:?}");
        if self.text.is_empty() { Value::Null } else { self.json() }
    }

    /// The cookie that was set, as `name=value` without its attributes.
    pub(crate) fn cookie(&self) -> String {
        self.header("set-cookie").split(';').next().unwrap().to_owned()
    }
}

/// A browser or a program at a server's console.
#[derive(Clone)]
pub(crate) struct Operator {
    pub(crate) client: Client,
    pub(crate) base: String,
    pub(crate) cookie: String,
    pub(crate) csrf: String,
    pub(crate) token: Option<String>,
}

impl Operator {
    /// Somebody who is not inside.
    pub(crate) fn outside(server: &Server) -> Self {
        // Fails only if it was installed before.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().timeout(PATIENCE).no_proxy().build().unwrap();
        let base = format!("http://{}", server.console);
        Self { client, base, cookie: String::new(), csrf: String::new(), token: None }
    }

    /// Somebody who is not inside, at this address.
    pub(crate) fn from(server: &Server, address: &str) -> Self {
        let outside = Self::outside(server);
        let address: std::net::IpAddr = address.parse().unwrap();
        let client = Client::builder().timeout(PATIENCE).no_proxy().local_address(address).build().unwrap();
        Self { client, ..outside }
    }

    /// The admin that every server begins with, inside.
    pub(crate) fn admin(server: &Server) -> Self {
        Self::inside(server, ADMIN, PASSWORD)
    }

    /// Somebody who has logged in.
    pub(crate) fn inside(server: &Server, name: &str, password: &str) -> Self {
        let mut operator = Self::outside(server);
        let answer = operator.log_in(name, password, None);
        assert_eq!(answer.status, 200, "{answer:?}");
        operator
    }

    /// Somebody with a role: the admin makes the account.
    pub(crate) fn with_role(server: &Server, admin: &Self, role: &str) -> Self {
        let name = format!("The {role}");
        admin.make(&name, role).well();
        Self::inside(server, &name, PASSWORD)
    }

    /// A program with one's token.
    pub(crate) fn with_token(&self, scope: &str) -> Self {
        let made = self.post("/tokens", &json!({ "name": "a test", "scope": scope })).well();
        let token = made["token"].as_str().map(str::to_owned);
        Self { cookie: String::new(), csrf: String::new(), token, ..self.clone() }
    }

    /// Logs in, and keeps the session if that goes well.
    pub(crate) fn log_in(&mut self, name: &str, password: &str, code: Option<&str>) -> Answer {
        let mut form = json!({ "name": name, "password": password });
        if let Some(code) = code {
            form["code"] = code.into();
        }
        let answer = self.post("/session", &form);
        if answer.status == 200 {
            self.cookie = answer.cookie();
            self.csrf = answer.json()["csrf"].as_str().unwrap().to_owned();
        }
        answer
    }

    /// Makes an operator's account.
    pub(crate) fn make(&self, name: &str, role: &str) -> Answer {
        self.post("/operators", &json!({ "name": name, "role": role, "password": PASSWORD, "reason": REASON }))
    }

    /// Somebody's account, as admins see it.
    pub(crate) fn account(&self, name: &str) -> Value {
        let all = self.get("/operators").well();
        let found = all["items"].as_array().unwrap().iter().find(|account| account["name"] == name);
        found.unwrap_or_else(|| panic!("no {name} in {all}")).clone()
    }

    /// Changes somebody's account, as it is now.
    pub(crate) fn change(&self, name: &str, change: &Value) -> Answer {
        let account = self.account(name);
        let path = format!("/operators/{}/changes", account["id"].as_str().unwrap());
        let request = self.request("POST", &path).json(&json!({ "change": change, "reason": REASON }));
        Self::send(request.header("if-match", format!("\"{}\"", account["version"])))
    }

    /// A request with whatever shows who one is.
    pub(crate) fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let url = format!("{}{API}{path}", self.base);
        let mut request = self.client.request(method.parse().unwrap(), url);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if !self.cookie.is_empty() {
            request = request.header("cookie", &self.cookie).header("x-csrf-token", &self.csrf);
        }
        request
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        Self::send(self.request("GET", path))
    }

    /// A page, which is not under the API.
    pub(crate) fn get_page(&self, path: &str) -> Answer {
        Self::send(self.client.get(format!("{}{path}", self.base)))
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        Self::send(self.request("POST", path).json(body))
    }

    pub(crate) fn delete(&self, path: &str) -> Answer {
        Self::send(self.request("DELETE", path))
    }

    pub(crate) fn send(request: RequestBuilder) -> Answer {
        let response = request.send().unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Answer { status, headers, text: response.text().unwrap() }
    }
}
