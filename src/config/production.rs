//! What a server that strangers reach must not be: checked when `server.profile` is `production`. Each rule names the
//! key to change.

use super::Config;
use super::check::Broken;

/// A secret of fewer different characters was not drawn by chance.
const SECRET_DIFFERENT_CHARS_MIN: usize = 10;

/// The rules of the production profile.
pub(super) fn validate(config: &Config, broken: &mut Broken) {
    let secret = &config.auth.secret;
    if !secret.is_empty() && different_chars(secret) < SECRET_DIFFERENT_CHARS_MIN {
        broken.add("auth.secret", "must be drawn by chance (openssl rand -base64 32), or be empty: one is made then");
    }
    if config.session.allowed_origins.iter().any(|origin| origin == "*") {
        broken.add("session.allowed_origins", "must name the origins: \"*\" lets every page speak for its visitors");
    }
    for (key, on) in [("debug.echo", config.debug.echo), ("debug.commands", config.debug.commands)] {
        if on {
            broken.add(key, "must be false: it is for tests only");
        }
    }
    if config.limits.exempt_loopback {
        broken.add("limits.exempt_loopback", "must be false: behind a proxy everybody comes from this machine");
    }
    let console = &config.console;
    if console.address().is_some() && !console.secure_cookies {
        // On a loopback address too: the proxy that lets operators in comes from there.
        broken.add(
            "console.secure_cookies",
            "must be true: operators come through a proxy that speaks TLS; console.listen may be empty for no console",
        );
    }
}

fn different_chars(text: &str) -> usize {
    text.chars().collect::<std::collections::BTreeSet<char>>().len()
}
