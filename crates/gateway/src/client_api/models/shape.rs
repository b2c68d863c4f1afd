//! In whose shape an answer is, and what stands around its models there.

use super::shown::Shown;
use super::{ai_sdk, anthropic, gemini, merge, union};
use protocol::dialect::Dialect;
use serde::Serialize;

/// One for each way to write a list of models.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// OpenAI's, OpenRouter's and Vercel's fields together.
    Union,
    Anthropic,
    Gemini,
    AiSdk,
    Merge,
}

impl Shape {
    pub(super) const COUNT: usize = 5;

    /// A dialect's; those that have no list of their own read OpenAI's.
    pub(super) fn of(dialect: &Dialect) -> Self {
        let own = [
            (protocol::dialect::anthropic::ID, Self::Anthropic),
            (protocol::dialect::gemini::ID, Self::Gemini),
            (protocol::dialect::ai_sdk::ID, Self::AiSdk),
            (protocol::dialect::merge::ID, Self::Merge),
        ];
        let found = own.iter().find(|(id, _)| *id == dialect.id);
        found.map_or(Self::Union, |(_, shape)| *shape)
    }

    /// As a position in a table with one row per shape.
    pub(super) fn as_usize(self) -> usize {
        match self {
            Self::Union => 0,
            Self::Anthropic => 1,
            Self::Gemini => 2,
            Self::AiSdk => 3,
            Self::Merge => 4,
        }
    }

    /// Writes a model behind what is in `out`; nothing where the client has no words for it.
    pub(super) fn write(self, shown: &Shown<'_>, out: &mut Vec<u8>) {
        match self {
            Self::Union => json(&union::entry(shown), out),
            Self::Anthropic => json(&anthropic::entry(shown), out),
            Self::Gemini => json(&gemini::entry(shown), out),
            Self::AiSdk => {
                if let Some(entry) = ai_sdk::entry(shown) {
                    json(&entry, out);
                }
            }
            Self::Merge => json(&merge::entry(shown), out),
        }
    }
}

/// Writes JSON behind what is in `out`.
pub(super) fn json(value: &impl Serialize, out: &mut Vec<u8>) {
    // These types have string keys only, and memory takes what is written: it cannot fail.
    let _ = serde_json::to_writer(out, value);
}
