//! Tools: what the model may call, what it calls, and what that answered.

use super::{CacheMarker, Extra, Json, Part};
use crate::dialect::DialectId;
use std::collections::HashSet;

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

/// Which tools may be called in a turn: asked for each of many.
#[derive(Clone, Debug)]
pub struct Allowed<'r>(Option<HashSet<&'r str>>);

impl<'r> Allowed<'r> {
    /// Those of these names; all where there are none.
    pub(super) fn of(names: &'r [String]) -> Self {
        let known = || names.iter().map(String::as_str).collect();
        Self((!names.is_empty()).then(known))
    }

    /// Whether a tool may be called. One that only its own dialect knows always may.
    pub fn has(&self, tool: &Tool) -> bool {
        match (&self.0, tool.name()) {
            (Some(names), Some(name)) => names.contains(name),
            (None, _) | (_, None) => true,
        }
    }
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
