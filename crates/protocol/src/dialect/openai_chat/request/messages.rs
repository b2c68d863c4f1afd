//! Decodes messages and their parts.

use super::super::{ID, reasoning, wire};
use super::decode::cache;
use crate::dialect::fields::{self, Fields, Path};
use crate::dialect::openai_media as media;
use crate::ir::{
    CallKind, Extra, Malformed, Media, MediaSource, Message, Part, PartKind, Reasoning, Role,
    Sealed, ToolCall, ToolResult,
};
use serde_json::value::RawValue;

/// Takes the conversation out of a request.
pub(super) fn read_all(request: &mut Fields<'_, '_>) -> Result<Vec<Message>, Malformed> {
    let at = request.at();
    let at = at.key("messages");
    let list = request
        .list("messages")?
        .ok_or_else(|| at.wrong("is required"))?;
    if list.is_empty() {
        return Err(at.wrong("must hold at least one message"));
    }
    let each = list.into_iter().enumerate();
    each.map(|(n, raw)| message(raw, at.index(n))).collect()
}

fn message(raw: &RawValue, at: Path<'_>) -> Result<Message, Malformed> {
    let mut fields = Fields::of(raw, at)?;
    match fields.need_string("role")?.as_str() {
        "system" => said(Role::System, fields),
        "developer" => said(Role::Developer, fields),
        "user" => said(Role::User, fields),
        "assistant" => assistant(fields),
        "tool" => tool_result(fields),
        "function" => Err(at.key("role").wrong(
            "`function` is deprecated and cannot be translated for this model: use `tool` with tool_call_id",
        )),
        other => Err(at.key("role").wrong(format!(
            "must be one of system, developer, user, assistant, tool, but is `{other}`"
        ))),
    }
}

fn said(role: Role, mut fields: Fields<'_, '_>) -> Result<Message, Malformed> {
    let parts =
        content(&mut fields)?.ok_or_else(|| fields.at().key("content").wrong("is required"))?;
    Ok(Message {
        role,
        parts,
        name: fields.string("name")?,
        extra: fields.rest(ID),
    })
}

/// The order of an assistant's parts is not said on the wire; the model thinks, then speaks, then calls.
fn assistant(mut fields: Fields<'_, '_>) -> Result<Message, Malformed> {
    let at = fields.at();
    let mut parts = reasoning::take(&mut fields)?;
    let spoken = content(&mut fields)?.unwrap_or_default();
    parts.extend(
        spoken
            .into_iter()
            .filter(|part| !matches!(&part.kind, PartKind::Text(text) if text.is_empty())),
    );
    if let Some(refusal) = fields.string("refusal")? {
        parts.push(Part::new(PartKind::Refusal(refusal)));
    }
    if fields.has("function_call") {
        return Err(at
            .key("function_call")
            .wrong("is deprecated and cannot be translated for this model: use `tool_calls`"));
    }
    let calls = fields.list("tool_calls")?.unwrap_or_default();
    for (n, raw) in calls.into_iter().enumerate() {
        let at = at.key("tool_calls");
        let part = tool_call(raw, at.index(n))?;
        if matches!(&part.kind, PartKind::ToolCall(call) if call.id.is_empty()) {
            return Err(at.index(n).key("id").wrong("is required"));
        }
        parts.push(part);
    }
    Ok(Message {
        role: Role::Assistant,
        parts,
        name: fields.string("name")?,
        extra: fields.rest(ID),
    })
}

/// Reads an element of `tool_calls`, in requests and in whole answers. Its id may be empty: some providers give none.
pub(in super::super) fn tool_call(raw: &RawValue, at: Path<'_>) -> Result<Part, Malformed> {
    let mut fields = Fields::of(raw, at)?;
    let (kind, inner, arguments) = match fields.string("type")?.as_deref() {
        None | Some("function") => (CallKind::Function, "function", "arguments"),
        Some("custom") => (CallKind::Freeform, "custom", "input"),
        Some(_) => return Ok(Part::new(PartKind::Opaque(ID, fields::json(raw)))),
    };
    let mut called = Fields::of(fields.need(inner)?, at.key(inner))?;
    let mut part = Part::new(PartKind::ToolCall(ToolCall {
        id: fields.string("id")?.unwrap_or_default(),
        name: called.need_string("name")?,
        arguments: called.string(arguments)?.unwrap_or_default(),
        kind,
    }));
    called.rest_into(ID, &format!("{inner}."), &mut part.extra);
    fields.rest_into(ID, "", &mut part.extra);
    Ok(part)
}

fn tool_result(mut fields: Fields<'_, '_>) -> Result<Message, Malformed> {
    let call_id = fields.need_string("tool_call_id")?;
    let parts =
        content(&mut fields)?.ok_or_else(|| fields.at().key("content").wrong("is required"))?;
    let mut part = Part::new(PartKind::ToolResult(ToolResult {
        call_id,
        parts,
        is_error: None,
    }));
    part.cache = cache(&mut fields)?;
    Ok(Message {
        role: Role::User,
        parts: vec![part],
        name: fields.string("name")?,
        extra: fields.rest(ID),
    })
}

