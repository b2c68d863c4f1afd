//! The items that a model makes: messages, reasoning, calls of tools, pictures, and those of the provider's own tools.
//! They stand in answers, in streams and, sent back, in requests. One item is one or more canonical parts; what only
//! labels it (`id`, `status`) is noted with its first part. The `phase` of a message is more than a label: models that say
//! one do worse when they do not get it back, so that it is lost where it cannot be said.
//! <https://platform.openai.com/docs/api-reference/responses/object#responses/object-output> (2026-11)

use super::namespaces::Names;
use super::{ID, parts, places};
use crate::dialect::fields::{self, Fields, Path};
use crate::dialect::write::{List, Object};
use crate::dialect::{freeform, origin};
use crate::ir::{
    CallKind, Json, Loss, Malformed, Media, MediaSource, Part, PartKind, Reasoning, Sealed,
    ToolCall,
};
use serde_json::value::RawValue;
use std::borrow::Cow;

/// The note on the first part of a message.
const MESSAGE: &str = "message";
/// The note on a part that is an item by itself although only this dialect knows it, to tell it from a message's part.
const ALONE: &str = "item";
/// Labels of items, that mean nothing to other providers.
const LABELS: &[&str] = &["id", "status"];
/// How a picture was made, which it shows itself.
const PICTURE: &[&str] = &["action", "background", "quality", "revised_prompt", "size"];
/// Extras of a part that belong to the message it is the first of.
const OF_MESSAGE: &str = "message.";
/// What stands before another dialect's signature in `encrypted_content`, to tell it from something encrypted.
const SIGNED: char = '~';
/// What stands between the parts of a summary, read as one text.
pub(super) const BETWEEN: &str = "\n\n";

/// Reads an item. One whose kind is not known is kept as it is.
pub(super) fn read(raw: &RawValue, at: Path<'_>, names: &Names) -> Result<Vec<Part>, Malformed> {
    let mut fields = Fields::of(raw, at)?;
    let part = match fields.string("type")?.as_deref() {
        None | Some("message") => return message(fields),
        Some("reasoning") => reasoning(&mut fields)?,
        Some("function_call") => call(&mut fields, names, CallKind::Function)?,
        Some("custom_tool_call") => call(&mut fields, names, CallKind::Freeform)?,
        Some("image_generation_call") if fields.has("result") => image(&mut fields)?,
        Some(_) => return Ok(vec![alone(raw, &at)]),
    };
    Ok(vec![labelled(part, fields)])
}

/// An item that only this dialect knows.
pub(super) fn alone(raw: &RawValue, at: &Path<'_>) -> Part {
    let mut part = Part::new(PartKind::Opaque(ID, fields::json(raw)));
    part.extra.note(ID, ALONE, Json::null());
    places::note(&mut part.extra, at);
    part
}

/// An item of a kind that nobody here knows, and that no model made: only providers of this dialect may be told.
pub(super) fn unknown(raw: &RawValue, kind: &str, at: &Path<'_>) -> Part {
    let mut part = alone(raw, at);
    let why = format!(
        "must be an item that this model can be told (message, reasoning, function_call, function_call_output …), but is `{kind}`"
    );
    part.extra.note_unknown(ID, at.key("type").to_string(), why);
    part
}

/// The kinds of items that models and the provider's own tools make, beside those that are called so (`web_search_call`).
const MADE: &[&str] = &[
    "compaction",
    "mcp_approval_request",
    "mcp_list_tools",
    "program",
    "reasoning",
];

/// Whether an item of this kind is a model's work.
pub(super) fn is_made(kind: &str) -> bool {
    MADE.contains(&kind) || kind.ends_with("_call")
}

/// Whether a part is an item by itself that only this dialect knows.
pub(super) fn is_alone(part: &Part) -> bool {
    part.extra.noted(ID, ALONE).is_some()
}

/// What is lost of parts that a stream told in pieces, which hold no more than texts and arguments: members that only this
/// dialect knows, and parts of a message that are of no known kind.
pub(super) fn lost_in_pieces(parts: &[Part]) -> impl Iterator<Item = Loss> {
    parts.iter().flat_map(|part| {
        let unknown = matches!(part.kind, PartKind::Opaque(..)) && !is_alone(part);
        let unknown = unknown.then(|| format!("content.{}", fields::name_of_part(&part.kind)));
        // As of whole answers: see `Part::lost_to`.
        let counts = !matches!(part.kind, PartKind::Reasoning(_));
        let members = part
            .extra
            .of(ID)
            .filter(move |(_, value)| counts && value.says_something());
        let members = members.map(|(key, _)| format!("content.{key}"));
        unknown.into_iter().chain(members).map(Loss::dropped)
    })
}

