//! Reads content blocks into parts, for requests and answers alike. A block that is none of those known here is kept as it
//! was written ([`PartKind::Opaque`]): a provider's own tools and whatever comes next ride along.

use super::formats::{self, Formats};
use super::{ID, citations};
use crate::dialect::fields::{self, Fields, Path};
use crate::dialect::origin;
use crate::ir::{
    CacheMarker, CallKind, Extra, Malformed, Media, MediaSource, Part, PartKind, Reasoning, Sealed,
    ToolCall, ToolResult,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::value::RawValue;

/// Reads a list of blocks. A cache point marks the part before it.
///
/// # Errors
/// Names the member that is wrong.
pub(super) fn blocks(raw: &RawValue, at: Path<'_>) -> Result<Vec<Part>, Malformed> {
    let items: Vec<&RawValue> = serde_json::from_str(raw.get())
        .map_err(|_| at.wrong(format!("must be a list, but is {}", fields::shape(raw))))?;
    let mut parts: Vec<Part> = Vec::with_capacity(items.len());
    for (index, item) in items.into_iter().enumerate() {
        let at = at.index(index);
        match (cache_point(item, at)?, parts.last_mut()) {
            (Some(marker), Some(part)) if part.cache.is_none() => part.cache = Some(marker),
            _ => parts.push(block(item, at)?),
        }
    }
    Ok(parts)
}

/// Reads a cache point of the kind known here.
pub(super) fn cache_point(raw: &RawValue, at: Path<'_>) -> Result<Option<CacheMarker>, Malformed> {
    let mut outer = Fields::of(raw, at)?;
    let Some(raw) = outer.take("cachePoint") else {
        return Ok(None);
    };
    let mut point = Fields::of(raw, at.key("cachePoint"))?;
    let known = point.need_string("type")? == "default";
    let ttl = point.string("ttl")?;
    let plain = known && point.into_members().is_empty() && outer.into_members().is_empty();
    Ok(plain.then_some(CacheMarker { from: ID, ttl }))
}

/// Blocks that a provider's own tools put into a conversation, or that only say where a cache ends: other providers do
/// without them. Any other unknown block is refused there.
const PROVIDERS_OWN: &[&str] = &["toolUse", "toolResult", "cachePoint", "citationsContent"];

/// Reads one block.
fn block(raw: &RawValue, at: Path<'_>) -> Result<Part, Malformed> {
    let mut block = Fields::of(raw, at)?;
    let mut extra = Extra::default();
    let Some(mut part) = known(&mut block, &mut extra)? else {
        let block = Fields::of(raw, at)?;
        if PROVIDERS_OWN.iter().any(|name| block.has(name)) {
            return Ok(Part::new(PartKind::Opaque(ID, fields::json(raw))));
        }
        let why = "must be a text, image, document, video, audio, toolUse, toolResult, guardContent or searchResult that can be read, for this model";
        return Ok(fields::unknown_part(ID, raw, &at, why));
    };
    block.rest_into(ID, "", &mut extra);
    part.extra = extra;
    Ok(part)
}

/// What a medium becomes.
type Becomes = fn(Media) -> PartKind;

/// How the media blocks are called, what their formats are, and what they become.
const MEDIA: &[(&str, &Formats, Becomes)] = &[
    ("image", &formats::IMAGE, PartKind::Image),
    ("document", &formats::DOCUMENT, PartKind::File),
    ("video", &formats::VIDEO, PartKind::Video),
    ("audio", &formats::AUDIO, PartKind::Audio),
];

/// Reads what stands in a frame; `None` where it cannot be read.
type ReadFramed = for<'a, 'p> fn(Fields<'a, 'p>) -> Result<Option<Part>, Malformed>;

/// Blocks that are a text or an image with a frame around it: what a guardrail is to look at, and what was found.
const TEXTS: &[(&str, ReadFramed)] = &[("guardContent", guarded), ("searchResult", found)];

/// Whether the part was framed; then its own dialect writes the frame, which holds it.
pub(super) fn is_framed(part: &Part) -> bool {
    let mut members = part.extra.of(ID);
    members.any(|(key, _)| TEXTS.iter().any(|(name, _)| *name == key))
}

/// <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailConverseContentBlock.html> (2026-11)
fn guarded(mut guard: Fields<'_, '_>) -> Result<Option<Part>, Malformed> {
    let at = guard.at();
    if let Some(raw) = guard.take("text") {
        let text = Fields::of(raw, at.key("text"))?.need_string("text")?;
        return Ok(Some(Part::text(text)));
    }
    let Some(raw) = guard.take("image") else {
        return Ok(None);
    };
    let image = Fields::of(raw, at.key("image"))?;
    let media = media(image, &formats::IMAGE, "image", &mut Extra::default())?;
    Ok(media.map(|media| Part::new(PartKind::Image(media))))
}

/// <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_SearchResultBlock.html> (2026-11)
fn found(mut result: Fields<'_, '_>) -> Result<Option<Part>, Malformed> {
    let at = result.at();
    let at = at.key("content");
    let title = result.need_string("title")?;
    let source = result.need_string("source")?;
    let mut text = format!("{title}\n{source}\n");
    let content = result.list("content")?.into_iter().flatten();
    for (index, raw) in content.enumerate() {
        text.push('\n');
        text.push_str(&Fields::of(raw, at.index(index))?.need_string("text")?);
    }
    Ok(Some(Part::text(text)))
}

/// What a block says, by its one member; `None` for what is not known here.
fn known(block: &mut Fields<'_, '_>, extra: &mut Extra) -> Result<Option<Part>, Malformed> {
    let at = block.at();
    if let Some(text) = block.string("text")? {
        return Ok(Some(Part::text(text)));
    }
    // A tool's result; the model reads it as text in any case.
    if let Some(json) = block.take("json") {
        return Ok(Some(Part::text(json.get())));
    }
    for (name, formats, part) in MEDIA {
        if let Some(raw) = block.take(name) {
            let media = media(Fields::of(raw, at.key(name))?, formats, name, extra)?;
            return Ok(media.map(|media| Part::new(part(media))));
        }
    }
    for (name, read) in TEXTS {
        if let Some(raw) = block.take(name) {
            let part = read(Fields::of(raw, at.key(name))?)?;
            if part.is_some() {
                // How it was framed is lost elsewhere, and here it is what is sent.
                extra.push(ID, *name, fields::json(raw));
            }
            return Ok(part);
        }
    }
    let kind = if let Some(raw) = block.take("toolUse") {
        tool_use(Fields::of(raw, at.key("toolUse"))?, extra)?.map(PartKind::ToolCall)
    } else if let Some(raw) = block.take("toolResult") {
        tool_result(Fields::of(raw, at.key("toolResult"))?, extra)?.map(PartKind::ToolResult)
    } else if let Some(raw) = block.take("reasoningContent") {
        reasoning(Fields::of(raw, at.key("reasoningContent"))?, extra)?.map(PartKind::Reasoning)
    } else if let Some(raw) = block.take("citationsContent") {
        return cited(Fields::of(raw, at.key("citationsContent"))?);
    } else {
        None
    };
    Ok(kind.map(Part::new))
}

/// Reads an image, document, video or sound; `None` where its bytes are said to be at a place not known here.
fn media(
    mut fields: Fields<'_, '_>,
    formats: &Formats,
    name: &str,
    extra: &mut Extra,
) -> Result<Option<Media>, Malformed> {
    let outer = fields.at();
    let format = fields.string("format")?;
    let media_type = format.as_deref().map(|word| formats.media_type(word));
    let called = fields.string("name")?;
    let mut source = Fields::of(fields.need("source")?, outer.key("source"))?;
    let at = outer.key("source");
    let (source_kind, media_type) = if let Some(data) = source.string("bytes")? {
        // A document may leave its format out: then it is for the model to see.
        let media_type = media_type.unwrap_or_default();
        (MediaSource::Base64 { media_type, data }, None)
    } else if let Some(raw) = source.take("s3Location") {
        let mut place = Fields::of(raw, at.key("s3Location"))?;
        let uri = place.need_string("uri")?;
        place.rest_into(ID, &format!("{name}.source.s3Location."), extra);
        (MediaSource::FileId(Sealed::new(ID, uri)), media_type)
    } else if let Some(text) = source.string("text")? {
        (MediaSource::Text(text), media_type)
    } else {
        return Ok(None);
    };
    source.rest_into(ID, &format!("{name}.source."), extra);
    fields.rest_into(ID, &format!("{name}."), extra);
    Ok(Some(Media {
        source: source_kind,
        media_type,
        name: called,
        detail: None,
    }))
}

/// Reads a call; `None` for one that the provider itself answers.
fn tool_use(mut fields: Fields<'_, '_>, extra: &mut Extra) -> Result<Option<ToolCall>, Malformed> {
    if fields.has("type") {
        return Ok(None);
    }
    let call = ToolCall {
        id: fields.need_string("toolUseId")?,
        name: fields.need_string("name")?,
        arguments: fields.need("input")?.get().to_owned(),
        kind: CallKind::Function,
    };
    fields.rest_into(ID, "toolUse.", extra);
    Ok(Some(call))
}

fn tool_result(
    mut fields: Fields<'_, '_>,
    extra: &mut Extra,
) -> Result<Option<ToolResult>, Malformed> {
    if fields.has("type") {
        return Ok(None);
    }
    let at = fields.at();
    let call_id = fields.need_string("toolUseId")?;
    let parts = blocks(fields.need("content")?, at.key("content"))?;
    let is_error = match fields.string("status")?.as_deref() {
        None => None,
        Some("error") => Some(true),
        Some("success") => Some(false),
        Some(other) => {
            let message = format!("must be `success` or `error`, but is `{other}`");
            return Err(at.key("status").wrong(message));
        }
    };
    fields.rest_into(ID, "toolResult.", extra);
    Ok(Some(ToolResult {
        call_id,
        parts,
        is_error,
    }))
}

fn reasoning(
    mut fields: Fields<'_, '_>,
    extra: &mut Extra,
) -> Result<Option<Reasoning>, Malformed> {
    let at = fields.at();
    let reasoning = if let Some(raw) = fields.take("reasoningText") {
        let mut inner = Fields::of(raw, at.key("reasoningText"))?;
        let reasoning = Reasoning {
            text: inner.need_string("text")?,
            signature: inner
                .string("signature")?
                .filter(|signature| !signature.is_empty())
                .map(|signature| origin::read(signature, ID)),
            encrypted: None,
        };
        inner.rest_into(ID, "reasoningContent.reasoningText.", extra);
        reasoning
    } else if let Some(data) = fields.string("redactedContent")? {
        Reasoning {
            encrypted: Some(read_redacted(data)),
            ..Reasoning::default()
        }
    } else {
        return Ok(None);
    };
    fields.rest_into(ID, "reasoningContent.", extra);
    Ok(Some(reasoning))
}

/// Encrypted reasoning as it stands on the wire, in base64: as it came, or marked with its origin.
pub(super) fn read_redacted(data: String) -> Sealed {
    let marked = STANDARD
        .decode(&data)
        .ok()
        .filter(|bytes| bytes.starts_with(origin::MARK.as_bytes()))
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .map(|text| origin::read(text, ID));
    marked
        .filter(|sealed| sealed.origin != ID)
        .unwrap_or_else(|| Sealed::new(ID, data))
}

/// Encrypted reasoning for the wire.
pub(super) fn write_redacted(sealed: &Sealed) -> String {
    match sealed.open(ID) {
        Some(own) => own.to_owned(),
        None => STANDARD.encode(origin::write(sealed, ID).as_bytes()),
    }
}

/// Reads a text with citations; `None` where it has more than this.
fn cited(mut fields: Fields<'_, '_>) -> Result<Option<Part>, Malformed> {
    let outer = fields.at();
    let at = outer.key("content");
    let mut text = String::new();
    for (index, raw) in fields.list("content")?.into_iter().flatten().enumerate() {
        let mut piece = Fields::of(raw, at.index(index))?;
        match piece.string("text")? {
            Some(more) => text.push_str(&more),
            None => return Ok(None),
        }
    }
    let at = outer.key("citations");
    let list = fields.list("citations")?.into_iter().flatten().enumerate();
    let citations = list.map(|(index, raw)| citations::read(raw, at.index(index)));
    let citations = citations.collect::<Result<Vec<_>, _>>()?;
    let only = fields.into_members().is_empty() && !citations.is_empty();
    Ok(only.then(|| Part {
        citations,
        ..Part::text(text)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::anthropic;

    #[test]
    fn encrypted_reasoning_of_any_origin_is_base64_and_comes_back() {
        for sealed in [
            Sealed::new(ID, "AAEC"),
            Sealed::new(anthropic::ID, "ZGF0YQ"),
            Sealed::new(anthropic::ID, "not base64: ü"),
        ] {
            let written = write_redacted(&sealed);
            assert!(STANDARD.decode(&written).is_ok(), "{written}");
            assert_eq!(read_redacted(written), sealed);
        }
    }
}
