//! The `openai_chat` dialect: OpenAI's Chat Completions and Embeddings, and the many providers that answer in their
//! shape. What is odd about it:
//!
//! - An assistant's message has no order of parts: reasoning, text and tool calls stand in members of their own.
//! - Prompt tokens contain cached ones, and a stream states usage only when asked to, in a chunk without choices.
//! - Reasoning is no part of OpenAI's format; providers of its shape have three names for it (see `reasoning`).
//! - A tool's answer is a message of its own, of text only.
//! - Providers differ in what they leave out. Readers here are lenient about that, writers write what OpenAI writes.
mod annotations;
mod embed;
mod openrouter;
mod reasoning;
mod request;
mod response;
mod stream;
mod tap;
mod usage;
mod wire;

pub use openrouter::OPENROUTER;

use super::{
    ChatClient, ChatPass, ChatProvider, Dialect, DialectId, EmbedClient, EmbedProvider, Encoded,
    Errors, Fetches, Framing, NameRule, Outline, Places, Reply, Sides, StreamDecoder,
    StreamEncoder, Tap, WholeSeen, openai_error as error, openai_words,
};
use crate::dialect::own_words::OwnWords;
use crate::ir::{EmbedRequest, EmbedResponse, Error, Loss, Malformed, Request, Response};
use crate::splice::Document;
use std::borrow::Cow;

/// Its name.
pub const ID: DialectId = DialectId::new("openai_chat");

/// The dialect's table.
pub static DIALECT: Dialect = TABLE;

/// The same as a value, for what differs from it in little.
const TABLE: Dialect = Dialect {
    id: ID,
    framing: Framing::Sse,
    errors: &Codec,
    key_header: None,
    request_headers: &["openai-beta"],
    response_headers: &["openai-processing-ms", "openai-version"],
    request_id_header: None,
    fixed_headers: &[],
    keep_alive: stream::KEEP_ALIVE,
    chat: Sides {
        client: Some(&Codec),
        provider: Some(&Codec),
    },
    chat_pass: Some(&Codec),
    embed: Sides {
        client: Some(&Codec),
        provider: Some(&Codec),
    },
    fetches: Fetches {
        images: true,
        files: false,
        audio: false,
        video: false,
    },
};

/// Both sides of both operations; it has no state.
struct Codec;

impl Errors for Codec {
    fn encode(&self, error: &Error, _request_id: &str) -> Vec<u8> {
        error::encode(error)
    }

    fn decode(&self, status: u16, body: &[u8]) -> Error {
        error::decode(status, body)
    }
}

/// What the canonical names of fields are here.
const OWN_WORDS: &OwnWords = &[
    ("max_output_tokens", "max_tokens"),
    ("thinking.budget_tokens", "reasoning.max_tokens"),
    ("reasoning.budget_tokens", "reasoning.max_tokens"),
];

impl ChatClient for Codec {
    fn outline(&self, doc: &Document<'_>) -> Result<Outline, Malformed> {
        request::outline(doc)
    }

    fn decode_request(&self, body: &[u8]) -> Result<Request, Malformed> {
        request::decode(body)
    }

    fn own_words(&self) -> &'static OwnWords {
        OWN_WORDS
    }

    fn encode_response(&self, response: &Response, reply: &Reply, cost: Option<&str>) -> Encoded {
        response::encode(response, reply, cost)
    }

    fn stream_encoder(&self, reply: &Reply) -> Box<dyn StreamEncoder> {
        Box::new(stream::Encoder::new(reply))
    }

    fn stream_error(&self, error: &Error, _request_id: &str) -> Vec<u8> {
        stream::error_frame(error)
    }
}

impl ChatProvider for Codec {
    fn goes_on_with_answers(&self) -> bool {
        false
    }

    fn path(&self, _model: &str, _stream: bool) -> Cow<'static, str> {
        "/chat/completions".into()
    }

    /// OpenAI's own do; of the many that answer in its shape hardly one.
    fn takes_freeform(&self) -> bool {
        false
    }

    fn tool_names(&self) -> Option<&'static NameRule> {
        Some(openai_words::TOOL_NAMES)
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
    output: &[&["max_tokens"], &["max_completion_tokens"]],
    budget: &[],
    thinking: &[&["reasoning_effort"], &["reasoning"]],
    effort: &[],
    list: None,
    beside: None,
};

impl ChatPass for Codec {
    fn retarget(&self, doc: &mut Document<'_>, outline: &Outline, model: &str) -> Vec<Loss> {
        request::retarget(doc, outline, model);
        Vec::new()
    }

    fn places(&self) -> &'static Places {
        PLACES
    }

    fn tap(&self) -> Box<dyn Tap> {
        Box::new(tap::StreamTap::default())
    }
}

impl EmbedClient for Codec {
    fn outline(&self, doc: &Document<'_>) -> Result<Outline, Malformed> {
        embed::outline(doc)
    }

    fn decode_request(&self, body: &[u8]) -> Result<EmbedRequest, Malformed> {
        embed::decode_request(body)
    }

    fn encode_response(
        &self,
        response: &EmbedResponse,
        reply: &Reply,
        cost: Option<&str>,
    ) -> Encoded {
        embed::encode_response(response, reply, cost)
    }
}

impl EmbedProvider for Codec {
    fn path(&self, _model: &str) -> Cow<'static, str> {
        "/embeddings".into()
    }

    fn retarget(&self, doc: &mut Document<'_>, outline: &Outline, model: &str) {
        embed::retarget(doc, outline, model);
    }

    fn encode_request(&self, request: &EmbedRequest) -> Result<Encoded, Malformed> {
        Ok(embed::encode_request(request))
    }

    fn decode_response(&self, body: &[u8]) -> Result<EmbedResponse, Malformed> {
        embed::decode_response(body)
    }

    fn read_whole(&self, body: &[u8]) -> Result<WholeSeen, Malformed> {
        embed::read_whole(body)
    }
}
