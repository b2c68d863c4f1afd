//! Live performance: roll-ups of recorded traffic, put together by whatever is asked for.

pub(crate) mod lately;

use crate::state::Gateway;
use domain::catalog::{Catalog, Model};
use domain::performance::{Figures, Window};
use std::collections::BTreeMap;
use std::ops::Range;
use store::StoreError;
use store::records::{RollupFilter, RollupRow, RollupScope};

/// What figures are grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Group {
    /// All together: what clients saw.
    All,
    /// By model: what clients saw.
    Model,
    /// By provider: what it did.
    Provider,
    /// By provider and its own name of the model: what it did.
    Offering,
}

/// Of what, and when.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// What to group by.
    pub(crate) by: Group,
    /// Only this model (`author/slug`); of calls, its offerings.
    pub(crate) model: Option<String>,
    /// Only this provider.
    pub(crate) provider: Option<String>,
    /// Hours since 1970, the last one excluded.
    pub(crate) hours: Range<i64>,
    /// How many hours make a point of a series; no series where `None`.
    pub(crate) step: Option<i64>,
}

/// Whose figures they are; what it was not grouped by is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Name {
    /// Model id; of calls that of the model in the catalogue which the provider's name means.
    pub(crate) model: String,
    /// Provider id.
    pub(crate) provider: String,
    /// The provider's own name of the model.
    pub(crate) wire_id: String,
}

/// The figures of one group.
#[derive(Clone, Debug)]
pub(crate) struct Measured {
    /// Whose they are.
    pub(crate) name: Name,
    /// Over all the time.
    pub(crate) figures: Figures,
    /// In each step that has traffic: its begin, in hours since 1970, and the figures.
    pub(crate) series: Vec<(i64, Figures)>,
}

#[derive(Default)]
struct Gathered {
    all: Window,
    steps: BTreeMap<i64, Window>,
}

/// The figures of every group that has traffic, those with the most first.
///
/// # Errors
/// Where the records cannot be read.
pub(crate) async fn measured(
    gateway: &Gateway,
    asked: &Asked,
) -> Result<Vec<Measured>, StoreError> {
    let live = gateway.live.load_full();
    let catalog = &live.snapshot.catalog;
    gateway.store.flush().await?;
    let mut groups: BTreeMap<Name, Gathered> = BTreeMap::new();
    for filter in filters(catalog, asked) {
        let mut add = |row: RollupRow| {
            let gathered = groups.entry(name(asked.by, &row)).or_default();
            gathered.all.add(row.hour, &row.rollup);
            if let Some(step) = asked.step {
                let at = row.hour.div_euclid(step) * step;
                let window = gathered.steps.entry(at).or_default();
                window.add(row.hour, &row.rollup);
            }
        };
        gateway.store.each_rollup(&filter, &mut add).await?;
    }
    let mut all: Vec<Measured> = groups
        .into_iter()
        .map(|(name, gathered)| Measured {
            name: with_model(catalog, name),
            figures: gathered.all.figures(),
            series: gathered
                .steps
                .into_iter()
                .map(|(at, window)| (at, window.figures()))
                .collect(),
        })
        .collect();
    all.sort_by_key(|one| std::cmp::Reverse(one.figures.counts.requests));
    Ok(all)
}

/// One look into the roll-ups for exchanges; for calls to a model, one for each name that a provider has for it.
fn filters(catalog: &Catalog, asked: &Asked) -> Vec<RollupFilter> {
    let filter = |scope, model, provider| RollupFilter {
        scope,
        model,
        provider,
        hours: asked.hours.clone(),
        detail: true,
    };
    match (asked.by, &asked.model) {
        (Group::All | Group::Model, model) => {
            vec![filter(
                RollupScope::Exchanges,
                model.clone(),
                asked.provider.clone(),
            )]
        }
        (Group::Provider | Group::Offering, None) => {
            vec![filter(RollupScope::Calls, None, asked.provider.clone())]
        }
        (Group::Provider | Group::Offering, Some(id)) => {
            let model = catalog
                .resolve(id)
                .ok()
                .map(|found| catalog.model(found.model));
            let names = model
                .into_iter()
                .flat_map(|model| wire_names(catalog, model));
            names
                .filter(|(provider, _)| {
                    let only = asked.provider.as_deref();
                    only.is_none_or(|only| only == *provider)
                })
                .map(|(provider, wire_id)| {
                    let (wire_id, provider) = (wire_id.to_owned(), provider.to_owned());
                    filter(RollupScope::Calls, Some(wire_id), Some(provider))
                })
                .collect()
        }
    }
}

/// Provider and its own name, for every offering of a model.
fn wire_names<'c>(
    catalog: &'c Catalog,
    model: &'c Model,
) -> impl Iterator<Item = (&'c str, &'c str)> {
    model.offerings.iter().map(|idx| {
        let offering = catalog.offering(*idx);
        let provider = catalog.provider(offering.provider);
        (provider.id.as_str(), offering.wire_id.as_str())
    })
}

fn name(by: Group, row: &RollupRow) -> Name {
    match by {
        Group::All => Name::default(),
        Group::Model => Name {
            model: row.model.clone(),
            ..Name::default()
        },
        Group::Provider => Name {
            provider: row.provider.clone(),
            ..Name::default()
        },
        Group::Offering => Name {
            provider: row.provider.clone(),
            wire_id: row.model.clone(),
            ..Name::default()
        },
    }
}

fn with_model(catalog: &Catalog, mut name: Name) -> Name {
    if !name.wire_id.is_empty() {
        let full = format!("{}/{}", name.provider, name.wire_id);
        if let Ok(found) = catalog.resolve(&full) {
            name.model.clone_from(&catalog.model(found.model).id);
        }
    }
    name
}
