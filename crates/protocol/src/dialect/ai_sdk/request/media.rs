//! Files in prompts: base64, URLs (data URLs among them), a provider's file ids, and plain text. Bytes are never decoded,
//! but for the few at the start that tell an image's type where the SDK did not.

use super::super::ID;
use crate::dialect::fields::{self, Fields, Path};
use crate::dialect::{self, DialectId};
use crate::ir::{Extra, Malformed, Media, MediaSource, PartKind, Sealed};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// Reads a `file` part.
pub(super) fn file(
    part: &mut Fields<'_, '_>,
    detail: Option<String>,
    extra: &mut Extra,
) -> Result<PartKind, Malformed> {
    let at = part.at();
    let media_type = part.need_string("mediaType")?;
    let raw = part.need("data")?;
    let source = source(raw, &media_type, &at.key("data"), extra)?;
    let media = Media {
        // Base64 has its own.
        media_type: (is_full(&media_type) && !matches!(source, MediaSource::Base64 { .. }))
            .then(|| media_type.clone()),
        source,
        name: part.string("filename")?,
        detail,
    };
    Ok(kind(&media_type, media))
}

fn kind(media_type: &str, media: Media) -> PartKind {
    let is_text = matches!(media.source, MediaSource::Text(_));
    match top(media_type) {
        "image" if !is_text => PartKind::Image(media),
        "audio" if !is_text => PartKind::Audio(media),
        "video" if !is_text => PartKind::Video(media),
        _ => PartKind::File(media),
    }
}

fn top(media_type: &str) -> &str {
    media_type.split('/').next().unwrap_or_default()
}

/// Whether a media type is more than its first half.
fn is_full(media_type: &str) -> bool {
    let rest = media_type.split_once('/').map(|(_, rest)| rest);
    rest.is_some_and(|rest| !rest.is_empty() && rest != "*")
}

fn source(
    raw: &RawValue,
    media_type: &str,
    at: &Path<'_>,
    extra: &mut Extra,
) -> Result<MediaSource, Malformed> {
    // Versions before 4 had a bare text here.
    if raw.get().starts_with('"') {
        let text = fields::string(raw, at)?;
        return match is_url(&text) {
            true => of_url(text, at),
            false => of_base64(text, media_type, at),
        };
    }
    let mut data = Fields::of(raw, *at)?;
    match data.need_string("type")?.as_str() {
        "data" => of_base64(data.need_string("data")?, media_type, at),
        "url" => of_url(data.need_string("url")?, at),
        "text" => Ok(MediaSource::Text(data.need_string("text")?)),
        "reference" => reference(data.need("reference")?, at, extra),
        other => Err(at.key("type").wrong(format!(
            "must be one of data, url, text, reference, but is `{other}`"
        ))),
    }
}

fn is_url(text: &str) -> bool {
    ["data:", "https://", "http://"]
        .iter()
        .any(|scheme| text.starts_with(scheme))
}

fn of_url(url: String, at: &Path<'_>) -> Result<MediaSource, Malformed> {
    let Some(rest) = url.strip_prefix("data:") else {
        return Ok(MediaSource::Url(url));
    };
    let parts = rest.split_once(";base64,");
    let (media_type, data) = parts.ok_or_else(|| {
        at.wrong("is a data URL that must be in base64, as in data:image/png;base64,…")
    })?;
    of_base64(data.to_owned(), media_type, at)
}

fn of_base64(data: String, media_type: &str, at: &Path<'_>) -> Result<MediaSource, Malformed> {
    let media_type = match is_full(media_type) {
        true => media_type.to_owned(),
        false => sniff(top(media_type), &data)
            .ok_or_else(|| {
                at.wrong(format!(
                    "does not tell what `{media_type}` it is: name the whole mediaType, as in image/png"
                ))
            })?
            .to_owned(),
    };
    Ok(MediaSource::Base64 { media_type, data })
}

/// How files of well-known types begin, in base64.
const BEGINNINGS: &[(&str, &str)] = &[
    ("iVBORw0KGgo", "image/png"),
    ("/9j/", "image/jpeg"),
    ("R0lGOD", "image/gif"),
    ("Qk", "image/bmp"),
    ("SUkqA", "image/tiff"),
    ("JVBERi", "application/pdf"),
    ("SUQz", "audio/mpeg"),
    ("//v", "audio/mpeg"),
    ("//s", "audio/mpeg"),
    ("T2dnUw", "audio/ogg"),
    ("ZkxhQ", "audio/flac"),
];

/// The type of a file of which only the first half is known.
fn sniff(top_level: &str, data: &str) -> Option<&'static str> {
    // RIFF holds formats of both.
    if data.starts_with("UklGR") {
        return match top_level {
            "image" => Some("image/webp"),
            "audio" => Some("audio/wav"),
            _ => None,
        };
    }
    BEGINNINGS
        .iter()
        .find(|(beginning, known)| data.starts_with(beginning) && top(known) == top_level)
        .map(|(_, known)| *known)
}

/// A file that was uploaded before: its id at each provider that has it. The first that is known here counts, and the
/// others are kept as extras.
fn reference(raw: &RawValue, at: &Path<'_>, extra: &mut Extra) -> Result<MediaSource, Malformed> {
    let at = at.key("reference");
    let mut found = None;
    for (vendor, raw) in Fields::of(raw, at)?.into_members() {
        match origin(&vendor).filter(|_| found.is_none()) {
            Some(origin) => {
                let id = fields::string(raw, &at.key(&vendor))?;
                found = Some(MediaSource::FileId(Sealed::new(origin, id)));
            }
            None => extra.push(ID, format!("data.reference.{vendor}"), fields::json(raw)),
        }
    }
    found.ok_or_else(|| at.wrong("names no provider whose files can be referred to here"))
}

/// The dialect whose providers know a vendor's file ids.
fn origin(vendor: &str) -> Option<DialectId> {
    let name = match vendor {
        "openai" => "openai_chat",
        "google" => "gemini",
        other => other,
    };
    dialect::find(name).map(|dialect| dialect.id)
}

/// What kinds of files a prompt holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Kinds {
    pub(super) image: bool,
    pub(super) audio: bool,
    pub(super) file: bool,
}

/// Looks for files in messages and tool results. What is wrong with them is for the decoder to say.
pub(super) fn kinds(prompt: Option<&RawValue>) -> Kinds {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Holder<'a> {
        r#type: Cow<'a, str>,
        #[serde(rename = "mediaType")]
        media_type: Cow<'a, str>,
        #[serde(borrow)]
        content: Option<&'a RawValue>,
        #[serde(borrow)]
        output: Option<&'a RawValue>,
        #[serde(borrow)]
        value: Option<&'a RawValue>,
    }
    let mut kinds = Kinds::default();
    let mut left: Vec<&RawValue> = prompt.into_iter().collect();
    while let Some(raw) = left.pop() {
        if raw.get().starts_with('[') {
            left.extend(serde_json::from_str::<Vec<&RawValue>>(raw.get()).unwrap_or_default());
        } else if let Ok(holder) = serde_json::from_str::<Holder<'_>>(raw.get()) {
            match (&*holder.r#type, top(&holder.media_type)) {
                (_, "") => {}
                ("file", "image") => kinds.image = true,
                ("file", "audio") => kinds.audio = true,
                ("file", _) => kinds.file = true,
                _ => {}
            }
            left.extend(holder.content);
            left.extend(holder.output);
            // Only what a tool answered in parts has parts in its value.
            left.extend(holder.value.filter(|_| holder.r#type == "content"));
        }
    }
    kinds
}
