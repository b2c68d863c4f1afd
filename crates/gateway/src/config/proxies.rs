//! `[server] trusted_proxies`: the reverse proxies whose word on a request's origin counts.

use super::ConfigError;
use super::text::Source;
use crate::login::client::TrustedProxies;
use ipnet::IpNet;
use std::net::IpAddr;
use toml::Spanned;

pub(super) fn read(
    source: Source<'_>,
    entries: &[Spanned<String>],
) -> Result<TrustedProxies, ConfigError> {
    let network = |entry: &Spanned<String>| {
        let text = entry.get_ref();
        let address = text.parse::<IpAddr>().map(IpNet::from);
        address.or_else(|_| text.parse::<IpNet>()).map_err(|_| {
            let message = format!(
                "trusted_proxies: '{text}' is neither an address nor a network; write one like \"10.0.0.5\" or \"10.0.0.0/8\""
            );
            source.wrong(entry.span(), message)
        })
    };
    let networks = entries.iter().map(network).collect::<Result<_, _>>()?;
    Ok(TrustedProxies::new(networks))
}
