//! The `cohere` dialect: Cohere's Chat API, version 2, provider side only.
//! <https://docs.cohere.com/reference/chat> and the types of the Python package `cohere` 7.3.1 (2026-11).
//!
//! What is odd about it:
//! - What a model plans to do with tools is a text of its own, `tool_plan`; it is carried as reasoning, signed so that it
//!   goes back as a plan.
//! - Documents stand beside the conversation, and citations beside the answer's text.
//! - Bills count other tokens than the model read and wrote: those of hidden instructions are free.
//! - Neither a schema for the answer nor JSON mode goes together with tools or documents.
//! - A stream that failed ends like one that did not, with a reason of `ERROR`.

mod citations;
mod error;
mod logprobs;
mod request;
mod response;
mod stream;
mod wire;

use super::codec::{ChatProvider, Encoded, StreamDecoder, WholeSeen};
use super::{Dialect, DialectId, Fetches, Framing, Sides};
use crate::ir::{Malformed, Request, Response, Sealed};
use std::borrow::Cow;

/// Its name.
pub const ID: DialectId = DialectId::new("cohere");

/// What marks reasoning that was a `tool_plan`.
const TOOL_PLAN: &str = "tool_plan";

/// The dialect's table.
pub static DIALECT: Dialect = Dialect {
    id: ID,
    framing: Framing::Sse,
    errors: &error::CohereErrors,
    key_header: None,
    request_headers: &[],
    response_headers: &[],
    request_id_header: None,
    fixed_headers: &[],
    keep_alive: b":\n\n",
    chat: Sides {
        client: None,
        provider: Some(&Chat),
    },
    chat_pass: None,
    embed: Sides {
        client: None,
        provider: None,
    },
    fetches: Fetches {
        images: true,
        files: false,
        audio: false,
        video: false,
    },
};

/// `POST /v2/chat`.
struct Chat;

impl ChatProvider for Chat {
    fn goes_on_with_answers(&self) -> bool {
        false
    }

    fn path(&self, _model: &str, _stream: bool) -> Cow<'static, str> {
        Cow::Borrowed("/chat")
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
        response::read_whole(body)
    }
}

/// The signature of a plan.
fn tool_plan() -> Sealed {
    Sealed::new(ID, TOOL_PLAN)
}
