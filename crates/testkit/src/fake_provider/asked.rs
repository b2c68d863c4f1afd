//! What a request asked for, in words of no vendor: each dialect reads it from its own body, and scenarios
//! answer it. Bodies themselves are not kept here; the recorder has them.

use serde_json::Value;
use std::collections::BTreeMap;

/// Which vendor's wire format a request came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// OpenAI Chat Completions and Embeddings.
    OpenAi,
    /// OpenAI Responses.
    Responses,
    /// Anthropic Messages.
    Anthropic,
    /// Google's generateContent.
    Gemini,
    /// Amazon Bedrock's Converse.
    Bedrock,
    /// Cohere Chat, version 2.
    Cohere,
}

impl Dialect {
    /// Whether thinking comes with a proof that must come back with it.
    pub fn signs(self) -> bool {
        match self {
            Self::Responses | Self::Anthropic | Self::Gemini | Self::Bedrock => true,
            Self::OpenAi | Self::Cohere => false,
        }
    }

    /// Whether it is OpenAI's, whose schemas and errors are the same everywhere.
    pub fn is_openai(self) -> bool {
        matches!(self, Self::OpenAi | Self::Responses)
    }
}

/// A request as scenarios see it.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Its wire format.
    pub dialect: Dialect,
    /// The model named, which picks the scenario.
    pub model: String,
    /// Whether a stream was asked for.
    pub stream: bool,
    /// Whether a usage report was asked for at the end of a stream; Anthropic always sends one.
    pub include_usage: bool,
    /// Bound of output tokens.
    pub max_tokens: Option<usize>,
    /// The text of the last user message.
    pub last_user_text: String,
    /// Tools that may be called, in the order given.
    pub tools: Vec<Tool>,
    /// Which of them must be.
    pub tool_choice: ToolChoice,
    /// Whether several may be called at once.
    pub parallel_tools: bool,
    /// The schema that the answer must follow.
    pub schema: Option<Value>,
    /// Images, in order.
    pub images: Vec<Image>,
    /// Results of tools in the last turn, in order.
    pub tool_results: Vec<ToolResult>,
    /// Whether the model was asked to think aloud. OpenAI-compatible reasoning models always do.
    pub thinks: bool,
    /// Thinking of earlier turns that came back, in order.
    pub thoughts: Vec<Thought>,
    /// The client's own name for its end user (`user`, `metadata.user_id`).
    pub user: Option<String>,
    /// Top-level fields that the vendor does not document.
    pub unknown_fields: Vec<String>,
    /// What of the request the vendor's answers repeat; null where they repeat nothing.
    pub echo: Value,
}

/// A tool on offer.
#[derive(Clone, Debug)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// JSON schema of its arguments.
    pub schema: Value,
}

/// Which tool to call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ToolChoice {
    /// The model decides.
    Auto,
    /// None.
    None,
    /// At least one.
    Required,
    /// This one.
    Named(String),
}

/// An image that arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Image {
    /// In the request itself.
    Inline {
        /// Its declared media type.
        media_type: String,
        /// Decoded size.
        bytes: usize,
    },
    /// Behind a URL, which the fake never opens.
    Url(String),
}

/// What a tool answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolResult {
    /// The id of the call.
    pub call_id: String,
    /// Its text.
    pub text: String,
}

/// Thinking that a client sent back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thought {
    /// The text; empty where a proof comes without.
    pub text: String,
    /// Its signature.
    pub signature: String,
}

impl Asked {
    /// A request that asks a model for nothing in particular.
    pub fn of(dialect: Dialect, model: &str) -> Self {
        Self {
            dialect,
            model: model.to_owned(),
            stream: false,
            include_usage: true,
            max_tokens: None,
            last_user_text: String::new(),
            tools: Vec::new(),
            tool_choice: ToolChoice::Auto,
            parallel_tools: true,
            schema: None,
            images: Vec::new(),
            tool_results: Vec::new(),
            thinks: false,
            thoughts: Vec::new(),
            user: None,
            unknown_fields: Vec::new(),
            echo: Value::Null,
        }
    }

    /// Directives that the last user message carries between double brackets: `[[id=r17 tokens=50 gate=g]]`. They
    /// survive any translation, so a test can steer the fake through a gateway.
    pub fn directives(&self) -> BTreeMap<String, String> {
        let Some((_, rest)) = self.last_user_text.split_once("[[") else {
            return BTreeMap::new();
        };
        let Some((inside, _)) = rest.split_once("]]") else {
            return BTreeMap::new();
        };
        inside
            .split_whitespace()
            .filter_map(|word| word.split_once('='))
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect()
    }
}

/// A vendor's refusal, before it is written in its dialect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VendorError {
    /// HTTP status.
    pub status: u16,
    /// A sentence.
    pub message: String,
    /// The field at fault, where one can be named.
    pub param: Option<String>,
    /// Seconds in a `retry-after` header.
    pub retry_after: Option<u32>,
    /// A word for programs, of vendors that have one beside the error's class.
    pub code: Option<&'static str>,
}

impl VendorError {
    /// An error with a status and a sentence.
    pub fn new(status: u16, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
            param: None,
            retry_after: None,
            code: None,
        }
    }

    /// A 400 that names the field at fault.
    pub fn bad(param: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            param: Some(param.into()),
            ..Self::new(400, message)
        }
    }
}

/// Whether a tool's name or call id has the letters that vendors demand.
pub(super) fn plain_word(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 128
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

/// The members of an object whose names are not in `known`.
pub(super) fn unknown(body: &Value, known: &[&str]) -> Vec<String> {
    body.as_object()
        .map(|object| {
            object
                .keys()
                .filter(|key| !known.contains(&key.as_str()))
                .cloned()
                .collect()
        })
        .unwrap_or_default()
}

/// Checks the shape that vendors demand of a schema to be followed strictly: every object closed, and (OpenAI)
/// every property required.
pub(super) fn strict_schema(
    schema: &Value,
    dialect: Dialect,
    path: &str,
) -> Result<(), VendorError> {
    if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
        if schema.get("additionalProperties") != Some(&Value::Bool(false)) {
            return Err(VendorError::bad(
                path,
                format!(
                    "{path}: 'additionalProperties' is required to be supplied and to be false"
                ),
            ));
        }
        let required: Vec<&str> = schema
            .get("required")
            .and_then(Value::as_array)
            .map(|names| names.iter().filter_map(Value::as_str).collect())
            .unwrap_or_default();
        for (name, inner) in properties {
            if dialect.is_openai() && !required.contains(&name.as_str()) {
                return Err(VendorError::bad(
                    path,
                    format!(
                        "{path}: 'required' must include every key in properties; missing '{name}'"
                    ),
                ));
            }
            strict_schema(inner, dialect, &format!("{path}.{name}"))?;
        }
    }
    match schema.get("items") {
        Some(items) => strict_schema(items, dialect, &format!("{path}[]")),
        None => Ok(()),
    }
}
