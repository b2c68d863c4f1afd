//! Streamed answers, both ways.
//! <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html> (2026-11).

mod decoder;
mod encoder;

pub(super) use decoder::Decoder;
pub(super) use encoder::Encoder;

use crate::ir::Malformed;
use serde::Deserialize;
use serde_json::value::RawValue;

/// Reads an event's payload as a type.
///
/// # Errors
/// When it has another shape.
pub(super) fn read<'a, T: Deserialize<'a>>(name: &str, data: &'a [u8]) -> Result<T, Malformed> {
    serde_json::from_slice(data)
        .map_err(|bad| Malformed::body(format!("a stream's `{name}` is not as promised: {bad}")))
}

/// `contentBlockStart`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct BlockStart<'a> {
    #[serde(default)]
    pub(super) content_block_index: u64,
    #[serde(borrow, default)]
    pub(super) start: Starting<'a>,
}

/// What begins. For texts and reasoning nothing is said.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Starting<'a> {
    pub(super) tool_use: Option<ToolUseStart>,
    #[serde(borrow)]
    pub(super) tool_result: Option<&'a RawValue>,
    pub(super) image: Option<ImageStart>,
}

/// A call begins.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ToolUseStart {
    #[serde(default)]
    pub(super) tool_use_id: String,
    #[serde(default)]
    pub(super) name: String,
    /// Said of calls that the provider itself answers.
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
}

/// An image begins.
#[derive(Deserialize)]
pub(super) struct ImageStart {
    #[serde(default)]
    pub(super) format: String,
}
