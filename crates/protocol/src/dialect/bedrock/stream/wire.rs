//! The payloads of a stream's events, as on the wire.

use super::super::wire::{WireTier, WireUsage};
use crate::dialect::members::{Member, Object, Unread};
use serde::Deserialize;
use serde::de::MapAccess;
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
#[derive(Default)]
pub(super) struct BlockDelta<'a> {
    pub(super) content_block_index: u64,
    pub(super) delta: Option<Added<'a>>,
    pub(super) unread: Unread<'a>,
}

impl<'a> Object<'a> for BlockDelta<'a> {
    fn member<A: MapAccess<'a>>(&mut self, it: Member<'_, 'a, A>) -> Result<(), A::Error> {
        match it.name() {
            "contentBlockIndex" => it.read(&mut self.content_block_index),
            "delta" => it.object(&mut self.delta),
            PADDING => it.skip(),
            _ => it.keep(&mut self.unread),
        }
    }
}

/// Makes events equally long, so that their sizes tell nothing of their text.
pub(super) const PADDING: &str = "p";

/// The members of all deltas that add to a part.
#[derive(Default)]
pub(super) struct Added<'a> {
    pub(super) text: Option<String>,
    pub(super) tool_use: Option<Input>,
    pub(super) reasoning_content: Option<Thought>,
    pub(super) citation: Option<&'a RawValue>,
    pub(super) image: Option<Image>,
    pub(super) unread: Unread<'a>,
}

impl<'a> Object<'a> for Added<'a> {
    fn member<A: MapAccess<'a>>(&mut self, it: Member<'_, 'a, A>) -> Result<(), A::Error> {
        match it.name() {
            "text" => it.read(&mut self.text),
            "toolUse" => it.read(&mut self.tool_use),
            "reasoningContent" => it.read(&mut self.reasoning_content),
            "citation" => it.read(&mut self.citation),
            "image" => it.read(&mut self.image),
            _ => it.keep(&mut self.unread),
        }
    }
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

/// `metadata`.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Metadata {
    pub(super) usage: Option<WireUsage>,
    pub(super) service_tier: Option<WireTier>,
}
