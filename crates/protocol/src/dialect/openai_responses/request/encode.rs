//! Encodes a whole request for a provider; its input and tools are written next door. The provider is told to keep
//! nothing (unless the client asked for that), so reasoning is asked for in a form that can be sent back.

use super::super::ID;
use super::decode::{ASKS_ENCRYPTED, ENCRYPTED, LOGPROBS, SAFETY};
use super::{encode_items, encode_tools};
use crate::dialect::Encoded;
use crate::dialect::openai_models::OpenAi;
use crate::dialect::openai_strict as strict;
use crate::dialect::openai_words as words;
use crate::dialect::write::{self, Object};
use crate::ir::{
    CacheMarker, Effort, Json, Loss, Malformed, OutputFormat, ReasoningRequest, ReasoningSummary,
    Request, Sampling,
};
use serde_json::Number;

/// The fewest output tokens that OpenAI lets one ask for.
/// <https://platform.openai.com/docs/api-reference/responses/create#responses-create-max_output_tokens>
const OUTPUT_MIN: u64 = 16;
/// Members of inner objects that the decoder keeps among the request's extras, each behind its prefix.
const REASONING: &str = "reasoning.";
const TEXT: &str = "text.";

/// Writes a request.
pub(in super::super) fn encode(request: &Request) -> Result<Encoded, Malformed> {
    let mut losses = Vec::new();
    let input = encode_items::write_all(&request.messages, &mut losses)?;
    let mut body = Vec::with_capacity(input.items.len() + 1024);
    write::object(&mut body, |o| {
        o.value("model", &request.model);
        o.some("instructions", input.instructions.as_ref());
        match &input.bare {
            Some(text) => o.value("input", text),
            None => o.written("input", &input.items),
        }
        encode_tools::write(o, request, &mut losses);
        text(o, request, &mut losses);
        limit(o, request.max_output_tokens, &mut losses);
        let (effort, taken) = OpenAi::told(request, &mut losses);
        sampling(o, &taken, &mut losses);
        reasoning(o, request, effort);
        include(o, request, input.has_reasoning);
        if request.stream {
            o.value("stream", &true);
        }
        labels(o, request, &mut losses);
        o.value("store", &request.store.unwrap_or(false));
        for key in ["truncation", "background", "stream_options"] {
            o.some(key, request.extra.noted(ID, key));
        }
        for (key, value) in request.extra.of(ID) {
            if !key.contains('.') && key != "include" {
                o.value(key, value);
            }
        }
    });
    marker_lost(request.cache.as_ref(), "", &mut losses);
    losses.extend(request.extra.lost_to(ID, ""));
    Ok(Encoded { body, losses })
}

/// Names a prompt-cache marker. This dialect caches by itself; its own markers are for some models only, and ride along.
pub(super) fn marker_lost(marker: Option<&CacheMarker>, path: &str, losses: &mut Vec<Loss>) {
    if marker.is_some() {
        losses.push(Loss::dropped(format!("{path}cache_control")));
    }
}

fn text(o: &mut Object<'_>, request: &Request, losses: &mut Vec<Loss>) {
    let mut own = request.extra.of(ID);
    let rides = own.any(|(key, _)| key.starts_with(TEXT));
    if request.output.is_none() && request.verbosity.is_none() && !rides {
        return;
    }
    o.object("text", |o| {
        if let Some(output) = &request.output {
            o.object("format", |o| format(o, output, losses));
        }
        o.some("verbosity", request.verbosity.as_ref());
        o.extra_under(&request.extra, ID, TEXT);
    });
}

fn format(o: &mut Object<'_>, output: &OutputFormat, losses: &mut Vec<Loss>) {
    match output {
        OutputFormat::Text => o.value("type", "text"),
        OutputFormat::JsonObject => o.value("type", "json_object"),
        OutputFormat::JsonSchema {
            name,
            description,
            schema,
            strict,
        } => {
            o.value("type", "json_schema");
            // A name is required here; other dialects have none.
            o.value("name", name.as_deref().unwrap_or("answer"));
            o.some("description", description.as_ref());
            o.value("schema", schema);
            let bends = *strict == Some(true) && !strict::takes(schema);
            if bends {
                losses.push(Loss::approximated("response_format.json_schema.strict"));
            }
            o.some("strict", strict.filter(|_| !bends));
        }
    }
}

