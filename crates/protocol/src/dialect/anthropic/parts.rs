//! Reads content blocks into parts, for requests and answers alike. A block or source of a type not known here is
//! kept as it was written ([`PartKind::Opaque`]): server tools, search results and whatever comes next ride along.

use super::{ID, citations};
use crate::dialect::fields::{self, Fields, Path};
use crate::dialect::origin;
use crate::ir::{
    CacheMarker, CallKind, Extra, Malformed, Media, MediaSource, Part, PartKind, Reasoning, Sealed,
    ToolCall, ToolResult,
};
use serde_json::value::RawValue;

/// Reads `content`: a string, or a list of blocks.
pub(super) fn content(raw: &RawValue, at: Path<'_>) -> Result<Vec<Part>, Malformed> {
    match raw.get().as_bytes().first() {
        Some(b'"') => Ok(vec![Part::text(fields::string(raw, &at)?)]),
        Some(b'[') => blocks(raw, at),
        _ => Err(at.wrong(format!(
            "must be a string or a list of content blocks, but is {}",
            fields::shape(raw)
        ))),
    }
}

/// Reads a list of blocks.
pub(super) fn blocks(raw: &RawValue, at: Path<'_>) -> Result<Vec<Part>, Malformed> {
    let items: Vec<&RawValue> = serde_json::from_str(raw.get())
        .map_err(|_| at.wrong(format!("must be a list, but is {}", fields::shape(raw))))?;
    items
        .into_iter()
        .enumerate()
        .map(|(index, item)| block(item, at.index(index)))
        .collect()
}

/// Reads one block.
fn block(raw: &RawValue, at: Path<'_>) -> Result<Part, Malformed> {
    let mut block = Fields::of(raw, at)?;
    let kind = block.need_string("type")?;
    let mut extra = Extra::default();
    let kind = match kind.as_str() {
        "text" => Some(PartKind::Text(block.need_string("text")?)),
        "image" => image(&mut block, &mut extra)?,
        "document" => document(&mut block, &mut extra)?,
        "thinking" => Some(PartKind::Reasoning(thinking(&mut block)?)),
        "redacted_thinking" => Some(PartKind::Reasoning(Reasoning {
            encrypted: Some(origin::read(block.need_string("data")?, ID)),
            ..Reasoning::default()
        })),
        "tool_use" => Some(PartKind::ToolCall(tool_use(&mut block)?)),
        "tool_result" => Some(PartKind::ToolResult(tool_result(&mut block)?)),
        _ => None,
    };
    let Some(kind) = kind else {
        return Ok(Part::new(PartKind::Opaque(ID, fields::json(raw))));
    };
    let citations = match kind {
        PartKind::Text(_) => citations::take(&mut block, &mut extra)?,
        _ => Vec::new(),
    };
    let cache = cache_control(&mut block, &mut extra)?;
    block.rest_into(ID, "", &mut extra);
    Ok(Part {
        cache,
        citations,
        extra,
        ..Part::new(kind)
    })
}

/// Takes `cache_control`. A type other than `ephemeral` rides along.
pub(super) fn cache_control(
    fields: &mut Fields<'_, '_>,
    extra: &mut Extra,
) -> Result<Option<CacheMarker>, Malformed> {
    let Some(raw) = fields.take("cache_control") else {
        return Ok(None);
    };
    let outer = fields.at();
    let mut marker = Fields::of(raw, outer.key("cache_control"))?;
    if marker.need_string("type")? != "ephemeral" {
        extra.push(ID, "cache_control", fields::json(raw));
        return Ok(None);
    }
    let ttl = marker.string("ttl")?;
    marker.rest_into(ID, "cache_control.", extra);
    Ok(Some(CacheMarker { ttl, from: ID }))
}

fn image(block: &mut Fields<'_, '_>, extra: &mut Extra) -> Result<Option<PartKind>, Malformed> {
    let raw = block.need("source")?;
    let outer = block.at();
    let mut fields = Fields::of(raw, outer.key("source"))?;
    let Some(source) = media_source(&mut fields)? else {
        return Ok(None);
    };
    fields.rest_into(ID, "source.", extra);
    Ok(Some(PartKind::Image(Media {
        source,
        media_type: None,
        name: None,
        detail: None,
    })))
}

fn document(block: &mut Fields<'_, '_>, extra: &mut Extra) -> Result<Option<PartKind>, Malformed> {
    let raw = block.need("source")?;
    let outer = block.at();
    let mut fields = Fields::of(raw, outer.key("source"))?;
    let Some(source) = media_source(&mut fields)? else {
        return Ok(None);
    };
    fields.rest_into(ID, "source.", extra);
    Ok(Some(PartKind::File(Media {
        source,
        media_type: None,
        name: block.string("title")?,
        detail: None,
    })))
}

/// Reads where a medium is; `None` for a type of source that is not known here.
fn media_source(source: &mut Fields<'_, '_>) -> Result<Option<MediaSource>, Malformed> {
    Ok(Some(match source.need_string("type")?.as_str() {
        "base64" => MediaSource::Base64 {
            media_type: source.need_string("media_type")?,
            data: source.need_string("data")?,
        },
        "url" => MediaSource::Url(source.need_string("url")?),
        "file" => MediaSource::FileId(Sealed::new(ID, source.need_string("file_id")?)),
        "text" => {
            source.string("media_type")?;
            MediaSource::Text(source.need_string("data")?)
        }
        _ => return Ok(None),
    }))
}

fn thinking(block: &mut Fields<'_, '_>) -> Result<Reasoning, Malformed> {
    Ok(Reasoning {
        text: block.need_string("thinking")?,
        // An answer of another provider that we wrote as a thinking block has an empty one.
        signature: block
            .string("signature")?
            .filter(|it| !it.is_empty())
            .map(|signature| origin::read(signature, ID)),
        encrypted: None,
    })
}

fn tool_use(block: &mut Fields<'_, '_>) -> Result<ToolCall, Malformed> {
    Ok(ToolCall {
        id: block.need_string("id")?,
        name: block.need_string("name")?,
        arguments: block
            .json_object("input")?
            .ok_or_else(|| block.at().key("input").wrong("is required"))?
            .get()
            .to_owned(),
        kind: CallKind::Function,
    })
}

fn tool_result(block: &mut Fields<'_, '_>) -> Result<ToolResult, Malformed> {
    let at = block.at();
    Ok(ToolResult {
        call_id: block.need_string("tool_use_id")?,
        parts: block
            .take("content")
            .map(|raw| content(raw, at.key("content")))
            .transpose()?
            .unwrap_or_default(),
        is_error: block.boolean("is_error")?,
    })
}
