//! Requests: what the pipeline needs to know of one before it is decoded, and the edits that send it on to a provider
//! of the same dialect. Reading and writing a whole one stand in the files below.

mod decode;
mod encode;
mod foreign_thinking;
mod kept_thinking;
mod part_blocks;
mod thinking;
mod thinking_edits;
mod tools;

pub(super) use decode::decode;
pub(super) use encode::encode;
pub(super) use thinking_edits::remove as remove_thinking_edits;

use crate::dialect::codec::{Needs, Outline};
use crate::dialect::controls;
use crate::dialect::fields::{Fields, Path};
use crate::ir::{Json, Loss, Malformed};
use crate::splice::Document;
use memchr::memmem;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// Reads what the pipeline needs to know.
pub(super) fn outline(doc: &Document<'_>) -> Result<Outline, Malformed> {
    let model = doc
        .string("model")?
        .ok_or_else(|| Malformed::field("model", "is required"))?;
    let max_output_tokens = doc
        .unsigned("max_tokens")?
        .ok_or_else(|| Malformed::field("max_tokens", "is required"))?;
    if doc.is_hollow("messages") {
        return Err(Malformed::field(
            "messages",
            "must hold at least one message",
        ));
    }
    Ok(Outline {
        model: model.into_owned(),
        stream: doc.boolean("stream")?.unwrap_or(false),
        include_usage: true,
        max_output_tokens: Some(max_output_tokens),
        needs: needs(doc)?,
        freeform_tools: Vec::new(),
        controls: controls::read(doc),
    })
}

fn needs(doc: &Document<'_>) -> Result<Needs, Malformed> {
    Ok(Needs {
        tools: doc
            .get("tools")
            .is_some_and(|raw| !matches!(raw, "null" | "[]")),
        vision: holds_block(doc, "image"),
        files: holds_block(doc, "document"),
        audio: false,
        structured_output: doc.get("output_format").is_some_and(|raw| raw != "null")
            || member_of(doc, "output_config", "format")?.is_some(),
        reasoning: member_of(doc, "thinking", "type")?.is_some_and(|kind| kind != "\"disabled\""),
    })
}

/// Whether a message, or a tool result in one, holds a block of this type. The blocks are read only where the word
/// occurs at all, since it may also stand in a text or a tool's input.
fn holds_block(doc: &Document<'_>, kind: &str) -> bool {
    let Some(messages) = doc.get("messages") else {
        return false;
    };
    memmem::find(messages.as_bytes(), format!("\"{kind}\"").as_bytes()).is_some()
        && serde_json::from_str::<Vec<Holder<'_>>>(messages)
            .is_ok_and(|messages| messages.iter().any(|message| message.holds(kind, 2)))
}

/// A message or a block: whatever may have blocks as its content.
#[derive(Deserialize)]
struct Holder<'a> {
    #[serde(borrow, default, rename = "type")]
    kind: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    content: Option<&'a RawValue>,
}

impl Holder<'_> {
    /// Whether a block of this type stands in it, at most `depth` levels down: blocks of a message, and of its tool
    /// results.
    fn holds(&self, kind: &str, depth: u8) -> bool {
        let Some(below) = depth.checked_sub(1) else {
            return false;
        };
        self.content
            .filter(|content| content.get().starts_with('['))
            .and_then(|content| serde_json::from_str::<Vec<Holder<'_>>>(content.get()).ok())
            .is_some_and(|blocks| {
                blocks
                    .iter()
                    .any(|block| block.kind.as_deref() == Some(kind) || block.holds(kind, below))
            })
    }
}

/// The raw text of a member of a top-level object.
fn member_of(doc: &Document<'_>, outer: &str, inner: &str) -> Result<Option<String>, Malformed> {
    let Some(text) = doc.get(outer).filter(|raw| *raw != "null") else {
        return Ok(None);
    };
    let at = Path::ROOT.key(outer);
    let raw = serde_json::from_str(text).map_err(|bad| at.wrong(bad.to_string()))?;
    let mut fields = Fields::of(raw, at)?;
    Ok(fields.take(inner).map(|raw| raw.get().to_owned()))
}

/// Same dialect: the model's name at this provider goes in, the gateway's own controls come out, and so does thinking
/// that another dialect's provider did, with what that forbids.
pub(super) fn retarget(doc: &mut Document<'_>, outline: &Outline, model: &str) -> Vec<Loss> {
    doc.set("model", Json::of(&model).get());
    controls::remove(doc, &outline.controls);
    let mut lost = foreign_thinking::remove(doc);
    lost.extend(kept_thinking::heed(doc));
    lost
}
