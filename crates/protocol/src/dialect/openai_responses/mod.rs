//! The `openai_responses` dialect: OpenAI's Responses, which Codex and the newer agent libraries speak. What is odd
//! about it:
//!
//! - A conversation is a list of items: what a message is elsewhere (thinking, text, calls) are items of their own here.
//! - A stream tells everything twice, in pieces and whole, and every answer repeats what was asked (see `echo`).
//! - The server keeps answers unless told not to. Keeping them is the gateway's part, not the codec's: what a codec
//!   sees is a request that stands by itself, and one that leans on a provider's memory cannot be translated.
//! - Functions are strict unless they say otherwise, and tools may stand in namespaces (see `namespaces`).
//! - Providers' built-in tools have items of their own, which are carried as they are to providers of this dialect.
//!
//! Fields: <https://platform.openai.com/docs/api-reference/responses> (2026-11).

mod annotations;
mod echo;
mod item;
pub mod kept;
mod namespaces;
mod parts;
mod places;
mod request;
mod response;
mod stream;
mod tap;
mod usage;

use super::openai_error as error;
use super::{
    ChatClient, ChatPass, ChatProvider, Dialect, DialectId, Encoded, Errors, Fetches, Framing,
    NameRule, Outline, Places, Reply, Sides, StreamDecoder, StreamEncoder, Tap, WholeSeen,
    openai_words,
};
use crate::dialect::own_words::{OwnWords, PlaceOf};
use crate::ir::{Error, Loss, Malformed, Request, Response};
use crate::splice::Document;
use std::borrow::Cow;

/// Its name.
pub const ID: DialectId = DialectId::new("openai_responses");

/// The dialect's table.
pub static DIALECT: Dialect = Dialect {
    id: ID,
    framing: Framing::Sse,
    errors: &Codec,
    key_header: None,
    request_headers: &["openai-beta"],
    response_headers: &["openai-processing-ms", "openai-version"],
    request_id_header: None,
    fixed_headers: &[],
    keep_alive: b": keep-alive\n\n",
    chat: Sides {
        client: Some(&Codec),
        provider: Some(&Codec),
    },
    chat_pass: Some(&Codec),
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

/// Both sides; it has no state.
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
    ("messages", "input"),
    ("max_tokens", "max_output_tokens"),
    ("reasoning_effort", "reasoning.effort"),
    ("response_format", "text.format"),
    ("response_format.json_schema", "text.format"),
    ("verbosity", "text.verbosity"),
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

    fn place_of(&self) -> Option<PlaceOf> {
        Some(places::of)
    }

    fn encode_response(&self, response: &Response, reply: &Reply, cost: Option<&str>) -> Encoded {
        response::encode(response, reply, cost)
    }

    fn stream_encoder(&self, reply: &Reply) -> Box<dyn StreamEncoder> {
        Box::new(stream::Encoder::new(reply))
    }

    fn stream_error(&self, error: &Error, request_id: &str) -> Vec<u8> {
        stream::error_frames(error, request_id)
    }
}

impl ChatProvider for Codec {
    fn goes_on_with_answers(&self) -> bool {
        false
    }

    fn path(&self, _model: &str, _stream: bool) -> Cow<'static, str> {
        "/responses".into()
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
    output: &[&["max_output_tokens"]],
    budget: &[],
    thinking: &[&["reasoning"]],
    effort: &[],
    list: Some(("include", request::ENCRYPTED)),
    beside: None,
};

impl ChatPass for Codec {
    fn retarget(&self, doc: &mut Document<'_>, outline: &Outline, model: &str) -> Vec<Loss> {
        request::retarget(doc, outline, model)
    }

    fn places(&self) -> &'static Places {
        PLACES
    }

    fn tap(&self) -> Box<dyn Tap> {
        Box::new(tap::ResponsesTap::default())
    }
}
