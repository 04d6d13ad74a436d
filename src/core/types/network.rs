//! What counts as one address where limits hold per address.

use std::net::{IpAddr, Ipv6Addr};

/// What an address is counted under: a household gets a whole /64 of IPv6.
#[must_use]
pub fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(),
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_one_address_of_ipv4_and_64_bits_of_ipv6() {
        for (one, other, same) in [
            ("1.2.3.4", "1.2.3.5", false),
            ("1.2.3.4", "::ffff:1.2.3.4", true),
            ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true),
            ("2001:db8:1:2::1", "2001:db8:1:3::1", false),
        ] {
            let [one, other] = [one, other].map(|text| network_of(text.parse().unwrap()));
            assert_eq!(one == other, same, "{one} {other}");
        }
    }
}
