//! What counts as one address where limits hold per address. Used by [`auth`](super::auth) and
//! [`admission`](super::admission). The address is always the connection's own: what a proxy claims in a header is not
//! believed, since anybody can write it.

use std::net::IpAddr;

use crate::types::network_of;

/// What an address is counted under: a household gets a whole /64 of IPv6. None if it is not counted at all, as those of
/// the loopback range when they are exempt.
pub(super) fn counted(address: IpAddr, exempt_loopback: bool) -> Option<IpAddr> {
    let address = address.to_canonical();
    let is_counted = !(exempt_loopback && address.is_loopback());
    is_counted.then(|| network_of(address))
}
