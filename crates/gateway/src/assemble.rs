//! Puts the live settings together: the embedded catalogue, what `tollgate.toml` declares, what the environment gives,
//! and what is stored. Later ones win; what the file declares is not changed by what is stored.

mod model;
pub(crate) mod shelf;
mod stored;

pub(crate) use model::ModelSaid;

use crate::config::Settings;
use crate::state::{Live, Paying, Vitals};
use crate::telemetry::Metrics;
use domain::account::Key;
use domain::catalog::{Auth, Catalog, Endpoint, Overlay, Provider, ProviderOverlay, Transport};
use domain::snapshot::{
    Credential, CredentialHandle, KeyEntry, Keys, ProviderState, Providers, Snapshot,
};
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;
use store::settings::StoredProvider;
use store::{Store, StoreError};
use upstream::Secret;

/// The settings that do not change while the program runs: catalogue, file and environment.
pub(crate) struct Ground {
    catalog: Arc<Catalog>,
    /// Providers that the file names: read-only for the admin API.
    pub(crate) declared: Vec<String>,
    disabled: Vec<String>,
    /// Secrets by provider id, with where they come from (`file`, `env`).
    secrets: BTreeMap<String, (&'static str, Secret)>,
    /// Providers whose address stands in the environment (`OLLAMA_HOST`).
    addressed: Vec<String>,
}

impl Ground {
    /// The catalogue, with what file and environment say of it.
    pub(crate) fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// The catalogue's id for a provider named by id or alias; what it does not know stays as it is.
    pub(crate) fn id_of(&self, said: &str) -> String {
        id_in(&self.catalog, said)
    }

