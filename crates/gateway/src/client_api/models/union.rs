//! A model in the fields of all the ecosystems that read `/v1/models` without a header of their own: OpenAI's,
//! OpenRouter's and Vercel's, and what else we know.

use super::prices::Prices;
use super::shown::Shown;
use domain::catalog::{Capability, Offering};
use serde::Serialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// <https://platform.openai.com/docs/api-reference/models/object>; the package `openrouter` 1.3.84, `Model`, which reads
/// no list where a field that it does not call optional is absent; <https://vercel.com/docs/ai-gateway/sdks-and-apis/rest-api>
/// (2026-11).
#[derive(Serialize)]
pub(super) struct Entry<'a> {
    id: &'a str,
    canonical_slug: &'a str,
    object: &'static str,
    created: i64,
    owned_by: &'a str,
    name: &'a str,
    description: &'a str,
    context_length: Option<u64>,
    architecture: Architecture<'a>,
    pricing: Prices,
    top_provider: TopProvider,
    per_request_limits: (),
    supported_parameters: Vec<&'a str>,
    default_parameters: Option<BTreeMap<&'a str, &'a RawValue>>,
    supported_voices: (),
    hugging_face_id: (),
    knowledge_cutoff: Option<&'a str>,
    expiration_date: Option<String>,
    /// `active`, `deprecated`, `retired`.
    status: &'static str,
    links: Links,
    #[serde(skip_serializing_if = "Option::is_none")]
    benchmarks: Option<Benchmarks<'a>>,
    released: i64,
    context_window: Option<u64>,
    max_tokens: Option<u64>,
    r#type: Option<&'static str>,
    tags: Vec<&'static str>,
    max_output_tokens: Option<u64>,
    capabilities: Vec<&'static str>,
    providers: Vec<&'a str>,
    open_weights: Option<bool>,
    replaced_by: Option<&'a str>,
}

#[derive(Serialize)]
pub(super) struct Architecture<'a> {
    modality: Option<String>,
    input_modalities: Vec<&'static str>,
    output_modalities: Vec<&'static str>,
    tokenizer: Option<&'a str>,
    instruct_type: (),
}

#[derive(Serialize)]
struct TopProvider {
    context_length: Option<u64>,
    max_completion_tokens: Option<u64>,
    /// The schema has no word for not known.
    is_moderated: bool,
}

#[derive(Serialize)]
struct Links {
    details: String,
}

#[derive(Serialize)]
struct Benchmarks<'a> {
    design_arena: [(); 0],
    artificial_analysis: Indices<'a>,
}

#[derive(Serialize)]
struct Indices<'a> {
    agentic_index: Option<&'a RawValue>,
    coding_index: Option<&'a RawValue>,
    intelligence_index: Option<&'a RawValue>,
}

/// The model.
pub(super) fn entry<'a>(shown: &Shown<'a>) -> Entry<'a> {
    let (model, facts) = (shown.model, &shown.model.facts);
    let first = shown.first();
    Entry {
        id: &model.id,
        canonical_slug: &model.id,
        object: "model",
        created: shown.released_s(),
        owned_by: &model.author,
        name: &model.name,
        description: &facts.description,
        context_length: shown.context(),
        architecture: architecture(shown),
        pricing: Prices::of(shown.sale()),
        top_provider: TopProvider {
            context_length: first.and_then(|offering| offering.context),
            max_completion_tokens: first.and_then(|offering| offering.max_output),
            is_moderated: first.is_some_and(|offering| offering.facts.moderated == Some(true)),
        },
        per_request_limits: (),
        supported_parameters: shown.parameters(),
        default_parameters: first.and_then(defaults),
        supported_voices: (),
        hugging_face_id: (),
        knowledge_cutoff: facts.knowledge.as_deref(),
        expiration_date: shown.ends().map(|date| date.to_string()),
        status: shown.lifecycle().as_str(),
        links: Links {
            details: format!("/api/v1/models/{}/endpoints", model.id),
        },
        benchmarks: benchmarks(shown),
        released: shown.released_s(),
        context_window: shown.context(),
        max_tokens: shown.max_output(),
        r#type: shown.kind(),
        tags: (TAGS.iter().filter(|(one, _)| shown.can(*one)))
            .map(|(_, tag)| *tag)
            .collect(),
        max_output_tokens: shown.max_output(),
        capabilities: (Capability::ALL.iter())
            .filter(|one| shown.can(**one))
            .map(|one| one.as_str())
            .collect(),
        providers: shown.providers(),
        open_weights: facts.open_weights,
        replaced_by: facts.replaced_by.as_deref(),
    }
}

pub(super) fn architecture<'a>(shown: &Shown<'a>) -> Architecture<'a> {
    let (inputs, outputs) = (shown.inputs(), shown.outputs());
    let known = !inputs.is_empty() && !outputs.is_empty();
    let tokenizer = shown.model.facts.tokenizer.as_deref();
    Architecture {
        modality: known.then(|| format!("{}->{}", inputs.join("+"), outputs.join("+"))),
        input_modalities: inputs,
        output_modalities: outputs,
        tokenizer: tokenizer.map(family),
        instruct_type: (),
    }
}

/// OpenRouter's name for a family of tokenizers; one without a name there keeps its own.
pub(super) fn family(tokenizer: &str) -> &str {
    match tokenizer {
        "cl100k_base" | "o200k_base" | "o200k_harmony" | "p50k_base" => "GPT",
        own => own,
    }
}

/// What its parameters are where a request says nothing, as far as those are numbers.
fn defaults(offering: &Offering) -> Option<BTreeMap<&str, &RawValue>> {
    let known = offering.facts.parameters.iter().filter_map(|it| {
        let default = it.default.as_deref()?;
        Some((it.name.as_str(), number(default)?))
    });
    let known: BTreeMap<_, _> = known.collect();
    (!known.is_empty()).then_some(known)
}

/// Decimal text as a JSON number, digit for digit.
fn number(text: &str) -> Option<&RawValue> {
    text.parse::<f64>().ok()?;
    serde_json::from_str(text).ok()
}

fn benchmarks<'a>(shown: &Shown<'a>) -> Option<Benchmarks<'a>> {
    let score = |of: &str| {
        let scores = shown.model.facts.scores.iter();
        let mut of_theirs =
            scores.filter(|it| it.of == of && it.by.contains("Artificial Analysis"));
        of_theirs.next().and_then(|it| number(&it.percent))
    };
    let indices = Indices {
        agentic_index: score("agentic"),
        coding_index: score("coding"),
        intelligence_index: score("intelligence"),
    };
    let known = [
        indices.agentic_index,
        indices.coding_index,
        indices.intelligence_index,
    ];
    known.iter().any(Option::is_some).then_some(Benchmarks {
        design_arena: [],
        artificial_analysis: indices,
    })
}

/// Vercel's words for what a model can do.
pub(super) const TAGS: [(Capability, &str); 6] = [
    (Capability::Files, "file-input"),
    (Capability::Tools, "tool-use"),
    (Capability::Reasoning, "reasoning"),
    (Capability::Vision, "vision"),
    (Capability::WebSearch, "web-search"),
    (Capability::ImageOutput, "image-generation"),
];
