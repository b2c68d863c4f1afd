//! Encodes a whole chat request for a provider; its messages are written next door.
//!
//! The output limit is written as `max_tokens`: every provider of this shape knows it, and one that ignores an unknown
//! name would answer without a bound. OpenAI itself refuses it for its reasoning models; that its name there is
//! `max_completion_tokens` is a quirk in the catalogue (`rename`), as it is for bodies that pass through.

use super::super::ID;
use super::decode::{JSON_SCHEMA, MODALITIES};
use super::{encode_messages, tools};
use crate::dialect::Encoded;
use crate::dialect::openai_models::OpenAi;
use crate::dialect::openai_strict as strict;
use crate::dialect::openai_words as words;
use crate::dialect::write::{self, Object};
use crate::ir::{
    CacheMarker, Effort, Loss, Malformed, OutputFormat, ReasoningSummary, Request, Sampling,
};

/// Members of inner objects that this dialect's decoder keeps among the request's extras, each behind its prefix.
const REASONING: &str = "reasoning.";
const STREAM_OPTIONS: &str = "stream_options.";

/// Writes a request.
pub(in super::super) fn encode(request: &Request) -> Result<Encoded, Malformed> {
    let mut losses = Vec::new();
    let messages = encode_messages::write_all(&request.messages, &mut losses)?;
    let mut body = Vec::with_capacity(messages.len() + 1024);
    write::object(&mut body, |o| {
        o.value("model", &request.model);
        o.written("messages", &messages);
        tools::write(o, request, &mut losses);
        output(o, request, &mut losses);
        o.some("max_tokens", request.max_output_tokens.as_ref());
        let (effort, taken) = OpenAi::told(request, &mut losses);
        sampling(o, &taken, &mut losses);
        reasoning(o, request, effort, &mut losses);
        stream(o, request);
        labels(o, request, &mut losses);
        o.some("prompt_cache_key", request.prompt_cache_key.as_ref());
        o.some("verbosity", request.verbosity.as_ref());
        o.some("metadata", request.metadata.as_ref());
        o.some("store", request.store.as_ref());
        o.some(MODALITIES, request.extra.noted(ID, MODALITIES));
        o.extra(&request.extra, ID);
    });
    marker_lost(request.cache.as_ref(), "", &mut losses);
    losses.extend(request.extra.lost_to(ID, ""));
    Ok(Encoded { body, losses })
}

/// Writes a prompt-cache marker if a client of this dialect wrote it. OpenAI refuses the member and caches by itself,
/// so another dialect's marker is not sent.
pub(super) fn marker(o: &mut Object<'_>, marker: Option<&CacheMarker>) {
    if let Some(marker) = marker.filter(|marker| marker.from == ID) {
        o.object("cache_control", |o| {
            o.value("type", "ephemeral");
            o.some("ttl", marker.ttl.as_ref());
        });
    }
}

/// Names a marker that [`marker`] does not write.
pub(super) fn marker_lost(marker: Option<&CacheMarker>, path: &str, losses: &mut Vec<Loss>) {
    if marker.is_some_and(|marker| marker.from != ID) {
        losses.push(Loss::dropped(format!("{path}cache_control")));
    }
}

fn output(o: &mut Object<'_>, request: &Request, losses: &mut Vec<Loss>) {
    let Some(output) = &request.output else {
        return;
    };
    o.object("response_format", |o| match output {
        OutputFormat::Text => o.value("type", "text"),
        OutputFormat::JsonObject => o.value("type", "json_object"),
        OutputFormat::JsonSchema {
            name,
            description,
            schema,
            strict,
        } => {
            o.value("type", "json_schema");
            o.object("json_schema", |o| {
                // A name is required here; other dialects have none.
                o.value("name", name.as_deref().unwrap_or("answer"));
                o.some("description", description.as_ref());
                o.value("schema", schema);
                let strict = strict.filter(|wanted| {
                    let bends = *wanted && !strict::takes(schema);
                    if bends {
                        losses.push(Loss::approximated("response_format.json_schema.schema"));
                    }
                    !bends
                });
                o.some("strict", strict.as_ref());
                o.extra_under(&request.extra, ID, JSON_SCHEMA);
            });
        }
    });
}

fn sampling(o: &mut Object<'_>, sampling: &Sampling, losses: &mut Vec<Loss>) {
    o.some("temperature", sampling.temperature.as_ref());
    o.some("top_p", sampling.top_p.as_ref());
    if sampling.top_k.is_some() {
        // Some providers of this shape know it; OpenAI refuses it.
        losses.push(Loss::dropped("top_k"));
    }
    o.some("frequency_penalty", sampling.frequency_penalty.as_ref());
    o.some("presence_penalty", sampling.presence_penalty.as_ref());
    o.some("seed", sampling.seed.as_ref());
    if !sampling.stop.is_empty() {
        o.value("stop", &sampling.stop);
    }
    o.some("n", sampling.n.as_ref());
    o.some("logprobs", sampling.logprobs.as_ref());
    o.some("top_logprobs", sampling.top_logprobs.as_ref());
    o.some("logit_bias", sampling.logit_bias.as_ref());
}

fn reasoning(
    o: &mut Object<'_>,
    request: &Request,
    effort: Option<Effort>,
    losses: &mut Vec<Loss>,
) {
    o.some("reasoning_effort", effort.map(Effort::as_str));
    // OpenRouter has a word for it (`reasoning.exclude`), which OpenAI refuses.
    let summary = request.reasoning.as_ref().and_then(|asked| asked.summary);
    if summary.is_some_and(|it| it != ReasoningSummary::Unasked) {
        losses.push(Loss::dropped("reasoning.summary"));
    }
    let mut own = request.extra.of(ID);
    if own.any(|(key, _)| key.starts_with(REASONING)) {
        o.object("reasoning", |o| {
            o.extra_under(&request.extra, ID, REASONING)
        });
    }
}

/// Usage is always asked for, because every answer is counted.
fn stream(o: &mut Object<'_>, request: &Request) {
    if request.stream {
        o.value("stream", &true);
        o.object("stream_options", |o| {
            o.value("include_usage", &true);
            o.extra_under(&request.extra, ID, STREAM_OPTIONS);
        });
    }
}

fn labels(o: &mut Object<'_>, request: &Request, losses: &mut Vec<Loss>) {
    let tier = words::service_tier(request.service_tier.as_deref());
    o.some("service_tier", tier);
    o.some("user", words::user(request.user.as_deref(), losses));
    marker(o, request.cache.as_ref());
}
