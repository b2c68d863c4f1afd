//! A URL that may be looked at further: its form is right. Where it leads is checked later, by address.

use super::error::{Cause, UrlFault};
use super::guard::Guard;
use url::{Host, Position, Url};

/// The longest URL.
const MAX_LENGTH: usize = 8 * 1024;

/// Where to ask for a file.
#[derive(Clone, Debug)]
pub(super) struct Target {
    url: Url,
    pub(super) host: Host<String>,
    pub(super) port: u16,
    pub(super) transport: Transport,
}

/// How it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Transport {
    Http,
    Https,
}

impl Target {
    /// Reads a URL the way browsers do, so that addresses in decimal, octal, hexadecimal or shortened are addresses.
    pub(super) fn parse(text: &str, guard: &Guard) -> Result<Self, UrlFault> {
        if text.len() > MAX_LENGTH {
            return Err(UrlFault::Length(MAX_LENGTH));
        }
        let url = Url::parse(text).map_err(|_| UrlFault::Malformed)?;
        Self::of(url, guard)
    }

    /// Where a redirect from here leads.
    pub(super) fn redirected(&self, location: &str, guard: &Guard) -> Result<Self, Cause> {
        if location.len() > MAX_LENGTH {
            return Err(Cause::Redirect(UrlFault::Length(MAX_LENGTH)));
        }
        let url = self
            .url
            .join(location)
            .map_err(|_| Cause::Redirect(UrlFault::Malformed))?;
        let next = Self::of(url, guard).map_err(Cause::Redirect)?;
        match (self.transport, next.transport) {
            (Transport::Https, Transport::Http) => Err(Cause::Downgrade),
            (Transport::Https, Transport::Https) | (Transport::Http, _) => Ok(next),
        }
    }

    fn of(url: Url, guard: &Guard) -> Result<Self, UrlFault> {
        let (transport, default_port) = match url.scheme() {
            "http" => (Transport::Http, 80),
            "https" => (Transport::Https, 443),
            _ => return Err(UrlFault::Scheme),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(UrlFault::Credentials);
        }
        let port = url.port().unwrap_or(default_port);
        if !guard.allows_port(port) {
            return Err(UrlFault::Port);
        }
        let host = url.host().ok_or(UrlFault::Malformed)?.to_owned();
        Ok(Self {
            url,
            host,
            port,
            transport,
        })
    }

    /// The path and query, for the request line.
    pub(super) fn path(&self) -> &str {
        &self.url[Position::BeforePath..Position::AfterQuery]
    }

    /// Host and port, for the `host` header.
    pub(super) fn authority(&self) -> &str {
        &self.url[Position::BeforeHost..Position::AfterPort]
    }
}

#[cfg(test)]
mod tests;
