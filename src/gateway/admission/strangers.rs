//! Connections that have not said `hello`: how many there are, in all and from each address. Used by
//! [`Admission`](super::Admission) alone.
//!
//! One address gets an eighth of the places: whoever opens connections and says nothing keeps others from them, and from
//! one address nobody is to keep everybody from all.

use std::collections::HashMap;
use std::net::IpAddr;

use crate::config::LimitsConfig;
use crate::gateway::address::counted;

/// One address gets one place of so many.
const PLACES_PER_PLACE_OF_ADDRESS: usize = 8;

/// Who stands at the door.
#[derive(Debug)]
pub(super) struct Strangers {
    max: usize,
    max_per_address: usize,
    exempt_loopback: bool,
    count: usize,
    /// By what an address is counted under; those without strangers are left out.
    by_address: HashMap<IpAddr, usize>,
}

/// Why no more may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Crowded {
    /// Too many are there.
    Door,
    /// Too many are there from this address.
    Address,
}

impl Strangers {
    pub(super) fn new(config: &LimitsConfig) -> Self {
        Self {
            max: config.strangers_max,
            max_per_address: (config.strangers_max / PLACES_PER_PLACE_OF_ADDRESS).max(1),
            exempt_loopback: config.exempt_loopback,
            count: 0,
            by_address: HashMap::new(),
        }
    }

    /// Whether there is room for another from this address.
    pub(super) fn room(&self, address: Option<IpAddr>) -> Result<(), Crowded> {
        let from_there = self.key(address).and_then(|key| self.by_address.get(&key)).copied().unwrap_or_default();
        // Who is one of too many is told so also when the door is full: whatever others do, there is no room for them.
        if from_there >= self.max_per_address {
            return Err(Crowded::Address);
        }
        if self.count >= self.max { Err(Crowded::Door) } else { Ok(()) }
    }

    pub(super) fn come(&mut self, address: Option<IpAddr>) {
        self.count += 1;
        if let Some(key) = self.key(address) {
            *self.by_address.entry(key).or_default() += 1;
        }
    }

    /// One who came is no stranger any more, or is gone.
    pub(super) fn go(&mut self, address: Option<IpAddr>) {
        self.count = self.count.saturating_sub(1);
        let Some(key) = self.key(address) else { return };
        if let Some(from_there) = self.by_address.get_mut(&key) {
            *from_there -= 1;
            if *from_there == 0 {
                self.by_address.remove(&key);
            }
        }
    }

    fn key(&self, address: Option<IpAddr>) -> Option<IpAddr> {
        address.and_then(|address| counted(address, self.exempt_loopback))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strangers(strangers_max: usize, exempt_loopback: bool) -> Strangers {
        Strangers::new(&LimitsConfig { strangers_max, exempt_loopback, ..LimitsConfig::default() })
    }

    fn address(text: &str) -> Option<IpAddr> {
        Some(text.parse().unwrap())
    }

    /// How many come from an address until no more may, and why not.
    fn fill(strangers: &mut Strangers, from: Option<IpAddr>) -> (usize, Crowded) {
        for count in 0.. {
            match strangers.room(from) {
                Ok(()) => strangers.come(from),
                Err(why) => return (count, why),
            }
        }
        unreachable!()
    }

    #[test]
    fn one_address_gets_an_eighth_of_the_places_and_leaves_the_others_their_own() {
        let mut strangers = strangers(64, false);
        let here = address("192.0.2.1");
        assert_eq!(fill(&mut strangers, here), (8, Crowded::Address));
        assert_eq!(fill(&mut strangers, address("2001:db8::1")), (8, Crowded::Address));
        assert_eq!(strangers.room(address("2001:db8::2")), Err(Crowded::Address), "the same household");
        for other in 2..8 {
            assert_eq!(fill(&mut strangers, address(&format!("192.0.2.{other}"))), (8, Crowded::Address));
        }
        assert_eq!(strangers.room(address("192.0.2.8")), Err(Crowded::Door), "eight eighths");
        strangers.go(here);
        assert_eq!(strangers.room(address("192.0.2.8")), Ok(()));
        assert_eq!(strangers.room(here), Ok(()));
    }

    #[test]
    fn those_who_are_exempt_or_have_no_address_get_all_places_and_few_places_are_one_each() {
        assert_eq!(fill(&mut strangers(64, true), address("127.0.0.1")), (64, Crowded::Door));
        assert_eq!(fill(&mut strangers(64, false), address("127.0.0.1")), (8, Crowded::Address));
        assert_eq!(fill(&mut strangers(64, false), None), (64, Crowded::Door));
        assert_eq!(fill(&mut strangers(3, false), address("192.0.2.1")), (1, Crowded::Address));
    }

    #[test]
    fn nothing_is_kept_of_those_who_went() {
        let mut strangers = strangers(64, false);
        for number in 0..1_000_u32 {
            let from = Some(IpAddr::V4(number.into()));
            strangers.come(from);
            strangers.go(from);
        }
        assert_eq!((strangers.count, strangers.by_address.len()), (0, 0));
    }
}
