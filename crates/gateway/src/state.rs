//! What a running gateway holds. One immutable view of settings ([`Live`]) is swapped whole; a request keeps the one it
//! began with.

use crate::client_api::Lists;
use crate::config::ResponsesSettings;
use crate::login::Login;
use crate::login::client::TrustedProxies;
use crate::pipeline::body::BodyLimits;
use crate::telemetry::{LineLimit, Metrics, ProviderMeters};
use arc_swap::ArcSwap;
use domain::account::{ManagementToken, Organization, Project};
use domain::catalog::{Catalog, OfferingIdx, Overlay, ProviderIdx};
use domain::estimate::Calibration;
use domain::snapshot::{Credential, CredentialHandle, KeyEntry, ProviderState, Snapshot};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use store::{Store, StoreError};
use tokio::sync::{Semaphore, watch};
use upstream::{Fetcher, Health, Secret, Timeouts, Upstream};

/// A running gateway.
pub(crate) struct Gateway {
    /// The settings that hold now.
    pub(crate) live: ArcSwap<Live>,
    /// Journal, records, settings.
    pub(crate) store: Store,
    /// The way to the providers.
    pub(crate) upstream: Upstream,
    /// The way to files that requests name by URL.
    pub(crate) fetcher: Fetcher,
    /// Counters for `/metrics`.
    pub(crate) metrics: Metrics,
    /// Bounds.
    pub(crate) limits: Limits,
    /// What the catalogue and the configuration file said, which stored settings are laid over.
    pub(crate) ground: crate::assemble::Ground,
    /// The hash of the token that the commands on this machine use.
    pub(crate) local_token: domain::account::KeyHash,
    /// Who is logged in to the console, and how people get in.
    pub(crate) login: Login,
    /// Whose word on who asks is believed.
    pub(crate) trusted_proxies: TrustedProxies,
    /// Bounds the log lines about requests without a valid key.
    pub(crate) refusals: LineLimit,
    /// One change of settings at a time.
    pub(crate) changing: tokio::sync::Mutex<()>,
    /// How well offerings serve, as it was read last.
    pub(crate) lately: crate::performance::lately::Kept,
    /// Who may listen to records as they arrive.
    pub(crate) listeners: Arc<Semaphore>,
    /// True once the program has been asked to end: what goes on until it is told to stop, stops.
    pub(crate) draining: watch::Sender<bool>,
    /// Whether exchanges are being cut off because the program ends: then it was not their clients who hung up.
    pub(crate) stopping: AtomicBool,
}

impl Gateway {
    /// Puts the live settings together anew, after what is stored has changed.
    ///
    /// # Errors
    /// When they do not fit together: then the old ones stay.
    pub(crate) async fn reload(&self) -> anyhow::Result<()> {
        let _one_at_a_time = self.changing.lock().await;
        let before = self.live.load_full();
        let live =
            crate::assemble::live(&self.ground, &self.store, &self.metrics, Some(&before)).await?;
        self.live.store(Arc::new(live));
        Ok(())
    }

    /// Puts the projects among the live settings as they are stored; cheap with many keys.
    ///
    /// # Errors
    /// When they cannot be read.
    pub(crate) async fn projects_changed(&self) -> Result<(), StoreError> {
        let _one_at_a_time = self.changing.lock().await;
        let projects = crate::assemble::projects(&self.store).await?;
        let mut live = Live::clone(&self.live.load());
        live.projects = projects;
        self.live.store(Arc::new(live));
        Ok(())
    }

    /// Adds a key to the live settings, or replaces it there; cheap with many keys. `read` gives it as it is stored, and
    /// does so while no other change can come between: of two at once (a new name, a revocation) neither undoes the
    /// other.
    ///
    /// # Errors
    /// Those of `read`; then nothing is changed.
    pub(crate) async fn key_changed<E>(
        &self,
        read: impl Future<Output = Result<Option<KeyEntry>, E>>,
    ) -> Result<(), E> {
        let _one_at_a_time = self.changing.lock().await;
        if let Some(entry) = read.await? {
            let mut live = Live::clone(&self.live.load());
            live.snapshot.keys = live.snapshot.keys.with(entry);
            self.live.store(Arc::new(live));
        }
        Ok(())
    }
}

