//! Reads content blocks into parts, for requests and answers alike. A block or source of a type not known here is
//! kept as it was written ([`PartKind::Opaque`]): server tools, search results and whatever comes next ride along.

use super::{ID, citations, texts};
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
    let mut parts = Vec::with_capacity(items.len());
    for (index, item) in items.into_iter().enumerate() {
        block(item, at.index(index), &mut parts)?;
    }
    Ok(parts)
}

/// Blocks that a provider's own tools put into a conversation, or that say what becomes of it: other providers do without
/// them. Any other unknown block is refused there.
const PROVIDERS_OWN: &[&str] = &[
    "server_tool_use",
    "web_search_tool_result",
    "web_fetch_tool_result",
    "code_execution_tool_result",
    "bash_code_execution_tool_result",
    "text_editor_code_execution_tool_result",
    "tool_search_tool_result",
    "tool_reference",
    "mcp_tool_use",
    "mcp_tool_result",
    "advisor_tool_result",
    "compaction",
];

/// Reads one block.
fn block(raw: &RawValue, at: Path<'_>, out: &mut Vec<Part>) -> Result<(), Malformed> {
    let mut block = Fields::of(raw, at)?;
    let word = block.need_string("type")?;
    let mut extra = Extra::default();
    let kind = match word.as_str() {
        "text" => Some(PartKind::Text(block.need_string("text")?)),
        "image" => image(&mut block, &mut extra)?,
        "search_result" => return texts::search_result(raw, block, out),
        "document" if texts::is_of_blocks(&block)? => return texts::document(raw, block, out),
        "document" => document(&mut block, &mut extra)?,
        "thinking" => Some(PartKind::Reasoning(thinking(&mut block)?)),
        "redacted_thinking" => Some(PartKind::Reasoning(Reasoning {
            encrypted: Some(origin::read(block.need_string("data")?, ID)),
            ..Reasoning::default()
        })),
        "tool_use" => Some(PartKind::ToolCall(tool_use(&mut block)?)),
        "tool_result" => Some(PartKind::ToolResult(tool_result(&mut block)?)),
        own if PROVIDERS_OWN.contains(&own) => {
            out.push(Part::new(PartKind::Opaque(ID, fields::json(raw))));
            return Ok(());
        }
        other => {
            let why = format!(
                "must be one of text, image, document, search_result, tool_use, tool_result, thinking for this model, but is `{other}`"
            );
            out.push(fields::unknown_part(ID, raw, &at.key("type"), why));
            return Ok(());
        }
    };
    let Some(kind) = kind else {
        let why = "must be base64, url, file, text or content for this model";
        let source = at.key("source");
        out.push(fields::unknown_part(ID, raw, &source.key("type"), why));
        return Ok(());
    };
    let citations = match kind {
        PartKind::Text(_) => citations::take(&mut block, &mut extra)?,
        _ => Vec::new(),
    };
    let cache = cache_control(&mut block, &mut extra)?;
    block.rest_into(ID, "", &mut extra);
    out.push(Part {
        cache,
        citations,
        extra,
        ..Part::new(kind)
    });
    Ok(())
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
