//! `/v1/providers`: who serves models, as OpenRouter's clients read it. What is unknown is `null`.

use super::shown::{Extent, Scope};
use domain::catalog::Provider;
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct Providers<'a> {
    data: Vec<Entry<'a>>,
}

/// The package `openrouter` 1.3.84 (2026-11), `ListProvidersData`; then what else we know.
#[derive(Serialize)]
struct Entry<'a> {
    name: &'a str,
    slug: &'a str,
    privacy_policy_url: Option<&'a str>,
    terms_of_service_url: Option<&'a str>,
    status_page_url: Option<&'a str>,
    /// An ISO 3166 country code.
    headquarters: Option<&'a str>,
    datacenters: Option<&'a [String]>,
    docs_url: Option<&'a str>,
    pricing_url: Option<&'a str>,
    aliases: &'a [String],
    available: bool,
}

/// Those that can be called, or all.
pub(super) fn of<'a>(scope: &Scope<'a>) -> Providers<'a> {
    let all = scope.catalog().providers();
    let shown = all.filter_map(|(idx, provider)| {
        let available = scope.live.usable(idx);
        (available || scope.extent == Extent::Everything).then(|| entry(provider, available))
    });
    Providers {
        data: shown.collect(),
    }
}

fn entry(provider: &Provider, available: bool) -> Entry<'_> {
    let regions = provider.facts.regions.as_slice();
    Entry {
        name: &provider.name,
        slug: &provider.id,
        privacy_policy_url: known(&provider.links.privacy),
        terms_of_service_url: known(&provider.links.terms),
        status_page_url: known(&provider.links.status),
        headquarters: known(&provider.facts.headquarters),
        datacenters: (!regions.is_empty()).then_some(regions),
        docs_url: known(&provider.links.docs),
        pricing_url: known(&provider.links.pricing),
        aliases: &provider.aliases,
        available,
    }
}

fn known(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}
