//! `tollgate.toml`: the file as written (`file::ConfigFile`) becomes what is meant ([`Settings`]), or an error that
//! names file, line and fix. Nothing is half-applied: a file with one mistake changes nothing.

mod fetch;
mod file;
mod proxies;
mod responses;
mod text;

pub(crate) use fetch::FetchSettings;
pub(crate) use file::load;
pub(crate) use responses::ResponsesSettings;

use crate::login::client::TrustedProxies;
use domain::catalog::{CatalogError, Overlay};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What is configured, defaults filled in.
#[derive(Debug)]
pub(crate) struct Settings {
    /// Where to listen.
    pub(crate) listen: SocketAddr,
    /// Bytes of a request body.
    pub(crate) max_body_bytes: usize,
    /// Time for a request body to arrive.
    pub(crate) body_timeout: Duration,
    /// Open connections at once.
    pub(crate) max_connections: usize,
    /// Whose word on who asks is believed.
    pub(crate) trusted_proxies: TrustedProxies,
    /// Silence after which a streaming door sends a keep-alive.
    pub(crate) keep_alive: Duration,
    /// What running exchanges get to end at shutdown.
    pub(crate) shutdown_grace: Duration,
    /// Time-outs of calls to providers.
    pub(crate) upstream: UpstreamTimeouts,
    /// How records are made durable.
    pub(crate) storage: StorageSettings,
    /// Files that requests name by URL.
    pub(crate) fetch: FetchSettings,
    /// Responses that are kept for clients.
    pub(crate) responses: ResponsesSettings,
    /// Whether the lists of models and providers are shown without a key.
    pub(crate) public_models: bool,
    /// Providers and models that the file declares, on top of the catalogue.
    pub(crate) overlay: Overlay,
    /// Where the file says what of it: file, line and column by the place that a [`CatalogError`] names.
    pub(crate) places: BTreeMap<String, String>,
    /// Secrets of providers that the file declares, by provider id.
    pub(crate) api_keys: BTreeMap<String, String>,
    /// Providers that the file switches off although their variable is set.
    pub(crate) disabled: Vec<String>,
}

impl Settings {
    /// Why the overlay does not fit the catalogue, with its line, and that of what it contradicts.
    pub(crate) fn misfit(&self, error: &CatalogError) -> anyhow::Error {
        // Members of a provider have no places of their own, but its models have.
        let provider = error.place.rsplit_once('.');
        let of_provider = || self.places.get(provider?.0);
        let Some(at) = self.places.get(&error.place).or_else(of_provider) else {
            return anyhow::anyhow!("the configuration does not fit the catalogue: {error}");
        };
        let first = error
            .again
            .as_ref()
            .and_then(|first| self.places.get(first));
        match first {
            Some(first) => anyhow::anyhow!("{at}: {error} (the other stands at {first})"),
            None => anyhow::anyhow!("{at}: {error}"),
        }
    }
}

/// Time-outs of calls to providers (design: every call has all four).
#[derive(Clone, Copy, Debug)]
pub(crate) struct UpstreamTimeouts {
    /// To connect, TLS included.
    pub(crate) connect: Duration,
    /// From sending to the first content.
    pub(crate) first_token: Duration,
    /// Between two pieces of an answer.
    pub(crate) idle: Duration,
    /// For the whole answer.
    pub(crate) total: Duration,
}

/// How records are made durable and how long they are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StorageSettings {
    /// `None`: every entry waits for the disk.
    pub(crate) sync_interval: Option<Duration>,
    /// Months of records that are kept; `None` keeps all.
    pub(crate) retention_months: Option<u32>,
}

/// A configuration that cannot be used: where, why, and what to do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read {path}: {source}")]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A line of it is wrong.
    #[error("{path}:{line}:{column}: {message}")]
    Wrong {
        /// Which file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
        /// What is wrong and how to mend it.
        message: String,
    },
    /// It names an environment variable that is not set.
    #[error(
        "{path}:{line}:{column}: the environment variable {name} is not set: set it before starting, or write the value here"
    )]
    Unset {
        /// Which file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
        /// Which variable.
        name: String,
    },
}

/// The folder's own file when none is named: used if it exists.
pub(crate) const DEFAULT_FILE: &str = "tollgate.toml";

/// What names the file where no option does.
const FILE_VARIABLE: &str = "TOLLGATE_CONFIG";

/// The file to read: the one named, by an option or by the environment (which must exist), or the default one if it is
/// there.
pub(crate) fn file_to_read(named: Option<&Path>) -> Option<PathBuf> {
    let by_environment = || std::env::var_os(FILE_VARIABLE).map(PathBuf::from);
    let named = named.map(Path::to_owned).or_else(by_environment);
    named.or_else(|| Some(PathBuf::from(DEFAULT_FILE)).filter(|path| path.exists()))
}
