//! The parts of a message or of a tool's answer: what a person puts in (`input_text`, `input_image` …) and what the model
//! says (`output_text`, `refusal`).
//! <https://platform.openai.com/docs/api-reference/responses/create#responses-create-input> (2026-11)

use super::{ID, annotations, places};
use crate::dialect::fields::{self, Fields, Path};
use crate::dialect::openai_media as media;
use crate::dialect::write::{List, Object};
use crate::ir::{
    Extra, Json, Logprobs, Malformed, Media, MediaSource, Part, PartKind, Sealed, TokenLogprob,
};
use serde_json::value::RawValue;

/// The note that keeps a text's log probabilities as they were written.
pub(super) const LOGPROBS: &str = "logprobs";

/// Reads a content: a text, or a list of parts.
pub(super) fn content(raw: &RawValue, at: &Path<'_>) -> Result<Vec<Part>, Malformed> {
    if raw.get().starts_with('"') {
        let mut part = Part::text(fields::string(raw, at)?);
        places::note(&mut part.extra, at);
        return Ok(vec![part]);
    }
    let list: Vec<&RawValue> = serde_json::from_str(raw.get()).map_err(|_| {
        let shape = fields::shape(raw);
        at.wrong(format!(
            "must be a string or a list of parts, but is {shape}"
        ))
    })?;
    let each = list.into_iter().enumerate();
    each.map(|(n, raw)| part(raw, at.index(n))).collect()
}

/// Reads one part.
pub(super) fn part(raw: &RawValue, at: Path<'_>) -> Result<Part, Malformed> {
    let mut fields = Fields::of(raw, at)?;
    let mut part = match fields.need_string("type")?.as_str() {
        "input_text" | "text" => Part::text(fields.need_string("text")?),
        "output_text" => said(&mut fields)?,
        "refusal" => Part::new(PartKind::Refusal(fields.need_string("refusal")?)),
        "input_image" => Part::new(PartKind::Image(image(&mut fields)?)),
        "input_audio" => audio(&mut fields)?,
        "input_file" => Part::new(PartKind::File(file(&mut fields)?)),
        other => {
            let why = format!(
                "must be one of input_text, input_image, input_audio, input_file for this model, but is `{other}`"
            );
            let mut part = fields::unknown_part(ID, raw, &at.key("type"), why);
            places::note(&mut part.extra, &at);
            return Ok(part);
        }
    };
    places::note(&mut part.extra, &at);
    fields.rest_into(ID, "", &mut part.extra);
    Ok(part)
}

/// A text of the model, with what it rests on.
fn said(fields: &mut Fields<'_, '_>) -> Result<Part, Malformed> {
    let mut part = Part::text(fields.need_string("text")?);
    let citations = fields.list("annotations")?.unwrap_or_default();
    part.citations = citations.into_iter().map(annotations::read).collect();
    if let Some(raw) = fields.take("logprobs").filter(|raw| raw.get() != "[]") {
        part.extra.note(ID, LOGPROBS, fields::json(raw));
    }
    Ok(part)
}

fn image(fields: &mut Fields<'_, '_>) -> Result<Media, Malformed> {
    let at = fields.at();
    let source = match (fields.string("image_url")?, fields.string("file_id")?) {
        (Some(url), None) => media::of_url(url, &at.key("image_url"))?,
        (None, Some(id)) => MediaSource::FileId(Sealed::new(ID, id)),
        (None, None) | (Some(_), Some(_)) => {
            return Err(at.wrong("must have one of image_url and file_id"));
        }
    };
    Ok(Media {
        source,
        media_type: None,
        name: None,
        detail: fields.string("detail")?,
    })
}

fn audio(fields: &mut Fields<'_, '_>) -> Result<Part, Malformed> {
    let at = fields.at();
    let mut audio = Fields::of(fields.need("input_audio")?, at.key("input_audio"))?;
    let format = audio.need_string("format")?;
    let mut extra = Extra::default();
    let media = Media {
        source: media::of_audio(&format, audio.need_string("data")?),
        media_type: None,
        name: None,
        detail: None,
    };
    audio.rest_into(ID, "input_audio.", &mut extra);
    Ok(Part {
        extra,
        ..Part::new(PartKind::Audio(media))
    })
}

fn file(fields: &mut Fields<'_, '_>) -> Result<Media, Malformed> {
    let at = fields.at();
    let name = fields.string("filename")?;
    let (data, url) = (fields.string("file_data")?, fields.string("file_url")?);
    let source = match (data, url, fields.string("file_id")?) {
        (Some(data), None, None) => {
            media::of_file_data(data, name.as_deref(), &at.key("file_data"))?
        }
        (None, Some(url), None) => media::of_url(url, &at.key("file_url"))?,
        (None, None, Some(id)) => MediaSource::FileId(Sealed::new(ID, id)),
        _ => return Err(at.wrong("must have one of file_data, file_url and file_id")),
    };
    Ok(Media {
        source,
        media_type: None,
        name,
        detail: fields.string("detail")?,
    })
}

/// The log probabilities of the texts among the parts.
pub(super) fn logprobs(parts: &[Part]) -> Option<Logprobs> {
    let noted = parts
        .iter()
        .filter_map(|part| part.extra.noted(ID, LOGPROBS));
    let tokens: Vec<TokenLogprob> = noted
        .filter_map(|raw| raw.read::<Vec<TokenLogprob>>().ok())
        .flatten()
        .collect();
    (!tokens.is_empty()).then_some(Logprobs {
        content: Some(tokens),
        refusal: None,
    })
}

/// Whether there are some for a refusal, which has none here.
pub(super) fn are_of_refusal(logprobs: &Logprobs) -> bool {
    let tokens = logprobs.refusal.as_ref();
    tokens.is_some_and(|tokens| !tokens.is_empty())
}

