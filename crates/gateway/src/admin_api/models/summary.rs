//! A model in a list: what it is found, filtered and sorted by. Small, since there are thousands.

use crate::admin_api::words::{CapabilityWord, LifecycleWord, ModalityWord};
use crate::state::Live;
use domain::catalog::{Capability, Catalog, Lifecycle, Modality, Model, OfferingIdx};
use protocol::dialect::Operation;
use serde::Serialize;
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// A model in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ModelSummary {
    /// `author/slug`
    pub(crate) id: String,
    /// For people.
    name: String,
    /// Who made it.
    author: String,
    /// Other names that mean it.
    aliases: Vec<String>,
    /// When it came out: a day.
    #[schema(required)]
    released: Option<String>,
    /// Whether it can be called now: a provider of it is enabled.
    pub(crate) callable: bool,
    /// Whether every provider has ended it or names the day.
    deprecated: bool,
    /// Whether it is served, by the days on which providers end it: as the best of its offerings.
    status: LifecycleWord,
    /// What it can be asked to do through this gateway: `chat`, `embed`; empty where nothing yet.
    operations: Vec<&'static str>,
    /// What it can do at one provider at least.
    capabilities: Vec<CapabilityWord>,
    /// What may go in.
    input: Vec<ModalityWord>,
    /// What may come out.
    output: Vec<ModalityWord>,
    /// The most tokens of input and output together.
    #[schema(required)]
    context: Option<u64>,
    /// The most tokens of output.
    #[schema(required)]
    max_output: Option<u64>,
    /// The lowest list price by the token that is not nothing, or nothing where every provider gives it for that; null
    /// where none is known, or where it is sold by the piece.
    #[schema(required)]
    price: Option<LowestPrice>,
    /// Who gives it for nothing, by id; beside a price these are mostly limited trials.
    free_at: Vec<String>,
    /// Who serves it, by id.
    providers: Vec<String>,
    /// Whether its weights can be had; null where unknown.
    #[schema(required)]
    open_weights: Option<bool>,
    /// Its score for intelligence, in percent; the model's own page has its source.
    #[schema(required)]
    intelligence: Option<f64>,
}

/// The prices of the offering that is cheapest for three tokens in and one out, of those that cost something.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LowestPrice {
    /// USD per million tokens, as decimal text.
    input: String,
    /// USD per million tokens, as decimal text.
    output: String,
    /// Whose price that is: a provider's id.
    provider: String,
}

/// A model as it is now.
pub(crate) fn summary(live: &Live, model: &Model, now_ms: i64) -> ModelSummary {
    let catalog = &live.snapshot.catalog;
    let offerings = || model.offerings.iter().map(|idx| catalog.offering(*idx));
    let price = catalog
        .cheapest(model, now_ms)
        .map(|(idx, rates)| LowestPrice {
            input: rates.input.to_string(),
            output: rates.output.to_string(),
            provider: catalog.provider(catalog.offering(idx).provider).id.clone(),
        });
    let providers = provider_ids(catalog, model.offerings.iter().copied());
    let free_at = provider_ids(catalog, catalog.free(model, now_ms));
    let operation = |operation: &Operation| offerings().any(|one| one.can_be_asked_to(*operation));
    let scores = &model.facts.scores;
    let intelligence = scores.iter().find(|score| score.of == "intelligence");
    ModelSummary {
        id: model.id.clone(),
        name: model.name.clone(),
        author: model.author.clone(),
        aliases: model.aliases.clone(),
        released: model.released.map(|date| date.to_string()),
        callable: offerings().any(|one| {
            let mut does = one.operations.iter();
            live.usable(one.provider) && does.any(|operation| one.can_be_asked_to(*operation))
        }),
        deprecated: offerings().all(|offering| offering.facts.deprecated.is_some()),
        status: Lifecycle::of(offerings(), now_ms).into(),
        operations: [Operation::Chat, Operation::Embed]
            .iter()
            .filter(|one| operation(one))
            .map(|one| one.as_str())
            .collect(),
        capabilities: capabilities(offerings().filter_map(|one| one.capabilities)),
        input: modalities(offerings().flat_map(|one| &one.input)),
        output: modalities(offerings().flat_map(|one| &one.output)),
        context: offerings().filter_map(|one| one.context).max(),
        max_output: offerings().filter_map(|one| one.max_output).max(),
        price,
        free_at,
        providers,
        open_weights: model.facts.open_weights,
        intelligence: intelligence.and_then(|score| score.percent.parse().ok()),
    }
}

/// Whose offerings these are, each once.
fn provider_ids(catalog: &Catalog, offerings: impl Iterator<Item = OfferingIdx>) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    for idx in offerings {
        let id = &catalog.provider(catalog.offering(idx).provider).id;
        if !ids.contains(id) {
            ids.push(id.clone());
        }
    }
    ids
}

/// All that one of these sets has, in the catalogue's order.
pub(super) fn capabilities(
    sets: impl Iterator<Item = domain::catalog::Capabilities>,
) -> Vec<CapabilityWord> {
    let all: domain::catalog::Capabilities = sets.flat_map(|set| set.iter()).collect();
    let in_order = Capability::ALL.into_iter().filter(|one| all.has(*one));
    in_order.map(CapabilityWord::from).collect()
}

/// All that are named, each once, in the catalogue's order.
pub(super) fn modalities<'m>(named: impl Iterator<Item = &'m Modality>) -> Vec<ModalityWord> {
    let named: BTreeSet<&str> = named.map(|one| one.as_str()).collect();
    let in_order = Modality::ALL
        .into_iter()
        .filter(|one| named.contains(one.as_str()));
    in_order.map(ModalityWord::from).collect()
}
