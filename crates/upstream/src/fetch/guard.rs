//! Where a fetch may go: to public addresses, on the usual ports, and to what the operator allows besides. Judges
//! addresses that a name has already been resolved to; resolves and connects nothing itself.

use super::address::{self, Special};
use ipnet::IpNet;
use std::net::IpAddr;
use url::Host;

/// The network rules for fetching. The default allows public addresses on ports 80 and 443.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guard {
    ports: Vec<u16>,
    /// Lower-case, without a dot at the end.
    names: Vec<String>,
    networks: Vec<IpNet>,
}

impl Default for Guard {
    fn default() -> Self {
        Self {
            ports: vec![80, 443],
            names: Vec::new(),
            networks: Vec::new(),
        }
    }
}

/// An entry of the allow-list that is neither host nor network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{entry}' is neither a host's name nor an address or network; write \"files.example.internal\", \"10.1.2.3\" or \"10.1.0.0/16\""
)]
pub struct WrongEntry {
    entry: String,
}

impl Guard {
    /// Allows these ports too, for every host.
    #[must_use]
    pub fn and_ports(mut self, ports: &[u16]) -> Self {
        self.ports.extend_from_slice(ports);
        self
    }

    /// Allows one host, address or network although it is not public.
    ///
    /// A name opens private and loopback addresses, and those that carriers share, to that one name. A network opens its
    /// addresses to every name that resolves to them. A cloud's metadata service is opened only by its very address.
    ///
    /// # Errors
    /// When the entry is none of these.
    pub fn and_allow(mut self, entry: &str) -> Result<Self, WrongEntry> {
        let wrong = || WrongEntry {
            entry: entry.to_owned(),
        };
        let network = match entry.parse::<IpAddr>() {
            Ok(address) => Some(IpNet::from(address.to_canonical())),
            Err(_) => entry.parse::<IpNet>().ok(),
        };
        if let Some(network) = network {
            // Addresses are judged by what they mean, so that a network of IPv4 in IPv6 would never match.
            if address::meant(network.addr()) != network.addr() {
                return Err(wrong());
            }
            self.networks.push(network.trunc());
            return Ok(self);
        }
        match Host::parse(entry) {
            // A pattern would match nothing.
            Ok(Host::Domain(name)) if !name.contains('*') => {
                self.names.push(undotted(&name).to_owned());
                Ok(self)
            }
            // What a URL would take for a short or octal address is more likely a slip.
            Ok(Host::Domain(_) | Host::Ipv4(_) | Host::Ipv6(_)) | Err(_) => Err(wrong()),
        }
    }

    /// Whether a URL may name this port.
    pub(super) fn allows_port(&self, port: u16) -> bool {
        self.ports.contains(&port)
    }

    /// Whether all addresses of a host may be connected to. One that may not refuses them all: a host with both a public
    /// and a private address is not to be trusted with either.
    pub(super) fn check(&self, host: &Host<String>, addresses: &[IpAddr]) -> Result<(), Special> {
        addresses
            .iter()
            .find_map(|address| self.refused(host, *address))
            .map_or(Ok(()), Err)
    }

    fn refused(&self, host: &Host<String>, address: IpAddr) -> Option<Special> {
        let special = address::special(address)?;
        let address = address::meant(address);
        let by_network = self.networks.iter().any(|network| match special {
            Special::Metadata => *network == IpNet::from(address),
            Special::Loopback
            | Special::Private
            | Special::Shared
            | Special::Local
            | Special::Unspecified
            | Special::Multicast
            | Special::Reserved
            | Special::Tunnel => network.contains(&address),
        });
        let by_name = match special {
            Special::Loopback | Special::Private | Special::Shared => self.names_host(host),
            Special::Metadata
            | Special::Local
            | Special::Unspecified
            | Special::Multicast
            | Special::Reserved
            | Special::Tunnel => false,
        };
        (!by_network && !by_name).then_some(special)
    }

    fn names_host(&self, host: &Host<String>) -> bool {
        match host {
            Host::Domain(name) => self.names.iter().any(|allowed| allowed == undotted(name)),
            Host::Ipv4(_) | Host::Ipv6(_) => false,
        }
    }
}

fn undotted(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}

#[cfg(test)]
mod tests;
