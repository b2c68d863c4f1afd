//! From settings to a running gateway, and down again: opens the store, assembles the live settings, listens, tells the
//! other commands where it is, serves until it is asked to stop, drains, and writes everything out.

use crate::admin_api::people::LINK_LIFETIME;
use crate::admin_api::tail::MOST_LISTENERS;
use crate::assemble::{self, Ground};
use crate::clock;
use crate::config::Settings;
use crate::login::Login;
use crate::pipeline::body::BodyLimits;
use crate::state::{Gateway, Limits};
use crate::telemetry::Metrics;
use crate::{random, server};
use anyhow::{Context, bail};
use arc_swap::ArcSwap;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use store::responses::Pruned;
use store::settings::LinkPurpose;
use store::{FsyncPolicy, Secret, Store, StoreOptions};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use upstream::{Fetcher, Resolver, Timeouts, Upstream};

/// Bytes of a provider's whole answer.
const MAX_ANSWER_BYTES: usize = 64 * 1024 * 1024;
/// A month, as far as retention is concerned.
const MONTH: Duration = Duration::from_secs(31 * 24 * 3600);
/// Between two looks for kept responses that are too old.
const HOUR: Duration = Duration::from_secs(60 * 60);
/// The name of the management token that the environment or the first start gives.
const FIRST_TOKEN: &str = "first";
/// A shorter management token could be guessed.
const SHORTEST_TOKEN: usize = 16;

/// What `serve` writes to `DATA/server.json` (0600), so that the other commands find and may use it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ServerFile {
    /// `http://127.0.0.1:8787`
    pub(crate) url: String,
    /// A management token that is good while this server runs.
    pub(crate) token: String,
    /// The server's process.
    pub(crate) pid: u32,
}

impl ServerFile {
    /// Where it stands.
    pub(crate) fn path(data_dir: &Path) -> PathBuf {
        data_dir.join("server.json")
    }

    /// What a server has written, if there is or was one.
    pub(crate) fn read(data_dir: &Path) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(Self::path(data_dir)).ok()?).ok()
    }

    fn write(&self, data_dir: &Path) -> std::io::Result<()> {
        use std::io::Write;
        use std::os::unix::fs::OpenOptionsExt;
        let path = Self::path(data_dir);
        let fresh = path.with_extension("json.new");
        let mut file = std::fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&fresh)?;
        file.write_all(&serde_json::to_vec(self)?)?;
        std::fs::rename(fresh, path)
    }
}

/// How the server was started.
pub(crate) struct Started {
    /// The gateway itself.
    pub(crate) gateway: Arc<Gateway>,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// A management token made on this first start, to be shown once.
    pub(crate) first_token: Option<Secret>,
    /// How programs on this machine reach it: `http://127.0.0.1:8787`.
    pub(crate) url: String,
    /// What makes the first owner, while there is none.
    pub(crate) welcome: Option<Secret>,
    listener: TcpListener,
    data_dir: PathBuf,
    grace: Duration,
}

/// How a data folder is opened.
pub(crate) fn store_options(data_dir: &Path, settings: &Settings) -> StoreOptions {
    let storage = settings.storage;
    let mut options = StoreOptions::new(data_dir);
    options.responses_retention = settings.responses.retention;
    options.fsync = storage
        .sync_interval
        .map_or(FsyncPolicy::Always, FsyncPolicy::Interval);
    options.retention = storage.retention_months.map(|months| MONTH * months);
    if let Ok(key) = std::env::var("TOLLGATE_SEALING_KEY") {
        options.sealing_key = store::SealingKeySource::Text(Secret::new(key));
    }
    options
}

/// Opens a data folder and puts the live settings together, without listening anywhere. The token is good for the admin
/// API as long as this process lives.
///
/// # Errors
/// With what is wrong and what to do, for the terminal.
pub(crate) async fn open(
    settings: &Settings,
    data_dir: &Path,
) -> anyhow::Result<(Arc<Gateway>, Secret)> {
    let ground = ground(settings, data_dir)?;
    let store = Store::open(store_options(data_dir, settings)).await?;
    assembled(settings, ground, store).await
}

/// First of all, so that a mistake in the file is told before anything is opened.
fn ground(settings: &Settings, data_dir: &Path) -> anyhow::Result<Ground> {
    Ground::lay(settings, data_dir, &|name: &str| std::env::var(name).ok())
}

async fn assembled(
    settings: &Settings,
    ground: Ground,
    store: Store,
) -> anyhow::Result<(Arc<Gateway>, Secret)> {
    let local_token = local_token();
    let metrics = Metrics::new();
    let live = assemble::live(&ground, &store, &metrics, None).await?;
    let login = Login::open(&store).await?;
    let upstream = Upstream::new(upstream::Settings {
        connect: settings.upstream.connect,
        ..Default::default()
    })?;
    let fetcher = settings
        .fetch
        .rules
        .as_ref()
        .map_or_else(Fetcher::off, |(limits, guard)| {
            upstream.fetcher(*limits, guard.clone(), Resolver::system())
        });
    let gateway = Gateway {
        live: ArcSwap::from_pointee(live),
        store,
        upstream,
        fetcher,
        metrics,
        limits: limits(settings),
        ground,
        local_token: store::hash_secret(local_token.expose()),
        login,
        trusted_proxies: settings.trusted_proxies.clone(),
        refusals: Default::default(),
        changing: Default::default(),
        lately: Default::default(),
        listeners: Arc::new(Semaphore::new(MOST_LISTENERS)),
        draining: watch::Sender::new(false),
        stopping: Default::default(),
    };
    Ok((Arc::new(gateway), local_token))
}

