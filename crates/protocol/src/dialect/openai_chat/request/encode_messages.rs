//! Encodes messages and their parts. A user's message with tool results becomes one `tool` message for each result,
//! and a `user` message with what remains.

use super::super::{ID, media, reasoning};
use super::encode::{foreign, marker, marker_lost};
use crate::dialect::write::{self, List, Object};
use crate::ir::{
    CallKind, Json, Loss, Malformed, Media, MediaSource, Message, Part, PartKind, Role, Sealed,
    ToolCall, ToolResult,
};

/// What a tool's message says when the tool answered with an image or file only.
const MOVED: &str = "The answer of the tool follows in the next message.";

/// Writes the list of messages.
pub(super) fn write_all(
    messages: &[Message],
    losses: &mut Vec<Loss>,
) -> Result<Vec<u8>, Malformed> {
    let mut out = Vec::with_capacity(1024);
    let mut failure = None;
    write::list(&mut out, |list| {
        for (n, message) in messages.iter().enumerate() {
            let path = format!("messages[{n}]");
            foreign(&message.extra, &format!("{path}."), losses);
            let written = match message.role {
                Role::System => said(list, "system", message, &path, losses),
                Role::Developer => said(list, "developer", message, &path, losses),
                Role::User => user(list, message, &path, losses),
                Role::Assistant => assistant(list, message, &path, losses),
            };
            if let Err(bad) = written {
                failure.get_or_insert(bad);
            }
        }
    });
    failure.map_or(Ok(out), Err)
}

fn said(
    list: &mut List<'_>,
    role: &str,
    message: &Message,
    path: &str,
    losses: &mut Vec<Loss>,
) -> Result<(), Malformed> {
    let parts = sayable(&message.parts, path, losses)?;
    list.object(|o| {
        o.value("role", role);
        content(o, &parts);
        o.some("name", message.name.as_ref());
        o.extra(&message.extra, ID);
    });
    Ok(())
}

fn user(
    list: &mut List<'_>,
    message: &Message,
    path: &str,
    losses: &mut Vec<Loss>,
) -> Result<(), Malformed> {
    let mut moved = Vec::new();
    let mut results = 0_usize;
    for (n, part) in message.parts.iter().enumerate() {
        if let PartKind::ToolResult(result) = &part.kind {
            results += 1;
            let path = format!("{path}.content[{n}]");
            marker_lost(part.cache.as_ref(), &format!("{path}."), losses);
            foreign(&part.extra, &format!("{path}."), losses);
            moved.extend(tool_message(list, message, (part, result), &path, losses)?);
        }
    }
    let mut rest = moved;
    rest.extend(sayable(&message.parts, path, losses)?);
    if rest.is_empty() && results > 0 {
        return Ok(());
    }
    list.object(|o| {
        o.value("role", "user");
        content(o, &rest);
        o.some("name", message.name.as_ref());
        if results == 0 {
            o.extra(&message.extra, ID);
        }
    });
    Ok(())
}

/// Writes a tool's message and gives back what it cannot hold: OpenAI takes text only.
fn tool_message<'r>(
    list: &mut List<'_>,
    message: &Message,
    (part, result): (&Part, &'r ToolResult),
    path: &str,
    losses: &mut Vec<Loss>,
) -> Result<Vec<&'r Part>, Malformed> {
    let (texts, moved): (Vec<&Part>, Vec<&Part>) = sayable(&result.parts, path, losses)?
        .into_iter()
        .partition(|part| matches!(part.kind, PartKind::Text(_) | PartKind::Opaque(..)));
    if !moved.is_empty() {
        losses.push(Loss::approximated(format!("{path}.content")));
    }
    if result.is_error == Some(true) {
        losses.push(Loss::dropped(format!("{path}.is_error")));
    }
    list.object(|o| {
        o.value("role", "tool");
        o.value("tool_call_id", &result.call_id);
        match (texts.is_empty(), moved.is_empty()) {
            (true, false) => o.value("content", MOVED),
            (true, true) => o.value("content", ""),
            (false, _) => content(o, &texts),
        }
        o.some("name", message.name.as_ref());
        marker(o, part.cache.as_ref());
        o.extra(&message.extra, ID);
    });
    Ok(moved)
}

