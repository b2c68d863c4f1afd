//! Writes a request for a provider. Fields: <https://platform.claude.com/docs/en/api/messages/create> (2026-08).

use super::super::ID;
use super::super::blocks::{self, Block, BlockKind};
use super::part_blocks::{Conversation, PartReader};
use super::thinking::{self, Plan};
use super::tools;
use crate::dialect::call_ids::{CallIds, Rule};
use crate::dialect::claude_models::Claude;
use crate::dialect::closed_schema;
use crate::dialect::codec::Encoded;
use crate::dialect::turns;
use crate::dialect::write::{self, Object};
use crate::ir::{Json, Loss, Malformed, OutputFormat, Request};
use serde_json::Number;
use std::borrow::Cow;

/// What stands for OpenAI's JSON mode, which the Messages API lacks.
const JSON_INSTRUCTION: &str =
    "Answer with one JSON object and nothing else: no text around it, no Markdown fence.";

/// The ids of calls: `^[a-zA-Z0-9_-]+$`.
const CALL_ID: Rule = Rule {
    letter: |c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'),
    longest: usize::MAX,
};

/// Writes a whole request.
///
/// # Errors
/// When something in it cannot be said at all (audio).
pub(in crate::dialect::anthropic) fn encode(request: &Request) -> Result<Encoded, Malformed> {
    let mut losses = Vec::new();
    let mut reader = PartReader {
        ids: CallIds::of(&request.messages, CALL_ID),
        losses: &mut losses,
    };
    let mut conversation = turns::arrange(&request.messages, &mut reader)?;
    if request.output == Some(OutputFormat::JsonObject) {
        let text = BlockKind::Text(Cow::Borrowed(JSON_INSTRUCTION));
        conversation.system.push(Block::new(text));
        losses.push(Loss::approximated("response_format"));
    }
    let plan = thinking::plan(request, &conversation, &mut losses);
    if plan.thinking.thinks() || !Claude::asked(request).takes_prefill {
        conversation.end_with_user(&mut losses);
    }
    note_unsayable(request, &mut losses);
    let mut body = Vec::with_capacity(1024);
    write::object(&mut body, |o| {
        o.value("model", &request.model);
        o.value("max_tokens", &plan.max_tokens);
        if request.stream {
            o.value("stream", &true);
        }
        instructions(o, &conversation);
        conversation.write(o, ID, |o, turn| blocks::write_content(o, "content", turn));
        tools::write(o, request, &conversation, &mut losses);
        plan.thinking.write(o, request, ID);
        output_config(o, request, &plan, &mut losses);
        sampling(o, request, &plan, &mut losses);
        service(o, request, &mut losses);
        blocks::cache_control(o, request.cache.as_ref(), Some(&request.extra));
        o.extra(&request.extra, ID);
    });
    Ok(Encoded { body, losses })
}

/// Notes what this dialect has no word for. A value that changes nothing is no loss.
fn note_unsayable(request: &Request, losses: &mut Vec<Loss>) {
    let sampling = &request.sampling;
    let not_zero = |n: &Number| n.as_f64() != Some(0.0);
    let said = [
        (
            "frequency_penalty",
            sampling.frequency_penalty.as_ref().is_some_and(not_zero),
        ),
        (
            "presence_penalty",
            sampling.presence_penalty.as_ref().is_some_and(not_zero),
        ),
        ("seed", sampling.seed.is_some()),
        ("n", sampling.n.is_some_and(|n| n > 1)),
        ("logprobs", sampling.logprobs == Some(true)),
        ("top_logprobs", sampling.top_logprobs.is_some_and(|n| n > 0)),
        (
            "logit_bias",
            sampling
                .logit_bias
                .as_ref()
                .is_some_and(|bias| bias.get() != "{}"),
        ),
        ("prompt_cache_key", request.prompt_cache_key.is_some()),
        ("verbosity", request.verbosity.is_some()),
        (
            "metadata",
            request.metadata.as_ref().is_some_and(|it| it.get() != "{}"),
        ),
        ("store", request.store == Some(true)),
    ];
    let unsaid = said.iter().filter(|(_, is_said)| *is_said);
    losses.extend(unsaid.map(|(field, _)| Loss::dropped(*field)));
    losses.extend(request.extra.lost_to(ID, ""));
}

fn instructions(o: &mut Object<'_>, conversation: &Conversation<'_>) {
    if !conversation.system.is_empty() {
        blocks::write_content(o, "system", &conversation.system);
    }
}

