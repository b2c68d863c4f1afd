//! Encodes the parts of messages, and says which of them this dialect takes.

use super::super::{ID, reasoning};
use super::encode::{marker, marker_lost};
use crate::dialect::openai_media as media;
use crate::dialect::write::{List, Object};
use crate::ir::{Loss, Malformed, Media, MediaSource, Part, PartKind, Sealed};

/// The parts that instructions and the model's own turns can hold: no media, as OpenAI refuses them there.
pub(super) fn words<'m>(
    parts: &'m [Part],
    path: &str,
    losses: &mut Vec<Loss>,
) -> Result<Vec<&'m Part>, Malformed> {
    let mut kept = Vec::with_capacity(parts.len());
    for (n, part) in parts.iter().enumerate() {
        let at = format!("{path}.content[{n}]");
        if matches!(
            part.kind,
            PartKind::Image(_) | PartKind::Audio(_) | PartKind::Video(_) | PartKind::File(_)
        ) {
            losses.push(Loss::dropped(at));
        } else if is_sayable(part, &at, losses)? {
            kept.push(part);
        }
    }
    Ok(kept)
}

/// The parts that this dialect can say, tool results aside; what it drops is named.
pub(super) fn sayable<'m>(
    parts: &'m [Part],
    path: &str,
    losses: &mut Vec<Loss>,
) -> Result<Vec<&'m Part>, Malformed> {
    let mut kept = Vec::with_capacity(parts.len());
    for (n, part) in parts.iter().enumerate() {
        if is_sayable(part, &format!("{path}.content[{n}]"), losses)? {
            kept.push(part);
        }
    }
    Ok(kept)
}

/// Whether this dialect can say a part. A medium that a person put in and that cannot be said is an error: an answer
/// without it would be about something else.
fn is_sayable(part: &Part, at: &str, losses: &mut Vec<Loss>) -> Result<bool, Malformed> {
    let sayable = match &part.kind {
        // They are messages of their own.
        PartKind::ToolResult(_) => return Ok(false),
        PartKind::Text(_) | PartKind::Refusal(_) | PartKind::ToolCall(_) => true,
        PartKind::Reasoning(r) => {
            // What another provider signed or encrypted proves nothing to this one.
            let own = |sealed: &Sealed| sealed.open(ID).is_some();
            let mut proofs = [&r.signature, &r.encrypted].into_iter().flatten();
            proofs.all(own) || reasoning::is_detail(part)
        }
        PartKind::Opaque(from, _) => *from == ID,
        PartKind::Image(media) => {
            check_image(media).map_err(|why| Malformed::field(at, why))?;
            true
        }
        PartKind::Audio(media) => {
            check_audio(media).map_err(|why| Malformed::field(at, why))?;
            true
        }
        PartKind::Video(media) => {
            check_video(media).map_err(|why| Malformed::field(at, why))?;
            true
        }
        PartKind::File(media) => {
            check_file(media).map_err(|why| Malformed::field(at, why))?;
            if matches!(media.source, MediaSource::Text(_)) {
                losses.push(Loss::approximated(at));
            }
            true
        }
    };
    if !sayable {
        losses.push(Loss::dropped(at));
        return Ok(false);
    }
    let path = format!("{at}.");
    marker_lost(part.cache.as_ref(), &path, losses);
    losses.extend(part.extra.lost_to(ID, at));
    if !part.citations.is_empty() {
        losses.push(Loss::dropped(format!("{at}.citations")));
    }
    Ok(true)
}

fn check_image(media: &Media) -> Result<(), &'static str> {
    match media.source {
        MediaSource::Base64 { .. } | MediaSource::Url(_) => Ok(()),
        MediaSource::FileId(_) | MediaSource::Text(_) => {
            Err("this model takes an image as a URL or as base64, not as a file id")
        }
    }
}

fn check_audio(media: &Media) -> Result<(), &'static str> {
    match &media.source {
        MediaSource::Base64 { media_type, .. } if media::audio_format(media_type).is_some() => {
            Ok(())
        }
        MediaSource::Base64 { .. } => Err("must have an audio media type"),
        MediaSource::Url(_) | MediaSource::FileId(_) | MediaSource::Text(_) => {
            Err("this model takes audio as base64 only")
        }
    }
}