/// Opens everything and listens; serving begins with [`Started::serve`].
///
/// # Errors
/// As [`open`]; and when the address is taken.
pub(crate) async fn start(settings: Settings, data_dir: &Path) -> anyhow::Result<Started> {
    let ground = ground(&settings, data_dir)?;
    for doubt in &ground.doubts {
        tracing::warn!("probably not meant: {doubt}");
    }
    let store = Store::open(store_options(data_dir, &settings)).await?;
    // Before the first token is made: it is shown once, and would be lost with a start that fails.
    let listener = TcpListener::bind(settings.listen).await.with_context(|| {
        format!("cannot listen on {}: is another server running there? --listen chooses another address", settings.listen)
    })?;
    let first_token = first_token(&store, std::env::var("TOLLGATE_ADMIN_TOKEN").ok()).await?;
    let welcome = welcome(&store).await?;
    let (gateway, local_token) = assembled(&settings, ground, store).await?;
    let stored = &gateway.live.load().overlay;
    for doubt in gateway.ground.catalog().doubts(stored, clock::now_ms()) {
        tracing::warn!("probably not meant: what is stored of {doubt}");
    }
    let address = listener.local_addr()?;
    let file = ServerFile {
        url: format!("http://{}", reachable(address)),
        token: local_token.expose().to_owned(),
        pid: std::process::id(),
    };
    file.write(data_dir)
        .with_context(|| format!("cannot write {}", ServerFile::path(data_dir).display()))?;
    Ok(Started {
        gateway,
        address,
        first_token,
        url: file.url,
        welcome,
        listener,
        data_dir: data_dir.to_owned(),
        grace: settings.shutdown_grace,
    })
}

impl Started {
    /// Serves until `stop` completes, drains, and writes everything out.
    ///
    /// # Errors
    /// When the store cannot be closed cleanly (nothing is lost: the next start reads the journal).
    pub(crate) async fn serve(self, stop: impl Future<Output = ()>) -> anyhow::Result<()> {
        let pruning = tokio::spawn(prune_responses(Arc::clone(&self.gateway)));
        server::serve(Arc::clone(&self.gateway), self.listener, stop, self.grace).await;
        pruning.abort();
        // A file that cannot be removed is recognised as stale by its process id.
        let _ = std::fs::remove_file(ServerFile::path(&self.data_dir));
        self.gateway.store.close().await?;
        Ok(())
    }
}

/// Deletes kept responses that are too old: at the start, and then once an hour.
async fn prune_responses(gateway: Arc<Gateway>) {
    let mut hours = tokio::time::interval(HOUR);
    loop {
        hours.tick().await;
        match gateway.store.responses().prune().await {
            Ok(pruned) if pruned == Pruned::default() => {}
            Ok(pruned) => tracing::info!(
                months = pruned.months,
                responses = pruned.responses,
                "deleted kept responses that are older than the retention"
            ),
            Err(error) => {
                tracing::error!(%error, "kept responses that are too old cannot be deleted");
            }
        }
    }
}

/// The address that a program on this machine reaches a server by that listens everywhere.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        let local: std::net::IpAddr = match address {
            SocketAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
        };
        address.set_ip(local);
    }
    address
}

async fn first_token(store: &Store, given: Option<String>) -> anyhow::Result<Option<Secret>> {
    let settings = store.settings();
    if let Some(given) = given.filter(|given| !given.is_empty()) {
        if given.chars().count() < SHORTEST_TOKEN {
            bail!(
                "TOLLGATE_ADMIN_TOKEN is so short that it could be guessed: it needs at least {SHORTEST_TOKEN} characters (`openssl rand -hex 32` makes some)"
            );
        }
        settings
            .set_management_token(FIRST_TOKEN, &Secret::new(given))
            .await?;
        return Ok(None);
    }
    if !settings.management_tokens().await?.is_empty() {
        return Ok(None);
    }
    Ok(Some(
        settings.create_management_token(FIRST_TOKEN).await?.secret,
    ))
}

/// A link for the first owner; an older one works no more.
async fn welcome(store: &Store) -> anyhow::Result<Option<Secret>> {
    let settings = store.settings();
    if !settings.users().await?.is_empty() {
        return Ok(None);
    }
    let link = settings.create_link(&LinkPurpose::Welcome, LINK_LIFETIME);
    Ok(Some(link.await?))
}

fn local_token() -> Secret {
    let bytes: Vec<String> = (0..4)
        .flat_map(|_| random::bytes())
        .map(|byte| format!("{byte:02x}"))
        .collect();
    Secret::new(format!("tgl_{}", bytes.concat()))
}

fn limits(settings: &Settings) -> Limits {
    let upstream = settings.upstream;
    Limits {
        max_connections: settings.max_connections,
        body: BodyLimits {
            max_bytes: settings.max_body_bytes,
            timeout: settings.body_timeout,
        },
        max_answer_bytes: MAX_ANSWER_BYTES,
        keep_alive: settings.keep_alive,
        first_token: upstream.first_token,
        timeouts: Timeouts {
            first_byte: upstream.first_token,
            idle: upstream.idle,
            total: upstream.total,
        },
        max_fetched_bytes: settings.fetch.max_request_bytes,
        responses: settings.responses,
        public_models: settings.public_models,
    }
}
