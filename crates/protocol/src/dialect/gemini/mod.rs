//! The `gemini` dialect: Google's `generateContent`, both sides, as AI Studio and Vertex speak it.
//! <https://ai.google.dev/api/generate-content> (2026-11),
//! <https://docs.cloud.google.com/vertex-ai/generative-ai/docs/model-reference/inference> (2026-11)
//!
//! What is odd about it:
//! - Model and streaming stand in the path, and a stream without `alt=sse` is one JSON array.
//! - Every field has two names, `systemInstruction` and `system_instruction`; the first is written.
//! - Calls of functions may lack ids: a response is then matched by name and order.
//! - Any part may carry the signature of the thinking before it; see `signature`.
//! - `parameters` is a subset of OpenAPI 3.0, `parametersJsonSchema` is JSON Schema; see `schema`.
//! - Every chunk of a stream states usage so far. A stream has no last frame: it is complete with a finish reason.
//! - The official Python client takes a comment in a stream for JSON, so signs of life are blank lines.

mod error;
mod generation;
mod grounding;
mod logprobs;
mod open_calls;
mod parts;
mod pieces;
mod request;
mod response;
mod schema;
mod signature;
mod stream;
mod tap;
#[cfg(test)]
mod tests;
mod usage;
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
pub const ID: DialectId = DialectId::new("gemini");

/// A sign of life: the end of an event that never began.
const KEEP_ALIVE: &[u8] = b"\n\n";

/// The dialect's table.
pub static DIALECT: Dialect = Dialect {
    id: ID,
    framing: Framing::Sse,
    errors: &error::GeminiErrors,
    key_header: Some("x-goog-api-key"),
    request_headers: &[],
    response_headers: &["retry-after"],
    request_id_header: None,
    fixed_headers: &[],
    keep_alive: KEEP_ALIVE,
    chat: Sides {
        client: Some(&GenerateContent),
        provider: Some(&GenerateContent),
    },
    chat_pass: Some(&GenerateContent),
    embed: Sides {
        client: None,
        provider: None,
    },
    // Videos behind a URL are YouTube's. Of other URLs it fetches some, but wants to be told what is behind them.
    fetches: Fetches {
        images: false,
        files: false,
        audio: false,
        video: true,
    },
};

/// `POST …/models/{model}:generateContent` and `:streamGenerateContent`.
struct GenerateContent;

/// What the canonical names of fields are here.
const OWN_WORDS: &OwnWords = &[
    ("messages", "contents"),
    (".content[", ".parts["),
    ("max_output_tokens", "generationConfig.maxOutputTokens"),
    ("max_tokens", "generationConfig.maxOutputTokens"),
    ("temperature", "generationConfig.temperature"),
    ("top_p", "generationConfig.topP"),
    ("top_k", "generationConfig.topK"),
    ("seed", "generationConfig.seed"),
    ("stop", "generationConfig.stopSequences"),
    ("n", "generationConfig.candidateCount"),
    ("logprobs", "generationConfig.responseLogprobs"),
    ("top_logprobs", "generationConfig.logprobs"),
    ("frequency_penalty", "generationConfig.frequencyPenalty"),
    ("presence_penalty", "generationConfig.presencePenalty"),
    ("response_format", "generationConfig.responseMimeType"),
    (
        "response_format.json_schema",
        "generationConfig.responseJsonSchema",
    ),
    (
        "response_format.json_schema.schema",
        "generationConfig.responseJsonSchema",
    ),
    (
        "reasoning_effort",
        "generationConfig.thinkingConfig.thinkingLevel",
    ),
    (
        "thinking.budget_tokens",
        "generationConfig.thinkingConfig.thinkingBudget",
    ),
    (
        "reasoning.budget_tokens",
        "generationConfig.thinkingConfig.thinkingBudget",
    ),
    (
        "reasoning.summary",
        "generationConfig.thinkingConfig.includeThoughts",
    ),
    ("reasoning", "generationConfig.thinkingConfig"),
    ("service_tier", "serviceTier"),
    ("tool_choice", "toolConfig.functionCallingConfig"),
    (
        "tool_choice.allowed_tools",
        "toolConfig.functionCallingConfig.allowedFunctionNames",
    ),
];

impl ChatClient for GenerateContent {
    fn outline(&self, doc: &Document<'_>) -> Result<Outline, Malformed> {
        request::outline(doc)
    }

    fn decode_request(&self, body: &[u8]) -> Result<Request, Malformed> {
        request::decode(body)
    }

    fn own_words(&self) -> &'static OwnWords {
        OWN_WORDS
    }

    fn instructions(&self) -> Option<&'static str> {
        Some("systemInstruction")
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

/// Older models, and Vertex, take fewer characters than the 128 that AI Studio promises, and only Vertex says what a name
/// begins with. <https://ai.google.dev/api/caching#FunctionDeclaration> (2026-11)
const TOOL_NAMES: &NameRule = &NameRule {
    longest: 64,
    marks: &['_', '.', ':', '-'],
    first: First::LetterOrUnderscore,
};

impl ChatProvider for GenerateContent {
    /// A model's name may be a path of its own (`tunedModels/x`, `publishers/meta/models/y`), below Vertex' location.
    fn path(&self, model: &str, stream: bool) -> Cow<'static, str> {
        let verb = if stream {
            "streamGenerateContent?alt=sse"
        } else {
            "generateContent"
        };
        let is_path = PATHS.iter().any(|start| model.starts_with(start));
        let folder = if is_path { "" } else { "models/" };
        Cow::Owned(format!("/{folder}{model}:{verb}"))
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

/// How names begin that say where the model stands.
const PATHS: &[&str] = &["models/", "tunedModels/", "publishers/", "endpoints/"];

/// What a model may not give.
const PLACES: &Places = &Places {
    output: &[&["generationConfig", "maxOutputTokens"]],
    budget: &[],
    thinking: &[&["generationConfig", "thinkingConfig"]],
    effort: &[],
    list: None,
    beside: None,
};

impl ChatPass for GenerateContent {
    fn retarget(&self, doc: &mut Document<'_>, outline: &Outline, model: &str) -> Vec<Loss> {
        request::retarget(doc, outline, model)
    }

    fn places(&self) -> &'static Places {
        PLACES
    }

    fn tap(&self) -> Box<dyn Tap> {
        Box::new(tap::GeminiTap::default())
    }
}
