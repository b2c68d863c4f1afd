//! Puts the live settings together: the embedded catalogue, what `tollgate.toml` declares, what the environment gives,
//! and what is stored. Later ones win; what the file declares is not changed by what is stored.

mod model;
pub(crate) mod shelf;
mod stored;

pub(crate) use model::ModelSaid;

use crate::clock;
use crate::config::Settings;
use crate::state::{Live, Paying, Vitals};
use crate::telemetry::Metrics;
use domain::account::Key;
use domain::catalog::{
    Auth, Catalog, Endpoint, Overlay, Provider, ProviderOverlay, Transport, base_url,
};
use domain::snapshot::{
    Credential, CredentialHandle, KeyEntry, Keys, ProviderState, Providers, Snapshot,
};
use std::collections::{BTreeMap, HashMap};
use std::net::Ipv6Addr;
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
    /// What of file and environment is probably not meant, with its place. It stops no start: most of it depends on what
    /// the catalogue holds, and the next one may hold something else.
    pub(crate) doubts: Vec<String>,
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
        Self::lay_over(shelf::catalog(data_dir)?, settings, variable)
    }

    /// As [`Self::lay`], over any catalogue.
    ///
    /// # Errors
    /// As [`Self::lay`].
    pub(crate) fn lay_over(
        mut embedded: Catalog,
        settings: &Settings,
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> anyhow::Result<Self> {
        embedded.fill_addresses(variable);
        let doubts = embedded.doubts(&settings.overlay, clock::now_ms());
        let doubts = doubts
            .iter()
            .map(|doubt| settings.misfit(doubt).to_string());
        let mut doubts: Vec<String> = doubts.collect();
        let mut overlay = settings.overlay.clone();
        let Addresses { given, unread } = add_addresses(&embedded, variable, &mut overlay);
        doubts.extend(unread.values().cloned());
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
            // One whose address cannot be read is not asked at the address that it would have otherwise.
            disabled: settings
                .disabled
                .iter()
                .map(|said| id_of(said))
                .chain(unread.into_keys())
                .collect(),
            secrets: secrets_of(&catalog, &keys, variable),
            catalog: Arc::new(catalog),
            addressed: given,
            doubts,
        })
    }
}

/// Providers whose address stands in the environment.
#[derive(Default)]
struct Addresses {
    /// By id.
    given: Vec<String>,
    /// Those where it cannot be read, by id, with the variable and what is wrong with it.
    unread: BTreeMap<String, String>,
}

/// Adds the providers whose address stands in the environment and that the overlay says nothing of; all of that kind.
fn add_addresses(
    catalog: &Catalog,
    variable: &dyn Fn(&str) -> Option<String>,
    overlay: &mut Overlay,
) -> Addresses {
    let mut addresses = Addresses::default();
    for (_, provider) in catalog.providers() {
        let Some(name) = provider.base_url_env.as_deref() else {
            continue;
        };
        let Some(address) = variable(name).filter(|address| !address.is_empty()) else {
            continue;
        };
        let named = |said: &ProviderOverlay| id_in(catalog, &said.id) == provider.id;
        if !overlay.providers.iter().any(named) {
            let id = provider.id.clone();
            let base_url = match base_url(&base_url_of(&address)) {
                Ok(base_url) => Some(base_url),
                Err(error) => {
                    let told = format!("{name}: {error}; {id} is not used");
                    addresses.unread.insert(id, told);
                    continue;
                }
            };
            overlay.providers.push(ProviderOverlay {
                id,
                base_url,
                ..Default::default()
            });
        }
        addresses.given.push(provider.id.clone());
    }
    addresses
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

/// `OLLAMA_HOST` and the like hold `host:port`, `:port`, `::1` or an address; dialect paths follow `/v1`.
fn base_url_of(address: &str) -> String {
    let address = address.trim();
    let (scheme, rest) = address.split_once("://").unwrap_or(("http", address));
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = match host.parse::<Ipv6Addr>() {
        Ok(bare) => format!("[{bare}]"),
        Err(_) if host.starts_with(':') => format!("127.0.0.1{host}"),
        Err(_) => host.to_owned(),
    };
    let with_scheme = format!("{scheme}://{host}{path}");
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
    let (overlay, misfits) = stored::overlay(ground, &stored);
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
        if misfits.contains_key(&provider.id) {
            return ProviderState::Disabled;
        }
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
        misfits: Arc::new(misfits),
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

#[cfg(test)]
mod tests {
    use super::Ground;

    /// `:11434` and `::1`, which Ollama itself takes, came to stop the start, as any word did that is no address.
    #[test]
    fn an_address_in_the_environment_stops_no_start() {
        let settings = crate::config::load(None, &|_| None).unwrap();
        let none = std::path::Path::new("none");
        let check = |host: &str, expect: Result<&str, &str>| {
            let variable = |name: &str| Some(host.to_owned()).filter(|_| name == "OLLAMA_HOST");
            let ground = Ground::lay(&settings, none, &variable).unwrap();
            let catalog = ground.catalog();
            let ollama = catalog.provider(catalog.find_provider("ollama").unwrap());
            match expect {
                Ok(url) => assert_eq!(ollama.endpoints[0].base_url, url, "{host}"),
                Err(doubt) => assert!(ground.doubts[0].starts_with(doubt), "{:?}", ground.doubts),
            }
            let refused = expect.is_err();
            assert_eq!(ground.doubts.len(), usize::from(refused), "{host}");
            assert_eq!(ground.disabled.contains(&ollama.id), refused, "{host}");
            assert_eq!(ground.addressed.contains(&ollama.id), !refused, "{host}");
        };
        for (host, url) in [
            (":11434", "http://127.0.0.1:11434/v1"),
            ("::1", "http://[::1]/v1"),
            ("[::1]:11434", "http://[::1]:11434/v1"),
            ("https://:8443/v1/", "https://127.0.0.1:8443/v1"),
            ("10.0.0.5:11434", "http://10.0.0.5:11434/v1"),
        ] {
            check(host, Ok(url));
        }
        check("a b", Err("OLLAMA_HOST: 'http://a b/v1' is no base URL"));
        check(
            "http://u:pa55word@h",
            Err("OLLAMA_HOST: a base URL has no user"),
        );
    }
}
