//! A password from standard input: typed twice and not shown when that is a terminal, else its first line.

use std::io::{BufRead as _, IsTerminal as _, Write as _};

use anyhow::{Context as _, bail};
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};

/// Asks for a new password; with `plain`, standard input is read without asking even if it is a terminal.
///
/// # Errors
/// Standard input ends before, or what was typed differs.
pub(super) fn ask(plain: bool) -> anyhow::Result<String> {
    if plain || !std::io::stdin().is_terminal() {
        return line();
    }
    let password = typed("Password: ")?;
    if typed("Once more: ")? != password {
        bail!("the two passwords differ");
    }
    Ok(password)
}

/// A line that is typed without being shown.
fn typed(prompt: &str) -> anyhow::Result<String> {
    let terminal = std::io::stdin();
    let shown = tcgetattr(&terminal).context("failed to ask the terminal")?;
    let mut hidden = shown.clone();
    hidden.local_modes.remove(LocalModes::ECHO);
    hidden.local_modes.insert(LocalModes::ECHONL);
    let _ = std::io::stderr().write_all(prompt.as_bytes());
    tcsetattr(&terminal, OptionalActions::Flush, &hidden).context("failed to ask the terminal")?;
    let line = line();
    // What cannot be set back is seen by whoever types next.
    let _ = tcsetattr(&terminal, OptionalActions::Flush, &shown);
    line
}

fn line() -> anyhow::Result<String> {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).context("failed to read the password from standard input")?;
    let password = line.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        bail!("the password is missing: standard input is empty");
    }
    Ok(password.to_owned())
}
