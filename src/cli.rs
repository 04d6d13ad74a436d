//! The command line: what can be asked of the program, and how it answers.
//!
//! Exit codes: 0 done, 1 failed, 2 the command line is wrong. Results go to standard output; an error is one sentence
//! on standard error and a hint what to do about it.
//!
//! To add a subcommand: a variant of `Command`, an arm in `carry_out`, and a file in `cli/` or a function in
//! `server` that does it.

mod check_assets;
mod check_config;
mod health;
mod password;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{ArgGroup, CommandFactory, Parser, Subcommand};

use crate::config::{ConfigError, load};
use crate::types::Role;
use crate::{server, telemetry};

/// The arguments.
#[derive(Debug, Parser)]
#[command(name = "orrery", version, about = "An actor-based realtime game server: a persistent space-trading galaxy")]
#[command(after_help = "Exit codes: 0 done, 1 failed, 2 the command line is wrong.")]
struct Arguments {
    /// Settings that go before those of config/orrery.toml
    #[arg(long, global = true, value_name = "FILE", env = "ORRERY_CONFIG")]
    config: Option<PathBuf>,
    /// With serve: bots that play along inside the server
    #[arg(long, global = true, value_name = "N")]
    bots: Option<usize>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server until SIGTERM (this is the default)
    Serve,
    /// Show the settings that hold and where they come from, secrets masked
    CheckConfig {
        /// For machines
        #[arg(long)]
        json: bool,
    },
    /// Check the catalogue in server.assets and list everything that is wrong with it
    CheckAssets,
    /// Bring the store's tables up to date
    Migrate,
    /// Print an access token for a player or an operator
    #[command(group = ArgGroup::new("whose").required(true))]
    Token {
        /// The player's name
        #[arg(long, value_name = "NAME", group = "whose")]
        player: Option<String>,
        /// The operator's name, as it shall be logged: may use what the HTTP API has for operators, but not play
        #[arg(long, value_name = "NAME", group = "whose")]
        operator: Option<String>,
    },
    /// Make operators of the console, or let one in again; only while no server runs on the store
    Admin {
        #[command(subcommand)]
        command: AdminCommand,
    },
    /// Compare what is stored with the ledger; fails when they differ
    Audit {
        /// For machines
        #[arg(long)]
        json: bool,
    },
    /// Ask a running server how it is; fails when something is not in order
    Health {
        /// For machines
        #[arg(long)]
        json: bool,
        /// Where its console is; without it, where the settings say
        #[arg(long, value_name = "URL")]
        url: Option<String>,
    },
    /// Print what is stored about every player
    Export {
        /// JSON, the only form there is so far
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
enum AdminCommand {
    /// Make an operator
    Create {
        /// The operator's name
        #[arg(long, value_name = "NAME")]
        name: String,
        /// What the operator may do: viewer, moderator or admin
        #[arg(long, value_name = "ROLE", value_parser = role)]
        role: Role,
        /// Read the password from standard input without asking
        #[arg(long)]
        password_stdin: bool,
    },
    /// Give an operator another password; turns the second factor off, unlocks and enables the account
    Reset {
        /// The operator's name
        #[arg(long, value_name = "NAME")]
        name: String,
        /// Read the password from standard input without asking
        #[arg(long)]
        password_stdin: bool,
    },
}

fn role(text: &str) -> Result<Role, String> {
    Role::parse(text).ok_or_else(|| "must be viewer, moderator or admin".to_owned())
}

/// Does what the process's arguments ask for.
#[must_use]
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    let command = arguments.command.unwrap_or(Command::Serve);
    if arguments.bots.is_some() && !matches!(command, Command::Serve) {
        Arguments::command().error(ErrorKind::ArgumentConflict, "--bots belongs to serve").exit();
    }
    match carry_out(command, arguments.config.as_deref(), arguments.bots.unwrap_or(0)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

fn carry_out(command: Command, file: Option<&Path>, bots: usize) -> anyhow::Result<()> {
    let config = load(file)?;
    let settings = &config.config;
    let _logging = match command {
        Command::CheckConfig { json } => return print(&check_config::report(&config, json)),
        Command::CheckAssets => return print(&check_assets::report(&settings.server.assets)?),
        Command::Health { json, ref url } => return health::ask(&config, url.as_deref(), json),
        Command::Serve => telemetry::logging::start(&settings.log, Some(&settings.telemetry))?,
        _ => telemetry::logging::start(&settings.log, None)?,
    };
    match command {
        Command::Migrate => server::migrate(config),
        Command::Token { operator: Some(name), .. } => server::operator_token(config, &name),
        Command::Token { player, .. } => server::token(config, &player.unwrap_or_default()),
        Command::Admin { command: AdminCommand::Create { name, role, password_stdin } } => {
            server::create_operator(config, &name, role, password::ask(password_stdin)?)
        }
        Command::Admin { command: AdminCommand::Reset { name, password_stdin } } => {
            server::reset_operator(config, &name, password::ask(password_stdin)?)
        }
        Command::Export { .. } => server::export(config),
        Command::Audit { json } => server::audit(config, json),
        Command::Serve | Command::CheckConfig { .. } | Command::CheckAssets | Command::Health { .. } => {
            server::serve(config, bots)
        }
    }
}

/// Writes a result. Whoever reads it may have seen enough and gone: no fault of ours.
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

fn complain(error: &anyhow::Error) {
    let text = format!("error: {error:#}\nhint: {}\n", hint(error));
    // There is nobody left to tell if standard error is closed.
    let _ = std::io::stderr().write_all(text.as_bytes());
}

fn hint(error: &anyhow::Error) -> &'static str {
    if error.is::<ConfigError>() {
        "config/orrery.toml explains every setting; an environment variable goes before all files"
    } else if error.is::<check_assets::FaultyAssets>() {
        "each line names file, key and rule; the folder is the setting server.assets"
    } else if error.is::<health::NotWell>() {
        "each finding above stands with its advice"
    } else if error.is::<server::OutOfBalance>() {
        "each line above names account, asset, what the ledger says and what is stored"
    } else {
        "the log lines above may say more; ORRERY_LOG__FILTER=debug makes more of them"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Arguments, clap::Error> {
        Arguments::try_parse_from(line.split(' '))
    }

    #[test]
    fn the_definition_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn serving_is_the_default_and_options_may_stand_before_or_behind() {
        for line in ["orrery --bots 3 --config a.toml", "orrery serve --bots 3 --config a.toml"] {
            let arguments = parsed(line).unwrap();
            assert_eq!((arguments.bots, arguments.config), (Some(3), Some(PathBuf::from("a.toml"))), "{line}");
            assert!(matches!(arguments.command, None | Some(Command::Serve)));
        }
    }

    #[test]
    fn every_subcommand_is_understood() {
        for line in [
            "check-config --json",
            "check-assets",
            "migrate",
            "token --player Ada",
            "token --operator Ada",
            "export --json",
            "admin create --name Ada --role admin",
            "admin reset --name Ada --password-stdin",
            "audit --json",
            "health --json --url http://127.0.0.1:8081",
        ] {
            assert!(parsed(&format!("orrery {line} --config a.toml")).is_ok(), "{line}");
        }
        for line in [
            "orrery token",
            "orrery token --player A --operator B",
            "orrery fly",
            "orrery admin create --name A --role boss",
            "orrery --bots many",
        ] {
            assert_eq!(parsed(line).unwrap_err().exit_code(), 2, "{line}");
        }
    }
}
