//! Token counts.

use crate::dialect::members::{Member, Object, Unread};
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// Token counts as this dialect states them.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Usage<'de> {
    pub(in super::super) prompt_tokens: Count,
    pub(in super::super) completion_tokens: Count,
    pub(in super::super) total_tokens: Count,
    pub(in super::super) prompt: Option<Details<'de>>,
    pub(in super::super) completion: Option<Details<'de>>,
    /// DeepSeek's name for cached tokens: <https://api-docs.deepseek.com/guides/kv_cache>
    pub(in super::super) prompt_cache_hit_tokens: Count,
    /// Moonshot's name for them: <https://platform.moonshot.ai/docs/api/chat>
    pub(in super::super) cached_tokens: Count,
    pub(in super::super) labels: Unread<'de>,
    pub(in super::super) unread: Unread<'de>,
}

/// Members of the usage object in which details stand.
const PROMPT_DETAILS: &str = "prompt_tokens_details";
const COMPLETION_DETAILS: &str = "completion_tokens_details";

/// Members of the usage object that say how long the provider took (Groq's), or what it charges us (OpenRouter's, xAI's):
/// <https://console.groq.com/docs/api-reference>, <https://openrouter.ai/docs/use-cases/usage-accounting>,
/// <https://docs.x.ai/docs/api-reference> (2026-11)
const LABELS: &[&str] = &[
    "queue_time",
    "prompt_time",
    "completion_time",
    "total_time",
    "cost",
    "cost_details",
    "is_byok",
    "cost_in_usd_ticks",
];

impl<'de> Object<'de> for Usage<'de> {
    fn member<A: MapAccess<'de>>(&mut self, it: Member<'_, 'de, A>) -> Result<(), A::Error> {
        match it.name() {
            "prompt_tokens" => it.read(&mut self.prompt_tokens),
            "completion_tokens" => it.read(&mut self.completion_tokens),
            "total_tokens" => it.read(&mut self.total_tokens),
            PROMPT_DETAILS => it.object(&mut self.prompt),
            COMPLETION_DETAILS => it.object(&mut self.completion),
            "prompt_cache_hit_tokens" => it.read(&mut self.prompt_cache_hit_tokens),
            "cached_tokens" => it.read(&mut self.cached_tokens),
            // What the other counts leave.
            "prompt_cache_miss_tokens" => it.skip(),
            name if LABELS.contains(&name) => it.keep(&mut self.labels),
            _ => it.keep(&mut self.unread),
        }
    }
}

/// What the tokens of a prompt, or those of an answer, were.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Details<'de> {
    pub(in super::super) cached_tokens: Count,
    pub(in super::super) cache_write_tokens: Count,
    pub(in super::super) reasoning_tokens: Count,
    pub(in super::super) audio_tokens: Count,
    /// xAI's of prompts, OpenRouter's of answers: <https://docs.x.ai/docs/api-reference>,
    /// <https://openrouter.ai/docs/use-cases/usage-accounting>
    pub(in super::super) image_tokens: Count,
    pub(in super::super) unread: Unread<'de>,
}

impl<'de> Object<'de> for Details<'de> {
    fn member<A: MapAccess<'de>>(&mut self, it: Member<'_, 'de, A>) -> Result<(), A::Error> {
        match it.name() {
            "cached_tokens" => it.read(&mut self.cached_tokens),
            "cache_write_tokens" => it.read(&mut self.cache_write_tokens),
            "reasoning_tokens" => it.read(&mut self.reasoning_tokens),
            "audio_tokens" => it.read(&mut self.audio_tokens),
            "image_tokens" => it.read(&mut self.image_tokens),
            // What the other counts leave.
            "text_tokens" => it.skip(),
            _ => it.keep(&mut self.unread),
        }
    }
}

/// A count that may be anything; what is no number of 0 or more counts as 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Count(pub(in super::super) u64);

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CountVisitor)
    }
}

struct CountVisitor;

impl<'de> Visitor<'de> for CountVisitor {
    type Value = Count;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a count")
    }

    fn visit_u64<E>(self, count: u64) -> Result<Count, E> {
        Ok(Count(count))
    }

    fn visit_i64<E>(self, count: i64) -> Result<Count, E> {
        Ok(Count(u64::try_from(count).unwrap_or(0)))
    }

    fn visit_f64<E>(self, count: f64) -> Result<Count, E> {
        // The cast saturates, and makes 0 of what is below 0 or no number.
        Ok(Count(count as u64))
    }

    fn visit_unit<E>(self) -> Result<Count, E> {
        Ok(Count(0))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Count, E> {
        Ok(Count(0))
    }

    fn visit_str<E>(self, text: &str) -> Result<Count, E> {
        Ok(Count(text.parse().unwrap_or(0)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Count, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Count(0))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Count, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Count(0))
    }
}
