//! The canonical chat request.

use super::{Citation, Extra, Json, Loss, Malformed, Sealed};
use crate::dialect::DialectId;
use serde_json::Number;
use std::collections::HashSet;

/// A chat request: what every dialect's request decodes to and is encoded from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Request {
    /// The model as the client named it; the provider's own name once a target is chosen.
    pub model: String,
    /// The conversation, instructions included, in the order given.
    pub messages: Vec<Message>,
    /// Tools the model may call, in the order given (prompt caches depend on it).
    pub tools: Vec<Tool>,
    /// Which tool it must or may call.
    pub tool_choice: Option<ToolChoice>,
    /// The names of the tools that may be called in this turn, where not all of them (OpenAI's `allowed_tools`, Gemini's
    /// `allowedFunctionNames`). Empty means all.
    pub allowed_tools: Vec<String>,
    /// Whether several tools may be called in one turn.
    pub parallel_tool_calls: Option<bool>,
    /// The shape that the answer must have.
    pub output: Option<OutputFormat>,
    /// Upper bound of output tokens, reasoning included.
    pub max_output_tokens: Option<u64>,
    /// The most output that the chosen model can give, in tokens, where known: for dialects that demand a bound when the
    /// client set none. Never read from a client.
    pub model_max_output: Option<u64>,
    /// The model's canonical name in the catalogue (`anthropic/claude-opus-4.7`): for dialects whose models differ in what
    /// they take, where the provider's own name does not tell the model. Never read from a client.
    pub known_as: Option<String>,
    /// Sampling parameters.
    pub sampling: Sampling,
    /// How much the model should reason.
    pub reasoning: Option<ReasoningRequest>,
    /// Whether the answer is streamed.
    pub stream: bool,
    /// Whether the client asked for a usage chunk at the end of the stream (OpenAI's `stream_options.include_usage`).
    pub include_usage: bool,
    /// The provider's service tier (`auto`, `default`, `flex`, `priority`, `standard_only` …), as written.
    pub service_tier: Option<String>,
    /// The client's own name for its end user (OpenAI `user` / `safety_identifier`, Anthropic `metadata.user_id`).
    pub user: Option<String>,
    /// Whole-request prompt-cache control (Anthropic's top-level `cache_control`).
    pub cache: Option<CacheMarker>,
    /// What requests share that should meet in one prompt cache (OpenAI's `prompt_cache_key`).
    pub prompt_cache_key: Option<String>,
    /// How long the answer should be, in the provider's word (OpenAI's `verbosity`: `low`, `medium`, `high`).
    pub verbosity: Option<String>,
    /// The client's own notes on the request, a JSON object of texts (OpenAI's `metadata`), as written.
    pub metadata: Option<Json>,
    /// Whether the provider is to keep the answer (OpenAI's `store`).
    pub store: Option<bool>,
    /// Fields the decoder did not know.
    pub extra: Extra,
}

impl Request {
    /// Refuses what only providers of the client's own dialect may know, where another one follows: parts of an unknown kind
    /// in what the model is asked, and an unknown shape of the answer. In the model's own turns such parts are left out, as
    /// a loss.
    ///
    /// # Errors
    /// Names the field in the client's words.
    pub fn check_known_to(&self, dialect: DialectId) -> Result<(), Malformed> {
        let given = self.messages.iter().filter(|it| it.role != Role::Assistant);
        let mut parts = given.flat_map(|message| &message.parts);
        let unknown = self.extra.unknown_to(dialect);
        let unknown = unknown.or_else(|| parts.find_map(|part| part.unknown_to(dialect)));
        unknown.map_or(Ok(()), Err)
    }

    /// Calls `each` for every image, sound, video and file of the conversation, those in tool results among them, in
    /// their order.
    pub fn for_each_medium(&mut self, each: &mut impl FnMut(MediumKind, &mut Media)) {
        for message in &mut self.messages {
            media_of(&mut message.parts, each);
        }
    }

    /// Calls `each` for every place that names a tool: declarations, choices and calls.
    pub fn for_each_tool_name(&mut self, each: &mut impl FnMut(&mut String)) {
        for tool in &mut self.tools {
            match tool {
                Tool::Function { name, .. } | Tool::Freeform { name, .. } => each(name),
                Tool::Opaque(..) => {}
            }
        }
        if let Some(ToolChoice::Named(name)) = &mut self.tool_choice {
            each(name);
        }
        self.allowed_tools.iter_mut().for_each(&mut *each);
        for part in self.messages.iter_mut().flat_map(|it| &mut it.parts) {
            if let PartKind::ToolCall(call) = &mut part.kind {
                each(&mut call.name);
            }
        }
    }

