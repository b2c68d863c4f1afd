//! Requests: what the pipeline needs to know of one, how one is pointed at another model without being decoded, and
//! (in the folder) how one is decoded and encoded.
//! <https://platform.openai.com/docs/api-reference/chat/create>

mod decode;
mod encode;
mod encode_messages;
mod encode_parts;
mod messages;
mod tools;

pub(super) use decode::decode;
pub(super) use encode::encode;
pub(super) use encode_messages::{is_call, write_call};
pub(super) use messages::{content, tool_call};

use crate::dialect::controls;
use crate::dialect::fields::{Fields, Path};
use crate::dialect::{Needs, Outline};
use crate::ir::{Effort, Malformed, ReasoningRequest, ReasoningSummary};
use crate::splice::{Document, Kind};
use serde_json::value::RawValue;

/// Reads what the pipeline needs of a chat request.
pub(super) fn outline(doc: &Document<'_>) -> Result<Outline, Malformed> {
    if doc.kind("messages") != Some(Kind::Array) {
        return Err(Malformed::field(
            "messages",
            "is required and must be a list of messages",
        ));
    }
    if doc.is_hollow("messages") {
        return Err(Malformed::field(
            "messages",
            "must hold at least one message",
        ));
    }
    let reasoning = reasoning(raw(doc, "reasoning_effort"), raw(doc, "reasoning"))?;
    Ok(Outline {
        model: model(doc)?,
        stream: doc.boolean("stream")?.unwrap_or(false),
        include_usage: include_usage(raw(doc, "stream_options"))?,
        max_output_tokens: output_limit(
            doc.unsigned("max_tokens")?,
            doc.unsigned("max_completion_tokens")?,
        )?,
        needs: Needs {
            tools: ["tools", "functions"]
                .iter()
                .any(|key| filled_list(doc, key)),
            vision: doc.mentions_key("messages", "image_url"),
            files: doc.mentions_key("messages", "file"),
            audio: doc.mentions_key("messages", "input_audio"),
            structured_output: doc.mentions_key("response_format", "json_schema"),
            reasoning: reasoning.is_some_and(|asked| !asked.is_off()),
        },
        freeform_tools: freeform_tools(doc),
        controls: controls::read(doc),
    })
}

/// Edits a request so that it asks a provider of this dialect for `model`.
pub(super) fn retarget(doc: &mut Document<'_>, outline: &Outline, model: &str) {
    doc.set("model", &serde_json::Value::from(model).to_string());
    controls::remove(doc, &outline.controls);
    if outline.stream && !outline.include_usage {
        doc.set_in("stream_options", "include_usage", "true");
    }
}

/// The model's name. A client that sends `models` (fallbacks, in OpenRouter's words) may leave `model` out.
pub(super) fn model(doc: &Document<'_>) -> Result<String, Malformed> {
    match doc.string("model")? {
        Some(name) if !name.is_empty() => Ok(name.into_owned()),
        Some(_) => Err(Malformed::field("model", "must not be empty")),
        None => raw(doc, "models")
            .and_then(|raw| serde_json::from_str::<Vec<&RawValue>>(raw.get()).ok())
            .and_then(|names| serde_json::from_str(names.first()?.get()).ok())
            .ok_or_else(|| Malformed::field("model", "is required")),
    }
}

/// Whether `stream_options` asks for usage.
fn include_usage(options: Option<&RawValue>) -> Result<bool, Malformed> {
    let Some(options) = options else {
        return Ok(false);
    };
    let mut fields = Fields::of(options, Path::ROOT.key("stream_options"))?;
    Ok(fields.boolean("include_usage")?.unwrap_or(false))
}

/// The one output limit out of the old name and the new one.
fn output_limit(old: Option<u64>, new: Option<u64>) -> Result<Option<u64>, Malformed> {
    match (old, new) {
        (Some(old), Some(new)) if old != new => Err(Malformed::field(
            "max_tokens",
            format!("is {old}, but max_completion_tokens is {new}: give one of them"),
        )),
        (old, new) => Ok(new.or(old)),
    }
}

