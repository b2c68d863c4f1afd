//! The file as written: its sections and fields, strict, each with its place in the text.

use super::text::Source;
use super::{ConfigError, Settings, StorageSettings, UpstreamTimeouts};
use domain::catalog::{Auth, Capabilities, Capability, ModelOverlay, Overlay, ProviderOverlay};
use domain::pricing::Rates;
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
    providers: BTreeMap<String, ProviderSection>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ServerSection {
    listen: Option<Spanned<String>>,
    max_body_bytes: Option<Spanned<u64>>,
    body_timeout_seconds: Option<Spanned<u64>>,
    max_connections: Option<Spanned<u64>>,
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
    models: Option<Spanned<Vec<ModelEntry>>>,
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
    input: Option<Spanned<String>>,
    output: Option<Spanned<String>>,
    cache_read: Option<Spanned<String>>,
    cache_write: Option<Spanned<String>>,
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
        source.wrong(span, error.message().to_owned())
    })?;
    let mut overlay = Overlay::default();
    let mut api_keys = BTreeMap::new();
    let mut disabled = Vec::new();
    for (id, section) in &file.providers {
        if section.enabled == Some(false) {
            disabled.push(id.clone());
        }
        if let Some(key) = &section.api_key {
            api_keys.insert(id.clone(), source.expand(key, variable)?);
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
        keep_alive: seconds(&server.keep_alive_seconds, 10)?,
        shutdown_grace: seconds(&server.shutdown_grace_seconds, 30)?,
        upstream: UpstreamTimeouts {
            connect: seconds(&server.connect_timeout_seconds, 10)?,
            first_token: seconds(&server.first_token_timeout_seconds, 120)?,
            idle: seconds(&server.idle_timeout_seconds, 60)?,
            total: seconds(&server.total_timeout_seconds, 1800)?,
        },
        storage: storage(source, &file.storage)?,
        overlay,
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
        .map(|field| source.expand(field, variable))
        .transpose()?;
    if let (Some(url), Some(field)) = (&base_url, &section.base_url)
        && !(url.starts_with("http://") || url.starts_with("https://"))
    {
        return Err(source.wrong(
            field.span(),
            format!("base_url: '{url}' must begin with http:// or https://"),
        ));
    }
    if let Some(speaks) = &section.speaks {
        for word in speaks.get_ref() {
            if protocol::dialect::find(word).is_none() {
                let known: Vec<&str> = protocol::dialect::DIALECTS
                    .iter()
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
    let models = section.models.as_ref().map_or(Ok(Vec::new()), |models| {
        models
            .get_ref()
            .iter()
            .map(|entry| model(source, entry))
            .collect()
    })?;
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
    let rates = match (&section.input, &section.output) {
        (None, None) => None,
        (input, output) => {
            let zero = |field: &Option<Spanned<String>>, name| {
                price(source, field.as_ref(), name).map(Option::unwrap_or_default)
            };
            Some(Rates {
                input: zero(input, "input")?,
                output: zero(output, "output")?,
                cache_read: price(source, section.cache_read.as_ref(), "cache_read")?,
                cache_write: price(source, section.cache_write.as_ref(), "cache_write")?,
                ..Rates::default()
            })
        }
    };
    let capabilities = section
        .capabilities
        .as_ref()
        .map(|words| capabilities(source, words))
        .transpose()?;
    Ok(ModelOverlay {
        id: section.id.clone(),
        rates,
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

fn positive(
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

fn size(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::super::ConfigError;
    use super::{Settings, Source, read};
    use std::path::Path;

    fn parsed(text: &str) -> Result<Settings, ConfigError> {
        let variable = |name: &str| (name == "SET").then(|| "secret".to_owned());
        read(
            Source {
                path: Path::new("tollgate.toml"),
                text,
            },
            &variable,
        )
    }

    fn wrong(text: &str, expect: &str) {
        let error = parsed(text).expect_err(text).to_string();
        assert!(
            error.contains(expect),
            "{text}\n  gave: {error}\n  want: {expect}"
        );
    }

    #[test]
    fn a_provider_in_both_spellings_of_models() {
        let settings = parsed(
            r#"
            [server]
            listen = "127.0.0.1:9000"
            [providers.near]
            base_url = "http://127.0.0.1:1/v1"
            api_key = "${SET}"
            speaks = ["openai_chat"]
            models = ["a"]
            [[providers.far.models]]
            id = "b"
            input = "0.075"
            output = "0.3"
            [providers.far]
            base_url = "http://127.0.0.1:2/v1"
            "#,
        )
        .unwrap();
        assert_eq!(settings.listen.port(), 9000);
        assert_eq!(settings.api_keys["near"], "secret");
        let models: Vec<_> = settings
            .overlay
            .providers
            .iter()
            .flat_map(|p| &p.models)
            .collect();
        assert_eq!(
            models
                .iter()
                .map(|model| model.id.as_str())
                .collect::<Vec<_>>(),
            ["b", "a"]
        );
        assert!(models[0].rates.is_some() && models[1].rates.is_none());
    }

    #[test]
    fn mistakes_name_line_and_fix() {
        wrong(
            "[server]\nlisten = \"nowhere\"",
            "tollgate.toml:2:10: listen: 'nowhere' is not an address",
        );
        wrong(
            "[server]\nlissten = \"x\"",
            "tollgate.toml:2:1: unknown field `lissten`",
        );
        wrong(
            "[server]\nmax_body_bytes = 0",
            "tollgate.toml:2:18: must be 1 or more",
        );
        wrong(
            "[providers.a]\napi_key = \"${UNSET}\"",
            "tollgate.toml:2:11: the environment variable UNSET is not set",
        );
        wrong(
            "[providers.a]\nbase_url = \"ftp://x\"",
            "must begin with http:// or https://",
        );
        wrong(
            "[providers.a]\nspeaks = [\"klingon\"]",
            "there is no dialect 'klingon'; known are openai_chat, anthropic",
        );
        wrong(
            "[providers.a]\nmodels = [{id = \"m\", input = \"cheap\"}]",
            "USD per million tokens as a string",
        );
        wrong(
            "[providers.a]\nmodels = [{id = \"m\", inputt = \"1\"}]",
            "unknown field `inputt`",
        );
        wrong("nonsense", "tollgate.toml:1:");
    }

    const EXAMPLE: &str = include_str!("../../../../tollgate.example.toml");

    /// The example's settings are commented out with a bare `#`; prose has a space after it.
    fn uncommented() -> String {
        let setting = |line: &'static str| {
            let bare = line.strip_prefix('#');
            bare.filter(|bare| !bare.is_empty() && !bare.starts_with(' '))
                .unwrap_or(line)
        };
        EXAMPLE.lines().map(setting).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn the_example_as_it_stands_changes_nothing() {
        let settings = parsed(EXAMPLE).unwrap();
        assert_eq!(
            format!("{settings:?}"),
            format!("{:?}", parsed("").unwrap())
        );
    }

    #[test]
    fn the_example_shows_the_defaults_and_good_providers() {
        let text = uncommented()
            .replace("${OPENAI_API_KEY}", "${SET}")
            .replace("${ACME_API_KEY}", "${SET}")
            .replace("${TEAM}", "${SET}");
        let shown = parsed(&text).unwrap();
        let default = parsed("").unwrap();
        assert_eq!(shown.listen, default.listen);
        assert_eq!(shown.max_body_bytes, default.max_body_bytes);
        assert_eq!(shown.body_timeout, default.body_timeout);
        assert_eq!(shown.max_connections, default.max_connections);
        assert_eq!(shown.keep_alive, default.keep_alive);
        assert_eq!(shown.shutdown_grace, default.shutdown_grace);
        assert_eq!(
            format!("{:?}", shown.upstream),
            format!("{:?}", default.upstream)
        );
        assert_eq!(shown.storage.sync_interval, default.storage.sync_interval);
        assert_eq!(shown.disabled, ["groq"]);
        assert_eq!(shown.api_keys.len(), 2);
        let nobody = |_: &str| None;
        crate::assemble::Ground::lay(&shown, &nobody).expect("it fits the catalogue");
    }

    #[test]
    fn the_example_shows_every_field() {
        let sections = [
            ("[server]", "[server]\nno_such_field = 1"),
            ("[storage]", "[storage]\nno_such_field = 1"),
            ("a provider", "[providers.a]\nno_such_field = 1"),
            ("a model", "[[providers.a.models]]\nno_such_field = 1"),
        ];
        let example = uncommented();
        for (section, text) in sections {
            let error = parsed(text).expect_err(section).to_string();
            let (_, known) = error.split_once("expected one of ").unwrap_or_else(|| {
                let (_, pair) = error.split_once("expected ").expect(&error);
                ("", pair)
            });
            let fields: Vec<&str> = known.split('`').skip(1).step_by(2).collect();
            assert!(fields.len() > 1, "{error}");
            for field in fields {
                let shown = example.lines().any(|line| {
                    line.starts_with(&format!("{field} = "))
                        || line == format!("[[providers.acme.{field}]]")
                });
                assert!(shown, "the example does not show {field} of {section}");
            }
        }
    }
}
