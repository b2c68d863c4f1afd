//! Which IP addresses are not on the public internet, and why not. What an operator allows all the same is not here.
//!
//! Sources, read 2026-11-21: the registries of special-purpose addresses,
//! <https://www.iana.org/assignments/iana-ipv4-special-registry/> and
//! <https://www.iana.org/assignments/iana-ipv6-special-registry/>. Of a network that the registry calls reachable in
//! part, all is refused.

use ipnet::{Ipv4Net, Ipv6Net};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Why an address is not a public one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Special {
    /// Where a cloud tells a machine its secrets.
    Metadata,
    /// This machine.
    Loopback,
    /// Private networks of IPv4, and unique local ones of IPv6.
    Private,
    /// Between a carrier and its customers.
    Shared,
    /// One link, or one site in the old way.
    Local,
    /// No address, or this network.
    Unspecified,
    /// Many receivers.
    Multicast,
    /// Set aside for protocols, documentation, benchmarks, or the future.
    Reserved,
    /// An IPv6 address with an IPv4 address in it, of a kind that is no longer in use.
    Tunnel,
}

impl fmt::Display for Special {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Metadata => "a cloud's metadata address",
            Self::Loopback => "a loopback address",
            Self::Private => "a private address",
            Self::Shared => "an address shared by a carrier's customers",
            Self::Local => "a link-local or site-local address",
            Self::Unspecified => "an unspecified address",
            Self::Multicast => "a multicast or broadcast address",
            Self::Reserved => "a reserved address",
            Self::Tunnel => "an IPv6 tunnel's address",
        })
    }
}

/// The address that packets to `address` reach in the end: an IPv4 address that is written as IPv6 (`::ffff:10.0.0.1`,
/// or `64:ff9b::10.0.0.1` for a translator on the way) is that IPv4 address.
pub(super) fn meant(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) if TRANSLATED.contains(&v6) => {
            let [.., a, b, c, d] = v6.octets();
            IpAddr::V4(Ipv4Addr::new(a, b, c, d))
        }
        canonical => canonical,
    }
}

/// What is special about an address; `None` for a public one.
pub(super) fn special(address: IpAddr) -> Option<Special> {
    let address = meant(address);
    if METADATA.contains(&address) {
        return Some(Special::Metadata);
    }
    match address {
        IpAddr::V4(v4) => SPECIAL_V4
            .iter()
            .find(|(network, _)| network.contains(&v4))
            .map(|(_, special)| *special),
        IpAddr::V6(v6) => SPECIAL_V6
            .iter()
            .find(|(network, _)| network.contains(&v6))
            .map(|(_, special)| *special)
            .or_else(|| (!GLOBAL_V6.contains(&v6)).then_some(Special::Reserved)),
    }
}

/// Metadata services by their own addresses, since some of them lie in networks that an operator may well allow, and one
/// among public addresses.
///
/// Sources, read 2026-11-21: AWS (also for containers)
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html>,
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4.html>,
/// <https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html>; Google Cloud
/// <https://cloud.google.com/compute/docs/metadata/querying-metadata>; Azure
/// <https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16>; Alibaba Cloud
/// <https://www.alibabacloud.com/help/en/ecs/user-guide/view-instance-metadata>; Oracle Cloud
/// <https://docs.oracle.com/iaas/Content/Compute/Tasks/gettingmetadata.htm>.
pub(super) const METADATA: [IpAddr; 9] = [
    IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254)),
    IpAddr::V4(Ipv4Addr::new(169, 254, 170, 2)),
    IpAddr::V4(Ipv4Addr::new(169, 254, 170, 23)),
    IpAddr::V4(Ipv4Addr::new(168, 63, 129, 16)),
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
    IpAddr::V4(Ipv4Addr::new(192, 0, 0, 192)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23)),
    IpAddr::V6(Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254)),
];

/// Prefix of IPv4 addresses behind a translator (RFC 6052).
const TRANSLATED: Ipv6Net = v6([0x64, 0xff9b, 0, 0, 0, 0, 0, 0], 96);

/// All that has been given out as public IPv6 so far; what is special within it comes first.
const GLOBAL_V6: Ipv6Net = v6([0x2000, 0, 0, 0, 0, 0, 0, 0], 3);

pub(super) const SPECIAL_V4: [(Ipv4Net, Special); 19] = [
    (v4([0, 0, 0, 0], 8), Special::Unspecified),
    (v4([10, 0, 0, 0], 8), Special::Private),
    (v4([100, 64, 0, 0], 10), Special::Shared),
    (v4([127, 0, 0, 0], 8), Special::Loopback),
    (v4([169, 254, 0, 0], 16), Special::Local),
    (v4([172, 16, 0, 0], 12), Special::Private),
    (v4([192, 0, 0, 0], 24), Special::Reserved),
    (v4([192, 0, 2, 0], 24), Special::Reserved),
    (v4([192, 31, 196, 0], 24), Special::Reserved),
    (v4([192, 52, 193, 0], 24), Special::Reserved),
    // The relays of 6to4.
    (v4([192, 88, 99, 0], 24), Special::Tunnel),
    (v4([192, 168, 0, 0], 16), Special::Private),
    (v4([192, 175, 48, 0], 24), Special::Reserved),
    (v4([198, 18, 0, 0], 15), Special::Reserved),
    (v4([198, 51, 100, 0], 24), Special::Reserved),
    (v4([203, 0, 113, 0], 24), Special::Reserved),
    (v4([224, 0, 0, 0], 4), Special::Multicast),
    (v4([255, 255, 255, 255], 32), Special::Multicast),
    (v4([240, 0, 0, 0], 4), Special::Reserved),
];

/// In order: the first that contains an address says what it is.
pub(super) const SPECIAL_V6: [(Ipv6Net, Special); 15] = [
    (v6([0, 0, 0, 0, 0, 0, 0, 0], 128), Special::Unspecified),
    (v6([0, 0, 0, 0, 0, 0, 0, 1], 128), Special::Loopback),
    // IPv4-compatible addresses.
    (v6([0, 0, 0, 0, 0, 0, 0, 0], 96), Special::Tunnel),
    // A translator's prefix for use within a network.
    (v6([0x64, 0xff9b, 1, 0, 0, 0, 0, 0], 48), Special::Private),
    (v6([0x100, 0, 0, 0, 0, 0, 0, 0], 64), Special::Reserved),
    // Teredo; the rest of the assignments for protocols follows.
    (v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 32), Special::Tunnel),
    (v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 23), Special::Reserved),
    (v6([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32), Special::Reserved),
    // 6to4.
    (v6([0x2002, 0, 0, 0, 0, 0, 0, 0], 16), Special::Tunnel),
    (
        v6([0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0], 48),
        Special::Reserved,
    ),
    (v6([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20), Special::Reserved),
    (v6([0xfc00, 0, 0, 0, 0, 0, 0, 0], 7), Special::Private),
    (v6([0xfe80, 0, 0, 0, 0, 0, 0, 0], 10), Special::Local),
    (v6([0xfec0, 0, 0, 0, 0, 0, 0, 0], 10), Special::Local),
    (v6([0xff00, 0, 0, 0, 0, 0, 0, 0], 8), Special::Multicast),
];

const fn v4([a, b, c, d]: [u8; 4], prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn v6([a, b, c, d, e, f, g, h]: [u16; 8], prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, d, e, f, g, h), prefix)
}

#[cfg(test)]
mod tests;
