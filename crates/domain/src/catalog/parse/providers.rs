//! What `catalog/providers/<id>.toml` means.

use super::models::data_terms;
use super::{Wrong, words};
use crate::catalog::{Auth, DataTerms, Endpoint, Links, Provider, ProviderFacts, Quirk, Transport};
use listing::{AuthFile, MediumFile, ProviderFile, QuirkKind, TransportFile};
use protocol::dialect::Fetches;

/// One provider.
///
/// # Errors
/// Says which word is wrong, and what is allowed.
pub(super) fn read(id: &str, said: &ProviderFile) -> Result<Provider, Wrong> {
    check_overrides(id, said)?;
    let mut aliases = said.aliases.clone();
    for own in said.known_as.values().flatten() {
        if own != id && !aliases.contains(own) {
            aliases.push(own.clone());
        }
    }
    Ok(Provider {
        id: id.to_owned(),
        endpoints: endpoints(id, said)?,
        name: said.name.clone(),
        aliases,
        env: said.env.clone(),
        base_url_env: said.base_url_env.clone(),
        transport: match said.transport {
            TransportFile::Http => Transport::Http,
            TransportFile::Simulator => Transport::Simulator,
        },
        headers: said
            .headers
            .iter()
            .map(|(name, value)| (name.to_ascii_lowercase(), value.clone()))
            .collect(),
        facts: ProviderFacts {
            known_as: said.known_as.clone(),
            headquarters: said.headquarters.clone().unwrap_or_default(),
            regions: said.regions.clone(),
            data: match &said.data {
                None => DataTerms::default(),
                Some(data) => data_terms(data)
                    .map_err(|(word, message)| Wrong::provider(id, word, message))?,
            },
        },
        links: Links {
            docs: said.links.docs.clone(),
            pricing: said.links.pricing.clone(),
            terms: said.links.terms.clone(),
            privacy: said.links.privacy.clone(),
            status: said.links.status.clone(),
        },
        evidence: said.evidence.clone(),
    })
}

/// What is said of one dialect must be of one that is spoken; a quirk must have a source.
fn check_overrides(id: &str, said: &ProviderFile) -> Result<(), Wrong> {
    let spoken: Vec<&str> = said.speaks.iter().map(String::as_str).collect();
    let quirked = said
        .quirks
        .iter()
        .filter_map(|quirk| quirk.dialect.as_ref());
    for dialect in said.dialects.keys().chain(quirked) {
        if !spoken.contains(&dialect.as_str()) {
            let message = words::unknown("dialect of this provider", dialect, &spoken);
            return Err(Wrong::provider(id, dialect.clone(), message));
        }
    }
    for quirk in &said.quirks {
        if !quirk.source.starts_with("https://") {
            let message = "a quirk needs the page that documents it as source".to_owned();
            return Err(Wrong::provider(id, quirk.source.clone(), message));
        }
    }
    Ok(())
}

fn endpoints(id: &str, said: &ProviderFile) -> Result<Vec<Endpoint>, Wrong> {
    let mut endpoints: Vec<Endpoint> = Vec::new();
    for word in &said.speaks {
        let wrong = |message| Wrong::provider(id, word.clone(), message);
        let dialect = words::dialect(word).map_err(wrong)?.id;
        if endpoints.iter().any(|known| known.dialect == dialect) {
            return Err(wrong(format!("'{dialect}' stands twice")));
        }
        let own = said.dialects.get(word);
        let url = own
            .and_then(|own| own.base_url.as_ref())
            .unwrap_or(&said.base_url);
        let auth = own.and_then(|own| own.auth.as_ref()).unwrap_or(&said.auth);
        endpoints.push(Endpoint {
            dialect,
            base_url: words::base_url(url)
                .map_err(|message| Wrong::provider(id, url.clone(), message))?,
            auth: auth_of(auth),
            quirks: quirks(said, word),
        });
    }
    if endpoints.is_empty() {
        let message = "speaks: at least one dialect is needed".to_owned();
        return Err(Wrong::provider(id, "speaks", message));
    }
    Ok(endpoints)
}

fn quirks(said: &ProviderFile, dialect: &str) -> Vec<Quirk> {
    said.quirks
        .iter()
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
            QuirkKind::HoldsThreads => Quirk::HoldsThreads,
        })
        .collect()
}

fn auth_of(said: &AuthFile) -> Auth {
    match said {
        AuthFile::Bearer => Auth::Bearer,
        AuthFile::Header(name) => Auth::Header(name.to_ascii_lowercase()),
        AuthFile::Aws { service, region } => Auth::Aws {
            service: service.clone(),
            region: region.clone(),
        },
        AuthFile::None => Auth::None,
    }
}