    /// Lays the file's providers and the environment's over the catalogue: the embedded one, or a newer one in the data
    /// folder. `variable` gives environment
    /// variables.
    ///
    /// # Errors
    /// When what the file declares does not fit the catalogue.
    pub(crate) fn lay(
        settings: &Settings,
        data_dir: &Path,
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> anyhow::Result<Self> {
        let mut embedded = shelf::catalog(data_dir)?;
        embedded.fill_addresses(variable);
        let fits = embedded.check_new_names(&settings.overlay);
        fits.map_err(|error| settings.misfit(&error))?;
        let mut overlay = settings.overlay.clone();
        let addressed = add_addresses(&embedded, variable, &mut overlay);
        // By its id in the catalogue: `[providers.togetherai]` means `together`.
        let keys = settings.api_keys.iter();
        let keys = keys.map(|(said, key)| (id_in(&embedded, said), key));
        let keys: BTreeMap<String, &String> = keys.collect();
        add_usual_auth(&embedded, &keys, &mut overlay);
        let mut catalog = if overlay.providers.is_empty() {
            embedded
        } else {
            let laid = embedded.overlay(&overlay);
            laid.map_err(|error| settings.misfit(&error))?
        };
        catalog.fill_addresses(variable);
        let id_of = |said: &str| id_in(&catalog, said);
        let named = settings.overlay.providers.iter();
        Ok(Self {
            declared: named.map(|said| id_of(&said.id)).collect(),
            disabled: settings.disabled.iter().map(|said| id_of(said)).collect(),
            secrets: secrets_of(&catalog, &keys, variable),
            catalog: Arc::new(catalog),
            addressed,
        })
    }
}

/// Adds the providers whose address stands in the environment and that the overlay says nothing of; all of that kind.
fn add_addresses(
    catalog: &Catalog,
    variable: &dyn Fn(&str) -> Option<String>,
    overlay: &mut Overlay,
) -> Vec<String> {
    let mut addressed = Vec::new();
    for (_, provider) in catalog.providers() {
        let address = provider.base_url_env.as_deref().and_then(variable);
        let Some(address) = address.filter(|address| !address.is_empty()) else {
            continue;
        };
        addressed.push(provider.id.clone());
        let named = |said: &ProviderOverlay| id_in(catalog, &said.id) == provider.id;
        if !overlay.providers.iter().any(named) {
            overlay.providers.push(ProviderOverlay {
                id: provider.id.clone(),
                base_url: Some(base_url_of(&address)),
                ..Default::default()
            });
        }
    }
    addressed
}

/// How a provider that the overlay speaks of takes its key, where nothing is said of it. `keys` are by the catalogue's ids.
fn add_usual_auth(catalog: &Catalog, keys: &BTreeMap<String, &String>, overlay: &mut Overlay) {
    for said in &mut overlay.providers {
        let known = catalog.find_provider(&said.id);
        let known = known.map(|idx| catalog.provider(idx));
        let keyed = keys.contains_key(&id_in(catalog, &said.id));
        match known {
            _ if said.auth.is_some() => {}
            // A key that the operator gives is sent, also where providers of this kind usually want none.
            Some(known) if keyed && !known.needs_credential() => {
                said.auth = known.endpoints.first().map(|at| Auth::usual(at.dialect));
            }
            None if !keyed => said.auth = Some(Auth::None),
            Some(_) | None => {}
        }
    }
}

/// The secrets that the file gives, else the environment, by provider, with where they come from.
fn secrets_of(
    catalog: &Catalog,
    keys: &BTreeMap<String, &String>,
    variable: &dyn Fn(&str) -> Option<String>,
) -> BTreeMap<String, (&'static str, Secret)> {
    let of_provider = |provider: &Provider| {
        let from_file = keys.get(&provider.id).map(|key| ("file", (*key).clone()));
        let from_env = || {
            let mut named = provider.env.iter();
            let set = named.find_map(|names| secret_in(names, variable));
            set.map(|value| ("env", value))
        };
        let (origin, secret) = from_file.or_else(from_env)?;
        Some((provider.id.clone(), (origin, Secret::new(secret))))
    };
    let providers = catalog.providers();
    providers.filter_map(|(_, it)| of_provider(it)).collect()
}

fn id_in(catalog: &Catalog, said: &str) -> String {
    match catalog.find_provider(said) {
        Some(idx) => catalog.provider(idx).id.clone(),
        None => said.to_owned(),
    }
}

/// The secret that an entry of a provider's `env` names; `None` where a part that it needs is not set.
fn secret_in(names: &str, variable: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let mut parts = Vec::new();
    for name in names.split('+') {
        let (name, optional) = match name.strip_suffix('?') {
            Some(name) => (name, true),
            None => (name, false),
        };
        let value = variable(name).map(|value| value.trim().to_owned());
        match value.filter(|value| !value.is_empty()) {
            Some(value) => parts.push(value),
            None if optional => {}
            None => return None,
        }
    }
    Some(parts.join(":"))
}

/// `OLLAMA_HOST` and the like hold `host:port` or an address; dialect paths follow `/v1`.
fn base_url_of(address: &str) -> String {
    let with_scheme = if address.contains("://") {
        address.to_owned()
    } else {
        format!("http://{address}")
    };
    let bare = with_scheme.trim_end_matches('/');
    if bare.ends_with("/v1") {
        bare.to_owned()
    } else {
        format!("{bare}/v1")
    }
}

/// The live settings as of now. What was measured is kept as long as the catalogue stays the same.
///
/// # Errors
/// When the store cannot be read.
pub(crate) async fn live(
    ground: &Ground,
    store: &Store,
    metrics: &Metrics,
    before: Option<&Live>,
) -> anyhow::Result<Live> {
    let settings = store.settings();
    let stored = settings.providers().await?;
    let overlay = stored::overlay(ground, &stored);
    let catalog = match before {
        Some(live) if *live.overlay == overlay => Arc::clone(&live.snapshot.catalog),
        Some(_) | None => ground.catalog.overlaid(&overlay)?,
    };
    let vitals = match before {
        Some(live) if Arc::ptr_eq(&live.snapshot.catalog, &catalog) => Arc::clone(&live.vitals),
        _ => Arc::new(Vitals::new(&catalog, metrics)),
    };
    let Held {
        secrets,
        credentials,
    } = Held::of(ground, store).await?;
    let switches: HashMap<&str, bool> = stored
        .iter()
        .map(|said| (said.id.as_str(), said.enabled))
        .collect();
    let providers = Providers::new(&catalog, |idx| {
        let provider = catalog.provider(idx);
        let credentials = credentials
            .get(&provider.id)
            .map(Vec::as_slice)
            .unwrap_or_default();
        state_of(
            ground,
            provider,
            switches.get(provider.id.as_str()).copied(),
            credentials,
        )
    });
    let projects = projects(store).await?;
    Ok(Live {
        overlay: Arc::new(overlay),
        snapshot: Snapshot {
            catalog,
            providers: Arc::new(providers),
            keys: keys(store, &projects).await?,
        },
        projects,
        secrets: secrets.into(),
        lists: Arc::default(),
        management: settings.management_tokens().await?.into(),
        vitals,
    })
}

/// The secrets at hand, and by provider the credentials that stand for them.
#[derive(Default)]
struct Held {
    secrets: Vec<Secret>,
    credentials: HashMap<String, Vec<Credential>>,
}

impl Held {
    async fn of(ground: &Ground, store: &Store) -> anyhow::Result<Self> {
        let mut held = Self::default();
        for (provider, (origin, secret)) in &ground.secrets {
            held.keep(provider, origin, secret.clone());
        }
        for (credential, secret) in store.settings().opened_credentials().await? {
            match secret {
                Ok(secret) => {
                    let secret = Secret::new(secret.expose());
                    held.keep(&credential.provider, &credential.id, secret);
                }
                // The others still work; `doctor` and this line tell.
                Err(error) => {
                    tracing::error!(credential = credential.id, %error, "a credential cannot be unsealed");
                }
            }
        }
        Ok(held)
    }