/// The one wish for reasoning out of OpenAI's `reasoning_effort` and OpenRouter's `reasoning` object, whose unknown
/// members are for the caller to keep. An effort here is a wish to reason, unlike Anthropic's.
fn reasoning(
    effort: Option<&RawValue>,
    object: Option<&RawValue>,
) -> Result<Option<ReasoningRequest>, Malformed> {
    let mut asked = ReasoningRequest::default();
    if let Some(raw) = effort {
        asked.effort = Some(effort_of(raw, &Path::ROOT.key("reasoning_effort"))?);
    }
    if let Some(raw) = object {
        let at = Path::ROOT.key("reasoning");
        let mut fields = Fields::of(raw, at)?;
        if let Some(raw) = fields.take("effort") {
            let other = effort_of(raw, &at.key("effort"))?;
            if let Some(first) = asked.effort.filter(|first| *first != other) {
                let (first, other) = (first.as_str(), other.as_str());
                return Err(at.key("effort").wrong(format!(
                    "is {other}, but reasoning_effort is {first}: give one of them"
                )));
            }
            asked.effort = Some(other);
        }
        asked.budget_tokens = fields.unsigned("max_tokens")?;
        asked.enabled = fields.boolean("enabled")?;
        asked.summary = match fields.string("summary")?.as_deref() {
            _ if fields.boolean("exclude")? == Some(true) => Some(ReasoningSummary::Omitted),
            Some("concise") => Some(ReasoningSummary::Concise),
            Some("detailed") => Some(ReasoningSummary::Detailed),
            Some(_) => Some(ReasoningSummary::Auto),
            None => None,
        };
        // OpenRouter tells it unless it is excluded: <https://openrouter.ai/docs/use-cases/reasoning-tokens> (2026-11).
        asked.shown_unasked = true;
    }
    if asked.enabled.is_none() && asked.effort.is_some_and(|effort| effort != Effort::None) {
        asked.enabled = Some(true);
    }
    Ok((effort.is_some() || object.is_some()).then_some(asked))
}

fn effort_of(raw: &RawValue, at: &Path<'_>) -> Result<Effort, Malformed> {
    let word = crate::dialect::fields::string(raw, at)?;
    Effort::parse(&word).ok_or_else(|| {
        at.wrong(format!(
            "must be one of none, minimal, low, medium, high, xhigh, max, but is `{word}`"
        ))
    })
}

/// A member's value, if it is there and not `null`.
fn raw<'d>(doc: &'d Document<'_>, key: &str) -> Option<&'d RawValue> {
    serde_json::from_str(doc.get(key)?)
        .ok()
        .filter(|raw: &&RawValue| raw.get() != "null")
}

/// The names of custom tools. What is wrong with a tool is for the decoder to say.
fn freeform_tools(doc: &Document<'_>) -> Vec<String> {
    #[derive(serde::Deserialize)]
    struct Tool<'a> {
        #[serde(borrow)]
        custom: Option<&'a RawValue>,
    }
    #[derive(serde::Deserialize)]
    struct Custom {
        name: String,
    }
    if !doc.mentions_key("tools", "custom") {
        return Vec::new();
    }
    raw(doc, "tools")
        .and_then(|raw| serde_json::from_str::<Vec<Tool<'_>>>(raw.get()).ok())
        .into_iter()
        .flatten()
        .filter_map(|tool| serde_json::from_str::<Custom>(tool.custom?.get()).ok())
        .map(|custom| custom.name)
        .collect()
}

fn filled_list(doc: &Document<'_>, key: &str) -> bool {
    doc.get(key)
        .and_then(|raw| raw.strip_prefix('['))
        .is_some_and(|rest| !rest.trim_start().starts_with(']'))
}

#[cfg(test)]
mod tests;
