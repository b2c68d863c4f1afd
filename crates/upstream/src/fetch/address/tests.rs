//! Every special network is refused, whatever form its addresses are written in; public ones are not.

use super::{METADATA, SPECIAL_V4, SPECIAL_V6, Special, meant, special};
use proptest::prelude::*;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

fn check(address: &str, expect: Option<Special>) {
    let parsed: IpAddr = address.parse().unwrap();
    assert_eq!(special(parsed), expect, "{address}");
}

#[test]
fn public_addresses() {
    for address in [
        "1.1.1.1",
        "8.8.8.8",
        "93.184.216.34",
        "100.63.255.255",
        "100.128.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.0",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "2606:4700:4700::1111",
        "2a00:1450:4001::1",
        "2001:200::1",
        "2001:4860:4860::8888",
        "2003::1",
        // The same written as IPv6, and behind a translator.
        "::ffff:8.8.8.8",
        "64:ff9b::8.8.8.8",
    ] {
        check(address, None);
    }
}

#[test]
fn special_addresses() {
    let cases = [
        ("0.0.0.0", Special::Unspecified),
        ("0.1.2.3", Special::Unspecified),
        ("10.0.0.1", Special::Private),
        ("100.64.0.1", Special::Shared),
        ("100.127.255.255", Special::Shared),
        ("127.0.0.1", Special::Loopback),
        ("127.255.255.254", Special::Loopback),
        ("169.254.1.1", Special::Local),
        ("172.16.0.1", Special::Private),
        ("172.31.255.255", Special::Private),
        ("192.0.0.8", Special::Reserved),
        ("192.0.2.1", Special::Reserved),
        ("192.88.99.1", Special::Tunnel),
        ("192.168.0.1", Special::Private),
        ("198.18.0.1", Special::Reserved),
        ("198.19.255.255", Special::Reserved),
        ("198.51.100.1", Special::Reserved),
        ("203.0.113.1", Special::Reserved),
        ("224.0.0.1", Special::Multicast),
        ("239.255.255.255", Special::Multicast),
        ("240.0.0.1", Special::Reserved),
        ("255.255.255.255", Special::Multicast),
        ("::", Special::Unspecified),
        ("::1", Special::Loopback),
        ("::7f00:1", Special::Tunnel),
        ("::8.8.8.8", Special::Tunnel),
        ("::ffff:127.0.0.1", Special::Loopback),
        ("::ffff:a9fe:a9fe", Special::Metadata),
        ("64:ff9b::127.0.0.1", Special::Loopback),
        ("64:ff9b::a00:1", Special::Private),
        ("64:ff9b::169.254.169.254", Special::Metadata),
        ("64:ff9b:1::808:808", Special::Private),
        ("100::1", Special::Reserved),
        // Teredo and 6to4, whatever is in them.
        ("2001:0:4136:e378:8000:63bf:80ff:fffe", Special::Tunnel),
        ("2002:7f00:1::", Special::Tunnel),
        ("2002:808:808::", Special::Tunnel),
        ("2001:2::1", Special::Reserved),
        ("2001:20::1", Special::Reserved),
        ("2001:db8::1", Special::Reserved),
        ("3fff::1", Special::Reserved),
        ("4000::1", Special::Reserved),
        ("5f00::1", Special::Reserved),
        ("fc00::1", Special::Private),
        ("fdff::1", Special::Private),
        ("fe80::1", Special::Local),
        ("fec0::1", Special::Local),
        ("ff02::1", Special::Multicast),
    ];
    for (address, expect) in cases {
        check(address, Some(expect));
    }
    for address in METADATA {
        check(&address.to_string(), Some(Special::Metadata));
    }
}

fn mapped(v4: Ipv4Addr) -> IpAddr {
    IpAddr::V6(v4.to_ipv6_mapped())
}

fn translated(v4: Ipv4Addr) -> IpAddr {
    let [a, b, c, d] = v4.octets().map(u16::from);
    IpAddr::V6(Ipv6Addr::new(
        0x64,
        0xff9b,
        0,
        0,
        0,
        0,
        a << 8 | b,
        c << 8 | d,
    ))
}

proptest! {
    #[test]
    fn every_address_of_a_special_ipv4_network_is_refused(index in 0..SPECIAL_V4.len(), host: u32) {
        let (network, _) = SPECIAL_V4[index];
        let inside = u32::from(network.network()) | host & u32::from(network.hostmask());
        let address = Ipv4Addr::from(inside);
        for form in [IpAddr::V4(address), mapped(address), translated(address)] {
            prop_assert!(special(form).is_some(), "{form}");
        }
    }

    #[test]
    fn every_address_of_a_special_ipv6_network_is_refused(index in 0..SPECIAL_V6.len(), host: u128) {
        let (network, _) = SPECIAL_V6[index];
        let inside = u128::from(network.network()) | host & u128::from(network.hostmask());
        let address = IpAddr::V6(Ipv6Addr::from(inside));
        prop_assert!(special(address).is_some(), "{address}");
    }

    /// `::/3` and `4000::/2` and so on: whatever may be given out one day is refused until it is.
    #[test]
    fn what_is_no_global_ipv6_is_refused(bits: u128) {
        let address = Ipv6Addr::from(bits);
        let v4 = matches!(meant(IpAddr::V6(address)), IpAddr::V4(_));
        prop_assume!(bits >> 125 != 1 && !v4);
        prop_assert!(special(IpAddr::V6(address)).is_some(), "{address}");
    }

    #[test]
    fn an_ipv4_address_is_judged_the_same_in_every_form(bits: u32) {
        let address = Ipv4Addr::from(bits);
        let plain = special(IpAddr::V4(address));
        prop_assert_eq!(special(mapped(address)), plain);
        prop_assert_eq!(special(translated(address)), plain);
    }

    /// The standard library's own judgement, where it has a stable one.
    #[test]
    fn nothing_is_public_that_the_standard_library_knows_is_not(bits: u32) {
        let v4 = Ipv4Addr::from(bits);
        let known = v4.is_private() || v4.is_loopback() || v4.is_link_local() || v4.is_multicast()
            || v4.is_broadcast() || v4.is_documentation() || v4.is_unspecified();
        prop_assert!(!known || special(IpAddr::V4(v4)).is_some(), "{v4}");
    }
}
