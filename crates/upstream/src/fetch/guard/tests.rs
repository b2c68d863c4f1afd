//! What the rules refuse by default, and what an entry of the allow-list opens.

use super::Guard;
use std::net::IpAddr;
use url::Host;

/// Whether a host may be connected to that has these addresses, with this allow-list.
fn check(allow: &[&str], host: &str, addresses: &[&str], expect: bool) {
    let guard = allow.iter().fold(Guard::default(), |guard, entry| {
        guard.and_allow(entry).unwrap()
    });
    let parsed: Vec<IpAddr> = addresses.iter().map(|text| text.parse().unwrap()).collect();
    let allowed = guard.check(&Host::parse(host).unwrap(), &parsed).is_ok();
    assert_eq!(allowed, expect, "{allow:?} {host} {addresses:?}");
}

#[test]
fn by_default_only_public_addresses() {
    check(&[], "a.example", &["8.8.8.8", "2606:4700::1"], true);
    check(&[], "a.example", &["10.1.2.3"], false);
    check(&[], "localhost", &["127.0.0.1"], false);
    // One bad address spoils all.
    check(&[], "a.example", &["8.8.8.8", "127.0.0.1"], false);
    check(&[], "a.example", &["127.0.0.1", "8.8.8.8"], false);
}

#[test]
fn a_name_opens_private_addresses_to_itself() {
    let allow = ["Files.Example.Internal."];
    for address in ["10.1.2.3", "fd12::1", "127.0.0.1", "::1", "100.64.1.1"] {
        check(&allow, "files.example.internal", &[address], true);
        check(&allow, "FILES.example.internal.", &[address], true);
        check(&allow, "other.example.internal", &[address], false);
        check(&allow, "sub.files.example.internal", &[address], false);
    }
    check(&allow, "10.1.2.3", &["10.1.2.3"], false);
    // Its name service may be wrong about those.
    for address in [
        "169.254.169.254",
        "169.254.1.1",
        "fe80::1",
        "100.100.100.200",
        "fd00:ec2::254",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
    ] {
        check(&allow, "files.example.internal", &[address], false);
    }
}

#[test]
fn a_network_opens_its_addresses_to_every_name() {
    let allow = ["10.1.0.0/16", "fd12::/16"];
    check(&allow, "a.example", &["10.1.255.1", "fd12::9"], true);
    check(&allow, "10.1.2.3", &["10.1.2.3"], true);
    check(&allow, "a.example", &["::ffff:10.1.2.3"], true);
    check(&allow, "a.example", &["64:ff9b::10.1.2.3"], true);
    check(&allow, "a.example", &["10.2.0.1"], false);
    check(&allow, "a.example", &["10.1.2.3", "10.2.0.1"], false);
    check(&["10.1.2.3"], "a.example", &["10.1.2.3"], true);
    check(&["10.1.2.3"], "a.example", &["10.1.2.4"], false);
    check(&["::ffff:10.1.2.3"], "a.example", &["10.1.2.3"], true);
    // What is before the prefix's end counts, what is after it does not.
    check(&["10.1.2.3/16"], "a.example", &["10.1.9.9"], true);
}

#[test]
fn a_metadata_service_is_opened_only_by_its_very_address() {
    let metadata = ["169.254.169.254", "100.100.100.200", "168.63.129.16"];
    for address in metadata {
        check(&["0.0.0.0/0", "::/0"], "a.example", &[address], false);
        check(&[address], "a.example", &[address], true);
    }
    check(&["fd00::/8"], "a.example", &["fd00:ec2::254"], false);
    check(&["fd00::/8"], "a.example", &["fd00:ec2::255"], true);
}

#[test]
fn entries_that_would_open_nothing_or_too_much_are_wrong() {
    for entry in [
        "",
        "*",
        "*.example.internal",
        "10.0.0.0/33",
        "10.1",
        "0x0a000001",
        "http://a.example",
        "a.example:80",
        "a.example/path",
        "a b",
        "::ffff:10.0.0.0/104",
        "64:ff9b::10.0.0.1",
    ] {
        assert!(Guard::default().and_allow(entry).is_err(), "{entry}");
    }
}

#[test]
fn ports_are_the_usual_two_and_those_that_are_named() {
    let guard = Guard::default().and_ports(&[8443]);
    for (port, expect) in [
        (80, true),
        (443, true),
        (8443, true),
        (22, false),
        (0, false),
    ] {
        assert_eq!(guard.allows_port(port), expect, "{port}");
    }
}
