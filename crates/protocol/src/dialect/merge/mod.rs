//! The `merge` dialect: Merge Gateway's native Responses API, client side only, as its published Python packages
//! (`merge-gateway-sdk` 0.2.0, `merge-gateway-python` 0.4.0) speak it. <https://docs.merge.dev/merge-gateway> (2026-08).
//!
//! What is odd about it:
//! - A stream is a row of snapshots: each frame is the whole answer so far and replaces the one before.
//! - An answer is one message. Clients refuse the whole of it for one block of a type that they do not know, one
//!   `finish_reason` outside four words, or a `null` where they expect a number.
//! - Tool calls and thinking are blocks of the message; tool results are items of their own in `input`.
//! - `model` may be left out where `priority_order` names models.

mod error;
mod request;
mod response;
mod stream;

use super::codec::{ChatClient, Encoded, Outline, Reply, StreamEncoder};
use super::{Dialect, DialectId, Fetches, Framing, Sides};
use crate::dialect::own_words::OwnWords;
use crate::ir::{Error, Malformed, Request, Response};
use crate::splice::Document;

/// Its name.
pub const ID: DialectId = DialectId::new("merge");

/// What stands before encrypted reasoning in a `signature`, which is all that a thinking block has room for.
const ENCRYPTED: &str = "encrypted:";

/// The dialect's table.
pub static DIALECT: Dialect = Dialect {
    id: ID,
    framing: Framing::Sse,
    errors: &error::MergeErrors,
    key_header: None,
    request_headers: &[],
    response_headers: &[],
    request_id_header: None,
    fixed_headers: &[],
    keep_alive: b":keepalive\n\n",
    chat: Sides {
        client: Some(&Responses),
        provider: None,
    },
    chat_pass: None,
    embed: Sides {
        client: None,
        provider: None,
    },
    fetches: Fetches {
        images: false,
        files: false,
        audio: false,
        video: false,
    },
};

/// `POST /v1/responses`.
struct Responses;

/// What the canonical names of fields are here.
const OWN_WORDS: &OwnWords = &[
    ("messages", "input"),
    ("max_output_tokens", "max_tokens"),
    ("reasoning.budget_tokens", "thinking.budget_tokens"),
    ("reasoning.enabled", "thinking.type"),
    ("reasoning", "thinking"),
];

impl ChatClient for Responses {
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
