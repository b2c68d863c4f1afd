//! Requests: what the pipeline needs to know of one, how one is pointed at another model without being decoded, and
//! (in the folder) how one is decoded and encoded.
//! <https://platform.openai.com/docs/api-reference/responses/create> (2026-11)

mod choice;
mod decode;
mod encode;
mod encode_items;
mod encode_tools;
mod foreign_reasoning;
mod input;
mod tools;

pub(super) use decode::{ENCRYPTED, decode};
pub(super) use encode::encode;

use super::namespaces::Names;
use crate::dialect::controls;
use crate::dialect::fields::{self, Fields, Path};
use crate::dialect::{Needs, Outline};
use crate::ir::{Effort, Loss, Malformed};
use crate::splice::{Document, Kind};
use serde_json::value::RawValue;

/// Reads what the pipeline needs of a request.
pub(super) fn outline(doc: &Document<'_>) -> Result<Outline, Malformed> {
    check_input(doc)?;
    if doc.boolean("background")? == Some(true) {
        return Err(Malformed::field(
            "background",
            "is not supported: the gateway answers while the client waits; leave it out, and stream long answers",
        ));
    }
    Ok(Outline {
        model: model(doc)?,
        stream: doc.boolean("stream")?.unwrap_or(false),
        include_usage: true,
        max_output_tokens: doc.unsigned("max_output_tokens")?,
        needs: needs(doc)?,
        freeform_tools: freeform_tools(doc),
        controls: controls::read(doc),
    })
}

/// Something must be asked, if only by what a provider keeps.
fn check_input(doc: &Document<'_>) -> Result<(), Malformed> {
    let kept = || {
        ["prompt", "conversation"]
            .iter()
            .any(|key| raw(doc, key).is_some())
    };
    let goes_on = || kept() || raw(doc, "previous_response_id").is_some();
    match doc.kind("input") {
        Some(Kind::String | Kind::Array) if doc.is_hollow("input") && !goes_on() => {
            Err(Malformed::field("input", "must not be empty"))
        }
        Some(Kind::String | Kind::Array) => Ok(()),
        None | Some(Kind::Null) if kept() => Ok(()),
        None | Some(Kind::Null) => Err(Malformed::field("input", "is required")),
        Some(Kind::Boolean | Kind::Number | Kind::Object) => Err(Malformed::field(
            "input",
            "must be a string or a list of items",
        )),
    }
}

/// The model's name. A client that sends `models` (fallbacks, in OpenRouter's words) may leave `model` out.
fn model(doc: &Document<'_>) -> Result<String, Malformed> {
    match doc.string("model")? {
        Some(name) if !name.is_empty() => Ok(name.into_owned()),
        Some(_) => Err(Malformed::field("model", "must not be empty")),
        None => raw(doc, "models")
            .and_then(|raw| serde_json::from_str::<Vec<&RawValue>>(raw.get()).ok())
            .and_then(|names| serde_json::from_str(names.first()?.get()).ok())
            .ok_or_else(|| Malformed::field("model", "is required")),
    }
}

fn needs(doc: &Document<'_>) -> Result<Needs, Malformed> {
    let tools = doc.get("tools").and_then(|raw| raw.strip_prefix('['));
    let effort = member(doc, "reasoning", "effort")?
        .map(|raw| effort(raw, &Path::ROOT.key("reasoning").key("effort")))
        .transpose()?;
    let mentions = |name| doc.mentions_key("input", name);
    Ok(Needs {
        tools: tools.is_some_and(|rest| !rest.trim_start().starts_with(']')),
        vision: mentions("image_url"),
        files: ["file_data", "file_url", "file_id"]
            .into_iter()
            .any(mentions),
        audio: mentions("input_audio"),
        structured_output: output_kind(doc)?.is_some_and(|kind| kind == "json_schema"),
        reasoning: effort.is_some_and(|effort| effort != Effort::None),
    })
}

/// The `type` of `text.format`.
fn output_kind(doc: &Document<'_>) -> Result<Option<String>, Malformed> {
    let at = Path::ROOT.key("text");
    let Some(raw) = member(doc, "text", "format")? else {
        return Ok(None);
    };
    Fields::of(raw, at.key("format"))?.string("type")
}

/// A member of a top-level object.
fn member<'d>(
    doc: &'d Document<'_>,
    outer: &str,
    inner: &str,
) -> Result<Option<&'d RawValue>, Malformed> {
    let Some(raw) = raw(doc, outer) else {
        return Ok(None);
    };
    Ok(Fields::of(raw, Path::ROOT.key(outer))?.take(inner))
}

fn effort(raw: &RawValue, at: &Path<'_>) -> Result<Effort, Malformed> {
    let word = fields::string(raw, at)?;
    Effort::parse(&word).ok_or_else(|| {
        at.wrong(format!(
            "must be one of none, minimal, low, medium, high, xhigh, max, but is `{word}`"
        ))
    })
}

/// The names of the tools that take free text, as the pipeline's other parts know them.
fn freeform_tools(doc: &Document<'_>) -> Vec<String> {
    match raw(doc, "tools").filter(|raw| raw.get().contains("\"custom\"")) {
        Some(tools) => Names::of_tools(Some(tools)).into_freeform(),
        None => Vec::new(),
    }
}

/// A member's value, if it is there and not `null`.
fn raw<'d>(doc: &'d Document<'_>, key: &str) -> Option<&'d RawValue> {
    serde_json::from_str(doc.get(key)?)
        .ok()
        .filter(|raw: &&RawValue| raw.get() != "null")
}

/// Edits a request so that it asks a provider of this dialect for `model`: reasoning that a provider of another dialect
/// did is taken out, which this one would refuse, and named.
pub(super) fn retarget(doc: &mut Document<'_>, outline: &Outline, model: &str) -> Vec<Loss> {
    doc.set("model", &serde_json::Value::from(model).to_string());
    controls::remove(doc, &outline.controls);
    foreign_reasoning::remove(doc)
}
