//! Failed log-ins by name and network, of names that somebody has and of names that nobody has: who guesses from one
//! network locks nobody out who comes from another. In memory only; the account's own count, over all networks, is
//! stored.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};

use orrery_core::game::operator::Failures;
use orrery_core::types::{Millis, network_of};

use crate::store::record::name_key;

/// Names and networks that are counted. With more, all are forgotten: what is counted over all networks stays.
const COUNTED_MAX: usize = 10_000;

/// A name and where somebody tries it from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Source {
    /// The name's key.
    name: String,
    network: IpAddr,
}

impl Source {
    /// Of a name, and an address as text.
    pub(super) fn new(name: &str, address: &str) -> Self {
        let address = address.parse().unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        Self { name: name_key(name), network: network_of(address) }
    }
}

/// The failures.
#[derive(Default)]
pub(super) struct Networks(HashMap<Source, Failures>);

impl Networks {
    /// Those of one source.
    pub(super) fn get(&self, source: &Source) -> Failures {
        self.0.get(source).copied().unwrap_or_default()
    }

    /// Notes those of one source.
    pub(super) fn set(&mut self, source: Source, failures: Failures) {
        if failures == Failures::default() {
            self.0.remove(&source);
            return;
        }
        if self.0.len() >= COUNTED_MAX && !self.0.contains_key(&source) {
            self.0.clear();
        }
        self.0.insert(source, failures);
    }

    /// Forgets those of a name.
    pub(super) fn forget(&mut self, name: &str) {
        let name = name_key(name);
        self.0.retain(|source, _| source.name != name);
    }

    /// Whether failures of a name are counted.
    pub(super) fn count(&self, name: &str) -> bool {
        let name = name_key(name);
        self.0.keys().any(|source| source.name == name)
    }

    /// Until when a name is locked for some network.
    pub(super) fn locked(&self, name: &str, now: Millis) -> Option<Millis> {
        let name = name_key(name);
        self.0.iter().filter(|(source, _)| source.name == name).filter_map(|(_, failures)| failures.locked(now)).max()
    }
}
