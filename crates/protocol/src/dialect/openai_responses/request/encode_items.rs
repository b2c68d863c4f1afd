//! Encodes the conversation: each message becomes one item or more.

use super::super::item::{self, Item, Labels};
use super::super::namespaces::Names;
use super::super::response::OWN_REASONING;
use super::super::{ID, annotations, parts};
use super::encode::marker_lost;
use super::input::{BARE, INSTRUCTIONS, PLAIN};
use crate::dialect::write::{self, List, Object};
use crate::ir::{
    CallKind, Loss, Malformed, MediaSource, Message, Part, PartKind, Reasoning, Role, ToolResult,
};
use std::collections::HashMap;

/// A conversation as it is written.
pub(super) struct Input {
    /// What came as `instructions`.
    pub(super) instructions: Option<String>,
    /// What came as `input`, where that was one text.
    pub(super) bare: Option<String>,
    /// The list of items.
    pub(super) items: Vec<u8>,
    /// Whether reasoning is among them.
    pub(super) has_reasoning: bool,
}

/// Writes the conversation.
pub(super) fn write_all(messages: &[Message], losses: &mut Vec<Loss>) -> Result<Input, Malformed> {
    let noted = |name| {
        let mut found = messages
            .iter()
            .filter(move |it| it.extra.noted(ID, name).is_some());
        found.next().and_then(|message| message.parts.first())
    };
    let mut items = Vec::with_capacity(1024);
    let mut writer = Writer {
        calls: calls(messages),
        losses,
        has_reasoning: false,
        failure: None,
    };
    write::list(&mut items, |list| {
        for (n, message) in messages.iter().enumerate() {
            writer.message(list, n, message);
        }
    });
    match writer.failure {
        Some(bad) => Err(bad),
        None => Ok(Input {
            instructions: noted(INSTRUCTIONS).and_then(text),
            bare: noted(BARE).and_then(text),
            items,
            has_reasoning: writer.has_reasoning,
        }),
    }
}

/// The kind of each call, by its id: of the first one where several have it.
fn calls(messages: &[Message]) -> HashMap<&str, CallKind> {
    let mut calls = HashMap::new();
    for part in messages.iter().flat_map(|message| &message.parts) {
        if let PartKind::ToolCall(call) = &part.kind {
            calls.entry(call.id.as_str()).or_insert(call.kind);
        }
    }
    calls
}

fn text(part: &Part) -> Option<String> {
    match &part.kind {
        PartKind::Text(text) => Some(text.clone()),
        _ => None,
    }
}

struct Writer<'m, 'l> {
    calls: HashMap<&'m str, CallKind>,
    losses: &'l mut Vec<Loss>,
    has_reasoning: bool,
    failure: Option<Malformed>,
}

impl Writer<'_, '_> {
    fn message(&mut self, list: &mut List<'_>, n: usize, message: &Message) {
        if message.extra.noted(ID, INSTRUCTIONS).is_some() {
            return;
        }
        let path = format!("messages[{n}]");
        self.losses.extend(message.extra.lost_to(ID, &path));
        if message.name.is_some() {
            self.losses.push(Loss::dropped(format!("{path}.name")));
        }
        match message.role {
            Role::System => self.given(list, "system", message, &path),
            Role::Developer => self.given(list, "developer", message, &path),
            Role::User => self.given(list, "user", message, &path),
            Role::Assistant => self.said(list, message, &path),
        }
    }

    /// What a person or a tool says.
    fn given(&mut self, list: &mut List<'_>, role: &str, message: &Message, path: &str) {
        let mut content: Vec<&Part> = Vec::new();
        for (n, part) in message.parts.iter().enumerate() {
            let at = format!("{path}.content[{n}]");
            if let PartKind::ToolResult(result) = &part.kind {
                write_content(list, role, message, std::mem::take(&mut content));
                self.part_losses(part, &at);
                self.result(list, (part, result), &at);
            } else if item::is_alone(part)
                && let PartKind::Opaque(ID, raw) = &part.kind
            {
                write_content(list, role, message, std::mem::take(&mut content));
                list.value(raw);
            } else if self.is_givable(part, &at) {
                self.part_losses(part, &at);
                content.push(part);
            }
        }
        write_content(list, role, message, content);
    }

    /// What a tool answered, in the words that fit its call.
    fn result(&mut self, list: &mut List<'_>, (part, result): (&Part, &ToolResult), at: &str) {
        if result.is_error == Some(true) {
            self.losses.push(Loss::dropped(format!("{at}.is_error")));
        }
        let mut kept: Vec<&Part> = Vec::with_capacity(result.parts.len());
        for (n, part) in result.parts.iter().enumerate() {
            let at = format!("{at}.content[{n}]");
            if self.is_givable(part, &at) {
                self.part_losses(part, &at);
                kept.push(part);
            }
        }
        let called = self.calls.get(result.call_id.as_str()).copied();
        let kind = match called.unwrap_or_default() {
            CallKind::Function => "function_call_output",
            CallKind::Freeform => "custom_tool_call_output",
        };
        list.object(|o| {
            o.value("type", kind);
            for label in ["id", "status", "name", "namespace"] {
                o.some(label, part.extra.noted(ID, label));
            }
            o.value("call_id", &result.call_id);
            match kept.as_slice() {
                [] => o.value("output", ""),
                [one] if plain_text(one).is_some() => o.some("output", plain_text(one)),
                many => o.list("output", |list| {
                    for part in many {
                        parts::write_given(list, part);
                    }
                }),
            }
            o.extra(&part.extra, ID);
        });
    }

