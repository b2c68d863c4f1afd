//! The parts of the wire format that answers, streams and taps read in one go. They are lenient: providers of this shape
//! leave members out, send `null`, and write counts as floats. What is not known here is kept aside, to be told of.
//! <https://platform.openai.com/docs/api-reference/chat/object>,
//! <https://platform.openai.com/docs/api-reference/chat-streaming>

use crate::dialect::members::{Known, Member, Object, Unread};
use crate::ir::{Json, Logprobs, Losses};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

mod counts;

pub(super) use counts::{Count, Details, Usage};

/// A chunk of a streamed answer.
#[derive(Debug, Default)]
pub(super) struct Chunk<'de> {
    pub(super) id: Option<String>,
    pub(super) model: Option<String>,
    pub(super) created: Count,
    pub(super) service_tier: Option<String>,
    pub(super) choices: Option<Vec<ChunkChoice<'de>>>,
    pub(super) usage: Option<Usage<'de>>,
    /// Groq puts usage here unless asked for `usage`: <https://console.groq.com/docs/api-reference>
    pub(super) x_groq: Option<Groq<'de>>,
    pub(super) error: Option<Json>,
    /// vLLM's errors say `error` here.
    pub(super) object: Option<Cow<'de, str>>,
    pub(super) unread: Unread<'de>,
}

/// Members of an answer that name who served it. OpenRouter's `provider`:
/// <https://openrouter.ai/docs/api-reference/overview> (2026-11)
pub(super) const LABELS: &[&str] = &["system_fingerprint", "provider"];

/// Members of a choice that say again what `finish_reason` says: OpenRouter's, in the provider's own word.
pub(super) const CHOICE_LABELS: &[&str] = &["native_finish_reason"];

/// Makes chunks equally long, so that their sizes tell nothing of their text.
const OBFUSCATION: &str = "obfuscation";

impl<'de> Object<'de> for Chunk<'de> {
    fn member<A: MapAccess<'de>>(&mut self, it: Member<'_, 'de, A>) -> Result<(), A::Error> {
        match it.name() {
            "id" => it.read(&mut self.id),
            "model" => it.read(&mut self.model),
            "created" => it.read(&mut self.created),
            "service_tier" => it.read(&mut self.service_tier),
            "choices" => it.objects(&mut self.choices),
            "usage" => it.object(&mut self.usage),
            "x_groq" => it.object(&mut self.x_groq),
            "error" => it.read(&mut self.error),
            "object" => it.text(&mut self.object),
            OBFUSCATION => it.skip(),
            name if LABELS.contains(&name) => it.skip(),
            _ => it.keep(&mut self.unread),
        }
    }
}

/// Groq's own corner of a chunk.
#[derive(Debug, Default)]
pub(super) struct Groq<'de> {
    pub(super) usage: Option<Usage<'de>>,
    pub(super) unread: Unread<'de>,
}

impl<'de> Object<'de> for Groq<'de> {
    fn member<A: MapAccess<'de>>(&mut self, it: Member<'_, 'de, A>) -> Result<(), A::Error> {
        match it.name() {
            "usage" => it.object(&mut self.usage),
            // Of the request, as Groq's support wants it.
            "id" => it.skip(),
            _ => it.keep(&mut self.unread),
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct ChunkChoice<'de> {
    pub(super) index: Option<u32>,
    pub(super) delta: Option<Delta<'de>>,
    pub(super) finish_reason: Option<String>,
    pub(super) logprobs: Option<Logprobs>,
    pub(super) unread: Unread<'de>,
}

impl<'de> Object<'de> for ChunkChoice<'de> {
    fn member<A: MapAccess<'de>>(&mut self, it: Member<'_, 'de, A>) -> Result<(), A::Error> {
        match it.name() {
            "index" => it.read(&mut self.index),
            "delta" => it.object(&mut self.delta),
            "finish_reason" => it.read(&mut self.finish_reason),
            "logprobs" => it.read(&mut self.logprobs),
            name if CHOICE_LABELS.contains(&name) => it.skip(),
            _ => it.keep(&mut self.unread),
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Delta<'de> {
    pub(super) content: Option<Content<'de>>,
    pub(super) reasoning_content: Option<String>,
    pub(super) reasoning: Option<String>,
    pub(super) reasoning_details: Option<Vec<Detail>>,
    pub(super) refusal: Option<String>,
    pub(super) tool_calls: Option<Vec<CallDelta<'de>>>,
    pub(super) annotations: Option<Vec<Json>>,
    pub(super) unread: Unread<'de>,
}

impl<'de> Object<'de> for Delta<'de> {
    fn member<A: MapAccess<'de>>(&mut self, it: Member<'_, 'de, A>) -> Result<(), A::Error> {
        match it.name() {
            "content" => it.read(&mut self.content),
            "reasoning_content" => it.read(&mut self.reasoning_content),
            "reasoning" => it.read(&mut self.reasoning),
            "reasoning_details" => it.read(&mut self.reasoning_details),
            "refusal" => it.read(&mut self.refusal),
            "tool_calls" => it.objects(&mut self.tool_calls),
            "annotations" => it.read(&mut self.annotations),
            "role" => it.skip(),
            _ => it.keep(&mut self.unread),
        }
    }
}

