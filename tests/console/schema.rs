//! The API's own description against the real server: schemathesis makes requests of every kind that the description
//! allows, and some that it does not, and compares the answers with what is promised.
//!
//! It is installed by pip into `target/`, see [`crate::python`]. `ORRERY_SCHEMA_EXAMPLES` says how many requests of a
//! kind are made per operation.

use std::process::Command;

use crate::operator::{API, Operator, server};
use crate::python;

/// The version that the options below are of.
const PACKAGE: &str = "schemathesis==4.32.5";
/// Requests of a kind per operation.
const EXAMPLES: &str = "8";
/// A bound for the whole run, in seconds.
const SECONDS_MAX: &str = "60";
/// What would end the run: it sends everybody away.
const EXCLUDED: &str = "^/maintenance/changes$";
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
                      response_schema_conformance,unsupported_method";

#[test]
fn the_server_keeps_what_its_description_promises() {
    let Some(programs) = python::environment("schemathesis", PACKAGE) else { return };
    let server = server(&[]);
    let admin = Operator::admin(&server);
    let token = admin.with_token("admin").token.unwrap();
    let examples = std::env::var("ORRERY_SCHEMA_EXAMPLES").unwrap_or_else(|_| EXAMPLES.to_owned());
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(programs.join("schemathesis"))
        .args(["run", &format!("http://{}{API}/openapi.json", server.console)])
        .args(["--header", &format!("Authorization: Bearer {token}")])
        .args(["--checks", CHECKS, "--exclude-path-regex", EXCLUDED])
        .args(["--phases", "examples,coverage,fuzzing", "--max-examples", &examples, "--max-time", SECONDS_MAX])
        .args(["--seed", "1", "--suppress-health-check", "all", "--warnings", "off", "--no-color"])
        .args(["--request-timeout", "20", "--generation-database", "none"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(Operator { token: Some(token), ..Operator::outside(&server) }.get("/session").status, 200, "{said}");
}
