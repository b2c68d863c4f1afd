//! The payloads of a stream's events, as on the wire.

use super::super::wire::{WireTier, WireUsage};
use serde::Deserialize;
use serde_json::value::RawValue;

/// `contentBlockStart`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::dialect::bedrock) struct BlockStart<'a> {
    #[serde(default)]
    pub(in crate::dialect::bedrock) content_block_index: u64,
    #[serde(borrow, default)]
    pub(in crate::dialect::bedrock) start: Starting<'a>,
}

/// What begins. For texts and reasoning nothing is said.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::dialect::bedrock) struct Starting<'a> {
    pub(in crate::dialect::bedrock) tool_use: Option<ToolUseStart>,
    #[serde(borrow)]
    pub(in crate::dialect::bedrock) tool_result: Option<&'a RawValue>,
    pub(in crate::dialect::bedrock) image: Option<ImageStart>,
}

/// A call begins.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::dialect::bedrock) struct ToolUseStart {
    #[serde(default)]
    pub(in crate::dialect::bedrock) tool_use_id: String,
    #[serde(default)]
    pub(in crate::dialect::bedrock) name: String,
    /// Said of calls that the provider itself answers.
    #[serde(rename = "type")]
    pub(in crate::dialect::bedrock) kind: Option<String>,
}

/// An image begins.
#[derive(Deserialize)]
pub(in crate::dialect::bedrock) struct ImageStart {
    #[serde(default)]
    pub(in crate::dialect::bedrock) format: String,
}

/// `contentBlockDelta`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct BlockDelta<'a> {
    #[serde(default)]
    pub(super) content_block_index: u64,
    #[serde(borrow, default)]
    pub(super) delta: Added<'a>,
}

/// The members of all deltas that add to a part.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Added<'a> {
    pub(super) text: Option<String>,
    pub(super) tool_use: Option<Input>,
    pub(super) reasoning_content: Option<Thought>,
    #[serde(borrow)]
    pub(super) citation: Option<&'a RawValue>,
    pub(super) image: Option<Image>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Input {
    pub(super) input: String,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Thought {
    pub(super) text: Option<String>,
    pub(super) signature: Option<String>,
    pub(super) redacted_content: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Image {
    pub(super) source: ImageSource,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct ImageSource {
    pub(super) bytes: Option<String>,
}

/// `messageStop`.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct MessageStop {
    pub(super) stop_reason: Option<String>,
    pub(super) additional_model_response_fields: AskedFor,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct AskedFor {
    pub(super) stop_sequence: Option<String>,
}

/// `metadata`.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Metadata {
    pub(super) usage: Option<WireUsage>,
    pub(super) service_tier: Option<WireTier>,
}