    /// Which tools may be called in this turn.
    pub fn allowed(&self) -> Allowed<'_> {
        let names = self.allowed_tools.iter().map(String::as_str);
        Allowed((!self.allowed_tools.is_empty()).then(|| names.collect()))
    }

    /// The choice of a tool as far as `dialect` can make it: without tools that it knows there is none, nor is there one of
    /// a tool that is not declared.
    pub fn tool_choice_in(&self, dialect: DialectId) -> Option<&ToolChoice> {
        let mut known = self.tools.iter().filter(|tool| tool.is_known_to(dialect));
        self.tool_choice.as_ref().filter(|choice| match choice {
            ToolChoice::Named(wanted) => {
                known.any(|tool| tool.name().is_none_or(|name| name == wanted))
            }
            ToolChoice::Auto | ToolChoice::None | ToolChoice::Required => known.next().is_some(),
        })
    }

    /// Whether the model must call a tool, or one of them.
    pub fn demands_a_call(&self) -> bool {
        self.tool_choice
            .as_ref()
            .is_some_and(ToolChoice::demands_a_call)
    }

    /// The names of the tools that take free text.
    pub fn freeform_names(&self) -> HashSet<&str> {
        let names = self.tools.iter().filter_map(|tool| match tool {
            Tool::Freeform { name, .. } => Some(name.as_str()),
            Tool::Function { .. } | Tool::Opaque(..) => None,
        });
        names.collect()
    }
}

/// Which tools may be called in a turn: asked for each of many.
#[derive(Clone, Debug)]
pub struct Allowed<'r>(Option<HashSet<&'r str>>);

impl Allowed<'_> {
    /// Whether a tool may be called. One that only its own dialect knows always may.
    pub fn has(&self, tool: &Tool) -> bool {
        match (&self.0, tool.name()) {
            (Some(names), Some(name)) => names.contains(name),
            (None, _) | (_, None) => true,
        }
    }
}

fn media_of(parts: &mut [Part], each: &mut impl FnMut(MediumKind, &mut Media)) {
    for part in parts {
        match &mut part.kind {
            PartKind::Image(media) => each(MediumKind::Image, media),
            PartKind::Audio(media) => each(MediumKind::Audio, media),
            PartKind::Video(media) => each(MediumKind::Video, media),
            PartKind::File(media) => each(MediumKind::File, media),
            PartKind::ToolResult(result) => media_of(&mut result.parts, each),
            PartKind::Text(_)
            | PartKind::Reasoning(_)
            | PartKind::ToolCall(_)
            | PartKind::Refusal(_)
            | PartKind::Opaque(..) => {}
        }
    }
}

/// What a medium is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediumKind {
    /// An image.
    Image,
    /// Sound.
    Audio,
    /// A video.
    Video,
    /// A file, usually a PDF.
    File,
}

/// One turn of the conversation.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What is said. Tool results stand in `User` messages, tool calls and reasoning in `Assistant` messages.
    pub parts: Vec<Part>,
    /// The speaker's name, where the dialect has one.
    pub name: Option<String>,
    /// Fields the decoder did not know.
    pub extra: Extra,
}

impl Message {
    /// What is lost beside the parts where `dialect` follows, which knows no names of speakers; `at` is the message's path.
    pub fn lost_to(&self, dialect: DialectId, at: &str) -> impl Iterator<Item = Loss> {
        let name = self.name.is_some();
        name.then(|| Loss::dropped(format!("{at}.name")))
            .into_iter()
            .chain(self.extra.lost_to(dialect, at))
    }
}

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The operator's instructions.
    System,
    /// The same in the words of newer OpenAI models.
    Developer,
    /// The person or program that asks; also carries tool results.
    User,
    /// The model.
    Assistant,
}

/// A typed piece of a message.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// What it is.
    pub kind: PartKind,
    /// A prompt-cache breakpoint after this part.
    pub cache: Option<CacheMarker>,
    /// What a text part rests on, in the order given.
    pub citations: Vec<Citation>,
    /// Fields the decoder did not know.
    pub extra: Extra,
}

impl Part {
    /// A part without cache marker, citations or unknown fields.
    pub fn new(kind: PartKind) -> Self {
        Self {
            kind,
            cache: None,
            citations: Vec::new(),
            extra: Extra::default(),
        }
    }