/// A message of the model.
fn message(mut fields: Fields<'_, '_>) -> Result<Vec<Part>, Malformed> {
    let at = fields.at();
    let content = fields.need("content")?;
    let mut parts = parts::content(content, &at.key("content"))?;
    parts.retain(|part| !is_empty_text(part));
    if let Some(first) = parts.first_mut() {
        first.extra.note(ID, MESSAGE, Json::null());
        note_labels(first, &mut fields);
        fields.take("role");
        fields.rest_into(ID, OF_MESSAGE, &mut first.extra);
    }
    Ok(parts)
}

fn is_empty_text(part: &Part) -> bool {
    matches!(&part.kind, PartKind::Text(text) if text.is_empty()) && part.citations.is_empty()
}

fn labelled(mut part: Part, mut fields: Fields<'_, '_>) -> Part {
    places::note(&mut part.extra, &fields.at());
    note_labels(&mut part, &mut fields);
    fields.rest_into(ID, "", &mut part.extra);
    part
}

fn note_labels(part: &mut Part, fields: &mut Fields<'_, '_>) {
    for label in LABELS {
        if let Some(raw) = fields.take(label) {
            part.extra.note(ID, label, fields::json(raw));
        }
    }
}

/// Reasoning: its own words where they are given, else the summary.
fn reasoning(fields: &mut Fields<'_, '_>) -> Result<Part, Malformed> {
    let (summary, content) = (fields.take("summary"), fields.take("content"));
    let at = fields.at();
    let words = texts(content, &at.key("content"))?;
    let told = texts(summary, &at.key("summary"))?;
    let text = if words.is_empty() { told } else { words }.join(BETWEEN);
    let sealed = fields.string("encrypted_content")?;
    let mut part = Part::new(PartKind::Reasoning(unsealed(text, sealed)));
    for (name, raw) in [("summary", summary), ("content", content)] {
        if let Some(raw) = raw {
            part.extra.note(ID, name, fields::json(raw));
        }
    }
    Ok(part)
}

/// The texts of a reasoning item's `summary` or `content`.
fn texts(raw: Option<&RawValue>, at: &Path<'_>) -> Result<Vec<String>, Malformed> {
    let Some(raw) = raw else {
        return Ok(Vec::new());
    };
    let list: Vec<&RawValue> = serde_json::from_str(raw.get())
        .map_err(|_| at.wrong(format!("must be a list, but is {}", fields::shape(raw))))?;
    let each = list.into_iter().enumerate();
    each.map(|(n, raw)| Fields::of(raw, at.index(n))?.need_string("text"))
        .collect()
}

/// A text with what proves it, or something encrypted. Here both stand in `encrypted_content`.
pub(super) fn unsealed(text: String, sealed: Option<String>) -> Reasoning {
    let sealed = sealed.filter(|value| !value.is_empty());
    let sealed = sealed.map(|value| origin::read(value, ID));
    let (signature, encrypted) = match sealed {
        None => (None, None),
        Some(own) if own.origin == ID && !text.is_empty() => (Some(own), None),
        Some(other) => match other.value.strip_prefix(SIGNED) {
            Some(value) => (Some(Sealed::new(other.origin, value)), None),
            None => (None, Some(other)),
        },
    };
    Reasoning {
        text,
        signature,
        encrypted,
    }
}

/// The `encrypted_content` that stands for a signature or something encrypted, whosever it is.
pub(super) fn sealed(reasoning: &Reasoning) -> Option<String> {
    let signature = reasoning.signature.as_ref().map(|own| match own.origin {
        ID => own.value.clone(),
        other => {
            let marked = Sealed::new(other, format!("{SIGNED}{}", own.value));
            origin::write(&marked, ID).into_owned()
        }
    });
    let encrypted = reasoning.encrypted.as_ref();
    signature.or_else(|| encrypted.map(|it| origin::write(it, ID).into_owned()))
}

