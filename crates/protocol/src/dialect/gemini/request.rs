//! Requests: what the pipeline needs to know of one before it is decoded, and the edits that send it on to a provider
//! of the same dialect. Reading and writing a whole one stand in the files below.

mod config;
mod contents;
mod decode;
mod encode;
mod foreign_thoughts;
mod results;
mod thinking;
mod tools;
mod unsigned_calls;

pub(super) use decode::decode;
pub(super) use encode::encode;

use super::generation::Generation;
use crate::dialect::codec::{Needs, Outline};
use crate::dialect::controls;
use crate::dialect::fields::{Fields, Path};
use crate::ir::{Loss, Malformed};
use crate::splice::Document;
use memchr::memmem;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// Reads what the pipeline needs to know. Model and streaming stand in the path.
pub(super) fn outline(doc: &Document<'_>) -> Result<Outline, Malformed> {
    if doc.get("contents").is_none_or(|raw| raw == "null") {
        return Err(Malformed::field("contents", "is required"));
    }
    if doc.is_hollow("contents") {
        return Err(Malformed::field("contents", "must hold at least one turn"));
    }
    let config = named(doc, "generationConfig", "generation_config");
    let mut max_output_tokens = None;
    let mut needs = Needs::default();
    if let Some(config) = config {
        let raw: &RawValue =
            serde_json::from_str(config).map_err(|bad| Malformed::body(bad.to_string()))?;
        let mut config = Fields::of(raw, Path::ROOT.key("generationConfig"))?.camel_case();
        max_output_tokens = config.unsigned("maxOutputTokens")?;
        needs.structured_output = config.has("responseSchema") || config.has("responseJsonSchema");
        if let Some(raw) = config.take("thinkingConfig") {
            needs.reasoning = thinking::is_asked_for(raw);
        }
    }
    needs.tools = doc
        .get("tools")
        .is_some_and(|raw| !matches!(raw, "null" | "[]"));
    media(doc, &mut needs);
    Ok(Outline {
        include_usage: true,
        max_output_tokens,
        needs,
        controls: controls::read(doc),
        ..Outline::default()
    })
}

/// A member by either of its names.
fn named<'d>(doc: &'d Document<'_>, camel: &str, snake: &str) -> Option<&'d str> {
    doc.get(camel)
        .or_else(|| doc.get(snake))
        .filter(|raw| *raw != "null")
}

/// What kinds of media the conversation holds. It is read only where a media type is named at all.
fn media(doc: &Document<'_>, needs: &mut Needs) {
    #[derive(Deserialize)]
    struct Content<'a> {
        #[serde(borrow, default)]
        parts: Option<Vec<Piece<'a>>>,
    }
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Piece<'a> {
        #[serde(borrow, alias = "inline_data", rename = "inlineData")]
        inline: Option<Typed<'a>>,
        #[serde(borrow, alias = "file_data", rename = "fileData")]
        file: Option<Typed<'a>>,
        #[serde(borrow, alias = "function_response", rename = "functionResponse")]
        response: Option<Content<'a>>,
    }
    #[derive(Deserialize)]
    struct Typed<'a> {
        #[serde(borrow, default, alias = "mime_type", rename = "mimeType")]
        kind: Option<Cow<'a, str>>,
    }
    fn note(pieces: &[Piece<'_>], needs: &mut Needs) {
        for piece in pieces {
            for typed in [&piece.inline, &piece.file].into_iter().flatten() {
                let kind = typed.kind.as_deref().unwrap_or_default();
                match kind.split('/').next() {
                    Some("image") => needs.vision = true,
                    Some("audio") => needs.audio = true,
                    Some("video") => {}
                    _ => needs.files = true,
                }
            }
            let inner = piece.response.as_ref().and_then(|it| it.parts.as_deref());
            note(inner.unwrap_or_default(), needs);
        }
    }
    let Some(contents) = doc.get("contents") else {
        return;
    };
    let holds = |word: &[u8]| memmem::find(contents.as_bytes(), word).is_some();
    if !holds(b"mime") && !holds(b"fileUri") && !holds(b"file_uri") {
        return;
    }
    let contents = serde_json::from_str::<Vec<Content<'_>>>(contents).unwrap_or_default();
    for content in &contents {
        note(content.parts.as_deref().unwrap_or_default(), needs);
    }
}

/// Same dialect: the gateway's own controls come out, and so do proofs of thinking that another dialect's provider did; calls
/// that another model made get what stands for a proof.
/// Model and streaming stand in the path; a model named in the body too would be the client's name for it.
pub(super) fn retarget(doc: &mut Document<'_>, outline: &Outline, model: &str) -> Vec<Loss> {
    doc.remove("model");
    controls::remove(doc, &outline.controls);
    let lost = foreign_thoughts::remove(doc);
    if !Generation::of(model).is_older() {
        unsigned_calls::sign(doc);
    }
    lost
}
