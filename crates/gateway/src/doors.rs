//! The doors: every method and path that a client can call, in one static table. What collides between ecosystems is
//! settled here by order and discriminator, nowhere else.

mod meant;

use crate::client_api::percent_decoded;
use http::{HeaderMap, Method};
use protocol::dialect::{
    Dialect, Framing, Operation, ai_sdk, anthropic, bedrock, gemini, merge, openai_chat,
    openai_responses,
};

/// One method and path that a client can call.
pub(crate) struct Door {
    /// HTTP method.
    pub(crate) method: Method,
    /// Path; what is in braces stands for one or more segments (model ids contain slashes; `{id}` is one, and never
    /// the word before it again), what follows the last braces ends the path, and so Gemini's verb follows the last colon.
    pub(crate) path: &'static str,
    /// Where model and streaming are said.
    pub(crate) said: Said,
    /// How streams are cut into frames, unless the query says `alt=sse`; the dialect's own way where nothing is said.
    pub(crate) framing: Option<Framing>,
    /// Header that must be present, where two ecosystems share a path.
    pub(crate) when: Option<&'static str>,
    /// What the client speaks here.
    pub(crate) dialect: &'static Dialect,
    /// What it gets.
    pub(crate) answer: Answer,
}

/// Where a client says which model it wants, and whether the answer is to be streamed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// Both in the body.
    Body,
    /// The model in the path's braces; whether to stream, by the path alone.
    Path {
        /// Whether it is.
        stream: bool,
    },
    /// Both in headers, and which version of its protocol the client speaks.
    Headers(&'static SaidHeaders),
}

/// Headers that say what others say in the body.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct SaidHeaders {
    /// Names the model; the first that is there.
    pub(crate) model: &'static [&'static str],
    /// `true` or `false`; absent is `false`.
    pub(crate) stream: &'static str,
    /// The version of the protocol; absent, the path has said it.
    pub(crate) version: &'static str,
    /// The versions that this door speaks.
    pub(crate) versions: &'static [&'static str],
}

/// What stands behind a door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// An exchange with a provider.
    Exchange(Operation),
    /// Something about the catalogue.
    Catalogue(CatalogueAnswer),
    /// Something about a response that is kept.
    Kept(KeptAnswer),
}

/// What is asked of the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CatalogueAnswer {
    /// The list of models that this key can call.
    Models,
    /// How many they are.
    Count,
    /// One model.
    Model,
    /// One model, in a member `data`.
    ModelData,
    /// Who serves one model.
    Endpoints,
    /// Who serves models.
    Providers,
}

/// What is asked of a response that is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeptAnswer {
    /// To see it again.
    Whole,
    /// To delete it.
    Deleted,
    /// What its request added to the conversation.
    InputItems,
    /// To stop making it.
    Cancelled,
}

impl Door {
    const fn post(path: &'static str, dialect: &'static Dialect, operation: Operation) -> Self {
        Self {
            method: Method::POST,
            path,
            said: Said::Body,
            framing: None,
            when: None,
            dialect,
            answer: Answer::Exchange(operation),
        }
    }

    /// A door to the catalogue.
    const fn get(path: &'static str, dialect: &'static Dialect, answer: CatalogueAnswer) -> Self {
        Self::at(Method::GET, path, dialect, Answer::Catalogue(answer))
    }

    /// A door to a response that is kept.
    const fn kept(method: Method, path: &'static str, answer: KeptAnswer) -> Self {
        Self::at(method, path, RESPONSES, Answer::Kept(answer))
    }

    const fn at(
        method: Method,
        path: &'static str,
        dialect: &'static Dialect,
        answer: Answer,
    ) -> Self {
        Self {
            method,
            path,
            said: Said::Body,
            framing: None,
            when: None,
            dialect,
            answer,
        }
    }

    const fn in_path(mut self, stream: bool) -> Self {
        self.said = Said::Path { stream };
        self
    }

    const fn in_headers(mut self, headers: &'static SaidHeaders) -> Self {
        self.said = Said::Headers(headers);
        self
    }

