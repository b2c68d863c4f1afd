//! Token counts, in one convention.

use super::Loss;
use serde::{Deserialize, Serialize};

/// Token counts of one exchange. `input`, `cache_read` and `cache_write` do not overlap: what the model read is their
/// sum. The fields named "of which" are contained in another one. Each dialect converts to and from this convention
/// (OpenAI's `prompt_tokens` include cached ones; Anthropic's `input_tokens` exclude them).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Usage {
    /// Input tokens that were neither read from nor written to a prompt cache.
    pub input: u64,
    /// Input tokens read from a prompt cache.
    pub cache_read: u64,
    /// Input tokens written to a prompt cache, of any lifetime.
    pub cache_write: u64,
    /// Of which (of `cache_write`): with a lifetime of one hour.
    pub cache_write_1h: u64,
    /// Output tokens, reasoning included.
    pub output: u64,
    /// Of which (of `output`): reasoning.
    pub reasoning: u64,
    /// Of which (of `input`): audio.
    pub audio_input: u64,
    /// Of which (of `output`): audio.
    pub audio_output: u64,
    /// Of which (of `input`): pictures.
    pub image_input: u64,
    /// Of which (of `output`): pictures.
    pub image_output: u64,
    /// Web searches that the provider ran and bills by the call.
    pub web_searches: u64,
}

/// More tokens than any one exchange can have: 2⁴⁰.
const MOST_TOKENS: u64 = 1 << 40;

impl Usage {
    /// Whether so many tokens can have been used by one exchange.
    pub fn is_possible(&self) -> bool {
        self.total() <= MOST_TOKENS
    }

    /// All that the model read: uncached, cache reads and cache writes.
    pub fn total_input(&self) -> u64 {
        self.input
            .saturating_add(self.cache_read)
            .saturating_add(self.cache_write)
    }

    /// All tokens, in and out.
    pub fn total(&self) -> u64 {
        self.total_input().saturating_add(self.output)
    }

    /// What of these counts is lost where only `said` is written: each that is another there, by its name in records. What
    /// is zero cannot be lost.
    pub fn lost(&self, said: &Self) -> impl Iterator<Item = Loss> + use<> {
        let counts = |usage: &Self| {
            [
                ("input", usage.input),
                ("cache_read", usage.cache_read),
                ("cache_write", usage.cache_write),
                ("cache_write_1h", usage.cache_write_1h),
                ("output", usage.output),
                ("reasoning", usage.reasoning),
                ("audio_input", usage.audio_input),
                ("audio_output", usage.audio_output),
                ("image_input", usage.image_input),
                ("image_output", usage.image_output),
                ("web_searches", usage.web_searches),
            ]
        };
        let pairs = counts(self).into_iter().zip(counts(said));
        pairs
            .filter(|((_, count), (_, said))| count != said)
            .map(|((name, _), _)| Loss::dropped(format!("usage.{name}")))
    }

    /// Whether nothing was counted.
    pub fn is_zero(&self) -> bool {
        *self == Self::default()
    }
}
