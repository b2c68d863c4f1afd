//! The file as written: its sections and fields, strict, each with its place in the text.

use super::fetch::{self, FetchSection};
use super::proxies;
use super::responses::{self, ResponsesSection};
use super::text::Source;
use super::{ConfigError, Settings, StorageSettings, UpstreamTimeouts};
use domain::catalog::{Auth, Capabilities, Capability, ModelOverlay, Overlay, ProviderOverlay};
use domain::pricing::{Extent, Multiplier, OwnPrice};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;
use toml::Spanned;

/// Where the server listens when nothing is said: on this machine only.
const DEFAULT_PORT: u16 = 8787;

/// All of `tollgate.toml`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ConfigFile {
    server: ServerSection,
    storage: StorageSection,
    fetch: FetchSection,
    responses: ResponsesSection,
    models: ModelsSection,
    providers: BTreeMap<String, Spanned<ProviderSection>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ServerSection {
    listen: Option<Spanned<String>>,
    max_body_bytes: Option<Spanned<u64>>,
    body_timeout_seconds: Option<Spanned<u64>>,
    max_connections: Option<Spanned<u64>>,
    trusted_proxies: Vec<Spanned<String>>,
    keep_alive_seconds: Option<Spanned<u64>>,
    shutdown_grace_seconds: Option<Spanned<u64>>,
    connect_timeout_seconds: Option<Spanned<u64>>,
    first_token_timeout_seconds: Option<Spanned<u64>>,
    idle_timeout_seconds: Option<Spanned<u64>>,
    total_timeout_seconds: Option<Spanned<u64>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct StorageSection {
    /// `always`, or milliseconds between two syncs.
    sync_interval_ms: Option<Spanned<u64>>,
    retention_months: Option<Spanned<u64>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ModelsSection {
    public: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProviderSection {
    name: Option<String>,
    enabled: Option<bool>,
    base_url: Option<Spanned<String>>,
    api_key: Option<Spanned<String>>,
    /// A header that takes the bare key, instead of `Authorization: Bearer`.
    auth_header: Option<String>,
    speaks: Option<Spanned<Vec<String>>>,
    #[serde(default)]
    headers: BTreeMap<String, Spanned<String>>,
    models: Option<Vec<Spanned<ModelEntry>>>,
}

/// A model is its provider's name for it, or a table.
#[derive(Debug)]
enum ModelEntry {
    Name(String),
    Table(Box<ModelSection>),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ModelSection {
    id: String,
    /// A model of its own, whatever is called alike.
    #[serde(default)]
    new: bool,
    input: Option<Spanned<String>>,
    output: Option<Spanned<String>>,
    cache_read: Option<Spanned<String>>,
    cache_write: Option<Spanned<String>>,
    /// The prices above are all that there is; nothing of the catalogue's stays.
    #[serde(default)]
    flat: bool,
    price_multiplier: Option<Spanned<String>>,
    context: Option<u64>,
    max_output: Option<u64>,
    capabilities: Option<Spanned<Vec<String>>>,
    operations: Option<Vec<String>>,
}

impl<'de> Deserialize<'de> for ModelEntry {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> serde::de::Visitor<'de> for Either {
            type Value = ModelEntry;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a model's name, or a table with id, input and output")
            }

            fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<ModelEntry, E> {
                Ok(ModelEntry::Name(name.to_owned()))
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(
                self,
                map: A,
            ) -> Result<ModelEntry, A::Error> {
                let section =
                    ModelSection::deserialize(serde::de::value::MapAccessDeserializer::new(map))?;
                Ok(ModelEntry::Table(Box::new(section)))
            }
        }
        deserializer.deserialize_any(Either)
    }
}

/// Reads a file, or takes the defaults where there is none. `variable` gives environment variables.
///
/// # Errors
/// Names file, line and fix.
pub(crate) fn load(
    path: Option<&Path>,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Result<Settings, ConfigError> {
    let Some(path) = path else {
        return read(
            Source {
                path: Path::new(super::DEFAULT_FILE),
                text: "",
            },
            variable,
        );
    };
    let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Unreadable {
        path: path.to_owned(),
        source,
    })?;
    read(Source { path, text: &text }, variable)
}

fn read(
    source: Source<'_>,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Result<Settings, ConfigError> {
    let file: ConfigFile = toml::from_str(source.text).map_err(|error| {
        let span = error.span().unwrap_or(0..0);
        // Prices and addresses are texts, which is easily forgotten.
        let quotes = match error.message().ends_with("expected a string") {
            true => ": put it between quotes",
            false => "",
        };
        source.wrong(span, format!("{}{quotes}", error.message()))
    })?;
    let mut overlay = Overlay::default();
    let mut api_keys = BTreeMap::new();
    let mut disabled = Vec::new();
    let mut places = BTreeMap::new();
    for (id, section) in &file.providers {
        let place = format!("providers.{id}");
        places.insert(place.clone(), source.shown(section.span()));
        let section = section.get_ref();
        for (number, model) in section.models.iter().flatten().enumerate() {
            let place = format!("{place}.models[{number}]");
            places.insert(place, source.shown(model.span()));
        }
        if section.enabled == Some(false) {
            disabled.push(id.clone());
        }
        if let Some(key) = &section.api_key {
            let secret = source.expand(key, variable)?;
            if secret.trim().is_empty() {
                let message = "api_key: is empty: give the key, or leave api_key out";
                return Err(source.wrong(key.span(), message));
            }
            api_keys.insert(id.clone(), secret);
        }
        overlay
            .providers
            .push(provider(source, id, section, variable)?);
    }
    let server = &file.server;
    let seconds = |field: &Option<Spanned<u64>>, default: u64| {
        positive(source, field, default).map(Duration::from_secs)
    };
    Ok(Settings {
        listen: listen(source, server.listen.as_ref(), variable)?,
        max_body_bytes: size(positive(source, &server.max_body_bytes, 32 * 1024 * 1024)?),
        body_timeout: seconds(&server.body_timeout_seconds, 60)?,
        max_connections: size(positive(source, &server.max_connections, 16_384)?),
        trusted_proxies: proxies::read(source, &server.trusted_proxies)?,
        keep_alive: seconds(&server.keep_alive_seconds, 10)?,
        shutdown_grace: seconds(&server.shutdown_grace_seconds, 30)?,
        upstream: UpstreamTimeouts {
            connect: seconds(&server.connect_timeout_seconds, 10)?,
            first_token: seconds(&server.first_token_timeout_seconds, 120)?,
            idle: seconds(&server.idle_timeout_seconds, 60)?,
            total: seconds(&server.total_timeout_seconds, 1800)?,
        },
        storage: storage(source, &file.storage)?,
        fetch: fetch::read(source, &file.fetch)?,
        responses: responses::read(source, &file.responses)?,
        public_models: file.models.public,
        overlay,
        places,
        api_keys,
        disabled,
    })
}

fn listen(
    source: Source<'_>,
    field: Option<&Spanned<String>>,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Result<SocketAddr, ConfigError> {
    let Some(field) = field else {
        return Ok(SocketAddr::from((Ipv4Addr::LOCALHOST, DEFAULT_PORT)));
    };
    let text = source.expand(field, variable)?;
    text.parse().map_err(|_| {
        source.wrong(
            field.span(),
            format!("listen: '{text}' is not an address; write one like \"127.0.0.1:8787\""),
        )
    })
}

fn storage(source: Source<'_>, section: &StorageSection) -> Result<StorageSettings, ConfigError> {
    let sync_interval = match &section.sync_interval_ms {
        None => Some(Duration::from_millis(50)),
        // Zero: every entry waits for the disk.
        Some(ms) if *ms.get_ref() == 0 => None,
        Some(ms) => Some(Duration::from_millis(*ms.get_ref())),
    };
    let retention_months = match &section.retention_months {
        None => None,
        months => Some(u32::try_from(positive(source, months, 1)?).unwrap_or(u32::MAX)),
    };
    Ok(StorageSettings {
        sync_interval,
        retention_months,
    })
}

fn provider(
    source: Source<'_>,
    id: &str,
    section: &ProviderSection,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Result<ProviderOverlay, ConfigError> {
    let base_url = section
        .base_url
        .as_ref()
        .map(|field| base_url(source, field, variable))
        .transpose()?;
    if let Some(speaks) = &section.speaks {
        for word in speaks.get_ref() {
            let mut spoken = protocol::dialect::of_providers();
            if !spoken.any(|dialect| dialect.id.as_str() == word) {
                let known: Vec<&str> = protocol::dialect::of_providers()
                    .map(|dialect| dialect.id.as_str())
                    .collect();
                let message = format!(
                    "speaks: there is no dialect '{word}'; known are {}",
                    known.join(", ")
                );
                return Err(source.wrong(speaks.span(), message));
            }
        }
    }
    let mut headers = Vec::new();
    for (name, value) in &section.headers {
        headers.push((name.clone(), source.expand(value, variable)?));
    }
    let models = section.models.iter().flatten();
    let models = models
        .map(|entry| model(source, entry.get_ref()))
        .collect::<Result<_, _>>()?;
    Ok(ProviderOverlay {
        id: id.to_owned(),
        name: section.name.clone(),
        base_url,
        speaks: section
            .speaks
            .as_ref()
            .map(|speaks| speaks.get_ref().clone()),
        auth: section
            .auth_header
            .as_ref()
            .map(|name| Auth::Header(name.to_ascii_lowercase())),
        headers,
        models,
    })
}

/// What is easily pasted too long: the paths that a dialect adds itself.
const DIALECT_PATHS: [&str; 3] = ["/chat/completions", "/messages", "/embeddings"];

fn base_url(
    source: Source<'_>,
    field: &Spanned<String>,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Result<String, ConfigError> {
    let url = source.expand(field, variable)?;
    let wrong = |message: String| Err(source.wrong(field.span(), message));
    if !(url.starts_with("http://") || url.starts_with("https://")) {
        return wrong(format!(
            "base_url: '{url}' must begin with http:// or https://"
        ));
    }
    let bare = url.trim_end_matches('/');
    match DIALECT_PATHS
        .iter()
        .find_map(|path| bare.strip_suffix(path))
    {
        Some(base) => wrong(format!(
            "base_url: '{url}' ends in a path that the gateway adds itself; write '{base}'"
        )),
        None => Ok(url),
    }
}

fn model(source: Source<'_>, entry: &ModelEntry) -> Result<ModelOverlay, ConfigError> {
    let section = match entry {
        ModelEntry::Name(name) => {
            return Ok(ModelOverlay {
                id: name.clone(),
                ..ModelOverlay::default()
            });
        }
        ModelEntry::Table(section) => section,
    };
    let price = |field: &Option<Spanned<String>>, name| price(source, field.as_ref(), name);
    let price = OwnPrice {
        input: price(&section.input, "input")?,
        output: price(&section.output, "output")?,
        cache_read: price(&section.cache_read, "cache_read")?,
        cache_write: price(&section.cache_write, "cache_write")?,
        extent: Extent::of(section.flat),
    };
    let capabilities = section
        .capabilities
        .as_ref()
        .map(|words| capabilities(source, words))
        .transpose()?;
    Ok(ModelOverlay {
        id: section.id.clone(),
        is_new: section.new,
        price,
        price_multiplier: multiplier(source, section.price_multiplier.as_ref())?,
        context: section.context,
        max_output: section.max_output,
        capabilities,
        operations: section.operations.clone(),
    })
}

fn price(
    source: Source<'_>,
    field: Option<&Spanned<String>>,
    name: &str,
) -> Result<Option<domain::money::PerMillion>, ConfigError> {
    let Some(field) = field else { return Ok(None) };
    field.get_ref().parse().map(Some).map_err(|error| {
        let message =
            format!("{name}: {error}; write USD per million tokens as a string, like \"0.15\"");
        source.wrong(field.span(), message)
    })
}

fn multiplier(
    source: Source<'_>,
    field: Option<&Spanned<String>>,
) -> Result<Option<Multiplier>, ConfigError> {
    let Some(field) = field else { return Ok(None) };
    field.get_ref().parse().map(Some).map_err(|error| {
        let message =
            format!("price_multiplier: {error}; write a factor from 0 to 1000, like \"0.85\"");
        source.wrong(field.span(), message)
    })
}

fn capabilities(
    source: Source<'_>,
    words: &Spanned<Vec<String>>,
) -> Result<Capabilities, ConfigError> {
    let known = || Capability::ALL.map(Capability::as_str).join(", ");
    words
        .get_ref()
        .iter()
        .map(|word| {
            Capability::parse(word).ok_or_else(|| {
                source.wrong(
                    words.span(),
                    format!("capabilities: '{word}' is none of {}", known()),
                )
            })
        })
        .collect()
}

pub(super) fn positive(
    source: Source<'_>,
    field: &Option<Spanned<u64>>,
    default: u64,
) -> Result<u64, ConfigError> {
    match field {
        None => Ok(default),
        Some(value) if *value.get_ref() == 0 => {
            Err(source.wrong(value.span(), "must be 1 or more"))
        }
        Some(value) => Ok(*value.get_ref()),
    }
}

pub(super) fn size(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests;
