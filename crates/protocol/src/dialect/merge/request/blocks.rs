//! Reads blocks of content into parts. A block of a type not known here is kept as it was written
//! ([`PartKind::Opaque`]): refused in what the model is asked, and lost in its own turns.

use super::super::{ENCRYPTED, ID};
use crate::dialect::fields::{self, Fields, Path};
use crate::dialect::origin;
use crate::ir::{
    CacheMarker, CallKind, Extra, Malformed, Media, MediaSource, Part, PartKind, Reasoning,
    ToolCall, ToolResult,
};
use serde_json::value::RawValue;

/// Reads `content`: a string, or a list of blocks.
pub(super) fn content(raw: &RawValue, at: Path<'_>) -> Result<Vec<Part>, Malformed> {
    match raw.get().as_bytes().first() {
        Some(b'"') => Ok(vec![Part::text(fields::string(raw, &at)?)]),
        Some(b'[') => {
            let items: Vec<&RawValue> =
                serde_json::from_str(raw.get()).map_err(|bad| at.wrong(bad.to_string()))?;
            let read = |(index, item)| block(item, at.index(index));
            items.into_iter().enumerate().map(read).collect()
        }
        _ => Err(at.wrong(format!(
            "must be a string or a list of blocks, but is {}",
            fields::shape(raw)
        ))),
    }
}

fn block(raw: &RawValue, at: Path<'_>) -> Result<Part, Malformed> {
    let mut block = Fields::of(raw, at)?;
    let kind = match block.need_string("type")?.as_str() {
        "text" => PartKind::Text(block.need_string("text")?),
        "image_url" => PartKind::Image(image_url(&mut block)?),
        "image" => PartKind::Image(medium(&mut block)?),
        "document" => PartKind::File(medium(&mut block)?),
        "audio" => PartKind::Audio(medium(&mut block)?),
        "video" => PartKind::Video(medium(&mut block)?),
        "tool_use" => PartKind::ToolCall(tool_use(&mut block)?),
        "thinking" => PartKind::Reasoning(thinking(&mut block)?),
        "tool_result" => PartKind::ToolResult(ToolResult {
            call_id: block.need_string("tool_use_id")?,
            parts: block
                .take("content")
                .map(|raw| content(raw, at.key("content")))
                .transpose()?
                .unwrap_or_default(),
            is_error: block.boolean("is_error")?,
        }),
        other => {
            let why = format!(
                "must be one of text, image, image_url, document, audio, video, tool_use, tool_result, thinking, but is `{other}`"
            );
            return Ok(fields::unknown_part(ID, raw, &at.key("type"), why));
        }
    };
    let mut part = Part::new(kind);
    part.cache = cache_control(&mut block, &mut part.extra)?;
    block.rest_into(ID, "", &mut part.extra);
    Ok(part)
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
    let kind = marker.string("type")?;
    if kind.is_some_and(|kind| kind != "ephemeral") {
        extra.push(ID, "cache_control", fields::json(raw));
        return Ok(None);
    }
    let ttl = marker.string("ttl")?;
    marker.rest_into(ID, "cache_control.", extra);
    Ok(Some(CacheMarker { ttl, from: ID }))
}

/// An image behind a URL, or in one. The two client packages differ in what they call it: `image_url` and `url`.
fn image_url(block: &mut Fields<'_, '_>) -> Result<Media, Malformed> {
    let at = block.at();
    let mut detail = block.string("detail")?;
    let older = match block.take("image_url") {
        // As OpenAI nests it.
        Some(raw) if raw.get().starts_with('{') => {
            let mut inner = Fields::of(raw, at.key("image_url"))?;
            detail = inner.string("detail")?.or(detail);
            Some(inner.need_string("url")?)
        }
        Some(raw) => Some(fields::string(raw, &at.key("image_url"))?),
        None => None,
    };
    let newer = block.string("url")?.filter(|url| !url.is_empty());
    let url = match (older, newer) {
        (Some(older), Some(newer)) if older != newer => {
            return Err(at
                .key("url")
                .wrong("and image_url name two different images: send one of them"));
        }
        (older, newer) => older
            .or(newer)
            .ok_or_else(|| at.key("url").wrong("is required"))?,
    };
    Ok(Media {
        source: of_url(url, &at.key("url"))?,
        media_type: None,
        name: None,
        detail,
    })
}

/// An image, document, sound or video: `data` is base64 text, or where to find it.
fn medium(block: &mut Fields<'_, '_>) -> Result<Media, Malformed> {
    let at = block.at();
    let kind = block.string("source_type")?;
    let media_type = block.string("media_type")?;
    let url = block.string("url")?;
    let data = match url {
        Some(url) => url,
        None => block.need_string("data")?,
    };
    let (source, media_type) = match (kind.as_deref(), media_type) {
        (Some("url"), media_type) => (of_url(data, &at.key("data"))?, media_type),
        (None | Some("base64"), Some(media_type)) => {
            (MediaSource::Base64 { media_type, data }, None)
        }
        (None | Some("base64"), None) => {
            return Err(at.key("media_type").wrong("is required"));
        }
        (Some(other), _) => {
            return Err(at
                .key("source_type")
                .wrong(format!("must be `base64` or `url`, but is `{other}`")));
        }
    };
    let name = block.string("filename")?;
    Ok(Media {
        source,
        media_type,
        name: name.or(block.string("title")?),
        detail: None,
    })
}

/// Reads a URL that may be a data URL.
fn of_url(url: String, at: &Path<'_>) -> Result<MediaSource, Malformed> {
    let Some(rest) = url.strip_prefix("data:") else {
        return Ok(MediaSource::Url(url));
    };
    match rest.split_once(";base64,") {
        Some((head, data)) if !head.is_empty() => Ok(MediaSource::Base64 {
            media_type: head.split(';').next().unwrap_or_default().to_owned(),
            data: data.to_owned(),
        }),
        _ => Err(at.wrong(
            "is a data URL that must name its media type and be in base64, as in data:image/png;base64,…",
        )),
    }
}

fn tool_use(block: &mut Fields<'_, '_>) -> Result<ToolCall, Malformed> {
    Ok(ToolCall {
        id: block.need_string("id")?,
        name: block.need_string("name")?,
        // `Any` in the packages: some clients give the text that a model wrote.
        arguments: match block.take("input") {
            Some(raw) if raw.get().starts_with('"') => {
                fields::string(raw, &block.at().key("input"))?
            }
            raw => raw.map_or_else(String::new, |raw| raw.get().to_owned()),
        },
        kind: CallKind::Function,
    })
}

/// Reads thinking, with the signature as we wrote it: any other cannot be said to be of some provider.
fn thinking(block: &mut Fields<'_, '_>) -> Result<Reasoning, Malformed> {
    let text = block.need_string("thinking")?;
    let mut reasoning = Reasoning {
        text,
        ..Reasoning::default()
    };
    let proof = block.string("signature")?.filter(|it| !it.is_empty());
    match proof.map(|proof| {
        proof
            .strip_prefix(ENCRYPTED)
            .map(str::to_owned)
            .ok_or(proof)
    }) {
        Some(Ok(encrypted)) => reasoning.encrypted = Some(origin::read(encrypted, ID)),
        Some(Err(signature)) => reasoning.signature = Some(origin::read(signature, ID)),
        None => {}
    }
    Ok(reasoning)
}