    /// A text part.
    pub fn text(text: impl Into<String>) -> Self {
        Self::new(PartKind::Text(text.into()))
    }

    fn unknown_to(&self, dialect: DialectId) -> Option<Malformed> {
        let inside = match &self.kind {
            PartKind::ToolResult(result) => result.parts.as_slice(),
            _ => &[],
        };
        let mut inside = inside.iter();
        let own = self.extra.unknown_to(dialect);
        own.or_else(|| inside.find_map(|part| part.unknown_to(dialect)))
    }

    /// What is lost of the unknown fields where `dialect` follows; `at` is the part's path. Nothing of reasoning: what else
    /// a dialect says of it is how it writes the same text and signature.
    pub fn lost_to(&self, dialect: DialectId, at: &str) -> impl Iterator<Item = Loss> {
        let counts = !matches!(self.kind, PartKind::Reasoning(_));
        counts
            .then(|| self.extra.lost_to(dialect, at))
            .into_iter()
            .flatten()
    }
}

/// What a part is. Requests and answers share it.
#[derive(Clone, Debug, PartialEq)]
pub enum PartKind {
    /// Plain text.
    Text(String),
    /// An image.
    Image(Media),
    /// Audio.
    Audio(Media),
    /// Video.
    Video(Media),
    /// A file, usually a PDF.
    File(Media),
    /// The model's reasoning.
    Reasoning(Reasoning),
    /// The model calls a tool.
    ToolCall(ToolCall),
    /// What a tool answered.
    ToolResult(ToolResult),
    /// The model declines, in words.
    Refusal(String),
    /// A part that only its own dialect knows, as it was written; the `Extra` dialect tag of field `""` names it.
    Opaque(DialectId, Json),
}

impl PartKind {
    /// Its name, for messages and losses (`image`, `tool_call`).
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Image(_) => "image",
            Self::Audio(_) => "audio",
            Self::Video(_) => "video",
            Self::File(_) => "file",
            Self::Reasoning(_) => "reasoning",
            Self::ToolCall(_) => "tool_call",
            Self::ToolResult(_) => "tool_result",
            Self::Refusal(_) => "refusal",
            Self::Opaque(..) => "opaque",
        }
    }
}

/// An image, sound, video or file.
#[derive(Clone, Debug, PartialEq)]
pub struct Media {
    /// Where its bytes are.
    pub source: MediaSource,
    /// The IANA media type of what is behind a URL or file id, where said; base64 has its own.
    pub media_type: Option<String>,
    /// The file's name, where given.
    pub name: Option<String>,
    /// How closely to look (OpenAI's `detail`), as written.
    pub detail: Option<String>,
}

/// Where the bytes of a medium are.
#[derive(Clone, Debug, PartialEq)]
pub enum MediaSource {
    /// In the request, as base64 text (not decoded), with its media type (`image/png`).
    Base64 {
        /// The IANA media type; audio formats become `audio/wav`, `audio/mp3`.
        media_type: String,
        /// Base64 text exactly as given.
        data: String,
    },
    /// Behind a URL.
    Url(String),
    /// Uploaded before; the provider's own file id.
    FileId(Sealed),
    /// Plain text in the request (Anthropic's text documents).
    Text(String),
}

/// A model's reasoning, with what proves where it came from. Where a provider signs another part for the thinking before
/// it (Gemini's `thoughtSignature` of a function call), the signature stands in a reasoning part of its own right before
/// that part, so that every dialect carries it the same way.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reasoning {
    /// The text, possibly empty where only an opaque proof is given.
    pub text: String,
    /// The signature of the text (Anthropic's).
    pub signature: Option<Sealed>,
    /// Encrypted reasoning (`redacted_thinking`).
    pub encrypted: Option<Sealed>,
}

/// A call of a tool.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolCall {
    /// The id that the result must name.
    pub id: String,
    /// The tool's name.
    pub name: String,
    /// What the tool is called with, exactly as the model wrote it: JSON text for a function (may be invalid JSON; empty
    /// means `{}`), any text for a freeform tool.
    pub arguments: String,
    /// What the arguments are.
    pub kind: CallKind,
}

/// What a tool is called with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CallKind {
    /// JSON.
    #[default]
    Function,
    /// Any text ([`Tool::Freeform`]).
    Freeform,
}

