//! The API's own description against the real server: schemathesis makes requests of every kind that the description
//! allows, and some that it does not, and compares the answers with what is promised.
//!
//! It is installed by pip into `target/`. If that fails, the test says so and passes, but fails where the environment
//! has `CI=1` or `CI=true`. `ORRERY_SCHEMA_EXAMPLES` says how many requests of a kind are made per operation.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::operator::{API, Operator, server};

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
    let Some(program) = schemathesis() else { return };
    let server = server(&[]);
    let admin = Operator::admin(&server);
    let token = admin.with_token("admin").token.unwrap();
    let examples = std::env::var("ORRERY_SCHEMA_EXAMPLES").unwrap_or_else(|_| EXAMPLES.to_owned());
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(program)
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

/// The program; `None`, loudly, when it cannot be had.
fn schemathesis() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("schemathesis");
    install(&folder)
        .inspect_err(|missing| {
            let in_ci = std::env::var("CI").is_ok_and(|value| value == "1" || value == "true");
            assert!(!in_ci, "no schemathesis to test with, and CI is set: {missing}");
            eprintln!("SKIPPED: no schemathesis to test with: {missing}");
        })
        .ok()
}

fn install(folder: &Path) -> Result<PathBuf, String> {
    let program = folder.join("bin/schemathesis");
    if !program.exists() {
        run(Command::new("python3").args(["-m", "venv"]).arg(folder))?;
        run(Command::new(folder.join("bin/pip")).args(["install", "-q", PACKAGE]))?;
    }
    Ok(program)
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.stdin(Stdio::null()).output().map_err(|error| format!("{command:?}: {error}"))?;
    let said = || format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    if output.status.success() { Ok(()) } else { Err(said()) }
}