    /// One of Gemini's two verbs, which say whether to stream.
    const fn generate(path: &'static str) -> Self {
        Self::post(path, GEMINI, Operation::Chat).in_path(false)
    }

    /// The other one. Without `alt=sse` its stream is one JSON array.
    const fn stream_generate(path: &'static str) -> Self {
        let mut door = Self::post(path, GEMINI, Operation::Chat).in_path(true);
        door.framing = Some(Framing::JsonArray);
        door
    }

    const fn when(mut self, header: &'static str) -> Self {
        self.when = Some(header);
        self
    }

    /// The name in records and metrics: `POST /v1/chat/completions`.
    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

const OPENAI: &Dialect = &openai_chat::DIALECT;
const RESPONSES: &Dialect = &openai_responses::DIALECT;
const ANTHROPIC: &Dialect = &anthropic::DIALECT;
const BEDROCK: &Dialect = &bedrock::DIALECT;
const MERGE: &Dialect = &merge::DIALECT;
const AI_SDK: &Dialect = &ai_sdk::DIALECT;
const OPENROUTER: &Dialect = &openai_chat::OPENROUTER;
const MODELS: CatalogueAnswer = CatalogueAnswer::Models;
const MODEL: CatalogueAnswer = CatalogueAnswer::Model;

/// As `@ai-sdk/gateway` 4.0.146 sends them.
const LANGUAGE_MODEL: SaidHeaders = SaidHeaders {
    model: &["ai-language-model-id", "ai-model-id"],
    stream: "ai-language-model-streaming",
    version: "ai-language-model-specification-version",
    versions: &["4"],
};

/// On every request of that client.
const AI_SDK_PROTOCOL: &str = "ai-gateway-protocol-version";
const GEMINI: &Dialect = &gemini::DIALECT;

/// Every door. The first that matches is taken, so a discriminated one stands before the plain one.
pub(crate) static DOORS: &[Door] = &[
    Door::post("/v1/chat/completions", OPENAI, Operation::Chat),
    Door::post("/v1/responses", RESPONSES, Operation::Chat),
    Door::kept(
        Method::GET,
        "/v1/responses/{id}/input_items",
        KeptAnswer::InputItems,
    ),
    Door::kept(
        Method::POST,
        "/v1/responses/{id}/cancel",
        KeptAnswer::Cancelled,
    ),
    Door::kept(Method::GET, "/v1/responses/{id}", KeptAnswer::Whole),
    Door::kept(Method::DELETE, "/v1/responses/{id}", KeptAnswer::Deleted),
    Door::post("/v1/embeddings", OPENAI, Operation::Embed),
    Door::post("/v1/messages", ANTHROPIC, Operation::Chat),
    Door::post("/anthropic/v1/messages", ANTHROPIC, Operation::Chat),
    Door::post("/bedrock/model/{model}/converse", BEDROCK, Operation::Chat).in_path(false),
    Door::post(
        "/bedrock/model/{model}/converse-stream",
        BEDROCK,
        Operation::Chat,
    )
    .in_path(true),
    Door::post("/model/{model}/converse", BEDROCK, Operation::Chat).in_path(false),
    Door::post("/model/{model}/converse-stream", BEDROCK, Operation::Chat).in_path(true),
    Door::get("/v1/models", ANTHROPIC, MODELS).when("anthropic-version"),
    Door::get("/v1/models", GEMINI, MODELS).when("x-goog-api-key"),
    Door::get("/v1/models", OPENAI, MODELS),
    Door::get("/anthropic/v1/models", ANTHROPIC, MODELS),
    // What only OpenRouter's clients, and Vercel's, ask for.
    Door::get("/v1/models/user", OPENROUTER, MODELS),
    Door::get("/v1/models/count", OPENROUTER, CatalogueAnswer::Count),
    Door::get(
        "/v1/models/{model}/endpoints",
        OPENROUTER,
        CatalogueAnswer::Endpoints,
    ),
    Door::get("/v1/model/{model}", OPENROUTER, CatalogueAnswer::ModelData),
    Door::get("/v1/providers", OPENROUTER, CatalogueAnswer::Providers),
    Door::get("/api/v1/models", OPENROUTER, MODELS),
    Door::get("/api/v1/models/user", OPENROUTER, MODELS),
    Door::get("/api/v1/models/count", OPENROUTER, CatalogueAnswer::Count),
    Door::get(
        "/api/v1/models/{model}/endpoints",
        OPENROUTER,
        CatalogueAnswer::Endpoints,
    ),
    Door::get("/api/v1/models/{model}", OPENROUTER, MODEL),
    Door::get(
        "/api/v1/model/{model}",
        OPENROUTER,
        CatalogueAnswer::ModelData,
    ),
    Door::get("/api/v1/providers", OPENROUTER, CatalogueAnswer::Providers),
    Door::get("/v1/models/{model}", ANTHROPIC, MODEL).when("anthropic-version"),
    Door::get("/v1/models/{model}", GEMINI, MODEL).when("x-goog-api-key"),
    Door::get("/v1/models/{model}", OPENAI, MODEL),
    Door::get("/anthropic/v1/models/{model}", ANTHROPIC, MODEL),
    Door::post("/v4/ai/language-model", AI_SDK, Operation::Chat).in_headers(&LANGUAGE_MODEL),
    Door::get("/v4/ai/config", AI_SDK, MODELS),
    Door::generate("/v1beta/models/{model}:generateContent"),
    Door::stream_generate("/v1beta/models/{model}:streamGenerateContent"),
    Door::generate("/v1/models/{model}:generateContent"),
    Door::stream_generate("/v1/models/{model}:streamGenerateContent"),
    Door::generate("/gemini/v1beta/models/{model}:generateContent"),
    Door::stream_generate("/gemini/v1beta/models/{model}:streamGenerateContent"),
    Door::generate("/gemini/v1/models/{model}:generateContent"),
    Door::stream_generate("/gemini/v1/models/{model}:streamGenerateContent"),
    // As Vertex addresses models.
    Door::generate("/v1beta1/publishers/{author}/models/{model}:generateContent"),
    Door::stream_generate("/v1beta1/publishers/{author}/models/{model}:streamGenerateContent"),
    Door::generate(
        "/v1beta1/projects/{project}/locations/{location}/publishers/{author}/models/{model}:generateContent",
    ),
    Door::stream_generate(
        "/v1beta1/projects/{project}/locations/{location}/publishers/{author}/models/{model}:streamGenerateContent",
    ),
    Door::generate("/v1/publishers/{author}/models/{model}:generateContent"),
    Door::stream_generate("/v1/publishers/{author}/models/{model}:streamGenerateContent"),
    Door::generate(
        "/v1/projects/{project}/locations/{location}/publishers/{author}/models/{model}:generateContent",
    ),
    Door::stream_generate(
        "/v1/projects/{project}/locations/{location}/publishers/{author}/models/{model}:streamGenerateContent",
    ),
    Door::get("/v1beta/models", GEMINI, MODELS),
    Door::get("/v1beta/models/{model}", GEMINI, MODEL),
    Door::get("/gemini/v1beta/models", GEMINI, MODELS),
    Door::get("/gemini/v1beta/models/{model}", GEMINI, MODEL),
    Door::get("/gemini/v1/models", GEMINI, MODELS),
    Door::get("/gemini/v1/models/{model}", GEMINI, MODEL),
    Door::post("/merge/v1/responses", MERGE, Operation::Chat),
    Door::get("/merge/v1/models", MERGE, MODELS),
    Door::get("/merge/v1/models/{model}", MERGE, MODEL),
];

/// Where a call leads.
pub(crate) enum Found {
    /// To this door, with the text that stands for the segment in braces (still percent-encoded).
    Door {
        /// The door.
        door: &'static Door,
        /// The path's variable part.
        rest: Option<String>,
    },
    /// The path exists, with other methods.
    WrongMethod {
        /// What is allowed, for the `Allow` header.
        allowed: Vec<&'static str>,
    },
    /// Nowhere.
    Nowhere {
        /// The path that was probably meant.
        meant: Option<&'static str>,
    },
}

/// Finds the door for a call.
pub(crate) fn find(method: &Method, path: &str, headers: &HeaderMap) -> Found {
    let path = path.strip_suffix('/').unwrap_or(path);
    let mut allowed: Vec<&'static str> = Vec::new();
    for door in DOORS {
        let Some(rest) = matches(door.path, path) else {
            continue;
        };
        if door.method != *method {
            if !allowed.contains(&door.method.as_str()) {
                allowed.push(door.method.as_str());
            }
        } else if door.when.is_none_or(|header| headers.contains_key(header)) {
            return Found::Door {
                door,
                rest: rest.map(str::to_owned),
            };
        }
    }
    match allowed.is_empty() {
        true => Found::Nowhere {
            meant: meant::door(path),
        },
        false => Found::WrongMethod { allowed },
    }
}

/// The dialect to complain in where no door was found: as far as path and headers tell.
pub(crate) fn dialect_of(path: &str, headers: &HeaderMap) -> &'static Dialect {
    if path.starts_with("/merge") {
        MERGE
    } else if path.starts_with("/api/v1") {
        OPENROUTER
    } else if headers.contains_key(AI_SDK_PROTOCOL) || path.starts_with("/v4/ai") {
        AI_SDK
    } else if headers.contains_key("anthropic-version")
        || path.contains("/messages")
        || path.starts_with("/anthropic")
    {
        ANTHROPIC
    } else if path.starts_with("/bedrock/") || meant::converse(path).is_some() {
        BEDROCK
    } else if headers.contains_key("x-goog-api-key")
        || ["/v1beta", "enerateContent", "/gemini/"]
            .iter()
            .any(|mark| path.contains(mark))
    {
        GEMINI
    } else {
        OPENAI
    }
}

