//! A model as the AI SDK's `getAvailableModels` reads it: prices are decimal texts, in USD per token, and one that is not
//! fails the whole list. the package `@ai-sdk/gateway` 4.0.146, <https://ai-sdk.dev/providers/ai-sdk-providers/ai-gateway> (2026-11),
//! `gatewayAvailableModelsResponseSchema`.

use super::{enabled, standard_rates};
use crate::call::Call;
use domain::catalog::ModelIdx;
use protocol::dialect::Operation;
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct Entry<'a> {
    id: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pricing: Option<Pricing>,
    specification: Specification<'a>,
    #[serde(rename = "modelType")]
    model_type: &'static str,
}

#[derive(Serialize)]
struct Pricing {
    input: String,
    output: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    input_cache_read: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    input_cache_write: Option<String>,
}

#[derive(Serialize)]
struct Specification<'a> {
    #[serde(rename = "specificationVersion")]
    version: &'static str,
    provider: &'a str,
    #[serde(rename = "modelId")]
    model_id: &'a str,
}

/// The model, if it answers in a conversation: this client has no door for others yet.
pub(super) fn entry(call: &Call, idx: ModelIdx) -> Option<Entry<'_>> {
    let catalog = &call.live.snapshot.catalog;
    let model = catalog.model(idx);
    let mut offerings = model.offerings.iter().map(|idx| catalog.offering(*idx));
    if !offerings.any(|offering| offering.operations.contains(&Operation::Chat)) {
        return None;
    }
    let rates = enabled(call, model)
        .next()
        .and_then(|first| standard_rates(call, first));
    Some(Entry {
        id: &model.id,
        name: &model.name,
        pricing: rates.map(|rates| Pricing {
            input: rates.input.of(1).to_string(),
            output: rates.output.of(1).to_string(),
            input_cache_read: rates.cache_read.map(|rate| rate.of(1).to_string()),
            input_cache_write: rates.cache_write.map(|rate| rate.of(1).to_string()),
        }),
        specification: Specification {
            version: "v4",
            provider: &model.author,
            model_id: &model.id,
        },
        model_type: "language",
    })
}
