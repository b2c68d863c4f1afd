//! Who a request comes from, and by what: the connection's word, or that of reverse proxies which the operator trusts.
//! Nobody else is believed, since every client can write these headers.

use crate::server::Peer;
use crate::state::Gateway;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use http::HeaderMap;
use ipnet::IpNet;
use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

/// Where a request comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Client {
    /// The address; this machine's where a command asks without a connection.
    pub(crate) address: IpAddr,
    /// Whether it came to the outermost proxy by TLS.
    pub(crate) by_tls: bool,
}

/// The reverse proxies in front, whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed.
#[derive(Clone, Debug, Default)]
pub(crate) struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    /// These networks.
    pub(crate) fn new(networks: Vec<IpNet>) -> Self {
        Self(networks)
    }

    /// Who sent what came over a connection from this peer.
    pub(crate) fn client(&self, peer: IpAddr, headers: &HeaderMap) -> Client {
        if !self.has(peer) {
            return Client {
                address: peer.to_canonical(),
                by_tls: false,
            };
        }
        let proto = words(headers, "x-forwarded-proto").next();
        Client {
            address: self.outermost(peer, headers),
            by_tls: proto.is_some_and(|proto| proto.eq_ignore_ascii_case("https")),
        }
    }

    /// Each proxy adds whom it heard from at the right, so what stands left of the first stranger is that stranger's word.
    fn outermost(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let heard: Vec<&str> = words(headers, "x-forwarded-for").collect();
        let mut client = peer.to_canonical();
        for word in heard.into_iter().rev() {
            let Some(address) = address(word) else { break };
            client = address;
            if !self.has(address) {
                break;
            }
        }
        client
    }

    fn has(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }
}

/// The words of a list that may stand in several lines. One that is no text is empty, and not left out: what stands left
/// of it must not be taken for what stands right of it.
fn words<'h>(headers: &'h HeaderMap, name: &str) -> impl Iterator<Item = &'h str> {
    let lines = headers.get_all(name).into_iter();
    let words = lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b','));
    words.map(|word| str::from_utf8(word).unwrap_or_default().trim())
}

/// An address, which some proxies write with a port.
fn address(word: &str) -> Option<IpAddr> {
    let bare = word.trim_start_matches('[').trim_end_matches(']');
    let plain = bare.parse().ok();
    plain
        .or_else(|| word.parse().ok().map(|at: SocketAddr| at.ip()))
        .map(|address: IpAddr| address.to_canonical())
}

impl FromRequestParts<Arc<Gateway>> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        gateway: &Arc<Gateway>,
    ) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<Peer>();
        let peer = peer.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |peer| peer.0);
        Ok(gateway.trusted_proxies.client(peer, &parts.headers))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn client(peer: &str, headers: &[(&'static str, &str)]) -> (String, bool) {
        let trusted = ["10.0.0.0/8", "2001:db8::/32"].map(|text| text.parse().unwrap());
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        let client = TrustedProxies::new(trusted.into()).client(peer.parse().unwrap(), &map);
        (client.address.to_string(), client.by_tls)
    }

    #[test]
    fn a_proxy_that_is_trusted_says_who_asks_and_nobody_else_does() {
        let (by, proto) = ("x-forwarded-for", "x-forwarded-proto");
        for (peer, headers, address, by_tls) in [
            ("10.0.0.1", &[][..], "10.0.0.1", false),
            (
                "10.0.0.1",
                &[(by, "192.0.2.1"), (proto, "https")],
                "192.0.2.1",
                true,
            ),
            ("::ffff:10.0.0.1", &[(by, "192.0.2.1")], "192.0.2.1", false),
            (
                "192.0.2.9",
                &[(by, "192.0.2.1"), (proto, "https")],
                "192.0.2.9",
                false,
            ),
            (
                "10.0.0.1",
                &[(by, "198.51.100.7, 192.0.2.1, 10.0.0.2")],
                "192.0.2.1",
                false,
            ),
            (
                "10.0.0.1",
                &[(by, "198.51.100.7"), (by, "192.0.2.1")],
                "192.0.2.1",
                false,
            ),
            ("10.0.0.1", &[(by, "10.0.0.3, 10.0.0.2")], "10.0.0.3", false),
            (
                "10.0.0.1",
                &[(by, "192.0.2.1, made up, 10.0.0.2")],
                "10.0.0.2",
                false,
            ),
            (
                "10.0.0.1",
                &[(by, "198.51.100.7"), (by, "\u{fe}, 192.0.2.1")],
                "192.0.2.1",
                false,
            ),
            (
                "10.0.0.1",
                &[(by, "198.51.100.7"), (by, "\u{fe}, 10.0.0.2")],
                "10.0.0.2",
                false,
            ),
            ("10.0.0.1", &[(by, "192.0.2.1:4711")], "192.0.2.1", false),
            (
                "2001:db8::1",
                &[(by, "[2001:db9::7]:80")],
                "2001:db9::7",
                false,
            ),
            (
                "2001:db8::1",
                &[(by, "[2001:db9::7]"), (proto, "http")],
                "2001:db9::7",
                false,
            ),
            ("10.0.0.1", &[(proto, "HTTPS, http")], "10.0.0.1", true),
        ] {
            let expect = (address.to_owned(), by_tls);
            assert_eq!(client(peer, headers), expect, "{peer} {headers:?}");
        }
    }
}