/// What a tool answered.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolResult {
    /// The id of the call.
    pub call_id: String,
    /// Text, images or files.
    pub parts: Vec<Part>,
    /// Whether the tool failed, where said.
    pub is_error: Option<bool>,
}

/// A tool the model may call.
#[derive(Clone, Debug, PartialEq)]
pub enum Tool {
    /// A function with a JSON schema.
    Function {
        /// Its name.
        name: String,
        /// What it does.
        description: Option<String>,
        /// JSON schema of its arguments, as written; `None` means no arguments.
        schema: Option<Json>,
        /// Whether the arguments must follow the schema exactly.
        strict: Option<bool>,
        /// A prompt-cache breakpoint after this tool.
        cache: Option<CacheMarker>,
        /// Fields the decoder did not know.
        extra: Extra,
    },
    /// A tool that is called with one free text in place of JSON (OpenAI's custom tools).
    Freeform {
        /// Its name.
        name: String,
        /// What it does.
        description: Option<String>,
        /// What the text must look like (a grammar), as written.
        format: Option<Json>,
        /// Fields the decoder did not know.
        extra: Extra,
    },
    /// A tool that only its own dialect knows (a provider's built-in), as it was written.
    Opaque(DialectId, Json),
}

impl Tool {
    /// The name that it is called by. A tool that only its own dialect knows may have any.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Function { name, .. } | Self::Freeform { name, .. } => Some(name),
            Self::Opaque(..) => None,
        }
    }

    /// Whether `dialect` can declare it.
    pub fn is_known_to(&self, dialect: DialectId) -> bool {
        match self {
            Self::Function { .. } | Self::Freeform { .. } => true,
            Self::Opaque(from, _) => *from == dialect,
        }
    }
}

/// Which tool to call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ToolChoice {
    /// The model decides.
    Auto,
    /// No tool.
    None,
    /// Some tool.
    Required,
    /// This tool.
    Named(String),
}

impl ToolChoice {
    /// Whether the model must call a tool.
    pub fn demands_a_call(&self) -> bool {
        match self {
            Self::Required | Self::Named(_) => true,
            Self::Auto | Self::None => false,
        }
    }
}

/// The shape of the answer.
#[derive(Clone, Debug, PartialEq)]
pub enum OutputFormat {
    /// Plain text.
    Text,
    /// Any JSON object.
    JsonObject,
    /// JSON after a schema.
    JsonSchema {
        /// The schema's name (OpenAI demands one).
        name: Option<String>,
        /// What it is for.
        description: Option<String>,
        /// The schema, as written.
        schema: Json,
        /// Whether the answer must follow it exactly.
        strict: Option<bool>,
    },
}

/// Sampling parameters. Numbers keep the client's spelling where JSON allows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sampling {
    /// Randomness; 0..2 in OpenAI, 0..1 in Anthropic.
    pub temperature: Option<Number>,
    /// Nucleus sampling.
    pub top_p: Option<Number>,
    /// The k most likely tokens only.
    pub top_k: Option<u64>,
    /// Penalty by how often a token came.
    pub frequency_penalty: Option<Number>,
    /// Penalty for a token having come at all.
    pub presence_penalty: Option<Number>,
    /// Seed for repeatable sampling.
    pub seed: Option<i64>,
    /// Texts that end the answer.
    pub stop: Vec<String>,
    /// How many answers.
    pub n: Option<u32>,
    /// Whether to give log probabilities.
    pub logprobs: Option<bool>,
    /// How many alternatives per token.
    pub top_logprobs: Option<u32>,
    /// Token id → bias, as written.
    pub logit_bias: Option<Json>,
}

impl Sampling {
    /// Those of `temperature`, `top_p` and `top_k` that were given another value than the default.
    pub fn beyond_defaults(&self) -> impl Iterator<Item = &'static str> {
        let says = |n: &Option<Number>| n.as_ref().is_some_and(|n| n.as_f64() != Some(1.0));
        let said = [
            ("temperature", says(&self.temperature)),
            ("top_p", says(&self.top_p)),
            ("top_k", self.top_k.is_some()),
        ];
        said.into_iter()
            .filter(|(_, said)| *said)
            .map(|(name, _)| name)
    }
}