impl Delta<'_> {
    /// Bytes of its text, refusal, reasoning and arguments. What is none of that in the content is noted as lost.
    pub(super) fn text_bytes(self, losses: &mut Losses) -> usize {
        let length = |text: Option<String>| text.map_or(0, |text| text.len());
        let details = self.reasoning_details.unwrap_or_default().into_iter();
        let detailed: usize = details.map(|it| length(it.text) + length(it.summary)).sum();
        // The three names say the same.
        let thought = [
            length(self.reasoning_content),
            length(self.reasoning),
            detailed,
        ];
        let pieces = self.content.map(|content| content.pieces(losses));
        let pieces = pieces.unwrap_or_default();
        let calls = self.tool_calls.unwrap_or_default().into_iter();
        let called = calls.flat_map(|call| call.function.into_iter().chain(call.custom));
        let called = called.map(|it| length(it.arguments) + length(it.input));
        thought.into_iter().find(|bytes| *bytes > 0).unwrap_or(0)
            + pieces.iter().map(|(text, _)| text.len()).sum::<usize>()
            + length(self.refusal)
            + called.sum::<usize>()
    }
}

/// A piece of OpenRouter's `reasoning_details`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Detail {
    pub(super) text: Option<String>,
    pub(super) summary: Option<String>,
    pub(super) signature: Option<String>,
    pub(super) data: Option<String>,
    pub(super) format: Option<String>,
}

#[derive(Debug, Default)]
pub(super) struct CallDelta<'de> {
    pub(super) index: Option<u64>,
    pub(super) id: Option<String>,
    pub(super) function: Option<CalledDelta<'de>>,
    pub(super) custom: Option<CalledDelta<'de>>,
    pub(super) unread: Unread<'de>,
}

impl<'de> Object<'de> for CallDelta<'de> {
    fn member<A: MapAccess<'de>>(&mut self, it: Member<'_, 'de, A>) -> Result<(), A::Error> {
        match it.name() {
            "index" => it.read(&mut self.index),
            "id" => it.read(&mut self.id),
            "function" => it.object(&mut self.function),
            "custom" => it.object(&mut self.custom),
            "type" => it.skip(),
            _ => it.keep(&mut self.unread),
        }
    }
}

/// A piece of a call: of a function's, with arguments, or of a custom tool's, with input.
#[derive(Debug, Default)]
pub(super) struct CalledDelta<'de> {
    pub(super) name: Option<String>,
    pub(super) arguments: Option<String>,
    pub(super) input: Option<String>,
    pub(super) unread: Unread<'de>,
}

impl<'de> Object<'de> for CalledDelta<'de> {
    fn member<A: MapAccess<'de>>(&mut self, it: Member<'_, 'de, A>) -> Result<(), A::Error> {
        match it.name() {
            "name" => it.read(&mut self.name),
            "arguments" => it.read(&mut self.arguments),
            "input" => it.read(&mut self.input),
            _ => it.keep(&mut self.unread),
        }
    }
}

/// The content of a delta: a text, or at Mistral's reasoning models a list of parts, some of which hold thoughts:
/// <https://docs.mistral.ai/capabilities/reasoning>
#[derive(Debug)]
pub(super) enum Content<'de> {
    Text(String),
    Parts(Vec<ContentPart<'de>>),
}

#[derive(Debug, Default)]
pub(super) struct ContentPart<'de> {
    pub(super) kind: Option<Cow<'de, str>>,
    pub(super) text: Option<String>,
    pub(super) thinking: Option<Content<'de>>,
    pub(super) unread: Unread<'de>,
}

impl<'de> Object<'de> for ContentPart<'de> {
    fn member<A: MapAccess<'de>>(&mut self, it: Member<'_, 'de, A>) -> Result<(), A::Error> {
        match it.name() {
            "type" => it.text(&mut self.kind),
            "text" => it.read(&mut self.text),
            "thinking" => it.read(&mut self.thinking),
            _ => it.keep(&mut self.unread),
        }
    }
}

impl Content<'_> {
    /// Its pieces: text, and whether it is a thought. What is neither is noted as lost.
    pub(super) fn pieces(self, losses: &mut Losses) -> Vec<(String, bool)> {
        let parts = match self {
            Self::Text(text) => return vec![(text, false)],
            Self::Parts(parts) => parts,
        };
        let mut pieces = Vec::new();
        for part in parts {
            match part.kind {
                Some(kind) if part.text.is_none() && part.thinking.is_none() => {
                    losses.dropped(format!("content.{kind}"));
                }
                _ => part.unread.note("content.", losses),
            }
            pieces.extend(part.thinking.map(|it| (it.into_text(), true)));
            pieces.extend(part.text.map(|text| (text, false)));
        }
        pieces
    }

    /// Its text, as that of a thought.
    pub(super) fn into_text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Parts(parts) => parts.into_iter().filter_map(|part| part.text).collect(),
        }
    }
}

impl<'de> Deserialize<'de> for Content<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Content<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or a list of parts")
            }

            fn visit_str<E>(self, text: &str) -> Result<Content<'de>, E> {
                Ok(Content::Text(text.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Content<'de>, A::Error> {
                let mut parts = Vec::new();
                while let Some(Known(part)) = seq.next_element()? {
                    parts.push(part);
                }
                Ok(Content::Parts(parts))
            }
        }
        deserializer.deserialize_any(Either)
    }
}
