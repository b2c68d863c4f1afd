//! Reads parts, for requests and answers alike. A part that is not known here is kept as it was written
//! ([`PartKind::Opaque`]): code that ran, the provider's own tools and whatever comes next.
//! <https://ai.google.dev/api/caching#Part> (2026-11)

use super::open_calls::OpenCalls;
use super::{ID, signature};
use crate::dialect::fields::{self, Fields, Path};
use crate::dialect::made_ids;
use crate::ir::{
    CallKind, Extra, Json, Malformed, Media, MediaSource, Part, PartKind, Reasoning, Sealed,
    ToolCall, ToolResult,
};
use serde_json::value::RawValue;

/// How ids begin that were made here for calls without one. They are not sent to a provider of this dialect.
pub(super) const MADE_ID: &str = made_ids::BEGIN;

/// What a part may hold; the first that it has is what it is.
const KINDS: &[&str] = &[
    "text",
    "inlineData",
    "fileData",
    "functionCall",
    "functionResponse",
];

/// What a part may hold besides, which no other dialect knows.
const OWN_KINDS: &[&str] = &[
    "executableCode",
    "codeExecutionResult",
    "toolCall",
    "toolResponse",
];

/// Remembers a response's one member, whose text it gave: `{"result": "sunny"}` comes back as it was.
pub(super) const AS_RESULT: &str = "as.result";

/// The calls of a conversation or an answer: gives ids to those without, and finds the call that a response answers.
#[derive(Debug, Default)]
pub(super) struct Calls {
    /// The id of the answer that they are in.
    answer: String,
    made: usize,
    /// Those without a response.
    open: OpenCalls,
}

impl Calls {
    /// Those of an answer. Ids must differ from answer to answer, as one conversation may hold several.
    pub(super) fn of_answer(id: &str) -> Self {
        Self {
            answer: id.to_owned(),
            ..Self::default()
        }
    }

    /// The model speaks again: what it called before is answered or given up.
    pub(super) fn begin_turn(&mut self) {
        self.open = OpenCalls::default();
    }

    fn call(&mut self, id: Option<String>, name: &str) -> String {
        let id = id
            .filter(|id| !id.is_empty())
            .unwrap_or_else(|| self.make());
        self.open.push(&id, name);
        id
    }

    fn make(&mut self) -> String {
        let id = made_ids::of(&self.answer, self.made);
        self.made += 1;
        id
    }

    /// The id of the call that a response answers: the one it names, else the first open one of that name.
    fn answered(&mut self, id: Option<String>, name: &str) -> String {
        match self.open.take(id.as_deref(), name) {
            Some(open) => open,
            None => id.unwrap_or_else(|| self.make()),
        }
    }
}

/// Reads the parts of one `Content`. A part that is signed becomes two.
pub(super) fn read_all(
    list: Vec<&RawValue>,
    at: Path<'_>,
    calls: &mut Calls,
) -> Result<Vec<Part>, Malformed> {
    let mut parts = Vec::with_capacity(list.len());
    for (index, raw) in list.into_iter().enumerate() {
        read(raw, at.index(index), calls, &mut parts)?;
    }
    Ok(parts)
}

/// Whether a part is a thought.
pub(super) fn is_thought(raw: &RawValue) -> bool {
    let fields = Fields::of(raw, Path::ROOT).map(Fields::camel_case);
    fields.is_ok_and(|mut part| matches!(part.boolean("thought"), Ok(Some(true))))
}

/// Reads one part.
pub(super) fn read(
    raw: &RawValue,
    at: Path<'_>,
    calls: &mut Calls,
    out: &mut Vec<Part>,
) -> Result<(), Malformed> {
    let mut part = Fields::of(raw, at)?.camel_case();
    let kind = KINDS.iter().find(|kind| part.has(kind)).copied();
    if kind.is_none()
        && let Some(unread) = unread(&part, raw, at)
    {
        out.push(unread);
        return Ok(());
    }
    let thought = part.boolean("thought")? == Some(true);
    let proof = part.string("thoughtSignature")?;
    let proof = proof.and_then(|value| signature::read(&value));
    let mut extra = Extra::default();
    let kind = match kind {
        Some("text") | None => {
            let text = part.string("text")?.unwrap_or_default();
            if thought {
                let reasoning = Reasoning {
                    text,
                    ..proof.unwrap_or_default()
                };
                out.push(Part {
                    extra: part.rest(ID),
                    ..Part::new(PartKind::Reasoning(reasoning))
                });
                return Ok(());
            }
            if text.is_empty() && proof.is_some() {
                out.extend(proof.map(|it| Part::new(PartKind::Reasoning(it))));
                return Ok(());
            }
            PartKind::Text(text)
        }
        Some("inlineData") => inline(&mut part, &mut extra)?,
        Some("fileData") => file(&mut part, &mut extra)?,
        Some("functionCall") => call(&mut part, &mut extra, calls)?,
        Some(_) => response(&mut part, &mut extra, calls)?,
    };
    out.extend(proof.map(|it| Part::new(PartKind::Reasoning(it))));
    if thought {
        // An image that was thought of.
        extra.push(ID, "thought", Json::of(&true));
    }
    part.rest_into(ID, "", &mut extra);
    out.push(Part {
        extra,
        ..Part::new(kind)
    });
    Ok(())
}

/// A part of none of the kinds that are read here, unless it is a signature alone.
fn unread(part: &Fields<'_, '_>, raw: &RawValue, at: Path<'_>) -> Option<Part> {
    if OWN_KINDS.iter().any(|key| part.has(key)) {
        return Some(Part::new(PartKind::Opaque(ID, fields::json(raw))));
    }
    let why = || format!("must have one of {} for this model", KINDS.join(", "));
    (!part.has("thoughtSignature")).then(|| fields::unknown_part(ID, raw, &at, why()))
}