    /// Whether a person or tool can say a part here. A medium that cannot be said is an error: an answer without it would
    /// be about something else.
    fn is_givable(&mut self, part: &Part, at: &str) -> bool {
        let unsayable = match &part.kind {
            PartKind::Text(_) => None,
            PartKind::Image(media) | PartKind::File(media) | PartKind::Audio(media) => {
                check_source(&part.kind, &media.source)
            }
            PartKind::Video(_) => Some("video cannot be sent to this provider"),
            PartKind::Opaque(ID, _) => None,
            PartKind::Refusal(_)
            | PartKind::Reasoning(_)
            | PartKind::ToolCall(_)
            | PartKind::ToolResult(_)
            | PartKind::Opaque(..) => {
                self.losses.push(Loss::dropped(at));
                return false;
            }
        };
        if let Some(why) = unsayable {
            self.failure.get_or_insert(Malformed::field(at, why));
        }
        unsayable.is_none()
    }

    /// What the model said, thought and called.
    fn said(&mut self, list: &mut List<'_>, message: &Message, path: &str) {
        let mut kept: Vec<Part> = Vec::with_capacity(message.parts.len());
        for (n, part) in message.parts.iter().enumerate() {
            let at = format!("{path}.content[{n}]");
            if is_sayable(part) {
                self.part_losses(part, &at);
                kept.push(part.clone());
            } else {
                self.losses.push(Loss::dropped(at));
            }
        }
        let names = Names::default();
        let labels = Labels {
            id: None,
            status: None,
            names: &names,
            logprobs: None,
        };
        for one in item::of_parts(&kept) {
            self.has_reasoning |= matches!(one, Item::Reasoning(_, it) if is_own(it));
            item::write(list, one, &labels);
        }
    }

    fn part_losses(&mut self, part: &Part, at: &str) {
        let path = format!("{at}.");
        marker_lost(part.cache.as_ref(), &path, self.losses);
        self.losses.extend(part.extra.lost_to(ID, at));
        let is_text = matches!(&part.kind, PartKind::File(media) if matches!(media.source, MediaSource::Text(_)));
        if is_text {
            self.losses.push(Loss::approximated(at));
        }
        if part.citations.iter().any(annotations::is_bent) {
            self.losses
                .push(Loss::approximated(format!("{at}.citations")));
        }
    }
}

fn write_content(list: &mut List<'_>, role: &str, message: &Message, content: Vec<&Part>) {
    if content.is_empty() {
        return;
    }
    list.object(|o| {
        o.value("type", "message");
        for label in ["id", "status"] {
            o.some(label, message.extra.noted(ID, label));
        }
        o.value("role", role);
        write_parts(o, message, &content);
        o.extra(&message.extra, ID);
    });
}

fn write_parts(o: &mut Object<'_>, message: &Message, content: &[&Part]) {
    let plain = message.extra.noted(ID, PLAIN).is_some();
    if let [one] = content
        && let Some(text) = plain_text(one).filter(|_| plain)
    {
        return o.value("content", text);
    }
    o.list("content", |list| {
        for part in content {
            parts::write_given(list, part);
        }
    });
}

/// The text of a part that is nothing but a text.
fn plain_text(part: &Part) -> Option<&str> {
    match &part.kind {
        PartKind::Text(text) if part.extra.of(ID).next().is_none() => Some(text),
        _ => None,
    }
}

/// Why a medium cannot be sent, if so.
fn check_source(kind: &PartKind, source: &MediaSource) -> Option<&'static str> {
    match (source, kind) {
        (MediaSource::FileId(id), PartKind::Image(_) | PartKind::File(_)) => id
            .open(ID)
            .is_none()
            .then_some("names a file that was uploaded to another provider: send its content"),
        (MediaSource::Text(_), PartKind::Image(_)) => Some("an image must have its bytes"),
        (MediaSource::Base64 { media_type, .. }, PartKind::Audio(_)) => {
            let known = crate::dialect::openai_media::audio_format(media_type).is_some();
            (!known).then_some("must have an audio media type")
        }
        (_, PartKind::Audio(_)) => Some("this model takes audio as base64 only"),
        (MediaSource::Base64 { .. } | MediaSource::Url(_) | MediaSource::Text(_), _) => None,
        (MediaSource::FileId(_), _) => Some("cannot be sent as a file id"),
    }
}

/// Whether the model's own items can hold a part. Reasoning goes back to its origin only, which knows it by its proof or
/// by its id; a picture is known by its id.
fn is_sayable(part: &Part) -> bool {
    let known = || {
        let id = part
            .extra
            .noted(ID, "id")
            .and_then(|id| id.read::<String>().ok());
        // One that this gateway gave is known to nobody.
        id.is_some_and(|id| !id.starts_with(OWN_REASONING))
    };
    match &part.kind {
        PartKind::Text(_) | PartKind::Refusal(_) | PartKind::ToolCall(_) => true,
        PartKind::Reasoning(reasoning) => is_own(reasoning) || (is_bare(reasoning) && known()),
        PartKind::Opaque(from, _) => *from == ID,
        PartKind::Image(_) => known(),
        PartKind::Audio(_) | PartKind::Video(_) | PartKind::File(_) | PartKind::ToolResult(_) => {
            false
        }
    }
}

fn is_own(reasoning: &Reasoning) -> bool {
    let proofs = [&reasoning.signature, &reasoning.encrypted];
    let mut proofs = proofs.into_iter().flatten().peekable();
    proofs.peek().is_some() && proofs.all(|proof| proof.open(ID).is_some())
}

fn is_bare(reasoning: &Reasoning) -> bool {
    reasoning.signature.is_none() && reasoning.encrypted.is_none()
}
