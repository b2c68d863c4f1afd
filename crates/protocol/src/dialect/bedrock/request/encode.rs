//! Writes a request for a provider. Fields:
//! <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html> (2026-11).

use super::super::ID;
use super::super::blocks::{self, Block, BlockKind};
use super::super::family::Family;
use super::super::wire;
use super::decode::MORE;
use super::documents::{self, Names};
use super::part_blocks::{self, Conversation, PartReader};
use super::reasoning::{self, Plan};
use super::tools;
use crate::dialect::call_ids::{CallIds, Rule};
use crate::dialect::claude_models::Claude;
use crate::dialect::closed_schema;
use crate::dialect::codec::Encoded;
use crate::dialect::turns;
use crate::dialect::write::{self, Object};
use crate::ir::{CacheMarker, Json, Loss, Malformed, OutputFormat, Request};
use serde_json::Number;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// What stands for OpenAI's JSON mode, which Converse lacks.
const JSON_INSTRUCTION: &str =
    "Answer with one JSON object and nothing else: no text around it, no Markdown fence.";

/// The pointer to the stop text in Claude's own answer, which Converse gives out only if asked.
const STOP_POINTER: &str = "/stop_sequence";

/// The ids of calls.
/// <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolUseBlock.html> (2026-11)
const CALL_ID: Rule = Rule {
    letter: |c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ':'),
    longest: 64,
};

/// Writes a whole request.
///
/// # Errors
/// When something in it cannot be said at all.
pub(in crate::dialect::bedrock) fn encode(request: &Request) -> Result<Encoded, Malformed> {
    let family = Family::of(&request.model);
    let mut losses = Vec::new();
    let mut reader = PartReader {
        ids: CallIds::of(&request.messages, CALL_ID),
        family,
        documents: Names::default(),
        waiting: Vec::new(),
        losses: &mut losses,
    };
    let mut conversation = turns::arrange(&request.messages, &mut reader)?;
    for (at, _) in std::mem::take(&mut reader.waiting) {
        // Nobody said anything after it.
        reader.losses.retain(|loss| loss.field != at);
        reader.losses.push(Loss::dropped(at));
    }
    documents::put_text_beside(&mut conversation, &mut losses);
    if request.output == Some(OutputFormat::JsonObject) {
        let text = BlockKind::Text(Cow::Borrowed(JSON_INSTRUCTION));
        conversation.system.push(Block::new(text));
        losses.push(Loss::approximated("response_format"));
    }
    if let Some(marker) = &request.cache {
        cache_all(&mut conversation, marker, family, &mut losses);
    }
    let plan = reasoning::plan(request, family, &conversation, &mut losses);
    if !family.takes_prefill() || !Claude::asked(request).takes_prefill || plan.claude.thinks() {
        conversation.end_with_user(&mut losses);
    }
    note_unsayable(request, &mut losses);
    let mut body = Vec::with_capacity(1024);
    write::object(&mut body, |o| {
        conversation.write(o, ID, |o, turn| blocks::write_blocks(o, "content", turn));
        if !conversation.system.is_empty() {
            blocks::write_blocks(o, "system", &conversation.system);
        }
        inference(o, request, family, &plan, &mut losses);
        tools::write(o, request, family, &conversation, &mut losses);
        more_fields(o, request, family, &plan, &mut losses);
        service(o, request, &mut losses);
        output_config(o, request, &plan, &mut losses);
        response_paths(o, request, family);
        o.extra(&request.extra, ID);
    });
    Ok(Encoded { body, losses })
}

/// Notes what this dialect has no word for. A value that changes nothing is no loss.
fn note_unsayable(request: &Request, losses: &mut Vec<Loss>) {
    let sampling = &request.sampling;
    let says = |n: &Option<Number>| n.as_ref().is_some_and(|n| n.as_f64() != Some(0.0));
    let bias = sampling.logit_bias.as_ref();
    let said = [
        ("frequency_penalty", says(&sampling.frequency_penalty)),
        ("presence_penalty", says(&sampling.presence_penalty)),
        ("seed", sampling.seed.is_some()),
        ("n", sampling.n.is_some_and(|n| n > 1)),
        ("logprobs", sampling.logprobs == Some(true)),
        ("top_logprobs", sampling.top_logprobs.is_some_and(|n| n > 0)),
        ("logit_bias", bias.is_some_and(|bias| bias.get() != "{}")),
        ("user", request.user.is_some()),
        ("prompt_cache_key", request.prompt_cache_key.is_some()),
        ("verbosity", request.verbosity.is_some()),
        ("store", request.store == Some(true)),
    ];
    let unsaid = said.iter().filter(|(_, is_said)| *is_said);
    losses.extend(unsaid.map(|(field, _)| Loss::dropped(*field)));
    losses.extend(request.extra.lost_to(ID, ""));
}

