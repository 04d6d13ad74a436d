//! File descriptors: each connection takes one. Many systems begin a process with a soft limit of 1,024, though the hard
//! limit is far higher.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::config::Config;

/// For everything else: store, listener, logs, arbiters.
const FOR_THE_REST: u64 = 200;

/// Raises the soft limit to the hard one, and warns when even that is not enough for `session.connections_max`.
pub(super) fn raise_limit(config: &Config) {
    let limit = getrlimit(Resource::Nofile);
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum }) {
        tracing::warn!(error = %error, "the limit of open files cannot be raised");
    }
    let wanted = config.session.connections_max as u64 + FOR_THE_REST;
    if let Some(allowed) = getrlimit(Resource::Nofile).current
        && allowed < wanted
    {
        tracing::warn!(allowed, wanted, "too few open files are allowed for session.connections_max");
    }
}