fn check_video(media: &Media) -> Result<(), &'static str> {
    match media.source {
        MediaSource::Base64 { .. } | MediaSource::Url(_) => Ok(()),
        MediaSource::FileId(_) | MediaSource::Text(_) => {
            Err("this model takes a video as a URL or as base64, not as a file id")
        }
    }
}

fn check_file(media: &Media) -> Result<(), &'static str> {
    match &media.source {
        MediaSource::FileId(id) if id.open(ID).is_none() => {
            Err("names a file that was uploaded to another provider: send its content")
        }
        MediaSource::Base64 { .. } | MediaSource::FileId(_) | MediaSource::Text(_) => Ok(()),
        MediaSource::Url(_) => {
            Err("this model takes a file as base64 or as a file id, not as a URL")
        }
    }
}

/// Writes `content`: a text where one plain text is all there is, else a list of parts.
pub(super) fn content(o: &mut Object<'_>, parts: &[&Part]) {
    if parts.is_empty() {
        return o.value("content", "");
    }
    if let [part] = parts
        && let Some(text) = plain_text(part)
    {
        return o.value("content", text);
    }
    o.list("content", |list| {
        for part in parts {
            write_part(list, part);
        }
    });
}

/// The text of a part that is nothing but a text.
fn plain_text(part: &Part) -> Option<&str> {
    let marked = part.cache.as_ref().is_some_and(|marker| marker.from == ID);
    match &part.kind {
        PartKind::Text(text) if !marked && part.extra.of(ID).next().is_none() => Some(text),
        _ => None,
    }
}

fn write_part(list: &mut List<'_>, part: &Part) {
    if let PartKind::Opaque(_, raw) = &part.kind {
        return list.value(raw);
    }
    list.object(|o| {
        match &part.kind {
            PartKind::Text(text) => {
                o.value("type", "text");
                o.value("text", text);
            }
            PartKind::Refusal(text) => {
                o.value("type", "refusal");
                o.value("refusal", text);
            }
            PartKind::Image(media) => write_image(o, part, media),
            PartKind::Video(media) => write_video(o, part, media),
            PartKind::Audio(media) => write_audio(o, part, media),
            PartKind::File(media) => write_file(o, part, media),
            // These have their own places in a message.
            PartKind::Reasoning(_)
            | PartKind::ToolCall(_)
            | PartKind::ToolResult(_)
            | PartKind::Opaque(..) => {}
        }
        marker(o, part.cache.as_ref());
        o.extra(&part.extra, ID);
    });
}

fn write_image(o: &mut Object<'_>, part: &Part, media: &Media) {
    o.value("type", "image_url");
    o.object("image_url", |o| {
        match &media.source {
            MediaSource::Base64 { media_type, data } => {
                o.value("url", &media::data_url(media_type, data));
            }
            MediaSource::Url(url) => o.value("url", url),
            MediaSource::FileId(_) | MediaSource::Text(_) => {}
        }
        o.some("detail", media.detail.as_ref());
        o.extra_under(&part.extra, ID, "image_url.");
    });
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

fn write_video(o: &mut Object<'_>, part: &Part, media: &Media) {
    o.value("type", "video_url");
    o.object("video_url", |o| {
        match &media.source {
            MediaSource::Base64 { media_type, data } => {
                o.value("url", &media::data_url(media_type, data));
            }
            MediaSource::Url(url) => o.value("url", url),
            MediaSource::FileId(_) | MediaSource::Text(_) => {}
        }
        o.extra_under(&part.extra, ID, "video_url.");
    });
}

fn write_file(o: &mut Object<'_>, part: &Part, media: &Media) {
    if let MediaSource::Text(text) = &media.source {
        o.value("type", "text");
        return o.value("text", text);
    }
    o.value("type", "file");
    o.object("file", |o| {
        match &media.source {
            MediaSource::Base64 { media_type, data } => {
                o.value("filename", &media::file_name(media, media_type));
                o.value("file_data", &media::data_url(media_type, data));
            }
            MediaSource::FileId(id) => {
                o.value("file_id", &id.value);
                o.some("filename", media.name.as_ref());
            }
            MediaSource::Url(_) | MediaSource::Text(_) => {}
        }
        o.extra_under(&part.extra, ID, "file.");
    });
}