/// `Some(None)` where a plain path matches, `Some(Some(rest))` where a variable one does: the rest is all from the first
/// braces to the last ones.
fn matches<'p>(pattern: &str, path: &'p str) -> Option<Option<&'p str>> {
    let Some((fixed, rest)) = pattern.split_once('{') else {
        return (pattern == path).then_some(None);
    };
    let (names, end) = rest.rsplit_once('}').unwrap_or((rest, ""));
    let between = path.strip_prefix(fixed)?.strip_suffix(end)?;
    if names == "id" {
        // An id that repeats the segment before it is no id: the base URL has a segment too many.
        let before = fixed.trim_end_matches('/').rsplit('/').next();
        if between.contains('/') || before == Some(between) {
            return None;
        }
    }
    let mut left = between;
    // What stands between two braces must come in order, with something before it.
    for part in names.split('}').skip(1) {
        let word = part.split_once('{').map_or(part, |(word, _)| word);
        let (value, after) = left.split_once(word)?;
        if value.is_empty() {
            return None;
        }
        left = after;
    }
    (!left.is_empty()).then_some(Some(between))
}

/// The model that a path names, percent-decoded: `models/x` is `x`, and what Vertex calls `google/models/x` or
/// `p/locations/l/publishers/openai/models/x` is `x` of that author.
pub(crate) fn model_in(door: &Door, rest: &str) -> String {
    let decoded = percent_decoded(rest);
    if !door.path.contains("{author}") {
        return decoded
            .strip_prefix("models/")
            .unwrap_or(&decoded)
            .to_owned();
    }
    let publisher = decoded
        .split_once("/publishers/")
        .map_or(&*decoded, |(_, it)| it);
    match publisher.split_once("/models/") {
        Some(("google", model)) => model.to_owned(),
        Some((author, model)) => format!("{author}/{model}"),
        None => publisher.to_owned(),
    }
}

#[cfg(test)]
mod tests;
