//! Requests: what the pipeline needs to know of one, and (in the folder) how one is decoded. Model, streaming and version
//! are said in headers, which the door reads. the package `@ai-sdk/provider` 4.0.38, <https://ai-sdk.dev/docs/foundations/providers-and-models> (2026-11),
//! `LanguageModelV4CallOptions`.

mod decode;
mod media;
mod options;
mod part_options;
mod prompt;
mod tools;

pub(super) use decode::decode;

use crate::dialect::{Needs, Outline, controls};
use crate::ir::Malformed;
use crate::splice::{Document, Kind};
use serde_json::value::RawValue;

/// Reads what the pipeline needs of a request.
pub(super) fn outline(doc: &Document<'_>) -> Result<Outline, Malformed> {
    if doc.kind("prompt") != Some(Kind::Array) {
        return Err(Malformed::field(
            "prompt",
            "is required and must be a list of messages",
        ));
    }
    let asked = options::reasoning(raw(doc, "providerOptions"), raw(doc, "reasoning"))?;
    let media = match doc.mentions_key("prompt", "mediaType") {
        true => media::kinds(raw(doc, "prompt")),
        false => media::Kinds::default(),
    };
    Ok(Outline {
        max_output_tokens: doc.unsigned("maxOutputTokens")?,
        // The SDK always looks at it.
        include_usage: true,
        needs: Needs {
            tools: is_filled_list(doc, "tools"),
            vision: media.image,
            files: media.file,
            audio: media.audio,
            structured_output: doc.mentions_key("responseFormat", "schema"),
            reasoning: asked.is_some_and(|asked| !asked.is_off()),
        },
        freeform_tools: tools::freeform_names(raw(doc, "tools")),
        controls: controls::read(doc),
        ..Outline::default()
    })
}

/// A member's value, if it is there and not `null`.
fn raw<'d>(doc: &'d Document<'_>, key: &str) -> Option<&'d RawValue> {
    serde_json::from_str(doc.get(key)?)
        .ok()
        .filter(|raw: &&RawValue| raw.get() != "null")
}

fn is_filled_list(doc: &Document<'_>, key: &str) -> bool {
    doc.get(key)
        .and_then(|raw| raw.strip_prefix('['))
        .is_some_and(|rest| !rest.trim_start().starts_with(']'))
}