fn call(fields: &mut Fields<'_, '_>, names: &Names, kind: CallKind) -> Result<Part, Malformed> {
    let arguments = match kind {
        CallKind::Function => fields.string("arguments")?,
        CallKind::Freeform => fields.string("input")?,
    };
    let id = fields.need_string("call_id")?;
    let name = fields.need_string("name")?;
    let namespace = fields.string("namespace")?;
    let mut part = Part::new(PartKind::ToolCall(ToolCall {
        id,
        name: names.flat(namespace.as_deref(), name.clone()),
        arguments: arguments.unwrap_or_default(),
        kind,
    }));
    if let Some(namespace) = namespace {
        part.extra.note(ID, "namespace", Json::of(&namespace));
        part.extra.note(ID, "name", Json::of(&name));
    }
    Ok(part)
}

/// A picture that the provider's own tool made.
fn image(fields: &mut Fields<'_, '_>) -> Result<Part, Malformed> {
    let data = fields.need_string("result")?;
    let format = fields.string("output_format")?;
    let media_type = format!("image/{}", format.as_deref().unwrap_or("png"));
    let mut part = Part::new(PartKind::Image(Media {
        source: MediaSource::Base64 { media_type, data },
        media_type: None,
        name: None,
        detail: None,
    }));
    for label in PICTURE {
        if let Some(raw) = fields.take(label) {
            part.extra.note(ID, label, fields::json(raw));
        }
    }
    Ok(part)
}

/// An item to be written.
#[derive(Clone, Copy, Debug)]
pub(super) enum Item<'p> {
    /// Texts and refusals; never empty.
    Message(&'p [Part]),
    /// Reasoning.
    Reasoning(&'p Part, &'p Reasoning),
    /// A call.
    Call(&'p Part, &'p ToolCall),
    /// A picture, its base64 text and its media type.
    Image(&'p Part, &'p str, &'p str),
    /// One that only this dialect knows.
    Alone(&'p Json),
    /// A part that no item can say.
    Unsayable(&'p Part),
}

/// The items that parts become: texts and refusals that follow each other are one message, unless they came as several.
pub(super) fn of_parts(mut parts: &[Part]) -> Vec<Item<'_>> {
    let mut items = Vec::new();
    while let Some((first, rest)) = parts.split_first() {
        if !is_said(first) {
            items.push(by_itself(first));
            parts = rest;
            continue;
        }
        let begins = |part: &Part| !is_said(part) || part.extra.noted(ID, MESSAGE).is_some();
        let end = rest.iter().position(begins).map_or(parts.len(), |n| n + 1);
        let (message, rest) = parts.split_at(end);
        items.push(Item::Message(message));
        parts = rest;
    }
    items
}

fn is_said(part: &Part) -> bool {
    match &part.kind {
        PartKind::Text(_) | PartKind::Refusal(_) => true,
        PartKind::Opaque(from, _) => *from == ID && !is_alone(part),
        PartKind::Image(_)
        | PartKind::Audio(_)
        | PartKind::Video(_)
        | PartKind::File(_)
        | PartKind::Reasoning(_)
        | PartKind::ToolCall(_)
        | PartKind::ToolResult(_) => false,
    }
}

fn by_itself(part: &Part) -> Item<'_> {
    match &part.kind {
        PartKind::Reasoning(reasoning) => Item::Reasoning(part, reasoning),
        PartKind::ToolCall(call) => Item::Call(part, call),
        PartKind::Opaque(ID, raw) => Item::Alone(raw),
        PartKind::Image(Media {
            source: MediaSource::Base64 { media_type, data },
            ..
        }) => Item::Image(part, data, media_type),
        _ => Item::Unsayable(part),
    }
}

/// What an item's writer needs besides its parts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Labels<'a> {
    /// Its id, where it has none of its own.
    pub(super) id: Option<&'a str>,
    /// Its status, where it has none of its own.
    pub(super) status: Option<&'a str>,
    /// How tools are called by two names.
    pub(super) names: &'a Names,
    /// The log probabilities of a message's first text, where it has none of its own.
    pub(super) logprobs: Option<&'a Json>,
}