/// A marker for the whole request is a cache point at the end of the conversation.
fn cache_all<'r>(
    conversation: &mut Conversation<'r>,
    marker: &'r CacheMarker,
    family: Family,
    losses: &mut Vec<Loss>,
) {
    let last = conversation.turns.last_mut();
    let last = last.and_then(|turn| turn.blocks.last_mut());
    if let Some(last) = last
        && last.cache.is_none()
        && part_blocks::takes_cache_point(family, marker, "cache_control", losses)
    {
        losses.push(Loss::approximated("cache_control"));
        last.cache = Some(marker);
    }
}

/// Temperature ends at 1; Claude's models take it or `topP`, and neither while they think, the newest neither ever.
fn inference(
    o: &mut Object<'_>,
    request: &Request,
    family: Family,
    plan: &Plan,
    losses: &mut Vec<Loss>,
) {
    let sampling = &request.sampling;
    let samples = Claude::asked(request).samples;
    if !samples {
        losses.extend(sampling.beyond_defaults().map(Loss::dropped));
    }
    let mut temperature = sampling.temperature.clone().filter(|_| samples);
    if temperature.as_ref().and_then(Number::as_f64) > Some(1.0) {
        temperature = Some(Number::from(1));
        losses.push(Loss::approximated("temperature"));
    }
    let mut top_p = sampling.top_p.clone().filter(|_| samples);
    let is_one = |n: &Number| n.as_f64() == Some(1.0);
    if plan.claude.thinks() {
        if temperature.take_if(|t| !is_one(t)).is_some() {
            losses.push(Loss::dropped("temperature"));
        }
        if top_p.take_if(|p| p.as_f64() < Some(0.95)).is_some() {
            losses.push(Loss::dropped("top_p"));
        }
    }
    if let (Family::Claude, Some(t), Some(p)) = (family, &temperature, &top_p) {
        if is_one(t) && !is_one(p) {
            temperature = None;
        } else {
            if !is_one(p) {
                losses.push(Loss::dropped("top_p"));
            }
            top_p = None;
        }
    }
    // Stop texts of nothing but white space are refused.
    let stop: Vec<&String> = sampling
        .stop
        .iter()
        .filter(|text| !text.trim().is_empty())
        .collect();
    if stop.len() < sampling.stop.len() {
        losses.push(Loss::dropped("stop"));
    }
    let rides = rides(request, "inferenceConfig.");
    let limit = request.max_output_tokens.filter(|limit| *limit > 0);
    if limit.is_none() && temperature.is_none() && top_p.is_none() && stop.is_empty() && !rides {
        return;
    }
    o.object("inferenceConfig", |o| {
        o.some("maxTokens", limit);
        o.some("temperature", temperature.as_ref());
        o.some("topP", top_p.as_ref());
        if !stop.is_empty() {
            o.value("stopSequences", &stop);
        }
        o.extra_under(&request.extra, ID, "inferenceConfig.");
    });
}

/// Whether extras from an inner object are there.
fn rides(request: &Request, prefix: &str) -> bool {
    let begins = |(key, _): (&str, &Json)| key.starts_with(prefix);
    request.extra.of(ID).any(begins)
}