fn output_config(o: &mut Object<'_>, request: &Request, plan: &Plan, losses: &mut Vec<Loss>) {
    let schema = match &request.output {
        Some(OutputFormat::JsonSchema {
            name: _, // Only a label.
            description,
            schema,
            strict,
        }) => {
            if description.is_some() {
                losses.push(Loss::dropped("response_format.json_schema.description"));
            }
            if *strict == Some(false) {
                losses.push(Loss::approximated("response_format.json_schema.strict"));
            }
            let schema = closed_schema::closed(schema.get());
            if matches!(schema, Cow::Owned(_)) {
                losses.push(Loss::approximated("response_format.json_schema.schema"));
            }
            Some(schema)
        }
        Some(OutputFormat::JsonObject | OutputFormat::Text) | None => None,
    };
    let rides = |(key, _): (&str, &Json)| key.starts_with("output_config.");
    if schema.is_none() && plan.thinking.effort.is_none() && !request.extra.of(ID).any(rides) {
        return;
    }
    o.object("output_config", |o| {
        o.some("effort", plan.thinking.effort.map(|effort| effort.as_str()));
        if let Some(schema) = schema {
            o.object("format", |o| {
                o.value("type", "json_schema");
                o.written("schema", schema.as_bytes());
                o.extra_under(&request.extra, ID, "format.");
            });
        }
        o.extra_under(&request.extra, ID, "output_config.");
    });
}

/// Temperature ends at 1; it and `top_p` exclude each other on current models; thinking allows neither temperature
/// nor `top_k`, and `top_p` only from 0.95 on. The newest models take none of the three.
fn sampling(o: &mut Object<'_>, request: &Request, plan: &Plan, losses: &mut Vec<Loss>) {
    let is = |n: &Number, plain: f64| n.as_f64() == Some(plain);
    let sampling = &request.sampling;
    if !Claude::asked(request).samples {
        losses.extend(sampling.beyond_defaults().map(Loss::dropped));
        return stop_sequences(o, &sampling.stop, losses);
    }
    let mut temperature = sampling.temperature.clone();
    if temperature.as_ref().and_then(Number::as_f64) > Some(1.0) {
        temperature = Some(Number::from(1));
        losses.push(Loss::approximated("temperature"));
    }
    let mut top_p = sampling.top_p.clone();
    if plan.thinking.thinks() {
        if temperature.take_if(|t| !is(t, 1.0)).is_some() {
            losses.push(Loss::dropped("temperature"));
        }
        if top_p.take_if(|p| p.as_f64() < Some(0.95)).is_some() {
            losses.push(Loss::dropped("top_p"));
        }
    }
    if let (Some(t), Some(p)) = (&temperature, &top_p) {
        if is(t, 1.0) && !is(p, 1.0) {
            temperature = None;
        } else {
            if !is(p, 1.0) {
                losses.push(Loss::dropped("top_p"));
            }
            top_p = None;
        }
    }
    o.some("temperature", temperature.as_ref());
    o.some("top_p", top_p.as_ref());
    match sampling.top_k {
        Some(_) if plan.thinking.thinks() => losses.push(Loss::dropped("top_k")),
        top_k => o.some("top_k", top_k.as_ref()),
    }
    stop_sequences(o, &sampling.stop, losses);
}

/// Stop texts of nothing but white space are refused by the API.
fn stop_sequences(o: &mut Object<'_>, stop: &[String], losses: &mut Vec<Loss>) {
    let visible: Vec<&String> = stop.iter().filter(|text| !text.trim().is_empty()).collect();
    if visible.len() < stop.len() {
        losses.push(Loss::dropped("stop"));
    }
    if !visible.is_empty() {
        o.value("stop_sequences", &visible);
    }
}

/// The end user's name and the service tier. <https://platform.claude.com/docs/en/api/service-tiers>
fn service(o: &mut Object<'_>, request: &Request, losses: &mut Vec<Loss>) {
    let rides = |(key, _): (&str, &Json)| key.starts_with("metadata.");
    if request.user.is_some() || request.extra.of(ID).any(rides) {
        o.object("metadata", |o| {
            o.some("user_id", request.user.as_ref());
            o.extra_under(&request.extra, ID, "metadata.");
        });
    }
    let tier = match request.service_tier.as_deref() {
        None => None,
        Some("auto") => Some("auto"),
        Some("standard_only" | "standard" | "default") => Some("standard_only"),
        // Priority capacity where the account has some, else standard: what `auto` does.
        Some("priority") => {
            losses.push(Loss::approximated("service_tier"));
            Some("auto")
        }
        Some(_) => {
            losses.push(Loss::dropped("service_tier"));
            None
        }
    };
    o.some("service_tier", tier);
}
