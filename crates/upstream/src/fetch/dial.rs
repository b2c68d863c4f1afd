//! A connection to a host whose addresses have been checked, and to no other: resolve once, check all, connect to one of
//! these very addresses, see that it is the peer. What is asked over the connection is not here.

use super::error::Cause;
use super::guard::Guard;
use super::resolver::Resolver;
use super::target::{Target, Transport};
use hyper_rustls::MaybeHttpsStream;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use std::io;
use std::net::{IpAddr, SocketAddr};
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_rustls::TlsConnector;
use url::Host;

/// A connection, plain or over TLS.
pub(super) type Stream = MaybeHttpsStream<TokioIo<TcpStream>>;

/// How many of a host's addresses are tried.
const MAX_TRIES: usize = 4;

/// Makes connections.
pub(super) struct Dialer {
    pub(super) guard: Guard,
    pub(super) resolver: Resolver,
    pub(super) tls: TlsConnector,
}

impl Dialer {
    /// Connects until `deadline`, name and TLS included.
    pub(super) async fn dial(&self, target: &Target, deadline: Instant) -> Result<Stream, Cause> {
        let connecting = async {
            let addresses = self.addresses(target).await?;
            let tcp = connect(&addresses, deadline).await?;
            match target.transport {
                Transport::Http => Ok(Stream::Http(TokioIo::new(tcp))),
                Transport::Https => self.handshake(target, tcp).await,
            }
        };
        tokio::time::timeout_at(deadline, connecting)
            .await
            .unwrap_or(Err(Cause::ConnectTimeout))
    }

    /// Where the target is, all of it checked.
    async fn addresses(&self, target: &Target) -> Result<Vec<SocketAddr>, Cause> {
        let found = match &target.host {
            Host::Domain(name) => self
                .resolver
                .look_up(name)
                .await
                .map_err(Cause::Unresolved)?,
            Host::Ipv4(address) => vec![IpAddr::V4(*address)],
            Host::Ipv6(address) => vec![IpAddr::V6(*address)],
        };
        self.guard
            .check(&target.host, &found)
            .map_err(Cause::Refused)?;
        Ok(found
            .iter()
            .map(|address| SocketAddr::new(address.to_canonical(), target.port))
            .collect())
    }

    async fn handshake(&self, target: &Target, tcp: TcpStream) -> Result<Stream, Cause> {
        let name = server_name(&target.host).map_err(Cause::Tls)?;
        // Wrapped twice, since `MaybeHttpsStream` wants what TLS runs over in hyper's terms.
        let tcp = TokioIo::new(TokioIo::new(tcp));
        let tls = self.tls.connect(name, tcp).await.map_err(Cause::Tls)?;
        Ok(Stream::Https(TokioIo::new(tls)))
    }
}

/// Tries one address after the other, each with its share of the time, so that a silent one leaves some to the next.
async fn connect(addresses: &[SocketAddr], deadline: Instant) -> Result<TcpStream, Cause> {
    let tries = addresses.len().min(MAX_TRIES);
    let mut last = Cause::NoAddress;
    for (tried, address) in addresses.iter().take(tries).enumerate() {
        let left = deadline.saturating_duration_since(Instant::now());
        let share = left / u32::try_from(tries - tried).unwrap_or(1);
        last = match tokio::time::timeout(share, TcpStream::connect(address)).await {
            Ok(Ok(tcp)) => return checked_peer(tcp, *address),
            Ok(Err(error)) => Cause::Unconnected(error),
            Err(_) => Cause::ConnectTimeout,
        };
    }
    Err(last)
}

fn checked_peer(tcp: TcpStream, address: SocketAddr) -> Result<TcpStream, Cause> {
    let peer = tcp.peer_addr().map_err(Cause::Unconnected)?;
    match peer.ip().to_canonical() == address.ip() && peer.port() == address.port() {
        true => Ok(tcp),
        false => Err(Cause::OtherPeer),
    }
}

fn server_name(host: &Host<String>) -> io::Result<ServerName<'static>> {
    Ok(match host {
        Host::Domain(name) => ServerName::try_from(name.clone()).map_err(io::Error::other)?,
        Host::Ipv4(address) => ServerName::from(IpAddr::V4(*address)),
        Host::Ipv6(address) => ServerName::from(IpAddr::V6(*address)),
    })
}