/// What only some models know, in the words of their family.
fn more_fields(
    o: &mut Object<'_>,
    request: &Request,
    family: Family,
    plan: &Plan,
    losses: &mut Vec<Loss>,
) {
    let samples = Claude::asked(request).samples;
    let asked = request.sampling.top_k.filter(|_| samples);
    let top_k = asked.filter(|_| match family {
        Family::Claude | Family::Unknown if plan.claude.thinks() => false,
        Family::Claude | Family::Unknown | Family::Nova => true,
        Family::GptOss | Family::Other => false,
    });
    if top_k.is_none() && asked.is_some() {
        losses.push(Loss::dropped("top_k"));
    }
    let says_how = plan.claude.mode.is_some() || plan.nova.is_some() || plan.gpt.is_some();
    if !says_how && top_k.is_none() && !rides(request, MORE) {
        return;
    }
    o.object("additionalModelRequestFields", |o| {
        match (family, top_k) {
            (_, None) => {}
            (Family::Nova, Some(k)) => o.object("inferenceConfig", |o| o.value("topK", &k)),
            (_, Some(k)) => o.value("top_k", &k),
        }
        plan.claude.write(o, request, ID);
        if let Some(level) = plan.nova {
            o.object("reasoningConfig", |o| {
                o.value(
                    "type",
                    if level.is_some() {
                        "enabled"
                    } else {
                        "disabled"
                    },
                );
                o.some("maxReasoningEffort", level.map(|level| level.as_str()));
            });
        }
        o.some("reasoning_effort", plan.gpt.map(|effort| effort.as_str()));
        o.extra_under(&request.extra, ID, MORE);
    });
}

/// The service tier, and the client's notes.
fn service(o: &mut Object<'_>, request: &Request, losses: &mut Vec<Loss>) {
    let notes = request
        .metadata
        .as_ref()
        .filter(|notes| notes.get() != "{}");
    match notes {
        Some(notes) if are_allowed(notes) => o.value("requestMetadata", notes),
        Some(_) => losses.push(Loss::dropped("metadata")),
        None => {}
    }
    let Some(tier) = request.service_tier.as_deref() else {
        return;
    };
    match wire::tier(tier) {
        Some(word) => o.object("serviceTier", |o| {
            o.value("type", word);
            o.extra_under(&request.extra, ID, "serviceTier.");
        }),
        // Left out, the account's own default is taken.
        None if tier == "auto" => {}
        None => losses.push(Loss::dropped("service_tier")),
    }
}

/// Whether notes have the letters and lengths that are allowed here.
/// <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html> (`requestMetadata`, 2026-11)
fn are_allowed(notes: &Json) -> bool {
    let fit = |c: char| {
        c.is_ascii_alphanumeric()
            || matches!(
                c,
                ' ' | '\t' | '\n' | '\r' | ':' | '_' | '@' | '$' | '#' | '=' | '/'
            )
            || matches!(c, '+' | ','..='.')
    };
    let plain = |text: &str| text.chars().all(fit) && text.len() <= 256;
    notes.read::<BTreeMap<String, String>>().is_ok_and(|notes| {
        notes.len() <= 16
            && notes
                .iter()
                .all(|(key, value)| !key.is_empty() && plain(key) && plain(value))
    })
}

fn output_config(o: &mut Object<'_>, request: &Request, plan: &Plan, losses: &mut Vec<Loss>) {
    let format = match &request.output {
        Some(OutputFormat::JsonSchema {
            name,
            description,
            schema,
            strict,
        }) => {
            if *strict == Some(false) {
                losses.push(Loss::approximated("response_format.json_schema.strict"));
            }
            let schema = closed_schema::closed(schema.get());
            if matches!(schema, Cow::Owned(_)) {
                losses.push(Loss::approximated("response_format.json_schema.schema"));
            }
            Some((schema, name, description))
        }
        Some(OutputFormat::JsonObject | OutputFormat::Text) | None => None,
    };
    if format.is_none() && plan.claude.effort.is_none() && !rides(request, "outputConfig.") {
        return;
    }
    o.object("outputConfig", |o| {
        if let Some((schema, name, description)) = format {
            o.object("textFormat", |o| {
                o.value("type", "json_schema");
                o.object("structure", |o| {
                    o.object("jsonSchema", |o| {
                        o.value("schema", &schema);
                        o.some("name", name.as_ref());
                        o.some("description", description.as_ref());
                    });
                });
            });
        }
        o.some("effort", plan.claude.effort.map(|effort| effort.as_str()));
        o.extra_under(&request.extra, ID, "outputConfig.");
    });
}

/// Asks for the stop text, where Claude may end with one.
fn response_paths(o: &mut Object<'_>, request: &Request, family: Family) {
    const PATHS: &str = "additionalModelResponseFieldPaths";
    let asks = request.extra.of(ID).any(|(key, _)| key == PATHS);
    if family == Family::Claude && !request.sampling.stop.is_empty() && !asks {
        o.value(PATHS, &[STOP_POINTER]);
    }
}