/// Writes an item.
pub(super) fn write(list: &mut List<'_>, item: Item<'_>, labels: &Labels<'_>) {
    match item {
        Item::Message(parts) => list.object(|o| write_message(o, parts, labels)),
        Item::Reasoning(part, reasoning) => list.object(|o| {
            o.value("type", "reasoning");
            write_labels(o, part, labels, Status::AsItIs);
            write_summary(o, part, reasoning);
            o.some("encrypted_content", sealed(reasoning));
            o.extra(&part.extra, ID);
        }),
        Item::Call(part, call) => list.object(|o| write_call(o, part, call, labels)),
        Item::Image(part, data, media_type) => list.object(|o| {
            o.value("type", "image_generation_call");
            write_labels(o, part, labels, Status::Needed);
            // While it is made there is none.
            match labels.status {
                Some("in_progress") => o.value("result", &()),
                _ => o.value("result", data),
            }
            let format = media_type.strip_prefix("image/");
            o.some("output_format", format);
            for label in PICTURE {
                o.some(label, part.extra.noted(ID, label));
            }
            o.extra(&part.extra, ID);
        }),
        Item::Alone(raw) => list.value(raw),
        Item::Unsayable(_) => {}
    }
}

fn write_message(o: &mut Object<'_>, parts: &[Part], labels: &Labels<'_>) {
    o.value("type", "message");
    if let Some(first) = parts.first() {
        write_labels(o, first, labels, Status::Needed);
    }
    o.value("role", "assistant");
    o.list("content", |list| {
        let mut logprobs = labels.logprobs;
        for part in parts {
            let is_text = matches!(part.kind, PartKind::Text(_));
            let its = logprobs.filter(|_| is_text);
            parts::write_said(list, part, its);
            logprobs = logprobs.filter(|_| !is_text);
        }
    });
    if let Some(first) = parts.first() {
        o.extra_under(&first.extra, ID, OF_MESSAGE);
    }
}

fn write_summary(o: &mut Object<'_>, part: &Part, reasoning: &Reasoning) {
    match part.extra.noted(ID, "summary") {
        Some(raw) => o.value("summary", raw),
        None => o.list("summary", |list| {
            if !reasoning.text.is_empty() {
                list.object(|o| {
                    o.value("type", "summary_text");
                    o.value("text", &reasoning.text);
                });
            }
        }),
    }
    o.some("content", part.extra.noted(ID, "content"));
}

fn write_call(o: &mut Object<'_>, part: &Part, call: &ToolCall, labels: &Labels<'_>) {
    let (kind, key) = match call.kind {
        CallKind::Function => ("function_call", "arguments"),
        CallKind::Freeform => ("custom_tool_call", "input"),
    };
    o.value("type", kind);
    write_labels(o, part, labels, Status::Needed);
    o.value("call_id", &call.id);
    match (labels.names.split(&call.name), part.extra.noted(ID, "name")) {
        (_, Some(name)) => {
            o.value("name", name);
            o.some("namespace", part.extra.noted(ID, "namespace"));
        }
        (Some((namespace, name)), None) => {
            o.value("name", name);
            o.value("namespace", namespace);
        }
        (None, None) => o.value("name", &call.name),
    }
    o.value(key, &*arguments(call));
    o.extra(&part.extra, ID);
}

/// What a tool is called with. Clients parse a function's as JSON, so one that is called with nothing gets an object.
pub(super) fn arguments(call: &ToolCall) -> Cow<'_, str> {
    match call.kind {
        CallKind::Function if call.arguments.is_empty() => Cow::Borrowed("{}"),
        CallKind::Function | CallKind::Freeform => Cow::Borrowed(&call.arguments),
    }
}

/// Whether an item has a status although nothing was said of it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Status {
    Needed,
    AsItIs,
}

fn write_labels(o: &mut Object<'_>, part: &Part, labels: &Labels<'_>, status: Status) {
    match part.extra.noted(ID, "id") {
        Some(id) => o.value("id", id),
        None => o.some("id", labels.id),
    }
    match part.extra.noted(ID, "status") {
        Some(noted) => o.value("status", noted),
        None => o.some("status", labels.status.filter(|_| status == Status::Needed)),
    }
}

/// A call of a tool that the client declared as one that takes free text, and its provider got as a function.
pub(super) fn as_declared(call: &ToolCall, freeform_tools: &[String]) -> Option<ToolCall> {
    (call.kind == CallKind::Function && freeform_tools.contains(&call.name)).then(|| ToolCall {
        arguments: freeform::unwrap(&call.arguments),
        kind: CallKind::Freeform,
        ..call.clone()
    })
}