fn inline(part: &mut Fields<'_, '_>, extra: &mut Extra) -> Result<PartKind, Malformed> {
    let outer = part.at();
    let at = outer.key("inlineData");
    let mut data = Fields::of(part.need("inlineData")?, at)?.camel_case();
    let media_type = data.need_string("mimeType")?;
    if media_type.is_empty() {
        return Err(at.key("mimeType").wrong("must not be empty"));
    }
    let media = Media {
        source: MediaSource::Base64 {
            data: in_usual_letters(data.need_string("data")?),
            media_type: media_type.clone(),
        },
        media_type: None,
        name: data.string("displayName")?,
        detail: None,
    };
    data.rest_into(ID, "inlineData.", extra);
    Ok(of_type(media, &media_type))
}

/// Google's own packages write the letters of addresses (RFC 4648, section 5), which no other vendor takes.
fn in_usual_letters(base64: String) -> String {
    if !base64.contains(['-', '_']) {
        return base64;
    }
    let mut usual = base64.replace('-', "+").replace('_', "/");
    while !usual.len().is_multiple_of(4) {
        usual.push('=');
    }
    usual
}

fn file(part: &mut Fields<'_, '_>, extra: &mut Extra) -> Result<PartKind, Malformed> {
    let outer = part.at();
    let at = outer.key("fileData");
    let mut data = Fields::of(part.need("fileData")?, at)?.camel_case();
    let uri = data.need_string("fileUri")?;
    let media_type = data.string("mimeType")?;
    let kind = match &media_type {
        Some(kind) => kind.clone(),
        None if is_youtube(&uri) => "video/*".to_owned(),
        None => String::new(),
    };
    let media = Media {
        source: match is_uploaded(&uri) {
            true => MediaSource::FileId(Sealed::new(ID, uri)),
            false => MediaSource::Url(uri),
        },
        media_type,
        name: data.string("displayName")?,
        detail: None,
    };
    data.rest_into(ID, "fileData.", extra);
    Ok(of_type(media, &kind))
}

fn of_type(media: Media, media_type: &str) -> PartKind {
    match media_type.split('/').next() {
        Some("image") => PartKind::Image(media),
        Some("audio") => PartKind::Audio(media),
        Some("video") => PartKind::Video(media),
        _ => PartKind::File(media),
    }
}

/// Whether it is a file of Google's own: of its Files API or a bucket.
/// <https://ai.google.dev/api/files>
fn is_uploaded(uri: &str) -> bool {
    !uri.starts_with("http://") && !uri.starts_with("https://")
        || uri.starts_with("https://generativelanguage.googleapis.com/")
}

/// Videos that Google's models watch where they are. <https://ai.google.dev/gemini-api/docs/video-understanding>
fn is_youtube(uri: &str) -> bool {
    let host = uri
        .split("://")
        .nth(1)
        .and_then(|rest| rest.split('/').next());
    host.is_some_and(|host| {
        matches!(host, "youtu.be" | "youtube.com") || host.ends_with(".youtube.com")
    })
}

fn call(
    part: &mut Fields<'_, '_>,
    extra: &mut Extra,
    calls: &mut Calls,
) -> Result<PartKind, Malformed> {
    let outer = part.at();
    let at = outer.key("functionCall");
    let mut call = Fields::of(part.need("functionCall")?, at)?.camel_case();
    let name = call.need_string("name")?;
    let id = call.string("id")?;
    let arguments = call.json_object("args")?;
    call.rest_into(ID, "functionCall.", extra);
    Ok(PartKind::ToolCall(ToolCall {
        id: calls.call(id, &name),
        name,
        arguments: arguments.map_or_else(String::new, |json| json.get().to_owned()),
        kind: CallKind::Function,
    }))
}

fn response(
    part: &mut Fields<'_, '_>,
    extra: &mut Extra,
    calls: &mut Calls,
) -> Result<PartKind, Malformed> {
    let outer = part.at();
    let at = outer.key("functionResponse");
    let mut response = Fields::of(part.need("functionResponse")?, at)?.camel_case();
    let name = response.need_string("name")?;
    let id = response.string("id")?;
    let mut result = ToolResult {
        call_id: calls.answered(id, &name),
        parts: Vec::new(),
        is_error: None,
    };
    if let Some(json) = response.json_object("response")? {
        said(&json, &mut result, extra)?;
    }
    if let Some(list) = response.list("parts")? {
        let media = read_all(list, at.key("parts"), calls)?;
        result.parts.extend(media);
    }
    response.rest_into(ID, "functionResponse.", extra);
    Ok(PartKind::ToolResult(result))
}

/// What a function answered: an object, of which one member alone is the text of the answer.
/// <https://ai.google.dev/api/caching#FunctionResponse>
fn said(json: &Json, result: &mut ToolResult, extra: &mut Extra) -> Result<(), Malformed> {
    let members = Fields::body(json.get().as_bytes())?.into_members();
    let one = match members.as_slice() {
        [] => return Ok(()),
        [(key, value)] => serde_json::from_str::<String>(value.get())
            .ok()
            .map(|text| (&**key, text)),
        _ => None,
    };
    let text = match one {
        Some(("output", text)) => text,
        Some(("result", text)) => {
            extra.push(ID, AS_RESULT, Json::null());
            text
        }
        Some(("error", text)) => {
            result.is_error = Some(true);
            text
        }
        Some(_) | None => json.get().to_owned(),
    };
    result.parts.push(Part::text(text));
    Ok(())
}