fn limit(o: &mut Object<'_>, limit: Option<u64>, losses: &mut Vec<Loss>) {
    if limit.is_some_and(|limit| limit < OUTPUT_MIN) {
        losses.push(Loss::approximated("max_output_tokens"));
    }
    o.some("max_output_tokens", limit.map(|it| it.max(OUTPUT_MIN)));
}

fn sampling(o: &mut Object<'_>, sampling: &Sampling, losses: &mut Vec<Loss>) {
    o.some("temperature", sampling.temperature.as_ref());
    o.some("top_p", sampling.top_p.as_ref());
    o.some("top_logprobs", sampling.top_logprobs.as_ref());
    let not_zero = |n: &Number| n.as_f64() != Some(0.0);
    let said = [
        ("top_k", sampling.top_k.is_some()),
        (
            "frequency_penalty",
            sampling.frequency_penalty.as_ref().is_some_and(not_zero),
        ),
        (
            "presence_penalty",
            sampling.presence_penalty.as_ref().is_some_and(not_zero),
        ),
        ("seed", sampling.seed.is_some()),
        ("stop", !sampling.stop.is_empty()),
        ("n", sampling.n.is_some_and(|n| n > 1)),
        (
            "logit_bias",
            sampling
                .logit_bias
                .as_ref()
                .is_some_and(|bias| bias.get() != "{}"),
        ),
    ];
    let unsaid = said.iter().filter(|(_, is_said)| *is_said);
    losses.extend(unsaid.map(|(field, _)| Loss::dropped(*field)));
}

fn reasoning(o: &mut Object<'_>, request: &Request, effort: Option<Effort>) {
    let mut own = request.extra.of(ID);
    let rides = own.any(|(key, _)| key.starts_with(REASONING));
    let asked = request.reasoning.as_ref();
    let summary = asked.and_then(ReasoningRequest::expected).and_then(summary);
    if effort.is_none() && summary.is_none() && !rides {
        return;
    }
    o.object("reasoning", |o| {
        o.some("effort", effort.map(Effort::as_str));
        o.some("summary", summary);
        o.extra_under(&request.extra, ID, REASONING);
    });
}

/// Nothing is shown unless it is asked for.
fn summary(asked: ReasoningSummary) -> Option<&'static str> {
    match asked {
        ReasoningSummary::Omitted | ReasoningSummary::Unasked => None,
        ReasoningSummary::Auto => Some("auto"),
        ReasoningSummary::Concise => Some("concise"),
        ReasoningSummary::Detailed => Some("detailed"),
    }
}

/// Models that do not reason refuse to be asked for encrypted reasoning, so it is asked for only where reasoning is, or was
/// before.
fn include(o: &mut Object<'_>, request: &Request, has_reasoning: bool) {
    let asked = request.reasoning.as_ref();
    let reasons = asked.is_some_and(|it| {
        it.enabled == Some(true) || it.adaptive || it.budget_tokens.is_some_and(|tokens| tokens > 0)
    });
    let noted = request.extra.noted(ID, ASKS_ENCRYPTED).is_some();
    let own = request.extra.of(ID).find(|(key, _)| *key == "include");
    let own: Vec<Json> = own
        .and_then(|(_, list)| list.read().ok())
        .unwrap_or_default();
    let logprobs = request.sampling.logprobs == Some(true);
    let mut asks: Vec<Json> = Vec::new();
    if noted || reasons || has_reasoning {
        asks.push(Json::of(&ENCRYPTED));
    }
    if logprobs {
        asks.push(Json::of(&LOGPROBS));
    }
    asks.extend(own);
    if !asks.is_empty() {
        o.value("include", &asks);
    }
}

fn labels(o: &mut Object<'_>, request: &Request, losses: &mut Vec<Loss>) {
    let tier = words::service_tier(request.service_tier.as_deref());
    o.some("service_tier", tier);
    let key = match request.extra.noted(ID, SAFETY) {
        Some(_) => "safety_identifier",
        None => "user",
    };
    o.some(key, words::user(request.user.as_deref(), losses));
    o.some("prompt_cache_key", request.prompt_cache_key.as_ref());
    o.some("metadata", request.metadata.as_ref());
}