fn assistant(
    list: &mut List<'_>,
    message: &Message,
    path: &str,
    losses: &mut Vec<Loss>,
) -> Result<(), Malformed> {
    let parts = sayable(&message.parts, path, losses)?;
    let (calls, other): (Vec<&Part>, Vec<&Part>) =
        parts.into_iter().partition(|part| is_call(part));
    let (refusals, other): (Vec<&Part>, Vec<&Part>) = other
        .into_iter()
        .partition(|part| matches!(part.kind, PartKind::Refusal(_)));
    let (thoughts, spoken): (Vec<&Part>, Vec<&Part>) = other
        .into_iter()
        .partition(|part| matches!(part.kind, PartKind::Reasoning(_)));
    list.object(|o| {
        o.value("role", "assistant");
        match (spoken.is_empty(), calls.is_empty() && refusals.is_empty()) {
            (true, true) => o.value("content", ""),
            (true, false) => o.value("content", &Json::null()),
            (false, _) => content(o, &spoken),
        }
        reasoning::write(o, &thoughts);
        if !refusals.is_empty() {
            let text: String = refusals.iter().filter_map(|part| refusal(part)).collect();
            o.value("refusal", &text);
        }
        if !calls.is_empty() {
            o.list("tool_calls", |list| {
                for part in calls {
                    write_call(list, part);
                }
            });
        }
        o.some("name", message.name.as_ref());
        o.extra(&message.extra, ID);
    });
    Ok(())
}

fn refusal(part: &Part) -> Option<&str> {
    match &part.kind {
        PartKind::Refusal(text) => Some(text),
        _ => None,
    }
}

/// Whether a part stands in `tool_calls`. A call of a kind that only this dialect knows has an id, unlike a content part.
pub(in super::super) fn is_call(part: &Part) -> bool {
    match &part.kind {
        PartKind::ToolCall(_) => true,
        PartKind::Opaque(ID, raw) => crate::dialect::fields::Fields::body(raw.get().as_bytes())
            .is_ok_and(|fields| fields.has("id")),
        _ => false,
    }
}

/// Writes an element of `tool_calls`, in requests and in whole answers.
pub(in super::super) fn write_call(list: &mut List<'_>, part: &Part) {
    match &part.kind {
        PartKind::ToolCall(ToolCall {
            id,
            name,
            arguments,
            kind: CallKind::Freeform,
        }) => list.object(|o| {
            o.value("id", id);
            o.value("type", "custom");
            o.object("custom", |o| {
                o.value("name", name);
                o.value("input", arguments);
                o.extra_under(&part.extra, ID, "custom.");
            });
            o.extra(&part.extra, ID);
        }),
        PartKind::ToolCall(ToolCall {
            id,
            name,
            arguments,
            kind: CallKind::Function,
        }) => list.object(|o| {
            o.value("id", id);
            o.value("type", "function");
            o.object("function", |o| {
                o.value("name", name);
                let arguments = if arguments.is_empty() {
                    "{}"
                } else {
                    arguments
                };
                o.value("arguments", arguments);
                o.extra_under(&part.extra, ID, "function.");
            });
            o.extra(&part.extra, ID);
        }),
        PartKind::Opaque(_, raw) => list.value(raw),
        _ => {}
    }
}

/// The parts that this dialect can say, tool results aside; what it drops is named. A medium that a person put in and
/// that cannot be said is an error: an answer without it would be about something else.
fn sayable<'m>(
    parts: &'m [Part],
    path: &str,
    losses: &mut Vec<Loss>,
) -> Result<Vec<&'m Part>, Malformed> {
    let mut kept = Vec::with_capacity(parts.len());
    for (n, part) in parts.iter().enumerate() {
        let path = || format!("{path}.content[{n}]");
        let lost = match &part.kind {
            PartKind::ToolResult(_) => continue,
            PartKind::Text(_) | PartKind::Refusal(_) | PartKind::ToolCall(_) => false,
            PartKind::Reasoning(r) => {
                // What another provider signed or encrypted proves nothing to this one.
                let foreign = |sealed: &Sealed| sealed.open(ID).is_none();
                let proofs = [&r.signature, &r.encrypted];
                proofs.into_iter().flatten().any(foreign) && !reasoning::is_detail(part)
            }
            PartKind::Opaque(from, _) => *from != ID,
            PartKind::Image(media) => {
                check_image(media).map_err(|why| Malformed::field(path(), why))?;
                false
            }
            PartKind::Audio(media) => {
                check_audio(media).map_err(|why| Malformed::field(path(), why))?;
                false
            }
            PartKind::File(media) => {
                check_file(media).map_err(|why| Malformed::field(path(), why))?;
                if matches!(media.source, MediaSource::Text(_)) {
                    losses.push(Loss::approximated(path()));
                }
                false
            }
        };
        if lost {
            losses.push(Loss::dropped(path()));
            continue;
        }
        let path = format!("{}.", path());
        marker_lost(part.cache.as_ref(), &path, losses);
        foreign(&part.extra, &path, losses);
        kept.push(part);
    }
    Ok(kept)
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
fn content(o: &mut Object<'_>, parts: &[&Part]) {
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
