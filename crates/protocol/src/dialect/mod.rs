//! The dialects: wire formats that clients speak to us and we speak to providers. One folder each, with the same few
//! file names; this file is the shape they share and the one list of them. Dialects never import each other.

pub mod ai_sdk;
pub mod anthropic;
pub mod bedrock;
mod call_ids;
mod claude_models;
mod claude_thinking;
mod closed_schema;
mod codec;
pub mod cohere;
pub mod controls;
mod error_text;
mod essential;
mod fields;
mod foreign_error;
mod free_names;
mod freeform;
pub mod gemini;
mod glance;
mod made_ids;
mod members;
pub mod merge;
mod mould;
pub mod openai_chat;
mod openai_error;
mod openai_media;
mod openai_models;
pub mod openai_responses;
mod openai_strict;
mod openai_words;
mod origin;
pub mod own_words;
mod reach;
mod stop_words;
mod tool_aliases;
mod turns;
mod write;

pub use codec::{
    ChatClient, ChatPass, ChatProvider, EmbedClient, EmbedProvider, Encoded, Errors, FrameKind,
    Needs, Outline, Reply, Seen, StreamDecoder, StreamEncoder, Tap, Thread, WholeSeen,
};

pub use essential::{ESSENTIALS, Essential, Given, What, check as check_essentials};
pub use freeform::as_functions as freeform_as_functions;
pub use made_ids::{scope_answer as scope_call_ids, scope_event as scope_call_ids_of_event};
pub use reach::{Places, Reach};
pub use tool_aliases::{First, NameRule, ToolAliases};

use crate::ir::MediumKind;
use std::fmt;

/// Every dialect. A new one is a folder and a line here.
pub static DIALECTS: &[&Dialect] = &[
    &openai_chat::DIALECT,
    &openai_responses::DIALECT,
    &anthropic::DIALECT,
    &bedrock::DIALECT,
    &ai_sdk::DIALECT,
    &gemini::DIALECT,
    &cohere::DIALECT,
    &merge::DIALECT,
];

/// The dialect of that name (`openai_chat`), as catalogue files and configuration write it.
pub fn find(name: &str) -> Option<&'static Dialect> {
    DIALECTS
        .iter()
        .find(|dialect| dialect.id.as_str() == name)
        .copied()
}

/// The dialects that providers speak; the others are for clients only.
pub fn of_providers() -> impl Iterator<Item = &'static Dialect> {
    let spoken = |it: &&Dialect| it.chat.provider.is_some() || it.embed.provider.is_some();
    DIALECTS.iter().copied().filter(spoken)
}

/// A dialect's name. Only the dialects themselves make one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DialectId(&'static str);

impl DialectId {
    pub(in crate::dialect) const fn new(name: &'static str) -> Self {
        Self(name)
    }

    /// The name as configuration and records write it.
    pub fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Debug for DialectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Display for DialectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// A wire format: what it is called, how it frames streams, and its codecs by operation and side.
pub struct Dialect {
    /// Its name.
    pub id: DialectId,
    /// How a streamed answer is cut into frames.
    pub framing: Framing,
    /// Errors, in whole bodies.
    pub errors: &'static dyn Errors,
    /// The header that takes the bare key, where the dialect has one of its own (`x-api-key`); else a bearer token.
    pub key_header: Option<&'static str>,
    /// Request headers of the client that are passed on to a provider of the same dialect (lower case).
    pub request_headers: &'static [&'static str],
    /// Headers of the provider's answer that are passed on to a client of the same dialect (lower case; a trailing
    /// `*` matches any rest).
    pub response_headers: &'static [&'static str],
    /// Where clients of this dialect look for the request's id, besides `x-request-id` (lower case).
    pub request_id_header: Option<&'static str>,
    /// Headers that every request to a provider carries (`anthropic-version`); the client's own value wins.
    pub fixed_headers: &'static [(&'static str, &'static str)],
    /// What a streaming door sends while the model is silent; see [`Dialect::keep_alive_in`].
    pub keep_alive: &'static [u8],
    /// Chat.
    pub chat: Sides<dyn ChatClient, dyn ChatProvider>,
    /// Chat where both sides speak this dialect; present if both sides are.
    pub chat_pass: Option<&'static dyn ChatPass>,
    /// Embeddings.
    pub embed: Sides<dyn EmbedClient, dyn EmbedProvider>,
    /// Which media its providers fetch themselves when given a URL; all others are fetched for them.
    pub fetches: Fetches,
}

impl Dialect {
    /// What a streaming door sends while the model is silent, where the stream is cut into frames so.
    pub fn keep_alive_in(&self, framing: Framing) -> &'static [u8] {
        match framing {
            Framing::Sse | Framing::EventStream => self.keep_alive,
            // White space may stand before and between the elements.
            Framing::JsonArray => b"\n",
        }
    }
}

/// The two codecs of one operation, each present or absent.
pub struct Sides<C: ?Sized + 'static, P: ?Sized + 'static> {
    /// Reads requests of clients and writes their answers.
    pub client: Option<&'static C>,
    /// Writes requests to providers and reads their answers.
    pub provider: Option<&'static P>,
}

/// What a request asks a model to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// A conversation.
    Chat,
    /// Vectors for texts.
    Embed,
}

impl Operation {
    /// The name as records write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Embed => "embed",
        }
    }
}

/// How a streamed answer is cut into frames.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Framing {
    /// Server-sent events (WHATWG HTML, section 9.2).
    #[default]
    Sse,
    /// One JSON array whose elements come one by one: what Gemini's `streamGenerateContent` answers without `alt=sse`.
    /// Towards clients only.
    JsonArray,
    /// AWS event stream messages, binary with checksums (`application/vnd.amazon.eventstream`).
    EventStream,
}

impl Framing {
    /// The value of `content-type` for a stream framed so.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Sse => "text/event-stream; charset=utf-8",
            Self::JsonArray => "application/json",
            Self::EventStream => "application/vnd.amazon.eventstream",
        }
    }
}

/// Media that are fetched from a URL, by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fetches {
    /// Images.
    pub images: bool,
    /// Files.
    pub files: bool,
    /// Sound.
    pub audio: bool,
    /// Video.
    pub video: bool,
}

impl Fetches {
    /// Whether a medium of this kind is fetched.
    pub fn has(self, kind: MediumKind) -> bool {
        match kind {
            MediumKind::Image => self.images,
            MediumKind::File => self.files,
            MediumKind::Audio => self.audio,
            MediumKind::Video => self.video,
        }
    }
}