/// How much to reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReasoningRequest {
    /// In words (OpenAI's `reasoning_effort`, Anthropic's `output_config.effort`).
    pub effort: Option<Effort>,
    /// In tokens (Anthropic's `thinking.budget_tokens`).
    pub budget_tokens: Option<u64>,
    /// Explicitly on (`Some(true)`: Anthropic's `thinking.type` `enabled` or `adaptive`, or any of OpenAI's efforts but
    /// `none`) or off. `None` with an effort is Anthropic's effort alone: how much to spend in all, thinking or not.
    pub enabled: Option<bool>,
    /// The model decides how much (Anthropic's `thinking.type = adaptive`).
    pub adaptive: bool,
    /// What the client wants to see of it, where said.
    pub summary: Option<ReasoningSummary>,
}

impl ReasoningRequest {
    /// Whether the client wants none.
    pub fn is_off(&self) -> bool {
        self.enabled == Some(false) || self.effort == Some(Effort::None)
    }

    /// The name of what says most exactly how much was asked for: the field that is lost where it cannot be said.
    pub fn field(&self) -> &'static str {
        if self.budget_tokens.is_some() {
            "thinking.budget_tokens"
        } else if self.effort.is_some() {
            "reasoning_effort"
        } else {
            "reasoning"
        }
    }
}

/// What a client wants to see of the reasoning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReasoningSummary {
    /// Nothing (Gemini's `includeThoughts: false`, Anthropic's `thinking.display: omitted`).
    Omitted,
    /// As much as the provider gives by default (OpenAI's `auto`, Gemini's `includeThoughts: true`, Anthropic's
    /// `summarized`).
    Auto,
    /// Little (OpenAI's `concise`).
    Concise,
    /// Much (OpenAI's `detailed`).
    Detailed,
}

/// How hard to think.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Effort {
    None,
    Minimal,
    Low,
    Medium,
    High,
    XHigh,
    Max,
}

impl Effort {
    /// The word used on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Minimal => "minimal",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::XHigh => "xhigh",
            Self::Max => "max",
        }
    }

    /// The effort that a word on the wire stands for.
    pub fn parse(word: &str) -> Option<Self> {
        [
            Self::None,
            Self::Minimal,
            Self::Low,
            Self::Medium,
            Self::High,
            Self::XHigh,
            Self::Max,
        ]
        .into_iter()
        .find(|effort| effort.as_str() == word)
    }

    /// How many reasoning tokens this effort stands for, where a provider wants a number: the one table that every
    /// dialect uses, in both directions. `None` stands for none.
    pub fn budget_tokens(self) -> u64 {
        match self {
            Self::None => 0,
            Self::Minimal => 1024,
            Self::Low => 2048,
            Self::Medium => 8192,
            Self::High => 16_384,
            Self::XHigh => 24_576,
            Self::Max => 32_768,
        }
    }

    /// The effort that a number of reasoning tokens stands for: the largest whose own number is not above it, and
    /// `Minimal` for fewer.
    pub fn of_budget(tokens: u64) -> Self {
        [Self::Max, Self::XHigh, Self::High, Self::Medium, Self::Low]
            .into_iter()
            .find(|effort| effort.budget_tokens() <= tokens)
            .unwrap_or(Self::Minimal)
    }
}

/// A prompt-cache breakpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheMarker {
    /// The dialect that wrote it. One of OpenAI's shape knows markers only as an extension that OpenAI itself refuses,
    /// so it writes none but its own clients'.
    pub from: DialectId,
    /// Lifetime as written (`5m`, `1h`); `None` is the provider's default.
    pub ttl: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each tool was looked for in the list of those that may be called, so that the time grew with the square.
    #[test]
    fn tools_without_number_are_allowed_one_by_one() {
        let freeform = |name: String| Tool::Freeform {
            name,
            description: None,
            format: None,
            extra: Extra::default(),
        };
        let names = |prefix: &str| -> Vec<String> {
            (0..100_000).map(|at| format!("{prefix}{at}")).collect()
        };
        let mut request = Request {
            tools: names("b").into_iter().map(freeform).collect(),
            ..Request::default()
        };
        assert!(request.tools.iter().all(|tool| request.allowed().has(tool)));
        request.allowed_tools = names("a");
        request.allowed_tools.push("b7".to_owned());
        let (allowed, free) = (request.allowed(), request.freeform_names());
        let found: Vec<_> = request
            .tools
            .iter()
            .filter(|tool| allowed.has(tool))
            .collect();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].name(), Some("b7"));
        assert!(
            request
                .tools
                .iter()
                .all(|tool| tool.name().is_some_and(|name| free.contains(name)))
        );
        assert!(!free.contains("a7"));
    }
}