/// Log probabilities as they are written: each token has its bytes here, though other dialects know only its text.
pub(super) fn tokens(tokens: &[TokenLogprob]) -> Json {
    let mut tokens = tokens.to_vec();
    for one in &mut tokens {
        fill_bytes(&mut one.bytes, &one.token);
        for top in &mut one.top_logprobs {
            fill_bytes(&mut top.bytes, &top.token);
        }
    }
    Json::of(&tokens)
}

/// A token in which a sign stands for bytes that are no text does not tell them.
fn fill_bytes(bytes: &mut Option<Vec<u8>>, token: &str) {
    bytes.get_or_insert_with(|| match token.contains('\u{FFFD}') {
        true => Vec::new(),
        false => token.as_bytes().to_vec(),
    });
}

/// Writes a part that the model said. `logprobs` are those of a text that has none of its own.
pub(super) fn write_said(list: &mut List<'_>, part: &Part, logprobs: Option<&Json>) {
    match &part.kind {
        PartKind::Text(text) => list.object(|o| {
            o.value("type", "output_text");
            let characters = text.chars().count() as u64;
            o.list("annotations", |list| {
                for citation in &part.citations {
                    list.value(&*annotations::write(citation, characters));
                }
            });
            match part.extra.noted(ID, LOGPROBS).or(logprobs) {
                Some(logprobs) => o.value("logprobs", logprobs),
                None => o.list("logprobs", |_| {}),
            }
            o.value("text", text);
            o.extra(&part.extra, ID);
        }),
        PartKind::Refusal(text) => list.object(|o| {
            o.value("type", "refusal");
            o.value("refusal", text);
            o.extra(&part.extra, ID);
        }),
        PartKind::Opaque(_, raw) => list.value(raw),
        PartKind::Image(_)
        | PartKind::Audio(_)
        | PartKind::Video(_)
        | PartKind::File(_)
        | PartKind::Reasoning(_)
        | PartKind::ToolCall(_)
        | PartKind::ToolResult(_) => {}
    }
}

/// Writes a part that a person or a tool put in. Whether it can be said was decided before.
pub(super) fn write_given(list: &mut List<'_>, part: &Part) {
    if let PartKind::Opaque(_, raw) = &part.kind {
        return list.value(raw);
    }
    list.object(|o| {
        match &part.kind {
            PartKind::Text(text) => {
                o.value("type", "input_text");
                o.value("text", text);
            }
            PartKind::Image(media) => write_image(o, media),
            PartKind::Audio(media) => write_audio(o, part, media),
            PartKind::File(media) => write_file(o, media),
            // They are never given, or are items of their own.
            PartKind::Refusal(_)
            | PartKind::Video(_)
            | PartKind::Reasoning(_)
            | PartKind::ToolCall(_)
            | PartKind::ToolResult(_)
            | PartKind::Opaque(..) => {}
        }
        o.extra(&part.extra, ID);
    });
}

fn write_image(o: &mut Object<'_>, media: &Media) {
    o.value("type", "input_image");
    match &media.source {
        MediaSource::Base64 { media_type, data } => {
            o.value("image_url", &media::data_url(media_type, data));
        }
        MediaSource::Url(url) => o.value("image_url", url),
        MediaSource::FileId(id) => o.value("file_id", &id.value),
        MediaSource::Text(_) => {}
    }
    // The vendor's type demands one.
    o.value("detail", media.detail.as_deref().unwrap_or("auto"));
}

fn write_audio(o: &mut Object<'_>, part: &Part, media: &Media) {
    o.value("type", "input_audio");
    o.object("input_audio", |o| {
        if let MediaSource::Base64 { media_type, data } = &media.source {
            o.value("data", data);
            o.some("format", media::audio_format(media_type));
        }
        o.extra_under(&part.extra, ID, "input_audio.");
    });
}

fn write_file(o: &mut Object<'_>, media: &Media) {
    if let MediaSource::Text(text) = &media.source {
        o.value("type", "input_text");
        return o.value("text", text);
    }
    o.value("type", "input_file");
    match &media.source {
        MediaSource::Base64 { media_type, data } => {
            o.value("filename", &media::file_name(media, media_type));
            o.value("file_data", &media::data_url(media_type, data));
        }
        MediaSource::Url(url) => o.value("file_url", url),
        MediaSource::FileId(id) => o.value("file_id", &id.value),
        MediaSource::Text(_) => {}
    }
    if !matches!(media.source, MediaSource::Base64 { .. }) {
        o.some("filename", media.name.as_ref());
    }
    o.some("detail", media.detail.as_ref());
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The others were left out in silence.
    #[test]
    fn a_medium_has_one_source() {
        let check = |part: &str, expect: Option<&str>| {
            let list = format!("[{part}]");
            let raw: &RawValue = serde_json::from_str(&list).unwrap();
            let read = content(raw, &Path::ROOT.key("content"));
            let wrong = read.err().map(|bad| bad.to_string());
            assert_eq!(wrong.as_deref(), expect, "{part}");
        };
        let one = Some("content[0]: must have one of image_url and file_id");
        check(
            r#"{"type":"input_image","image_url":"https://a.example/b","file_id":null}"#,
            None,
        );
        check(
            r#"{"type":"input_image","image_url":"https://a.example/b","file_id":"f"}"#,
            one,
        );
        check(r#"{"type":"input_image"}"#, one);
        let one = Some("content[0]: must have one of file_data, file_url and file_id");
        check(
            r#"{"type":"input_file","file_url":"https://a.example/b","file_id":"f"}"#,
            one,
        );
        check(r#"{"type":"input_file","file_id":"f"}"#, None);
    }
}
