//! Writes the conversation. A turn of the user's with results of tools in it becomes a message for each result, and one
//! with what remains; files of text become documents. <https://docs.cohere.com/reference/chat#request.body.messages>

use super::super::{ID, TOOL_PLAN};
use super::written;
use crate::dialect::freeform;
use crate::dialect::turns::NOTHING_ASKED;
use crate::dialect::write::Object;
use crate::ir::{
    CallKind, Json, Loss, Malformed, Media, MediaSource, Message, Part, PartKind, Reasoning, Role,
    ToolCall, ToolResult,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::collections::HashSet;

/// A conversation that can be written.
pub(super) struct Conversation {
    pub(super) messages: Vec<Json>,
    pub(super) documents: Vec<Json>,
}

/// Where texts that came as files go.
pub(super) enum Documents {
    /// Beside the conversation: so many so far.
    Apart(Vec<Json>),
    /// Into the message, for requests that may have no documents.
    InText,
}

/// What a tool's message says when the tool answered with an image only.
const MOVED: &str = "The answer of the tool follows in the next message.";

/// Writes all messages.
///
/// # Errors
/// When a part cannot be said at all (sound, a PDF).
pub(super) fn write(
    messages: &[Message],
    documents: Documents,
    losses: &mut Vec<Loss>,
) -> Result<Conversation, Malformed> {
    let calls = messages.iter().flat_map(|message| &message.parts);
    let called = calls.filter_map(|part| match &part.kind {
        PartKind::ToolCall(call) => Some(call.id.as_str()),
        _ => None,
    });
    let mut writer = Writer {
        called: called.collect(),
        documents,
        losses,
        out: Vec::with_capacity(messages.len()),
    };
    for (index, message) in messages.iter().enumerate() {
        let at = format!("messages[{index}]");
        writer.losses.extend(message.lost_to(ID, &at));
        match message.role {
            Role::System | Role::Developer => writer.system(message, &at)?,
            Role::User => {
                let before = writer.out.len();
                writer.user(message, &at)?;
                if writer.out.len() == before && index + 1 == messages.len() {
                    return Err(Malformed::field(at, NOTHING_ASKED));
                }
            }
            Role::Assistant => writer.assistant(message, &at),
        }
    }
    Ok(Conversation {
        messages: writer.out,
        documents: match writer.documents {
            Documents::Apart(documents) => documents,
            Documents::InText => Vec::new(),
        },
    })
}

struct Writer<'r, 'l> {
    /// The calls that results may be of.
    called: HashSet<&'r str>,
    documents: Documents,
    losses: &'l mut Vec<Loss>,
    out: Vec<Json>,
}

/// A block of content.
enum Block {
    Text(String),
    Thinking(String),
    Image { url: String, detail: Option<String> },
}

impl Block {
    fn json(&self) -> Json {
        written(|o| match self {
            Self::Text(text) => {
                o.value("type", "text");
                o.value("text", text);
            }
            Self::Thinking(text) => {
                o.value("type", "thinking");
                o.value("thinking", text);
            }
            Self::Image { url, detail } => {
                o.value("type", "image_url");
                o.object("image_url", |o| {
                    o.value("url", url);
                    o.some("detail", detail.as_ref());
                });
            }
        })
    }
}

/// Writes content: in the short spelling where it is one text.
fn content(o: &mut Object<'_>, blocks: &[Block]) {
    match blocks {
        [Block::Text(text)] => o.value("content", text),
        _ => {
            let blocks: Vec<Json> = blocks.iter().map(Block::json).collect();
            o.value("content", &blocks);
        }
    }
}

impl Writer<'_, '_> {
    fn note_part(&mut self, part: &Part, at: &str) {
        self.losses.extend(part.lost_to(ID, at));
        if part.cache.is_some() {
            self.losses
                .push(Loss::dropped(format!("{at}.cache_control")));
        }
        if !part.citations.is_empty() {
            self.losses.push(Loss::dropped(format!("{at}.citations")));
        }
    }

    fn say(&mut self, role: &str, blocks: &[Block]) {
        if !blocks.is_empty() {
            self.out.push(written(|o| {
                o.value("role", role);
                content(o, blocks);
            }));
        }
    }

    fn system(&mut self, message: &Message, at: &str) -> Result<(), Malformed> {
        let mut blocks = Vec::new();
        for (index, part) in message.parts.iter().enumerate() {
            let at = format!("{at}.content[{index}]");
            self.note_part(part, &at);
            match &part.kind {
                PartKind::Text(text) => blocks.push(Block::Text(text.clone())),
                _ => self.losses.push(Loss::dropped(at)),
            }
        }
        self.say("system", &blocks);
        Ok(())
    }

    fn user(&mut self, message: &Message, at: &str) -> Result<(), Malformed> {
        let (mut moved, mut rest) = (Vec::new(), Vec::new());
        for (index, part) in message.parts.iter().enumerate() {
            let at = format!("{at}.content[{index}]");
            self.note_part(part, &at);
            match &part.kind {
                PartKind::ToolResult(result) => moved.extend(self.result(result, &at)?),
                _ => rest.extend(self.block(part, &at)?),
            }
        }
        moved.extend(rest);
        self.say("user", &moved);
        Ok(())
    }

    /// A part that a user's message, or a tool's result, can hold.
    fn block(&mut self, part: &Part, at: &str) -> Result<Option<Block>, Malformed> {
        Ok(match &part.kind {
            PartKind::Text(text) => (!text.is_empty()).then(|| Block::Text(text.clone())),
            PartKind::Image(media) => Some(image(media, at)?),
            PartKind::File(media) => self.file(media, at)?,
            PartKind::Audio(_) | PartKind::Video(_) => {
                return Err(Malformed::field(
                    at,
                    "sound and video cannot be sent to this provider: it takes text and images",
                ));
            }
            PartKind::Refusal(text) => {
                self.losses.push(Loss::approximated(at));
                Some(Block::Text(text.clone()))
            }
            PartKind::Reasoning(_)
            | PartKind::ToolCall(_)
            | PartKind::ToolResult(_)
            | PartKind::Opaque(..) => {
                self.losses.push(Loss::dropped(at));
                None
            }
        })
    }

    /// A file of text becomes a document, which can be cited; an image that was sent as a file is an image.
    fn file(&mut self, media: &Media, at: &str) -> Result<Option<Block>, Malformed> {
        let text = match &media.source {
            MediaSource::Text(text) => text.clone(),
            MediaSource::Base64 { media_type, .. } if media_type.starts_with("image/") => {
                return image(media, at).map(Some);
            }
            MediaSource::Base64 { media_type, data } if media_type.starts_with("text/") => STANDARD
                .decode(data)
                .ok()
                .and_then(|bytes| String::from_utf8(bytes).ok())
                .ok_or_else(|| Malformed::field(at, "must hold base64 of UTF-8 text"))?,
            MediaSource::Base64 { .. } | MediaSource::Url(_) | MediaSource::FileId(_) => {
                return Err(Malformed::field(
                    at,
                    "this provider takes files of text and images only, in the request",
                ));
            }
        };
        self.losses.push(Loss::approximated(at));
        match &mut self.documents {
            Documents::Apart(documents) => {
                let id = documents.len().to_string();
                documents.push(written(|o| {
                    o.value("id", &id);
                    o.object("data", |o| {
                        o.some("title", media.name.as_ref());
                        o.value("text", &text);
                    });
                }));
                Ok(None)
            }
            Documents::InText => Ok(Some(Block::Text(match &media.name {
                Some(name) => format!("{name}\n\n{text}"),
                None => text,
            }))),
        }
    }

    /// Writes a tool's message and gives back what it cannot hold: it takes text only.
    fn result(&mut self, result: &ToolResult, at: &str) -> Result<Vec<Block>, Malformed> {
        if result.is_error == Some(true) {
            self.losses.push(Loss::dropped(format!("{at}.is_error")));
        }
        let (mut texts, mut moved) = (Vec::new(), Vec::new());
        for (index, part) in result.parts.iter().enumerate() {
            let at = format!("{at}.content[{index}]");
            self.note_part(part, &at);
            match self.block(part, &at)? {
                Some(Block::Text(text)) => texts.push(Block::Text(text)),
                other => moved.extend(other),
            }
        }
        // A result without its call is refused.
        if !self.called.contains(result.call_id.as_str()) {
            self.losses.push(Loss::approximated(at));
            texts.extend(moved);
            return Ok(texts);
        }
        if !moved.is_empty() {
            self.losses
                .push(Loss::approximated(format!("{at}.content")));
        }
        if texts.is_empty() {
            let text = if moved.is_empty() { "" } else { MOVED };
            texts.push(Block::Text(text.to_owned()));
        }
        self.out.push(written(|o| {
            o.value("role", "tool");
            o.value("tool_call_id", &result.call_id);
            content(o, &texts);
        }));
        Ok(moved)
    }

    fn assistant(&mut self, message: &Message, at: &str) {
        let (mut plan, mut blocks, mut calls) = (String::new(), Vec::new(), Vec::new());
        for (index, part) in message.parts.iter().enumerate() {
            let at = format!("{at}.content[{index}]");
            self.note_part(part, &at);
            match &part.kind {
                PartKind::Text(text) if text.is_empty() => {}
                PartKind::Text(text) => blocks.push(Block::Text(text.clone())),
                PartKind::Refusal(text) => {
                    self.losses.push(Loss::approximated(at));
                    blocks.push(Block::Text(text.clone()));
                }
                PartKind::ToolCall(call) => calls.push(write_call(call)),
                PartKind::Reasoning(reasoning) => match thought(reasoning) {
                    Some(Thought::Plan(text)) => plan.push_str(text),
                    Some(Thought::Thinking(text)) => blocks.push(Block::Thinking(text.to_owned())),
                    None => self.losses.push(Loss::dropped(at)),
                },
                PartKind::Image(_)
                | PartKind::Audio(_)
                | PartKind::Video(_)
                | PartKind::File(_)
                | PartKind::ToolResult(_)
                | PartKind::Opaque(..) => self.losses.push(Loss::dropped(at)),
            }
        }
        if blocks.is_empty() && calls.is_empty() && plan.is_empty() {
            return;
        }
        self.out.push(written(|o| {
            o.value("role", "assistant");
            if !calls.is_empty() {
                o.value("tool_calls", &calls);
            }
            if !plan.is_empty() {
                o.value("tool_plan", &plan);
            }
            if !blocks.is_empty() {
                content(o, &blocks);
            }
        }));
    }
}

enum Thought<'r> {
    Plan(&'r str),
    Thinking(&'r str),
}

/// Thoughts as they go back: what this dialect's model planned, and what nobody signed. What another provider signed or
/// encrypted is not this one's.
fn thought(reasoning: &Reasoning) -> Option<Thought<'_>> {
    if reasoning.text.is_empty() || reasoning.encrypted.is_some() {
        return None;
    }
    match &reasoning.signature {
        None => Some(Thought::Thinking(&reasoning.text)),
        Some(signature) if signature.open(ID) == Some(TOOL_PLAN) => {
            Some(Thought::Plan(&reasoning.text))
        }
        Some(_) => None,
    }
}

fn write_call(call: &ToolCall) -> Json {
    let arguments = match call.kind {
        CallKind::Function if call.arguments.is_empty() => "{}".to_owned(),
        CallKind::Function => call.arguments.clone(),
        CallKind::Freeform => freeform::wrap(&call.arguments),
    };
    written(|o| {
        o.value("id", &call.id);
        o.value("type", "function");
        o.object("function", |o| {
            o.value("name", &call.name);
            o.value("arguments", &arguments);
        });
    })
}

fn image(media: &Media, at: &str) -> Result<Block, Malformed> {
    let url = match &media.source {
        MediaSource::Url(url) => url.clone(),
        MediaSource::Base64 { media_type, data } => format!("data:{media_type};base64,{data}"),
        MediaSource::FileId(_) | MediaSource::Text(_) => {
            return Err(Malformed::field(
                at,
                "names a file that was uploaded to another provider: send its content",
            ));
        }
    };
    let known = |detail: &&String| matches!(detail.as_str(), "auto" | "low" | "high");
    Ok(Block::Image {
        url,
        detail: media.detail.as_ref().filter(known).cloned(),
    })
}
