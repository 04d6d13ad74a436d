//! `orrery health`: asks a running server how it is, over its console, and prints the report. Whoever can read the data
//! folder may ask: the token is signed with the key that is kept there.

use std::time::Duration;

use anyhow::{Context as _, bail};
use serde_json::Value;

use crate::config::LoadedConfig;
use crate::server;

/// The console asks the store at most for two seconds.
const ANSWER_TIME: Duration = Duration::from_secs(10);
const PATH: &str = "/console/api/v1/health";

/// The server answers, and not everything is in order.
#[derive(Debug, thiserror::Error)]
#[error("the server is not in order: {status}, {score} of 100")]
pub(super) struct NotWell {
    status: String,
    score: u64,
}

/// Prints the report of the server at `url`; by default that of the settings.
///
/// # Errors
/// The server cannot be asked, or warns or fails.
pub(super) fn ask(loaded: &LoadedConfig, url: Option<&str>, as_json: bool) -> anyhow::Result<()> {
    let base = match url {
        Some(url) => url.trim_end_matches('/').to_owned(),
        None => usual_url(loaded)?,
    };
    let report = fetch(&base, &server::operators_pass(&loaded.config)?)?;
    super::print(&if as_json { format!("{report:#}\n") } else { as_text(&report) })?;
    let status = text(&report["status"]).to_owned();
    match status.as_str() {
        "ok" => Ok(()),
        _ => Err(NotWell { status, score: report["score"].as_u64().unwrap_or(0) }.into()),
    }
}

fn usual_url(loaded: &LoadedConfig) -> anyhow::Result<String> {
    match loaded.config.console.address() {
        Some(address) if address.port() > 0 => Ok(format!("http://{address}")),
        _ => bail!("console.listen does not say where the server's console is: say it with --url"),
    }
}

fn fetch(base: &str, token: &str) -> anyhow::Result<Value> {
    server::install_tls_provider();
    let client = reqwest::blocking::Client::builder().timeout(ANSWER_TIME).no_proxy().build()?;
    let asked = client.get(format!("{base}{PATH}")).bearer_auth(token).send();
    let answer = asked.with_context(|| format!("the console at {base} does not answer"))?;
    let status = answer.status();
    if status == reqwest::StatusCode::UNAUTHORIZED {
        bail!("the console at {base} does not know this data folder's key: use the server's own server.data");
    }
    let body = answer.text().context("the answer cannot be read")?;
    let report: Option<Value> = serde_json::from_str(&body).ok();
    match report {
        Some(report) if status.is_success() && report["checks"].is_array() => Ok(report),
        _ => bail!("{base} answers {status}, and not as a console does"),
    }
}

fn as_text(report: &Value) -> String {
    let mut out = format!("{}, {} of 100\n", text(&report["status"]), report["score"]);
    for check in report["checks"].as_array().into_iter().flatten() {
        let figures = check["figures"].as_object().into_iter().flatten();
        let figures: Vec<String> = figures.map(|(name, value)| format!("{name} {}", figure(value))).collect();
        out += &format!("{:<12} {:<5} {}\n", text(&check["name"]), text(&check["status"]), figures.join(", "));
        let lines = |name: &str| check[name].as_array().into_iter().flatten().map(text).collect::<Vec<_>>();
        for (finding, advice) in lines("findings").into_iter().zip(lines("advice")) {
            out += &format!("  ! {finding}\n    {advice}\n");
        }
    }
    out
}

/// A figure without the `.0` of a whole one.
fn figure(value: &Value) -> String {
    let whole = value.as_f64().filter(|number| value.is_f64() && number.fract() == 0.0);
    whole.map_or_else(|| value.to_string(), |number| format!("{number:.0}"))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn findings_stand_below_their_part_with_advice() {
        let store = json!({
            "name": "store", "status": "fail", "figures": { "ping_ms": 3.5 },
            "findings": ["the store does not answer: gone"], "advice": ["bring it back"],
        });
        let text = as_text(&json!({ "score": 75, "status": "fail", "checks": [store] }));
        let expected = "fail, 75 of 100\n\
                        store        fail  ping_ms 3.5\n\
                        \x20 ! the store does not answer: gone\n\
                        \x20   bring it back\n";
        assert_eq!(text, expected);
    }
}
