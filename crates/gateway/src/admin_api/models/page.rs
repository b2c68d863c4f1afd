//! Everything that is known of one model: what its page in the console shows.

use super::offering::{OfferingView, known, offering};
use super::summary::{ModelSummary, summary};
use crate::admin_api::words::CapabilityWord;
use crate::doors::{Answer, DOORS, Door, Said};
use crate::state::Live;
use domain::catalog::{Model, ModelIdx, Offering, Similar};
use protocol::dialect::DialectId;
use serde::Serialize;
use utoipa::ToSchema;

/// How many models are called similar.
const SIMILAR: usize = 6;
/// How many models of the same author are listed.
const BY_AUTHOR: usize = 12;

/// Everything that is known of one model.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ModelPage {
    /// What lists have of it.
    model: ModelSummary,
    /// One line of facts.
    #[schema(required)]
    description: Option<String>,
    /// The month or day that its knowledge ends with (`2023-10`).
    #[schema(required)]
    knowledge: Option<String>,
    /// The family of its tokenizer.
    #[schema(required)]
    tokenizer: Option<String>,
    /// The id of the model that its author names as successor.
    #[schema(required)]
    replaced_by: Option<String>,
    /// Public measures of its quality.
    scores: Vec<ScoreView>,
    /// Who serves it: the callable ones first, then by price.
    offerings: Vec<OfferingView>,
    /// Request parameters, those that every provider takes first.
    parameters: Vec<ParameterView>,
    /// Where clients may ask it: one door for each dialect, operation and way of streaming.
    doors: Vec<DoorView>,
    /// The author's newest other models.
    by_author: Vec<ModelSummary>,
    /// Models that may stand in for it, the nearest first.
    similar: Vec<SimilarView>,
}

/// A public measure of a model's quality.
#[derive(Debug, Serialize, ToSchema)]
struct ScoreView {
    /// `intelligence`, `coding`
    of: String,
    /// In percent.
    percent: String,
    /// Who measured.
    by: String,
    /// The page that shows it.
    source: String,
    /// The day on which it was read.
    date: String,
}

/// A request parameter.
#[derive(Debug, Serialize, ToSchema)]
struct ParameterView {
    /// OpenAI's name for it.
    name: String,
    /// Whether every provider whose parameters are known takes it.
    always: bool,
    /// Who takes it, by id.
    providers: Vec<String>,
    /// What it is where a request says nothing, if all that say so agree.
    #[schema(required)]
    default: Option<String>,
}

/// Where clients may ask a model.
#[derive(Debug, Serialize, ToSchema)]
struct DoorView {
    /// HTTP method.
    method: String,
    /// Path; `{model}` stands for the model's id.
    path: &'static str,
    /// What clients speak there: `openai_chat`, `anthropic` …
    dialect: &'static str,
    /// `chat`, `embed`
    operation: &'static str,
    /// Whether a provider is asked in the same dialect, so that nothing is translated.
    native: bool,
}

/// A model that may stand in for another: it does the same operations and gives the same kinds of content. The nearest
/// come first: two steps for each of tools, structured output, images, audio, reasoning and prompt caching that only one
/// of them can, one step for twice the price, half a step for twice the context.
#[derive(Debug, Serialize, ToSchema)]
struct SimilarView {
    /// It.
    model: ModelSummary,
    /// What only one of the two can do.
    differs: Vec<CapabilityWord>,
    /// Its price over the other's, for three tokens in and one out; null where one of them is free.
    #[schema(required)]
    price_ratio: Option<f64>,
    /// Its context over the other's; null where one of them is unknown.
    #[schema(required)]
    context_ratio: Option<f64>,
}

/// A model's page as of a moment, in milliseconds since 1970.
pub(super) fn page(live: &Live, idx: ModelIdx, now_ms: i64) -> ModelPage {
    let catalog = &live.snapshot.catalog;
    let model = catalog.model(idx);
    let facts = &model.facts;
    let similar = catalog.similar(idx, now_ms, SIMILAR);
    ModelPage {
        model: summary(live, model, now_ms),
        description: known(&facts.description),
        knowledge: facts.knowledge.clone(),
        tokenizer: facts.tokenizer.clone(),
        replaced_by: facts.replaced_by.clone(),
        scores: scores(model),
        offerings: offerings(live, model, now_ms),
        parameters: parameters(live, model),
        doors: doors(live, model),
        by_author: by_author(live, idx, now_ms),
        similar: similar
            .into_iter()
            .map(|one| similar_view(live, one, now_ms))
            .collect(),
    }
}

