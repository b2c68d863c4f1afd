//! The `anthropic` dialect: Anthropic's Messages API, both sides.
//! <https://platform.claude.com/docs/en/api/messages> (2026-08).
//!
//! What is odd about it:
//! - `max_tokens` is demanded; instructions stand apart from the turns, which alternate and begin with the user's.
//! - Tool results stand in the user's turn, all those of one turn together and first.
//! - Thinking carries a signature and goes back unchanged, to Anthropic only.
//! - `input_tokens` excludes cache reads and writes, and counts in a stream are cumulative.
//! - Errors name no field: the message does.

mod blocks;
mod citations;
mod error;
mod parts;
mod request;
mod response;
mod stream;
mod tap;
#[cfg(test)]
mod tests;
mod texts;
pub mod threads;
mod wire;

use super::codec::{
    ChatClient, ChatPass, ChatProvider, Encoded, Outline, Reply, StreamDecoder, StreamEncoder, Tap,
    Thread, WholeSeen,
};
use super::{Dialect, DialectId, Fetches, First, Framing, NameRule, Places, Sides};
use crate::dialect::own_words::OwnWords;
use crate::ir::{Error, Loss, Malformed, Request, Response};
use crate::splice::Document;
use std::borrow::Cow;

/// Its name.
pub const ID: DialectId = DialectId::new("anthropic");

/// A sign of life, as Anthropic sends it.
const PING: &[u8] = b"event: ping\ndata: {\"type\": \"ping\"}\n\n";

/// The dialect's table.
pub static DIALECT: Dialect = Dialect {
    id: ID,
    framing: Framing::Sse,
    errors: &error::AnthropicErrors,
    key_header: Some("x-api-key"),
    request_headers: &[
        "anthropic-version",
        "anthropic-beta",
        "anthropic-user-profile-id",
    ],
    response_headers: &["request-id", "retry-after", "anthropic-ratelimit-*"],
    request_id_header: Some("request-id"),
    fixed_headers: &[("anthropic-version", "2023-06-01")],
    keep_alive: PING,
    chat: Sides {
        client: Some(&Messages),
        provider: Some(&Messages),
    },
    chat_pass: Some(&Messages),
    embed: Sides {
        client: None,
        provider: None,
    },
    fetches: Fetches {
        images: true,
        files: true,
        audio: false,
        video: false,
    },
};

/// `POST /v1/messages`.
struct Messages;

/// What the canonical names of fields are here.
const OWN_WORDS: &OwnWords = &[
    ("max_output_tokens", "max_tokens"),
    ("stop", "stop_sequences"),
    ("reasoning_effort", "output_config.effort"),
    ("reasoning.budget_tokens", "thinking.budget_tokens"),
    ("reasoning.enabled", "thinking.type"),
    ("reasoning.summary", "thinking.display"),
    ("reasoning", "thinking"),
    ("response_format", "output_config.format"),
    ("response_format.json_schema", "output_config.format"),
    ("user", "metadata.user_id"),
    (
        "parallel_tool_calls",
        "tool_choice.disable_parallel_tool_use",
    ),
];

impl ChatClient for Messages {
    fn outline(&self, doc: &Document<'_>) -> Result<Outline, Malformed> {
        request::outline(doc)
    }

    fn decode_request(&self, body: &[u8]) -> Result<Request, Malformed> {
        request::decode(body)
    }

    fn thread(&self, doc: &Document<'_>) -> Option<Thread> {
        threads::asked(doc)
    }

    fn own_words(&self) -> &'static OwnWords {
        OWN_WORDS
    }

    fn begins_answers(&self) -> bool {
        true
    }

    fn instructions(&self) -> Option<&'static str> {
        Some("system")
    }

    fn encode_response(&self, response: &Response, reply: &Reply, cost: Option<&str>) -> Encoded {
        response::encode(response, reply, cost)
    }

    fn stream_encoder(&self, reply: &Reply) -> Box<dyn StreamEncoder> {
        Box::new(stream::Encoder::new(reply))
    }

    fn stream_error(&self, error: &Error, request_id: &str) -> Vec<u8> {
        stream::error_frame(error, request_id)
    }
}

/// <https://platform.claude.com/docs/en/agents-and-tools/tool-use/implement-tool-use> (2026-11)
const TOOL_NAMES: &NameRule = &NameRule {
    longest: 128,
    marks: &['_', '-'],
    first: First::Any,
};

impl ChatProvider for Messages {
    fn path(&self, _model: &str, _stream: bool) -> Cow<'static, str> {
        Cow::Borrowed("/messages")
    }

    fn tool_names(&self) -> Option<&'static NameRule> {
        Some(TOOL_NAMES)
    }

    fn encode_request(&self, request: &Request) -> Result<Encoded, Malformed> {
        request::encode(request)
    }

    fn decode_response(&self, body: &[u8]) -> Result<Response, Malformed> {
        response::decode(body)
    }

    fn stream_decoder(&self) -> Box<dyn StreamDecoder> {
        Box::new(stream::Decoder::default())
    }

    fn read_whole(&self, body: &[u8]) -> Result<WholeSeen, Malformed> {
        tap::read_whole(body)
    }
}

/// What a model may not give.
const PLACES: &Places = &Places {
    output: &[&["max_tokens"]],
    budget: &[&["thinking", "budget_tokens"]],
    thinking: &[&["thinking"]],
    effort: &[&["output_config", "effort"]],
    list: None,
    beside: Some(request::remove_thinking_edits),
};

impl ChatPass for Messages {
    fn retarget(&self, doc: &mut Document<'_>, outline: &Outline, model: &str) -> Vec<Loss> {
        request::retarget(doc, outline, model)
    }

    fn places(&self) -> &'static Places {
        PLACES
    }

    fn tap(&self) -> Box<dyn Tap> {
        Box::new(tap::AnthropicTap::default())
    }
}