/// Takes the content out of a message: a text, or a list of parts.
pub(in super::super) fn content(
    message: &mut Fields<'_, '_>,
) -> Result<Option<Vec<Part>>, Malformed> {
    let at = message.at();
    let at = at.key("content");
    let Some(raw) = message.take("content") else {
        return Ok(None);
    };
    if raw.get().starts_with('"') {
        return Ok(Some(vec![Part::text(fields::string(raw, &at)?)]));
    }
    let list: Vec<&RawValue> = serde_json::from_str(raw.get()).map_err(|_| {
        let shape = fields::shape(raw);
        at.wrong(format!(
            "must be a string or a list of parts, but is {shape}"
        ))
    })?;
    let each = list.into_iter().enumerate();
    each.map(|(n, raw)| part(raw, at.index(n)))
        .collect::<Result<_, _>>()
        .map(Some)
}

fn part(raw: &RawValue, at: Path<'_>) -> Result<Part, Malformed> {
    let mut fields = Fields::of(raw, at)?;
    let mut extra = Extra::default();
    let kind = match fields.need_string("type")?.as_str() {
        "text" => PartKind::Text(fields.need_string("text")?),
        "refusal" => PartKind::Refusal(fields.need_string("refusal")?),
        "thinking" => return thought(&mut fields),
        "image_url" => PartKind::Image(image(&mut fields, &mut extra)?),
        "video_url" => PartKind::Video(video(&mut fields, &mut extra)?),
        "input_audio" => PartKind::Audio(audio(&mut fields, &mut extra)?),
        "file" => PartKind::File(file(&mut fields, &mut extra)?),
        other => {
            let why = format!(
                "must be one of text, image_url, input_audio, file, video_url, refusal for this model, but is `{other}`"
            );
            return Ok(fields::unknown_part(ID, raw, &at.key("type"), why));
        }
    };
    let cache = cache(&mut fields)?;
    fields.rest_into(ID, "", &mut extra);
    Ok(Part {
        cache,
        extra,
        ..Part::new(kind)
    })
}

/// A thought among the parts, as Mistral's reasoning models write it.
fn thought(part: &mut Fields<'_, '_>) -> Result<Part, Malformed> {
    let raw = part.need("thinking")?;
    let at = part.at();
    let content: wire::Content = serde_json::from_str(raw.get()).map_err(|_| {
        at.key("thinking")
            .wrong("must be a string or a list of parts")
    })?;
    Ok(Part::new(PartKind::Reasoning(Reasoning {
        text: content.into_text(),
        ..Reasoning::default()
    })))
}

fn image(part: &mut Fields<'_, '_>, extra: &mut Extra) -> Result<Media, Malformed> {
    let at = part.at();
    let at = at.key("image_url");
    let mut image = Fields::of(part.need("image_url")?, at)?;
    let media = Media {
        source: media::of_url(image.need_string("url")?, &at.key("url"))?,
        media_type: None,
        name: None,
        detail: image.string("detail")?,
    };
    image.rest_into(ID, "image_url.", extra);
    Ok(media)
}

/// A video, as OpenRouter and vLLM take it; OpenAI takes none.
/// <https://openrouter.ai/docs/features/multimodal/videos>
fn video(part: &mut Fields<'_, '_>, extra: &mut Extra) -> Result<Media, Malformed> {
    let at = part.at();
    let at = at.key("video_url");
    let mut video = Fields::of(part.need("video_url")?, at)?;
    let media = Media {
        source: media::of_url(video.need_string("url")?, &at.key("url"))?,
        media_type: None,
        name: None,
        detail: None,
    };
    video.rest_into(ID, "video_url.", extra);
    Ok(media)
}

fn audio(part: &mut Fields<'_, '_>, extra: &mut Extra) -> Result<Media, Malformed> {
    let at = part.at();
    let mut audio = Fields::of(part.need("input_audio")?, at.key("input_audio"))?;
    let format = audio.need_string("format")?;
    let media = Media {
        source: media::of_audio(&format, audio.need_string("data")?),
        media_type: None,
        name: None,
        detail: None,
    };
    audio.rest_into(ID, "input_audio.", extra);
    Ok(media)
}

fn file(part: &mut Fields<'_, '_>, extra: &mut Extra) -> Result<Media, Malformed> {
    let at = part.at();
    let at = at.key("file");
    let mut file = Fields::of(part.need("file")?, at)?;
    let name = file.string("filename")?;
    let source = match (file.string("file_data")?, file.string("file_id")?) {
        (Some(data), _) => media::of_file_data(data, name.as_deref(), &at.key("file_data"))?,
        (None, Some(id)) => MediaSource::FileId(Sealed::new(ID, id)),
        (None, None) => return Err(at.wrong("must have file_data or file_id")),
    };
    file.rest_into(ID, "file.", extra);
    Ok(Media {
        source,
        media_type: None,
        name,
        detail: None,
    })
}
