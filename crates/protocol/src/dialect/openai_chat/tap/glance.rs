//! What a tap takes from the JSON of a chunk or a whole answer, as types that read it without keeping it.

use super::super::wire::Count;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// A chunk or a whole answer.
#[derive(Debug, Deserialize)]
pub(super) struct Look<'a> {
    #[serde(default)]
    pub(super) choices: Option<Choices>,
    #[serde(borrow, default)]
    pub(super) usage: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) x_groq: Option<Groq<'a>>,
    #[serde(borrow, default)]
    pub(super) service_tier: Option<&'a RawValue>,
    #[serde(default)]
    error: Measure,
    #[serde(default)]
    object: ErrorWord,
}

impl Look<'_> {
    /// Whether it is an error: an `error` member, or vLLM's `"object": "error"`.
    pub(super) fn is_error(&self) -> bool {
        self.error.present || self.object.0
    }
}

/// Groq's own corner.
#[derive(Debug, Deserialize)]
pub(super) struct Groq<'a> {
    #[serde(borrow, default)]
    pub(super) usage: Option<&'a RawValue>,
}

/// What the choices of one chunk or answer hold.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Choices {
    /// One bit for each choice below 128.
    pub(super) seen: u128,
    /// Those that say why they ended.
    pub(super) finished: u128,
    /// Whether there is anything for a client to see: more than a role.
    pub(super) content: bool,
    /// Bytes of text, reasoning and tool arguments, unescaped.
    pub(super) text_bytes: u64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Choice {
    index: Count,
    delta: Said,
    message: Said,
    finish_reason: Measure,
}

/// A delta or a message.
#[derive(Debug, Default)]
struct Said {
    content: bool,
    text_bytes: u64,
}

/// Any value: whether there is anything in it, and how many bytes of text.
#[derive(Clone, Copy, Debug, Default)]
struct Measure {
    present: bool,
    text_bytes: u64,
}

/// Whether a value is the word `error`.
#[derive(Debug, Default)]
struct ErrorWord(bool);

impl<'de> Deserialize<'de> for Choices {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Each;
        impl<'de> Visitor<'de> for Each {
            type Value = Choices;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of choices")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Choices, A::Error> {
                let mut all = Choices::default();
                while let Some(choice) = seq.next_element::<Choice>()? {
                    let bit = 1_u128.checked_shl(u32::try_from(choice.index.0).unwrap_or(u32::MAX));
                    let bit = bit.unwrap_or(0);
                    let finished = choice.finish_reason.present;
                    all.seen |= bit;
                    all.finished |= if finished { bit } else { 0 };
                    all.content |= finished || choice.delta.content || choice.message.content;
                    all.text_bytes += choice.delta.text_bytes + choice.message.text_bytes;
                }
                Ok(all)
            }
        }
        deserializer.deserialize_seq(Each)
    }
}

impl<'de> Deserialize<'de> for Said {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Said;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a message")
            }

            fn visit_unit<E>(self) -> Result<Said, E> {
                Ok(Said::default())
            }

            fn visit_none<E>(self) -> Result<Said, E> {
                Ok(Said::default())
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Said, A::Error> {
                let mut said = Said::default();
                let (mut reasoning, mut other_reasoning, mut details) = (0, 0, 0);
                while let Some(key) = map.next_key::<Key>()? {
                    if let Key::Role = key {
                        map.next_value::<IgnoredAny>()?;
                        continue;
                    }
                    let value = map.next_value::<Measure>()?;
                    said.content |= value.present;
                    match key {
                        Key::Text | Key::ToolCalls => said.text_bytes += value.text_bytes,
                        Key::ReasoningContent => reasoning = value.text_bytes,
                        Key::Reasoning => other_reasoning = value.text_bytes,
                        Key::ReasoningDetails => details = value.text_bytes,
                        Key::Role | Key::Other => {}
                    }
                }
                // The three names say the same; a provider that sends several repeats itself.
                let thought = [reasoning, other_reasoning, details];
                said.text_bytes += thought.into_iter().find(|bytes| *bytes > 0).unwrap_or(0);
                Ok(said)
            }
        }
        deserializer.deserialize_any(Members)
    }
}

