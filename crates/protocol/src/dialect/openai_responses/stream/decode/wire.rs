//! A frame as it is on the wire, and what of it nobody here knows.
//! <https://platform.openai.com/docs/api-reference/responses-streaming> (2026-11)

use crate::dialect::fields::{self, Key};
use crate::ir::Loss;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// Members that say where a piece belongs, or again what others say.
const BESIDE: &[&str] = &[
    "annotation_index",
    "code",
    "error",
    "item_id",
    "message",
    "name",
    "obfuscation",
    "param",
    "part",
    "sequence_number",
    "stream_id",
];

/// Events that say nothing which another event of their item does not say.
const REPEATING: &[&str] = &[
    "response.content_part.added",
    "response.content_part.done",
    "response.reasoning_summary_part.added",
    "response.reasoning_summary_part.done",
    "response.reasoning_summary_text.done",
    "response.reasoning_text.done",
];

/// Items of a provider's own tools that are not called so.
const OWN_ITEMS: &[&str] = &["compaction", "mcp_list_tools"];

/// A frame, as far as any has it.
#[derive(Default)]
pub(super) struct Wire<'a> {
    pub(super) kind: Cow<'a, str>,
    pub(super) output_index: u64,
    pub(super) content_index: u64,
    pub(super) summary_index: u64,
    pub(super) delta: Option<&'a RawValue>,
    pub(super) text: Option<&'a RawValue>,
    pub(super) refusal: Option<&'a RawValue>,
    pub(super) arguments: Option<&'a RawValue>,
    pub(super) input: Option<&'a RawValue>,
    pub(super) logprobs: Option<&'a RawValue>,
    pub(super) annotation: Option<&'a RawValue>,
    pub(super) item: Option<&'a RawValue>,
    pub(super) response: Option<&'a RawValue>,
    /// The members that no event is known to have.
    unknown: Vec<(Cow<'a, str>, &'a RawValue)>,
}

impl Wire<'_> {
    /// The members of an event that is read, which are lost because nobody knows them.
    pub(super) fn unknown(&self) -> impl Iterator<Item = Loss> {
        let of_answer = self.response.is_some();
        let says = |(_, value): &&(_, &RawValue)| fields::json(value).says_something();
        let members = self.unknown.iter().filter(says);
        members.map(move |(key, _)| match of_answer {
            true => Loss::dropped(key.clone()),
            false => Loss::dropped(format!("content.{key}")),
        })
    }
}

/// Whether an event only repeats.
pub(super) fn repeats(kind: &str) -> bool {
    REPEATING.contains(&kind)
}

/// Whether an event is of an item of a provider's own tools (`response.web_search_call.searching`), which is told whole.
pub(super) fn is_of_own_tool(kind: &str) -> bool {
    let item = kind.strip_prefix("response.").unwrap_or(kind);
    let item = item.split('.').next().unwrap_or_default();
    OWN_ITEMS.contains(&item) || item.contains("_call")
}

impl<'de> Deserialize<'de> for Wire<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(WireVisitor)
    }
}

struct WireVisitor;

impl<'de> Visitor<'de> for WireVisitor {
    type Value = Wire<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut wire = Wire::default();
        while let Some(Key(key)) = map.next_key::<Key<'de>>()? {
            match &*key {
                "type" => wire.kind = map.next_value::<Key<'de>>()?.0,
                "output_index" => wire.output_index = map.next_value()?,
                "content_index" => wire.content_index = map.next_value()?,
                "summary_index" => wire.summary_index = map.next_value()?,
                "delta" => wire.delta = map.next_value()?,
                "text" => wire.text = map.next_value()?,
                "refusal" => wire.refusal = map.next_value()?,
                "arguments" => wire.arguments = map.next_value()?,
                "input" => wire.input = map.next_value()?,
                "logprobs" => wire.logprobs = map.next_value()?,
                "annotation" => wire.annotation = map.next_value()?,
                "item" => wire.item = map.next_value()?,
                "response" => wire.response = map.next_value()?,
                beside if BESIDE.contains(&beside) => {
                    map.next_value::<IgnoredAny>()?;
                }
                _ => {
                    let value = map.next_value()?;
                    wire.unknown.push((key, value));
                }
            }
        }
        Ok(wire)
    }
}