    fn keep(&mut self, provider: &str, id: &str, secret: Secret) {
        let handle = CredentialHandle(u32::try_from(self.secrets.len()).unwrap_or(u32::MAX));
        self.secrets.push(secret);
        let of_provider = self.credentials.entry(provider.to_owned()).or_default();
        of_provider.push(Credential {
            id: id.into(),
            handle,
        });
    }
}

/// Whether what is about to be stored of a provider fits.
///
/// # Errors
/// Says what does not.
pub(crate) async fn check(
    ground: &Ground,
    store: &Store,
    said: &StoredProvider,
) -> anyhow::Result<()> {
    stored::check(ground, &store.settings().providers().await?, said)
}

fn state_of(
    ground: &Ground,
    provider: &Provider,
    switch: Option<bool>,
    credentials: &[Credential],
) -> ProviderState {
    let declared = ground.declared.contains(&provider.id);
    let off = ground.disabled.contains(&provider.id) || (switch == Some(false) && !declared);
    let wanted = declared
        || switch == Some(true)
        || !credentials.is_empty()
        || ground.addressed.contains(&provider.id)
        || provider.transport == Transport::Simulator;
    // An address that names a variable which is not set leads nowhere.
    let reachable = provider.endpoints.iter().any(Endpoint::is_complete);
    if wanted && reachable && !off {
        ProviderState::Enabled(credentials.into())
    } else {
        ProviderState::Disabled
    }
}

/// All projects with what they belong to.
///
/// # Errors
/// When the store cannot be read.
pub(crate) async fn projects(store: &Store) -> Result<Arc<[Paying]>, StoreError> {
    let settings = store.settings();
    let organizations: HashMap<_, _> = settings
        .organizations()
        .await?
        .into_iter()
        .map(|one| (one.id.clone(), Arc::new(one)))
        .collect();
    let projects = settings
        .projects()
        .await?
        .into_iter()
        .filter_map(|project| {
            let organization = Arc::clone(organizations.get(&project.organization)?);
            Some(Paying {
                project: Arc::new(project),
                organization,
            })
        });
    Ok(projects.collect())
}

async fn keys(store: &Store, projects: &[Paying]) -> Result<Keys, StoreError> {
    let projects: HashMap<&str, &Paying> = projects
        .iter()
        .map(|one| (one.project.id.as_str(), one))
        .collect();
    let keys = store.settings().keys().await?.into_iter();
    let entries = keys.filter_map(|key: Key| {
        let paying = projects.get(key.project.as_str())?;
        Some(KeyEntry {
            project: Arc::clone(&paying.project),
            organization: Arc::clone(&paying.organization),
            key,
        })
    });
    Ok(entries.collect())
}