/// The members of a message that are told apart.
#[derive(Clone, Copy)]
enum Key {
    Role,
    Text,
    ReasoningContent,
    Reasoning,
    ReasoningDetails,
    ToolCalls,
    Other,
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Word;
        impl Visitor<'_> for Word {
            type Value = Key;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_str<E>(self, word: &str) -> Result<Key, E> {
                Ok(match word {
                    "role" => Key::Role,
                    "content" | "refusal" => Key::Text,
                    "reasoning_content" => Key::ReasoningContent,
                    "reasoning" => Key::Reasoning,
                    "reasoning_details" => Key::ReasoningDetails,
                    "tool_calls" => Key::ToolCalls,
                    _ => Key::Other,
                })
            }
        }
        deserializer.deserialize_str(Word)
    }
}

impl<'de> Deserialize<'de> for Measure {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(MeasureVisitor)
    }
}

/// Measures a value of any type. A text counts with its decoded bytes; a list with those of its elements; an object
/// with those of the members that carry text: of content parts (`text`, `thinking`), reasoning details (`summary`)
/// and tool calls (`function`, `arguments`, `custom`, `input`).
struct MeasureVisitor;

const SOMETHING: Measure = Measure {
    present: true,
    text_bytes: 0,
};

const NOTHING: Measure = Measure {
    present: false,
    text_bytes: 0,
};

impl<'de> Visitor<'de> for MeasureVisitor {
    type Value = Measure;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_str<E>(self, text: &str) -> Result<Measure, E> {
        Ok(Measure {
            present: !text.is_empty(),
            text_bytes: text.len() as u64,
        })
    }

    fn visit_unit<E>(self) -> Result<Measure, E> {
        Ok(NOTHING)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Measure, E> {
        Ok(Measure {
            present: value,
            text_bytes: 0,
        })
    }

    fn visit_u64<E>(self, _: u64) -> Result<Measure, E> {
        Ok(SOMETHING)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Measure, E> {
        Ok(SOMETHING)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Measure, E> {
        Ok(SOMETHING)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Measure, A::Error> {
        let mut sum = NOTHING;
        while let Some(element) = seq.next_element::<Measure>()? {
            sum.present = true;
            sum.text_bytes += element.text_bytes;
        }
        Ok(sum)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Measure, A::Error> {
        let mut sum = NOTHING;
        while let Some(CarriesText(carries)) = map.next_key()? {
            sum.present = true;
            if carries {
                sum.text_bytes += map.next_value::<Measure>()?.text_bytes;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(sum)
    }
}

struct CarriesText(bool);

impl<'de> Deserialize<'de> for CarriesText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Word;
        impl Visitor<'_> for Word {
            type Value = CarriesText;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_str<E>(self, word: &str) -> Result<CarriesText, E> {
                const CARRIERS: [&str; 7] = [
                    "text",
                    "thinking",
                    "summary",
                    "function",
                    "arguments",
                    "custom",
                    "input",
                ];
                Ok(CarriesText(CARRIERS.contains(&word)))
            }
        }
        deserializer.deserialize_str(Word)
    }
}

impl<'de> Deserialize<'de> for ErrorWord {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Word;
        impl Visitor<'_> for Word {
            type Value = ErrorWord;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of an object")
            }

            fn visit_str<E>(self, word: &str) -> Result<ErrorWord, E> {
                Ok(ErrorWord(word == "error"))
            }

            fn visit_unit<E>(self) -> Result<ErrorWord, E> {
                Ok(ErrorWord(false))
            }
        }
        deserializer.deserialize_any(Word)
    }
}
