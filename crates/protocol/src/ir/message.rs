//! What a conversation is made of: messages, and the typed parts that requests and answers share.

use super::{Citation, Extra, Json, Loss, Malformed, Media, Reasoning, ToolCall, ToolResult};
use crate::dialect::DialectId;

/// One turn of the conversation.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What is said. Tool results stand in `User` messages, tool calls and reasoning in `Assistant` messages.
    pub parts: Vec<Part>,
    /// The speaker's name, where the dialect has one.
    pub name: Option<String>,
    /// Fields the decoder did not know.
    pub extra: Extra,
}

impl Message {
    /// What is lost beside the parts where `dialect` follows, which knows no names of speakers; `at` is the message's path.
    pub fn lost_to(&self, dialect: DialectId, at: &str) -> impl Iterator<Item = Loss> {
        let name = self.name.is_some();
        name.then(|| Loss::dropped(format!("{at}.name")))
            .into_iter()
            .chain(self.extra.lost_to(dialect, at))
    }
}

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The operator's instructions.
    System,
    /// The same in the words of newer OpenAI models.
    Developer,
    /// The person or program that asks; also carries tool results.
    User,
    /// The model.
    Assistant,
}

/// A typed piece of a message.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// What it is.
    pub kind: PartKind,
    /// A prompt-cache breakpoint after this part.
    pub cache: Option<CacheMarker>,
    /// What a text part rests on, in the order given.
    pub citations: Vec<Citation>,
    /// Fields the decoder did not know.
    pub extra: Extra,
}

impl Part {
    /// A part without cache marker, citations or unknown fields.
    pub fn new(kind: PartKind) -> Self {
        Self {
            kind,
            cache: None,
            citations: Vec::new(),
            extra: Extra::default(),
        }
    }

    /// A text part.
    pub fn text(text: impl Into<String>) -> Self {
        Self::new(PartKind::Text(text.into()))
    }

    /// The complaint about what only the dialect that it came from may know, where another follows.
    pub(super) fn unknown_to(&self, dialect: DialectId) -> Option<Malformed> {
        let inside = match &self.kind {
            PartKind::ToolResult(result) => result.parts.as_slice(),
            _ => &[],
        };
        let mut inside = inside.iter();
        let own = self.extra.unknown_to(dialect);
        own.or_else(|| inside.find_map(|part| part.unknown_to(dialect)))
    }

    /// What is lost of the unknown fields where `dialect` follows; `at` is the part's path. Nothing of reasoning: what else
    /// a dialect says of it is how it writes the same text and signature.
    pub fn lost_to(&self, dialect: DialectId, at: &str) -> impl Iterator<Item = Loss> {
        let counts = !matches!(self.kind, PartKind::Reasoning(_));
        counts
            .then(|| self.extra.lost_to(dialect, at))
            .into_iter()
            .flatten()
    }
}

/// What a part is. Requests and answers share it.
#[derive(Clone, Debug, PartialEq)]
pub enum PartKind {
    /// Plain text.
    Text(String),
    /// An image.
    Image(Media),
    /// Audio.
    Audio(Media),
    /// Video.
    Video(Media),
    /// A file, usually a PDF.
    File(Media),
    /// The model's reasoning.
    Reasoning(Reasoning),
    /// The model calls a tool.
    ToolCall(ToolCall),
    /// What a tool answered.
    ToolResult(ToolResult),
    /// The model declines, in words.
    Refusal(String),
    /// A part that only its own dialect knows, as it was written; the `Extra` dialect tag of field `""` names it.
    Opaque(DialectId, Json),
}

impl PartKind {
    /// Its name, for messages and losses (`image`, `tool_call`).
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Image(_) => "image",
            Self::Audio(_) => "audio",
            Self::Video(_) => "video",
            Self::File(_) => "file",
            Self::Reasoning(_) => "reasoning",
            Self::ToolCall(_) => "tool_call",
            Self::ToolResult(_) => "tool_result",
            Self::Refusal(_) => "refusal",
            Self::Opaque(..) => "opaque",
        }
    }
}

/// A prompt-cache breakpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheMarker {
    /// The dialect that wrote it. One of OpenAI's shape knows markers only as an extension that OpenAI itself refuses,
    /// so it writes none but its own clients'.
    pub from: DialectId,
    /// Lifetime as written (`5m`, `1h`); `None` is the provider's default.
    pub ttl: Option<String>,
}
