//! The shape of `catalog/providers/<id>.toml`.

use super::{CatalogError, File, words};
use crate::catalog::{Auth, Endpoint, Links, Provider, Quirk, Transport};
use protocol::dialect::Fetches;
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProviderFile {
    name: String,
    #[serde(default)]
    aliases: Vec<String>,
    base_url: Spanned<String>,
    base_url_env: Option<String>,
    #[serde(default)]
    auth: AuthFile,
    #[serde(default)]
    env: Vec<String>,
    speaks: Vec<Spanned<String>>,
    /// What differs from the above in one dialect.
    #[serde(default)]
    dialects: BTreeMap<Spanned<String>, DialectFile>,
    #[serde(default)]
    transport: TransportFile,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    quirks: Vec<Spanned<QuirkFile>>,
    #[serde(default)]
    links: LinksFile,
    #[serde(default)]
    evidence: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DialectFile {
    base_url: Option<Spanned<String>>,
    auth: Option<AuthFile>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum AuthFile {
    #[default]
    Bearer,
    Header(String),
    None,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum TransportFile {
    #[default]
    Http,
    Simulator,
}

/// A quirk, in which dialect (all, where none is named), and where the provider documents it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct QuirkFile {
    is: QuirkKind,
    dialect: Option<String>,
    source: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum QuirkKind {
    Rename { from: String, to: String },
    Drop { field: String },
    ReasoningNotInOutput,
    Fetches(Vec<MediumFile>),
}

#[derive(Clone, Copy, Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
enum MediumFile {
    Image,
    File,
    Audio,
    Video,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct LinksFile {
    docs: String,
    pricing: String,
    terms: String,
    status: String,
}

pub(super) fn read(file: &File<'_>) -> Result<Provider, CatalogError> {
    let read: ProviderFile = file.read()?;
    check_overrides(file, &read)?;
    Ok(Provider {
        id: file.stem().to_owned(),
        endpoints: endpoints(file, &read)?,
        name: read.name,
        aliases: read.aliases,
        env: read.env,
        base_url_env: read.base_url_env,
        transport: match read.transport {
            TransportFile::Http => Transport::Http,
            TransportFile::Simulator => Transport::Simulator,
        },
        headers: read
            .headers
            .into_iter()
            .map(|(name, value)| (name.to_ascii_lowercase(), value))
            .collect(),
        links: Links {
            docs: read.links.docs,
            pricing: read.links.pricing,
            terms: read.links.terms,
            status: read.links.status,
        },
        evidence: read.evidence,
    })
}

/// What is said of one dialect must be of one that is spoken; a quirk must have a source.
fn check_overrides(file: &File<'_>, read: &ProviderFile) -> Result<(), CatalogError> {
    let spoken: Vec<&str> = read
        .speaks
        .iter()
        .map(|word| word.as_ref().as_str())
        .collect();
    for dialect in read.dialects.keys() {
        if !spoken.contains(&dialect.as_ref().as_str()) {
            let message = words::unknown("dialect of this provider", dialect.as_ref(), &spoken);
            return Err(file.error(dialect.span().start, message));
        }
    }
    for quirk in &read.quirks {
        let at = quirk.span().start;
        let QuirkFile {
            dialect, source, ..
        } = quirk.as_ref();
        if let Some(dialect) = dialect
            && !spoken.contains(&dialect.as_str())
        {
            let message = words::unknown("dialect of this provider", dialect, &spoken);
            return Err(file.error(at, message));
        }
        if !source.starts_with("https://") {
            return Err(file.error(at, "a quirk needs the page that documents it as source"));
        }
    }
    Ok(())
}

fn endpoints(file: &File<'_>, read: &ProviderFile) -> Result<Vec<Endpoint>, CatalogError> {
    let mut endpoints: Vec<Endpoint> = Vec::new();
    for word in &read.speaks {
        let at = word.span().start;
        let dialect = words::dialect(word.as_ref())
            .map_err(|message| file.error(at, message))?
            .id;
        if endpoints.iter().any(|known| known.dialect == dialect) {
            return Err(file.error(at, format!("'{dialect}' stands twice")));
        }
        let own = read
            .dialects
            .iter()
            .find(|(name, _)| name.as_ref() == word.as_ref())
            .map(|(_, own)| own);
        let url = own
            .and_then(|own| own.base_url.as_ref())
            .unwrap_or(&read.base_url);
        let auth = own.and_then(|own| own.auth.as_ref()).unwrap_or(&read.auth);
        endpoints.push(Endpoint {
            dialect,
            base_url: words::base_url(url.as_ref())
                .map_err(|message| file.error(url.span().start, message))?,
            auth: auth.clone().into(),
            quirks: quirks(read, word.as_ref()),
        });
    }
    if endpoints.is_empty() {
        return Err(file.error(0, "speaks: at least one dialect is needed"));
    }
    Ok(endpoints)
}

fn quirks(read: &ProviderFile, dialect: &str) -> Vec<Quirk> {
    read.quirks
        .iter()
        .map(Spanned::as_ref)
        .filter(|quirk| quirk.dialect.as_deref().is_none_or(|only| only == dialect))
        .map(|quirk| match &quirk.is {
            QuirkKind::Rename { from, to } => Quirk::Rename {
                from: from.clone(),
                to: to.clone(),
            },
            QuirkKind::Drop { field } => Quirk::Drop {
                field: field.clone(),
            },
            QuirkKind::ReasoningNotInOutput => Quirk::ReasoningNotInOutput,
            QuirkKind::Fetches(media) => Quirk::Fetches(Fetches {
                images: media.contains(&MediumFile::Image),
                files: media.contains(&MediumFile::File),
                audio: media.contains(&MediumFile::Audio),
                video: media.contains(&MediumFile::Video),
            }),
        })
        .collect()
}

impl From<AuthFile> for Auth {
    fn from(auth: AuthFile) -> Self {
        match auth {
            AuthFile::Bearer => Self::Bearer,
            AuthFile::Header(name) => Self::Header(name.to_ascii_lowercase()),
            AuthFile::None => Self::None,
        }
    }
}
