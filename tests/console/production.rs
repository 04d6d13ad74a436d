//! The production profile: what a server refuses to start with, by name.

use std::process::Command;

/// What a server says with these settings on top of the production profile's; it must not start.
fn refusal(settings: &[(&str, &str)]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut command = Command::new(env!("CARGO_BIN_EXE_orrery"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).env_clear().args(["--config", "config/production.toml"]);
    let ours = [("server.listen", "127.0.0.1:0"), ("console.listen", "127.0.0.1:0")];
    command.env("ORRERY_SERVER__DATA", &data);
    for (key, value) in ours.iter().chain(settings) {
        command.env(format!("ORRERY_{}", key.replacen('.', "__", 1).to_uppercase()), value);
    }
    let output = command.output().unwrap();
    assert!(!output.status.success(), "{settings:?}");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn unsafe_settings_are_refused_by_key_and_rule() {
    let short = "x".repeat(31);
    let dull = "x".repeat(40);
    for (settings, key, rule) in [
        (&[("auth.secret", short.as_str())][..], "auth.secret", "at least 32 characters"),
        (&[("auth.secret", &dull)], "auth.secret", "drawn by chance"),
        (&[("session.allowed_origins", "*")], "session.allowed_origins", "must name the origins"),
        (&[("debug.echo", "true")], "debug.echo", "must be false"),
        (&[("debug.commands", "true")], "debug.commands", "must be false"),
        (&[("limits.exempt_loopback", "true")], "limits.exempt_loopback", "must be false"),
        (&[("console.secure_cookies", "false")], "console.secure_cookies", "must be true"),
        (
            &[("console.admin_name", "Ada"), ("console.admin_password", "short")],
            "console.admin_password",
            "12 to 128 characters",
        ),
    ] {
        let said = refusal(settings);
        assert!(said.contains(key) && said.contains(rule), "{settings:?}: {said}");
        assert!(!said.contains(&dull) && !said.contains(&short), "no secret is shown: {said}");
    }
}

#[test]
fn a_key_or_folder_that_others_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let open = folder.path().join("open");
    std::fs::create_dir(&open).unwrap();
    std::fs::set_permissions(&open, std::fs::Permissions::from_mode(0o755)).unwrap();
    let said = refusal(&[("server.data", open.to_str().unwrap())]);
    assert!(said.contains("server.data") && said.contains("chmod 700"), "{said}");
    let closed = folder.path().join("closed");
    std::fs::create_dir(&closed).unwrap();
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o700)).unwrap();
    std::fs::write(closed.join("auth.key"), [7; 32]).unwrap();
    std::fs::set_permissions(closed.join("auth.key"), std::fs::Permissions::from_mode(0o644)).unwrap();
    let said = refusal(&[("server.data", closed.to_str().unwrap())]);
    assert!(said.contains("auth.key") && said.contains("can be read by others"), "{said}");
}
