//! `orrery admin`: operators without a console.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use crate::operator::{Operator, server};
use crate::support::Server;

fn run(server_folder: &std::path::Path, arguments: &[&str], input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_orrery"));
    command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).env_clear();
    command.env("ORRERY_SERVER__DATA", server_folder);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

#[test]
fn the_first_admin_is_made_and_let_in_again_on_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let create = |name: &str, password: &str| {
        run(folder.path(), &["admin", "create", "--name", name, "--role", "admin", "--password-stdin"], password)
    };
    for (name, password, rule) in [
        ("Grace", "short\n", "the password must have 12 to 128 characters"),
        ("Grace", "password1234\n", "the password is one of the commonest passwords"),
        ("Grace Hopper", "grace hopper\n", "the password must not be the name"),
        ("G", "seven green boats\n", "a name must have 3 to 24 letters"),
        ("Grace", "", "standard input is empty"),
    ] {
        let refused = create(name, password);
        let error = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(!refused.status.success() && error.contains(rule), "{name} {password}: {error}");
    }
    let made = create("Grace", "seven green boats\n");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let twice = create("GRACE", "seven green boats\n");
    assert!(String::from_utf8_lossy(&twice.stderr).contains("another operator has this name"));

    let data = folder.path().to_str().unwrap();
    let server = Server::with(&[("server.data", data)]);
    let grace = Operator::inside(&server, "Grace", "seven green boats");
    assert_eq!(grace.get("/audit?action=operator_create").well()["items"][0]["by"]["address"], "local");
    let program = grace.with_token("admin");
    let beside = create("Bob", "seven green boats\n");
    let error = String::from_utf8_lossy(&beside.stderr).into_owned();
    assert!(!beside.status.success() && error.contains("a running server has the store"), "{error}");
    drop(server);

    let reset = run(folder.path(), &["admin", "reset", "--name", "grace", "--password-stdin"], "eight red barges\n");
    assert!(reset.status.success(), "{}", String::from_utf8_lossy(&reset.stderr));
    let unknown = run(folder.path(), &["admin", "reset", "--name", "Bob"], "eight red barges\n");
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("there is no operator named"));
    let server = Server::with(&[("server.data", data)]);
    assert_eq!(Operator::outside(&server).log_in("Grace", "seven green boats", None).status, 401);
    Operator::inside(&server, "Grace", "eight red barges");
    let program = Operator { token: program.token, ..Operator::outside(&server) };
    assert_eq!(program.get("/session").status, 401, "tokens end with the password");
}

#[test]
fn the_admin_of_the_settings_is_made_only_when_there_is_none() {
    let server = server(&[]);
    let admin = Operator::admin(&server);
    admin.make("Bob", "admin").well();
    let server = server.crash_and_start();
    let admin = Operator::admin(&server);
    assert_eq!(admin.get("/operators").well()["items"].as_array().unwrap().len(), 2);
}
