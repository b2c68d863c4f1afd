//! A model as the AI SDK's `getAvailableModels` reads it: prices are decimal texts, in USD per token, and one that is not
//! fails the whole list. The package `@ai-sdk/gateway` 4.0.146,
//! <https://ai-sdk.dev/providers/ai-sdk-providers/ai-gateway> (2026-11), `gatewayAvailableModelsResponseSchema`.

use super::prices::per_token;
use super::shown::Shown;
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct Entry<'a> {
    id: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'a str,
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

/// The model, if the client has a word for what it does: rows of other types it drops without a word.
pub(super) fn entry<'a>(shown: &Shown<'a>) -> Option<Entry<'a>> {
    let model_type = shown.kind()?;
    let rates = shown.sale().rates();
    Some(Entry {
        id: &shown.model.id,
        name: &shown.model.name,
        description: &shown.model.facts.description,
        pricing: rates.map(|rates| Pricing {
            input: per_token(rates.input),
            output: per_token(rates.output),
            input_cache_read: rates.cache_read.map(per_token),
            input_cache_write: rates.cache_write.map(per_token),
        }),
        specification: Specification {
            version: "v4",
            provider: &shown.model.author,
            model_id: &shown.model.id,
        },
        model_type,
    })
}