/// Bounds of what clients may ask and providers may answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Open client connections.
    pub(crate) max_connections: usize,
    /// Request bodies.
    pub(crate) body: BodyLimits,
    /// Bytes of a provider's whole answer.
    pub(crate) max_answer_bytes: usize,
    /// Silence after which a streaming door sends a keep-alive.
    pub(crate) keep_alive: Duration,
    /// From sending to the first content.
    pub(crate) first_token: Duration,
    /// Of calls to providers.
    pub(crate) timeouts: Timeouts,
    /// Bytes of all files that one request names by URL.
    pub(crate) max_fetched_bytes: usize,
    /// Responses that are kept for clients.
    pub(crate) responses: ResponsesSettings,
    /// Whether the lists of models and providers are shown without a key.
    pub(crate) public_models: bool,
}

/// The settings that a request is judged by, and what is measured per offering of their catalogue.
#[derive(Clone)]
pub(crate) struct Live {
    /// Catalogue, providers, keys.
    pub(crate) snapshot: Snapshot,
    /// The secrets behind the snapshot's credential handles.
    pub(crate) secrets: Arc<[Secret]>,
    /// What is stored of providers and laid over the ground: while it stays the same, so does the catalogue.
    pub(crate) overlay: Arc<Overlay>,
    /// Why what is stored of a provider is not laid over the ground, by its id: it is not asked then, lest its credential
    /// goes to an address that it is not meant for.
    pub(crate) misfits: Arc<BTreeMap<String, String>>,
    /// What people may ask for.
    pub(crate) projects: Arc<[Paying]>,
    /// What clients are told that there is to call; made anew with the settings that it follows from.
    pub(crate) lists: Arc<Lists>,
    /// Who may use the admin API.
    pub(crate) management: Arc<[ManagementToken]>,
    /// What is measured; made anew only with the catalogue, whose indices it is addressed by.
    pub(crate) vitals: Arc<Vitals>,
}

/// A project with what it belongs to.
#[derive(Clone)]
pub(crate) struct Paying {
    /// The project.
    pub(crate) project: Arc<Project>,
    /// Its organization.
    pub(crate) organization: Arc<Organization>,
}

impl Live {
    /// Whether a provider can be asked: it is set up, and has a credential where it wants one.
    pub(crate) fn usable(&self, provider: ProviderIdx) -> bool {
        match self.snapshot.providers.state(provider) {
            ProviderState::Disabled => false,
            ProviderState::Enabled(credentials) => {
                !credentials.is_empty()
                    || !self.snapshot.catalog.provider(provider).needs_credential()
            }
        }
    }

    /// The credential that a provider is asked with: its first.
    pub(crate) fn credential(&self, provider: ProviderIdx) -> Option<&Credential> {
        match self.snapshot.providers.state(provider) {
            ProviderState::Disabled => None,
            ProviderState::Enabled(credentials) => credentials.first(),
        }
    }

    /// The secret behind a handle.
    pub(crate) fn secret(&self, handle: CredentialHandle) -> Option<&Secret> {
        self.secrets.get(handle.0 as usize)
    }
}

/// What is measured per offering while the program runs.
pub(crate) struct Vitals {
    /// Which offerings are cooling down.
    pub(crate) health: Health,
    calibrations: Vec<Calibration>,
    meters: Vec<ProviderMeters>,
}

impl Vitals {
    /// Nothing measured yet.
    pub(crate) fn new(catalog: &Catalog, metrics: &Metrics) -> Self {
        let count = catalog.offerings().count();
        Self {
            health: Health::new(),
            calibrations: std::iter::repeat_with(Calibration::default)
                .take(count)
                .collect(),
            meters: catalog
                .providers()
                .map(|(_, provider)| metrics.provider(&provider.id))
                .collect(),
        }
    }

    /// The counters of one provider.
    pub(crate) fn meters(&self, provider: ProviderIdx) -> &ProviderMeters {
        &self.meters[provider.as_usize()]
    }

    /// Bytes per token of one offering, learnt from the usage that its provider reports.
    pub(crate) fn calibration(&self, offering: OfferingIdx) -> &Calibration {
        &self.calibrations[offering.as_usize()]
    }
}
