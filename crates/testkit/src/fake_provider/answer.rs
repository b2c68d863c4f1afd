//! An answer in words of no vendor: what is said, how it ends, what it costs in tokens. Scenarios make it, the
//! dialects write it.

use base64::Engine;
use serde::Serialize;
use serde_json::{Value, json};

/// What the fake says.
#[derive(Clone, Debug)]
pub struct Answer {
    /// In order.
    pub pieces: Vec<Piece>,
    /// Why it ends.
    pub stop: Stop,
    /// What it reports; `None` reports nothing.
    pub usage: Option<TokenCounts>,
    /// Whether the arguments of several tool calls are streamed in turns (some OpenAI-compatible providers do).
    pub interleave: bool,
}

/// A part of an answer, cut into the chunks in which it is streamed. A chunk is one token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Thinking aloud.
    Reasoning(Vec<String>),
    /// Text.
    Text(Vec<String>),
    /// The model declines.
    Refusal(Vec<String>),
    /// The model calls a tool.
    ToolCall {
        /// The tool's name.
        name: String,
        /// Arguments, JSON text.
        arguments: Vec<String>,
    },
}

/// Why an answer ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// All is said.
    End,
    /// Tools are to be run.
    ToolUse,
    /// The bound of output tokens was reached.
    Length,
    /// The model declined.
    Refusal,
}

/// Token counts in the gateway's convention: `input`, `cache_read` and `cache_write` do not overlap; `reasoning` is
/// contained in `output`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TokenCounts {
    /// Neither read from nor written to a cache.
    pub input: usize,
    /// Read from a cache.
    pub cache_read: usize,
    /// Written to a cache.
    pub cache_write: usize,
    /// Generated, reasoning included.
    pub output: usize,
    /// Of which: reasoning.
    pub reasoning: usize,
}

impl Answer {
    /// Generated tokens: one per chunk.
    pub fn tokens(&self) -> usize {
        self.pieces.iter().map(|piece| piece.chunks().len()).sum()
    }
}

impl TokenCounts {
    /// Adds what another answer reported.
    pub fn add(&mut self, other: Self) {
        self.input += other.input;
        self.cache_read += other.cache_read;
        self.cache_write += other.cache_write;
        self.output += other.output;
        self.reasoning += other.reasoning;
    }
}

impl Piece {
    /// Its chunks.
    pub fn chunks(&self) -> &[String] {
        match self {
            Self::Reasoning(chunks) | Self::Text(chunks) | Self::Refusal(chunks) => chunks,
            Self::ToolCall { arguments, .. } => arguments,
        }
    }

    /// Its chunks as one.
    pub fn whole(&self) -> String {
        self.chunks().concat()
    }
}

/// The proof that a thought is the fake's own: the same text always has the same one, so that no state is needed to
/// check it. It is base64, as the vendors' are: clients decode it.
pub(super) fn signature_of(thought: &str) -> String {
    // FNV-1a: not a secret, only unlike anything a translation would make up.
    let hash = thought
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
    let proof = format!("fake {hash:016x} {:x}", thought.len());
    base64::engine::general_purpose::STANDARD.encode(proof)
}

/// A value that follows a JSON schema, the same one every time. Text holds a quote, a line break and letters outside
/// ASCII, because those are what escaping gets wrong.
pub(super) fn value_of(schema: &Value) -> Value {
    value_in(schema, schema, "value", 8)
}

fn value_in(schema: &Value, root: &Value, name: &str, depth: u8) -> Value {
    if depth == 0 {
        return Value::Null;
    }
    if let Some(pointer) = schema.get("$ref").and_then(Value::as_str) {
        let target = root.pointer(pointer.trim_start_matches('#'));
        return target.map_or(Value::Null, |target| {
            value_in(target, root, name, depth - 1)
        });
    }
    if let Some(constant) = schema.get("const") {
        return constant.clone();
    }
    if let Some(first) = schema.get("enum").and_then(|values| values.get(0)) {
        return first.clone();
    }
    for key in ["anyOf", "oneOf", "allOf"] {
        if let Some(first) = schema.get(key).and_then(|options| options.get(0)) {
            return value_in(first, root, name, depth - 1);
        }
    }
    let kind = match schema.get("type") {
        Some(Value::Array(kinds)) => kinds.first().and_then(Value::as_str),
        Some(kind) => kind.as_str(),
        None => None,
    };
    match kind {
        Some("string") => json!(format!("a \"{name}\"\nin Zürich 🌍")),
        Some("integer") => json!(7),
        Some("number") => json!(1.5),
        Some("boolean") => json!(true),
        Some("null") => Value::Null,
        Some("array") => {
            let items = schema.get("items").unwrap_or(&Value::Null);
            json!([value_in(items, root, name, depth - 1)])
        }
        Some(_) | None => object_in(schema, root, depth),
    }
}

fn object_in(schema: &Value, root: &Value, depth: u8) -> Value {
    let properties = schema.get("properties").and_then(Value::as_object);
    properties
        .into_iter()
        .flatten()
        .map(|(name, inner)| (name.clone(), value_in(inner, root, name, depth - 1)))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// Cuts a text into chunks of at most `chars` characters.
pub(super) fn cut(text: &str, chars: usize) -> Vec<String> {
    let letters: Vec<char> = text.chars().collect();
    letters
        .chunks(chars.max(1))
        .map(|chunk| chunk.iter().collect())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_follows_its_schema() {
        let schema = json!({
            "type": "object",
            "properties": {
                "city": {"type": "string"},
                "unit": {"enum": ["c", "f"]},
                "days": {"type": ["integer", "null"]},
                "tags": {"type": "array", "items": {"$ref": "#/$defs/tag"}}
            },
            "$defs": {"tag": {"type": "object", "properties": {"ok": {"type": "boolean"}}}}
        });
        assert_eq!(
            value_of(&schema),
            json!({"city": "a \"city\"\nin Zürich 🌍", "unit": "c", "days": 7, "tags": [{"ok": true}]})
        );
    }

    #[test]
    fn cutting_loses_nothing() {
        let text = "aß🌍{\"x\":1}";
        for chars in 1..9 {
            assert_eq!(cut(text, chars).concat(), text);
        }
    }

    #[test]
    fn a_signature_tells_texts_apart() {
        assert_eq!(signature_of("a thought"), signature_of("a thought"));
        assert_ne!(signature_of("a thought"), signature_of("a thoughT"));
    }
}