fn scores(model: &Model) -> Vec<ScoreView> {
    let scores = model.facts.scores.iter();
    scores
        .map(|score| ScoreView {
            of: score.of.clone(),
            percent: score.percent.clone(),
            by: score.by.clone(),
            source: score.source.clone(),
            date: score.date.to_string(),
        })
        .collect()
}

fn offerings(live: &Live, model: &Model, now_ms: i64) -> Vec<OfferingView> {
    let catalog = &live.snapshot.catalog;
    let mut all = model.offerings.clone();
    all.sort_by_key(|idx| {
        let offering = catalog.offering(*idx);
        let price = offering.price.as_ref();
        let rates = price.and_then(|price| price.rates(0, now_ms, Default::default()));
        // Stable: what costs the same stays in the catalogue's order.
        let cost = rates.map_or(i64::MAX, |rates| {
            let input = rates.input.pico_per_token().saturating_mul(3);
            input.saturating_add(rates.output.pico_per_token())
        });
        (!live.usable(offering.provider), cost)
    });
    all.into_iter()
        .map(|idx| offering(live, idx, now_ms))
        .collect()
}

/// Offerings whose parameters nobody has listed say nothing about any of them.
fn parameters(live: &Live, model: &Model) -> Vec<ParameterView> {
    let catalog = &live.snapshot.catalog;
    let known: Vec<&Offering> = model
        .offerings
        .iter()
        .map(|idx| catalog.offering(*idx))
        .filter(|offering| !offering.facts.parameters.is_empty())
        .collect();
    let named = known.iter().flat_map(|offering| &offering.facts.parameters);
    let names: std::collections::BTreeSet<&str> = named.map(|one| one.name.as_str()).collect();
    let mut all: Vec<ParameterView> = names
        .into_iter()
        .map(|name| parameter(live, name, &known))
        .collect();
    all.sort_by_key(|one| (!one.always, one.name.clone()));
    all
}

fn parameter(live: &Live, name: &str, known: &[&Offering]) -> ParameterView {
    let mut providers: Vec<String> = Vec::new();
    let mut defaults: Vec<&str> = Vec::new();
    let mut takers = 0;
    for offering in known {
        let parameters = &offering.facts.parameters;
        if let Some(parameter) = parameters.iter().find(|one| one.name == name) {
            takers += 1;
            defaults.extend(parameter.default.as_deref());
            let id = &live.snapshot.catalog.provider(offering.provider).id;
            if !providers.contains(id) {
                providers.push(id.clone());
            }
        }
    }
    defaults.dedup();
    ParameterView {
        name: name.to_owned(),
        always: takers == known.len(),
        providers,
        default: match defaults.as_slice() {
            [only] => Some((*only).to_owned()),
            _ => None,
        },
    }
}

/// Every door reaches every model that does its operation. Of several paths for the same thing the first is shown, which
/// is the one that clients use unless told otherwise.
fn doors(live: &Live, model: &Model) -> Vec<DoorView> {
    let catalog = &live.snapshot.catalog;
    let offerings = || model.offerings.iter().map(|idx| catalog.offering(*idx));
    let mut seen: Vec<(DialectId, &'static str, Said)> = Vec::new();
    let mut views = Vec::new();
    for door in DOORS {
        let Door {
            answer: Answer::Exchange(operation),
            dialect,
            said,
            ..
        } = door
        else {
            continue;
        };
        let kind = (dialect.id, operation.as_str(), *said);
        if seen.contains(&kind) || !offerings().any(|one| one.operations.contains(operation)) {
            continue;
        }
        seen.push(kind);
        views.push(DoorView {
            method: door.method.to_string(),
            path: door.path,
            dialect: dialect.id.as_str(),
            operation: operation.as_str(),
            native: offerings().any(|one| one.dialects.contains(&dialect.id)),
        });
    }
    views
}

fn by_author(live: &Live, idx: ModelIdx, now_ms: i64) -> Vec<ModelSummary> {
    let catalog = &live.snapshot.catalog;
    let author = &catalog.model(idx).author;
    let mut others: Vec<&Model> = catalog
        .models()
        .filter(|(other, model)| *other != idx && model.author == *author)
        .map(|(_, model)| model)
        .collect();
    others.sort_by(|a, b| b.released.cmp(&a.released).then_with(|| a.id.cmp(&b.id)));
    others
        .into_iter()
        .take(BY_AUTHOR)
        .map(|model| summary(live, model, now_ms))
        .collect()
}

fn similar_view(live: &Live, similar: Similar, now_ms: i64) -> SimilarView {
    let model = live.snapshot.catalog.model(similar.model);
    SimilarView {
        model: summary(live, model, now_ms),
        differs: similar
            .differs
            .into_iter()
            .map(CapabilityWord::from)
            .collect(),
        price_ratio: similar.price_ratio,
        context_ratio: similar.context_ratio,
    }
}
