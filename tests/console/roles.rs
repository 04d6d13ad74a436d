//! Every route × role: the API's own description says which role an operation needs, and the server keeps to it.

use serde_json::Value;

use crate::operator::{Operator, server};

const RANKS: [&str; 4] = ["none", "viewer", "moderator", "admin"];
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// Every operation: method, path with something in place of parameters, rank of the role it needs.
fn operations(document: &Value) -> Vec<(String, String, usize)> {
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap().iter().filter(|(name, _)| METHODS.contains(&name.as_str()))
        {
            let role = operation["x-role"].as_str().unwrap_or_else(|| panic!("{method} {path} has no x-role"));
            let rank = RANKS.iter().position(|known| *known == role).unwrap();
            found.push((method.to_uppercase(), filled(path), rank));
        }
    }
    found
}

fn filled(path: &str) -> String {
    let part = |part: &str| if part.starts_with('{') { "0".to_owned() } else { part.to_owned() };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

#[test]
fn every_route_lets_in_the_role_it_names_and_no_smaller_one() {
    let server = server(&[]);
    let admin = Operator::admin(&server);
    let document = Operator::outside(&server).get("/openapi.json").well();
    let operations = operations(&document);
    assert!(operations.len() > 10, "{operations:?}");
    let mut faults = Vec::new();
    for role in RANKS.into_iter().skip(1) {
        admin.make(&format!("The {role}"), role).well();
    }
    for (rank, role) in RANKS.into_iter().enumerate() {
        // A session for each request: log-out is one of the operations.
        let come = || match role {
            "none" => Operator::outside(&server),
            _ => Operator::inside(&server, &format!("The {role}"), crate::operator::PASSWORD),
        };
        let mut who = come();
        for (method, path, needed) in &operations {
            // An empty body is refused by whoever is let in, so nothing happens.
            let answer =
                Operator::send(who.request(method, path).header("content-type", "application/json").body("{}"));
            let kept_out = match answer.status {
                401 => answer.problem().1 == "not_authenticated",
                403 => answer.problem().1 == "not_allowed",
                _ => false,
            };
            if kept_out != (rank < *needed) || answer.status >= 500 || answer.status == 405 {
                faults.push(format!("{method} {path} for {role}: {} {}", answer.status, answer.text));
            }
            if path == "/session" && method == "DELETE" {
                who = come();
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}
