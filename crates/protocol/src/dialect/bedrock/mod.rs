//! The `bedrock` dialect: Amazon Bedrock's Converse and ConverseStream, both sides.
//! <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html>; names and types after the service
//! model in `botocore` 1.44.5 (2026-11).
//!
//! What is odd about it:
//! - Model and streaming are said in the path. A model's id may be an ARN.
//! - Streams are AWS event stream messages; the last one, `metadata`, has the usage. There is no sign of life, but readers
//!   pass over events that they do not know.
//! - A block is an object with one member, which says what it is. A cache point is a block behind what it marks.
//! - What only some models know stands in `additionalModelRequestFields`, in the words of their authors.
//! - `inputTokens` excludes cache reads and writes; `totalTokens` is the sum of all.
//! - An error's class stands in a header; its body has the message alone.

mod blocks;
mod citations;
mod error;
mod family;
mod formats;
mod parts;
mod request;
mod response;
mod stream;
mod tap;
#[cfg(test)]
mod tests;
mod wire;

use super::codec::{
    ChatClient, ChatPass, ChatProvider, Encoded, Outline, Reply, StreamDecoder, StreamEncoder, Tap,
    WholeSeen,
};
use super::{Dialect, DialectId, Fetches, First, Framing, NameRule, Places, Sides};
use crate::dialect::own_words::OwnWords;
use crate::ir::{Error, Loss, Malformed, Request, Response};
use crate::splice::Document;
use std::borrow::Cow;

/// Its name.
pub const ID: DialectId = DialectId::new("bedrock");

/// An event of a name that no client knows, with nothing in it: the readers of AWS's libraries pass over it.
/// (`botocore.parsers.BaseEventStreamParser` 1.44.5; `getMessageUnmarshaller` of `@smithy/core`.)
const PING: &[u8] = b"\x00\x00\x00\x5c\x00\x00\x00\x4a\x0e\xc8\x55\x2d\
\x0b:event-type\x07\x00\x04ping\
\x0d:content-type\x07\x00\x10application/json\
\x0d:message-type\x07\x00\x05event\
{}\x51\xc5\xa6\xfd";

/// The dialect's table.
pub static DIALECT: Dialect = Dialect {
    id: ID,
    framing: Framing::EventStream,
    errors: &error::BedrockErrors,
    key_header: None,
    request_headers: &[],
    response_headers: &["x-amzn-requestid", "x-amzn-bedrock-*", "retry-after"],
    request_id_header: Some("x-amzn-requestid"),
    fixed_headers: &[],
    keep_alive: PING,
    chat: Sides {
        client: Some(&Converse),
        provider: Some(&Converse),
    },
    chat_pass: Some(&Converse),
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

/// `POST /model/{modelId}/converse` and `/converse-stream`.
struct Converse;

/// What the canonical names of fields are here.
const OWN_WORDS: &OwnWords = &[
    ("max_output_tokens", "inferenceConfig.maxTokens"),
    ("max_tokens", "inferenceConfig.maxTokens"),
    ("temperature", "inferenceConfig.temperature"),
    ("top_p", "inferenceConfig.topP"),
    ("stop", "inferenceConfig.stopSequences"),
    ("top_k", "additionalModelRequestFields.top_k"),
    ("reasoning_effort", "outputConfig.effort"),
    (
        "thinking.budget_tokens",
        "additionalModelRequestFields.thinking.budget_tokens",
    ),
    (
        "reasoning.budget_tokens",
        "additionalModelRequestFields.thinking.budget_tokens",
    ),
    (
        "reasoning.enabled",
        "additionalModelRequestFields.thinking.type",
    ),
    (
        "reasoning.summary",
        "additionalModelRequestFields.thinking.display",
    ),
    ("reasoning", "additionalModelRequestFields.thinking"),
    ("response_format", "outputConfig.textFormat"),
    (
        "response_format.json_schema",
        "outputConfig.textFormat.structure.jsonSchema",
    ),
    ("metadata", "requestMetadata"),
    ("service_tier", "serviceTier"),
    ("tools", "toolConfig.tools"),
    ("tool_choice", "toolConfig.toolChoice"),
];

impl ChatClient for Converse {
    fn outline(&self, doc: &Document<'_>) -> Result<Outline, Malformed> {
        request::outline(doc)
    }

    fn decode_request(&self, body: &[u8]) -> Result<Request, Malformed> {
        request::decode(body)
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

    fn stream_error(&self, error: &Error, _request_id: &str) -> Vec<u8> {
        let mut out = Vec::new();
        error::write_frame(&mut out, error);
        out
    }
}

/// <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolSpecification.html> (2026-11)
const TOOL_NAMES: &NameRule = &NameRule {
    longest: 64,
    marks: &['_', '-'],
    first: First::Any,
};

impl ChatProvider for Converse {
    fn path(&self, model: &str, stream: bool) -> Cow<'static, str> {
        let operation = if stream {
            "converse-stream"
        } else {
            "converse"
        };
        Cow::Owned(format!("/model/{}/{operation}", escaped(model)))
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
    output: &[&["inferenceConfig", "maxTokens"]],
    budget: &[
        &["additionalModelRequestFields", "thinking", "budget_tokens"],
        &[
            "additionalModelRequestFields",
            "reasoning_config",
            "budget_tokens",
        ],
    ],
    thinking: &[
        &["additionalModelRequestFields", "thinking"],
        &["additionalModelRequestFields", "reasoning_config"],
        &["additionalModelRequestFields", "reasoningConfig"],
        &["additionalModelRequestFields", "reasoning_effort"],
    ],
    effort: &[&["outputConfig", "effort"]],
    list: None,
    beside: None,
};

impl ChatPass for Converse {
    fn retarget(&self, doc: &mut Document<'_>, outline: &Outline, model: &str) -> Vec<Loss> {
        request::retarget(doc, outline, model)
    }

    fn places(&self) -> &'static Places {
        PLACES
    }

    fn tap(&self) -> Box<dyn Tap> {
        Box::new(tap::BedrockTap::default())
    }
}

/// A model's id as one segment of a path: all but unreserved characters are escaped, as AWS's libraries do.
fn escaped(model: &str) -> String {
    let mut out = String::with_capacity(model.len() + 16);
    for byte in model.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                out.push(char::from(byte));
            }
            _ => {
                const HEX: &[u8; 16] = b"0123456789ABCDEF";
                out.push('%');
                out.push(char::from(HEX[usize::from(byte >> 4)]));
                out.push(char::from(HEX[usize::from(byte & 15)]));
            }
        }
    }
    out
}
