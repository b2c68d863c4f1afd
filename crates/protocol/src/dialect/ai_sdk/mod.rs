//! The `ai_sdk` dialect: the language-model protocol between the AI SDK's `@ai-sdk/gateway` and a gateway, version 4, as
//! the npm packages `ai` 7 and `@ai-sdk/gateway` 4 speak it. Clients speak it, no provider does. Facts are from those
//! packages' own code and types: the package `@ai-sdk/provider` 4.0.38, <https://ai-sdk.dev/docs/foundations/providers-and-models> (2026-11). What is odd about it:
//!
//! - Model, streaming and the version are said in headers. URL and body are the same whole and streamed.
//! - The body also holds the call's `headers`, for the SDK's own use. They are never passed on.
//! - What a vendor alone knows stands in `providerOptions`, by vendor; what the vendor answers, in `providerMetadata`. The
//!   SDK sends a part's metadata back as its options, so that is where signatures travel (`seal`).
//! - A part of an unknown type ends a stream with an error in the client, and a stream that is cut off is none: so only the
//!   types of the protocol are written, and every stream ends with `finish` or `error`.
//! - There are warnings: what a provider could not be told stands in them.

mod citations;
mod error;
mod metadata;
mod request;
mod response;
mod seal;
mod stream;
mod usage;
mod warnings;

use super::{
    ChatClient, Dialect, DialectId, Encoded, Errors, Fetches, Framing, Outline, Reply, Sides,
    StreamEncoder,
};
use crate::dialect::own_words::OwnWords;
use crate::ir::{Error, Malformed, Request, Response};
use crate::splice::Document;

/// Its name.
pub const ID: DialectId = DialectId::new("ai_sdk");

/// The dialect's table.
pub static DIALECT: Dialect = Dialect {
    id: ID,
    framing: Framing::Sse,
    errors: &Codec,
    key_header: None,
    request_headers: &[],
    response_headers: &[],
    request_id_header: None,
    fixed_headers: &[],
    keep_alive: b": keep-alive\n\n",
    chat: Sides {
        client: Some(&Codec),
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

/// The client's side; it has no state.
struct Codec;

/// What the canonical names of fields are here. What has no member of the protocol is called as `providerOptions` has it.
const OWN_WORDS: &OwnWords = &[
    ("messages", "prompt"),
    ("max_tokens", "maxOutputTokens"),
    ("top_p", "topP"),
    ("top_k", "topK"),
    ("stop", "stopSequences"),
    ("frequency_penalty", "frequencyPenalty"),
    ("presence_penalty", "presencePenalty"),
    ("logit_bias", "logitBias"),
    ("top_logprobs", "topLogprobs"),
    ("cache_control", "cacheControl"),
    (".cache_control", ".cacheControl"),
    ("prompt_cache_key", "promptCacheKey"),
    ("verbosity", "textVerbosity"),
    ("tools", "tools"),
    ("tool_choice", "toolChoice"),
    (".function.parameters", ".inputSchema"),
    (".is_error", ".output.type"),
    (".content[].name", ".content[].filename"),
    (".content[].detail", ".content[].imageDetail"),
    (".content[].content", ".content[].output.value"),
    ("parallel_tool_calls", "parallelToolCalls"),
    ("response_format", "responseFormat"),
    ("response_format.json_schema", "responseFormat"),
    ("response_format.json_schema.strict", "strictJsonSchema"),
    ("text.format", "responseFormat"),
    ("text.format.strict", "strictJsonSchema"),
    ("reasoning_effort", "reasoning"),
    ("reasoning.enabled", "reasoning"),
    ("reasoning.summary", "reasoningSummary"),
    ("thinking.budget_tokens", "thinking.budgetTokens"),
    ("reasoning.budget_tokens", "thinking.budgetTokens"),
    ("service_tier", "serviceTier"),
];

impl Errors for Codec {
    fn encode(&self, error: &Error, request_id: &str) -> Vec<u8> {
        error::encode(error, request_id)
    }

    fn decode(&self, status: u16, body: &[u8]) -> Error {
        error::decode(status, body)
    }
}

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

    fn stream_error(&self, error: &Error, request_id: &str) -> Vec<u8> {
        stream::error_frame(error, request_id)
    }
}
